"""Codecs of MAVROS topics with raw inertial, magnetic and pressure measurements."""

from __future__ import annotations

from math import isfinite, radians
from typing import Any

import numpy as np

from lenger_core import samples as s
from lenger_core.wire_types import (
    Codec,
    TypeFactory,
    header,
    quaternion,
    quaternion_msg,
    stamp_ns,
    vector,
    vector_msg,
)

_UNKNOWN9 = np.array([-1.0, *([0.0] * 8)])
_ORIENTATION9 = np.diag([1.0, 1.0, 1.0]).ravel()
_RATE9 = np.diag([radians(0.02) ** 2] * 3).ravel()
_ACCEL9 = np.diag([0.0003**2] * 3).ravel()
"""Covariances that MAVROS fills in by default: its parameters' values, nothing that was measured."""


def _imu_msg(types: TypeFactory, t_ns: int, quat: s.QuatWxyz, quat_cov: Any, gyro: s.Vec3, accel: s.Vec3) -> Any:
    return types("sensor_msgs/msg/Imu")(
        header=header(types, t_ns, "base_link"),
        orientation=quaternion_msg(types, quat),
        orientation_covariance=quat_cov,
        angular_velocity=vector_msg(types, gyro),
        angular_velocity_covariance=_RATE9,
        linear_acceleration=vector_msg(types, accel),
        linear_acceleration_covariance=_ACCEL9 if isfinite(accel[0]) else _UNKNOWN9,
    )


def _encode_imu_raw(types: TypeFactory, r: s.ImuSample) -> Any:
    return _imu_msg(types, r.t_ns, s.IDENTITY, _UNKNOWN9, r.gyro_rad_s, r.accel_m_s2)


def _decode_imu_raw(m: Any) -> s.ImuSample:
    return s.ImuSample(stamp_ns(m), vector(m.angular_velocity), vector(m.linear_acceleration))


def _encode_imu(types: TypeFactory, r: s.AttitudeSample) -> Any:
    return _imu_msg(types, r.t_ns, r.quat_wxyz, _ORIENTATION9, r.gyro_rad_s, r.accel_m_s2)


def _decode_imu(m: Any) -> s.AttitudeSample:
    return s.AttitudeSample(
        stamp_ns(m), quaternion(m.orientation), vector(m.angular_velocity), vector(m.linear_acceleration)
    )


def _encode_mag(types: TypeFactory, r: s.MagSample) -> Any:
    return types("sensor_msgs/msg/MagneticField")(
        header=header(types, r.t_ns, "base_link"),
        magnetic_field=vector_msg(types, r.field_t),
        magnetic_field_covariance=_UNKNOWN9,
    )


def _encode_pressure(types: TypeFactory, r: s.PressureSample) -> Any:
    return types("sensor_msgs/msg/FluidPressure")(
        header=header(types, r.t_ns, "base_link"), fluid_pressure=float(r.pressure_pa), variance=0.0
    )


IMU_RAW = Codec("sensor_msgs/msg/Imu", s.ImuSample, _encode_imu_raw, _decode_imu_raw)
IMU = Codec("sensor_msgs/msg/Imu", s.AttitudeSample, _encode_imu, _decode_imu)
MAG = Codec(
    "sensor_msgs/msg/MagneticField",
    s.MagSample,
    _encode_mag,
    lambda m: s.MagSample(stamp_ns(m), vector(m.magnetic_field)),
)
PRESSURE = Codec(
    "sensor_msgs/msg/FluidPressure",
    s.PressureSample,
    _encode_pressure,
    lambda m: s.PressureSample(stamp_ns(m), float(m.fluid_pressure)),
)
