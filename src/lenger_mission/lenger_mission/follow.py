"""Path following: a position on a leg becomes an earth-frame velocity and a heading.

Along the track the speed of the route's profile, looked up ahead by the vehicle's response time; across it a
proportional correction of limited speed, with a slow integral that learns a steady drift; vertically the slope of the
profile plus a proportional correction. The command itself changes no faster than the vehicle can, which rounds the
corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, nan, sqrt

from lenger_core.frames import wrap_pi
from lenger_core.samples import Vec3
from lenger_mission.route import Route


@dataclass(frozen=True)
class Tuning:
    """Gains and limits of the follower."""

    latency_s: float
    accel_m_s2: float
    vertical_accel_m_s2: float
    cross_track_gain_1_s: float
    height_gain_1_s: float
    correction_m_s: float
    yaw_rate_rad_s: float
    stop_radius_m: float
    stop_speed_m_s: float = 0.5
    drift_gain_1_s2: float = 0.06
    drift_limit_m_s: float = 1.5
    drift_within_m: float = 5.0
    """The integral works only this close to the track, so that corners do not wind it up."""


@dataclass(frozen=True)
class Tracking:
    """Where the vehicle is on a leg.

    Attributes:
        along_m: distance flown along the leg.
        left_m: distance to its end along the track, negative beyond it.
        cross_track_m: distance off the track, positive to the left.
        distance_m: horizontal distance to the end.
        height_error_m: wanted height minus the vehicle's.
    """

    along_m: float
    left_m: float
    cross_track_m: float
    distance_m: float
    height_error_m: float


@dataclass(frozen=True)
class Order:
    """What to command: velocity east, north, up and heading (0 = east, counter-clockwise; NaN: keep)."""

    velocity_enu_m_s: Vec3
    yaw_enu_rad: float


class Follower:
    """Follows the legs of a route; keeps only the last command, to change it smoothly.

    Args:
        route: the legs.
        tuning: gains and limits.
    """

    def __init__(self, route: Route, tuning: Tuning) -> None:
        self.route = route
        self.tuning = tuning
        self._velocity: Vec3 = (0.0, 0.0, 0.0)
        self._yaw = nan
        self._drift: tuple[float, float] = (0.0, 0.0)

    def restart(self, velocity_enu_m_s: Vec3, yaw_enu_rad: float) -> None:
        """Start from the vehicle's motion, after somebody else flew it."""
        self._velocity = velocity_enu_m_s
        self._yaw = yaw_enu_rad

    def track(self, index: int, east_m: float, north_m: float, alt_amsl_m: float) -> Tracking:
        """Return where a position is on a leg."""
        leg = self.route.legs[index]
        de, dn = east_m - leg.start[0], north_m - leg.start[1]
        along = de * leg.along[0] + dn * leg.along[1]
        cross = dn * leg.along[0] - de * leg.along[1]
        height, _ = self.route.profile(index).height(along)
        distance = hypot(east_m - leg.end[0], north_m - leg.end[1])
        return Tracking(along, leg.length_m - along, cross, distance, height - alt_amsl_m)

    def passed(self, index: int, tracking: Tracking, speed_m_s: float) -> bool:
        """Return whether the leg's end counts as reached, so that the next leg (or the stop) begins."""
        leg, turn = self.route.legs[index], self.route.turn(index)
        if turn.speed_m_s == 0.0:
            return tracking.distance_m <= self.tuning.stop_radius_m and speed_m_s <= self.tuning.stop_speed_m_s
        lead = max(turn.lead_m + speed_m_s * self.tuning.latency_s, 0.5)
        return tracking.distance_m <= leg.acceptance_m and tracking.left_m <= lead

    def fly(self, index: int, tracking: Tracking, speed_m_s: float, dt_s: float) -> Order:
        """Return the order for a leg.

        Args:
            index: of the leg.
            tracking: from `track`.
            speed_m_s: the vehicle's horizontal speed.
            dt_s: time since the last order.
        """
        leg, profile, tuning = self.route.legs[index], self.route.profile(index), self.tuning
        ahead = tracking.along_m + max(speed_m_s, 0.0) * tuning.latency_s
        speed = profile.speed(ahead)
        if self.route.turn(index).speed_m_s == 0.0:
            # The profile ends at standstill, and the vehicle answers late: creep over the last bit, from either side.
            speed = max(speed if tracking.left_m > 0 else 0.0, min(1.0, 0.6 * abs(tracking.left_m)))
        speed *= _share(abs(tracking.cross_track_m), 5.0, 25.0) * _share(tracking.height_error_m, 5.0, 20.0)
        speed = speed if tracking.left_m > 0 else -min(speed, 1.0, 0.6 * -tracking.left_m)
        side = _clamp(-tuning.cross_track_gain_1_s * tracking.cross_track_m, tuning.correction_m_s)
        _, slope = profile.height(ahead)
        up = slope * speed + tuning.height_gain_1_s * tracking.height_error_m
        stopping = tracking.left_m if speed < 1.0 and abs(tracking.left_m) < self.tuning.drift_within_m else 0.0
        self._learn(stopping, -tracking.cross_track_m, leg.along, dt_s)
        east = speed * leg.along[0] - side * leg.along[1] + self._drift[0]
        north = speed * leg.along[1] + side * leg.along[0] + self._drift[1]
        heading = atan2(leg.along[1], leg.along[0]) if leg.length_m > 1.0 else self._yaw
        return self._smooth((east, north, up), leg.along, heading, dt_s)

    def stay(self, index: int, tracking: Tracking, east_m: float, north_m: float, dt_s: float) -> Order:
        """Return the order for stopping at the end of a leg."""
        leg, gain = self.route.legs[index], self.tuning.cross_track_gain_1_s
        self._learn(leg.end[0] - east_m, leg.end[1] - north_m, (1.0, 0.0), dt_s)
        east, north = gain * (leg.end[0] - east_m), gain * (leg.end[1] - north_m)
        scale = min(1.0, 1.5 / max(hypot(east, north), 1e-9))
        east, north = east * scale + self._drift[0], north * scale + self._drift[1]
        return self._smooth((east, north, self.tuning.height_gain_1_s * tracking.height_error_m), leg.along, nan, dt_s)

    def _learn(self, ahead_m: float, left_m: float, along: tuple[float, float], dt_s: float) -> None:
        """Integrate the position error, given along and to the left of a direction, into the drift correction."""
        if hypot(ahead_m, left_m) > self.tuning.drift_within_m:
            return
        gain = self.tuning.drift_gain_1_s2 * dt_s
        east = self._drift[0] + gain * (ahead_m * along[0] - left_m * along[1])
        north = self._drift[1] + gain * (ahead_m * along[1] + left_m * along[0])
        scale = min(1.0, self.tuning.drift_limit_m_s / max(hypot(east, north), 1e-9))
        self._drift = (east * scale, north * scale)

    def _smooth(self, wanted: Vec3, along: tuple[float, float], heading: float, dt: float) -> Order:
        limits = self.route.limits
        up_wanted = min(max(wanted[2], -limits.descent_m_s), limits.climb_m_s)
        de, dn = wanted[0] - self._velocity[0], wanted[1] - self._velocity[1]
        # After a corner the sideways speed goes first, the run-up along the new leg gets what is left of the
        # acceleration.
        budget = self.tuning.accel_m_s2 * dt
        left = _clamp(dn * along[0] - de * along[1], budget)
        ahead = _clamp(de * along[0] + dn * along[1], sqrt(max(budget * budget - left * left, 0.0)))
        de, dn = ahead * along[0] - left * along[1], ahead * along[1] + left * along[0]
        du = _clamp(up_wanted - self._velocity[2], self.tuning.vertical_accel_m_s2 * dt)
        self._velocity = (self._velocity[0] + de, self._velocity[1] + dn, self._velocity[2] + du)
        if heading == heading:
            before = heading if self._yaw != self._yaw else self._yaw
            self._yaw = wrap_pi(before + _clamp(wrap_pi(heading - before), self.tuning.yaw_rate_rad_s * dt))
        return Order(self._velocity, self._yaw)


def _clamp(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _share(value: float, full: float, none: float) -> float:
    """Return 1 up to `full`, 0 from `none`, linear between: slow down while far off the track or below it."""
    return min(1.0, max(0.0, (none - value) / (none - full)))
