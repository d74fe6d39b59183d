"""MAVROS's global_position and gps_status plugins: receivers' fixes, the autopilot's global estimate, the origin."""

from __future__ import annotations

from math import cos, isfinite, nan, radians, sin
from typing import Any

from lenger_bridge.plugins.base import Diagnosis, Handler, Input, Plugin, Published, Stream
from lenger_bridge.plugins.messages import COVARIANCE_UNKNOWN, ZERO3, diagonal36, float64_msg, odometry_msg, pose_msg
from lenger_bridge.plugins.uas import FixQuality, Uas
from lenger_core.errors import InputError
from lenger_core.frames import quat_from_euler
from lenger_core.geodesy import LocalFrame
from lenger_core.geoid import undulation_m
from lenger_core.samples import FcuGlobal, GnssFix
from lenger_core.wire_types import TypeFactory, header, stamp_ns
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.ned import ned_to_enu, quat_ned_to_enu

GNSS_TOPICS = (
    "mavros/global_position/raw/fix",
    "mavros/global_position/raw/gps_vel",
    "mavros/gpsstatus/gps1/raw",
)
ROTATION_VARIANCE = 99999.0
"""MAVROS's rot_covariance: the orientation comes from elsewhere."""
_U16_UNKNOWN = 65535
_FIX_TEXTS = {0: "No GPS", 1: "No fix", 2: "2D fix"}


class GlobalPosition(Plugin):
    """Heights leave as ellipsoid heights where MAVROS has them so (NavSatFix, the origin), else as they came."""

    records = (*GNSS_TOPICS, "mavros/global_position/global")

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self._origin: LocalFrame | None = None
        self._fix: GnssFix | None = None

    def handlers(self) -> dict[str, Handler]:
        """Return what reads positions; home is the origin of global_position/local."""
        return {"GPS_RAW_INT": self._gnss, "GLOBAL_POSITION_INT": self._global, "HOME_POSITION": self._home}

    def streams(self) -> tuple[Stream, ...]:
        """Return what is filled on demand."""
        root, estimate = "mavros/global_position", "GLOBAL_POSITION_INT"
        offset = {"LOCAL_POSITION_NED_SYSTEM_GLOBAL_OFFSET": self._offset}
        return (
            Stream(f"{root}/raw/satellites", "std_msgs/msg/UInt32", "sensor", {"GPS_RAW_INT": _satellites}),
            Stream(f"{root}/rel_alt", "std_msgs/msg/Float64", "sensor", {estimate: _relative_altitude}),
            Stream(f"{root}/compass_hdg", "std_msgs/msg/Float64", "sensor", {estimate: _heading}),
            Stream(f"{root}/local", "nav_msgs/msg/Odometry", "sensor", {estimate: self._local}),
            Stream(
                f"{root}/gp_origin", "geographic_msgs/msg/GeoPointStamped", "latched",
                {"GPS_GLOBAL_ORIGIN": self._gp_origin},
            ),
            Stream(f"{root}/gp_lp_offset", "geometry_msgs/msg/PoseStamped", "sensor", offset),
            Stream("mavros/gpsstatus/gps2/raw", "mavros_msgs/msg/GPSRAW", "plain", {"GPS2_RAW": self._second}),
        )  # fmt: skip

    def inputs(self) -> tuple[Input, ...]:
        """Return the way to set the origin."""
        kind = "geographic_msgs/msg/GeoPointStamped"
        return (Input("mavros/global_position/set_gp_origin", kind, "sensor", self._set_origin),)

    def on_connection(self, connected: bool) -> None:
        """Forget the origin."""
        self._origin, self._fix, self.uas.fix = None, None, FixQuality()
        self.uas.global_position = self.uas.local_position_enu_m = None

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return the receiver's state."""
        fix = self._fix
        if fix is None or fix.satellites in (0, 255):
            return (Diagnosis("GPS", 2, "No satellites", {}),)
        values = {"Satellites visible": fix.satellites, "Fix type": fix.fix_type}
        values |= {"EPH (m)": f"{fix.h_acc_m:.2f}", "EPV (m)": f"{fix.v_acc_m:.2f}"}  # type: ignore[dict-item]
        return (Diagnosis("GPS", 1 if fix.fix_type < 2 else 0, _FIX_TEXTS.get(fix.fix_type, "3D fix"), values),)

    # ------------------------------------------------------------ records

    def _gnss(self, m: Any, now_ns: int) -> Published:
        fix = self._fix = gnss_fix(self.uas, m, self.uas.stamp_us(m.time_usec, now_ns))
        known = isfinite(fix.h_acc_m) and isfinite(fix.v_acc_m)
        accuracy = (fix.h_acc_m, fix.v_acc_m) if known else (fix.hdop, fix.vdop)
        self.uas.fix = FixQuality(*accuracy, fix.fix_type > 2)
        topics = GNSS_TOPICS if isfinite(fix.vel_e_m_s) else (GNSS_TOPICS[0], GNSS_TOPICS[2])
        return [(topic, fix) for topic in topics]

    def _global(self, m: Any, now_ns: int) -> Published:
        lat, lon, alt = m.lat / 1e7, m.lon / 1e7, m.alt / 1e3
        t_ns, fix = self.uas.stamp_ms(m.time_boot_ms, now_ns), self.uas.fix
        ellipsoid = self.uas.ellipsoid_m(lat, lon, alt)
        if self._origin is None and fix.fixed:
            self._origin = _frame(lat, lon, alt - m.relative_alt / 1e3)
        self.uas.global_position = (lat, lon, alt)
        estimate = FcuGlobal(t_ns, lat, lon, alt, ellipsoid, fix.h_acc_m, fix.v_acc_m, fix.fixed)
        return [("mavros/global_position/global", estimate)]

    def _home(self, m: Any, _now_ns: int) -> Published:
        self._origin = _frame(m.latitude / 1e7, m.longitude / 1e7, m.altitude / 1e3)
        return []

    # ------------------------------------------------------------ on demand

    def _local(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        """East and north of home, height above it; the twist is ENU (MAVROS leaves its z pointing down)."""
        if self._origin is None:
            return None
        east, north, _ = self._origin.to_local(m.lat / 1e7, m.lon / 1e7, m.alt / 1e3)
        h_var, v_var = self.uas.fix.h_acc_m**2, self.uas.fix.v_acc_m**2
        rotation = (ROTATION_VARIANCE,) * 3
        pose_cov = diagonal36(
            *((h_var, h_var, v_var) if isfinite(h_var) else (COVARIANCE_UNKNOWN, 0.0, 0.0)), *rotation
        )
        velocity = ned_to_enu((m.vx / 100.0, m.vy / 100.0, m.vz / 100.0))
        return odometry_msg(
            types,
            self.uas.stamp_ms(m.time_boot_ms, now_ns),
            ((east, north, m.relative_alt / 1e3), self.uas.quat_wxyz),
            (velocity, ZERO3),
            (pose_cov, diagonal36(COVARIANCE_UNKNOWN)),
        )

    def _gp_origin(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        lat, lon, alt = m.latitude / 1e7, m.longitude / 1e7, m.altitude / 1e3
        return types("geographic_msgs/msg/GeoPointStamped")(
            header=header(types, self.uas.stamp_us(m.time_usec, now_ns), "earth"),
            position=types("geographic_msgs/msg/GeoPoint")(
                latitude=lat, longitude=lon, altitude=self.uas.ellipsoid_m(lat, lon, alt)
            ),
        )

    def _offset(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if not isfinite(m.roll + m.pitch + m.yaw):
            return None
        quat = quat_ned_to_enu(quat_from_euler(m.roll, m.pitch, m.yaw))
        return types("geometry_msgs/msg/PoseStamped")(
            header=header(types, self.uas.stamp_ms(m.time_boot_ms, now_ns), "earth"),
            pose=pose_msg(types, ned_to_enu((m.x, m.y, m.z)), quat),
        )

    def _second(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        names = ("fix_type", "lat", "lon", "alt", "eph", "epv", "vel", "cog", "satellites_visible", "alt_ellipsoid")
        more = ("h_acc", "v_acc", "vel_acc", "hdg_acc", "yaw", "dgps_numch", "dgps_age")
        values = {name: getattr(m, name) for name in (*names, *more)}
        values["hdg_acc"] = min(m.hdg_acc, 2**31 - 1)  # MAVLink has it unsigned, MAVROS's message signed
        stamp = self.uas.stamp_us(m.time_usec, now_ns)
        return types("mavros_msgs/msg/GPSRAW")(header=header(types, stamp, "/wgs84"), **values)

    def _set_origin(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """Return SET_GPS_GLOBAL_ORIGIN; the ellipsoid height that comes becomes AMSL."""
        lat, lon = float(m.position.latitude), float(m.position.longitude)
        check_position("global_position/set_gp_origin", lat, lon)
        alt = amsl_m("global_position/set_gp_origin", lat, lon, float(m.position.altitude))
        latitude, longitude = round(lat * 1e7), round(lon * 1e7)
        return [
            mavlink.MAVLink_set_gps_global_origin_message(
                self.uas.settings.tgt_system, latitude, longitude, round(alt * 1e3), stamp_ns(m) // 1000
            )
        ]


def gnss_fix(uas: Uas, m: Any, t_ns: int) -> GnssFix:
    """Return the record of GPS_RAW_INT."""
    lat, lon, alt = m.lat / 1e7, m.lon / 1e7, m.alt / 1e3
    if m.fix_type >= 2 and m.alt_ellipsoid:
        uas.learn_undulation_m(m.alt_ellipsoid / 1e3 - alt)
    ellipsoid = uas.ellipsoid_m(lat, lon, alt) if m.fix_type >= 2 else nan
    moving = m.vel != _U16_UNKNOWN and m.cog != _U16_UNKNOWN
    speed, course = m.vel / 100.0, radians(m.cog / 100.0)
    h_acc, v_acc, s_acc = (_positive(a, 1e3) for a in (m.h_acc, m.v_acc, m.vel_acc))
    return GnssFix(
        t_ns=t_ns, lat_deg=lat, lon_deg=lon, alt_amsl_m=alt,
        alt_ellipsoid_m=ellipsoid if isfinite(ellipsoid) else m.alt_ellipsoid / 1e3,
        vel_e_m_s=speed * sin(course) if moving else nan, vel_n_m_s=speed * cos(course) if moving else nan,
        fix_type=m.fix_type, satellites=m.satellites_visible, h_acc_m=h_acc, v_acc_m=v_acc, s_acc_m_s=s_acc,
        hdop=m.eph / 100.0 if m.eph != _U16_UNKNOWN else nan, vdop=m.epv / 100.0 if m.epv != _U16_UNKNOWN else nan,
        yaw_deg=m.yaw / 100.0 if m.yaw not in (0, _U16_UNKNOWN) else nan, yaw_acc_deg=_positive(m.hdg_acc, 1e5),
    )  # fmt: skip


def check_position(topic: str, lat_deg: float, lon_deg: float) -> None:
    """Raise InputError for a latitude or longitude that is none."""
    if not (abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0):
        raise InputError(topic, "position", (lat_deg, lon_deg), "latitude -90..90, longitude -180..180")


def amsl_m(topic: str, lat_deg: float, lon_deg: float, ellipsoid_m: float) -> float:
    """Return the AMSL height of an ellipsoid height; raises InputError when it is no height or the geoid is unknown."""
    if not abs(ellipsoid_m) < 1e5:
        raise InputError(topic, "altitude", ellipsoid_m, "metres above the ellipsoid")
    return ellipsoid_m - undulation_m(lat_deg, lon_deg)


def _positive(value: float, scale: float) -> float:
    return value / scale if value > 0 else nan


def _frame(lat_deg: float, lon_deg: float, alt_amsl_m: float) -> LocalFrame | None:
    valid = abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0
    return LocalFrame(lat_deg, lon_deg, alt_amsl_m, geoid_m=0.0) if valid else None


def _satellites(types: TypeFactory, m: Any, _now_ns: int) -> Any:
    return types("std_msgs/msg/UInt32")(data=m.satellites_visible)


def _relative_altitude(types: TypeFactory, m: Any, _now_ns: int) -> Any:
    return float64_msg(types, m.relative_alt / 1e3)


def _heading(types: TypeFactory, m: Any, _now_ns: int) -> Any:
    return float64_msg(types, m.hdg / 100.0 if m.hdg != _U16_UNKNOWN else nan)
