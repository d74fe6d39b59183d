"""At which height a way in passes the keep-outs that it meets, and which of them it has to go around."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot, inf

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_core.zones import Area
from lenger_safety.returns.heights import Heights
from lenger_safety.returns.slices import Slices

Floats = NDArray[np.float64]
Point = tuple[float, float]

SPACING_M = 4.0
"""Between the places of a way whose ground is looked up: less than the width of the cylinders that hold it."""
GROUND_A_SLICE = 48
AREAS_A_SLICE = 8
"""Keep-outs that are looked at in one slice."""


@dataclass(frozen=True, slots=True)
class KeepOut:
    """A keep-out that a place is not in.

    Attributes:
        area: itself.
        off_m: what a way from the place keeps off by at its side; 0 where the place is over or under it.
        side: 1 where the place is over it, -1 under it, 0 beside it.
    """

    area: Area
    off_m: float
    side: int

    @property
    def banded(self) -> bool:
        """Whether there is room above or below."""
        return self.area.floor is not None or self.area.ceiling is not None

    def grown(self) -> shapely.Geometry:
        """Return what a way around it keeps out of."""
        return shapely.buffer(self.area.outline, self.off_m) if self.off_m > 0.0 else self.area.outline


@dataclass(frozen=True, slots=True)
class Level:
    """How a way is flown: level, at a height; or the keep-outs that it does not get past at any (none: the ground)."""

    height_m: float
    shut: tuple[KeepOut, ...] = ()


def keep_outs_about(position_m: Vec3, heights: Heights) -> Slices[list[KeepOut]]:
    """Find the keep-outs that a way from a place must not lead through: all but those that the place itself is in."""
    here, found = shapely.Point(*position_m[:2]), []
    for k, area in enumerate(heights.keep_outs, 1):
        off = float(shapely.distance(area.outline, here))
        side = heights.side_of(area, position_m) if off <= 0.0 else 0
        if off > 0.0 or side:
            found.append(KeepOut(area, min(heights.clear_m, 0.9 * off), side))
        if k % AREAS_A_SLICE == 0:
            yield
    return found


def level_over(corners: tuple[Point, ...], up_m: float, met: list[KeepOut], heights: Heights) -> Slices[Level | None]:
    """Find the height to fly a way at.

    The ground, and with it limits above ground, is that all along the way, not that under its start. A keep-out that
    the start is over or under stays on that side; all others are shut where the height so found is not free of them.

    Args:
        corners: of the way, the start first.
        up_m: present height; it is left only as far as it must be.
        met: keep-outs that may be passed over or under.
        heights: of the ground and the limits.

    Returns:
        None where there is no such height and nothing to go around either.
    """
    points = _dense(corners)
    low, high = -inf, inf
    for first in range(0, len(points), GROUND_A_SLICE):
        low = max(low, heights.least_over_ground_m(points[first : first + GROUND_A_SLICE]))
        yield
    limits = []
    for k, out in enumerate(met, 1):
        ends = _ends(out, points, corners, heights)
        if ends is not None and out.side > 0:
            low = float(np.maximum(low, ends[1]))  # NaN, unlike with max, stays: no height is known to be legal
        elif ends is not None and out.side < 0:
            high = float(np.minimum(high, ends[0]))
        elif ends is not None:
            limits.append((out, ends))
        if k % AREAS_A_SLICE == 0:
            yield
    if not low <= high:
        return None
    height = min(max(up_m, low), high)
    shut = tuple(out for out, (bottom, top) in limits if not (height <= bottom or height >= top))  # NaN shuts
    return Level(height, shut)


def _ends(out: KeepOut, points: Floats, corners: tuple[Point, ...], heights: Heights) -> tuple[float, float] | None:
    """Return the highest height under and the lowest over a keep-out at all points that lie in it; None: none do."""
    reach = max(out.off_m, 0.5 * SPACING_M)
    if not shapely.dwithin(out.area.outline, shapely.LineString(corners), reach):
        return None
    inside = points[shapely.dwithin(out.area.outline, shapely.points(points), reach + 0.5 * SPACING_M)]
    bottom, top = heights.passed_at(out.area, inside)
    return float(bottom.min()), float(top.max())


def _dense(corners: tuple[Point, ...]) -> Floats:
    parts = []
    for a, b in pairwise(corners):
        count = max(1, ceil(hypot(b[0] - a[0], b[1] - a[1]) / SPACING_M))
        parts.append(np.linspace(a, b, count + 1))
    return np.vstack(parts)
