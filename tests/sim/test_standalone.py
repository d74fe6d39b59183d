"""The standalone vehicle as a process, flown by pymavlink's own client over real UDP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink

os.environ.setdefault("MAVLINK20", "1")
SPEED = 8.0


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def vehicle() -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    link = f"udp://127.0.0.1:{port}"
    args = [sys.executable, "-m", "lenger_sim.standalone", "--mavlink", link, "--speed", str(SPEED)]
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process, port
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=10)


class Client:
    """pymavlink's mavutil, as a ground station uses it."""

    def __init__(self, port: int) -> None:
        from pymavlink import mavutil

        self.link: Any = mavutil.mavlink_connection(f"udpin:127.0.0.1:{port}", source_system=255)
        assert self.link.wait_heartbeat(timeout=120) is not None, "no heartbeat"

    def wait(self, what: str, done: Callable[[Any], bool], kind: str, limit_s: float = 90.0, each: Any = None) -> Any:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if each is not None:
                each()
            msg = self.link.recv_match(type=kind, blocking=True, timeout=0.05)
            if msg is not None and done(msg):
                return msg
        pytest.fail(f"no {what} within {limit_s} s")

    def command(self, command: int, *params: float) -> int:
        params = (*params, *[0.0] * (7 - len(params)))
        self.link.mav.command_long_send(1, 1, command, 0, *params)
        ack = self.wait(f"ACK of {command}", lambda m: m.command == command, "COMMAND_ACK")
        return int(ack.result)

    def height_m(self, msg: Any) -> float:
        return float(msg.relative_alt * 1e-3)

    def push_north(self) -> None:
        self.link.mav.set_position_target_local_ned_send(0, 1, 1, 1, 3527, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0)


def test_arm_take_off_offboard_land(vehicle: tuple[subprocess.Popen[str], int]) -> None:
    process, port = vehicle
    client = Client(port)
    ready = mavlink.MAV_SYS_STATUS_PREARM_CHECK
    client.wait("pre-arm health", lambda m: m.onboard_control_sensors_health & ready, "SYS_STATUS")
    home = client.wait("home", lambda m: True, "HOME_POSITION")
    nan = float("nan")
    target = home.altitude * 1e-3 + 12.0
    assert client.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, nan, nan, nan, target) == 0
    assert client.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    client.wait("height", lambda m: client.height_m(m) > 11.0, "GLOBAL_POSITION_INT")

    client.push_north()
    client.wait("a setpoint's way", lambda m: True, "ATTITUDE_QUATERNION", each=client.push_north)
    assert client.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 6, 0) == 0
    client.wait("speed north", lambda m: m.vx > 3.0, "LOCAL_POSITION_NED", each=client.push_north)

    assert client.command(mavlink.MAV_CMD_NAV_LAND) == 0
    landed = mavlink.MAV_LANDED_STATE_ON_GROUND
    client.wait("ground", lambda m: m.landed_state == landed, "EXTENDED_SYS_STATE", 120.0)
    armed = mavlink.MAV_MODE_FLAG_SAFETY_ARMED
    client.wait("disarming", lambda m: not m.base_mode & armed, "HEARTBEAT")

    client.link.param_fetch_one("COM_OF_LOSS_T")
    value = client.wait("parameter", lambda m: m.param_id == "COM_OF_LOSS_T", "PARAM_VALUE")
    assert value.param_value == 1.0
    client.link.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130


def test_a_bad_argument_is_one_line_and_exit_2() -> None:
    args = [sys.executable, "-m", "lenger_sim.standalone", "--home", "somewhere"]
    done = subprocess.run(args, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "LAT,LON" in done.stderr


def test_a_taken_port_is_exit_3_and_says_so() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        url = f"udp://127.0.0.1:{holder.getsockname()[1]}@127.0.0.1:9"
        args = [sys.executable, "-m", "lenger_sim.standalone", "--mavlink", url]
        done = subprocess.run(args, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3
    assert "port" in done.stderr
