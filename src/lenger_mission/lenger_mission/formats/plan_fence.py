"""Fence and rally points of `.plan` files (geoFence version 2, rallyPoints version 2)."""

from __future__ import annotations

from typing import Any

from lenger_core.plans import (
    MAX_HEIGHT_M,
    MAX_VERTICES,
    MIN_HEIGHT_M,
    Datum,
    FenceCircle,
    FencePolygon,
    Height,
    Plan,
    RallyPoint,
)
from lenger_core.strict_json import JsonField
from lenger_mission.formats.plan_heights import tidy
from lenger_mission.formats.plan_walk import Walk

MAX_SHAPES = 1_000

Fence = tuple[tuple[FencePolygon, ...], tuple[FenceCircle, ...]]


def read_fence(field: JsonField | None) -> Fence:
    """Return the polygons and circles of a `geoFence` object; none when there is no such object.

    Raises:
        InputError: names the field, the value and what would be valid.
    """
    if field is None or field.value is None:
        return (), ()
    field["version"].one_of(2)
    polygons = tuple(_polygon(entry) for entry in field["polygons"].elements(at_most=MAX_SHAPES))
    circles = tuple(_circle(entry) for entry in field["circles"].elements(at_most=MAX_SHAPES))
    return polygons, circles


def read_lat_lon(field: JsonField) -> tuple[float, float]:
    """Return a pair of degrees.

    Raises:
        InputError: no pair, or out of range.
    """
    lat, lon = field.elements(2, 2)
    return lat.number(-90, 90, "degrees"), lon.number(-180, 180, "degrees")


def read_rally(field: JsonField | None) -> tuple[RallyPoint, ...]:
    """Return the points of a `rallyPoints` object; none when there is no such object.

    Raises:
        InputError: names the field, the value and what would be valid.
    """
    if field is None or field.value is None:
        return ()
    field["version"].one_of(1, 2)
    return tuple(_rally_point(entry) for entry in field["points"].elements(at_most=MAX_SHAPES))


def write_fence(plan: Plan) -> dict[str, Any]:
    """Return the `geoFence` object of a plan."""
    circles = [
        {
            "circle": {"center": [circle.lat_deg, circle.lon_deg], "radius": tidy(circle.radius_m)},
            "inclusion": circle.inclusion,
            "version": 1,
        }
        for circle in plan.fence_circles
    ]
    polygons = [
        {"inclusion": polygon.inclusion, "polygon": [list(vertex) for vertex in polygon.vertices], "version": 1}
        for polygon in plan.fence_polygons
    ]
    return {"circles": circles, "polygons": polygons, "version": 2}


def write_rally(plan: Plan, walk: Walk) -> dict[str, Any]:
    """Return the `rallyPoints` object of a plan; heights become relative to home, as the format has them."""
    points = [[point.lat_deg, point.lon_deg, tidy(_above_home_m(point, walk))] for point in plan.rally]
    return {"points": points, "version": 2}


def _above_home_m(point: RallyPoint, walk: Walk) -> float:
    value = point.height.value_m
    if point.height.datum is Datum.HOME:
        return value
    home = walk.home.alt_amsl_m
    if home is None:
        home = walk.ground_m((walk.home.lat_deg, walk.home.lon_deg))
    base = 0.0 if point.height.datum is Datum.AMSL else walk.ground_m((point.lat_deg, point.lon_deg))
    if home is not None and base is not None:
        return round(base + value - home, 3)
    walk.note(
        f"a rally point's height of {value:g} m {point.height.datum.value} is written as a height above home, as the "
        "format wants it: the ground there, or home's height, is not known"
    )
    return value


def _polygon(entry: JsonField) -> FencePolygon:
    vertices = tuple(read_lat_lon(vertex) for vertex in entry["polygon"].elements(3, MAX_VERTICES))
    return FencePolygon(inclusion=entry["inclusion"].boolean(), vertices=vertices)


def _circle(entry: JsonField) -> FenceCircle:
    circle = entry["circle"]
    lat, lon = read_lat_lon(circle["center"])
    radius = circle["radius"].number(0.1, 100_000, "m")
    return FenceCircle(inclusion=entry["inclusion"].boolean(), lat_deg=lat, lon_deg=lon, radius_m=radius)


def _rally_point(entry: JsonField) -> RallyPoint:
    lat, lon, alt = entry.elements(3, 3)
    return RallyPoint(
        lat_deg=lat.number(-90, 90, "degrees"),
        lon_deg=lon.number(-180, 180, "degrees"),
        height=Height(value_m=alt.number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m"), datum=Datum.HOME),
    )
