"""Seeded scenes for the return planner: many zones over the Lenger terrain, and flat ones for an exact answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import shapely
from shapely.geometry import Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.grid import LatLonGrid
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import Datum, HeightLimit, LocalZones, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_safety.returns.plan import Asked
from lenger_safety.returns.planner import ReturnPlanner
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor

ZONES = 30
HPL_M, VPL_M = 3.0, 4.0
SITES = ((42.1819, 69.8878), (42.12, 70.02), (42.09, 70.10), (42.0625, 69.7292))
"""The field, foothills, mountains up to 3,500 m, Kazygurt."""


@dataclass
class Scene:
    """A planner and all that its answers are judged by."""

    zones: LocalZones
    terrain: Terrain
    settings: GuardSettings
    planner: ReturnPlanner
    home: Vec3
    free: shapely.Geometry
    """Legal at every height, seen from above: the inclusion without the full-height keep-outs."""

    def ground_m(self, east: float, north: float) -> float:
        lat, lon, _ = self.zones.frame.to_geodetic(east, north, 0.0)
        return self.terrain.height_amsl_m(lat, lon) - self.zones.frame.alt_amsl_m

    def ask(self, position: Vec3, wind: Vec3 = (0.0, 0.0, 0.0)) -> ReturnPlanner:
        """Ask and work until the answer is there."""
        self.planner.ask(Asked(position, self.home, wind, 1.0, 20.0, HPL_M, VPL_M))
        while self.planner.busy:
            self.planner.work()
        return self.planner


def star(rng: np.random.Generator, centre: tuple[float, float], radius: float, corners: int) -> Polygon:
    """Return a concave outline."""
    angles = (np.arange(corners) + rng.uniform(-0.25, 0.25, corners)) * 2.0 * pi / corners
    radii = radius * rng.uniform(0.5, 1.0, corners)
    return Polygon(np.column_stack((np.cos(angles), np.sin(angles))) * radii[:, None] + np.array(centre))


def level_ground(lat: float, lon: float, height_m: float = 760.0) -> Terrain:
    """Return flat ground without an error."""
    flat, none = np.full((3, 3), height_m), np.zeros((3, 3))
    for grid in (flat, none):
        grid.setflags(write=False)
    heights = LatLonGrid("flat", flat, lat - 0.5, lon - 0.5, 1.0, 1.0)
    error = LatLonGrid("no error", none, lat - 0.5, lon - 0.5, 1.0, 1.0)
    return Terrain("flat", False, heights, error, trust="ground")


def scene(seed: int, flat: bool = False, keep_outs: int = ZONES - 1, radius_m: float = 2500.0) -> Scene:
    """Return a scene of one inclusion (with a hole now and then) and keep-outs, some of them banded."""
    rng = np.random.default_rng(seed)
    lat, lon = SITES[0 if flat else int(rng.integers(len(SITES)))]
    terrain = level_ground(lat, lon) if flat else load_terrain().as_ground()
    frame = LocalFrame(lat, lon, terrain.height_amsl_m(lat, lon))
    outline = star(rng, (0.0, 0.0), radius_m, int(rng.integers(9, 24)))
    solid, zones = [], []
    while len(solid) < keep_outs:
        place = rng.uniform(-0.8 * radius_m, 0.8 * radius_m, 2)
        area = star(rng, (float(place[0]), float(place[1])), float(rng.uniform(60.0, 260.0)), int(rng.integers(5, 12)))
        if area.distance(shapely.Point(0.0, 0.0)) < 60.0:
            continue
        solid.append(area)
    banded = [not flat and rng.random() < 0.3 for _ in solid]
    zones.append(Zone("area", ZoneKind.INCLUSION, _shape(frame, outline)))
    for k, area in enumerate(solid):
        band: dict[str, HeightLimit] = {}
        if banded[k]:
            ends = float(rng.uniform(40.0, 90.0)), float(rng.uniform(90.0, 110.0))
            sides = (("floor",), ("ceiling",), ("floor", "ceiling"))[int(rng.integers(3))]
            band = {side: HeightLimit(height, Datum.AGL) for side, height in zip(sides, ends, strict=False)}
        zones.append(Zone(f"keep-out {k}", ZoneKind.EXCLUSION, _shape(frame, area), **band))
    local = ZoneSet(tuple(zones)).in_frame(frame)
    settings = GuardSettings.model_validate(
        {"site": {"lat_deg": lat, "lon_deg": lon, "alt_amsl_m": frame.alt_amsl_m}, "ceiling_agl_m": 150.0}
    )
    surveyor = Surveyor(settings, local, terrain, 100.0)
    planner = ReturnPlanner(settings, load_vehicle("quad_2kg"), local, terrain, surveyor)
    walls = [area for area, over in zip(solid, banded, strict=True) if not over]
    return Scene(local, terrain, settings, planner, (0.0, 0.0, 0.0), outline.difference(shapely.union_all(walls)))


def points_in(free: shapely.Geometry, rng: np.random.Generator, count: int) -> np.ndarray:
    """Return (count, 2) points from which a way need not lead in first."""
    inner, found = free.buffer(-(HPL_M + 3.5)), []
    west, south, east, north = inner.bounds
    while len(found) < count:
        e, n = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.contains_xy(inner, e, n):
            found.append((e, n))
    return np.array(found)


def places_out_of(free: shapely.Geometry, rng: np.random.Generator, count: int) -> np.ndarray:
    """Return (count, 2) points outside, in a keep-out, or nearer to a line than may be."""
    found: list[tuple[float, float]] = []
    inner, (west, south, east, north) = free.buffer(-HPL_M), free.bounds
    while len(found) < count:
        e, n = rng.uniform(west, east), rng.uniform(south, north)
        if not shapely.contains_xy(inner, e, n):
            found.append((e, n))
    return np.array(found)


def _shape(frame: LocalFrame, area: Polygon) -> PolygonShape:
    return PolygonShape(tuple(frame.to_geodetic(e, n, 0.0)[:2] for e, n in list(area.exterior.coords)[:-1]))


def ring(radius: float, count: int) -> list[tuple[float, float]]:
    """Return points on a circle."""
    return [(radius * cos(2.0 * pi * k / count), radius * sin(2.0 * pi * k / count)) for k in range(count)]
