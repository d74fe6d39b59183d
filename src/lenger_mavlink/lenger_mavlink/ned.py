"""The only place that knows NED and FRD: vectors, quaternions and yaw to and from ENU and FLU (REP-103).

World: ENU (x, y, z) = NED (y, x, -z). Body: FLU (x, y, z) = FRD (x, -y, -z). Both maps are their own inverse.
Quaternions are (w, x, y, z) and rotate body vectors into the world.
"""

from __future__ import annotations

from math import pi, remainder, sqrt

Vec3 = tuple[float, float, float]
QuatWxyz = tuple[float, float, float, float]

_R = sqrt(0.5)


def ned_to_enu(v: Vec3) -> Vec3:
    """Return a world vector in ENU."""
    return (v[1], v[0], -v[2])


def enu_to_ned(v: Vec3) -> Vec3:
    """Return a world vector in NED."""
    return (v[1], v[0], -v[2])


def frd_to_flu(v: Vec3) -> Vec3:
    """Return a body vector in FLU."""
    return (v[0], -v[1], -v[2])


def flu_to_frd(v: Vec3) -> Vec3:
    """Return a body vector in FRD."""
    return (v[0], -v[1], -v[2])


def quat_ned_to_enu(q: QuatWxyz) -> QuatWxyz:
    """Return the FLU-to-ENU quaternion of an FRD-to-NED one.

    q_enu = q_n * q * q_b with q_n = (0, 1, 1, 0) / sqrt 2 (NED to ENU: half a turn about the north-east diagonal) and
    q_b = (0, 1, 0, 0) (FLU to FRD: half a turn about the nose), multiplied out; w is made non-negative.
    """
    w, x, y, z = q
    out = (_R * (w + z), _R * (x + y), _R * (x - y), _R * (w - z))
    return out if out[0] >= 0.0 else (-out[0], -out[1], -out[2], -out[3])


def quat_enu_to_ned(q: QuatWxyz) -> QuatWxyz:
    """Return the FRD-to-NED quaternion of an FLU-to-ENU one; the same map is its own inverse."""
    w, x, y, z = q
    out = (_R * (w + z), _R * (x + y), _R * (x - y), _R * (w - z))
    return out if out[0] >= 0.0 else (-out[0], -out[1], -out[2], -out[3])


def yaw_ned_to_enu(yaw_ned_rad: float) -> float:
    """Return yaw with 0 = east, counter-clockwise, in (-pi, pi], of yaw with 0 = north, clockwise."""
    return remainder(pi / 2.0 - yaw_ned_rad, 2.0 * pi)


def yaw_enu_to_ned(yaw_enu_rad: float) -> float:
    """Return yaw with 0 = north, clockwise, in (-pi, pi], of yaw with 0 = east, counter-clockwise."""
    return remainder(pi / 2.0 - yaw_enu_rad, 2.0 * pi)
