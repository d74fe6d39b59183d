"""What a map shows, in metres of a local frame, whether of a world or of an exercise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import LocalTerrain, Terrain
from lenger_core.zones import LocalZones, ZoneKind, load_zones
from lenger_mission.load import load_plan
from lenger_training.exercise import Exercise, list_exercises
from lenger_training.route import LocalRoute

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""West, south, east, north."""

FENCE, KEEPOUT, RUNWAY = "fence", "keepout", "runway"
BORDER, RIVER, RAILWAY, WIRES, LANE, MOVING, PLANNED, INSET = (
    "border",
    "river",
    "railway",
    "wires",
    "lane",
    "moving",
    "planned",
    "inset",
)
_BORDER = 0.08
_LEAST_M = 400.0
INSET_SHAPE = 0.84
"""Height of what is shown larger by its width."""
MOST_INSETS = 2
_SMALL_SHARE = 0.25
"""Of the map's width: an exercise smaller than that is shown larger beside it."""


@dataclass(frozen=True)
class Mark:
    """A symbol at a place; marks of low rank get their label first."""

    kind: str
    east: float
    north: float
    label: str = ""
    rank: int = 5


@dataclass(frozen=True)
class Line:
    """A line of a kind, (N, 2)."""

    kind: str
    points: Array
    label: str = ""


@dataclass(frozen=True)
class Shape:
    """An area of a kind: rings (N, 2), the first of each polygon its outside."""

    kind: str
    polygons: tuple[tuple[Array, ...], ...]
    label: str = ""


@dataclass(frozen=True)
class MapContent:
    """One map.

    Attributes:
        title, subtitle: what it is of.
        land: the ground, in the frame of everything else.
        box: what is shown.
        insets: what is shown larger beside it, with their titles.
        credit: of data that want one.
        notes: paragraphs beside the map.
    """

    title: str
    subtitle: str
    land: LocalTerrain
    box: Box
    shapes: tuple[Shape, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    insets: tuple[tuple[str, Box], ...] = ()
    credit: str = ""
    notes: tuple[str, ...] = ()


def exercise_content(exercise: Exercise, terrain: Terrain) -> MapContent:
    """Return the map of an exercise: its fence, closed areas and plan, with a border around them.

    Raises:
        InputError: its files are wrong, or it lies outside the terrain.
    """
    site = exercise.site
    frame = LocalFrame(site.lat_deg, site.lon_deg, site.alt_amsl_m)
    shapes = exercise_shapes(exercise, frame)
    route = LocalRoute.of(load_plan(exercise.plan_path), frame, terrain, site.alt_amsl_m)
    points = [ring for shape in shapes for rings in shape.polygons for ring in rings] + [route.en]
    marks = [Mark("home", float(route.en[0, 0]), float(route.en[0, 1]), "take-off", 0)]
    marks += [Mark("waypoint", float(e), float(n), str(k), 9) for k, (e, n) in enumerate(route.en[1:-1], 1)]
    return MapContent(
        exercise.title,
        f"Exercise {exercise.name}, {exercise.phase.value}; vehicle {exercise.vehicle}",
        LocalTerrain(terrain, frame),
        _around(np.vstack(points)),
        tuple(shapes),
        (Line(PLANNED, route.en, "plan"),),
        tuple(marks),
        notes=_notes(exercise),
    )


def _notes(exercise: Exercise) -> tuple[str, ...]:
    limits, air = exercise.limits, exercise.weather
    heights = f"Heights inside the fence: {limits.floor_agl_m:g} to {limits.ceiling_agl_m:g} m above ground."
    wind = f"Wind {air.wind_mean_m_s:g} m/s from {air.wind_from_deg:.0f}°." if air.wind_mean_m_s else "No wind."
    return exercise.goal, exercise.briefing, f"{heights} {wind}"


def exercise_shapes(exercise: Exercise, frame: LocalFrame) -> list[Shape]:
    """Return fences and closed areas of an exercise in a frame; raises InputError where its file is wrong."""
    zones = LocalZones(load_zones(exercise.zones_path), frame)
    return [
        Shape(FENCE if area.kind is ZoneKind.INCLUSION else KEEPOUT, _rings(area.outline), area.name)
        for area in zones.areas
    ]


def with_exercises(content: MapContent) -> MapContent:
    """Return the map with the areas of the course's exercises that lie on it; a small one is shown larger as well."""
    west, south, east, north = content.box
    shapes, insets = list(content.shapes), list(content.insets)
    for exercise in list_exercises():
        found = exercise_shapes(exercise, content.land.frame)
        rings = [ring for shape in found for rings in shape.polygons for ring in rings]
        if not rings:
            continue
        low, high = np.vstack(rings).min(axis=0), np.vstack(rings).max(axis=0)
        if (low >= (west, south)).all() and (high <= (east, north)).all():
            shapes += found
            if max(high - low) < _SMALL_SHARE * (east - west):
                insets.append((f"Exercise: {exercise.title}", _around(np.vstack(rings), INSET_SHAPE)))
    return replace(content, shapes=tuple(shapes), insets=tuple(insets[:MOST_INSETS]))


def _rings(outline: Polygon | MultiPolygon) -> tuple[tuple[Array, ...], ...]:
    polygons = outline.geoms if isinstance(outline, MultiPolygon) else [outline]
    return tuple(tuple(np.asarray(ring.coords) for ring in (p.exterior, *p.interiors)) for p in polygons)


def _around(points: Array, shape: float = 1.0) -> Box:
    """A box with a border about points, `shape` times as high as wide."""
    low, high = points.min(axis=0), points.max(axis=0)
    wide, tall = ((high - low) * (1.0 + 2.0 * _BORDER)).tolist()
    half = 0.5 * max(wide, tall / shape, _LEAST_M)
    east, north = ((low + high) / 2.0).tolist()
    return east - half, north - half * shape, east + half, north + half * shape
