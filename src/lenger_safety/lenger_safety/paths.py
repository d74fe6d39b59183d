"""Whether a path that the autopilot would fly by itself is legal: polylines in three dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot, isfinite, nan

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor

SPACING_M = 8.0
"""A path is judged in pieces of at most this length, each as the upright cylinder that holds it."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight piece of a path in the guard's frame.

    Attributes:
        start, end: m; the third axis is AMSL height minus the origin's.
        name: in words, such as "the leg to item 3".
        floor: the lowest height counts (en route), or not (taking off, landing).
        box: heights may be flown in any order on the way, not along the straight line.
        agl_m: heights above the ground at both ends, where the autopilot follows its terrain model; else None.
    """

    start: Vec3
    end: Vec3
    name: str
    floor: bool = True
    box: bool = False
    agl_m: tuple[float, float] | None = None


class PathJudge:
    """Judges legs against one set of zones and one terrain."""

    def __init__(self, settings: GuardSettings, surveyor: Surveyor, terrain: Terrain) -> None:
        self._settings = settings
        self._surveyor = surveyor
        self._terrain = terrain

    def ground_m(self, east_m: float, north_m: float) -> float:
        """Return the ground's height in the guard's frame, NaN outside the terrain model."""
        frame = self._surveyor.zones.frame
        lat, lon, _ = frame.to_geodetic(east_m, north_m, 0.0)
        try:
            return self._terrain.height_amsl_m(lat, lon) - frame.alt_amsl_m
        except InputError:
            return nan

    def refusal(self, legs: Iterable[Leg], hpl_m: float, vpl_m: float, home: Vec3 | None) -> str | None:
        """Return why the path must not be flown, None when all of it is legal.

        Args:
            legs: the path.
            hpl_m, vpl_m: protection levels of the estimate that flies it.
            home: home in the guard's frame.
        """
        for leg in legs:
            why = self._leg(leg, hpl_m, vpl_m, home)
            if why is not None:
                return f"{leg.name} {why}"
        return None

    def _leg(self, leg: Leg, hpl_m: float, vpl_m: float, home: Vec3 | None) -> str | None:
        points, radii = self._pieces(leg, hpl_m + self._settings.path_allowance_m, vpl_m)
        if not np.isfinite(points).all():
            return "leaves the terrain model"
        margins = self._surveyor.margins_along(points, radii[:, 0], radii[:, 1], home, leg.floor)
        least, kind, name = margins.least()
        if least >= 0.0:
            return None
        if not isfinite(least):
            return "leaves the terrain model"
        return f"breaks {f'the {kind}' if name in ('', kind) else f'{kind} {name}'} by {-least:.1f} m"

    def _pieces(
        self, leg: Leg, radius_h_m: float, radius_v_m: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the centres (P, 3) and the radii (P, 2) of the cylinders that hold the leg's pieces."""
        start, end = np.array(leg.start), np.array(leg.end)
        across, rise = hypot(end[0] - start[0], end[1] - start[1]), abs(end[2] - start[2])
        count = max(1, ceil(max(across, 0.0 if leg.box else rise) / SPACING_M))
        shares = (np.arange(count) + 0.5) / count
        points = start + shares[:, None] * (end - start)
        half_rise = rise / 2.0 / (1.0 if leg.box else count)
        if leg.box:
            points[:, 2] = (start[2] + end[2]) / 2.0
        if leg.agl_m is not None:
            ground = np.array([self.ground_m(e, n) for e, n, _ in points])
            points[:, 2] = ground + leg.agl_m[0] + shares * (leg.agl_m[1] - leg.agl_m[0])
        radii = np.column_stack(
            (np.full(count, radius_h_m + across / 2.0 / count), np.full(count, radius_v_m + half_rise))
        )
        return points, radii


def return_legs(start: Vec3, home: Vec3, height_m: float, ground_m: float) -> tuple[Leg, ...]:
    """Return the path of the autopilot's own return: straight up, straight home, straight down.

    Args:
        start, home: in the guard's frame.
        height_m: height above home to which it climbs first.
        ground_m: ground at home, in the frame's third axis; NaN: home's own height.
    """
    height = max(start[2], home[2] + height_m)
    over, above = (start[0], start[1], height), (home[0], home[1], height)
    down = (home[0], home[1], ground_m if isfinite(ground_m) else home[2])
    return (
        Leg(start, over, "the climb to the return's height", floor=False),
        Leg(over, above, "the straight path home"),
        Leg(above, down, "the landing at home", floor=False),
    )


def circle_legs(centre: Vec3, radius_m: float, name: str) -> tuple[Leg, ...]:
    """Return a circle around a point as legs, on the outside of the true line."""
    count = 16
    outer = radius_m / np.cos(np.pi / count)
    angles = [2.0 * np.pi * k / count for k in range(count + 1)]
    corners: Sequence[Vec3] = [
        (centre[0] + outer * float(np.cos(a)), centre[1] + outer * float(np.sin(a)), centre[2]) for a in angles
    ]
    return tuple(Leg(a, b, name) for a, b in pairwise(corners))
