"""The stack `sim` of lenger_bringup.stacks; --show-args lists its arguments."""

from lenger_bringup.launch_adapter import launch_description

from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Return the stack as launch actions."""
    return launch_description("sim")
