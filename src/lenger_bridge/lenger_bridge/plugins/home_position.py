"""MAVROS's home_position plugin."""

from __future__ import annotations

from math import isfinite
from typing import Any

from lenger_bridge.plugins.base import Handler, Input, Plugin, Published
from lenger_bridge.plugins.global_position import amsl_m, check_position
from lenger_core.samples import IDENTITY, FcuHome
from lenger_core.wire_types import quaternion, stamp_ns, vector
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.ned import enu_to_ned, ned_to_enu, quat_enu_to_ned, quat_ned_to_enu


class HomePosition(Plugin):
    """Home, and setting it. Heights on the ROS side are ellipsoid heights, both ways.

    Attributes:
        known: whether HOME_POSITION has come since the link is up.
    """

    records = ("mavros/home_position/home",)
    known = False

    def handlers(self) -> dict[str, Handler]:
        """Return what reads home."""
        return {"HOME_POSITION": self._home}

    def inputs(self) -> tuple[Input, ...]:
        """Return the way to set home."""
        return (Input("mavros/home_position/set", "mavros_msgs/msg/HomePosition", "plain", self._set),)

    def on_connection(self, connected: bool) -> None:
        """Forget home."""
        self.known = False

    def _home(self, m: Any, now_ns: int) -> Published:
        self.known = True
        quat = tuple(m.q)
        surface = quat_ned_to_enu(quat) if all(map(isfinite, quat)) and any(quat) else IDENTITY
        home = FcuHome(
            self.uas.stamp_us(m.time_usec, now_ns) if m.time_usec else now_ns,
            m.latitude / 1e7,
            m.longitude / 1e7,
            m.altitude / 1e3,
            position_enu_m=ned_to_enu((m.x, m.y, m.z)),
            surface_quat_wxyz=surface,
            alt_ellipsoid_m=self.uas.ellipsoid_m(m.latitude / 1e7, m.longitude / 1e7, m.altitude / 1e3),
            approach_enu_m=ned_to_enu((m.approach_x, m.approach_y, m.approach_z)),
        )
        return [("mavros/home_position/home", home)]

    def _set(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """Return SET_HOME_POSITION (MAVROS adds the undulation in millimetres; here the height is right)."""
        topic = "home_position/set"
        lat, lon = float(m.geo.latitude), float(m.geo.longitude)
        check_position(topic, lat, lon)
        alt = amsl_m(topic, lat, lon, float(m.geo.altitude))
        quat = quat_enu_to_ned(quaternion(m.orientation))
        position, approach = enu_to_ned(vector(m.position)), enu_to_ned(vector(m.approach))
        return [
            mavlink.MAVLink_set_home_position_message(
                self.uas.settings.tgt_system, round(lat * 1e7), round(lon * 1e7), round(alt * 1e3),
                *position, quat, *approach, stamp_ns(m) // 1000,
            )
        ]  # fmt: skip
