"""A model of the ground that is wrong by no more than it says."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from lenger_core.grid import LatLonGrid
from lenger_core.terrain import Terrain

SPACING_M = 30.0
"""About that of public elevation models (1 arc second)."""
SHARE = 0.95
"""Of the bound that is used: what interpolation between the nodes adds is measured and taken off besides."""
WAVES = 6


def mistaken(true: Terrain, lat_deg: float, lon_deg: float, bound_m: float, rng: np.random.Generator,
             reach_m: float = 900.0) -> Terrain:  # fmt: skip
    """Return a terrain that differs from the true one by a smooth seeded error within `bound_m`, and says that bound.

    Where the true ground bends so much between two nodes that the bound would not hold, the bound stated is wider.
    """
    north_m = 111_200.0
    east_m = north_m * cos(lat_deg * pi / 180.0)
    count = 2 * int(reach_m / SPACING_M) + 1
    along = (np.arange(count) - count // 2) * SPACING_M
    east, north = np.meshgrid(along, along)
    lat, lon = lat_deg + north / north_m, lon_deg + east / east_m
    heights = true.heights_amsl_m(lat, lon)
    step = (SPACING_M / north_m, SPACING_M / east_m)
    corner = (float(lat[0, 0]), float(lon[0, 0]))
    bends = _bends(true, LatLonGrid("nodes", heights, *corner, *step), lat, lon, step)
    wave = _wave(east, north, rng)
    grid = LatLonGrid("mistaken", heights + wave * SHARE * bound_m, *corner, *step)
    error = LatLonGrid("bound", np.full_like(heights, bound_m + bends), *corner, *step)
    return Terrain("mistaken ground", False, grid, error)


def _wave(east: np.ndarray, north: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth field that reaches from -1 or to 1, with waves of 150 to 1,500 m."""
    total = np.full_like(east, float(rng.uniform(-1.0, 1.0)))
    for _ in range(WAVES):
        length, turn, phase = rng.uniform(150.0, 1500.0), rng.uniform(-pi, pi), rng.uniform(-pi, pi)
        total += rng.uniform(0.2, 1.0) * np.sin((east * cos(turn) + north * sin(turn)) * 2.0 * pi / length + phase)
    return np.asarray(total / np.abs(total).max())


def _bends(true: Terrain, nodes: LatLonGrid, lat: np.ndarray, lon: np.ndarray, step: tuple[float, float]) -> float:
    """Return how far the true ground lies off the plane between nodes, at most, on a grid three times as fine."""
    worst = 0.0
    for u in (0.0, 1 / 3, 2 / 3):
        for v in (0.0, 1 / 3, 2 / 3):
            at = lat[:-1, :-1] + u * step[0], lon[:-1, :-1] + v * step[1]
            worst = max(worst, float(np.abs(nodes.at_many(*at) - true.heights_amsl_m(*at)).max()))
    return worst
