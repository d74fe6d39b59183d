"""Small conversions that every message codec uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lenger_core.samples import QuatWxyz, Vec3

TypeFactory = Callable[[str], Any]
"""Takes "package/msg/Name" and returns the message class."""


@dataclass(frozen=True)
class Codec:
    """One message type and its conversion both ways."""

    ros_type: str
    record: type
    encode: Callable[[TypeFactory, Any], Any]
    decode: Callable[[Any], Any]


def time_msg(types: TypeFactory, t_ns: int) -> Any:
    """Return builtin_interfaces/Time."""
    sec, nanosec = divmod(int(t_ns), 1_000_000_000)
    return types("builtin_interfaces/msg/Time")(sec=sec, nanosec=nanosec)


def time_ns(msg: Any) -> int:
    """Return integer nanoseconds of builtin_interfaces/Time."""
    return int(msg.sec) * 1_000_000_000 + int(msg.nanosec)


def header(types: TypeFactory, t_ns: int, frame_id: str = "") -> Any:
    """Return std_msgs/Header."""
    return types("std_msgs/msg/Header")(stamp=time_msg(types, t_ns), frame_id=frame_id)


def stamp_ns(msg: Any) -> int:
    """Return the header stamp in integer nanoseconds."""
    return time_ns(msg.header.stamp)


def vector_msg(types: TypeFactory, v: Vec3) -> Any:
    """Return geometry_msgs/Vector3."""
    return types("geometry_msgs/msg/Vector3")(x=float(v[0]), y=float(v[1]), z=float(v[2]))


def point_msg(types: TypeFactory, v: Vec3) -> Any:
    """Return geometry_msgs/Point."""
    return types("geometry_msgs/msg/Point")(x=float(v[0]), y=float(v[1]), z=float(v[2]))


def vector(msg: Any) -> Vec3:
    """Return the tuple of a Vector3 or Point."""
    return float(msg.x), float(msg.y), float(msg.z)


def quaternion_msg(types: TypeFactory, q: QuatWxyz) -> Any:
    """Return geometry_msgs/Quaternion of (w, x, y, z)."""
    return types("geometry_msgs/msg/Quaternion")(x=float(q[1]), y=float(q[2]), z=float(q[3]), w=float(q[0]))


def quaternion(msg: Any) -> QuatWxyz:
    """Return (w, x, y, z)."""
    return float(msg.w), float(msg.x), float(msg.y), float(msg.z)
