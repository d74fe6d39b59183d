"""The samples of a course: where its legs lead, how high, and how long each segment takes."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import WGS84_A_M, WGS84_F
from lenger_core.plans import Datum
from lenger_core.terrain import Terrain
from lenger_mission.plan_gate import course_speed
from lenger_mission.plan_gate.course_ground import Ground, ground_of
from lenger_mission.plan_gate.course_legs import CourseLeg, LegKind
from lenger_mission.plan_gate.course_speed import Pace

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_SAMPLES = 200_000
"""Of a whole course; a longer one is sampled more widely."""
STRAIGHT_UP_M = 200.0
"""What a climb and a descent are sampled as."""


def runs_m(lat_deg: Array, lon_deg: Array) -> Array:
    """Return (N - 1,) horizontal distances between N points, along chords of the ellipsoid's radii of curvature."""
    middle = np.radians(0.5 * (lat_deg[:-1] + lat_deg[1:]))
    square = WGS84_F * (2.0 - WGS84_F)
    shrink = 1.0 - square * np.sin(middle) ** 2
    normal = WGS84_A_M / np.sqrt(shrink)
    meridian = normal * (1.0 - square) / shrink
    east = (np.diff(lon_deg) + 180.0) % 360.0 - 180.0
    return np.hypot(meridian * np.radians(np.diff(lat_deg)), normal * np.cos(middle) * np.radians(east))


class Track(NamedTuple):
    """The samples of all legs; see `course.Course`."""

    lat_deg: Array
    lon_deg: Array
    alt_amsl_m: Array
    ground: Ground
    item: Ints
    leg: Ints
    spans: Ints


def track_of(legs: tuple[CourseLeg, ...], terrain: Terrain, home: tuple[float, float, float], sample_m: float) -> Track:
    """Return the samples of all legs, with their heights.

    Args:
        legs: in order.
        terrain: below.
        home: latitude, longitude in degrees, height AMSL.
        sample_m: spacing; wider where there would be more than `MOST_SAMPLES`.
    """
    if not legs:
        lat, lon = np.array([home[0]]), np.array([home[1]])
        zero = np.zeros(1, dtype=np.int64)
        return Track(lat, lon, np.array([home[2]]), ground_of(terrain, lat, lon), zero, zero, np.zeros((0, 2), int))
    ends = np.array([(*leg.start, *leg.end) for leg in legs])
    counts = _counts(legs, ends, sample_m)
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    leg = np.repeat(np.arange(len(legs)), counts)
    part = (np.arange(counts.sum()) - first[leg]) / (counts[leg] - 1)
    # The short way around the world.
    over = (ends[:, 3] - ends[:, 1] + 180.0) % 360.0 - 180.0
    lat = ends[leg, 0] + part * (ends[leg, 2] - ends[leg, 0])
    lon = ends[leg, 1] + part * over[leg]
    ground = ground_of(terrain, lat, lon)
    alt = _heights(legs, part, leg, ground.height_amsl_m, np.column_stack([first, last]), home[2])
    item = np.array([one.item for one in legs], dtype=np.int64)[leg]
    return Track(lat, lon, alt, ground, item, leg, np.column_stack([first, last]))


def _counts(legs: tuple[CourseLeg, ...], ends: Array, sample_m: float) -> Ints:
    """Return how many samples each leg gets, at least 2."""
    both = ends.reshape(-1, 2)
    length = runs_m(both[:, 0], both[:, 1])[::2]
    high = np.array([0.0 if leg.kind is LegKind.FLY else STRAIGHT_UP_M for leg in legs])
    length = np.maximum(length, high)
    spacing = max(sample_m, float(length.sum()) / MOST_SAMPLES)
    return np.asarray(np.maximum(np.ceil(length / spacing), 1.0).astype(np.int64) + 1)


def _heights(
    legs: tuple[CourseLeg, ...], part: Array, leg: Ints, ground: Array, spans: Ints, home_amsl_m: float
) -> Array:
    """Return (N,) heights AMSL: along each leg straight, or at a straight height above the ground."""
    at_end = ground[spans[:, 1]]
    wanted = np.array([np.nan if one.height is None else one.height.value_m for one in legs])
    datum = [None if one.height is None else one.height.datum for one in legs]
    above = np.array([one is Datum.AGL for one in datum])
    base = np.select(
        [above, [d is Datum.HOME for d in datum], [d is None for d in datum]], [at_end, home_amsl_m, at_end]
    )
    end = np.where([d is None for d in datum], base, base + wanted)
    start = np.concatenate((ground[:1], end[:-1]))
    down = start - ground[spans[:, 0]], end - at_end
    follows = above & np.array([one.kind is LegKind.FLY for one in legs])
    low = np.where(follows, down[0], start)[leg]
    high = np.where(follows, down[1], end)[leg]
    return np.asarray(np.where(follows[leg], ground, 0.0) + low + part * (high - low))


def leg_durations(legs: tuple[CourseLeg, ...], track: Track, length: Array, pace: Pace) -> Array:
    """Return (N - 1,) seconds that the segments between N samples take.

    Args:
        legs: L of them.
        track: their samples.
        length: (L,) horizontal lengths, m.
        pace: of the executor.
    """
    if not legs:
        return np.zeros(0)
    wanted = np.array([leg.speed_m_s for leg in legs])
    limit = np.full(len(track.lat_deg), np.inf)
    limit[0] = limit[-1] = 0.0
    last = track.spans[:-1, 1]
    stops = np.array([a.stops or b.kind is not LegKind.FLY for a, b in pairwise(legs)], dtype=bool)
    acceptance = np.array([leg.acceptance_m or pace.acceptance_m for leg in legs[:-1]])
    speeds = course_speed.corner_speeds(_turns(legs), length, acceptance, pace)
    round_m = np.array([a.arc_m if a.arc_m == b.arc_m and a.arc_m else np.nan for a, b in pairwise(legs)])
    speeds = np.where(np.isnan(round_m), speeds, np.sqrt(pace.corner_m_s2 * np.nan_to_num(round_m)))
    limit[last] = limit[last + 1] = np.where(stops, 0.0, speeds)
    run, rise = runs_m(track.lat_deg, track.lon_deg), np.nan_to_num(np.diff(track.alt_amsl_m))
    out = course_speed.segment_times(run, rise, wanted[track.leg[:-1]], limit, pace)
    out[last] = [leg.hold_s for leg in legs[:-1]]
    for k, leg in enumerate(legs):
        if leg.kind is LegKind.DESCEND:
            first, end = track.spans[k]
            drop = float(np.nan_to_num(track.alt_amsl_m[first] - track.alt_amsl_m[end]))
            out[first:end] = course_speed.landing_time_s(drop, pace) / (end - first)
    return out


def _turns(legs: tuple[CourseLeg, ...]) -> Array:
    """Return (L - 1,) changes of course between the legs, 0 to pi; pi where a leg has no length."""
    ends = np.array([(*leg.start, *leg.end) for leg in legs])
    north = ends[:, 2] - ends[:, 0]
    east = ((ends[:, 3] - ends[:, 1] + 180.0) % 360.0 - 180.0) * np.cos(np.radians(ends[:, 0]))
    length = np.hypot(north, east)
    dot = (north[:-1] * north[1:] + east[:-1] * east[1:]) / np.maximum(length[:-1] * length[1:], 1e-18)
    turn = np.arccos(np.clip(dot, -1.0, 1.0))
    return np.asarray(np.where((length[:-1] < 1e-9) | (length[1:] < 1e-9), np.pi, turn))
