"""Message classes of rclpy by name, for `lenger_core.wire`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def rclpy_types(name: str) -> Any:
    """Return the class of "package/msg/Name" (or srv, action); raises ImportError when its package is not built."""
    package, kind, message = name.split("/")
    return getattr(import_module(f"{package}.{kind}"), message)
