"""Slow answers that share no code with the planner: legality by dense sampling, shortest ways by an exact graph."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, dist

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from lenger_core.samples import Vec3
from lenger_core.zones import Area, HeightLimit, ZoneKind

from .scenes import VPL_M, Scene

SAMPLE_M = 3.0


def faults(scene: Scene, waypoints: tuple[Vec3, ...]) -> list[str]:
    """Return what is illegal along a way, sampled every 3 m: a crossed zone, too low, too high."""
    s, found = scene.settings, []
    for place in _samples(waypoints):
        east, north, up = place
        ground = scene.ground_m(east, north)
        agl = up - ground
        if agl < s.floor_agl_m - 1e-6:
            found.append(f"{agl:.1f} m over the ground at {east:.0f}, {north:.0f}")
        if agl > s.ceiling_agl_m + 1e-6:
            found.append(f"{agl:.1f} m high at {east:.0f}, {north:.0f}")
        for area in scene.zones.areas:
            inside = area.outline.contains(shapely.Point(east, north))
            if area.kind is ZoneKind.INCLUSION and not inside:
                found.append(f"outside {area.name} at {east:.0f}, {north:.0f}")
            if area.kind is ZoneKind.EXCLUSION and inside and _in_band(area.floor, area.ceiling, agl):
                found.append(f"in {area.name} at {east:.0f}, {north:.0f}, {agl:.0f} m over the ground")
    return found


def faults_on_the_way_in(scene: Scene, waypoints: tuple[Vec3, ...]) -> list[str]:
    """Return what is wrong along the legs that lead in: a keep-out that the start is not in, the ground too near.

    Who starts nearer to the ground than the protection level comes no nearer.
    """
    start, found = waypoints[0], []
    least = min(VPL_M, start[2] - scene.ground_m(*start[:2]))
    for east, north, up in _samples(waypoints, 1.0):
        agl = up - scene.ground_m(east, north)
        if agl < least - 1e-6:
            found.append(f"{agl:.1f} m over the ground at {east:.0f}, {north:.0f} on the way in")
        for area in scene.zones.areas[scene.zones.inclusions :]:
            inside = area.outline.contains(shapely.Point(east, north)) and _in_band(area.floor, area.ceiling, agl)
            if inside and not _starts_in(scene, start, area):
                found.append(f"through {area.name} at {east:.0f}, {north:.0f}, {agl:.0f} m high on the way in")
    return found


def _starts_in(scene: Scene, start: Vec3, area: Area) -> bool:
    agl = start[2] - scene.ground_m(*start[:2])
    return bool(area.outline.contains(shapely.Point(*start[:2]))) and _in_band(area.floor, area.ceiling, agl)


def _in_band(floor: HeightLimit | None, ceiling: HeightLimit | None, agl: float) -> bool:
    above = floor is None or agl >= floor.height_m
    below = ceiling is None or agl <= ceiling.height_m
    return above and below


def _samples(waypoints: tuple[Vec3, ...], spacing_m: float = SAMPLE_M) -> list[Vec3]:
    out = [waypoints[0]]
    for a, b in pairwise(waypoints):
        count = max(1, ceil(dist(a, b) / spacing_m))
        for k in range(1, count + 1):
            out.append(tuple(p + (q - p) * k / count for p, q in zip(a, b, strict=True)))  # type: ignore[arg-type]
    return out


class ExactGraph:
    """Shortest ways to a target in an outline, by shapely and scipy: every corner, every pair."""

    def __init__(self, free: shapely.Geometry, clearance_m: float, target: tuple[float, float]) -> None:
        self._space = shapely.buffer(free, -clearance_m, quad_segs=16)
        self._grown = shapely.buffer(self._space, 1e-6)
        shapely.prepare(self._grown)
        corners = shapely.get_coordinates(self._space)
        self._nodes = np.vstack((np.unique(corners, axis=0), [target]))
        count = len(self._nodes)
        first, second = np.triu_indices(count, 1)
        clear = self._clear(self._nodes[first], self._nodes[second])
        lengths = np.hypot(*(self._nodes[first] - self._nodes[second]).T)
        table = np.full((count, count), np.inf)
        table[first[clear], second[clear]] = table[second[clear], first[clear]] = lengths[clear]
        self._to_target = dijkstra(np.where(np.isfinite(table), table, 0.0), indices=count - 1)

    def length_m(self, point: tuple[float, float]) -> float:
        """Return the length of the shortest way, infinite when there is none."""
        here = np.broadcast_to(np.array(point), self._nodes.shape)
        clear = self._clear(here, self._nodes)
        whole = np.hypot(*(self._nodes - here).T) + self._to_target
        return float(np.min(np.where(clear, whole, np.inf)))

    def _clear(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        lines = shapely.linestrings(np.stack((a, b), axis=1))
        return np.asarray(shapely.covers(self._grown, lines))
