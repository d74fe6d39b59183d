"""A plan with areas, lines and orbits in it becomes a flat plan of simple items, and a flat plan one that can be flown.

Heights above ground stay heights above ground: whoever flies or uploads the plan follows the ground between the
waypoints. An item that came with its lines already planned (`planned`) is flown as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lenger_core.errors import InputError
from lenger_core.plans import (
    MAX_ITEMS,
    ChangeSpeed,
    Complex,
    Corridor,
    Coverage,
    Datum,
    Foreign,
    Land,
    Loiter,
    Orbit,
    Perimeter,
    Plan,
    ReturnHome,
    Search,
    Simple,
    Survey,
    Takeoff,
    Waypoint,
)
from lenger_mission.expand_context import Context, LatLon
from lenger_mission.expand_patterns import (
    Planned,
    Setting,
    corridor_items,
    orbit_items,
    perimeter_items,
    search_items,
    survey_items,
)
from lenger_mission.formats.plan_commands import HARMLESS, named

__all__ = ["Context", "Expanded", "expand", "flyable"]

LOITER_RADIUS_M = 10.0
"""Of circles whose radius the plan leaves open: the default of ArduCopter's CIRCLE_RADIUS."""


@dataclass(frozen=True)
class Expanded:
    """A flat plan, and where it came from.

    Attributes:
        plan: of simple items.
        sources: for each of its items the index of the original item.
        notes: what a person should know of it, one sentence each.
    """

    plan: Plan
    sources: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def of(self, source: int) -> list[Any]:
        """Return the simple items of an original item."""
        return [item for item, origin in zip(self.plan.items, self.sources, strict=True) if origin == source]


Rewrite = Callable[[Any, Setting], Planned]

_PLANNERS: dict[type, Rewrite] = {
    Survey: survey_items,
    Corridor: corridor_items,
    Perimeter: perimeter_items,
    Search: search_items,
    Orbit: orbit_items,
}


def expand(plan: Plan, context: Context | None = None, where: str = "") -> Expanded:
    """Return the plan with every complex item replaced by the simple items that it is flown as.

    Args:
        plan: any plan.
        context: the day and the place.
        where: what errors call the plan; "" for its name.

    Raises:
        InputError: an item cannot be planned, or the plan becomes too long.
    """
    if plan.is_flat:
        return Expanded(plan, tuple(range(len(plan.items))))
    return _rewritten(plan, _expanded, context or Context(), where or plan.name)


def flyable(plan: Plan, where: str, context: Context | None = None) -> Expanded:
    """Return the plan as this stack flies it: flat, loiters as waypoints, without commands that change nothing.

    Args:
        plan: any plan.
        where: what errors call it.
        context: the day and the place.

    Raises:
        InputError: an item cannot be planned, or is a command that cannot be left out.
    """
    flat = expand(plan, context, where)
    if not any(isinstance(item, Foreign | Loiter) for item in flat.plan.items):
        return flat
    for index, item in enumerate(flat.plan.items):
        if isinstance(item, Foreign) and item.command not in HARMLESS:
            field = f"items[{flat.sources[index]}].command"
            raise InputError(where, field, named(item.command), "a command that this stack flies")
    made = _rewritten(flat.plan, _flown, context or Context(), where)
    sources = tuple(flat.sources[index] for index in made.sources)
    return Expanded(made.plan, sources, flat.notes + made.notes)


def _rewritten(plan: Plan, rewrite: Rewrite, context: Context, where: str) -> Expanded:
    items: list[Simple] = []
    sources: list[int] = []
    notes: list[str] = []
    place, speed = (plan.home.lat_deg, plan.home.lon_deg), plan.cruise_speed_m_s
    for index, item in enumerate(plan.items):
        after = _after(plan, index)
        try:
            made = rewrite(item, Setting(context, plan.home, place, after, speed))
        except InputError as error:
            field = f"items[{index}].{error.field}"
            raise InputError(where, field, error.value, error.expected) from error
        flown = _at_speed(item, made.items, speed)
        items += flown
        sources += [index] * len(flown)
        notes += [note for note in made.notes if note not in notes]
        place, speed = _come_to(plan, flown, place, speed)
        if len(items) > MAX_ITEMS:
            raise InputError(where, "items", f"more than {len(items)} simple items", f"at most {MAX_ITEMS}")
    flat = plan.model_copy(update={"items": tuple(items), "notes": (*plan.notes, *notes)})
    return Expanded(flat, tuple(sources), tuple(notes))


def _expanded(item: Any, setting: Setting) -> Planned:
    if isinstance(item, Coverage) and item.planned:
        return Planned(_replanned(item))
    for kind, planner in _PLANNERS.items():
        if isinstance(item, kind):
            return planner(item, setting)
    return Planned((item,))


def _replanned(item: Coverage) -> Sequence[Simple]:
    """Return the lines that came with an item; over terrain at its height above ground, because the heights AMSL in
    them are that height over the ground station's terrain."""
    if item.height.datum is not Datum.AGL:
        return item.planned
    return [
        step.model_copy(update={"height": item.height}) if isinstance(step, Waypoint) else step for step in item.planned
    ]


def _flown(item: Simple, setting: Setting) -> Planned:
    if isinstance(item, Foreign):
        return Planned((), (f"command {named(item.command)} is left out: it does not change the way flown",))
    if not isinstance(item, Loiter):
        return Planned((item,))
    if item.time_s is not None:
        stop = Waypoint(lat_deg=item.lat_deg, lon_deg=item.lon_deg, height=item.height, hold_s=item.time_s)
        return Planned((stop,))
    circles = Orbit(
        lat_deg=item.lat_deg,
        lon_deg=item.lon_deg,
        radii_m=(item.radius_m or LOITER_RADIUS_M,),
        heights=(item.height,),
        turns=min(item.turns or 1.0, 100.0),
        clockwise=item.clockwise,
        face_centre=False,
    )
    return orbit_items(circles, setting)


def _at_speed(item: Simple | Complex, flown: Sequence[Simple], before: float | None) -> Sequence[Simple]:
    """Return the items of a complex one between its own speed and the one before, where that is known."""
    own = getattr(item, "speed_m_s", None)
    if own is None or not isinstance(item, Complex):
        return flown
    back = [] if before is None or before == own else [ChangeSpeed(speed_m_s=before)]
    return [ChangeSpeed(speed_m_s=own), *flown, *back]


def _come_to(plan: Plan, flown: Sequence[Simple], place: LatLon, speed: float | None) -> tuple[LatLon, float | None]:
    for item in flown:
        if isinstance(item, ReturnHome):
            place = (plan.home.lat_deg, plan.home.lon_deg)
        elif isinstance(item, Takeoff | Waypoint | Loiter | Land) and item.lat_deg is not None:
            assert item.lon_deg is not None
            place = (item.lat_deg, item.lon_deg)
        if isinstance(item, ChangeSpeed | Waypoint):
            speed = item.speed_m_s or speed
    return place, speed


def _after(plan: Plan, index: int) -> LatLon:
    """Return the next place with a position after an item, home where there is none."""
    for item in plan.items[index + 1 :]:
        if isinstance(item, Waypoint | Loiter | Land | Orbit) and item.lat_deg is not None:
            assert item.lon_deg is not None
            return item.lat_deg, item.lon_deg
    return plan.home.lat_deg, plan.home.lon_deg
