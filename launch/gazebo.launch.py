"""The stack `gazebo` of lenger_bringup.stacks; --show-args lists its arguments."""

from launch import LaunchDescription
from lenger_bringup.launch_adapter import launch_description


def generate_launch_description() -> LaunchDescription:
    """Return the stack as launch actions."""
    return launch_description("gazebo")
