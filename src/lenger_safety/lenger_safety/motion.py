"""How far the aircraft needs to stop, and how fast it may close on a limit: the guard's model of motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile
from lenger_safety.limiter import project
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Limit

RECOVERY_RATE = 0.5
"""1/s: speed of the way back inside for each metre beyond a limit."""

RELAXATION = ((), ("fence", "keep_out"), ("fence", "keep_out", "ceiling"), ("fence", "keep_out", "ceiling", "floor"))
"""Which limits stop asking for the way back when not all can be met, first to last: the ground comes first."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Stopping model of one aircraft: latency, then constant braking (v^2 / (2 a) + v T fits PX4 and ArduPilot)."""

    brake_m_s2: float
    limit_brake_m_s2: float
    latency_s: float
    limit_latency_s: float
    buffer_m: float
    wind_m: float
    recover_m_s: float
    max_speed_m_s: float
    max_climb_m_s: float
    max_descent_m_s: float

    @staticmethod
    def of(settings: GuardSettings, profile: VehicleProfile, step_s: float) -> Motion:
        """Return the model from the settings and the vehicle profile; a step of the guard adds to the latency."""
        latency = profile.response_latency_s + step_s
        return Motion(
            brake_m_s2=profile.max_brake_m_s2,
            limit_brake_m_s2=profile.max_brake_m_s2 * settings.brake_fraction,
            latency_s=latency,
            limit_latency_s=latency * settings.latency_factor,
            buffer_m=settings.buffer_m,
            wind_m=settings.wind_allowance_m,
            recover_m_s=settings.recover_m_s,
            max_speed_m_s=profile.max_speed_m_s,
            max_climb_m_s=profile.max_climb_m_s,
            max_descent_m_s=profile.max_descent_m_s,
        )

    def stopping_distance_m(self, speed_m_s: float, age_s: float = 0.0) -> float:
        """Return the distance to a stop at full braking from a closing speed; 0 when receding."""
        if speed_m_s <= 0.0:
            return 0.0
        return speed_m_s * (self.latency_s + age_s) + speed_m_s**2 / (2.0 * self.brake_m_s2) + self.wind_m

    def allowed_speed_m_s(self, distance_m: float, age_s: float = 0.0) -> float:
        """Return the greatest closing speed at a distance; negative (the way back) beyond the limit less its buffer."""
        left = distance_m - self.buffer_m - self.wind_m
        if left <= 0.0:
            return -min(self.recover_m_s, -left * RECOVERY_RATE)
        at = self.limit_brake_m_s2 * (self.limit_latency_s + age_s)
        return sqrt(at * at + 2.0 * self.limit_brake_m_s2 * left) - at

    def reach_m(self) -> float:
        """Return the distance beyond which no limit matters at the top speed."""
        v = self.max_speed_m_s
        return v * self.limit_latency_s + v * v / (2.0 * self.limit_brake_m_s2) + self.buffer_m + self.wind_m + 10.0

    def limit(self, wanted: Vec3, limits: Sequence[tuple[Limit, float]]) -> Vec3:
        """Return the nearest velocity to `wanted` whose closing speed on every limit allows to stop before it.

        Where the limits contradict each other, the way back is given up in the order of RELAXATION; standing still then
        satisfies what remains.

        Args:
            wanted: m/s, ENU.
            limits: each limit with the age in seconds of its estimate.
        """
        velocity = np.array(self._within_speed(wanted))
        if not limits:
            return float(velocity[0]), float(velocity[1]), float(velocity[2])
        rows = np.array(
            [(*limit.normal, self.allowed_speed_m_s(limit.distance_m, age)) for limit, age in limits]
            + [(0.0, 0.0, 1.0, self.max_climb_m_s), (0.0, 0.0, -1.0, self.max_descent_m_s)]
        )
        for relaxed in RELAXATION:
            for i, (limit, _) in enumerate(limits):
                if limit.kind in relaxed:
                    rows[i, 3] = max(0.0, rows[i, 3])
            feasible, e, n, u = project(velocity, rows)
            if feasible:
                return e, n, u
        return 0.0, 0.0, 0.0

    def _within_speed(self, wanted: Vec3) -> Vec3:
        e, n, u = wanted
        speed = sqrt(e * e + n * n)
        scale = min(1.0, self.max_speed_m_s / speed) if speed > 0.0 else 1.0
        return e * scale, n * scale, max(-self.max_descent_m_s, min(self.max_climb_m_s, u))
