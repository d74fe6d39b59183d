"""Expanding square search (SS): a square spiral out from the datum (IAMSAR Manual, volume II chapter 5, volume III).

For a target near a known place: the first leg usually runs into the wind or drift, every turn is a right angle, and of
each pair of legs both are one track spacing longer than those of the pair before: S, S, 2 S, 2 S, 3 S, ...
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_mission.patterns.plane import Array, in_range, turned

MOST_RINGS = 200


def rings_for(spacing_m: float, radius_m: float) -> int:
    """Return how many times the spiral goes around the datum until its swaths cover the square of half side `radius_m`.

    After m rounds the tracks cover (2 m + 1) S each way.

    Raises:
        InputError: a number out of range, or more than `MOST_RINGS` rounds.
    """
    in_range("expanding square", "spacing_m", spacing_m, 1.0, 10_000.0)
    in_range("expanding square", "radius_m", radius_m, 1.0, 50_000.0)
    rings = max(1, ceil(radius_m / spacing_m - 0.5 - 1e-9))
    if rings > MOST_RINGS:
        least = radius_m / (MOST_RINGS + 0.5)
        raise InputError("expanding square", "spacing_m", spacing_m, f"at least {least:.4g} for that radius")
    return rings


def expanding_square(spacing_m: float, radius_m: float, bearing_deg: float = 0.0, clockwise: bool = True) -> Array:
    """Return the vertices (N, 2), east and north of the datum in metres, the datum first.

    N is 4 m + 2 for m rounds. The last leg ends where its swath completes the square, so the length is 4 m (m + 1) S:
    the area covered, ((2 m + 1) S)^2, over S, less S.

    Args:
        spacing_m: track spacing S.
        radius_m: the square of this half side is covered.
        bearing_deg: of the first leg, clockwise from north.
        clockwise: turns to the right, as the manual has them.

    Raises:
        InputError: see `rings_for`.
    """
    rings = rings_for(spacing_m, radius_m)
    lengths = [spacing_m * (1 + i // 2) for i in range(4 * rings)] + [spacing_m * 2 * rings]
    ahead: NDArray[np.float64] = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]])
    steps = np.array(lengths)[:, None] * ahead[np.arange(len(lengths)) % 4]
    return turned(np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)]), bearing_deg, clockwise)
