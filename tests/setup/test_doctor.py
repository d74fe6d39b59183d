"""The doctor's findings on machines that lack one thing or another."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from lenger_bringup import doctor
from lenger_bringup.doctor import MISSING, OK, OPTIONAL, Check
from lenger_bringup.machine import Machine

PREFIX = Path("/home/me/lenger/.venv")
WHEEL = PREFIX / "lib/python3.12/site-packages/rclpy"


class FakeMachine(Machine):
    """A bare machine on which Lenger is set up; each test takes something away or adds it."""

    def __init__(self, **answers: object) -> None:
        super().__init__({})
        self.programs = {"c++": "/usr/bin/c++"}
        self.files = {Path("/usr/include/python3.12/Python.h")}
        self.packages = dict.fromkeys(("lenger_interfaces", "rmw_fastrtps_cpp", *doctor.MIRRORED), PREFIX)
        self.rclpy: Path | None = WHEEL
        self.lines = {"c++": "g++ 13.2"}
        self.version, self.devices, self.own, self.taken = (3, 12, 3), {}, {"me"}, set()
        self.disk, self.memory = 50.0, 8.0
        self.distribution = ("ubuntu", "24.04")
        self.environ = {"ROS_DISTRO": "jazzy"}
        for name, answer in answers.items():
            assert hasattr(self, name), name
            setattr(self, name, answer)

    def python_version(self):
        return self.version

    def release(self):
        return self.distribution

    def prefix(self):
        return PREFIX

    def include_folder(self):
        return Path("/usr/include/python3.12")

    def exists(self, path):
        return path in self.files

    def glob(self, pattern):
        return [path for path in self.devices if path.match(pattern)]

    def writable(self, path):
        return self.devices[path]

    def which(self, name):
        return self.programs.get(name, "")

    def first_line(self, command):
        return self.lines.get(command[0], "")

    def module(self, name):
        return self.rclpy

    def package(self, name):
        return self.packages.get(name)

    def user(self):
        return "me"

    def groups(self):
        return self.own

    def udp_free(self, port):
        return port not in self.taken

    def disk_free_gb(self):
        return self.disk

    def memory_gb(self):
        return self.memory


def find(name: str, **answers: object) -> Check:
    return next(check for check in doctor.checks(FakeMachine(**answers)) if check.name == name)


def test_a_bare_machine_that_is_set_up_misses_nothing() -> None:
    assert not [check for check in doctor.checks(FakeMachine()) if check.state == MISSING]


def test_whatever_is_not_ok_says_how_to_mend_it() -> None:
    poor = FakeMachine(
        programs={}, files=set(), packages={}, rclpy=None, version=(3, 9, 1), disk=0.1, memory=0.1,
        taken=set(doctor.PORTS),
    )  # fmt: skip
    for check in doctor.checks(poor):
        assert check.state != OK
        assert check.mend, check.name
        assert "\n" not in check.meaning + check.mend


@pytest.mark.parametrize(
    ("name", "answers", "state", "mend"),
    [
        ("python", {"version": (3, 9, 18)}, MISSING, "apt-get install python3"),
        ("python", {"version": (3, 14, 0)}, MISSING, "apt-get install python3"),
        ("python headers", {"files": set()}, MISSING, "python3-dev"),
        ("compiler", {"programs": {}}, MISSING, "g++"),
        ("ros", {"rclpy": None}, MISSING, "./lenger"),
        ("middleware", {"packages": {}}, MISSING, "RMW_IMPLEMENTATION"),
        ("lenger_interfaces", {"packages": {}}, MISSING, "./lenger"),
        ("mavros", {}, OPTIONAL, "ros-jazzy-mavros"),
        ("geoid", {}, OPTIONAL, "egm96-5"),
        ("gazebo", {}, OPTIONAL, "ros-jazzy-ros-gz"),
        ("gazebo", {"programs": {"gz": "/gz"}, "lines": {"gz": "6.16.0"}}, OPTIONAL, "ros-jazzy-ros-gz"),
        ("gazebo", {"programs": {"gz": "/gz"}, "lines": {"gz": "8.7.0"}}, OK, ""),
        ("ros_gz_bridge", {}, OPTIONAL, "ros-jazzy-ros-gz-bridge"),
        ("px4 sitl", {}, OPTIONAL, "export LENGER_PX4_SITL="),
        ("ardupilot sitl", {}, OPTIONAL, "export LENGER_ARDUCOPTER="),
        ("ardupilot plugin", {}, OPTIONAL, "export LENGER_ARDUPILOT_GAZEBO="),
        ("serial", {}, OPTIONAL, "plug"),
        ("serial", {"devices": {Path("/dev/ttyACM0"): False}}, OPTIONAL, "usermod -aG dialout me"),
        ("serial", {"devices": {Path("/dev/ttyUSB0"): True}}, OK, ""),
        ("udp 14540", {"taken": {14540}}, OPTIONAL, "14540"),
        ("disk", {"disk": 1.0}, OPTIONAL, "runs/"),
        ("memory", {"memory": 0.5}, OPTIONAL, "--lockstep"),
    ],
)
def test_each_check_has_its_state_and_its_mending_command(name: str, answers: dict, state: str, mend: str) -> None:
    check = find(name, **answers)
    assert check.state == state
    assert mend in check.mend
    assert bool(check.mend) == (state != OK)


def test_mirrors_and_the_real_packages_are_told_apart() -> None:
    assert "mirror" in find("mavros_msgs").meaning
    real = {"mavros_msgs": Path("/opt/ros/jazzy")}
    assert find("mavros_msgs", packages=real).meaning == "the real one, /opt/ros/jazzy"


def test_wheels_and_a_full_ros_are_told_apart() -> None:
    assert "wheels" in find("ros").meaning
    full = Path("/opt/ros/jazzy/lib/python3.12/site-packages/rclpy")
    assert "/opt/ros/jazzy" in find("ros", rclpy=full).meaning


def test_exit_code_and_outputs(monkeypatch, capsys) -> None:
    monkeypatch.setattr(doctor, "Machine", FakeMachine)
    stream = io.StringIO()
    assert doctor.run(Console(file=stream, width=100), json=False) == 0
    assert "Everything that Lenger needs is here." in stream.getvalue()
    monkeypatch.setattr(doctor, "Machine", lambda: FakeMachine(programs={}))
    assert doctor.run(None, json=True) == 3
    found = json.loads(capsys.readouterr().out)
    assert {"name": "compiler", "state": "missing"}.items() <= next(c for c in found if c["name"] == "compiler").items()
    assert doctor.run(None, json=False) == 3
    assert "missing  compiler: " in capsys.readouterr().out


def test_the_real_machine_answers_every_question() -> None:
    assert {check.state for check in doctor.checks(Machine())} <= {OK, MISSING, OPTIONAL}
