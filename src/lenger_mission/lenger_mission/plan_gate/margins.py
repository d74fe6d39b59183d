"""How far a line in space stays from leaving the legal space: sampled, and halved where samples leave a doubt.

For level heights the signed margin of `LocalZones.margins_3d` changes by no more than a metre for each metre that the
point moves, so two samples bound it between them; only what that bound does not settle is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.local_zones import LocalZones
from lenger_core.terrain import Terrain
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_ground import ground_of

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

EAST, NORTH, UP, LAT, LON, GROUND, ERROR, FLOORS, OWNER = range(9)
"""Columns of a table of samples: metres in the local frame, degrees, metres AMSL and their error bound, which floors of
inclusions count (see `LocalZones.margins_3d`), and what a sample belongs to."""

FINE_M = 0.5
MOST_DOUBTS = 400_000
"""Samples in all that doubts may cost."""


@dataclass(frozen=True)
class LeastMargins:
    """The least margin of each owner that has any sample.

    Attributes:
        owner: (K,) ascending.
        margin_m: (K,) signed; infinite without zones.
        area: (K,) index into `LocalZones.areas` of what decides.
        samples: (K, 9) where that is.
    """

    owner: Ints
    margin_m: Array
    area: Ints
    samples: Array


def course_samples(course: Course, floors: Ints) -> Array:
    """Return (M, 9) the samples of a course whose height is known, owned by the plan's items.

    Args:
        course: of N samples.
        floors: (N,) which floors of inclusions count.
    """
    places = np.column_stack([course.lat_deg, course.lon_deg, course.ground_amsl_m, course.ground_error_m])
    table = np.column_stack([course.points_m, places, floors, course.item])
    return np.asarray(table[np.isfinite(table[:, UP])])


def least_margins(
    zones: LocalZones, samples: Array, home_amsl_m: float, terrain: Terrain, wanted_m: float, reach_m: float = 100.0
) -> LeastMargins:
    """Return the least margins to the legal space along lines.

    Args:
        zones: in the frame of the samples.
        samples: (N, 9) of the lines; neighbours with one owner are joined by a straight segment.
        home_amsl_m: height of home.
        terrain: under what lies between the samples.
        wanted_m: margin that has to be kept: what surely keeps it is not looked at more finely.
        reach_m: what lies further away counts as at least so far.
    """
    margin, area = _margins(zones, samples, home_amsl_m, reach_m)
    found = [(samples, margin, area)]
    left = np.flatnonzero(samples[:-1, OWNER] == samples[1:, OWNER])
    ends = np.stack([samples[left], samples[left + 1]], axis=1)
    ends, pairs = _in_doubt(ends, np.stack([margin[left], margin[left + 1]], axis=1), wanted_m)
    spent = 0
    while len(ends) and spent < MOST_DOUBTS:
        middle = _middles(ends, terrain)
        margin, area = _margins(zones, middle, home_amsl_m, reach_m)
        found.append((middle, margin, area))
        spent += len(middle)
        halves = np.concatenate([np.stack([ends[:, 0], middle], axis=1), np.stack([middle, ends[:, 1]], axis=1)])
        both = np.concatenate([np.stack([pairs[:, 0], margin], axis=1), np.stack([margin, pairs[:, 1]], axis=1)])
        ends, pairs = _in_doubt(halves, both, wanted_m)
    return _least(found)


def _margins(zones: LocalZones, samples: Array, home_amsl_m: float, reach_m: float) -> tuple[Array, Ints]:
    points = np.ascontiguousarray(samples[:, :3])
    columns = zones.columns(points, samples[:, GROUND], samples[:, ERROR], home_amsl_m)
    floors = samples[:, FLOORS].astype(np.int64)
    found = zones.margins_3d(points, np.zeros((len(points), 2)), columns, floors, reach_m)
    return found.margin_m, found.area


def _in_doubt(ends: Array, margins: Array, wanted_m: float) -> tuple[Array, Array]:
    """Return the segments, (K, 2, 9), whose ends keep the margin while what lies between them may not."""
    length = np.linalg.norm(ends[:, 1, :3] - ends[:, 0, :3], axis=1)
    bound = 0.5 * (margins.sum(axis=1) - length)
    keep = (bound < wanted_m) & (margins.min(axis=1) >= wanted_m) & (length > FINE_M)
    return ends[keep], margins[keep]


def _middles(ends: Array, terrain: Terrain) -> Array:
    middle: Array = 0.5 * (ends[:, 0] + ends[:, 1])
    ground = ground_of(terrain, middle[:, LAT], middle[:, LON])
    middle[:, GROUND], middle[:, ERROR] = ground.height_amsl_m, ground.error_m
    middle[:, FLOORS] = ends[:, :, FLOORS].max(axis=1)
    return middle


def _least(found: list[tuple[Array, Array, Ints]]) -> LeastMargins:
    samples, margin, area = (np.concatenate(parts) for parts in zip(*found, strict=True))
    owner = samples[:, OWNER].astype(np.int64)
    order = np.lexsort((margin, owner))
    owners, first = np.unique(owner[order], return_index=True)
    at = order[first]
    return LeastMargins(owners, margin[at], area[at], samples[at])
