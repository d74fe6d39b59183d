"""What a plan lost on its way through a file: the plan that was written against the one that the file gives back."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any

from lenger_core.plans import ChangeSpeed, Plan, PlanItem, Waypoint
from lenger_core.plans.base import PlanModel

_NOT_FLOWN = {"as_read", "planned"}
"""What other programs said, and what they made of an item: neither is part of what it asks for."""
_BEARINGS = {"heading_deg", "angle_deg", "bearing_deg", "start_bearing_deg"}
"""360 is 0."""
_SHOWN = 3


def losses(before: Plan, after: Plan) -> tuple[str, ...]:
    """Return a sentence for each kind of difference between two plans, none where they ask for the same flight.

    A waypoint with a speed of its own and a change of speed before a waypoint are the same.
    """
    wanted, found = list(_steps(before.items)), list(_steps(after.items))
    told: list[str] = []
    if before.home != after.home:
        told.append("home is not the same in the file" if _moved(before, after) else "the height of home is lost")
    kinds = [[item.type for _, item in steps] for steps in (wanted, found)]
    if kinds[0] != kinds[1]:
        told.append(f"the file has {len(found)} items where the plan has {len(wanted)}")
        return tuple(told)
    changed: dict[str, list[int]] = {}
    for (index, item), (_, other) in zip(wanted, found, strict=True):
        for name in _differences(item, other):
            open_before = getattr(item, name) is None
            change = "is left open in the plan and fixed in the file" if open_before else "is not the same in the file"
            changed.setdefault(f"{item.type}: {name} {change}", []).append(index)
    for what, indices in changed.items():
        more = f" and {len(indices) - _SHOWN} more" if len(indices) > _SHOWN else ""
        shown = ", ".join(str(index) for index in indices[:_SHOWN])
        told.append(f"{what} (item {shown}{more})")
    return tuple(told)


def _moved(before: Plan, after: Plan) -> bool:
    return (before.home.lat_deg, before.home.lon_deg) != (after.home.lat_deg, after.home.lon_deg)


def _steps(items: tuple[PlanItem, ...]) -> Iterator[tuple[int, PlanItem]]:
    for index, item in enumerate(items):
        if isinstance(item, Waypoint) and item.speed_m_s is not None:
            yield index, ChangeSpeed(speed_m_s=item.speed_m_s)
            item = item.model_copy(update={"speed_m_s": None})
        yield index, item


def _differences(item: PlanModel, other: PlanModel) -> Iterator[str]:
    for name in type(item).model_fields:
        one, two = getattr(item, name), getattr(other, name)
        if name in _BEARINGS and one is not None and two is not None:
            one, two = one % 360.0, two % 360.0
        if name not in _NOT_FLOWN and not _same(one, two):
            yield name


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(one, PlanModel) and type(one) is type(other):
        return not list(_differences(one, other))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)
