"""Tests of `ros2 launch`: they need the launch packages of ROS, which a bare machine lacks."""

from __future__ import annotations

import importlib.util

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this folder, with the reason, where launch_ros is absent."""
    if importlib.util.find_spec("launch_ros") is None:
        for item in items:
            if "tests/launch/" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason="launch_ros is absent (it comes with ROS, not from PyPI)"))
