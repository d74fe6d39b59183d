"""What the map of a Gazebo world shows: its parts, as a map names them."""

from __future__ import annotations

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from lenger_bringup.world_map import content as kinds
from lenger_bringup.world_map.content import Box, Line, MapContent, Mark, Shape, with_exercises
from lenger_core.terrain import Terrain
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.placing import follows_line, line_points, places
from lenger_sim.worlds.spec import Light, PartSpec, WorldSpec

Array = NDArray[np.float64]

_LINES = {
    "river": kinds.RIVER,
    "rail_track": kinds.RAILWAY,
    "power_line": kinds.WIRES,
    "moving_target": kinds.MOVING,
}
_MARKS = {
    "landing_pad": ("pad", 1),
    "headframe": ("mine", 2),
    "spoil_heap": ("heap", 6),
    "lattice_mast": ("mast", 3),
    "guyed_mast": ("mast", 3),
    "obstacle": ("obstacle", 4),
    "figure": ("figure", 4),
    "target_card": ("card", 7),
    "rail_wagon": ("wagon", 7),
    "bucket_stand": ("card", 7),
    "border_post": ("post", 8),
    "tree": ("tree", 9),
}
_FIELD_M = 330.0
"""Half the width of what is shown larger about the origin."""
_BORDER_CREDIT = "Border: © OpenStreetMap contributors (ODbL), simplified. Border zones of exercises are fictional."


def world_content(spec: WorldSpec, terrain: Terrain) -> MapContent:
    """Return the map of a world: its ground, everything in it, and the exercises that lie on it.

    Raises:
        InputError: the world reaches beyond the terrain.
    """
    ground = SiteGround.at(terrain, spec.origin.lat_deg, spec.origin.lon_deg)
    shapes: list[Shape] = []
    lines: list[Line] = []
    marks: list[Mark] = []
    for part in spec.parts:
        if part.kind == "runway":
            shapes += _runways(part, ground)
        elif part.kind == "nist_lane":
            lines.append(_lane(part, ground))
        elif follows_line(part) and part.kind in _LINES:
            lines.append(_line(part, ground))
        else:
            marks += _marks(part, ground)
            if part.kind == "border_post":
                posts = [(mark.east, mark.north) for mark in marks if mark.kind == "post"]
                lines.append(Line(kinds.BORDER, np.array(posts), "state border"))
    air = spec.air
    wind = f"wind {air.wind_m_s:g} m/s from {air.wind_from_deg:.0f}°" if air.wind_m_s else "no wind"
    light = "night" if spec.light is Light.NIGHT else "day"
    bordered = any(line.kind == kinds.BORDER for line in lines)
    content = MapContent(
        spec.title,
        f"Gazebo world {spec.name}; {light}, {wind}",
        ground.land,
        _box(spec),
        tuple(shapes),
        tuple(lines),
        tuple(marks),
        (("About the origin", _field()),),
        _BORDER_CREDIT if bordered else "",
    )
    return with_exercises(content)


def _box(spec: WorldSpec) -> Box:
    (east, north), half = spec.ground.middle_m, 0.5 * spec.ground.span_m
    return east - half, north - half, east + half, north + half


def _field() -> Box:
    tall = _FIELD_M * kinds.INSET_SHAPE
    return -_FIELD_M, -tall, _FIELD_M, tall


def _marks(part: PartSpec, ground: SiteGround) -> list[Mark]:
    """Marks of a part; of several alike the middle one carries the label of all."""
    kind, rank = _MARKS.get(part.kind, ("obstacle", 5))
    if kind == "mast" and part.parameters.get("lit") is False:
        kind = "unlit"
    at = places(part, ground)
    named = kind not in ("tree", "post")
    label = _words(part.name) + (_numbers(part, len(at)) if named else "")
    middle = len(at) // 2
    return [
        Mark(kind, place.east_m, place.north_m, label if k == middle and named else "", rank)
        for k, place in enumerate(at)
    ]


def _numbers(part: PartSpec, count: int) -> str:
    if part.number_from is not None:
        return f" {part.number_from}" + (f"–{part.number_from + count - 1}" if count > 1 else "")
    height = part.parameters.get("height_m")
    if part.kind in ("lattice_mast", "guyed_mast", "obstacle", "spoil_heap") and height:
        return f" {height:g} m"
    number = part.parameters.get("number")
    return f" {number}" if number is not None else ""


def _line(part: PartSpec, ground: SiteGround) -> Line:
    start = places(part, ground)[0]
    points = np.array([(x, y) for x, y, _ in line_points(part, ground)]) + np.array([start.east_m, start.north_m])
    return Line(_LINES[part.kind], points, _words(part.name))


def _lane(part: PartSpec, ground: SiteGround) -> Line:
    """From the lane's pad to its last stand."""
    start = places(part, ground)[0]
    reach = int(part.parameters.get("stands", 3)) * float(part.parameters.get("spacing_m", 3.048))
    ahead = np.array([cos(start.yaw_rad), sin(start.yaw_rad)])
    at = np.array([start.east_m, start.north_m])
    return Line(kinds.LANE, np.array([at, at + ahead * reach]), _words(part.name))


def _runways(part: PartSpec, ground: SiteGround) -> list[Shape]:
    half_l = 0.5 * float(part.parameters.get("length_m", 360.0))
    half_w = 0.5 * float(part.parameters.get("width_m", 18.0))
    corners = np.array([(-half_l, -half_w), (half_l, -half_w), (half_l, half_w), (-half_l, half_w)])
    found = []
    for place in places(part, ground):
        c, s = cos(place.yaw_rad), sin(place.yaw_rad)
        ring = corners @ np.array([(c, s), (-s, c)]) + np.array([place.east_m, place.north_m])
        found.append(Shape(kinds.RUNWAY, ((ring,),), _words(part.name)))
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")
