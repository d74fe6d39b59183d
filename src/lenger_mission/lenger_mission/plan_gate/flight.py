"""A course on a day: what its air, power, energy and battery are, worked out once for all checks.

A segment of the course is flown through the mean wind of its middle, without accelerating: power is that of steady
flight (`lenger_core.energy`), and a descent is not cheaper than hovering.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import temperature_k
from lenger_core.energy import power_w, usable_wh
from lenger_core.vehicles import VehicleProfile
from lenger_mission.plan_gate.air import Air, air_at
from lenger_mission.plan_gate.battery import BatteryCourse, battery_course
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_legs import LegKind

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Flight:
    """A course on a day. N samples, N - 1 segments between them.

    Attributes:
        course: what is flown; heights that hang on unknown ground count as home's.
        conditions: the day.
    """

    course: Course
    conditions: Conditions

    @property
    def profile(self) -> VehicleProfile:
        """The vehicle."""
        return self.course.profile

    @cached_property
    def home_amsl_m(self) -> float:
        """Height of home; 0 where nothing tells it."""
        return float(np.nan_to_num(self.course.home[2]))

    @cached_property
    def alt_amsl_m(self) -> Array:
        """(N,) heights of the samples, all known."""
        alt = self.course.alt_amsl_m
        return np.where(np.isnan(alt), self.home_amsl_m, alt)

    @cached_property
    def air(self) -> Air:
        """The air in the middle of each segment."""
        middle = (0.5 * (one[:-1] + one[1:]) for one in (self.course.lat_deg, self.course.lon_deg, self.alt_amsl_m))
        return air_at(self.course.terrain, self.conditions, self.home_amsl_m, *middle)

    @cached_property
    def ground_velocity_m_s(self) -> Array:
        """(N - 1, 2) east and north."""
        run = np.diff(self.course.points_m[:, :2], axis=0)
        length = np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)
        return np.asarray(run / length[:, None] * self.course.speed_m_s[:, None])

    @cached_property
    def airspeed_m_s(self) -> Array:
        """(N - 1,) horizontal speed through the mean wind."""
        through = self.ground_velocity_m_s - self.air.wind_enu_m_s[:, :2]
        return np.asarray(np.hypot(through[:, 0], through[:, 1]))

    @cached_property
    def power_w(self) -> Array:
        """(N - 1,) electric power."""
        climb = np.nan_to_num(self.course.climb_m_s) - self.air.wind_enu_m_s[:, 2]
        return power_w(self.profile, self.air.density_kg_m3, self.airspeed_m_s, climb)

    @cached_property
    def used_wh(self) -> Array:
        """(N,) energy used since the take-off began."""
        return np.concatenate(([0.0], np.cumsum(self.power_w * self.course.segment_s))) / 3600.0

    @cached_property
    def battery(self) -> BatteryCourse:
        """Temperature and charge of the battery along the course."""
        seconds = self.course.segment_s
        mean_w = float(np.average(self.power_w, weights=seconds)) if seconds.sum() > 0.0 else 0.0
        return battery_course(self.profile, self.conditions, self.air_k, self.course.t_s, self.used_wh, mean_w)

    @cached_property
    def air_k(self) -> float:
        """Mean temperature of the air along the course, kelvin."""
        return temperature_k(float(np.mean(self.alt_amsl_m)), self.conditions.isa_offset_k(self.home_amsl_m))

    @cached_property
    def usable_wh(self) -> float:
        """Energy that may be used down to the reserve, at the coldest that the battery gets."""
        coldest = min(self.conditions.battery_k, float(self.battery.temperature_k.min()))
        return usable_wh(self.profile, self.conditions.battery_charge, coldest)

    @cached_property
    def item_ends(self) -> tuple[Ints, Ints]:
        """Items in the air, and the last sample of each: (K,), (K,)."""
        course = self.course
        if not course.legs:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        flown = np.array([leg.kind is not LegKind.DESCEND for leg in course.legs])
        ends, items = course.spans[flown, 1], np.array([leg.item for leg in course.legs])[flown]
        last = np.append(items[1:] != items[:-1], True) if len(items) else np.zeros(0, dtype=bool)
        return items[last], ends[last]
