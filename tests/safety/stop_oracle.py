"""A slow reference of the way of a stop: the braking integrated in small steps."""

from __future__ import annotations

from math import ceil, copysign, hypot, isfinite

from lenger_core.samples import Vec3
from lenger_safety.estimate import Estimate
from lenger_safety.prediction import Response

STEP_S = 5e-4


def end_of_stop(estimate: Estimate, response: Response, acceleration: Vec3, wind: tuple[float, float]) -> Vec3:
    """Return where a stop that is ordered now comes to its end, the drift after it included."""
    east, north, up = estimate.velocity_m_s
    speed = hypot(east, north)
    a_e, a_n, a_u = (a if isfinite(a) else 0.0 for a in acceleration)
    along = (a_e * east + a_n * north) / speed if speed > 1e-9 else 0.0
    begun = min(max(-along, 0.0) / response.brake_m_s2, 1.0) if response.under_way else 0.0
    latency = response.latency_s * (1.0 - begun) + estimate.age_s
    level, fastest = _axis(speed, max(along, 0.0), latency, response.carry_s, response.brake_m_s2)
    v_latency = response.vertical_latency_s + estimate.age_s
    climbs = abs(a_u) if a_u * up > 0.0 else 0.0
    vertical, _ = _axis(abs(up), climbs, v_latency, response.carry_s, response.vertical_brake_m_s2)
    blows = hypot(*wind)
    creep = (1.0 - begun) * response.creep_s * min(blows, fastest) / blows if blows > 0.0 else 0.0
    e, n, u = estimate.position_m
    way_e, way_n = (level * east / speed, level * north / speed) if speed > 1e-9 else (0.0, 0.0)
    return e + way_e + creep * wind[0], n + way_n + creep * wind[1], u + copysign(vertical, up)


def _axis(speed: float, push: float, latency_s: float, carry_s: float, brake: float) -> tuple[float, float]:
    """Return the way and the greatest speed: speed gained evenly over the latency, then constant braking."""
    gain = push * min(0.5 * latency_s, carry_s)
    way, v = (speed + 0.5 * gain) * latency_s, speed + gain
    fastest = v
    steps = ceil(v / brake / STEP_S)
    for _ in range(steps):
        before, v = v, v - fastest / steps
        way += 0.5 * (before + v) * fastest / brake / steps
    return way, fastest
