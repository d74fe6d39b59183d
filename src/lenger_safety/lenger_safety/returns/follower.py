"""Flies a way: along its legs, slower at corners and where it is steep, to a stop above its end."""

from __future__ import annotations

from collections.abc import Sequence
from math import acos, hypot, sqrt
from typing import Protocol

from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile

LOOK_AHEAD_S = 1.0
LEAST_LOOK_AHEAD_M = 2.0
ALONG_GAIN = 0.8
"""1/s: speed towards the end for each metre that is left."""
HEIGHT_GAIN = 0.7
"""1/s"""
LOW_M = 3.0
"""So far below the way the aircraft climbs before it flies on."""
DECELERATION = 0.5
"""Share of the profile's braking that is planned with."""
CORNER_S = 1.5
"""A corner is rounded within about this time at the speed it is taken with."""


class _Way(Protocol):
    @property
    def waypoints(self) -> tuple[Vec3, ...]:
        """The corners."""


class ReturnFollower:
    """Follows one way; keeps the leg it is on.

    Args:
        plan: the way.
        profile: the airframe.
        speed_m_s: greatest speed over the ground; None: the profile's cruise speed.
    """

    def __init__(self, plan: _Way, profile: VehicleProfile, speed_m_s: float | None = None) -> None:
        self._points = plan.waypoints
        self._profile = profile
        self._speed = min(speed_m_s or profile.cruise_speed_m_s, profile.max_speed_m_s)
        self._leg = 0

    def velocity(self, position_m: Vec3, velocity_m_s: Vec3, dt_s: float) -> Vec3:
        """Return the velocity to ask for, m/s ENU.

        Args:
            position_m, velocity_m_s: in the guard's frame.
            dt_s: time between two calls; the way is looked at where it will be by then.
        """
        points = self._points
        here = tuple(p + v * dt_s for p, v in zip(position_m, velocity_m_s, strict=True))
        done = self._advance(here)
        ahead = max(LEAST_LOOK_AHEAD_M, LOOK_AHEAD_S * hypot(velocity_m_s[0], velocity_m_s[1]))
        target = self._at(done + ahead)
        aim_e, aim_n = target[0] - here[0], target[1] - here[1]
        distance = hypot(aim_e, aim_n)
        climb = self._climb(target[2] if distance > 1.0 else points[-1][2], here[2])
        left = self._left(here)
        speed = min(self._speed, self._corner_speed(here), ALONG_GAIN * left, self._steep(target, here, distance))
        if self._at(done)[2] - here[2] > LOW_M:
            speed = 0.0
        if distance < 1e-6:
            return 0.0, 0.0, climb
        return aim_e / distance * speed, aim_n / distance * speed, climb

    def _advance(self, here: Sequence[float]) -> float:
        """Move on to the leg that the aircraft is on; return how far along it is."""
        while self._leg < len(self._points) - 2:
            a, b = self._points[self._leg], self._points[self._leg + 1]
            length = hypot(b[0] - a[0], b[1] - a[1])
            off = hypot(b[0] - here[0], b[1] - here[1])
            high = abs(b[2] - here[2])
            if (self._along(here) < length - 0.5 and off > 2.0) or (length < 1.0 and high > LOW_M):
                break
            self._leg += 1
        return self._along(here)

    def _along(self, here: Sequence[float]) -> float:
        """Return metres along the present leg, within it."""
        if len(self._points) < 2:
            return 0.0
        a, b = self._points[self._leg], self._points[self._leg + 1]
        e, n = b[0] - a[0], b[1] - a[1]
        length = hypot(e, n)
        if length < 1e-9:
            return 0.0
        return min(length, max(0.0, ((here[0] - a[0]) * e + (here[1] - a[1]) * n) / length))

    def _at(self, along_m: float) -> Vec3:
        """Return the point of the present leg so far along; beyond its end, the end: corners are not cut."""
        if len(self._points) < 2:
            return self._points[-1]
        a, b = self._points[self._leg], self._points[self._leg + 1]
        length = hypot(b[0] - a[0], b[1] - a[1])
        share = min(1.0, along_m / length) if length > 1e-9 else 1.0
        e, n, u = (p + share * (q - p) for p, q in zip(a, b, strict=True))
        return e, n, u

    def _left(self, here: Sequence[float]) -> float:
        """Return horizontal metres to the end of the whole way."""
        corner = self._points[min(self._leg + 1, len(self._points) - 1)]
        left = hypot(corner[0] - here[0], corner[1] - here[1])
        for a, b in zip(self._points[self._leg + 1 :], self._points[self._leg + 2 :], strict=False):
            left += hypot(b[0] - a[0], b[1] - a[1])
        return left

    def _corner_speed(self, here: Sequence[float]) -> float:
        """Return the speed from which the next corner is reached slow enough to turn in."""
        k = self._leg
        if k + 2 >= len(self._points):
            return self._speed
        a, b, c = self._points[k : k + 3]
        one, two = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
        lengths = hypot(*one) * hypot(*two)
        brake = DECELERATION * self._profile.max_brake_m_s2
        if lengths < 1e-9:
            turn_speed = 0.5
        else:
            cosine = max(-1.0, min(1.0, (one[0] * two[0] + one[1] * two[1]) / lengths))
            turn = acos(cosine)
            turn_speed = self._speed if turn < 0.05 else max(0.5, min(self._speed, brake * CORNER_S / turn))
        left = hypot(b[0] - here[0], b[1] - here[1])
        return sqrt(turn_speed**2 + 2.0 * brake * left * 0.8)

    def _climb(self, wished_m: float, now_m: float) -> float:
        up = HEIGHT_GAIN * (wished_m - now_m)
        return max(-self._profile.max_descent_m_s, min(self._profile.max_climb_m_s, up))

    def _steep(self, target: Vec3, here: Sequence[float], distance: float) -> float:
        """Return the speed at which the height of the way is kept with it."""
        rise = target[2] - here[2]
        if distance < 1e-6 or abs(rise) < 1e-6:
            return self._speed
        rate = self._profile.max_climb_m_s if rise > 0.0 else self._profile.max_descent_m_s
        return max(0.3, rate * distance / abs(rise)) if abs(rise) > 1.0 else self._speed
