"""Codecs of lenger_interfaces messages (derived from the records field by field) and of fusion/odometry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import IntEnum
from typing import Any, get_type_hints

import numpy as np

from lenger_core import samples
from lenger_core.frames import quat_rotate, quat_rotate_inverse
from lenger_core.samples import Odometry, QuatWxyz, Vec3
from lenger_core.wire_types import (
    TypeFactory,
    header,
    point_msg,
    quaternion,
    quaternion_msg,
    stamp_ns,
    time_msg,
    time_ns,
    vector,
    vector_msg,
)


@dataclass(frozen=True)
class _Field:
    """One message field: where it lies in the message and how it converts."""

    name: str
    encode: Callable[[TypeFactory, Any], Any]
    decode: Callable[[Any], Any]


def _plain(kind: type) -> Callable[[TypeFactory, Any], Any]:
    return lambda _types, value: kind(value)


def _field(name: str, kind: Any, message_name: str | None) -> _Field:
    """Return the conversion of a record field of Python type `kind`."""
    name = message_name or name
    if kind == Vec3:
        return _Field(name, vector_msg, vector)
    if kind == QuatWxyz:
        return _Field(name, quaternion_msg, quaternion)
    if name == "consent":
        return _Field(name, time_msg, time_ns)
    if issubclass(kind, IntEnum):
        return _Field(name, _plain(int), kind)
    return _Field(name, _plain(kind), kind)


class OwnCodec:
    """Codec of a lenger_interfaces message whose fields carry the names of the record's.

    Args:
        ros_type: "lenger_interfaces/msg/Name".
        record: record class; its first field is `t_ns`, the message's first is `header` (or `stamp`).
        renamed: record field -> message field, where they differ.
        split: record field of type Vec3 -> three message fields.
        bare_stamp: the message has `stamp` in place of `header`.
    """

    def __init__(
        self,
        ros_type: str,
        record: type,
        renamed: dict[str, str] | None = None,
        split: dict[str, tuple[str, str, str]] | None = None,
        bare_stamp: bool = False,
    ) -> None:
        self.ros_type, self.record, self._bare_stamp = ros_type, record, bare_stamp
        self._split = split or {}
        hints = get_type_hints(record)
        names = [f.name for f in fields(record) if f.name != "t_ns" and f.name not in self._split]
        self._fields = {name: _field(name, hints[name], (renamed or {}).get(name)) for name in names}
        self._optional = {f.name for f in fields(record) if f.default is not MISSING}

    def encode(self, types: TypeFactory, record: Any) -> Any:
        """Return the message of a record."""
        values = {f.name: f.encode(types, getattr(record, name)) for name, f in self._fields.items()}
        for name, parts in self._split.items():
            values.update(zip(parts, map(float, getattr(record, name)), strict=True))
        if self._bare_stamp:
            values["stamp"] = time_msg(types, record.t_ns)
        else:
            values["header"] = header(types, record.t_ns, "map")
        return types(self.ros_type)(**values)

    def _has(self, msg: Any, name: str) -> bool:
        """Return whether to read a field: a recording of an older version lacks those with a default."""
        return name not in self._optional or hasattr(msg, self._fields[name].name)

    def decode(self, msg: Any) -> Any:
        """Return the record of a message.

        Raises:
            ValueError: an enumeration field holds a number that is not one of its values.
        """
        values = {name: f.decode(getattr(msg, f.name)) for name, f in self._fields.items() if self._has(msg, name)}
        for name, parts in self._split.items():
            values[name] = tuple(float(getattr(msg, part)) for part in parts)
        t_ns = time_ns(msg.stamp) if self._bare_stamp else stamp_ns(msg)
        return self.record(t_ns=t_ns, **values)


COMMAND = OwnCodec("lenger_interfaces/msg/Command", samples.Command, renamed={"consent_ns": "consent"})
GUARD_STATUS = OwnCodec("lenger_interfaces/msg/GuardStatus", samples.GuardStatus)
FUSION_STATUS = OwnCodec(
    "lenger_interfaces/msg/FusionStatus", samples.FusionStatus, split={"std_enu_m": ("std_e_m", "std_n_m", "std_u_m")}
)
VEHICLE_STATUS = OwnCodec("lenger_interfaces/msg/VehicleStatus", samples.VehicleStatus)
MISSION_STATUS = OwnCodec("lenger_interfaces/msg/MissionStatus", samples.MissionStatus)
CAMERA_TRIGGER = OwnCodec("lenger_interfaces/msg/CameraTrigger", samples.CameraTrigger)
EXERCISE_STATUS = OwnCodec("lenger_interfaces/msg/ExerciseStatus", samples.ExerciseStatus)
SIM_TRUTH = OwnCodec("lenger_interfaces/msg/SimTruth", samples.SimTruth, renamed={"quat_wxyz": "orientation"})
EVENT = OwnCodec("lenger_interfaces/msg/Event", samples.Event, bare_stamp=True)

ODOMETRY_TYPE = "nav_msgs/msg/Odometry"


def _diagonal(first: Vec3, rest: float) -> Any:
    """Return a row-major 6 x 6 covariance with `first` on the linear part and `rest` on the angular part."""
    out = np.zeros(36)
    out[[0, 7, 14]] = first
    out[[21, 28, 35]] = rest
    return out


def encode_odometry(types: TypeFactory, record: Odometry) -> Any:
    """Return fusion/odometry: pose in map, twist in base_link as nav_msgs demands (the record has it in the world)."""
    return odometry_msg(
        types,
        record,
        record.position_enu_m,
        _diagonal(record.position_var_m2, 0.0),
        _diagonal(record.velocity_var_m2_s2, 0.0),
    )


def odometry_msg(types: TypeFactory, record: Any, position: Vec3, pose_cov: Any, twist_cov: Any) -> Any:
    """Return nav_msgs/Odometry of a record with velocity_enu_m_s, quat_wxyz and rates_flu_rad_s."""
    body = quat_rotate_inverse(record.quat_wxyz, record.velocity_enu_m_s)
    pose = types("geometry_msgs/msg/Pose")(
        position=point_msg(types, position), orientation=quaternion_msg(types, record.quat_wxyz)
    )
    twist = types("geometry_msgs/msg/Twist")(
        linear=vector_msg(types, body), angular=vector_msg(types, record.rates_flu_rad_s)
    )
    return types(ODOMETRY_TYPE)(
        header=header(types, record.t_ns, "map"),
        child_frame_id="base_link",
        pose=types("geometry_msgs/msg/PoseWithCovariance")(pose=pose, covariance=pose_cov),
        twist=types("geometry_msgs/msg/TwistWithCovariance")(twist=twist, covariance=twist_cov),
    )


def decode_odometry(msg: Any) -> Odometry:
    """Return the record of fusion/odometry."""
    quat = quaternion(msg.pose.pose.orientation)
    pose_cov, twist_cov = msg.pose.covariance, msg.twist.covariance
    return Odometry(
        t_ns=stamp_ns(msg),
        position_enu_m=vector(msg.pose.pose.position),
        velocity_enu_m_s=quat_rotate(quat, vector(msg.twist.twist.linear)),
        quat_wxyz=quat,
        rates_flu_rad_s=vector(msg.twist.twist.angular),
        position_var_m2=(float(pose_cov[0]), float(pose_cov[7]), float(pose_cov[14])),
        velocity_var_m2_s2=(float(twist_cov[0]), float(twist_cov[7]), float(twist_cov[14])),
    )
