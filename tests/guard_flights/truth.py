"""The judge: true positions against the arena, by shapely, apart from everything that the guard uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from guard_flights.arena import Arena, Volume
from lenger_core.terrain import Terrain
from lenger_core.zones import Datum, HeightLimit

Array = NDArray[np.float64]
KINDS = ("fence", "keep_out", "ceiling", "floor", "ground")
FEET_M = 0.14
"""The centre of gravity above the feet, which stand on the ground."""


@dataclass(frozen=True)
class Track:
    """Where an aircraft truly was, N samples.

    Attributes:
        t_s: time.
        level: (N, 2) east and north about the arena's start.
        amsl_m: height.
        ground_m: height of the true ground below.
        velocity: (N, 3) ENU.
        wind: (N, 3) ENU.
        contact, crashed: whether the feet touched the ground; broken.
    """

    t_s: Array
    level: Array
    amsl_m: Array
    ground_m: Array
    velocity: Array
    wind: Array
    contact: NDArray[np.bool_]
    crashed: NDArray[np.bool_]

    @staticmethod
    def of(rows: list[tuple[float, ...]], arena: Arena, ground: Terrain) -> Track:
        """Return the track of a world's rows."""
        data = np.array(rows, dtype=np.float64)
        lat, lon = data[:, 1], data[:, 2]
        return Track(
            data[:, 0],
            arena.frame.to_local_many(lat, lon),
            data[:, 3],
            ground.heights_amsl_m(lat, lon),
            data[:, 5:8],
            data[:, 8:11],
            data[:, 11] > 0.5,
            data[:, 12] > 0.5,
        )

    def agl_m(self) -> Array:
        """Return heights over the true ground."""
        return self.amsl_m - self.ground_m


def heights(limit: HeightLimit | None, track: Track, home_amsl_m: float, open_m: float) -> Array:
    """Return a limit in metres AMSL along a track; `open_m` where there is none."""
    if limit is None:
        return np.full(len(track.t_s), open_m)
    base = {Datum.AMSL: 0.0, Datum.HOME: home_amsl_m, Datum.AGL: track.ground_m}[limit.datum]
    return np.asarray(base + limit.height_m + np.zeros(len(track.t_s)))


def signed_m(area: Polygon, points: Array) -> Array:
    """Return the distance of points (N, 2) to the outline of an area, negative outside."""
    shapely.prepare(area)
    at = shapely.points(points)
    distance = shapely.distance(area.boundary, at)
    return np.asarray(np.where(shapely.contains(area, at), distance, -distance))


def margins(track: Track, arena: Arena) -> dict[str, Array]:
    """Return for each kind of limit the true margin along a track, metres, negative beyond it; inf: none of the kind.

    The legal space is the union of the inclusions, each between its heights. Beside a keep-out with a floor or a
    ceiling the margin is the way out of its height or out of its outline, whichever is longer to get in.
    """
    home = arena.frame.alt_amsl_m
    count = len(track.t_s)
    fence, ceiling, low = _inclusion_margins(track, arena, home)
    keep_out = np.full(count, np.inf)
    for volume in arena.exclusions():
        keep_out = np.minimum(keep_out, _outside_m(track, volume, home))
    agl = track.agl_m()
    ceiling = np.minimum(ceiling, arena.ceiling_agl_m - agl)
    near_home = np.hypot(*(track.level - np.array(arena.home)).T) < arena.approach_m
    floor = np.minimum(low, np.where(near_home, np.inf, agl - arena.floor_agl_m))
    ground = np.where(track.crashed | track.contact, -np.maximum(FEET_M, 0.0), agl - FEET_M)
    return {"fence": fence, "keep_out": keep_out, "ceiling": ceiling, "floor": floor, "ground": ground}


def _inclusion_margins(track: Track, arena: Arena, home: float) -> tuple[Array, Array, Array]:
    """Return the margins to the fence, to its ceilings and to its floors.

    With several inclusions they are those of the union: at each moment of the inclusion whose least margin is greatest,
    and sideways of all those together that hold the present height.
    """
    best = np.full((3, len(track.t_s)), -np.inf)
    tightest = np.full(len(track.t_s), -np.inf)
    sides, holds = [], []
    for volume in arena.inclusions():
        side = signed_m(volume.polygon(), track.level)
        up = heights(volume.ceiling, track, home, np.inf) - track.amsl_m
        down = track.amsl_m - heights(volume.floor, track, home, -np.inf)
        least = np.minimum(side, np.minimum(up, down))
        better = least > tightest
        tightest = np.where(better, least, tightest)
        best = np.where(better, np.array([side, up, down]), best)
        sides.append(volume.polygon())
        holds.append((up >= 0.0) & (down >= 0.0))
    if len(sides) > 1:
        together = np.all(holds, axis=0)
        union = signed_m(shapely.union_all(sides), track.level)
        best[0] = np.where(together, np.maximum(best[0], union), best[0])
    return best[0], best[1], best[2]


def _outside_m(track: Track, volume: Volume, home: float) -> Array:
    beside = -signed_m(volume.polygon(), track.level)
    above = track.amsl_m - heights(volume.ceiling, track, home, np.inf)
    below = heights(volume.floor, track, home, -np.inf) - track.amsl_m
    return np.maximum(beside, np.maximum(above, below))
