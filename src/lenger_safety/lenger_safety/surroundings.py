"""What is around the aircraft: every limit as a distance and the direction in which it closes."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, inf, isfinite, nan, radians, sqrt
from typing import NamedTuple

from lenger_core.errors import InputError
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_core.zones import Area, HeightLimit, LocalZones
from lenger_safety.estimate import Estimate
from lenger_safety.settings import GuardSettings

GRADIENT_STEP_M = 15.0
LOOK_AHEAD = (0.5, 1.0, 2.0)
"""Multiples of the reach at which the ground ahead is sampled."""

_M_PER_DEG = 111_195.0


class Limit(NamedTuple):
    """One half-space: `normal` points at the limit, `distance_m` is what is left, after the protection level."""

    kind: str
    """fence, keep_out, ceiling or floor."""
    name: str
    normal: Vec3
    distance_m: float


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground under and ahead of the aircraft: height AMSL, error bound, and slopes (metres per metre)."""

    height_amsl_m: float
    error_m: float
    slope_en: tuple[float, float]
    ahead_en: tuple[float, float] | None
    """A steeper slope along the direction of flight within reach, if there is one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Limits around one estimate. Margins: signed metres after the protection levels, infinite where nothing limits."""

    limits: tuple[Limit, ...]
    horizontal_m: float
    nearest_zone: str
    ceiling_m: float
    floor_m: float
    ground: Ground | None


class Surveyor:
    """Looks up the limits around an estimate.

    Args:
        settings: guard settings.
        zones: zones in the guard's frame.
        terrain: ground model.
        reach_m: limits further away than this cannot matter.
    """

    def __init__(self, settings: GuardSettings, zones: LocalZones, terrain: Terrain, reach_m: float) -> None:
        self._settings = settings
        self.zones = zones
        self._terrain = terrain
        self._reach_m = reach_m

    def survey(
        self, estimate: Estimate, heading_en: tuple[float, float], home: Vec3 | None, floor: bool
    ) -> Surroundings:
        """Return the limits around an estimate.

        Args:
            estimate: position and protection levels.
            heading_en: unit vector of the flight direction, (0, 0) when there is none.
            home: home in the guard's frame; None while unknown.
            floor: whether the lowest height over the ground counts (en route), or not (taking off, landing).
        """
        ground = self.ground(estimate.position_m, heading_en)
        limits: list[Limit] = []
        margins = (self.zones.area_margins(*estimate.position_m[:2])[:, 0] - estimate.hpl_m).tolist()
        # Inclusions with different heights do not merge: the one that the aircraft is deepest in gives the heights.
        inside = max(range(self.zones.inclusions), key=margins.__getitem__, default=None)
        area = self.zones.areas[inside] if inside is not None else None
        horizontal, zone = self._horizontal(estimate, margins, inside, ground, home, limits)
        ceiling = self._ceiling(estimate, area, ground, home, limits)
        lowest = self._floor(estimate, area, ground, home, limits) if floor else inf
        return Surroundings(tuple(limits), horizontal, zone, ceiling, lowest, ground)

    def ground(self, position_m: Vec3, heading_en: tuple[float, float]) -> Ground | None:
        """Return the ground at a point, None outside the terrain model."""
        east, north, _ = position_m
        frame = self.zones.frame
        lat, lon, _ = frame.to_geodetic(east, north, 0.0)
        per_n, per_e = 1.0 / _M_PER_DEG, 1.0 / (_M_PER_DEG * cos(radians(lat)))
        height = self._terrain.height_amsl_m
        try:
            here = height(lat, lon)
            slope_e = (height(lat, lon + GRADIENT_STEP_M * per_e) - here) / GRADIENT_STEP_M
            slope_n = (height(lat + GRADIENT_STEP_M * per_n, lon) - here) / GRADIENT_STEP_M
            error = self._terrain.error_m(lat, lon)
            he, hn = heading_en
            steepest = slope_e * he + slope_n * hn
            ahead = None
            for share in LOOK_AHEAD if he or hn else ():
                run = share * self._reach_m
                slope = (height(lat + hn * run * per_n, lon + he * run * per_e) - here) / run
                if slope > steepest + 1e-3:
                    steepest, ahead = slope, (slope * he, slope * hn)
        except InputError:
            return None
        return Ground(here, error, (slope_e, slope_n), ahead)

    def _horizontal(
        self,
        estimate: Estimate,
        margins: list[float],
        inside: int | None,
        ground: Ground | None,
        home: Vec3 | None,
        limits: list[Limit],
    ) -> tuple[float, str]:
        """Add the zones' limits; return the smallest horizontal margin and its zone."""
        areas = self.zones.areas
        least, name = inf, ""
        if inside is not None:
            least, name = margins[inside], areas[inside].name
            self._lines(inside, "fence", estimate, limits)
        for index in range(self.zones.inclusions, len(areas)):
            area, margin = areas[index], margins[index]
            over = self._beside_band(area, estimate, ground, home)
            if over is not None and over.distance_m > margin:
                if over.distance_m < self._reach_m:
                    limits.append(over)
                continue
            if margin < least:
                least, name = margin, area.name
            if margin < self._reach_m:
                self._lines(index, "keep_out", estimate, limits)
        return least, name

    def _lines(self, index: int, kind: str, estimate: Estimate, limits: list[Limit]) -> None:
        area = self.zones.areas[index]
        east, north, _ = estimate.position_m
        reach = self._reach_m + estimate.hpl_m
        for distance, ne, nn in self.zones.near_edges(index, east, north, reach).tolist():
            limits.append(Limit(kind, area.name, (ne, nn, 0.0), distance - estimate.hpl_m))

    def _beside_band(self, area: Area, estimate: Estimate, ground: Ground | None, home: Vec3 | None) -> Limit | None:
        """Return the vertical limit of an exclusion that can be overflown or underflown: the better of the two."""
        height = self.zones.frame.alt_amsl_m + estimate.position_m[2]
        best: Limit | None = None
        for limit, up in ((area.ceiling, False), (area.floor, True)):
            line = self._amsl(limit, ground, home)
            if not isfinite(line):
                continue
            error = ground.error_m if ground is not None and limit is not None and limit.datum.value == "agl" else 0.0
            distance = (line - height if up else height - line) - estimate.vpl_m - error
            if best is None or distance > best.distance_m:
                best = Limit("keep_out", area.name, (0.0, 0.0, 1.0 if up else -1.0), distance)
        return best

    def _amsl(self, limit: HeightLimit | None, ground: Ground | None, home: Vec3 | None) -> float:
        if limit is None:
            return nan
        base = self.zones.frame.alt_amsl_m
        return limit.amsl_m(nan if ground is None else ground.height_amsl_m, nan if home is None else base + home[2])

    def _ceiling(
        self, estimate: Estimate, area: Area | None, ground: Ground | None, home: Vec3 | None, limits: list[Limit]
    ) -> float:
        height = self.zones.frame.alt_amsl_m + estimate.position_m[2]
        found: list[Limit] = []
        if ground is not None:
            over_ground = ground.height_amsl_m - ground.error_m + self._settings.ceiling_agl_m - height - estimate.vpl_m
            found.append(_sloped("ceiling", "ceiling", ground.slope_en, over_ground, 1.0))
        line = self._amsl(area.ceiling, ground, home) if area is not None else nan
        if area is not None and area.ceiling is not None and isfinite(line):
            agl = area.ceiling.datum.value == "agl" and ground is not None
            error = ground.error_m if agl and ground is not None else 0.0
            slope = ground.slope_en if agl and ground is not None else (0.0, 0.0)
            found.append(_sloped("ceiling", area.name, slope, line - error - height - estimate.vpl_m, 1.0))
        limits.extend(found)
        return min((f.distance_m for f in found), default=inf)

    def _floor(
        self, estimate: Estimate, area: Area | None, ground: Ground | None, home: Vec3 | None, limits: list[Limit]
    ) -> float:
        """Add the floor's limits, or the rim of the approach cylinder while inside it and low."""
        height = self.zones.frame.alt_amsl_m + estimate.position_m[2]
        found: list[Limit] = []
        if ground is not None:
            clear = height - estimate.vpl_m - ground.height_amsl_m - ground.error_m - self._settings.floor_agl_m
            for slope in (ground.slope_en, ground.ahead_en):
                if slope is not None:
                    found.append(_sloped("floor", "ground", slope, clear, -1.0))
        line = self._amsl(area.floor, ground, home) if area is not None else nan
        if area is not None and area.floor is not None and isfinite(line):
            found.append(Limit("floor", area.name, (0.0, 0.0, -1.0), height - estimate.vpl_m - line))
        lowest = min((f.distance_m for f in found), default=inf)
        if home is not None:
            de, dn = estimate.position_m[0] - home[0], estimate.position_m[1] - home[1]
            out = hypot(de, dn)
            rim = self._settings.approach_radius_m - out
            if rim > lowest:
                direction = (de / out, dn / out, 0.0) if out > 1e-6 else (1.0, 0.0, 0.0)
                limits.append(Limit("floor", "approach cylinder", direction, rim))
                return rim
        limits.extend(found)
        return lowest


def _sloped(kind: str, name: str, slope_en: tuple[float, float], clear_m: float, up: float) -> Limit:
    """Return the limit of a surface that rises with the ground: `clear_m` vertically, turned to its normal."""
    length = sqrt(1.0 + slope_en[0] ** 2 + slope_en[1] ** 2)
    return Limit(kind, name, (-up * slope_en[0] / length, -up * slope_en[1] / length, up / length), clear_m / length)
