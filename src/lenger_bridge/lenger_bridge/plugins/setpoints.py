"""MAVROS's setpoint plugins: raw, position, velocity, acceleration and attitude, and what the autopilot flies to.

One message in is one message out: nothing is repeated, held or limited here.
"""

from __future__ import annotations

from typing import Any

from lenger_bridge.plugins.base import Input, Plugin, Stream
from lenger_bridge.plugins.global_position import amsl_m, check_position
from lenger_bridge.plugins.uas import Uas
from lenger_bridge.targets import (
    MASK_ACCELERATION,
    MASK_POSITION_YAW,
    MASK_VELOCITY_YAW_RATE,
    AttitudeTarget,
    GlobalTarget,
    LocalTarget,
    attitude_message,
    global_message,
    local_message,
)
from lenger_core.errors import InputError
from lenger_core.frames import yaw_of
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import IDENTITY, Vec3
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
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.ned import frd_to_flu, ned_to_enu, quat_ned_to_enu, yaw_ned_to_enu

ZERO: Vec3 = (0.0, 0.0, 0.0)
PAIR_NS = 100_000_000
"""Attitude and thrust whose stamps lie farther apart are no pair."""
_LOCAL, _GLOBAL_AMSL = mavlink.MAV_FRAME_LOCAL_NED, mavlink.MAV_FRAME_GLOBAL_INT
VELOCITY_FRAMES = {
    "LOCAL_NED": mavlink.MAV_FRAME_LOCAL_NED,
    "LOCAL_OFFSET_NED": mavlink.MAV_FRAME_LOCAL_OFFSET_NED,
    "BODY_NED": mavlink.MAV_FRAME_BODY_NED,
    "BODY_OFFSET_NED": mavlink.MAV_FRAME_BODY_OFFSET_NED,
}
"""setpoint_velocity's mav_frame: the names with which MAVROS is configured."""


class Setpoints(Plugin):
    """Setpoints in, targets out."""

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self._thrust: tuple[int, float] | None = None
        self._attitude: AttitudeTarget | None = None

    def streams(self) -> tuple[Stream, ...]:
        """Return what the autopilot says it flies to."""
        root = "mavros/setpoint_raw"
        local = {"POSITION_TARGET_LOCAL_NED": self._target_local}
        world = {"POSITION_TARGET_GLOBAL_INT": self._target_global}
        attitude = {"ATTITUDE_TARGET": self._target_attitude}
        return (
            Stream(f"{root}/target_local", "mavros_msgs/msg/PositionTarget", "sensor", local),
            Stream(f"{root}/target_global", "mavros_msgs/msg/GlobalPositionTarget", "sensor", world),
            Stream(f"{root}/target_attitude", "mavros_msgs/msg/AttitudeTarget", "sensor", attitude),
        )

    def inputs(self) -> tuple[Input, ...]:
        """Return all setpoint topics."""
        pose, twist = "geometry_msgs/msg/PoseStamped", "geometry_msgs/msg/TwistStamped"
        geo = "geographic_msgs/msg/GeoPoseStamped"
        return (
            Input("mavros/setpoint_raw/local", "mavros_msgs/msg/PositionTarget", "sensor", self._raw_local),
            Input("mavros/setpoint_raw/global", "mavros_msgs/msg/GlobalPositionTarget", "sensor", self._raw_global),
            Input("mavros/setpoint_raw/attitude", "mavros_msgs/msg/AttitudeTarget", "sensor", self._raw_attitude),
            Input("mavros/setpoint_position/local", pose, "sensor", self._position_local),
            Input("mavros/setpoint_position/global", geo, "sensor", self._position_global),
            Input("mavros/setpoint_position/global_to_local", geo, "sensor", self._global_to_local),
            Input("mavros/setpoint_velocity/cmd_vel", twist, "sensor", self._velocity),
            Input("mavros/setpoint_velocity/cmd_vel_unstamped", "geometry_msgs/msg/Twist", "sensor", self._unstamped),
            Input("mavros/setpoint_accel/accel", "geometry_msgs/msg/Vector3Stamped", "sensor", self._acceleration),
            Input("mavros/setpoint_attitude/attitude", pose, "plain", self._attitude_pose),
            Input("mavros/setpoint_attitude/cmd_vel", twist, "plain", self._attitude_rates),
            Input("mavros/setpoint_attitude/thrust", "mavros_msgs/msg/Thrust", "plain", self._thrust_in),
        )

    # ------------------------------------------------------------ in

    def _raw_local(self, m: Any, _now_ns: int) -> list[MavMessage]:
        return self._local_target(_motion(m, int(m.coordinate_frame), vector(m.position)))

    def _raw_global(self, m: Any, _now_ns: int) -> list[MavMessage]:
        motion = _motion(m, _LOCAL, ZERO)
        target = GlobalTarget(int(m.coordinate_frame), float(m.latitude), float(m.longitude), float(m.altitude), motion)
        return [global_message(target, self.uas.target)]

    def _raw_attitude(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """MAVROS clamps the thrust of this topic, and so do we; a thrust that is no number is refused."""
        thrust = _number("setpoint_raw/attitude", "thrust", float(m.thrust))
        rates = vector(m.body_rate)
        target = AttitudeTarget(
            stamp_ns(m), int(m.type_mask), quaternion(m.orientation), rates, min(1.0, max(0.0, thrust))
        )
        return [attitude_message(target, self.uas.target)]

    def _position_local(self, m: Any, _now_ns: int) -> list[MavMessage]:
        yaw = yaw_of(quaternion(m.pose.orientation))
        return self._position(stamp_ns(m), vector(m.pose.position), yaw)

    def _position_global(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """Altitude AMSL, as MAVROS passes it; the yaw rate is ignored (MAVROS also asks for yaw rate 0)."""
        yaw = yaw_of(quaternion(m.pose.orientation))
        motion = LocalTarget(stamp_ns(m), _LOCAL, MASK_POSITION_YAW, ZERO, ZERO, ZERO, yaw, 0.0)
        p = m.pose.position
        target = GlobalTarget(_GLOBAL_AMSL, float(p.latitude), float(p.longitude), float(p.altitude), motion)
        return [global_message(target, self.uas.target)]

    def _global_to_local(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """A global position as offset to where the autopilot is; altitude above the ellipsoid, as MAVROS takes it."""
        topic, p = "setpoint_position/global_to_local", m.pose.position
        here, local = self.uas.global_position, self.uas.local_position_enu_m
        if here is None or local is None:
            raise InputError(topic, "position", "unknown", "a vehicle that reports global and local position")
        lat, lon = float(p.latitude), float(p.longitude)
        check_position(topic, lat, lon)
        alt = amsl_m(topic, lat, lon, float(p.altitude))
        east, north, up = LocalFrame(*here, geoid_m=0.0).to_local(lat, lon, alt)
        goal = (local[0] + east, local[1] + north, local[2] + up)
        return self._position(stamp_ns(m), goal, yaw_of(quaternion(m.pose.orientation)))

    def _velocity(self, m: Any, _now_ns: int) -> list[MavMessage]:
        return self._velocity_target(stamp_ns(m), m.twist)

    def _unstamped(self, m: Any, now_ns: int) -> list[MavMessage]:
        return self._velocity_target(now_ns, m)

    def _acceleration(self, m: Any, _now_ns: int) -> list[MavMessage]:
        accel = vector(m.vector)
        return self._local_target(LocalTarget(stamp_ns(m), _LOCAL, MASK_ACCELERATION, ZERO, ZERO, accel, 0.0, 0.0))

    def _attitude_pose(self, m: Any, _now_ns: int) -> list[MavMessage]:
        mask = mavlink.ATTITUDE_TARGET_TYPEMASK_BODY_ROLL_RATE_IGNORE
        mask |= mavlink.ATTITUDE_TARGET_TYPEMASK_BODY_PITCH_RATE_IGNORE
        mask |= mavlink.ATTITUDE_TARGET_TYPEMASK_BODY_YAW_RATE_IGNORE
        self._attitude = AttitudeTarget(stamp_ns(m), mask, quaternion(m.pose.orientation), ZERO, 0.0)
        return self._pair()

    def _attitude_rates(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """Body rates, FLU (MAVROS swaps the axes of this topic as if they were ENU)."""
        mask = mavlink.ATTITUDE_TARGET_TYPEMASK_ATTITUDE_IGNORE
        self._attitude = AttitudeTarget(stamp_ns(m), mask, IDENTITY, vector(m.twist.angular), 0.0)
        return self._pair()

    def _thrust_in(self, m: Any, _now_ns: int) -> list[MavMessage]:
        thrust = _number("setpoint_attitude/thrust", "thrust", float(m.thrust))
        if not 0.0 <= thrust <= 1.0:
            raise InputError("setpoint_attitude/thrust", "thrust", thrust, "0 to 1")
        self._thrust = (stamp_ns(m), thrust)
        return self._pair()

    def _pair(self) -> list[MavMessage]:
        """Return SET_ATTITUDE_TARGET once attitude and thrust of one time are there; each is used once."""
        attitude, thrust = self._attitude, self._thrust
        if attitude is None or thrust is None or abs(attitude.t_ns - thrust[0]) > PAIR_NS:
            return []
        self._attitude = self._thrust = None
        whole = AttitudeTarget(
            attitude.t_ns, attitude.type_mask, attitude.quat_wxyz, attitude.rates_flu_rad_s, thrust[1]
        )
        return [attitude_message(whole, self.uas.target)]

    def _position(self, t_ns: int, position: Vec3, yaw: float) -> list[MavMessage]:
        return self._local_target(LocalTarget(t_ns, _LOCAL, MASK_POSITION_YAW, position, ZERO, ZERO, yaw, 0.0))

    def _velocity_target(self, t_ns: int, twist: Any) -> list[MavMessage]:
        frame = VELOCITY_FRAMES[self.uas.settings.setpoint_velocity_mav_frame]
        velocity, yaw_rate = vector(twist.linear), float(twist.angular.z)
        return self._local_target(LocalTarget(t_ns, frame, MASK_VELOCITY_YAW_RATE, ZERO, velocity, ZERO, 0.0, yaw_rate))

    def _local_target(self, target: LocalTarget) -> list[MavMessage]:
        return [local_message(target, self.uas.target)]

    # ------------------------------------------------------------ out

    def _target_local(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("mavros_msgs/msg/PositionTarget")(
            header=header(types, self.uas.stamp_ms(m.time_boot_ms, now_ns)),
            coordinate_frame=m.coordinate_frame,
            position=point_msg(types, ned_to_enu((m.x, m.y, m.z))),
            **_target_motion(types, m),
        )

    def _target_global(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("mavros_msgs/msg/GlobalPositionTarget")(
            header=header(types, self.uas.stamp_ms(m.time_boot_ms, now_ns)), coordinate_frame=m.coordinate_frame,
            latitude=m.lat_int / 1e7, longitude=m.lon_int / 1e7, altitude=m.alt, **_target_motion(types, m),
        )  # fmt: skip

    def _target_attitude(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("mavros_msgs/msg/AttitudeTarget")(
            header=header(types, self.uas.stamp_ms(m.time_boot_ms, now_ns)),
            type_mask=m.type_mask,
            orientation=quaternion_msg(types, quat_ned_to_enu(tuple(m.q))),
            body_rate=vector_msg(types, frd_to_flu((m.body_roll_rate, m.body_pitch_rate, m.body_yaw_rate))),
            thrust=m.thrust,
        )


def _motion(m: Any, frame: int, position: Vec3) -> LocalTarget:
    return LocalTarget(
        stamp_ns(m), frame, int(m.type_mask), position, vector(m.velocity), vector(m.acceleration_or_force),
        float(m.yaw), float(m.yaw_rate),
    )  # fmt: skip


def _target_motion(types: TypeFactory, m: Any) -> dict[str, Any]:
    """Return the fields that both kinds of target share; NaN stays NaN: unused."""
    finite = abs(m.yaw) < 1e6
    return {
        "type_mask": m.type_mask,
        "velocity": vector_msg(types, ned_to_enu((m.vx, m.vy, m.vz))),
        "acceleration_or_force": vector_msg(types, ned_to_enu((m.afx, m.afy, m.afz))),
        "yaw": yaw_ned_to_enu(m.yaw) if finite else float("nan"),
        "yaw_rate": -m.yaw_rate,
    }


def _number(topic: str, field: str, value: float) -> float:
    if value != value:
        raise InputError(topic, field, value, "a number")
    return value
