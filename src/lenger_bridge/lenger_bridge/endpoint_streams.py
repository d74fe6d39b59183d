"""MAVLink telemetry to the records of MAVROS's topics: frames, units and datums change here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, isfinite, nan, radians, sin
from typing import Any

from lenger_bridge.statustext import StatusTextJoiner
from lenger_bridge.timesync import TimeSync
from lenger_core.errors import InputError
from lenger_core.geoid import undulation_m
from lenger_core.samples import (
    IDENTITY,
    AttitudeSample,
    BatterySample,
    ExtendedState,
    FcuGlobal,
    FcuHome,
    FcuLocal,
    GnssFix,
    ImuSample,
    MagSample,
    PressureSample,
    QuatWxyz,
    StatusText,
    SysStatus,
    Vec3,
)
from lenger_mavlink.ned import frd_to_flu, ned_to_enu, quat_ned_to_enu
from lenger_mavlink.params import text_of

Published = list[tuple[str, Any]]
"""(topic of lenger_core.wire.TOPICS, record)."""

GAUSS_T = 1e-4
GRAVITY_M_S2 = 9.80665
FARTHEST_STAMP_NS = 60_000_000_000
"""A stamp farther from now than this comes from a clock that jumped: the time of arrival is used."""

_UPDATED_MAG = 0x1C0
_UPDATED_PRESSURE = 0x200
_U16_UNKNOWN = 65535
_FIX_2D = 2
GNSS_TOPICS = (
    "mavros/global_position/raw/fix",
    "mavros/global_position/raw/gps_vel",
    "mavros/gpsstatus/gps1/raw",
)


def _unsigned(value: float, scale: float) -> float:
    return value / scale if value > 0 else nan


class TelemetryDecoder:
    """Turns telemetry messages into records.

    Attributes:
        timesync: the clock offset that stamps use.
        notes: problems worth telling a person once; the owner takes and clears them.
    """

    def __init__(self, timesync: TimeSync) -> None:
        self.timesync = timesync
        self.notes: list[str] = []
        self._texts = StatusTextJoiner()
        self._quat: QuatWxyz = IDENTITY
        self._rates: Vec3 = (0.0, 0.0, 0.0)
        self._accel: Vec3 = (nan, nan, nan)
        self._accuracy = (nan, nan)
        self._highres = False
        self._battery_status = False
        self._outside_geoid = False
        self._handlers: dict[str, Callable[[Any, int], Published]] = {
            "HIGHRES_IMU": self._highres_imu,
            "RAW_IMU": self._raw_imu,
            "SCALED_PRESSURE": self._scaled_pressure,
            "ATTITUDE_QUATERNION": self._attitude,
            "GLOBAL_POSITION_INT": self._global,
            "LOCAL_POSITION_NED": self._local,
            "GPS_RAW_INT": self._gnss,
            "SYS_STATUS": self._sys_status,
            "EXTENDED_SYS_STATE": self._extended,
            "BATTERY_STATUS": self._battery,
            "HOME_POSITION": self._home,
            "STATUSTEXT": self._statustext,
        }

    def decode(self, message: Any, now_ns: int) -> Published:
        """Return the records of one message, none for messages that are no telemetry."""
        handler = self._handlers.get(message.get_type())
        return handler(message, now_ns) if handler is not None else []

    def expire(self, now_ns: int) -> Published:
        """Return texts that wait in vain for a lost chunk."""
        return [("mavros/statustext/recv", StatusText(now_ns, *text)) for text in self._texts.expire(now_ns)]

    def _stamp(self, remote_ns: int, now_ns: int) -> int:
        stamp = self.timesync.to_ours_ns(remote_ns, now_ns)
        return stamp if abs(stamp - now_ns) <= FARTHEST_STAMP_NS else now_ns

    def _highres_imu(self, m: Any, now_ns: int) -> Published:
        self._highres = True
        t_ns = self._stamp(m.time_usec * 1000, now_ns)
        self._accel = frd_to_flu((m.xacc, m.yacc, m.zacc))
        out: Published = [
            ("mavros/imu/data_raw", ImuSample(t_ns, frd_to_flu((m.xgyro, m.ygyro, m.zgyro)), self._accel))
        ]
        if m.fields_updated & _UPDATED_MAG:
            field = frd_to_flu((m.xmag * GAUSS_T, m.ymag * GAUSS_T, m.zmag * GAUSS_T))
            out.append(("mavros/imu/mag", MagSample(t_ns, field)))
        if m.fields_updated & _UPDATED_PRESSURE:
            out.append(("mavros/imu/static_pressure", PressureSample(t_ns, m.abs_pressure * 100.0)))
        return out

    def _raw_imu(self, m: Any, now_ns: int) -> Published:
        """ArduPilot's IMU message: milli-g, milliradians and milligauss, in spite of its name."""
        if self._highres:
            return []
        t_ns = self._stamp(m.time_usec * 1000, now_ns)
        milli_g = GRAVITY_M_S2 / 1000.0
        self._accel = frd_to_flu((m.xacc * milli_g, m.yacc * milli_g, m.zacc * milli_g))
        gyro = frd_to_flu((m.xgyro / 1000.0, m.ygyro / 1000.0, m.zgyro / 1000.0))
        milli_gauss = GAUSS_T / 1000.0
        field = frd_to_flu((m.xmag * milli_gauss, m.ymag * milli_gauss, m.zmag * milli_gauss))
        return [
            ("mavros/imu/data_raw", ImuSample(t_ns, gyro, self._accel)),
            ("mavros/imu/mag", MagSample(t_ns, field)),
        ]

    def _scaled_pressure(self, m: Any, now_ns: int) -> Published:
        if self._highres:
            return []
        t_ns = self._stamp(m.time_boot_ms * 1_000_000, now_ns)
        return [("mavros/imu/static_pressure", PressureSample(t_ns, m.press_abs * 100.0))]

    def _attitude(self, m: Any, now_ns: int) -> Published:
        self._quat = quat_ned_to_enu((m.q1, m.q2, m.q3, m.q4))
        self._rates = frd_to_flu((m.rollspeed, m.pitchspeed, m.yawspeed))
        t_ns = self._stamp(m.time_boot_ms * 1_000_000, now_ns)
        return [("mavros/imu/data", AttitudeSample(t_ns, self._quat, self._rates, self._accel))]

    def _global(self, m: Any, now_ns: int) -> Published:
        lat, lon, alt = m.lat / 1e7, m.lon / 1e7, m.alt / 1e3
        t_ns = self._stamp(m.time_boot_ms * 1_000_000, now_ns)
        fix = FcuGlobal(t_ns, lat, lon, alt, self._ellipsoid(lat, lon, alt), *self._accuracy)
        return [("mavros/global_position/global", fix)]

    def _local(self, m: Any, now_ns: int) -> Published:
        t_ns = self._stamp(m.time_boot_ms * 1_000_000, now_ns)
        position, velocity = ned_to_enu((m.x, m.y, m.z)), ned_to_enu((m.vx, m.vy, m.vz))
        return [("mavros/local_position/odom", FcuLocal(t_ns, position, velocity, self._quat, self._rates))]

    def _gnss(self, m: Any, now_ns: int) -> Published:
        lat, lon, alt = m.lat / 1e7, m.lon / 1e7, m.alt / 1e3
        h_acc, v_acc, s_acc = (_unsigned(a, 1e3) for a in (m.h_acc, m.v_acc, m.vel_acc))
        self._accuracy = (h_acc, v_acc)
        fixed = m.fix_type >= _FIX_2D
        ellipsoid = self._ellipsoid(lat, lon, alt) if fixed else 0.0
        if not isfinite(ellipsoid):
            ellipsoid = m.alt_ellipsoid / 1e3
        moving = m.vel != _U16_UNKNOWN and m.cog != _U16_UNKNOWN
        speed, course = m.vel / 100.0, radians(m.cog / 100.0)
        fix = GnssFix(
            t_ns=self._stamp(m.time_usec * 1000, now_ns), lat_deg=lat, lon_deg=lon, alt_amsl_m=alt,
            alt_ellipsoid_m=ellipsoid,
            vel_e_m_s=speed * sin(course) if moving else nan, vel_n_m_s=speed * cos(course) if moving else nan,
            fix_type=m.fix_type, satellites=m.satellites_visible, h_acc_m=h_acc, v_acc_m=v_acc, s_acc_m_s=s_acc,
        )  # fmt: skip
        return [(topic, fix) for topic in GNSS_TOPICS]

    def _sys_status(self, m: Any, now_ns: int) -> Published:
        status = SysStatus(
            now_ns,
            m.onboard_control_sensors_present,
            m.onboard_control_sensors_enabled,
            m.onboard_control_sensors_health,
            m.load / 1000.0,
        )
        out: Published = [("mavros/sys_status", status)]
        if not self._battery_status:
            volts = m.voltage_battery / 1e3 if m.voltage_battery != _U16_UNKNOWN else nan
            out.append(("mavros/battery", self._battery_sample(now_ns, volts, m)))
        return out

    def _extended(self, m: Any, now_ns: int) -> Published:
        return [("mavros/extended_state", ExtendedState(now_ns, m.landed_state))]

    def _battery(self, m: Any, now_ns: int) -> Published:
        if m.id != 0:
            return []
        self._battery_status = True
        cells = [cell for cell in m.voltages if cell != _U16_UNKNOWN]
        return [("mavros/battery", self._battery_sample(now_ns, sum(cells) / 1e3 if cells else nan, m))]

    def _battery_sample(self, now_ns: int, volts: float, m: Any) -> BatterySample:
        current = -m.current_battery / 100.0 if m.current_battery != -1 else nan
        return BatterySample(now_ns, volts, current, m.battery_remaining / 100.0 if m.battery_remaining >= 0 else nan)

    def _home(self, m: Any, now_ns: int) -> Published:
        home = FcuHome(now_ns, m.latitude / 1e7, m.longitude / 1e7, m.altitude / 1e3)
        return [("mavros/home_position/home", home)]

    def _statustext(self, m: Any, now_ns: int) -> Published:
        whole = self._texts.take(m.severity, text_of(m.text), m.id, m.chunk_seq, now_ns)
        return [("mavros/statustext/recv", StatusText(now_ns, *text)) for text in whole]

    def _ellipsoid(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> float:
        """Return the ellipsoid height, NaN where the geoid grid has no value."""
        try:
            return alt_amsl_m + undulation_m(lat_deg, lon_deg)
        except InputError as error:
            if not self._outside_geoid:
                self._outside_geoid = True
                self.notes.append(f"ellipsoid heights are unknown here: {error}")
            return nan
