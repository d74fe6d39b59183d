"""Energy: to finish the plan, and to come home from every item of it, with the day's wind and temperature.

The energy that is left falls along a straight leg while the way home from it is a convex function of the place, so that
the ends of the legs are the worst places.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, note
from lenger_mission.plan_gate.way_home import SLOWEST_M_S, WaysHome, ways_home


def check_energy(flight: Flight) -> Iterator[Finding]:
    """Yield `energy_to_finish`: what the whole plan takes, with the margin, against what may be used."""
    if not flight.course.legs:
        return
    used, usable = float(flight.used_wh[-1]), flight.usable_wh
    needed = used * (1.0 + flight.conditions.margins.energy_share)
    figures = "energy_to_finish", len(flight.course.plan.items) - 1, round(needed, 2), round(usable, 2), "Wh"
    words = (
        f"{used:.1f} Wh, {needed:.1f} Wh with the margin, of {usable:.1f} Wh that may be used (reserve "
        f"{100.0 * flight.profile.battery_reserve:.0f} %), in {flight.course.duration_s / 60.0:.0f} min."
    )
    if needed > usable:
        yield error(*figures, f"The battery does not last to the end of the plan: it takes {words}")
    else:
        yield note(*figures, f"The plan takes {words}")


def check_way_home(flight: Flight) -> Iterator[Finding]:
    """Yield `energy_to_return` and `wind_carries_away`: from which item on the way home is out of reach."""
    items, ends = flight.item_ends
    if len(items) == 0:
        return
    home, used = ways_home(flight, ends), flight.used_wh[ends]
    carried = (home.speed_m_s < SLOWEST_M_S) & (home.distance_m >= 1.0)
    if carried.any():
        item = int(items[int(np.argmax(carried))])
        yield _carried_away(item, flight.profile.max_speed_m_s, float(home.speed_m_s[carried].min()))
    needed = np.where(carried, -1.0, (used + home.energy_wh) * (1.0 + flight.conditions.margins.energy_share))
    short = needed > flight.usable_wh
    at = int(np.argmax(short)) if short.any() else int(np.argmax(needed))
    figures = "energy_to_return", int(items[at]), round(float(needed[at]), 2), round(flight.usable_wh, 2), "Wh"
    words = _words(home, at, used[at], float(needed[at]), flight.usable_wh)
    if short.any():
        more = int(short.sum()) - 1
        others = f" The same holds at {more} more." if more else ""
        yield error(*figures, f"From item {items[at]} on the battery does not reach home: {words}{others}")
    elif not carried.all():
        yield note(*figures, f"Home can be reached from every item; the least is left at item {items[at]}: {words}")


def _words(home: WaysHome, at: int, used: np.float64, needed: float, usable: float) -> str:
    return (
        f"by there {used:.1f} Wh are used and the {home.distance_m[at] / 1000.0:.2f} km home take "
        f"{home.energy_wh[at]:.1f} Wh, with the margin {needed:.1f} Wh of {usable:.1f} Wh."
    )


def _carried_away(item: int, fastest: float, left_m_s: float) -> Finding:
    if np.isfinite(left_m_s):
        value, left = round(left_m_s, 2), f"leaves {left_m_s:.1f} m/s over the ground"
    else:
        value, left = 0.0, "does not hold against it"
    sentence = f"From item {item} on the wind bars the way home: {fastest:g} m/s through the air {left}."
    return error("wind_carries_away", item, value, SLOWEST_M_S, "m/s", sentence)
