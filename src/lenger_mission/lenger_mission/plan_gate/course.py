"""What a plan flies: its legs as samples in space and time, over the terrain.

The heights are the executor's (`lenger_mission.route`): straight from end to end for heights AMSL or above home, and
for heights above ground the ground plus a height interpolated between the ends, on every sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mission.expand import Context, Expanded, expand
from lenger_mission.plan_gate.course_ground import ground_of
from lenger_mission.plan_gate.course_legs import CourseLeg, course_legs
from lenger_mission.plan_gate.course_speed import Pace
from lenger_mission.plan_gate.course_track import leg_durations, runs_m, track_of

__all__ = ["SAMPLE_M", "Course", "frame_at", "make_course", "runs_m"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SAMPLE_M = 10.0
"""Spacing of the samples, the executor's."""


@dataclass(frozen=True)
class Course:
    """A plan as it is flown. N samples; the joint between two legs is sampled twice, so a hold is a segment there.

    Attributes:
        plan: as it was written.
        flat: the simple items that it is flown as.
        legs: L of them; their items are those of `plan`.
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
    flat: Plan
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
    expanded: Expanded | None = None,
) -> Course:
    """Return what a plan flies.

    Args:
        plan: one without any leg has a course of one sample at home.
        profile: the vehicle.
        terrain: the ground; where it has none, heights above ground are NaN.
        pace: the executor's; None: by its defaults.
        sample_m: spacing of the samples; wider where there would be more than `course_track.MOST_SAMPLES`.
        expanded: the simple items that it is flown as; None: as on a day without wind.

    Raises:
        InputError: a complex item cannot be planned.
    """
    expanded = expanded or expand(plan, Context(terrain=terrain, profile=profile))
    pace = pace or Pace.of(profile)
    place = (plan.home.lat_deg, plan.home.lon_deg)
    ground = ground_of(terrain, np.array(place[:1]), np.array(place[1:]))
    stated = plan.home.alt_amsl_m
    base = float(ground.height_amsl_m[0])
    home = (*place, base if np.isfinite(base) or stated is None else stated)
    flown = course_legs(expanded.plan, profile.cruise_speed_m_s)
    legs = tuple(replace(leg, item=expanded.sources[leg.item]) for leg in flown)
    track = track_of(legs, terrain, home, sample_m)
    length = np.zeros(len(legs))
    np.add.at(length, track.leg[:-1], runs_m(track.lat_deg, track.lon_deg))
    seconds = leg_durations(legs, track, length, pace)
    return Course(
        plan, expanded.plan, legs, home, terrain, profile, frame_at(home), track.lat_deg, track.lon_deg,
        track.alt_amsl_m, track.ground.height_amsl_m, track.ground.error_m, track.item, track.leg, track.spans,
        seconds, length,
    )  # fmt: skip


def frame_at(home: tuple[float, float, float]) -> LocalFrame:
    """Return a local frame at home, anywhere on Earth: where the geoid is not known it counts as the ellipsoid."""
    height = home[2] if np.isfinite(home[2]) else 0.0
    try:
        return LocalFrame(home[0], home[1], height)
    except InputError:
        return LocalFrame(home[0], home[1], height, 0.0)


def _rate(change: Array, seconds: Array) -> Array:
    return np.where(seconds > 1e-6, change / np.where(seconds > 1e-6, seconds, 1.0), 0.0)
