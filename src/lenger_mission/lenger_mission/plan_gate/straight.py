"""Straight ways through the air that nobody has planned: is the ground clear of them, and are they legal?

An autopilot's own return and the way to a rally point are such ways. The clearance is exact over the bilinear surface;
zones are looked at in plan first, and in height only where a way meets one in plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.local_zones import ALL_FLOORS, LocalZones
from lenger_core.terrain import lines_of_sight
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_ground import ground_of
from lenger_mission.plan_gate.margins import least_margins

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SAMPLE_M = 20.0
MOST_SAMPLES = 200_000


@dataclass(frozen=True)
class Straight:
    """What straight ways meet.

    Attributes:
        clearance_m, sure_clearance_m: (K,) least height above the ground, and after its error bound; NaN off the
            terrain.
        margin_m: (K,) to the legal space; infinite where nothing is met in plan.
        area: (K,) index of the zone that decides, -1 for none.
    """

    clearance_m: Array
    sure_clearance_m: Array
    margin_m: Array
    area: Ints


def straight_ways(course: Course, zones: LocalZones, one: Array, other: Array, wanted_m: float) -> Straight:
    """Return what the straight ways between pairs of places meet.

    Args:
        course: whose terrain and frame are used.
        zones: in that frame.
        one, other: (K, 3) latitude and longitude in degrees, height AMSL.
        wanted_m: margin to the zones that has to be kept.
    """
    low, sure = _clearances(course, one, other)
    margin, area = np.full(len(one), np.inf), np.full(len(one), -1, dtype=np.int64)
    met = np.flatnonzero(_met_in_plan(course, zones, one, other, wanted_m))
    if len(met):
        samples = _samples(course, one[met], other[met])
        least = least_margins(zones, samples, course.home[2], course.terrain, wanted_m)
        margin[met[least.owner]], area[met[least.owner]] = least.margin_m, least.area
    return Straight(low, sure, margin, area)


def _clearances(course: Course, one: Array, other: Array) -> tuple[Array, Array]:
    try:
        sight = lines_of_sight(course.terrain, one, other, k=np.inf)
    except InputError:
        return np.full(len(one), np.nan), np.full(len(one), np.nan)
    return np.asarray(sight.clearance_m), np.asarray(sight.sure_clearance_m)


def _met_in_plan(course: Course, zones: LocalZones, one: Array, other: Array, wanted_m: float) -> Flags:
    """Return which ways come near the outline of a zone, or are not within the inclusions, whatever the heights."""
    if not zones.areas:
        return np.zeros(len(one), dtype=bool)
    frame = course.frame
    ends = np.stack([frame.to_local_many(p[:, 0], p[:, 1]) for p in (one, other)], axis=1)
    lines = shapely.linestrings(ends)
    met = np.zeros(len(one), dtype=bool)
    for area in zones.areas[zones.inclusions :]:
        near = area.outline.buffer(wanted_m + 1.0)
        shapely.prepare(near)
        met |= shapely.intersects(near, lines)
    if zones.inclusions:
        # Heights part the inclusions too: only what one of full height holds needs no closer look.
        free = [a for a in zones.areas[: zones.inclusions] if a.floor is None and a.ceiling is None]
        whole = shapely.union_all([a.outline.buffer(-wanted_m - 1.0) for a in free])
        shapely.prepare(whole)
        met |= ~shapely.covers(whole, lines)
    return np.asarray(met)


def _samples(course: Course, one: Array, other: Array) -> Array:
    """Return the samples (N, 9) of ways, owned by their numbers."""
    frame = course.frame
    start, end = (frame.to_local_many(p[:, 0], p[:, 1]) for p in (one, other))
    length = np.linalg.norm(end - start, axis=1)
    spacing = max(SAMPLE_M, float(length.sum()) / MOST_SAMPLES)
    counts = np.maximum(np.ceil(length / spacing), 1.0).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(one)), counts)
    first = np.cumsum(counts) - counts
    part = ((np.arange(counts.sum()) - first[owner]) / (counts[owner] - 1))[:, None]
    places = one[owner] + part * (other[owner] - one[owner])
    ground = ground_of(course.terrain, places[:, 0], places[:, 1])
    flat = frame.to_local_many(places[:, 0], places[:, 1])
    up = places[:, 2] - frame.alt_amsl_m
    floors = np.full(len(owner), ALL_FLOORS)
    return np.column_stack([flat, up, places[:, :2], ground.height_amsl_m, ground.error_m, floors, owner])
