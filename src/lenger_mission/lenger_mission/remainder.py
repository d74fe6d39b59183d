"""What is left of a plan from one of its items on, as a plan of its own that flies the same from there."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.plans import (
    CameraAction,
    CameraDo,
    ChangeSpeed,
    Datum,
    Height,
    Land,
    Plan,
    ReturnHome,
    Simple,
    Takeoff,
    Waypoint,
)

Via = tuple[float, float, float]
"""A place to pass first: latitude and longitude in degrees, height AMSL in metres."""

SERIES = (CameraDo.START_DISTANCE, CameraDo.START_TIME)
"""Actions that go on until they are stopped."""


@dataclass(frozen=True)
class Remainder:
    """A plan's items from one on, behind its takeoff.

    Attributes:
        whole: the plan.
        plan: what is left of it: the takeoff, perhaps a place to pass first, then the items from `first` on, with speed
            and camera as they are in force there.
        sources: for each item of `plan` the item of `whole` that it belongs to.
        added: index in `plan` of the place that is passed first, -1 for none.
        height: height in force before the first item.
    """

    whole: Plan
    plan: Plan
    sources: tuple[int, ...]
    added: int
    height: Height

    @property
    def says_speed(self) -> bool:
        """Whether the first item behind the takeoff that is flown, or one before it, says its speed."""
        for item in self.plan.items[1:]:
            if isinstance(item, ChangeSpeed):
                return True
            if isinstance(item, Waypoint | ReturnHome | Land):
                return isinstance(item, Waypoint) and item.speed_m_s is not None
        return False

    def waypoint_numbers(self) -> tuple[int, ...]:
        """Return for each item of `plan` the number, from 1, of the waypoint that it is in `whole`; 0 for none."""
        numbers, count = [], 0
        for item in self.whole.items:
            count += isinstance(item, Waypoint)
            numbers.append(count if isinstance(item, Waypoint) else 0)
        own = enumerate(zip(self.plan.items, self.sources, strict=True))
        return tuple(
            numbers[source] if isinstance(item, Waypoint) and index != self.added else 0
            for index, (item, source) in own
        )


def first_item(plan: Plan, item: int) -> int:
    """Return the first item at or behind `item` that is flown, at least the first behind the takeoff."""
    flown = [index for index, each in enumerate(plan.items) if isinstance(each, Waypoint | ReturnHome | Land)]
    return next((index for index in flown if index >= item), flown[-1])


def remainder(whole: Plan, item: int = 0, via: Via | None = None) -> Remainder:
    """Return what is left of a plan.

    Args:
        whole: flat, begins with a takeoff.
        item: index of the item to fly first; up to that of the takeoff: all of it.
        via: where to pass first: the place where a line was broken off, so that the rest of it is flown.
    """
    takeoff = next(index for index, each in enumerate(whole.items) if isinstance(each, Takeoff))
    first = max(item, takeoff + 1)
    height, speed, camera = _in_force(whole, first)
    items: list[Simple] = [_simple(whole.items[takeoff])]
    sources = [takeoff]
    added = -1
    if via is not None:
        added = len(items)
        place = Height(value_m=round(via[2], 2), datum=Datum.AMSL)
        items.append(Waypoint(lat_deg=via[0], lon_deg=via[1], height=place))
        sources.append(first)
    if camera is not None:
        items.append(camera)
        sources.append(first)
    items += [_simple(each) for each in whole.items[first:]]
    if not any(isinstance(each, Waypoint) for each in whole.items[first:]):
        items = [_at_the_last_place(whole, each) for each in items]
    sources += range(first, len(whole.items))
    plan = whole.model_copy(update={"items": tuple(items), "cruise_speed_m_s": speed})
    return Remainder(whole, plan, tuple(sources), added, height)


def _in_force(whole: Plan, first: int) -> tuple[Height, float | None, CameraAction | None]:
    """Return height, speed and series of photos as the items before `first` leave them."""
    height, speed, camera = Height(value_m=0.0, datum=Datum.HOME), whole.cruise_speed_m_s, None
    for item in whole.items[:first]:
        if isinstance(item, Takeoff | Waypoint):
            height = item.height
        if isinstance(item, ChangeSpeed | Waypoint):
            speed = item.speed_m_s or speed
        if isinstance(item, CameraAction) and item.action in SERIES:
            camera = item
        elif isinstance(item, CameraAction) and item.action is CameraDo.STOP:
            camera = None
    return height, speed, camera


def _at_the_last_place(whole: Plan, item: Simple) -> Simple:
    """Return a landing "where the plan has come to" with that place: what came to it is not left."""
    if not isinstance(item, Land) or item.lat_deg is not None or not whole.waypoints:
        return item
    last = whole.waypoints[-1]
    return Land(lat_deg=last.lat_deg, lon_deg=last.lon_deg)


def _simple(item: object) -> Simple:
    assert isinstance(item, Simple), "the plan is flat"
    return item
