"""Turns a stack into launch actions, so that `ros2 launch` and `./lenger up` run the same thing.

Imports `launch` and `launch_ros` only when called: a bare machine has neither. `ros2 launch` runs in the system's
Python, which lacks our libraries: LENGER_NODE_PYTHON names the one that runs the nodes, of the virtual environment.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from lenger_bringup.setup.dds import dds_environment
from lenger_bringup.stack_model import Node, Program, Stack
from lenger_bringup.stacks import find_stack

if TYPE_CHECKING:
    from launch import LaunchContext, LaunchDescription


def launch_description(stack_name: str) -> LaunchDescription:
    """Return the launch description of a stack: its arguments, declared, and its nodes.

    Raises:
        InputError: no such stack; while launching, an argument that the stack refuses.
    """
    from launch.actions import DeclareLaunchArgument, OpaqueFunction

    from launch import LaunchDescription

    stack = find_stack(stack_name)
    declared = [
        DeclareLaunchArgument(
            argument.name,
            default_value=argument.default,
            description=argument.description,
            choices=list(argument.choices) or None,
        )
        for argument in stack.arguments
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=_actions, args=[stack])])


def _actions(context: LaunchContext, stack: Stack) -> list[Any]:
    given = {argument.name: context.launch_configurations[argument.name] for argument in stack.arguments}
    return [launch_program(program) for program in stack.programs(given)] + [
        launch_node(node) for node in stack.nodes(given)
    ]


def launch_program(program: Program) -> Any:
    """Return the launch action that starts a program with its own argument vector and environment."""
    from launch.actions import ExecuteProcess

    if program.folder is not None:
        program.folder.mkdir(parents=True, exist_ok=True)
    return ExecuteProcess(
        cmd=list(program.words),
        name=program.name,
        additional_env=dict(program.environment),
        cwd=str(program.folder) if program.folder else None,
        output="both",
    )


def launch_node(node: Node) -> Any:
    """Return the launch_ros action that starts a node with the argument vector of `Node.command`."""
    from launch.conditions import IfCondition
    from launch.substitutions import LaunchConfiguration
    from launch_ros.actions import Node as NodeAction

    values = {key: list(value) if isinstance(value, tuple) else value for key, value in node.parameters}
    return NodeAction(
        executable=os.environ.get("LENGER_NODE_PYTHON", sys.executable),
        arguments=["-m", node.module, *node.arguments],
        name=node.name,
        namespace=node.absolute_namespace,
        parameters=[values] if values else None,
        remappings=list(node.remappings),
        additional_env=dds_environment(os.environ),
        exec_name=node.name,
        output="both",
        condition=IfCondition(LaunchConfiguration(node.condition)) if node.condition else None,
    )
