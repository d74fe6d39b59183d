"""Codecs of the mavros/* topics, as MAVROS 2.x publishes them: ENU and FLU, ellipsoid heights, its field conventions.

Where MAVROS is known to be wrong (a twist sign, a magnetometer scale) the endpoint of Lenger publishes the right value and these
codecs read only fields that are right in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, isfinite, nan, radians, sin, sqrt
from typing import Any

import numpy as np

from lenger_core import samples as s
from lenger_core.frames import quat_rotate
from lenger_core.geoid import undulation_m
from lenger_core.wire_own import odometry_msg
from lenger_core.wire_types import (
    TypeFactory,
    header,
    point_msg,
    quaternion,
    quaternion_msg,
    stamp_ns,
    vector,
    vector_msg,
)

MASK_VELOCITY_YAW = 2503
"""type_mask that uses velocity and yaw; 1024 more ignores the yaw too."""
MASK_IGNORE_YAW = 1024
FRAME_LOCAL_NED = 1

_U16_UNKNOWN = 65535
_ZERO9 = np.zeros(9)
_UNKNOWN9 = np.array([-1.0, *([0.0] * 8)])
_ZERO36 = np.zeros(36)


@dataclass(frozen=True)
class Codec:
    """One message type and its conversion both ways."""

    ros_type: str
    record: type
    encode: Callable[[TypeFactory, Any], Any]
    decode: Callable[[Any], Any]


def _encode_state(types: TypeFactory, r: s.FcuState) -> Any:
    return types("mavros_msgs/msg/State")(
        header=header(types, r.t_ns),
        connected=r.connected,
        armed=r.armed,
        guided=r.guided,
        manual_input=r.manual_input,
        mode=r.mode,
        system_status=int(r.system_status),
    )


def _decode_state(m: Any) -> s.FcuState:
    return s.FcuState(
        stamp_ns(m), bool(m.connected), bool(m.armed), bool(m.guided), bool(m.manual_input), str(m.mode), int(m.system_status)
    )


def _encode_extended(types: TypeFactory, r: s.ExtendedState) -> Any:
    return types("mavros_msgs/msg/ExtendedState")(
        header=header(types, r.t_ns), vtol_state=0, landed_state=int(r.landed_state)
    )


def _encode_sys_status(types: TypeFactory, r: s.SysStatus) -> Any:
    return types("mavros_msgs/msg/SysStatus")(
        header=header(types, r.t_ns),
        sensors_present=int(r.present),
        sensors_enabled=int(r.enabled),
        sensors_health=int(r.health),
        load=round(r.load * 1000),
        voltage_battery=_U16_UNKNOWN,
        current_battery=-1,
        battery_remaining=-1,
        drop_rate_comm=0,
        errors_comm=0,
        errors_count1=0,
        errors_count2=0,
        errors_count3=0,
        errors_count4=0,
    )


def _decode_sys_status(m: Any) -> s.SysStatus:
    return s.SysStatus(
        stamp_ns(m), int(m.sensors_present), int(m.sensors_enabled), int(m.sensors_health), float(m.load) / 1000.0
    )


def _imu_msg(types: TypeFactory, t_ns: int, quat: s.QuatWxyz, quat_cov: Any, gyro: s.Vec3, accel: s.Vec3) -> Any:
    return types("sensor_msgs/msg/Imu")(
        header=header(types, t_ns, "base_link"),
        orientation=quaternion_msg(types, quat),
        orientation_covariance=quat_cov,
        angular_velocity=vector_msg(types, gyro),
        angular_velocity_covariance=_ZERO9,
        linear_acceleration=vector_msg(types, accel),
        linear_acceleration_covariance=_ZERO9,
    )


def _encode_imu_raw(types: TypeFactory, r: s.ImuSample) -> Any:
    return _imu_msg(types, r.t_ns, s.IDENTITY, _UNKNOWN9, r.gyro_rad_s, r.accel_m_s2)


def _decode_imu_raw(m: Any) -> s.ImuSample:
    return s.ImuSample(stamp_ns(m), vector(m.angular_velocity), vector(m.linear_acceleration))


def _encode_imu(types: TypeFactory, r: s.AttitudeSample) -> Any:
    return _imu_msg(types, r.t_ns, r.quat_wxyz, _ZERO9, r.gyro_rad_s, r.accel_m_s2)


def _decode_imu(m: Any) -> s.AttitudeSample:
    return s.AttitudeSample(
        stamp_ns(m), quaternion(m.orientation), vector(m.angular_velocity), vector(m.linear_acceleration)
    )


def _encode_mag(types: TypeFactory, r: s.MagSample) -> Any:
    return types("sensor_msgs/msg/MagneticField")(
        header=header(types, r.t_ns, "base_link"),
        magnetic_field=vector_msg(types, r.field_t),
        magnetic_field_covariance=_ZERO9,
    )


def _encode_pressure(types: TypeFactory, r: s.PressureSample) -> Any:
    return types("sensor_msgs/msg/FluidPressure")(
        header=header(types, r.t_ns, "base_link"), fluid_pressure=float(r.pressure_pa), variance=0.0
    )


def _navsat(types: TypeFactory, t_ns: int, position: s.Vec3, accuracy: tuple[float, float], fixed: bool) -> Any:
    lat, lon, alt_ellipsoid = position
    h_var, v_var = accuracy[0] ** 2, accuracy[1] ** 2
    known = isfinite(h_var) and isfinite(v_var)
    diagonal = [h_var, h_var, v_var] if known else [0.0, 0.0, 0.0]
    return types("sensor_msgs/msg/NavSatFix")(
        header=header(types, t_ns, "base_link"),
        status=types("sensor_msgs/msg/NavSatStatus")(status=0 if fixed else -1, service=1),
        latitude=float(lat),
        longitude=float(lon),
        altitude=float(alt_ellipsoid),
        position_covariance=np.diag(diagonal).ravel(),
        position_covariance_type=2 if known else 0,
    )


def _navsat_accuracy(m: Any) -> tuple[float, float]:
    if int(m.position_covariance_type) == 0:
        return nan, nan
    return sqrt(abs(float(m.position_covariance[0]))), sqrt(abs(float(m.position_covariance[8])))


def _encode_raw_fix(types: TypeFactory, r: s.GnssFix) -> Any:
    return _navsat(types, r.t_ns, (r.lat_deg, r.lon_deg, r.alt_ellipsoid_m), (r.h_acc_m, r.v_acc_m), r.fix_type >= 2)


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


def _encode_gps_raw(types: TypeFactory, r: s.GnssFix) -> Any:
    moving = isfinite(r.vel_e_m_s) and isfinite(r.vel_n_m_s)
    course = round(degrees(atan2(r.vel_e_m_s, r.vel_n_m_s)) % 360.0 * 100.0) % 36000 if moving else _U16_UNKNOWN
    u32 = 2**32 - 1
    return types("mavros_msgs/msg/GPSRAW")(
        header=header(types, r.t_ns),
        fix_type=int(r.fix_type),
        lat=round(r.lat_deg * 1e7),
        lon=round(r.lon_deg * 1e7),
        alt=round(r.alt_amsl_m * 1e3),
        eph=_U16_UNKNOWN,
        epv=_U16_UNKNOWN,
        vel=_scaled(hypot(r.vel_e_m_s, r.vel_n_m_s), 100.0, 65534, _U16_UNKNOWN),
        cog=course,
        satellites_visible=int(r.satellites),
        alt_ellipsoid=round(r.alt_ellipsoid_m * 1e3),
        h_acc=_scaled(r.h_acc_m, 1e3, u32, 0),
        v_acc=_scaled(r.v_acc_m, 1e3, u32, 0),
        vel_acc=_scaled(r.s_acc_m_s, 1e3, u32, 0),
        hdg_acc=0,
        yaw=0,
        dgps_numch=0,
        dgps_age=0,
    )


def _decode_gps_raw(m: Any) -> s.GnssFix:
    known = m.vel != _U16_UNKNOWN and m.cog != _U16_UNKNOWN
    speed, course = float(m.vel) / 100.0, radians(float(m.cog) / 100.0)
    accuracy = [float(a) / 1e3 if a else nan for a in (m.h_acc, m.v_acc, m.vel_acc)]
    return s.GnssFix(
        stamp_ns(m), m.lat / 1e7, m.lon / 1e7, m.alt / 1e3, m.alt_ellipsoid / 1e3,
        speed * sin(course) if known else nan, speed * cos(course) if known else nan,
        int(m.fix_type), int(m.satellites_visible), *accuracy,
    )  # fmt: skip


def _encode_global(types: TypeFactory, r: s.FcuGlobal) -> Any:
    return _navsat(types, r.t_ns, (r.lat_deg, r.lon_deg, r.alt_ellipsoid_m), (r.h_acc_m, r.v_acc_m), True)


def _decode_global(m: Any) -> s.FcuGlobal:
    lat, lon, ellipsoid = float(m.latitude), float(m.longitude), float(m.altitude)
    return s.FcuGlobal(stamp_ns(m), lat, lon, _amsl(lat, lon, ellipsoid), ellipsoid, *_navsat_accuracy(m))


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
    ellipsoid = r.alt_amsl_m + undulation_m(r.lat_deg, r.lon_deg)
    return types("mavros_msgs/msg/HomePosition")(
        header=header(types, r.t_ns),
        geo=types("geographic_msgs/msg/GeoPoint")(
            latitude=float(r.lat_deg), longitude=float(r.lon_deg), altitude=float(ellipsoid)
        ),
        position=point_msg(types, (0.0, 0.0, 0.0)),
        orientation=quaternion_msg(types, s.IDENTITY),
        approach=vector_msg(types, (0.0, 0.0, 0.0)),
    )


def _decode_home(m: Any) -> s.FcuHome:
    lat, lon = float(m.geo.latitude), float(m.geo.longitude)
    return s.FcuHome(stamp_ns(m), lat, lon, _amsl(lat, lon, float(m.geo.altitude)))


def _encode_battery(types: TypeFactory, r: s.BatterySample) -> Any:
    empty = np.zeros(0, dtype=np.float32)
    return types("sensor_msgs/msg/BatteryState")(
        header=header(types, r.t_ns),
        voltage=float(r.voltage_v),
        temperature=nan,
        current=float(r.current_a),
        charge=nan,
        capacity=nan,
        design_capacity=nan,
        percentage=float(r.remaining),
        power_supply_status=2,
        power_supply_health=0,
        power_supply_technology=3,
        present=True,
        cell_voltage=empty,
        cell_temperature=empty,
        location="id0",
        serial_number="",
    )


def _encode_statustext(types: TypeFactory, r: s.StatusText) -> Any:
    return types("mavros_msgs/msg/StatusText")(header=header(types, r.t_ns), severity=int(r.severity), text=str(r.text))


def _encode_velocity_setpoint(types: TypeFactory, r: s.VelocitySetpoint) -> Any:
    yaw_known = isfinite(r.yaw_enu_rad)
    zero = (0.0, 0.0, 0.0)
    return types("mavros_msgs/msg/PositionTarget")(
        header=header(types, r.t_ns, "map"),
        coordinate_frame=FRAME_LOCAL_NED,
        type_mask=MASK_VELOCITY_YAW if yaw_known else MASK_VELOCITY_YAW | MASK_IGNORE_YAW,
        position=point_msg(types, zero),
        velocity=vector_msg(types, r.velocity_enu_m_s),
        acceleration_or_force=vector_msg(types, zero),
        yaw=float(r.yaw_enu_rad) if yaw_known else 0.0,
        yaw_rate=0.0,
    )


def _decode_velocity_setpoint(m: Any) -> s.VelocitySetpoint:
    yaw = nan if int(m.type_mask) & MASK_IGNORE_YAW else float(m.yaw)
    return s.VelocitySetpoint(stamp_ns(m), vector(m.velocity), yaw)


STATE = Codec("mavros_msgs/msg/State", s.FcuState, _encode_state, _decode_state)
EXTENDED_STATE = Codec(
    "mavros_msgs/msg/ExtendedState",
    s.ExtendedState,
    _encode_extended,
    lambda m: s.ExtendedState(stamp_ns(m), int(m.landed_state)),
)
SYS_STATUS = Codec("mavros_msgs/msg/SysStatus", s.SysStatus, _encode_sys_status, _decode_sys_status)
IMU_RAW = Codec("sensor_msgs/msg/Imu", s.ImuSample, _encode_imu_raw, _decode_imu_raw)
IMU = Codec("sensor_msgs/msg/Imu", s.AttitudeSample, _encode_imu, _decode_imu)
MAG = Codec(
    "sensor_msgs/msg/MagneticField", s.MagSample, _encode_mag, lambda m: s.MagSample(stamp_ns(m), vector(m.magnetic_field))
)
PRESSURE = Codec(
    "sensor_msgs/msg/FluidPressure",
    s.PressureSample,
    _encode_pressure,
    lambda m: s.PressureSample(stamp_ns(m), float(m.fluid_pressure)),
)
RAW_FIX = Codec("sensor_msgs/msg/NavSatFix", s.GnssFix, _encode_raw_fix, _decode_raw_fix)
RAW_VELOCITY = Codec("geometry_msgs/msg/TwistStamped", s.GnssFix, _encode_raw_velocity, _decode_raw_velocity)
GPS_RAW = Codec("mavros_msgs/msg/GPSRAW", s.GnssFix, _encode_gps_raw, _decode_gps_raw)
GLOBAL = Codec("sensor_msgs/msg/NavSatFix", s.FcuGlobal, _encode_global, _decode_global)
LOCAL = Codec("nav_msgs/msg/Odometry", s.FcuLocal, _encode_local, _decode_local)
HOME = Codec("mavros_msgs/msg/HomePosition", s.FcuHome, _encode_home, _decode_home)
BATTERY = Codec(
    "sensor_msgs/msg/BatteryState",
    s.BatterySample,
    _encode_battery,
    lambda m: s.BatterySample(stamp_ns(m), float(m.voltage), float(m.current), float(m.percentage)),
)
STATUSTEXT = Codec(
    "mavros_msgs/msg/StatusText",
    s.StatusText,
    _encode_statustext,
    lambda m: s.StatusText(stamp_ns(m), int(m.severity), str(m.text)),
)
VELOCITY_SETPOINT = Codec(
    "mavros_msgs/msg/PositionTarget", s.VelocitySetpoint, _encode_velocity_setpoint, _decode_velocity_setpoint
)
