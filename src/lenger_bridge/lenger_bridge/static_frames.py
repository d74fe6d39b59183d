"""The three static transforms that MAVROS always publishes: the autopilot's axes beside ROS's."""

from __future__ import annotations

from math import sqrt
from typing import Any

from lenger_core.samples import QuatWxyz
from lenger_core.wire_types import TypeFactory, header, quaternion_msg, vector_msg

STATIC_FRAMES_TOPIC = "/tf_static"
STATIC_FRAMES_TYPE = "tf2_msgs/msg/TFMessage"
_WORLD: QuatWxyz = (0.0, sqrt(0.5), sqrt(0.5), 0.0)
"""Half a turn about the north-east diagonal."""
_BODY: QuatWxyz = (0.0, 1.0, 0.0, 0.0)
"""Half a turn about the nose."""
STATIC_FRAMES = (("map", "map_ned", _WORLD), ("odom", "odom_ned", _WORLD), ("base_link", "base_link_frd", _BODY))
"""Parent, child, rotation from child to parent."""


def static_frames_msg(types: TypeFactory, t_ns: int) -> Any:
    """Return tf2_msgs/TFMessage of all of them."""
    transforms = [
        types("geometry_msgs/msg/TransformStamped")(
            header=header(types, t_ns, parent),
            child_frame_id=child,
            transform=types("geometry_msgs/msg/Transform")(
                translation=vector_msg(types, (0.0, 0.0, 0.0)), rotation=quaternion_msg(types, quat)
            ),
        )
        for parent, child, quat in STATIC_FRAMES
    ]
    return types(STATIC_FRAMES_TYPE)(transforms=transforms)
