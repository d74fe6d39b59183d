"""What the flight must have with it: the autopilot's own fence, and lights at night."""

from __future__ import annotations

from math import degrees, radians

from lenger_core.samples import FenceState, GuardLevel
from lenger_core.sun import CIVIL_TWILIGHT_RAD, sun_elevation_rad
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.settings import RUNG_OF
from lenger_safety.supervision.table import ROWS

A_REAL_YEAR_NS = 946_684_800_000_000_000
"""2000-01-01: a clock before that is a simulator's, or was never set."""
LOOK_AGAIN_NS = 10_000_000_000
HIGHER_RAD = radians(0.5)


class FenceWatch:
    """The second line of defence: the fence on the autopilot, as autopilot_node reads it back."""

    def __init__(self, settings: GuardSettings) -> None:
        self._level = RUNG_OF[settings.supervision.fence_action]

    def reset(self) -> None:
        """Nothing is kept."""

    def update(self, _now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause while the fence is not the right one."""
        if facts.vehicle is None or self._level is GuardLevel.NOMINAL:
            return ()
        text = facts.vehicle.fence_text
        if facts.vehicle.fence_state is FenceState.MISSING:
            return (ROWS["fence_missing"].cause(f"the autopilot holds no fence: {text}", self._level),)
        if facts.vehicle.fence_state is FenceState.DIFFERS:
            return (ROWS["fence_differs"].cause(f"the autopilot's fence differs: {text}", self._level),)
        return ()


class NightWatch:
    """Unlit flight after civil dusk; silent where the time is not known."""

    def __init__(self, settings: GuardSettings) -> None:
        self._level = RUNG_OF[settings.supervision.night_action]
        self._lit = settings.supervision.lights == "lit"
        self._site = settings.site.lat_deg, settings.site.lon_deg
        self._looked_ns: int | None = None
        self._dark = False
        self._elevation_rad = 0.0

    def reset(self) -> None:
        """Nothing that a landing changes is kept."""

    def update(self, _now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause in the dark; the sun is looked for every ten seconds."""
        if self._lit or self._level is GuardLevel.NOMINAL or facts.utc_ns is None or facts.utc_ns < A_REAL_YEAR_NS:
            return ()
        if self._looked_ns is None or abs(facts.utc_ns - self._looked_ns) >= LOOK_AGAIN_NS:
            self._looked_ns = facts.utc_ns
            self._elevation_rad = sun_elevation_rad(facts.utc_ns, *self._site)
            self._dark = self._elevation_rad < CIVIL_TWILIGHT_RAD + (HIGHER_RAD if self._dark else 0.0)
        if not self._dark:
            return ()
        words = f"unlit, and the sun is {-degrees(self._elevation_rad):.1f} degrees under the horizon"
        return (ROWS["unlit"].cause(words, self._level),)
