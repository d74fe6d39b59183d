"""ROS parameters from a settings class: declared once with type, default, bounds and description."""

from __future__ import annotations

import difflib
from typing import Any, TypeVar

from pydantic import ValidationError
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node

from lenger_core.errors import InputError
from lenger_core.settings import Settings, input_error

S = TypeVar("S", bound=Settings)

_OF_ROS = ("use_sim_time", "start_type_description_service", "qos_overrides.")


def load_settings(node: Node, settings_type: type[S]) -> S:
    """Declare every field as a ROS parameter and return the validated snapshot.

    Raises:
        InputError: an unknown parameter, or a value out of type or bounds; names the node, parameter, value and valid
        choices.
    """
    declared: list[str] = []
    values = _declare(node, settings_type, "", declared)
    _refuse_unknown(node, declared)
    try:
        return settings_type.model_validate(values)
    except ValidationError as error:
        raise input_error(f"node {node.get_name()}, parameter", error) from error


def _declare(node: Node, settings_type: type[Settings], prefix: str, declared: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in settings_type.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Settings):
            values[name] = _declare(node, kind, f"{prefix}{name}.", declared)
            continue
        descriptor = ParameterDescriptor(description=field.description or "", dynamic_typing=True, read_only=True)
        value = node.declare_parameter(prefix + name, field.get_default(call_default_factory=True), descriptor).value
        # Empty lists have no ROS type of their own, and arrays of numbers come back as array.array.
        values[name] = list(value) if hasattr(value, "tolist") else value
        declared.append(prefix + name)
    return values


def _refuse_unknown(node: Node, declared: list[str]) -> None:
    given = node._parameter_overrides  # rclpy offers no public list of overrides that nobody declared
    for name in sorted(given):
        if name not in declared and not name.startswith(_OF_ROS):
            near = difflib.get_close_matches(name, declared, n=4) or declared[:8]
            raise InputError(f"node {node.get_name()}", "parameter", name, f"one of {', '.join(near)}")
