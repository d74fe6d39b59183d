"""ROS messages that several plugins fill."""

from __future__ import annotations

from typing import Any

import numpy as np

from lenger_core.samples import QuatWxyz, Vec3
from lenger_core.wire_types import TypeFactory, header, point_msg, quaternion_msg, vector_msg

ZERO3: Vec3 = (0.0, 0.0, 0.0)
COVARIANCE_UNKNOWN = -1.0
"""First element of a covariance that nobody knows."""


def pose_msg(types: TypeFactory, position: Vec3, quat: QuatWxyz) -> Any:
    """Return geometry_msgs/Pose."""
    return types("geometry_msgs/msg/Pose")(position=point_msg(types, position), orientation=quaternion_msg(types, quat))


def twist_msg(types: TypeFactory, linear: Vec3, angular: Vec3) -> Any:
    """Return geometry_msgs/Twist."""
    return types("geometry_msgs/msg/Twist")(linear=vector_msg(types, linear), angular=vector_msg(types, angular))


def twist_stamped_msg(types: TypeFactory, t_ns: int, frame_id: str, linear: Vec3, angular: Vec3) -> Any:
    """Return geometry_msgs/TwistStamped."""
    return types("geometry_msgs/msg/TwistStamped")(
        header=header(types, t_ns, frame_id), twist=twist_msg(types, linear, angular)
    )


def odometry_msg(
    types: TypeFactory, t_ns: int, pose: tuple[Vec3, QuatWxyz], twist: tuple[Vec3, Vec3], covariances: tuple[Any, Any]
) -> Any:
    """Return nav_msgs/Odometry of base_link in map; `covariances` of pose and twist, 36 numbers each."""
    return types("nav_msgs/msg/Odometry")(
        header=header(types, t_ns, "map"),
        child_frame_id="base_link",
        pose=types("geometry_msgs/msg/PoseWithCovariance")(pose=pose_msg(types, *pose), covariance=covariances[0]),
        twist=types("geometry_msgs/msg/TwistWithCovariance")(twist=twist_msg(types, *twist), covariance=covariances[1]),
    )


def diagonal36(*first: float) -> Any:
    """Return a row-major 6 x 6 covariance with these numbers first on its diagonal, zero elsewhere."""
    out = np.zeros(36)
    out[[7 * index for index in range(len(first))]] = first
    return out


def float64_msg(types: TypeFactory, value: float) -> Any:
    """Return std_msgs/Float64."""
    return types("std_msgs/msg/Float64")(data=float(value))
