"""Small changes of a drafted plan."""

from __future__ import annotations

import numpy as np

from lenger_core.plans import ChangeSpeed, Datum, Height, ReturnHome, Takeoff
from plan_gate.draft import Draft
from plan_gate.good_plans import Rng


def change(draft: Draft, index: int, **fields: object) -> None:
    """Change fields of a waypoint."""
    draft.items[index] = draft.at(index).model_copy(update=fields)


def add(draft: Draft, place: tuple[float, float]) -> None:
    """Add a waypoint before the return."""
    height = draft.at(draft.waypoints[-1]).height
    draft.item = len(draft.items) - 1
    draft.items.insert(draft.item, draft.waypoint(place, height.value_m, height.datum))


def low(draft: Draft, agl_m: float) -> None:
    """Lower the waypoint farthest from home to a height over its ground."""
    index = draft.farthest()
    waypoint = draft.at(index)
    ground_m = draft.terrain.height_amsl_m(waypoint.lat_deg, waypoint.lon_deg)
    change(draft, index, height=Height(value_m=ground_m + agl_m, datum=Datum.AMSL))
    draft.item = index


def ends(draft: Draft, index: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of the leg to a waypoint."""
    before = [k for k in draft.waypoints if k < index]
    start = draft.local(draft.at(before[-1])) if before else (0.0, 0.0)
    return start, draft.local(draft.at(index))


def longest_leg(draft: Draft) -> tuple[int, tuple[float, float], float]:
    """Waypoint at the end of the longest leg, the leg's middle and its length."""
    lengths = {index: float(np.hypot(*np.subtract(*ends(draft, index)))) for index in draft.waypoints}
    index = max(lengths, key=lambda one: lengths[one])
    (x0, y0), (x1, y1) = ends(draft, index)
    return index, (0.5 * (x0 + x1), 0.5 * (y0 + y1)), lengths[index]


def steep(rng: Rng, draft: Draft, sign: float) -> None:
    """Make two level waypoints 150 m apart and the second far above or below, at a brisk speed."""
    rise = float(rng.uniform(80.0, 140.0))
    base = 60.0 if sign > 0.0 else 60.0 + rise
    height = Height(value_m=base, datum=Datum.HOME)
    first, second = (
        draft.waypoint((150.0, 0.0), base, Datum.HOME),
        draft.waypoint((300.0, 0.0), base + sign * rise, Datum.HOME),
    )
    speed = ChangeSpeed(speed_m_s=float(rng.uniform(7.0, 10.0)))
    draft.items, draft.item = [Takeoff(height=height), speed, first, second, ReturnHome()], 3
