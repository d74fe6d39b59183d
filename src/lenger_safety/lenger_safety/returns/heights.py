"""Between which heights a way may lead: ground, floors, ceilings, and keep-outs that are passed above or below."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from math import nan
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_core.zones import Area, Datum, HeightLimit, LocalZones, ZoneKind
from lenger_safety.returns.plan import Clearances
from lenger_safety.returns.slices import Slices, buffered, finished, prepared
from lenger_safety.tube import ground_under

Floats = NDArray[np.float64]

SLACK_M = 3.5
"""A way keeps off by so much more than it must, so that its corners may be rounded to few legs."""
END_M = 3.0
"""A way ends so far above the lowest legal height there."""
DOUBLINGS = 6
QUARTER = 8
"""Segments of a quarter circle around an outline's corner."""
SAMPLES = 20
"""A banded keep-out is looked at on a grid of so many points a side."""


class _Ground(NamedTuple):
    """Heights in metres AMSL under upright cylinders, (P,) each; NaN where the ground is not known."""

    lowest: Floats
    highest: Floats
    error: Floats


@dataclass(frozen=True, slots=True)
class _Band:
    """A keep-out that is passed on one side: `over` it or under it."""

    area: Area
    grown: shapely.Geometry
    over: bool


class Heights:
    """Answers for the zones in force.

    Args:
        zones: in the guard's frame.
        terrain: the ground.
        clear: what a way keeps off by.
        home_amsl_m: height of home.

    Attributes:
        walls: keep-outs that cannot be passed above or below.
    """

    def __init__(self, zones: LocalZones, terrain: Terrain, clear: Clearances, home_amsl_m: float) -> None:
        finished(self._look_at(zones, terrain, clear, home_amsl_m))

    @classmethod
    def in_slices(cls, zones: LocalZones, terrain: Terrain, clear: Clearances, home_amsl_m: float) -> Slices[Heights]:
        """Make them in slices."""
        heights = cls.__new__(cls)
        yield from heights._look_at(zones, terrain, clear, home_amsl_m)
        return heights

    def _look_at(self, zones: LocalZones, terrain: Terrain, clear: Clearances, home_amsl_m: float) -> Slices[None]:
        self._zones, self._terrain, self._clear, self._home_amsl_m = zones, terrain, clear, home_amsl_m
        off = clear.horizontal_m + SLACK_M
        inclusions = zones.areas[: zones.inclusions]
        self._banded = any(area.floor or area.ceiling for area in inclusions)
        self._inside: list[shapely.Geometry] = []
        self._touched: list[shapely.Geometry] = []
        for area in inclusions if self._banded else ():
            for grown, sign in ((self._inside, -1.0), (self._touched, 1.0)):
                grown.append((yield from buffered(area.outline, sign * off, QUARTER)))
                yield from prepared(grown[-1])
                yield
        self._bands: list[_Band] = []
        self.walls: list[shapely.Geometry] = []
        for area in zones.areas[zones.inclusions :]:
            if area.floor is None and area.ceiling is None:
                self.walls.append(area.outline)
            else:
                self._sort(area, (yield from buffered(area.outline, off, QUARTER)))
                yield

    def _sort(self, area: Area, grown: shapely.Geometry) -> None:
        """Decide once whether a keep-out with a band is a wall, or is passed under (cheaper) or over."""
        west, south, east, north = grown.bounds
        grid = np.meshgrid(np.linspace(west, east, SAMPLES), np.linspace(south, north, SAMPLES))
        points = np.column_stack([axis.ravel() for axis in grid])
        points = points[shapely.contains_xy(grown, points)]
        ground = self._ground(points)
        low, high = self._bounds(points, ground)
        bottom, top = self._ends(area, ground)
        for over, room in ((False, bottom - low), (True, high - top)):
            if len(points) and bool((room >= 0.0).all()):  # false for NaN
                shapely.prepare(grown)
                self._bands.append(_Band(area, grown, over))
                return
        self.walls.append(area.outline)

    def between(self, points_m: Floats) -> tuple[Floats, Floats]:
        """Return (P,) lowest and highest legal height in the frame at points (P, 2); lowest above highest: none."""
        ground = self._ground(points_m)
        low, high = self._bounds(points_m, ground)
        for band in self._bands:
            met = shapely.contains_xy(band.grown, points_m)
            if met.any():
                bottom, top = self._ends(band.area, ground)
                if band.over:
                    low = np.where(met, np.maximum(low, top), low)
                else:
                    high = np.where(met, np.minimum(high, bottom), high)
        return low, high

    def at(self, position_m: Vec3) -> Heights:
        """Return the same for a way from a place: what is legally passed on one side there stays on that side."""
        own = copy(self)
        own._bands = [replace(band, over=self._is_over(band, position_m)) for band in self._bands]
        return own

    def _is_over(self, band: _Band, position_m: Vec3) -> bool:
        if not shapely.contains_xy(band.grown, *position_m[:2]):
            return band.over
        side = self.side_of(band.area, position_m)
        return side > 0 or (side == 0 and band.over)

    @property
    def keep_outs(self) -> tuple[Area, ...]:
        """All of them."""
        return self._zones.areas[self._zones.inclusions :]

    @property
    def clear_m(self) -> float:
        """What a way keeps off a line by."""
        return self._clear.horizontal_m

    def side_of(self, area: Area, position_m: Vec3) -> int:
        """Return 1 for a place over a keep-out's ceiling, -1 for one under its floor, 0 for one between, and where the
        ground is not known. It is the ground right under the place that counts: who is over a keep-out by less than
        the ground is unsure by must not be led down through it as if inside."""
        ground = self._ground(np.array([position_m[:2]]), 0.0)
        height, exact = position_m[2] + self._zones.frame.alt_amsl_m, ground._replace(error=np.zeros(1))
        if height > self._amsl(area.ceiling, exact, 1.0, np.inf)[0]:
            return 1
        return -1 if height < self._amsl(area.floor, exact, -1.0, -np.inf)[0] else 0

    def passed_at(self, area: Area, points_m: Floats) -> tuple[Floats, Floats]:
        """Return (P,) the highest height in the frame under a keep-out and the lowest over it at points (P, 2), the
        ground's error and the protection level kept; NaN where the ground is not known."""
        bottom, top = self._ends(area, self._ground(points_m))
        return bottom + SLACK_M, top - SLACK_M

    def least_over_ground_m(self, points_m: Floats) -> float:
        """Return the height in the frame that keeps off the ground at all points (P, 2), its error and the protection
        level with it; minus infinity where no ground is known."""
        ground = self._ground(points_m)
        high = ground.highest + ground.error + self._clear.vertical_m - self._zones.frame.alt_amsl_m
        return float(np.max(high, initial=-np.inf, where=~np.isnan(high)))

    def lands_in_a_keep_out(self, east_m: float, north_m: float) -> bool:
        """Return whether a way ends above a keep-out here, so that landing would lead through it."""
        return any(band.over and shapely.contains_xy(band.grown, east_m, north_m) for band in self._bands)

    def over_ground_m(self, point: Vec3) -> float:
        """Return the height of a point over the lowest ground there, 0 where it is not known."""
        lowest = self._ground(np.array([point[:2]])).lowest[0]
        height = self._zones.frame.alt_amsl_m + point[2] - lowest
        return float(height) if height == height else 0.0

    def geodetic(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return latitude and longitude in degrees."""
        lat, lon, _ = self._zones.frame.to_geodetic(*point, 0.0)
        return lat, lon

    def _ground(self, points_m: Floats, radius_m: float | None = None) -> _Ground:
        """Return the ground under cylinders of what a way keeps off by, or of this radius."""
        flat = np.column_stack((points_m, np.zeros(len(points_m))))
        radius = np.full(len(flat), self._clear.horizontal_m if radius_m is None else radius_m)
        if not len(flat):
            none = np.empty(0)
            return _Ground(none, none, none)
        return _Ground(*ground_under(self._zones.frame, self._terrain, flat, radius))

    def _bounds(self, points_m: Floats, ground: _Ground) -> tuple[Floats, Floats]:
        """Return the heights between the ground's limits and the inclusions', without the keep-outs."""
        off, base = self._clear.vertical_m + SLACK_M, self._zones.frame.alt_amsl_m
        low = ground.highest + ground.error + self._clear.floor_agl_m + off - base
        high = ground.lowest - ground.error + self._clear.ceiling_agl_m - off - base
        if self._banded:
            least, most = self._inclusion(points_m, ground)
            low, high = np.maximum(low, least), np.minimum(high, most)
        unknown = np.isnan(low) | np.isnan(high)
        return np.where(unknown, np.inf, low), np.where(unknown, -np.inf, high)

    def _inclusion(self, points_m: Floats, ground: _Ground) -> tuple[Floats, Floats]:
        """Return the widest band of the inclusions that hold a point; on a seam, what all that it touches allow."""
        low, high = np.full(len(points_m), np.inf), np.full(len(points_m), -np.inf)
        least, most = np.full(len(points_m), -np.inf), np.full(len(points_m), np.inf)
        for area, inside, touched in zip(self._zones.areas, self._inside, self._touched, strict=False):
            floor, ceiling = self._ends(area, ground)
            holds = shapely.contains_xy(inside, points_m) & ~(ceiling - floor <= high - low)
            low, high = np.where(holds, floor, low), np.where(holds, ceiling, high)
            meets = shapely.contains_xy(touched, points_m)
            least = np.where(meets, np.maximum(least, floor), least)
            most = np.where(meets, np.minimum(most, ceiling), most)
        seam = low > high
        return np.where(seam, least, low), np.where(seam, most, high)

    def _ends(self, area: Area, ground: _Ground) -> tuple[Floats, Floats]:
        """Return the heights in the frame between which an inclusion may be flown in, or a keep-out must not."""
        sign = 1.0 if area.kind is ZoneKind.INCLUSION else -1.0
        off = sign * (self._clear.vertical_m + SLACK_M)
        bottom = self._amsl(area.floor, ground, sign, -np.inf) + off
        top = self._amsl(area.ceiling, ground, -sign, np.inf) - off
        base = self._zones.frame.alt_amsl_m
        return bottom - base, top - base

    def _amsl(self, limit: HeightLimit | None, ground: _Ground, up: float, none: float) -> Floats:
        """Return a limit AMSL, of the ground's extremes the one that is safe: upwards for `up` of 1."""
        if limit is None:
            return np.full(len(ground.lowest), none)
        surface = ground.highest + ground.error if up > 0.0 else ground.lowest - ground.error
        undulation = self._zones.frame.undulation_m if limit.datum is Datum.ELLIPSOID else nan
        if limit.datum is Datum.AGL:
            return surface + limit.height_m
        return np.full(len(surface), limit.amsl_m(nan, self._home_amsl_m, undulation))


def profile(along_m: Floats, low: Floats, high: Floats, start_m: float, slope: float) -> Floats:
    """Return (P,) heights of a way: level from the start's height where it may, down towards the end, and no steeper
    than it must be.

    Args:
        along_m: (P,) distance from the start.
        low, high: (P,) legal heights, low <= high.
        start_m: present height.
        slope: rise over run of an ordinary climb and descent; doubled until every hill and every ceiling is kept.
    """
    wished = np.minimum(start_m, low[-1] + END_M + slope * (along_m[-1] - along_m))
    for _ in range(DOUBLINGS):
        least, most = _least_steep(along_m, low, slope), -_least_steep(along_m, -high, slope)
        if bool((least <= most).all()):
            return np.asarray(np.clip(wished, least, most))
        slope *= 2.0
    return np.asarray(np.clip(wished, low, high))


def _least_steep(along_m: Floats, low: Floats, slope: float) -> Floats:
    """Return the least function above `low` that is nowhere steeper than `slope` (a Lipschitz envelope)."""
    ahead = np.maximum.accumulate((low - slope * along_m)[::-1])[::-1] + slope * along_m
    behind = np.maximum.accumulate(low + slope * along_m) - slope * along_m
    return np.asarray(np.maximum(ahead, behind))


def home_amsl_m(zones: LocalZones, home: Vec3) -> float:
    """Return the height of home AMSL."""
    return zones.frame.alt_amsl_m + home[2]
