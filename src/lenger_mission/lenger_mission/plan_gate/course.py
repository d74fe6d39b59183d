"""What a plan flies: its legs as samples in space and time, over the terrain.

The heights are the executor's (`lenger_mission.route`): straight from end to end for heights AMSL or above home, and
for heights above ground the ground plus a height interpolated between the ends, on every sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import WGS84_A_M, WGS84_F, LocalFrame
from lenger_core.plans import Datum, Plan
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mission.plan_gate import course_speed
from lenger_mission.plan_gate.course_ground import Ground, ground_of
from lenger_mission.plan_gate.course_legs import CourseLeg, LegKind, course_legs
from lenger_mission.plan_gate.course_speed import Pace

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SAMPLE_M = 10.0
"""Spacing of the samples, the executor's."""
MOST_SAMPLES = 250_000
"""Of a whole course; a longer one is sampled more widely."""


@dataclass(frozen=True)
class Course:
    """A plan as it is flown. N samples; the joint between two legs is sampled twice, so a hold is a segment there.

    Attributes:
        plan: of simple items.
        legs: L of them.
        home: latitude and longitude in degrees, height AMSL in metres (NaN where nothing tells it).
        terrain: the ground.
        profile: the vehicle.
        frame: local frame with home at its origin.
        lat_deg, lon_deg, alt_amsl_m: (N,) samples; the height is NaN where it hangs on unknown ground.
        ground_amsl_m, ground_error_m: (N,) ground below and its error bound; NaN off the terrain.
        item, leg: (N,) the plan's item and the leg that each sample belongs to.
        spans: (L, 2) first and last sample of each leg.
        segment_s: (N - 1,) duration of each segment between samples; a hold is one without length.
        length_m: (L,) horizontal length of the legs.
    """

    plan: Plan
    legs: tuple[CourseLeg, ...]
    home: tuple[float, float, float]
    terrain: Terrain
    profile: VehicleProfile
    frame: LocalFrame
    lat_deg: Array
    lon_deg: Array
    alt_amsl_m: Array
    ground_amsl_m: Array
    ground_error_m: Array
    item: Ints
    leg: Ints
    spans: Ints
    segment_s: Array
    length_m: Array

    @cached_property
    def t_s(self) -> Array:
        """(N,) time since the take-off began."""
        return np.concatenate(([0.0], np.cumsum(self.segment_s)))

    @cached_property
    def agl_m(self) -> Array:
        """(N,) heights above the ground; NaN off the terrain."""
        return self.alt_amsl_m - self.ground_amsl_m

    @cached_property
    def run_m(self) -> Array:
        """(N - 1,) horizontal length of each segment."""
        return runs_m(self.lat_deg, self.lon_deg)

    @cached_property
    def distance_m(self) -> Array:
        """(N,) horizontal distance flown since the take-off."""
        return np.concatenate(([0.0], np.cumsum(self.run_m)))

    @cached_property
    def speed_m_s(self) -> Array:
        """(N - 1,) mean speed over the ground on each segment; 0 where it takes no time."""
        return _rate(self.run_m, self.segment_s)

    @cached_property
    def climb_m_s(self) -> Array:
        """(N - 1,) mean rate of climb on each segment; 0 where it takes no time."""
        return _rate(np.diff(self.alt_amsl_m), self.segment_s)

    @property
    def segment_item(self) -> Ints:
        """(N - 1,) the plan's item that each segment belongs to; a hold belongs to the item before it."""
        return self.item[:-1]

    @cached_property
    def points_m(self) -> Array:
        """(N, 3) east, north, height above home's in `frame`."""
        flat = self.frame.to_local_many(self.lat_deg, self.lon_deg)
        return np.column_stack([flat, self.alt_amsl_m - self.frame.alt_amsl_m])

    @property
    def duration_s(self) -> float:
        """From the start of the take-off to the end of the landing."""
        return float(self.segment_s.sum())

    @property
    def known(self) -> bool:
        """Whether every sample has a height and ground below it."""
        return not bool(np.isnan(self.agl_m).any())


def make_course(
    plan: Plan,
    profile: VehicleProfile,
    terrain: Terrain,
    pace: Pace | None = None,
    sample_m: float = SAMPLE_M,
) -> Course:
    """Return what a plan flies.

    Args:
        plan: of simple items; a plan without any has a course of one sample at home.
        profile: the vehicle.
        terrain: the ground; where it has none, heights above ground are NaN.
        pace: the executor's; None: by its defaults.
        sample_m: spacing of the samples; wider where there would be more than `MOST_SAMPLES`.
    """
    pace = pace or Pace.of(profile)
    place = (plan.home.lat_deg, plan.home.lon_deg)
    ground = ground_of(terrain, np.array(place[:1]), np.array(place[1:]))
    stated = plan.home.alt_amsl_m
    base = float(ground.height_amsl_m[0])
    home = (*place, base if np.isfinite(base) or stated is None else stated)
    legs = course_legs(plan, profile.cruise_speed_m_s)
    track = _track(legs, terrain, home, sample_m)
    length = np.zeros(len(legs))
    np.add.at(length, track.leg[:-1], runs_m(track.lat, track.lon))
    seconds = _seconds(legs, track, length, pace)
    return Course(
        plan, legs, home, terrain, profile, frame_at(home), track.lat, track.lon, track.alt, track.ground.height_amsl_m,
        track.ground.error_m, track.item, track.leg, track.spans, seconds, length,
    )  # fmt: skip


def frame_at(home: tuple[float, float, float]) -> LocalFrame:
    """Return a local frame at home, anywhere on Earth: where the geoid is not known it counts as the ellipsoid."""
    height = home[2] if np.isfinite(home[2]) else 0.0
    try:
        return LocalFrame(home[0], home[1], height)
    except InputError:
        return LocalFrame(home[0], home[1], height, 0.0)


def runs_m(lat_deg: Array, lon_deg: Array) -> Array:
    """Return (N - 1,) horizontal distances between N points, along chords of the ellipsoid's radii of curvature."""
    middle = np.radians(0.5 * (lat_deg[:-1] + lat_deg[1:]))
    square = WGS84_F * (2.0 - WGS84_F)
    shrink = 1.0 - square * np.sin(middle) ** 2
    normal = WGS84_A_M / np.sqrt(shrink)
    meridian = normal * (1.0 - square) / shrink
    east = (np.diff(lon_deg) + 180.0) % 360.0 - 180.0
    return np.hypot(meridian * np.radians(np.diff(lat_deg)), normal * np.cos(middle) * np.radians(east))


class _Track(NamedTuple):
    lat: Array
    lon: Array
    alt: Array
    ground: Ground
    item: Ints
    leg: Ints
    spans: Ints


def _track(legs: tuple[CourseLeg, ...], terrain: Terrain, home: tuple[float, float, float], sample_m: float) -> _Track:
    """Return the samples of all legs, with their heights."""
    if not legs:
        lat, lon = np.array([home[0]]), np.array([home[1]])
        zero = np.zeros(1, dtype=np.int64)
        return _Track(lat, lon, np.array([home[2]]), ground_of(terrain, lat, lon), zero, zero, np.zeros((0, 2), int))
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
    return _Track(lat, lon, alt, ground, item, leg, np.column_stack([first, last]))


def _counts(legs: tuple[CourseLeg, ...], ends: Array, sample_m: float) -> Ints:
    """Return how many samples each leg gets, at least 2."""
    both = ends.reshape(-1, 2)
    length = runs_m(both[:, 0], both[:, 1])[::2]
    high = np.array([0.0 if leg.kind is LegKind.FLY else 200.0 for leg in legs])
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


def _seconds(legs: tuple[CourseLeg, ...], track: _Track, length: Array, pace: Pace) -> Array:
    """Return (N - 1,) durations of the segments."""
    if not legs:
        return np.zeros(0)
    wanted = np.array([leg.speed_m_s for leg in legs])
    limit = np.full(len(track.lat), np.inf)
    limit[0] = limit[-1] = 0.0
    last = track.spans[:-1, 1]
    stops = np.array([a.stops or b.kind is not LegKind.FLY for a, b in pairwise(legs)], dtype=bool)
    acceptance = np.array([leg.acceptance_m or pace.acceptance_m for leg in legs[:-1]])
    speeds = course_speed.corner_speeds(_turns(legs), length, acceptance, pace)
    limit[last] = limit[last + 1] = np.where(stops, 0.0, speeds)
    run, rise = runs_m(track.lat, track.lon), np.nan_to_num(np.diff(track.alt))
    out = course_speed.segment_times(run, rise, wanted[track.leg[:-1]], limit, pace)
    out[last] = [leg.hold_s for leg in legs[:-1]]
    for k, leg in enumerate(legs):
        if leg.kind is LegKind.DESCEND:
            first, end = track.spans[k]
            drop = float(np.nan_to_num(track.alt[first] - track.alt[end]))
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


def _rate(change: Array, seconds: Array) -> Array:
    return np.where(seconds > 1e-6, change / np.where(seconds > 1e-6, seconds, 1.0), 0.0)
