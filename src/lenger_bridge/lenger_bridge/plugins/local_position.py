"""MAVROS's local_position plugin: the autopilot's estimate about its own origin (ENU; never send it back)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lenger_bridge.plugins.base import Handler, Plugin, Published, Stream
from lenger_bridge.plugins.messages import diagonal36, odometry_msg, pose_msg, twist_msg, twist_stamped_msg
from lenger_core.frames import quat_rotate, quat_rotate_inverse
from lenger_core.samples import FcuLocal, Vec3
from lenger_core.wire_types import TypeFactory, header, vector_msg
from lenger_mavlink.ned import ned_to_enu

_PLAIN, _WITH_COVARIANCE = "LOCAL_POSITION_NED", "LOCAL_POSITION_NED_COV"
_NORTH, _EAST, _DOWN = 0, 9, 17
_VEL_NORTH, _VEL_EAST, _VEL_DOWN = 24, 30, 35
_ACC_NORTH, _ACC_EAST, _ACC_DOWN = 39, 42, 44
"""Places of the variances in LOCAL_POSITION_NED_COV.covariance, the upper triangle of 9 x 9."""


class LocalPosition(Plugin):
    """LOCAL_POSITION_NED feeds pose and velocities; with LOCAL_POSITION_NED_COV the odometry comes from that one."""

    records = ("mavros/local_position/odom",)
    _plain = _covariance = False

    def handlers(self) -> dict[str, Handler]:
        """Return what reads local positions."""
        return {_PLAIN: self._local, _WITH_COVARIANCE: self._note_covariance}

    def streams(self) -> tuple[Stream, ...]:
        """Return what is filled on demand."""
        root, twist = "mavros/local_position", "geometry_msgs/msg/TwistStamped"
        pose_cov, twist_cov = "PoseWithCovarianceStamped", "TwistWithCovarianceStamped"
        both = {_PLAIN: self._pose, _WITH_COVARIANCE: self._pose_if_alone}
        body = {_PLAIN: self._velocity_body, _WITH_COVARIANCE: self._velocity_body_if_alone}
        accel = "geometry_msgs/msg/AccelWithCovarianceStamped"
        return (
            Stream(f"{root}/pose", "geometry_msgs/msg/PoseStamped", "sensor", both),
            Stream(f"{root}/velocity_body", twist, "sensor", body),
            Stream(f"{root}/velocity_local", twist, "sensor", {_PLAIN: self._velocity_local}),
            Stream(f"{root}/pose_cov", f"geometry_msgs/msg/{pose_cov}", "sensor", {_WITH_COVARIANCE: self._pose_cov}),
            Stream(
                f"{root}/velocity_body_cov", f"geometry_msgs/msg/{twist_cov}", "sensor",
                {_WITH_COVARIANCE: self._velocity_cov},
            ),
            Stream(f"{root}/accel", accel, "sensor", {_WITH_COVARIANCE: self._accel}),
        )  # fmt: skip

    def on_connection(self, connected: bool) -> None:
        """Find out anew which of the two messages comes."""
        self._plain = self._covariance = False

    def _local(self, m: Any, now_ns: int) -> Published:
        self._plain = True
        t_ns = self.uas.stamp_ms(m.time_boot_ms, now_ns)
        position, velocity = ned_to_enu((m.x, m.y, m.z)), ned_to_enu((m.vx, m.vy, m.vz))
        self.uas.local_position_enu_m = position
        estimate = FcuLocal(t_ns, position, velocity, self.uas.quat_wxyz, self.uas.rates_flu_rad_s)
        return [("mavros/local_position/odom", estimate)] if not self._covariance else []

    def _note_covariance(self, m: Any, now_ns: int) -> Published:
        self._covariance = True
        types = self.uas.types
        if types is None or "mavros/local_position/odom" not in self.uas.wanted:
            return []
        pose_cov, twist_cov = self._covariances(m)
        pose = (ned_to_enu((m.x, m.y, m.z)), self.uas.quat_wxyz)
        twist = (self._body(m), self.uas.rates_flu_rad_s)
        message = odometry_msg(types, self._stamp(m, now_ns), pose, twist, (pose_cov, twist_cov))
        return [("mavros/local_position/odom", message)]

    # ------------------------------------------------------------ on demand

    def _pose(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("geometry_msgs/msg/PoseStamped")(
            header=header(types, self._stamp(m, now_ns), "map"),
            pose=pose_msg(types, ned_to_enu((m.x, m.y, m.z)), self.uas.quat_wxyz),
        )

    def _pose_if_alone(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return None if self._plain else self._pose(types, m, now_ns)

    def _velocity_body(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        stamp = self._stamp(m, now_ns)
        return twist_stamped_msg(types, stamp, "base_link", self._body(m), self.uas.rates_flu_rad_s)

    def _velocity_body_if_alone(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return None if self._plain else self._velocity_body(types, m, now_ns)

    def _velocity_local(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        """Linear and angular velocity along map's axes (MAVROS stamps the same numbers base_link)."""
        angular = quat_rotate(self.uas.quat_wxyz, self.uas.rates_flu_rad_s)
        return twist_stamped_msg(types, self._stamp(m, now_ns), "map", ned_to_enu((m.vx, m.vy, m.vz)), angular)

    def _pose_cov(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        pose = pose_msg(types, ned_to_enu((m.x, m.y, m.z)), self.uas.quat_wxyz)
        return types("geometry_msgs/msg/PoseWithCovarianceStamped")(
            header=header(types, self._stamp(m, now_ns), "map"),
            pose=types("geometry_msgs/msg/PoseWithCovariance")(pose=pose, covariance=self._covariances(m)[0]),
        )

    def _velocity_cov(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        twist = twist_msg(types, self._body(m), self.uas.rates_flu_rad_s)
        return types("geometry_msgs/msg/TwistWithCovarianceStamped")(
            header=header(types, self._stamp(m, now_ns), "base_link"),
            twist=types("geometry_msgs/msg/TwistWithCovariance")(twist=twist, covariance=self._covariances(m)[1]),
        )

    def _accel(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        c = m.covariance
        accel = types("geometry_msgs/msg/Accel")(
            linear=vector_msg(types, ned_to_enu((m.ax, m.ay, m.az))), angular=vector_msg(types, (0.0, 0.0, 0.0))
        )
        covariance = diagonal36(c[_ACC_EAST], c[_ACC_NORTH], c[_ACC_DOWN])
        return types("geometry_msgs/msg/AccelWithCovarianceStamped")(
            header=header(types, self._stamp(m, now_ns), "map"),
            accel=types("geometry_msgs/msg/AccelWithCovariance")(accel=accel, covariance=covariance),
        )

    def _stamp(self, m: Any, now_ns: int) -> int:
        if m.get_type() == _PLAIN:
            return self.uas.stamp_ms(m.time_boot_ms, now_ns)
        return self.uas.stamp_us(m.time_usec, now_ns)

    def _body(self, m: Any) -> Vec3:
        return quat_rotate_inverse(self.uas.quat_wxyz, ned_to_enu((m.vx, m.vy, m.vz)))

    def _covariances(self, m: Any) -> tuple[Any, Any]:
        """Return pose and twist covariances: ENU for the pose; the twist is in the body, turned with the attitude."""
        c = m.covariance
        twist = np.zeros((6, 6))
        axes = [quat_rotate(self.uas.quat_wxyz, axis) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))]
        body_to_enu = np.array(axes).T
        world = np.diag([c[_VEL_EAST], c[_VEL_NORTH], c[_VEL_DOWN]])
        twist[:3, :3] = body_to_enu.T @ world @ body_to_enu
        return diagonal36(c[_EAST], c[_NORTH], c[_DOWN]), twist.ravel()
