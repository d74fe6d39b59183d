"""A plan as a map shows it: home, track, points, areas, fence and rally points, each a feature that says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, radians, sin

from lenger_core.plans import (
    Corridor,
    Datum,
    FenceCircle,
    Height,
    Land,
    Loiter,
    Orbit,
    Perimeter,
    Plan,
    ReturnHome,
    Search,
    Survey,
    Takeoff,
    Waypoint,
)
from lenger_mission.expand import Context, expand
from lenger_mission.formats.areas_model import AreaFeature, Kind, Positions, Said

CIRCLE_CORNERS = 72
_M_PER_DEG = 111_195.0
_SAID = ("speed_m_s", "hold_s", "acceptance_radius_m", "heading_deg", "time_s", "turns", "radius_m", "width_m")

LatLon = tuple[float, float]


def features_of_plan(plan: Plan, context: Context | None = None) -> tuple[tuple[AreaFeature, ...], tuple[str, ...]]:
    """Return a plan's features, and sentences on what a map cannot say.

    Raises:
        InputError: an item cannot be planned.
    """
    flat = expand(plan, context)
    home = AreaFeature("home", Kind.POINT, (((plan.home.lat_deg, plan.home.lon_deg),),), said={"is": "home"})
    features = [home, *_track(flat.plan)]
    for index, item in enumerate(plan.items):
        features += _item(index, item, plan)
    features += _fence(plan)
    features += [
        AreaFeature(
            f"rally {number}", Kind.POINT, (((p.lat_deg, p.lon_deg),),), *_known(p.height, plan), {"is": "rally"}
        )
        for number, p in enumerate(plan.rally, start=1)
    ]
    notes = ["a map shows where a plan flies: no program makes the plan of it again (keep the .json or the .plan)"]
    silent = sorted({item.type for item in plan.items if not list(_item(0, item, plan))})
    if silent:
        notes.append(f"items without a place are left out: {', '.join(silent)}")
    if plan.fence_circles:
        notes.append(f"circles are drawn with {CIRCLE_CORNERS} corners")
    return tuple(features), (*flat.notes, *notes)


def _track(flat: Plan) -> Iterator[AreaFeature]:
    """Yield the line that is flown, from home over all places; with heights where all of them are of one datum."""
    line: list[LatLon] = [(flat.home.lat_deg, flat.home.lon_deg)]
    heights: list[Height] = []
    for item in flat.items:
        if isinstance(item, Takeoff):
            heights.append(item.height)
        elif isinstance(item, Waypoint | Loiter):
            line.append((item.lat_deg, item.lon_deg))
            heights.append(item.height)
        elif isinstance(item, Land) and item.lat_deg is not None and item.lon_deg is not None:
            line.append((item.lat_deg, item.lon_deg))
        elif isinstance(item, ReturnHome):
            line.append(line[0])
    if len(set(line)) > 1:
        datums = sorted({height.datum.value for height in heights})
        yield AreaFeature("track", Kind.LINE, (tuple(line),), said={"is": "track", "heights": ", ".join(datums)})


def _item(index: int, item: object, plan: Plan) -> Iterator[AreaFeature]:
    if isinstance(item, Waypoint | Loiter | Orbit):
        height = item.heights[0] if isinstance(item, Orbit) else item.height
        yield _feature(index, item, Kind.POINT, (((item.lat_deg, item.lon_deg),),), height, plan)
    elif isinstance(item, Land) and item.lat_deg is not None and item.lon_deg is not None:
        yield _feature(index, item, Kind.POINT, (((item.lat_deg, item.lon_deg),),), None, plan)
    elif isinstance(item, Survey):
        yield _feature(index, item, Kind.AREA, (item.area, *item.holes), item.height, plan)
    elif isinstance(item, Perimeter):
        yield _feature(index, item, Kind.AREA, (item.area,), item.height, plan)
    elif isinstance(item, Corridor):
        yield _feature(index, item, Kind.LINE, (item.line,), item.height, plan)
    elif isinstance(item, Search):
        if item.area is not None:
            yield _feature(index, item, Kind.AREA, (item.area,), item.height, plan)
        elif item.lat_deg is not None and item.lon_deg is not None:
            yield _feature(index, item, Kind.POINT, (((item.lat_deg, item.lon_deg),),), item.height, plan)


def _feature(
    index: int,
    item: Waypoint | Loiter | Orbit | Land | Survey | Perimeter | Corridor | Search,
    kind: Kind,
    rings: tuple[Positions, ...],
    height: Height | None,
    plan: Plan,
) -> AreaFeature:
    said: dict[str, Said] = {"is": item.type, "item": index}
    if height is not None:
        said |= {"height_m": height.value_m, "height_above": height.datum.value}
    for name in _SAID:
        value = getattr(item, name, None)
        if value:
            said[name] = value
    known = _known(height, plan) if kind is Kind.POINT and height is not None else (None, None)
    return AreaFeature(f"{index} {item.type}", kind, rings, *known, said)


def _known(height: Height, plan: Plan) -> tuple[tuple[float, ...] | None, Datum | None]:
    """Return a height as maps know it: above ground or AMSL; a height above home where home's own is known."""
    if height.datum is not Datum.HOME:
        return (height.value_m,), height.datum
    if plan.home.alt_amsl_m is None:
        return None, None
    return (plan.home.alt_amsl_m + height.value_m,), Datum.AMSL


def _fence(plan: Plan) -> Iterator[AreaFeature]:
    for number, polygon in enumerate(plan.fence_polygons, start=1):
        said: dict[str, Said] = {"is": "fence", "inclusion": polygon.inclusion}
        yield AreaFeature(f"fence polygon {number}", Kind.AREA, (polygon.vertices,), said=said)
    for number, circle in enumerate(plan.fence_circles, start=1):
        said = {"is": "fence", "inclusion": circle.inclusion, "radius_m": circle.radius_m}
        yield AreaFeature(f"fence circle {number}", Kind.AREA, (_corners(circle),), said=said)


def _corners(circle: FenceCircle) -> Positions:
    """Return a circle's corners counterclockwise from the east, on a sphere whose degree is 111,195 m."""
    per_lon = _M_PER_DEG * max(cos(radians(circle.lat_deg)), 0.01)
    angles = [2.0 * pi * k / CIRCLE_CORNERS for k in range(CIRCLE_CORNERS)]
    return tuple(
        (circle.lat_deg + circle.radius_m * sin(a) / _M_PER_DEG, circle.lon_deg + circle.radius_m * cos(a) / per_lon)
        for a in angles
    )
