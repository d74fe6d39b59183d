"""Which ROS this machine offers, and hence what to install."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from lenger_bringup.setup.layout import INTERFACES, Plan


def decide(ros_distro: str, rclpy_importable: bool, has_package: Callable[[str], bool]) -> Plan:
    """Choose the way to run: a sourced ROS whose rclpy imports is used as it is, anything else gets the wheels.

    ``has_package`` says whether the sourced workspace offers an interface package; those that it offers are not built.
    """
    if ros_distro and rclpy_importable:
        return Plan("full", ros_distro, tuple(name for name in INTERFACES if not has_package(name)))
    return Plan("bare", "", INTERFACES)


def rclpy_importable(environ: Mapping[str, str]) -> bool:
    """Whether ``python3`` of this environment imports rclpy."""
    try:
        done = subprocess.run(["python3", "-c", "import rclpy"], env=dict(environ), capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def index_has(prefixes: list[Path], name: str) -> bool:
    """Whether one of the install prefixes registers a package in its ament index."""
    return any((prefix / "share/ament_index/resource_index/packages" / name).exists() for prefix in prefixes)


def plan_here(home: Path, environ: Mapping[str, str]) -> Plan:
    """Return the plan for this machine and environment."""
    distro = environ.get("ROS_DISTRO", "")
    own = str(home / ".venv")  # what an earlier set-up built does not count as the workspace's
    names = environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    prefixes = [Path(name) for name in names if name and not name.startswith(own)]
    importable = bool(distro) and rclpy_importable(environ)
    return decide(distro, importable, lambda name: index_has(prefixes, name))
