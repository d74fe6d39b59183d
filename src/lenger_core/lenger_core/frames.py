"""Rotations: quaternions (w, x, y, z) that take body FLU vectors to world ENU vectors (REP-103). NED lives
elsewhere."""

from __future__ import annotations

from math import asin, atan2, copysign, cos, pi, sin

from lenger_core.samples import QuatWxyz, Vec3


def wrap_pi(angle_rad: float) -> float:
    """Return the angle in (-pi, pi]."""
    wrapped = (angle_rad + pi) % (2.0 * pi) - pi
    return pi if wrapped == -pi else wrapped


def quat_multiply(a: QuatWxyz, b: QuatWxyz) -> QuatWxyz:
    """Return the Hamilton product a b (apply b, then a)."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def quat_conjugate(q: QuatWxyz) -> QuatWxyz:
    """Return the inverse rotation of a unit quaternion."""
    w, x, y, z = q
    return w, -x, -y, -z


def quat_rotate(q: QuatWxyz, v: Vec3) -> Vec3:
    """Return the body vector `v` in the world."""
    w, x, y, z = q
    vx, vy, vz = v
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx


def quat_rotate_inverse(q: QuatWxyz, v: Vec3) -> Vec3:
    """Return the world vector `v` in the body."""
    return quat_rotate(quat_conjugate(q), v)


def quat_from_euler(roll_rad: float, pitch_rad: float, yaw_rad: float) -> QuatWxyz:
    """Return the quaternion of intrinsic z-y-x angles (FLU in ENU: positive pitch is nose down, yaw 0 is east)."""
    cr, sr = cos(roll_rad / 2), sin(roll_rad / 2)
    cp, sp = cos(pitch_rad / 2), sin(pitch_rad / 2)
    cy, sy = cos(yaw_rad / 2), sin(yaw_rad / 2)
    return (
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )


def euler_from_quat(q: QuatWxyz) -> Vec3:
    """Return (roll, pitch, yaw) in rad, intrinsic z-y-x; pitch is clamped to +-pi/2."""
    w, x, y, z = q
    sin_pitch = 2.0 * (w * y - z * x)
    pitch = copysign(pi / 2, sin_pitch) if abs(sin_pitch) >= 1.0 else asin(sin_pitch)
    return atan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y)), pitch, yaw_of(q)


def yaw_of(q: QuatWxyz) -> float:
    """Return the heading in rad, 0 = east, counter-clockwise."""
    w, x, y, z = q
    return atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def quat_from_yaw(yaw_rad: float) -> QuatWxyz:
    """Return the level attitude with this heading."""
    return cos(yaw_rad / 2), 0.0, 0.0, sin(yaw_rad / 2)
