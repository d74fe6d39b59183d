"""Codecs of MAVROS topics with positions: fixes, the autopilot's estimates, home. Heights on the wire are ellipsoid."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, isfinite, nan, radians, sin, sqrt
from typing import Any

import numpy as np

from lenger_core import samples as s
from lenger_core.frames import quat_rotate
from lenger_core.geoid import undulation_m
from lenger_core.wire_own import odometry_msg
from lenger_core.wire_types import (
    Codec,
    TypeFactory,
    header,
    point_msg,
    quaternion,
    quaternion_msg,
    stamp_ns,
    vector,
    vector_msg,
)

_U16_UNKNOWN = 65535
_ZERO36 = np.zeros(36)


_UNKNOWN, _APPROXIMATED, _DIAGONAL_KNOWN = 0, 1, 2
"""position_covariance_type of sensor_msgs/NavSatFix."""


def _navsat(
    types: TypeFactory,
    t_ns: int,
    position: s.Vec3,
    accuracy: tuple[float, float],
    fixed: bool,
    dilution: tuple[float, float] = (nan, nan),
) -> Any:
    """Return NavSatFix; without accuracies the dilutions of precision stand in for them, metre for metre (MAVROS)."""
    lat, lon, alt_ellipsoid = position
    kind = _DIAGONAL_KNOWN
    if not (isfinite(accuracy[0]) and isfinite(accuracy[1])):
        accuracy, kind = dilution, _APPROXIMATED
    if not (isfinite(accuracy[0]) and isfinite(accuracy[1])):
        kind = _UNKNOWN
    h_var, v_var = accuracy[0] ** 2, accuracy[1] ** 2
    diagonal = [h_var, h_var, v_var] if kind != _UNKNOWN else [-1.0, 0.0, 0.0]
    return types("sensor_msgs/msg/NavSatFix")(
        header=header(types, t_ns, "base_link"),
        status=types("sensor_msgs/msg/NavSatStatus")(status=0 if fixed else -1, service=1),
        latitude=float(lat),
        longitude=float(lon),
        altitude=float(alt_ellipsoid),
        position_covariance=np.diag(diagonal).ravel(),
        position_covariance_type=kind,
    )


def _navsat_accuracy(m: Any) -> tuple[float, float]:
    if int(m.position_covariance_type) == 0:
        return nan, nan
    return sqrt(abs(float(m.position_covariance[0]))), sqrt(abs(float(m.position_covariance[8])))


def _encode_raw_fix(types: TypeFactory, r: s.GnssFix) -> Any:
    position, accuracy = (r.lat_deg, r.lon_deg, r.alt_ellipsoid_m), (r.h_acc_m, r.v_acc_m)
    return _navsat(types, r.t_ns, position, accuracy, r.fix_type > 2, (r.hdop, r.vdop))


def _decode_raw_fix(m: Any) -> s.GnssFix:
    """Return a fix without velocity, satellites or speed accuracy: they come with the other two topics of its stamp."""
    lat, lon, ellipsoid = float(m.latitude), float(m.longitude), float(m.altitude)
    h_acc, v_acc = _navsat_accuracy(m)
    return s.GnssFix(
        stamp_ns(m), lat, lon, _amsl(lat, lon, ellipsoid), ellipsoid, nan, nan, 3 if m.status.status >= 0 else 0, 255,
        h_acc, v_acc, nan,
    )  # fmt: skip


def _amsl(lat_deg: float, lon_deg: float, ellipsoid_m: float) -> float:
    return ellipsoid_m - undulation_m(lat_deg, lon_deg) if isfinite(lat_deg) and isfinite(lon_deg) else nan


def _encode_raw_velocity(types: TypeFactory, r: s.GnssFix) -> Any:
    return types("geometry_msgs/msg/TwistStamped")(
        header=header(types, r.t_ns, "map"),
        twist=types("geometry_msgs/msg/Twist")(
            linear=vector_msg(types, (r.vel_e_m_s, r.vel_n_m_s, 0.0)), angular=vector_msg(types, (0.0, 0.0, 0.0))
        ),
    )


def _decode_raw_velocity(m: Any) -> s.GnssFix:
    """Return a fix that holds nothing but the stamp and the horizontal velocity."""
    v = m.twist.linear
    return s.GnssFix(stamp_ns(m), nan, nan, nan, nan, float(v.x), float(v.y), 0, 255, nan, nan, nan)


def _scaled(value: float, scale: float, limit: int, unknown: int) -> int:
    return min(limit, max(0, round(value * scale))) if isfinite(value) else unknown


def _millimetres(metres: float) -> int:
    return max(-(2**31), min(2**31 - 1, round(metres * 1e3))) if isfinite(metres) else 0


def _encode_gps_raw(types: TypeFactory, r: s.GnssFix) -> Any:
    moving = isfinite(r.vel_e_m_s) and isfinite(r.vel_n_m_s)
    course = round(degrees(atan2(r.vel_e_m_s, r.vel_n_m_s)) % 360.0 * 100.0) % 36000 if moving else _U16_UNKNOWN
    u32 = 2**32 - 1
    return types("mavros_msgs/msg/GPSRAW")(
        header=header(types, r.t_ns, "/wgs84"),
        fix_type=int(r.fix_type),
        lat=round(r.lat_deg * 1e7),
        lon=round(r.lon_deg * 1e7),
        alt=_millimetres(r.alt_amsl_m),
        eph=_scaled(r.hdop, 100.0, 65534, _U16_UNKNOWN),
        epv=_scaled(r.vdop, 100.0, 65534, _U16_UNKNOWN),
        vel=_scaled(hypot(r.vel_e_m_s, r.vel_n_m_s), 100.0, 65534, _U16_UNKNOWN),
        cog=course,
        satellites_visible=int(r.satellites),
        alt_ellipsoid=_millimetres(r.alt_ellipsoid_m),
        h_acc=_scaled(r.h_acc_m, 1e3, u32, 0),
        v_acc=_scaled(r.v_acc_m, 1e3, u32, 0),
        vel_acc=_scaled(r.s_acc_m_s, 1e3, u32, 0),
        hdg_acc=_scaled(r.yaw_acc_deg, 1e5, 2**31 - 1, 0),
        yaw=(_scaled(r.yaw_deg % 360.0, 100.0, 36000, 0) or 36000) if isfinite(r.yaw_deg) else 0,
        dgps_numch=255,
        dgps_age=u32,
    )


def _decode_gps_raw(m: Any) -> s.GnssFix:
    known = m.vel != _U16_UNKNOWN and m.cog != _U16_UNKNOWN
    speed, course = float(m.vel) / 100.0, radians(float(m.cog) / 100.0)
    accuracy = [float(a) / 1e3 if a else nan for a in (m.h_acc, m.v_acc, m.vel_acc)]
    return s.GnssFix(
        stamp_ns(m), m.lat / 1e7, m.lon / 1e7, m.alt / 1e3, m.alt_ellipsoid / 1e3,
        speed * sin(course) if known else nan, speed * cos(course) if known else nan,
        int(m.fix_type), int(m.satellites_visible), accuracy[0], accuracy[1], accuracy[2],
        hdop=m.eph / 100.0 if m.eph != _U16_UNKNOWN else nan, vdop=m.epv / 100.0 if m.epv != _U16_UNKNOWN else nan,
        yaw_deg=m.yaw / 100.0 if m.yaw not in (0, _U16_UNKNOWN) else nan,
        yaw_acc_deg=m.hdg_acc / 1e5 if m.hdg_acc else nan,
    )  # fmt: skip


def _encode_global(types: TypeFactory, r: s.FcuGlobal) -> Any:
    return _navsat(types, r.t_ns, (r.lat_deg, r.lon_deg, r.alt_ellipsoid_m), (r.h_acc_m, r.v_acc_m), r.fixed)


def _decode_global(m: Any) -> s.FcuGlobal:
    lat, lon, ellipsoid = float(m.latitude), float(m.longitude), float(m.altitude)
    accuracy, fixed = _navsat_accuracy(m), int(m.status.status) >= 0
    return s.FcuGlobal(stamp_ns(m), lat, lon, _amsl(lat, lon, ellipsoid), ellipsoid, *accuracy, fixed)


def _encode_local(types: TypeFactory, r: s.FcuLocal) -> Any:
    return odometry_msg(types, r, r.position_enu_m, _ZERO36, _ZERO36)


def _decode_local(m: Any) -> s.FcuLocal:
    quat = quaternion(m.pose.pose.orientation)
    return s.FcuLocal(
        stamp_ns(m),
        vector(m.pose.pose.position),
        quat_rotate(quat, vector(m.twist.twist.linear)),
        quat,
        vector(m.twist.twist.angular),
    )


def _encode_home(types: TypeFactory, r: s.FcuHome) -> Any:
    return types("mavros_msgs/msg/HomePosition")(
        header=header(types, r.t_ns),
        geo=types("geographic_msgs/msg/GeoPoint")(
            latitude=float(r.lat_deg), longitude=float(r.lon_deg), altitude=float(r.alt_ellipsoid_m)
        ),
        position=point_msg(types, r.position_enu_m),
        orientation=quaternion_msg(types, r.surface_quat_wxyz),
        approach=vector_msg(types, r.approach_enu_m),
    )


def _decode_home(m: Any) -> s.FcuHome:
    lat, lon = float(m.geo.latitude), float(m.geo.longitude)
    return s.FcuHome(
        stamp_ns(m),
        lat,
        lon,
        _amsl(lat, lon, float(m.geo.altitude)),
        vector(m.position),
        quaternion(m.orientation),
        vector(m.approach),
        float(m.geo.altitude),
    )


RAW_FIX = Codec("sensor_msgs/msg/NavSatFix", s.GnssFix, _encode_raw_fix, _decode_raw_fix)
RAW_VELOCITY = Codec("geometry_msgs/msg/TwistStamped", s.GnssFix, _encode_raw_velocity, _decode_raw_velocity)
GPS_RAW = Codec("mavros_msgs/msg/GPSRAW", s.GnssFix, _encode_gps_raw, _decode_gps_raw)
GLOBAL = Codec("sensor_msgs/msg/NavSatFix", s.FcuGlobal, _encode_global, _decode_global)
LOCAL = Codec("nav_msgs/msg/Odometry", s.FcuLocal, _encode_local, _decode_local)
HOME = Codec("mavros_msgs/msg/HomePosition", s.FcuHome, _encode_home, _decode_home)
