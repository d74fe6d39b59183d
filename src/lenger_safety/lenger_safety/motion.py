"""How far the aircraft needs to stop, and how fast it may close on a limit: the guard's model of motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile
from lenger_safety.limiter import project
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Limit

RECOVERY_RATE = 0.5
"""1/s: speed of the way back inside for each metre beyond a limit."""

CLOSING_NOISE_M_S = 0.3
"""Closing speeds up to this are sliding with a noisy estimate, not an approach."""

BISECTIONS = 6
"""Of the assumed speed: the result is within 1/64 of the top speed, 0.25 m/s, of the best."""

RELAXATION = (("fence", "keep_out"), ("fence", "keep_out", "ceiling"), ("fence", "keep_out", "ceiling", "floor"))
"""Which limits stop asking for the way back when not all can be met, first to last: the ground comes first."""


class Approach(NamedTuple):
    """A limit, and how the aircraft closes on it now, by an estimate that is `age_s` old."""

    limit: Limit
    age_s: float = 0.0
    closing_m_s: float = 0.0


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

    def stopping_distance_m(self, closing_m_s: float, speed_m_s: float, age_s: float = 0.0) -> float:
        """Return how far a full brake still closes on a limit; 0 when receding.

        The hold mode brakes against the whole velocity, in a straight line of v T + v^2 / (2 a), of which the share
        closing / v points at the limit. That is more than closing^2 / (2 a) when the limit is approached at an angle.

        Args:
            closing_m_s: speed along the limit's normal.
            speed_m_s: whole speed.
            age_s: age of the estimate, which adds to the latency.
        """
        if closing_m_s <= 0.0:
            return 0.0
        return closing_m_s * (self.latency_s + age_s + speed_m_s / (2.0 * self.brake_m_s2)) + self.wind_m

    def allowed_speed_m_s(self, distance_m: float, speed_m_s: float, age_s: float = 0.0) -> float:
        """Return the greatest closing speed at a distance, for a whole speed of at most `speed_m_s`.

        Negative (the way back) beyond the limit less its buffer.
        """
        left = distance_m - self.buffer_m - self.wind_m
        if left <= 0.0:
            return -min(self.recover_m_s, -left * RECOVERY_RATE)
        return left / (self.limit_latency_s + age_s + speed_m_s / (2.0 * self.limit_brake_m_s2))

    def reach_m(self) -> float:
        """Return the distance beyond which no limit matters at the top speed."""
        v = self.max_speed_m_s
        stop = v * self.limit_latency_s + v * v / (2.0 * self.limit_brake_m_s2)
        return stop + self.buffer_m + self.wind_m + 10.0

    def limit(self, wanted: Vec3, approaches: Sequence[Approach]) -> Vec3:
        """Return the nearest velocity to `wanted` from which a full brake stops before every limit.

        The greatest closing speed falls with the whole speed, so the half-spaces are those of an assumed speed, and the
        least assumption that the result does not exceed is found by bisection. Where the limits contradict each other,
        the way back is given up in the order of RELAXATION; standing still then satisfies what remains.

        Args:
            wanted: m/s, ENU.
            approaches: each limit, and how the aircraft closes on it now.
        """
        target = self._within_speed(wanted, min(map(self.speed_cap_m_s, approaches), default=inf))
        high = _length(target)
        velocity = self._project(target, approaches, high)
        if velocity == target:
            return target
        if _length(velocity) > high:  # the way back is faster than what was wanted
            high = hypot(self.max_speed_m_s, self.max_climb_m_s)
            velocity = self._project(target, approaches, high)
        low = 0.0
        for _ in range(BISECTIONS):
            assumed = 0.5 * (low + high)
            found = self._project(target, approaches, assumed)
            if _length(found) <= assumed:
                high, velocity = assumed, found
            else:
                low = assumed
        return self._flyable(velocity)

    def _flyable(self, velocity: Vec3) -> Vec3:
        """Scale down what limits in sharp conflict ask for: all closing speeds shrink with it, and none may grow."""
        most, length = hypot(self.max_speed_m_s, self.max_climb_m_s), _length(velocity)
        if length <= most:
            return velocity
        scale = most / length
        return velocity[0] * scale, velocity[1] * scale, velocity[2] * scale

    def _rows(self, approaches: Sequence[Approach], speed_m_s: float) -> NDArray[np.float64]:
        """Return (N + 2, 4): normals and greatest closing speeds at a whole speed; limits of climb and descent."""
        return np.array(
            [(*limit.normal, self.allowed_speed_m_s(limit.distance_m, speed_m_s, age)) for limit, age, _ in approaches]
            + [(0.0, 0.0, 1.0, self.max_climb_m_s), (0.0, 0.0, -1.0, self.max_descent_m_s)]
        )

    def _project(self, target: Vec3, approaches: Sequence[Approach], speed_m_s: float) -> Vec3:
        """Return the nearest velocity that every limit allows, for a whole speed of at most `speed_m_s`."""
        rows, wanted = self._rows(approaches, speed_m_s), np.array(target)
        feasible, e, n, u = project(wanted, rows)
        if feasible:
            return e, n, u
        for relaxed in RELAXATION:
            for i, (limit, _, _) in enumerate(approaches):
                if limit.kind in relaxed:
                    rows[i, 3] = max(0.0, rows[i, 3])
            feasible, e, n, u = project(wanted, rows)
            if feasible:
                return e, n, u
        return 0.0, 0.0, 0.0

    def speed_cap_m_s(self, approach: Approach) -> float:
        """Return the greatest whole speed to ask for while the aircraft still closes on a limit as fast as it does.

        The acceleration is shared by all directions. Speed that is gained along a wall while the approach to it has not
        ended yet lengthens the stop, and is braking that the approach does not get.
        """
        closing = approach.closing_m_s - CLOSING_NOISE_M_S
        if closing <= 0.0:
            return inf
        left_s = (approach.limit.distance_m - self.wind_m) / closing - self.limit_latency_s - approach.age_s
        return max(0.0, 2.0 * self.limit_brake_m_s2 * left_s)

    def _within_speed(self, wanted: Vec3, cap_m_s: float) -> Vec3:
        e, n, u = wanted
        speed = sqrt(e * e + n * n)
        most = min(self.max_speed_m_s, cap_m_s)
        scale = min(1.0, most / speed) if speed > 0.0 else 1.0
        return e * scale, n * scale, max(-self.max_descent_m_s, min(self.max_climb_m_s, u))


def _length(v: Vec3) -> float:
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
