"""ArduCopter's simple avoidance (libraries/AC_Avoidance/AC_Avoid.cpp) as far as fences go: it slows velocities down.

Its weak spot is kept: when it has had nothing to limit for 200 ms, the next limit starts at the velocity that is asked
for and takes AVOID_ACCEL_MAX to bring it down. Setpoints that come more slowly than that push the aircraft through.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot, sqrt

from lenger_core.samples import Vec3
from lenger_sim.copter.fence import ALT_MAX, CIRCLE, POLYGON, CopterFence
from lenger_sim.copter.flight import Flight
from lenger_sim.copter.zones import FlatCircle
from lenger_sim.guidance import PERIOD_S

FENCE_BIT = 1
"""Of AVOID_ENABLE."""
FORGET_NS = 200_000_000
LAG_S = 0.6
"""How late the aircraft follows a velocity: the distance that it flies meanwhile is not counted on."""
_MAX_ACCEL = 2.5


class Avoid:
    """Limits velocities so that the aircraft stops FENCE_MARGIN before a fence, and backs off when it is nearer."""

    def __init__(self, flight: Flight, fence: CopterFence) -> None:
        self._flight = flight
        self._fence = fence
        self._last: Vec3 = (0.0, 0.0, 0.0)
        self._limited_ns = -FORGET_NS

    def adjust(self, velocity: Vec3, now_ns: int) -> Vec3:
        """Return the velocity (ENU) that avoidance leaves of a wanted one; called every cycle."""
        if not int(self._flight.params["AVOID_ENABLE"]) & FENCE_BIT or not self._fence.enabled:
            return velocity
        limited = self._limit(velocity)
        if limited == velocity:
            return velocity
        if now_ns - self._limited_ns > FORGET_NS:
            self._last = velocity
        limited = self._soften(limited)
        self._last = limited
        if limited != velocity:
            self._limited_ns = now_ns
        return limited

    def _soften(self, velocity: Vec3) -> Vec3:
        step = self._flight.value("AVOID_ACCEL_MAX") * PERIOD_S
        change = tuple(a - b for a, b in zip(velocity, self._last, strict=True))
        size = sqrt(sum(part * part for part in change))
        if step <= 0.0 or size <= step:
            return velocity
        east, north, up = (b + part * step / size for b, part in zip(self._last, change, strict=True))
        return east, north, up

    def _limit(self, velocity: Vec3) -> Vec3:
        east, north, up = velocity
        back_east = back_north = 0.0
        speed_east, speed_north, _ = self._flight.velocity()
        for way_east, way_north in self._ways():
            distance = max(hypot(way_east, way_north), 1e-6)
            unit = (way_east / distance, way_north / distance)
            left = distance - self._fence.margin_m
            if left < -self._flight.value("AVOID_BACKUP_DZ"):
                back = min(self._most(-left), self._flight.value("AVOID_BACKUP_SPD"))
                back_east, back_north = back_east - unit[0] * back, back_north - unit[1] * back
            flown = max(speed_east * unit[0] + speed_north * unit[1], 0.0) * LAG_S
            over = east * unit[0] + north * unit[1] - self._most(left - flown)
            if over > 0.0:
                east, north = east - unit[0] * over, north - unit[1] * over
        east, north = _backed(east, back_east), _backed(north, back_north)
        return east, north, self._limit_climb(up)

    def _limit_climb(self, up: float) -> float:
        if not self._fence.enabled & ALT_MAX or up == 0.0:
            return up
        top = self._flight.value("FENCE_ALT_MAX") - self._fence.margin_m
        left = top - self._flight.height_above_home_m()
        if left <= 0.0:
            back = min(self._most(-left), self._flight.value("AVOID_BACKZ_SPD"))
            return min(up, -back) if back > 0.0 else min(up, 0.0)
        return min(up, self._most(left - max(self._flight.velocity()[2], 0.0) * LAG_S))

    def _ways(self) -> Iterator[tuple[float, float]]:
        """Yield the vectors to the edges that are to be kept away from; none of what the aircraft is outside of."""
        here, home = self._flight.position()[:2], self._flight.home
        if self._fence.enabled & CIRCLE and home is not None:
            ring = FlatCircle(home[:2], self._flight.value("FENCE_RADIUS"))
            if ring.inside(here):
                yield from ring.ways(here)
        if self._fence.enabled & POLYGON:
            zones = self._fence.zones
            for area in zones.inclusions:
                if area.inside(here):
                    yield from area.ways(here)
            for area in zones.exclusions:
                if not area.inside(here):
                    yield from area.ways(here)

    def _most(self, distance_m: float) -> float:
        """Return the speed from which the aircraft stops in a distance: ArduPilot's square-root controller."""
        if distance_m <= 0.0:
            return 0.0
        accel = min(self._flight.value("WP_ACC"), _MAX_ACCEL)
        gain = self._flight.value("PSC_NE_POS_P")
        linear = accel / (gain * gain)
        return gain * distance_m if distance_m < linear else sqrt(2.0 * accel * (distance_m - linear / 2.0))


def _backed(part: float, back: float) -> float:
    if back > 0.0:
        return max(part, back)
    return min(part, back) if back < 0.0 else part
