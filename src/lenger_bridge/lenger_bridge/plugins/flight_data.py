"""MAVROS's small readers: altitude, vfr_hud, wind_estimation, terrain, nav_controller_output, vibration, 3dr_radio."""

from __future__ import annotations

from math import cos, isfinite, radians, sin
from typing import Any

from lenger_bridge.plugins.base import Plugin, Stream
from lenger_bridge.plugins.messages import COVARIANCE_UNKNOWN, ZERO3, diagonal36, twist_msg
from lenger_core.samples import Vec3
from lenger_core.wire_types import TypeFactory, header, vector_msg
from lenger_mavlink.ned import ned_to_enu

_NAV_FIELDS = ("nav_roll", "nav_pitch", "nav_bearing", "target_bearing", "wp_dist", "alt_error", "aspd_error")
_RADIO_FIELDS = ("rssi", "remrssi", "txbuf", "noise", "remnoise", "rxerrors", "fixed")


class FlightData(Plugin):
    """Each topic from one message, without memory."""

    def streams(self) -> tuple[Stream, ...]:
        """Return what is filled on demand; altitudes are what the autopilot sends (AMSL, not ellipsoid)."""
        wind = {"WIND_COV": self._wind_cov, "WIND": _wind_ardupilot}
        radio = {"RADIO_STATUS": _radio, "RADIO": _radio}
        nav = {"NAV_CONTROLLER_OUTPUT": _nav_controller}
        return (
            Stream("mavros/altitude", "mavros_msgs/msg/Altitude", "sensor", {"ALTITUDE": self._altitude}),
            Stream("mavros/vfr_hud", "mavros_msgs/msg/VfrHud", "plain", {"VFR_HUD": _vfr_hud}),
            Stream("mavros/wind_estimation", "geometry_msgs/msg/TwistWithCovarianceStamped", "sensor", wind),
            Stream("mavros/terrain/report", "mavros_msgs/msg/TerrainReport", "plain", {"TERRAIN_REPORT": _terrain}),
            Stream("mavros/nav_controller_output/output", "mavros_msgs/msg/NavControllerOutput", "plain", nav),
            Stream(
                "mavros/vibration/raw/vibration", "mavros_msgs/msg/Vibration", "plain", {"VIBRATION": self._vibration}
            ),
            Stream("mavros/radio_status", "mavros_msgs/msg/RadioStatus", "plain", radio),
        )  # fmt: skip

    def _altitude(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("mavros_msgs/msg/Altitude")(
            header=header(types, self.uas.stamp_us(m.time_usec, now_ns), "map"),
            monotonic=m.altitude_monotonic,
            amsl=m.altitude_amsl,
            local=m.altitude_local,
            relative=m.altitude_relative,
            terrain=m.altitude_terrain,
            bottom_clearance=m.bottom_clearance,
        )

    def _wind_cov(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        wind = ned_to_enu((m.wind_x, m.wind_y, m.wind_z))
        covariance = diagonal36(m.var_horiz, m.var_horiz, m.var_vert)
        return _wind_msg(types, self.uas.stamp_us(m.time_usec, now_ns), wind, covariance)

    def _vibration(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        """Levels along the body's axes: amounts without a sign."""
        return types("mavros_msgs/msg/Vibration")(
            header=header(types, self.uas.stamp_us(m.time_usec, now_ns), "base_link"),
            vibration=vector_msg(types, (m.vibration_x, m.vibration_y, m.vibration_z)),
            clipping=[float(m.clipping_0), float(m.clipping_1), float(m.clipping_2)],
        )


def _wind_msg(types: TypeFactory, t_ns: int, wind_enu: Vec3, covariance: Any) -> Any:
    """Return where the air goes, not where it comes from."""
    return types("geometry_msgs/msg/TwistWithCovarianceStamped")(
        header=header(types, t_ns),
        twist=types("geometry_msgs/msg/TwistWithCovariance")(
            twist=twist_msg(types, wind_enu, ZERO3), covariance=covariance
        ),
    )


def _wind_ardupilot(types: TypeFactory, m: Any, now_ns: int) -> Any:
    """WIND: where it comes from in degrees, speed, and the vertical part (down)."""
    if not isfinite(m.direction):
        return None
    comes_from = radians(m.direction)
    wind = (-m.speed * sin(comes_from), -m.speed * cos(comes_from), -m.speed_z)
    return _wind_msg(types, now_ns, wind, diagonal36(COVARIANCE_UNKNOWN))


def _vfr_hud(types: TypeFactory, m: Any, now_ns: int) -> Any:
    return types("mavros_msgs/msg/VfrHud")(
        header=header(types, now_ns), airspeed=m.airspeed, groundspeed=m.groundspeed, heading=m.heading,
        throttle=m.throttle / 100.0, altitude=m.alt, climb=m.climb,
    )  # fmt: skip


def _terrain(types: TypeFactory, m: Any, now_ns: int) -> Any:
    return types("mavros_msgs/msg/TerrainReport")(
        header=header(types, now_ns, "terrain"), latitude=m.lat / 1e7, longitude=m.lon / 1e7, spacing=m.spacing,
        terrain_height=m.terrain_height, current_height=m.current_height, pending=m.pending, loaded=m.loaded,
    )  # fmt: skip


def _nav_controller(types: TypeFactory, m: Any, now_ns: int) -> Any:
    values = {name: getattr(m, name) for name in (*_NAV_FIELDS, "xtrack_error")}
    return types("mavros_msgs/msg/NavControllerOutput")(header=header(types, now_ns), **values)


def _radio(types: TypeFactory, m: Any, now_ns: int) -> Any:
    """The link's radio itself; dBm by the SiK firmware's scale, as MAVROS."""
    values = {name: getattr(m, name) for name in _RADIO_FIELDS}
    return types("mavros_msgs/msg/RadioStatus")(
        header=header(types, now_ns), rssi_dbm=m.rssi / 1.9 - 127.0, remrssi_dbm=m.remrssi / 1.9 - 127.0, **values
    )
