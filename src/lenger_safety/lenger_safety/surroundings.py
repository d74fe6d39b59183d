"""What is around the aircraft: every limit within reach as a half-space, and the margins of points along its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import inf, nan, radians, sin, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_core.terrain.facets import Facets, facets_about
from lenger_core.zones import LocalZones
from lenger_safety import floor_kernels, row_kernels
from lenger_safety.estimate import Estimate
from lenger_safety.floor_kernels import Keeping
from lenger_safety.ground_kernels import relief
from lenger_safety.row_kernels import Moving, Rows
from lenger_safety.settings import GuardSettings
from lenger_safety.survey_kernels import Fences, Place
from lenger_safety.tube import TubeMargins, geodetic, tube_margins

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GROUND_PRIORITY = 1_000_000
"""Above every zone's: the ground is never given up."""

_ROWS_PER_CELL = 8
_STILL: Vec3 = (0.0, 0.0, 0.0)


class LimitKind(IntEnum):
    """Kinds of limits. FLOOR is the lowest legal height, GROUND what the aircraft would hit."""

    FENCE = row_kernels.FENCE
    KEEP_OUT = row_kernels.KEEP_OUT
    CEILING = row_kernels.CEILING
    FLOOR = row_kernels.FLOOR
    GROUND = row_kernels.GROUND


KIND_NAMES = tuple(kind.name.lower() for kind in LimitKind)


class Limit(NamedTuple):
    """One half-space: `normal` points at the limit, `distance_m` is what is left, after the protection level."""

    kind: str
    """fence, keep_out, ceiling, floor or ground."""
    name: str
    normal: Vec3
    distance_m: float


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground under the aircraft: height AMSL, error bound, and slope to the east and north (metres per metre)."""

    height_amsl_m: float
    error_m: float
    slope_en: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Limits around one estimate, within reach. Margins: signed metres after the protection levels and the ground's
    error bound, infinite where nothing limits.

    Where a limit can be kept in several ways, the rows are those of one of them; see `row_kernels`. Arrays are read
    only.

    Attributes:
        rows: (K, 4) unit normal (east, north, up) that points at the limit, and the metres left.
        kinds: (K,) LimitKind of each.
        sources: (K,) index into `names`.
        priorities: (K,) priority of the zone; GROUND_PRIORITY for the ground.
        names: what can limit: zones, "approach cylinder", "ground", "ceiling".
        horizontal_m: to the nearest line of the zones that count at this height.
        nearest_zone: its name.
        ceiling_m, floor_m: vertical, to the least ceiling and to the highest floor here; within an approach the floor's
            is at least the way out of it.
        ground_m: vertical, to the ground here; infinite where it does not count.
        ground: None where the terrain is not known.
    """

    rows: Floats
    kinds: Ints
    sources: Ints
    priorities: Ints
    names: tuple[str, ...]
    horizontal_m: float
    nearest_zone: str
    ceiling_m: float
    floor_m: float
    ground_m: float
    ground: Ground | None

    def name_of(self, row: int) -> str:
        """Return the name of the limit in a row."""
        return self.names[int(self.sources[row])]

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The rows one by one."""
        return tuple(
            Limit(KIND_NAMES[kind], self.names[source], (row[0], row[1], row[2]), row[3])
            for row, kind, source in zip(self.rows.tolist(), self.kinds.tolist(), self.sources.tolist(), strict=True)
        )


class Surveyor:
    """Looks up the limits around an estimate. Not for several threads at once: it keeps room for the answer.

    Args:
        settings: guard settings.
        zones: zones in the guard's frame.
        terrain: ground model.
        reach_m: limits further away than this cannot matter.
        latency_s, brake_m_s2: how fast the aircraft stops; only for choosing between several ways to keep a limit.
    """

    def __init__(
        self,
        settings: GuardSettings,
        zones: LocalZones,
        terrain: Terrain,
        reach_m: float,
        latency_s: float = 0.6,
        brake_m_s2: float = 2.0,
    ) -> None:
        self._settings = settings
        self.zones = zones
        self._terrain = terrain
        self._reach_m = reach_m
        self._latency_s = latency_s
        self._per_speed = 1.0 / (2.0 * brake_m_s2)
        self._fences = _fences(zones)
        self._approaches = _approaches(zones)
        self._names = (
            *(area.name for area in (*zones.areas, *zones.approaches)),
            *("approach cylinder", "ground", "ceiling"),
        )
        own = [area.priority for area in (*zones.areas, *zones.approaches)]
        self._priorities = np.array([*own, 0, 0, 0], dtype=np.int64)
        self._room = self._room_for(64)

    def survey(self, estimate: Estimate, wanted: Vec3 | None, home: Vec3 | None, floor: bool) -> Surroundings:
        """Return the limits around an estimate.

        Args:
            estimate: position, velocity and protection levels.
            wanted: the velocity that is asked for, m/s; None when there is none.
            home: home in the guard's frame; None while unknown.
            floor: whether the lowest height over the ground and the ground count (en route), or not (taking off,
                landing).
        """
        facets = self._facets(estimate.position_m)
        place = self._place(estimate.position_m, facets, home)
        if len(self._room.rows) < self._rows_for(len(facets.error_m)):
            self._room = self._room_for(len(facets.error_m))
        found = floor_kernels.survey_rows(
            self._room,
            place,
            self._fences,
            self.zones.tables,
            self._approaches,
            self._keeping(home, floor),
            self._moving(estimate, wanted),
        )
        rows, tags = self._room.rows[: found.rows].copy(), self._room.tags[: found.rows].copy()
        priorities = np.where(tags[:, 0] == LimitKind.GROUND, GROUND_PRIORITY, self._priorities[tags[:, 1]])
        for array in (rows, tags, priorities):
            array.setflags(write=False)
        nearest = self.zones.areas[found.nearest].name if found.nearest >= 0 else ""
        margins = found.horizontal_m, nearest, found.ceiling_m, found.floor_m, found.ground_m
        return Surroundings(rows, tags[:, 0], tags[:, 1], priorities, self._names, *margins, _ground(facets))

    def margins_along(
        self, points_m: Floats, radii_h_m: Floats, radii_v_m: Floats, home: Vec3 | None, floor: bool
    ) -> TubeMargins:
        """Return how far upright cylinders are from every limit, in three dimensions.

        Args:
            points_m: (P, 3) m, their centres, in the guard's frame.
            radii_h_m, radii_v_m: (P,) m, their radii and half heights: protection levels and what else is unsure.
            home, floor: as in `survey`.

        Zones further away than the reach count as at least so far away.
        """
        home_amsl = nan if home is None else self.zones.frame.alt_amsl_m + home[2]
        points = np.ascontiguousarray(points_m, dtype=np.float64)
        radii = np.empty((len(points), 2))
        radii[:, 0], radii[:, 1] = radii_h_m, radii_v_m
        keeping = self._keeping(home, floor)
        return tube_margins(
            self.zones, self._terrain, self._approaches, keeping, points, radii, home_amsl, self._reach_m
        )

    def _facets(self, position_m: Vec3) -> Facets:
        frame = self.zones.frame
        lat, lon = geodetic(frame, np.array([position_m]))[0].tolist()
        turn = radians(lon - frame.lon_deg) * sin(radians(lat))
        return facets_about(self._terrain, lat, lon, frame.alt_amsl_m + position_m[2], turn, self._reach_m)

    def _place(self, position_m: Vec3, facets: Facets, home: Vec3 | None) -> Place:
        height, error = facets.here[0], facets.here[1]
        home_amsl = nan if home is None else self.zones.frame.alt_amsl_m + home[2]
        column = self.zones.columns(np.array([position_m]), np.array([height]), np.array([error]), home_amsl)[0]
        step = relief(facets.corners_m, height) if height == height else inf
        return Place(*position_m, column, step, facets.corners_m, facets.error_m)

    def _keeping(self, home: Vec3 | None, floor: bool) -> Keeping:
        s = self._settings
        centre = (0.0, 0.0, -1.0) if home is None else (home[0], home[1], s.approach_radius_m)
        return Keeping(s.floor_agl_m, s.ceiling_agl_m, floor, *centre, len(self.zones.areas))

    def _moving(self, estimate: Estimate, wanted: Vec3 | None) -> Moving:
        now = estimate.velocity_m_s
        wish = now if wanted is None else wanted
        speed, fastest = _length(now), max(_length(now), _length(wish))
        latency = self._latency_s + estimate.age_s
        levels = estimate.hpl_m, estimate.vpl_m
        return Moving(np.array(now), np.array(wish), speed, fastest, latency, self._per_speed, self._reach_m, *levels)

    def _rows_for(self, cells: int) -> int:
        lines = len(self._fences.edges) + len(self._fences.seam_edges) + len(self._approaches.edges)
        return 4 * lines + _ROWS_PER_CELL * (len(self.zones.areas) + 1) * cells + 64

    def _room_for(self, cells: int) -> Rows:
        count = self._rows_for(cells)
        return Rows(np.empty((count, 4)), np.empty((count, 2), dtype=np.int64))


def _fences(zones: LocalZones) -> Fences:
    return Fences(zones.edges, zones.boxes, zones.spans, zones.frames, zones.limits, zones.inclusions, *zones.seams)


def _approaches(zones: LocalZones) -> Fences:
    lines = zones.approach_lines
    return Fences(*lines, zones.approach_limits, len(zones.approaches), *zones.seams)


def _length(v: Vec3) -> float:
    return sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2)


def _ground(facets: Facets) -> Ground | None:
    height, error, east, north = facets.here.tolist()
    return None if height != height else Ground(height, error, (east, north))


def warm() -> None:
    """Compile the kernels of the survey into numba's cache."""
    from lenger_core.geodesy import LocalFrame
    from lenger_core.terrain import load_globe
    from lenger_core.zones import ZoneSet

    settings = GuardSettings()
    frame = LocalFrame(settings.site.lat_deg, settings.site.lon_deg, settings.site.alt_amsl_m)
    surveyor = Surveyor(settings, ZoneSet().in_frame(frame), load_globe(), 50.0)
    surveyor.survey(Estimate("warm", (0.0, 0.0, 60.0), _STILL, 1.0, 1.0, 0.0), None, _STILL, floor=True)
    for span in (1.0, 500.0):
        points = np.array([[0.0, 0.0, 60.0], [span, 0.0, 60.0]])
        surveyor.margins_along(points, np.ones(2), np.ones(2), _STILL, floor=True)
