"""The one table of topics: name, ROS type, record, QoS, and the conversion both ways.

The mavros/* topics are as MAVROS 2.x publishes them: ENU and FLU, ellipsoid heights, its field conventions. Where
MAVROS is known to be wrong (a twist sign, a magnetometer scale) the endpoint of Lenger publishes the right value, and
the codecs read only fields that are right in both.

`encode` takes a type factory (`"std_msgs/msg/Header"` -> class), so that the same code fills rclpy's messages in a node
and rosbags' in the lockstep flight; `decode` only reads attributes, so it takes either. Every number is coerced to the
plain Python type of its field: rclpy's C side does not check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lenger_core import wire_inertial, wire_position, wire_status
from lenger_core import wire_own as own
from lenger_core.samples import Odometry
from lenger_core.wire_types import Codec, TypeFactory

Encode = Callable[[TypeFactory, Any], Any]
Decode = Callable[[Any], Any]


@dataclass(frozen=True)
class TopicSpec:
    """One topic.

    Attributes:
        name: relative to the vehicle's namespace (absolute with a leading slash).
        ros_type: "package/msg/Name".
        record: class of `lenger_core.samples` (GnssFix for the three topics that carry parts of it).
        qos: name of a profile of `lenger_core.ros.qos`: sensor, state, latched, plain, command, event.
        recorded: whether flights record it.
    """

    name: str
    ros_type: str
    record: type
    qos: str
    encode: Encode
    decode: Decode
    recorded: bool = True


def _table(*specs: TopicSpec) -> dict[str, TopicSpec]:
    return {spec.name: spec for spec in specs}


def _own(name: str, codec: own.OwnCodec, qos: str) -> TopicSpec:
    return TopicSpec(name, codec.ros_type, codec.record, qos, codec.encode, codec.decode)


def _mavros(name: str, codec: Codec, qos: str, recorded: bool = True) -> TopicSpec:
    return TopicSpec(f"mavros/{name}", codec.ros_type, codec.record, qos, codec.encode, codec.decode, recorded)


TOPICS: dict[str, TopicSpec] = _table(
    _own("mission/command", own.COMMAND, "command"),
    _own("guard/command", own.COMMAND, "command"),
    _own("guard/status", own.GUARD_STATUS, "state"),
    _own("fusion/status", own.FUSION_STATUS, "state"),
    _own("vehicle/status", own.VEHICLE_STATUS, "state"),
    _own("mission/status", own.MISSION_STATUS, "state"),
    _own("mission/camera", own.CAMERA_TRIGGER, "event"),
    _own("exercise/status", own.EXERCISE_STATUS, "state"),
    _own("sim/truth", own.SIM_TRUTH, "sensor"),
    _own("events", own.EVENT, "event"),
    TopicSpec("fusion/odometry", own.ODOMETRY_TYPE, Odometry, "sensor", own.encode_odometry, own.decode_odometry),
    _mavros("state", wire_status.STATE, "state"),
    _mavros("extended_state", wire_status.EXTENDED_STATE, "state"),
    _mavros("sys_status", wire_status.SYS_STATUS, "state"),
    _mavros("imu/data_raw", wire_inertial.IMU_RAW, "sensor"),
    _mavros("imu/data", wire_inertial.IMU, "sensor", recorded=False),
    _mavros("imu/mag", wire_inertial.MAG, "sensor"),
    _mavros("imu/static_pressure", wire_inertial.PRESSURE, "sensor"),
    _mavros("global_position/raw/fix", wire_position.RAW_FIX, "sensor"),
    _mavros("global_position/raw/gps_vel", wire_position.RAW_VELOCITY, "sensor"),
    _mavros("gpsstatus/gps1/raw", wire_position.GPS_RAW, "plain"),
    _mavros("global_position/global", wire_position.GLOBAL, "sensor"),
    _mavros("local_position/odom", wire_position.LOCAL, "sensor"),
    _mavros("home_position/home", wire_position.HOME, "state"),
    _mavros("battery", wire_status.BATTERY, "sensor"),
    _mavros("statustext/recv", wire_status.STATUSTEXT, "sensor"),
    _mavros("statustext/send", wire_status.STATUSTEXT, "sensor"),
    _mavros("wind_estimation", wire_status.WIND, "sensor", recorded=False),
    _mavros("radio_status", wire_status.RADIO, "plain", recorded=False),
    _mavros("mission/waypoints", wire_status.MISSION, "latched", recorded=False),
    _mavros("mission/reached", wire_status.REACHED, "state", recorded=False),
    _mavros("setpoint_raw/local", wire_status.VELOCITY_SETPOINT, "command"),
    _mavros("setpoint_raw/global", wire_status.POSITION_SETPOINT, "command"),
)
