"""The margins of points along a way: how far the cylinder about each is from every limit, in three dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import cos, pi, sin
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain
from lenger_core.terrain import raster_kernels as raster
from lenger_core.terrain.ellipsoid_kernels import frame_to_geodetic
from lenger_core.zones import LocalZones
from lenger_safety.floor_kernels import Keeping, home_margin, within_approach
from lenger_safety.survey_kernels import Fences

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RING = 8
"""Samples of the ground around each point; they stand on the octagon about the cylinder."""

_RADIUS_M = 6_371_000.0
_CORNERS = np.array(
    [(cos(2.0 * pi * k / RING) / cos(pi / RING), sin(2.0 * pi * k / RING) / cos(pi / RING)) for k in range(RING)]
    + [(0.0, 0.0)]
)

_LANDING_SLOPE = 0.33
"""Of ground on which one lands, up to 18 degrees, as in `floor_kernels`."""

NEAR_M = 300.0
"""Points closer together than this are placed by the lengths of a degree at the first: within a centimetre."""


@dataclass(frozen=True, slots=True)
class TubeMargins:
    """Signed metres from the cylinder about each of P points to what limits it; positive is legal.

    Attributes:
        zone_m: (P,) to the illegal space of the zones, in three dimensions; infinite without zones.
        zone: (P,) index of the zone that decides into the zones' areas, -1 without.
        least_zone_m: (A,) least over the points of each area by itself.
        ground_m, floor_m, ceiling_m: (P,) vertical; minus infinity outside the terrain model, infinite where the floor
            and the ground do not count.
        zones: whose areas they are.
    """

    zone_m: Floats
    zone: Ints
    least_zone_m: Floats
    ground_m: Floats
    floor_m: Floats
    ceiling_m: Floats
    zones: LocalZones

    def least(self) -> tuple[float, str, str]:
        """Return the least margin in metres, its kind (zone, ground, floor or ceiling) and its name."""
        kinds = ("ground", self.ground_m), ("zone", self.zone_m), ("floor", self.floor_m), ("ceiling", self.ceiling_m)
        found = [(float(margins.min()), kind) for kind, margins in kinds]
        metres, kind = min(found, key=lambda pair: pair[0])
        if kind != "zone":
            return metres, kind, kind
        area = int(self.zone[int(np.argmin(self.zone_m))])
        return metres, kind, self.zones.areas[area].name if area >= 0 else ""

    def by_kind(self) -> dict[str, tuple[float, str]]:
        """Return kind of limit -> (least margin in metres, name), of those that limit at all: fence, keep_out, ceiling,
        floor and ground. What a zone says of heights counts as the zone itself."""
        areas, count = self.zones.areas, self.zones.inclusions
        least, which = _least_by_kind(
            *(self.zone_m, self.zone, self.least_zone_m, count, self.ceiling_m, self.floor_m, self.ground_m)
        )
        return {
            kind: (metres, areas[area].name if area >= 0 else name)
            for (kind, name), metres, area in zip(_KINDS, least.tolist(), which.tolist(), strict=True)
            if metres < math.inf
        }

    def all_m(self) -> Floats:
        """Return (P,) the least margin of each point."""
        return np.minimum(np.minimum(self.zone_m, self.ceiling_m), np.minimum(self.floor_m, self.ground_m))


_KINDS = (("fence", ""), ("keep_out", ""), ("ceiling", "ceiling"), ("floor", "ground"), ("ground", "ground"))


@njit(cache=True)
def _least_by_kind(
    zone_m: Floats, zone: Ints, least_zone_m: Floats, inclusions: int, ceiling_m: Floats, floor_m: Floats,
    ground_m: Floats,
) -> tuple[Floats, Ints]:  # fmt: skip
    """Return (5,) the least margins by `_KINDS`, infinite without, and (5,) the area that decides, -1 for none."""
    least, which = np.full(5, math.inf), np.full(5, -1)
    for i in range(len(zone)):
        if 0 <= zone[i] < inclusions and zone_m[i] < least[0]:
            least[0], which[0] = zone_m[i], zone[i]
        least[2], least[3] = min(least[2], ceiling_m[i]), min(least[3], floor_m[i])
        least[4] = min(least[4], ground_m[i])
    for area in range(inclusions, len(least_zone_m)):
        if least_zone_m[area] < least[1]:
            least[1], which[1] = least_zone_m[area], area
    return least, which


class _Vertical(NamedTuple):
    """What `_vertical` finds: (P,) margins to the ground, floor and ceiling, the tables of limits, ground and error."""

    ground_m: Floats
    floor_m: Floats
    ceiling_m: Floats
    table: Ints


def tube_margins(
    zones: LocalZones,
    terrain: Terrain,
    approaches: Fences,
    keeping: Keeping,
    points_m: Floats,
    radii_m: Floats,
    home_amsl_m: float,
    reach_m: float,
) -> TubeMargins:
    """Return the margins of cylinders; see `Surveyor.margins_along`.

    Args:
        zones, terrain, approaches, keeping: what limits.
        points_m: (P, 3) m in the zones' frame.
        radii_m: (P, 2) m, radius and half height.
        home_amsl_m: NaN while unknown.
        reach_m: zones further away count as at least so far away.
    """
    lowest, highest, error = ground_under(zones.frame, terrain, points_m, radii_m[:, 0])
    columns = zones.columns(points_m, 0.5 * (lowest + highest), 0.5 * (highest - lowest) + error, home_amsl_m)
    found = _Vertical(*_vertical(points_m, radii_m, columns, approaches, keeping, error))
    margins = zones.margins_3d(points_m, radii_m, columns, found.table, reach_m)
    return TubeMargins(*margins, found.ground_m, found.floor_m, found.ceiling_m, zones)


def geodetic(frame: LocalFrame, points_m: Floats) -> Floats:
    """Return (P, 2) latitudes and longitudes in degrees of points (P, 3) of a frame."""
    lat, lon, height = frame.lat_deg, frame.lon_deg, frame.alt_amsl_m + frame.undulation_m
    found: Floats = frame_to_geodetic(lat, lon, height, points_m)
    return found


def ground_under(
    frame: LocalFrame, terrain: Terrain, points_m: Floats, radius_m: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return (P,) the lowest and highest ground AMSL under each cylinder, and the error bound; NaN outside."""
    first = geodetic(frame, points_m[:1])[0]
    lat, lon, near = _samples(
        points_m, radius_m, _CORNERS, first[0], first[1], frame.alt_amsl_m + points_m[0, 2], frame.lon_deg
    )
    if not near:
        lat_lon = geodetic(frame, _spaced(points_m, radius_m, _CORNERS))
        lat, lon = np.ascontiguousarray(lat_lon[:, 0]), np.ascontiguousarray(lat_lon[:, 1])
    surface = terrain.surface
    heights: Floats = surface.ask(lambda view, wanted: raster.heights(view, lat, lon, wanted))
    nodes, lattice = terrain.error_nodes
    found: tuple[Floats, Floats, Floats] = _spread(heights.reshape(-1, RING + 1), lat, lon, nodes, lattice)
    return found


@njit(cache=True, nogil=True)
def _spaced(points: Floats, radius: Floats, corners: Floats) -> Floats:
    """Return (P * (RING + 1), 3): the corners of the polygon about each cylinder, and its centre."""
    out = np.empty((points.shape[0] * (RING + 1), 3))
    for p in range(points.shape[0]):
        for k in range(RING + 1):
            row = out[p * (RING + 1) + k]
            row[0] = points[p, 0] + radius[p] * corners[k, 0]
            row[1] = points[p, 1] + radius[p] * corners[k, 1]
            row[2] = points[p, 2]
    return out


@njit(cache=True, nogil=True)
def _samples(
    points: Floats, radius: Floats, corners: Floats, lat: float, lon: float, alt: float, lon0: float
) -> tuple[Floats, Floats, bool]:
    """Return latitudes and longitudes of what `_spaced` says, by the lengths of a degree at the first point, and
    whether all points are near enough to it for that."""
    turn = math.radians(lon - lon0) * math.sin(math.radians(lat))
    cos_turn, sin_turn = math.cos(turn), math.sin(turn)
    north_m, east_m = raster.metres_per_degree(lat)
    wider = 1.0 + alt / _RADIUS_M
    around, near = _spaced(points, radius, corners), True
    lats, lons = np.empty(around.shape[0]), np.empty(around.shape[0])
    for i in range(around.shape[0]):
        e, n = around[i, 0] - points[0, 0], around[i, 1] - points[0, 1]
        lats[i] = lat + (-e * sin_turn + n * cos_turn) / (north_m * wider)
        lons[i] = lon + (e * cos_turn + n * sin_turn) / (east_m * wider)
        near = near and abs(e) < NEAR_M and abs(n) < NEAR_M
    return lats, lons, near


@njit(cache=True, nogil=True)
def _spread(
    heights: Floats, lat: Floats, lon: Floats, nodes: Floats, lattice: raster.Lattice
) -> tuple[Floats, Floats, Floats]:
    count = heights.shape[0]
    lowest, highest, error = np.empty(count), np.empty(count), np.empty(count)
    for p in range(count):
        at = p * (RING + 1) + RING
        row = min(max((lat[at] - lattice.lat0_deg) / lattice.lat_step_deg, 0.0), lattice.rows - 1.0)
        col = min(max((lon[at] - lattice.lon0_deg) / lattice.lon_step_deg, 0.0), lattice.cols - 1.0)
        r, c = min(int(row), lattice.rows - 2), min(int(col), lattice.cols - 2)
        fr, fc = row - r, col - c
        top = nodes[r, c] * (1.0 - fc) + nodes[r, c + 1] * fc
        bottom = nodes[r + 1, c] * (1.0 - fc) + nodes[r + 1, c + 1] * fc
        error[p] = top * (1.0 - fr) + bottom * fr
        lowest[p], highest[p] = heights[p].min(), heights[p].max()
        if math.isnan(heights[p].sum()):
            lowest[p] = highest[p] = math.nan
    return lowest, highest, error


@njit(cache=True, nogil=True)
def _vertical(
    points: Floats, radii: Floats, columns: Floats, approaches: Fences, keeping: Keeping, error: Floats
) -> tuple[Floats, Floats, Floats, Ints]:
    count = points.shape[0]
    ground, floor, ceiling = np.empty(count), np.empty(count), np.empty(count)
    table = np.zeros(count, dtype=np.int64)
    for p in range(count):
        x, y, z, rh, rv = points[p, 0], points[p, 1], points[p, 2], radii[p, 0], radii[p, 1]
        height = z + columns[p, 4] - columns[p, 0]
        if math.isnan(height):
            ground[p] = floor[p] = ceiling[p] = -math.inf
            continue
        ceiling[p] = keeping.ceiling_m - height - columns[p, 1] - rv
        if not keeping.floor:
            ground[p] = floor[p] = math.inf
            table[p] = 2
            continue
        ground[p] = height - columns[p, 1] - rv
        floor[p] = ground[p] - keeping.floor_m
        rim = home_margin(x, y, keeping, rh)
        zone_rim, _, _ = within_approach(x, y, z, columns[p], approaches, rh, rv)
        rim = max(rim, zone_rim)
        if rim > 0.0:  # one lands here: only ground that rises counts, and that as far as it is certain
            floor[p] = max(floor[p], rim)
            rise = columns[p, 1] - error[p]
            ground[p] = height + error[p] - rise if rise > _LANDING_SLOPE * rh else math.inf
            table[p] = 1
    return ground, floor, ceiling, table
