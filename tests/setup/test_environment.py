"""The variables that every child gets."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lenger_bringup.setup import environment
from lenger_bringup.setup.dds import LOOPBACK, PROFILES, RANGE, TRANSPORTS, dds_environment
from lenger_bringup.setup.environment import child_environment, ensure


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    (tmp_path / ".venv" / "lib" / "python3.12" / "site-packages" / "ros_rclpy.libs").mkdir(parents=True)
    return tmp_path / ".venv"


def test_a_bare_child_finds_the_wheels_and_does_not_start_twice(venv: Path) -> None:
    environ = child_environment(venv.parent, venv, {"PATH": "/usr/bin", "HOME": str(venv)})
    assert environ["PATH"] == f"{venv}/bin:/usr/bin"
    libraries = f"{venv}/lib:{venv}/lib/python3.12/site-packages/ros_rclpy.libs"
    assert environ["LD_LIBRARY_PATH"] == libraries
    assert environ["_ROS_WHEELS_BOOTSTRAP_COMPLETE"] == "1"
    assert environ["AMENT_PREFIX_PATH"] == environ["CMAKE_PREFIX_PATH"] == str(venv)
    assert environ["LENGER_HOME"] == str(venv.parent)
    assert environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "SYSTEM_DEFAULT"
    assert Path(environ["FASTRTPS_DEFAULT_PROFILES_FILE"]).is_file()
    assert environ["RMW_IMPLEMENTATION"] == "rmw_fastrtps_cpp"
    assert environ["PYTHONUNBUFFERED"] == "1"
    assert "ROS_LOG_DIR" not in environ


def test_making_it_twice_changes_nothing(venv: Path) -> None:
    once = child_environment(venv.parent, venv, {"PATH": "/usr/bin"})
    assert child_environment(venv.parent, venv, once) == once


def test_the_users_settings_win(venv: Path) -> None:
    chosen = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET", "RMW_IMPLEMENTATION": "rmw_zenoh_cpp", "ROS_LOG_DIR": "/x"}
    environ = child_environment(venv.parent, venv, chosen)
    assert {name: environ[name] for name in chosen} == chosen


@pytest.mark.parametrize(
    ("chosen", "set_too"),
    [
        (
            {RANGE: "LOCALHOST"},
            {RANGE: "SYSTEM_DEFAULT", TRANSPORTS: "UDPv4", **dict.fromkeys(PROFILES, str(LOOPBACK))},
        ),
        ({RANGE: "SUBNET"}, {TRANSPORTS: "UDPv4"}),
        ({RANGE: "SUBNET", TRANSPORTS: "LARGE_DATA"}, {}),
        ({PROFILES[0]: "/mine.xml"}, {TRANSPORTS: "UDPv4", RANGE: "LOCALHOST"}),
        ({RANGE: "SUBNET", PROFILES[1]: "/mine.xml"}, {TRANSPORTS: "UDPv4"}),
        ({"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}, {RANGE: "LOCALHOST"}),
    ],
)
def test_no_shared_memory_unless_the_user_says_so(chosen: dict[str, str], set_too: dict[str, str]) -> None:
    assert dds_environment(chosen) == set_too
    assert dds_environment(chosen | set_too) == {}


def test_a_bare_child_does_not_see_a_ros_that_is_sourced_but_not_used(venv: Path) -> None:
    sourced = {
        "AMENT_PREFIX_PATH": "/opt/ros/jazzy",
        "PYTHONPATH": "/opt/ros/jazzy/lib/python3.12/site-packages:/mine",
        "LD_LIBRARY_PATH": "/opt/ros/jazzy/lib:/usr/local/cuda/lib",
    }
    environ = child_environment(venv.parent, venv, sourced)
    assert environ["AMENT_PREFIX_PATH"] == str(venv)
    assert environ["PYTHONPATH"] == "/mine"
    assert "/opt/ros" not in environ["LD_LIBRARY_PATH"]
    assert environ["LD_LIBRARY_PATH"].endswith("/usr/local/cuda/lib")


def test_a_full_child_keeps_the_sourced_ros_below_ours(tmp_path: Path) -> None:
    venv = tmp_path / ".venv-ros-jazzy"
    environ = child_environment(tmp_path, venv, {"AMENT_PREFIX_PATH": "/opt/ros/jazzy", "PYTHONPATH": "/opt/ros/x"})
    assert environ["AMENT_PREFIX_PATH"] == f"{venv}:/opt/ros/jazzy"
    assert environ["PYTHONPATH"] == "/opt/ros/x"
    assert "_ROS_WHEELS_BOOTSTRAP_COMPLETE" not in environ


@pytest.mark.parametrize("home", [{}, {"HOME": "/nonexistent"}])
def test_without_a_home_folder_ros_logs_to_the_temporary_folder(venv: Path, home: dict[str, str]) -> None:
    assert "lenger-ros-log" in child_environment(venv.parent, venv, home)["ROS_LOG_DIR"]


def test_ensure_starts_python_again_only_when_the_library_path_lacks_ours(venv: Path, monkeypatch) -> None:
    calls: list[dict[str, str]] = []
    monkeypatch.setattr(sys, "prefix", str(venv))
    monkeypatch.setattr(os, "execve", lambda program, words, environ: calls.append(environ))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.environ.pop("LD_LIBRARY_PATH", None)
    ensure(venv.parent)
    assert len(calls) == 1
    assert calls[0]["LD_LIBRARY_PATH"].startswith(f"{venv}/lib:")
    os.environ.update(calls[0])
    ensure(venv.parent)
    assert len(calls) == 1


def test_in_a_colcon_workspace_ensure_only_fills_gaps(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(environment, "running_venv", lambda home: None)
    monkeypatch.setattr(os, "environ", {"AMENT_PREFIX_PATH": "/ws/install", "RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"})
    ensure(tmp_path)
    assert os.environ["AMENT_PREFIX_PATH"] == "/ws/install"
    assert os.environ["RMW_IMPLEMENTATION"] == "rmw_cyclonedds_cpp"
    assert os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
