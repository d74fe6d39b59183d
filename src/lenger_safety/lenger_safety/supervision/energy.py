"""Energy: can it still get home from here, with the wind and the height that there are?"""

from __future__ import annotations

from math import isfinite

from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.table import ROWS
from lenger_safety.supervision.timing import Persist

RISE_S = 3.0
"""A gust or a new path may ask for more for a moment."""
FALL_S = 10.0
MORE = 1.1
"""A rung is left only with so much more than it was entered with."""


class EnergyWatch:
    """Compares usable energy with what the way home needs: warns early, returns in time, lands when it is too late.

    The percentage of the battery decides nothing by itself: twenty per cent are much beside home and nothing on the
    other side of a ridge against the wind. Where the way home is not known, nothing is said here.
    """

    def __init__(self, settings: GuardSettings) -> None:
        s = settings.supervision
        self._shares = {"energy_low": s.energy_warn, "energy_return": s.energy_return, "energy_land": s.energy_land}
        self._rungs = {name: Persist(RISE_S, FALL_S) for name in self._shares}
        self._unknown = Persist(s.battery_unknown_s, 0.0)

    def reset(self) -> None:
        """Start anew."""
        self._unknown.reset()
        for rung in self._rungs.values():
            rung.reset()

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now; of the three rungs of energy the highest."""
        causes = []
        known = facts.vehicle is not None and isfinite(facts.vehicle.battery_remaining)
        if self._unknown.update(now_ns, not known):
            causes.append(ROWS["battery_unknown"].cause(f"no charge state for {self._unknown.held_s:.0f} s"))
        way = facts.way_home
        if way is not None and not way.found:
            causes.append(ROWS["no_way_home"].cause(f"no legal way home: {way.reason or 'none found'}"))
        if way is None or not way.found or not (isfinite(way.needed_wh) and isfinite(way.usable_wh)):
            return tuple(causes)
        worst = ""
        for name, share in self._shares.items():
            rung = self._rungs[name]
            least_wh = share * way.needed_wh * (MORE if rung.on else 1.0)
            if rung.update(now_ns, way.usable_wh < least_wh):
                worst = name
        if worst:
            words = f"{way.usable_wh:.1f} Wh usable, the way home needs {way.needed_wh:.1f} Wh"
            causes.append(ROWS[worst].cause(words + (": out of reach" if worst == "energy_land" else "")))
        return tuple(causes)
