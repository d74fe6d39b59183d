"""Published spot heights to which the synthetic detail is pinned, and places that are level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NORTH_M_PER_DEG, EAST_M_PER_DEG = 111_075.0, 82_721.0
"""Lengths of a degree at 42.1 N, as literals: the detail must not hang on a machine's cosine."""

NORTH_EDGE_DEG, WEST_EDGE_DEG = 42.0 + 239.0 / 240.0, 68.0 + 193.0 / 240.0
"""Node (0, 0) of GLOBE's crop and of every lattice laid over it."""


@dataclass(frozen=True)
class SpotHeight:
    """A height that is published for a place, metres AMSL."""

    name: str
    lat_deg: float
    lon_deg: float
    amsl_m: float


@dataclass(frozen=True)
class LevelArea:
    """A circle that is level at its centre's height, and joins the land over `blend_m` more."""

    name: str
    lat_deg: float
    lon_deg: float
    radius_m: float
    blend_m: float


SPOT_HEIGHTS = (
    SpotHeight("Lenger", 42.1819, 69.8878, 760.0),
    SpotHeight("Shymkent", 42.3161, 69.5876, 513.0),
    SpotHeight("Kazygurt", 42.0625, 69.7292, 1768.0),
    SpotHeight("ridge east of Lenger", 42.0625, 70.1208, 2840.0),
    SpotHeight("Sairam peak", 42.081, 70.420, 4236.0),
    SpotHeight("source of the Badam", 42.0234, 70.0571, 2700.0),
)
"""What maps and gazetteers state; the same as in docs/terrain.md."""

LEVEL_AREAS = (
    LevelArea("training field", 42.1819, 69.8878, 260.0, 340.0),
    LevelArea("border field", 42.0425, 70.3099, 90.0, 150.0),
    LevelArea("mountain field", 42.0636, 70.1063, 90.0, 150.0),
    LevelArea("ridge pad", 42.0659, 70.1227, 60.0, 90.0),
)
"""Invented, like all of the detail: where the worlds' fields, lanes, pads and the runway are (worlds/*.yaml)."""


@dataclass(frozen=True)
class Bump:
    """A smooth rise (or fall) about a place: rise (1 - (d / radius)^2)^2, which ends without an edge."""

    lat_deg: float
    lon_deg: float
    rise_m: float
    radius_m: float

    def add_to(self, field: Array, north_step_m: float, east_step_m: float, row0: int = 0, col0: int = 0) -> None:
        """Add the bump to a lattice whose first node is (row0, col0) of the one that starts in the north-west."""
        box = around(self.lat_deg, self.lon_deg, self.radius_m, field.shape, (north_step_m, east_step_m), (row0, col0))
        if box is None:
            return
        rows, cols, distance2 = box
        near = np.maximum(0.0, 1.0 - distance2 / (self.radius_m * self.radius_m))
        field[rows, cols] += self.rise_m * near * near


def bump_for(spot: SpotHeight, present_m: float, least_radius_m: float) -> Bump:
    """Return the bump that lifts the land from `present_m` to a spot height, no steeper than about 35 degrees."""
    rise = spot.amsl_m - present_m
    return Bump(spot.lat_deg, spot.lon_deg, rise, max(least_radius_m, 2.2 * abs(rise)))


def around(
    lat_deg: float,
    lon_deg: float,
    radius_m: float,
    shape: tuple[int, ...],
    steps_m: tuple[float, float],
    first: tuple[int, int],
) -> tuple[slice, slice, Array] | None:
    """Return (rows, columns, squared distances in m2) of the nodes about a place; None where there are none."""
    row = (NORTH_EDGE_DEG - lat_deg) * NORTH_M_PER_DEG / steps_m[0] - first[0]
    col = (lon_deg - WEST_EDGE_DEG) * EAST_M_PER_DEG / steps_m[1] - first[1]
    reach_r, reach_c = radius_m / steps_m[0], radius_m / steps_m[1]
    r0, r1 = max(0, int(row - reach_r)), min(shape[0], int(row + reach_r) + 2)
    c0, c1 = max(0, int(col - reach_c)), min(shape[1], int(col + reach_c) + 2)
    if r0 >= r1 or c0 >= c1 or row + reach_r < 0 or col + reach_c < 0:
        return None
    dy = ((np.arange(r0, r1) - row) * steps_m[0])[:, None]
    dx = ((np.arange(c0, c1) - col) * steps_m[1])[None, :]
    return slice(r0, r1), slice(c0, c1), dy * dy + dx * dx
