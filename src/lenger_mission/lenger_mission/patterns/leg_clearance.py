"""How near straight legs come to the ground with its error bound added: exactly, not sampled.

Along a line that is straight in degrees both the ground and its error bound, bilinear between nodes, are parabolas
from one lattice line to the next. Cut at the lines of both lattices, each piece is known from its ends and its middle.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenger_core.terrain import Terrain

Array = NDArray[np.float64]


class _Lines(NamedTuple):
    """The lattice lines of one coordinate."""

    first_deg: float
    step_deg: float


def least_clearances_m(terrain: Terrain, points: Array) -> Array:
    """Return (M-1,) the least of height above ground less error bound along each leg.

    Args:
        terrain: the ground.
        points: (M, 3) latitude and longitude in degrees, height AMSL; between them all three change linearly.

    Raises:
        InputError: a leg leaves the terrain.
    """
    if len(points) < 2:
        return np.empty(0)
    (south, west, _, _), (lat_step, lon_step) = terrain.surface.bounds_deg(), terrain.surface.steps_deg
    _, bound = terrain.error_nodes
    lats = _Lines(south, abs(lat_step)), _Lines(bound.lat0_deg, bound.lat_step_deg)
    lons = _Lines(west, abs(lon_step)), _Lines(bound.lon0_deg, bound.lon_step_deg)
    places, counts = [], []
    for start, end in pairwise(points):
        cuts = [np.array([0.0, 1.0])]
        cuts += [_crossings(float(start[0]), float(end[0]), lines) for lines in lats]
        cuts += [_crossings(float(start[1]), float(end[1]), lines) for lines in lons]
        ends = np.sort(np.concatenate(cuts))
        shares = np.sort(np.concatenate([ends, 0.5 * (ends[:-1] + ends[1:])]))  # end, middle, end, ..., end
        places.append(start + shares[:, None] * (end - start))
        counts.append(len(shares))
    lat, lon, alt = np.concatenate(places).T
    clear = alt - terrain.heights_amsl_m(lat, lon) - terrain.errors_m(lat, lon)
    return np.array([_least(leg) for leg in np.split(clear, np.cumsum(counts)[:-1])])


def _crossings(start_deg: float, end_deg: float, lines: _Lines) -> Array:
    """Shares of a leg, above 0 and below 1, at which it crosses lattice lines."""
    one, other = (start_deg - lines.first_deg) / lines.step_deg, (end_deg - lines.first_deg) / lines.step_deg
    low, high = min(one, other), max(one, other)
    numbers = np.arange(np.floor(low) + 1.0, np.ceil(high))
    return (numbers - one) / (other - one) if len(numbers) else np.empty(0)


def _least(clear: Array) -> float:
    """The least of parabolas through (end, middle, end, middle, ..., end)."""
    begin, middle, end = clear[:-2:2], clear[1:-1:2], clear[2::2]
    bend, slope = 2.0 * (begin + end - 2.0 * middle), 4.0 * middle - 3.0 * begin - end
    vertex = -slope / np.maximum(2.0 * bend, 1e-12)
    inside = (bend > 0.0) & (vertex > 0.0) & (vertex < 1.0)
    lowest = np.where(inside, begin + 0.5 * slope * vertex, np.minimum(begin, end))
    return float(lowest.min())
