"""MAVROS's imu plugin: HIGHRES_IMU of PX4; RAW_IMU, SCALED_IMU, SCALED_PRESSURE and ATTITUDE of ArduPilot."""

from __future__ import annotations

from math import isfinite
from typing import Any

from lenger_bridge.plugins.base import Handler, Plugin, Published, Stream
from lenger_core.frames import quat_from_euler
from lenger_core.samples import AttitudeSample, ImuSample, MagSample, PressureSample, QuatWxyz, Vec3
from lenger_core.wire_types import TypeFactory, header
from lenger_mavlink.ned import frd_to_flu, quat_ned_to_enu

GAUSS_T = 1e-4
GRAVITY_M_S2 = 9.80665
FRAME = "base_link"
MOST_HECTOPASCALS = 2000.0
"""No air has more; the thinnest that an aircraft flies in has more pascals."""

_UPDATED_INERTIAL = 0x3F
_UPDATED_MAG = 0x1C0
_UPDATED_PRESSURE = 0x200
_UPDATED_DIFF_PRESSURE = 0x400
_UPDATED_TEMPERATURE = 0x1000


class Imu(Plugin):
    """One source at a time: HIGHRES_IMU where it comes, else SCALED_IMU, else RAW_IMU, as MAVROS chooses."""

    records = ("mavros/imu/data", "mavros/imu/data_raw", "mavros/imu/mag", "mavros/imu/static_pressure")
    _highres = _scaled = _quaternion = False

    def handlers(self) -> dict[str, Handler]:
        """Return what reads inertial messages and attitudes."""
        return {
            "HIGHRES_IMU": self._highres_imu,
            "RAW_IMU": self._raw_imu,
            "SCALED_IMU": self._scaled_imu,
            "SCALED_PRESSURE": self._scaled_pressure,
            "ATTITUDE": self._attitude,
            "ATTITUDE_QUATERNION": self._attitude_quaternion,
        }

    def streams(self) -> tuple[Stream, ...]:
        """Return what MAVROS publishes besides."""
        pressure, temperature = "sensor_msgs/msg/FluidPressure", "sensor_msgs/msg/Temperature"
        differential = {"HIGHRES_IMU": self._highres_differential, "SCALED_PRESSURE": self._scaled_differential}
        return (
            Stream("mavros/imu/diff_pressure", pressure, "sensor", differential),
            Stream("mavros/imu/temperature_imu", temperature, "sensor", {"HIGHRES_IMU": self._imu_temperature}),
            Stream("mavros/imu/temperature_baro", temperature, "sensor", {"SCALED_PRESSURE": self._baro_temperature}),
        )

    def on_connection(self, connected: bool) -> None:
        """Find out anew which messages come."""
        self._highres = self._scaled = self._quaternion = False

    def _highres_imu(self, m: Any, now_ns: int) -> Published:
        self._highres = True
        t_ns = self.uas.stamp_us(m.time_usec, now_ns)
        out: Published = []
        if m.fields_updated & _UPDATED_INERTIAL:
            out += self._inertial(t_ns, (m.xgyro, m.ygyro, m.zgyro), (m.xacc, m.yacc, m.zacc))
        if m.fields_updated & _UPDATED_MAG:
            field = frd_to_flu((m.xmag * GAUSS_T, m.ymag * GAUSS_T, m.zmag * GAUSS_T))
            out.append(("mavros/imu/mag", MagSample(t_ns, field)))
        if m.fields_updated & _UPDATED_PRESSURE:
            out.append(("mavros/imu/static_pressure", PressureSample(t_ns, m.abs_pressure * _pascals(m))))
        return out

    def _raw_imu(self, m: Any, now_ns: int) -> Published:
        if self._highres or self._scaled:
            return []
        return self._milli(m, self.uas.stamp_us(m.time_usec, now_ns))

    def _scaled_imu(self, m: Any, now_ns: int) -> Published:
        if self._highres:
            return []
        self._scaled = True
        return self._milli(m, self.uas.stamp_ms(m.time_boot_ms, now_ns))

    def _milli(self, m: Any, t_ns: int) -> Published:
        """Return the samples of a message in mrad/s, milli-g and milligauss (ArduPilot's RAW_IMU is that too)."""
        milli_g, milli_gauss = GRAVITY_M_S2 / 1000.0, GAUSS_T / 1000.0
        gyro = (m.xgyro / 1000.0, m.ygyro / 1000.0, m.zgyro / 1000.0)
        out = self._inertial(t_ns, gyro, (m.xacc * milli_g, m.yacc * milli_g, m.zacc * milli_g))
        field = frd_to_flu((m.xmag * milli_gauss, m.ymag * milli_gauss, m.zmag * milli_gauss))
        return [*out, ("mavros/imu/mag", MagSample(t_ns, field))]

    def _inertial(self, t_ns: int, gyro_frd: Vec3, accel_frd: Vec3) -> Published:
        self.uas.accel_flu_m_s2 = frd_to_flu(accel_frd)
        return [("mavros/imu/data_raw", ImuSample(t_ns, frd_to_flu(gyro_frd), self.uas.accel_flu_m_s2))]

    def _scaled_pressure(self, m: Any, now_ns: int) -> Published:
        if self._highres:
            return []
        t_ns = self.uas.stamp_ms(m.time_boot_ms, now_ns)
        return [("mavros/imu/static_pressure", PressureSample(t_ns, m.press_abs * 100.0))]

    def _attitude(self, m: Any, now_ns: int) -> Published:
        if self._quaternion or not (isfinite(m.roll) and isfinite(m.pitch) and isfinite(m.yaw)):
            return []
        return self._oriented(m, quat_from_euler(m.roll, m.pitch, m.yaw), now_ns)

    def _attitude_quaternion(self, m: Any, now_ns: int) -> Published:
        if not isfinite(m.q1 + m.q2 + m.q3 + m.q4):
            return []
        self._quaternion = True
        return self._oriented(m, (m.q1, m.q2, m.q3, m.q4), now_ns)

    def _oriented(self, m: Any, quat_frd_to_ned: QuatWxyz, now_ns: int) -> Published:
        uas = self.uas
        uas.quat_wxyz = quat_ned_to_enu(quat_frd_to_ned)
        uas.rates_flu_rad_s = frd_to_flu((m.rollspeed, m.pitchspeed, m.yawspeed))
        t_ns = uas.stamp_ms(m.time_boot_ms, now_ns)
        return [("mavros/imu/data", AttitudeSample(t_ns, uas.quat_wxyz, uas.rates_flu_rad_s, uas.accel_flu_m_s2))]

    # ------------------------------------------------------------ on demand

    def _highres_differential(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if not m.fields_updated & _UPDATED_DIFF_PRESSURE:
            return None
        return _pressure_msg(types, self.uas.stamp_us(m.time_usec, now_ns), m.diff_pressure * _pascals(m))

    def _scaled_differential(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if self._highres:
            return None
        return _pressure_msg(types, self.uas.stamp_ms(m.time_boot_ms, now_ns), m.press_diff * 100.0)

    def _imu_temperature(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if not m.fields_updated & _UPDATED_TEMPERATURE:
            return None
        return _temperature_msg(types, self.uas.stamp_us(m.time_usec, now_ns), m.temperature)

    def _baro_temperature(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if self._highres:
            return None
        return _temperature_msg(types, self.uas.stamp_ms(m.time_boot_ms, now_ns), m.temperature / 100.0)


def _pascals(m: Any) -> float:
    """Return pascals per unit of HIGHRES_IMU's pressures: MAVLink says hectopascals, PX4 sends pascals."""
    return 1.0 if m.abs_pressure > MOST_HECTOPASCALS else 100.0


def _pressure_msg(types: TypeFactory, t_ns: int, pressure_pa: float) -> Any:
    return types("sensor_msgs/msg/FluidPressure")(
        header=header(types, t_ns, FRAME), fluid_pressure=float(pressure_pa), variance=0.0
    )


def _temperature_msg(types: TypeFactory, t_ns: int, celsius: float) -> Any:
    return types("sensor_msgs/msg/Temperature")(
        header=header(types, t_ns, FRAME), temperature=float(celsius), variance=0.0
    )
