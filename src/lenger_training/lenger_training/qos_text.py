"""QoS profiles as rosbag2 writes them into a channel, so that `ros2 bag play` offers what was offered in flight."""

from __future__ import annotations

# Name in lenger_core.wire -> (depth, reliability, durability). A test holds it equal to lenger_core.ros.qos, which
# needs rclpy.
_PROFILES = {
    "sensor": (10, "best_effort", "volatile"),
    "state": (10, "reliable", "transient_local"),
    "latched": (1, "reliable", "transient_local"),
    "plain": (10, "reliable", "volatile"),
    "command": (5, "reliable", "volatile"),
    "event": (200, "reliable", "transient_local"),
}
_FOREVER = "{sec: 9223372036, nsec: 854775807}"


def offered_qos(name: str) -> str:
    """Return the YAML of one offered profile (rosbag2 Jazzy, `offered_qos_profiles`)."""
    depth, reliability, durability = _PROFILES[name]
    return (
        f"- history: keep_last\n  depth: {depth}\n  reliability: {reliability}\n  durability: {durability}\n"
        f"  deadline: {_FOREVER}\n  lifespan: {_FOREVER}\n  liveliness: automatic\n"
        f"  liveliness_lease_duration: {_FOREVER}\n  avoid_ros_namespace_conventions: false\n"
    )
