"""Velocities that follow straight legs and circles, for the missions of every flavour. Pure; ENU, metres."""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, hypot, inf, pi, sqrt, tan

from lenger_core.samples import Vec3

CROSS_GAIN = 0.8
"""Metres a second towards the leg for each metre beside it."""
END_GAIN = 0.95
"""Metres a second for each metre before a stop: the position gain of the control cascade."""
_BRAKE_SHARE = 0.6
"""Share of the deceleration that is planned with; the rest is for what the reference lags behind."""


@dataclass(frozen=True, slots=True)
class LegLimits:
    """How fast a leg may be flown: level, up and down (m/s), deceleration (m/s^2), and the speed at its end."""

    speed_m_s: float
    climb_m_s: float
    descent_m_s: float
    accel_m_s2: float
    exit_m_s: float = 0.0


def leg_velocity(position: Vec3, start: Vec3, end: Vec3, limits: LegLimits) -> Vec3:
    """Return the velocity that follows the straight line from `start` to `end`.

    Along the line: as fast as the limits let both its level and its vertical part be, slowed so that the end is passed
    at `exit_m_s`. Across: proportional to the distance from the line. Who is beyond the end all the same is led back.
    """
    along = _minus(end, start)
    length = _size(along)
    unit = _scaled(along, 1.0 / length) if length > 0.1 else _towards(position, end)
    flown = _dot(_minus(position, start), unit) if length > 0.1 else 0.0
    done = min(max(flown, 0.0), length)
    left = length - done if length > 0.1 else _size(_minus(end, position))
    foot = _plus(start, _scaled(unit, done)) if length > 0.1 else position
    # At its exit speed, beyond an end that it missed, it would stand where that and the pull back cancel out.
    speed = min(_cap(unit, limits), _approach(left, limits)) if flown <= length else 0.0
    cross = _scaled(_minus(foot, position), CROSS_GAIN)
    east, north, up = _plus(_scaled(unit, speed), cross)
    level = hypot(east, north)
    share = limits.speed_m_s / level if level > limits.speed_m_s else 1.0
    return east * share, north * share, min(max(up, -limits.descent_m_s), limits.climb_m_s)


def circle_velocity(position: Vec3, centre: Vec3, radius_m: float, limits: LegLimits) -> Vec3:
    """Return the velocity that circles `centre` at its height; positive radius clockwise, as seen from above."""
    east, north = position[0] - centre[0], position[1] - centre[1]
    distance, radius = max(hypot(east, north), 1e-3), abs(radius_m)
    out = (east / distance, north / distance)
    tangent = (out[1], -out[0]) if radius_m > 0.0 else (-out[1], out[0])
    speed = min(limits.speed_m_s, sqrt(limits.accel_m_s2 * _BRAKE_SHARE * max(radius, 0.1)))
    radial = min(max(CROSS_GAIN * (radius - distance), -limits.speed_m_s), limits.speed_m_s)
    speed = sqrt(max(speed * speed - min(abs(radial), speed) ** 2, 0.0))
    climb = min(max(END_GAIN * (centre[2] - position[2]), -limits.descent_m_s), limits.climb_m_s)
    return tangent[0] * speed + out[0] * radial, tangent[1] * speed + out[1] * radial, climb


def level_distance(a: Vec3, b: Vec3) -> float:
    """Return the horizontal distance of two places."""
    return hypot(a[0] - b[0], a[1] - b[1])


def corner_speed(start: Vec3, corner: Vec3, following: Vec3, acceptance_m: float, limits: LegLimits) -> float:
    """Return the speed at which a corner may be passed within the acceptance radius.

    v = sqrt(a r tan(alpha / 2)) with alpha the angle between the legs as seen from the corner, as PX4 plans its turns;
    also no faster than a stop at `following` allows.
    """
    back, ahead = _minus(start, corner), _minus(following, corner)
    flat_back, flat_ahead = hypot(back[0], back[1]), hypot(ahead[0], ahead[1])
    if flat_back < 0.1 or flat_ahead < 0.1:
        return 0.0
    cosine = (back[0] * ahead[0] + back[1] * ahead[1]) / (flat_back * flat_ahead)
    angle = acos(min(max(cosine, -1.0), 1.0))
    turn = inf if pi - angle < 1e-3 else sqrt(limits.accel_m_s2 * acceptance_m * tan(angle / 2.0))
    return min(turn, limits.speed_m_s, _approach(flat_ahead, limits))


def _approach(left_m: float, limits: LegLimits) -> float:
    """Return the fastest speed from which the end can still be passed at its speed."""
    exit_m_s = min(limits.exit_m_s, limits.speed_m_s)
    braking = sqrt(exit_m_s * exit_m_s + 2.0 * _BRAKE_SHARE * limits.accel_m_s2 * left_m)
    return min(braking, exit_m_s + END_GAIN * left_m)


def _cap(unit: Vec3, limits: LegLimits) -> float:
    level = hypot(unit[0], unit[1])
    vertical = limits.climb_m_s if unit[2] > 0.0 else limits.descent_m_s
    return min(
        limits.speed_m_s / level if level > 1e-6 else inf,
        vertical / abs(unit[2]) if abs(unit[2]) > 1e-6 else inf,
    )


def _towards(position: Vec3, end: Vec3) -> Vec3:
    way = _minus(end, position)
    size = _size(way)
    return _scaled(way, 1.0 / size) if size > 1e-6 else (0.0, 0.0, 1.0)


def _minus(a: Vec3, b: Vec3) -> Vec3:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _plus(a: Vec3, b: Vec3) -> Vec3:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _scaled(a: Vec3, k: float) -> Vec3:
    return a[0] * k, a[1] * k, a[2] * k


def _dot(a: Vec3, b: Vec3) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _size(a: Vec3) -> float:
    return sqrt(_dot(a, a))
