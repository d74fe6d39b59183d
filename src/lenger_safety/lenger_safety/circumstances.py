"""What happens to the flight that the mission did not ask for: gathered in each step as demands on the ladder."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.samples import CommandKind
from lenger_safety.demands import Demands
from lenger_safety.ladder import Ladder
from lenger_safety.look import Look
from lenger_safety.settings import GuardSettings
from lenger_safety.watch import BreachWatch, CauseWatch
from lenger_safety.zones_in_force import ZonesInForce

LIFETIME_S = 0.5
"""How long a command of the guard is valid, and after how long without a command the mission is silent."""

HELD_WHEN_SILENT = (CommandKind.TAKEOFF, CommandKind.VELOCITY, CommandKind.GOTO)
GOES_ON_WHEN_SILENT = (CommandKind.LAND, CommandKind.RETURN, CommandKind.MISSION)
WITHOUT_FLOOR = (CommandKind.ARM, CommandKind.TAKEOFF, CommandKind.LAND)


@dataclass(frozen=True, slots=True)
class Moment:
    """One step, as the circumstances see it.

    Attributes:
        now_ns: time.
        look: at the limits around.
        flying: off the ground.
        external: in other hands.
        heard: the mission's command is alive.
        mission: digest of the mission that stands on the autopilot.
    """

    now_ns: int
    look: Look
    flying: bool
    external: bool
    heard: bool
    mission: str


class Circumstances:
    """Gathers them, and keeps what the aircraft was last sent to do.

    Attributes:
        demands: what they ask for.
        under_way: the last order that went out, other than to go on.
    """

    def __init__(self, settings: GuardSettings, zones: ZonesInForce, ladder: Ladder) -> None:
        self._settings = settings
        self._zones = zones
        self._ladder = ladder
        self._breach = BreachWatch()
        self._causes = CauseWatch(settings)
        self._mission = ""
        self.demands = Demands()
        self.under_way = CommandKind.NONE

    def sent(self, kind: CommandKind, armed: bool, mission: str) -> None:
        """Take what goes out now, and the mission that stands on the autopilot with it."""
        if kind is CommandKind.MISSION and self.under_way is not kind:
            self._mission = mission
        if kind is not CommandKind.NONE or not armed:
            self.under_way = kind

    def update(self, now: Moment) -> None:
        """Gather what makes a rung necessary, whatever the mission asks for."""
        if not now.flying:
            self._breach.reset()
            self.demands.clear()
            return
        sudden = [self._breach.broken(now.look)]
        if not now.external:
            sudden += [self._silence(now), self._exchange(now)]
        positions = [e.position_m for e in now.look.picture.estimates]
        near_m = self._settings.warn_m + now.look.stopping_m
        upcoming = self._zones.causes(now.now_ns, positions, near_m)
        self.demands.update((*self._causes.update(now.look), *upcoming), sudden)

    def _silence(self, now: Moment) -> str:
        """Return why a silent mission holds the aircraft, "" when it does not."""
        if now.heard:
            return ""
        held = HELD_WHEN_SILENT if self._settings.mission_goes_on else (*HELD_WHEN_SILENT, CommandKind.MISSION)
        kind = self.under_way
        if kind in held:
            self.under_way = CommandKind.HOLD
            return f"mission silent for {LIFETIME_S:g} s while {kind.name} was under way"
        if kind in GOES_ON_WHEN_SILENT:
            what = f"mission silent: the autopilot's own {kind.name} goes on"
            self._ladder.refuse(now.now_ns, "silent", what)
        return ""

    def _exchange(self, now: Moment) -> str:
        """Return why a mission on the autopilot that was exchanged in flight holds, "" when it was not."""
        if self.under_way is not CommandKind.MISSION or now.mission == self._mission:
            return ""
        self.under_way = CommandKind.HOLD
        return "the mission on the autopilot is another one than the one that was permitted"
