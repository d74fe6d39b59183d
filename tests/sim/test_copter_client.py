"""Plain pymavlink as a ground station of the ArduCopter flavour, over real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pymavlink import mavutil, mavwp
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from lenger_sim.host import VehicleHost
from lenger_sim.settings import VehicleNodeSettings

SPEED = 25.0
WAIT_S = 30.0


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """TCP and UDP port of a vehicle that flies in a thread of its own."""
    links = "tcp-l://127.0.0.1:0,udp://127.0.0.1:0@"
    host = VehicleHost(
        VehicleNodeSettings(autopilot="ardupilot", mavlink=links, speed=SPEED, streams="ground", prepared=False)
    )
    tcp, udp = (port.link.bound[1] for port in host.ports)  # type: ignore[attr-defined]
    stop = threading.Event()

    def fly() -> None:
        while not stop.is_set():
            stop.wait(host.cycle(lambda _t_ns: None))

    thread = threading.Thread(target=fly, daemon=True)
    thread.start()
    yield tcp, udp
    stop.set()
    thread.join(10.0)
    host.close()


class Station:
    """mavutil's connection and what the test waits for."""

    def __init__(self, url: str) -> None:
        self.link = mavutil.mavlink_connection(url, source_system=255)
        self.link.mav.heartbeat_send(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 0)
        assert self.link.wait_heartbeat(timeout=WAIT_S) is not None

    def wait(self, kind: str, fits: Any = lambda _msg: True) -> Any:
        """Return the next message of a kind that fits."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            msg = self.link.recv_match(type=kind, blocking=True, timeout=1.0)
            if msg is not None and fits(msg):
                return msg
        raise AssertionError(f"no {kind} within {WAIT_S} s")

    def ack(self, command: int) -> int:
        return int(self.wait("COMMAND_ACK", lambda msg: msg.command == command).result)

    def mode(self, name: str) -> None:
        self.link.set_mode(name)
        number = self.link.mode_mapping()[name]
        self.wait("HEARTBEAT", lambda msg: msg.get_srcComponent() == 1 and msg.custom_mode == number)

    def upload(self, items: list[Any], kind: int) -> int:
        self.link.mav.mission_count_send(1, 1, len(items), kind)
        while True:
            msg = self.wait("MISSION_REQUEST")
            self.link.mav.send(items[msg.seq])
            if msg.seq == len(items) - 1:
                return int(self.wait("MISSION_ACK").type)

    def download(self, kind: int) -> list[Any]:
        self.link.mav.mission_request_list_send(1, 1, kind)
        count = self.wait("MISSION_COUNT", lambda msg: msg.mission_type == kind).count
        out = []
        for seq in range(count):
            self.link.mav.mission_request_int_send(1, 1, seq, kind)
            out.append(self.wait("MISSION_ITEM_INT", lambda msg, seq=seq: msg.seq == seq))
        return out


def int_item(seq: int, command: int, lat: float, lon: float, alt: float, kind: int, param1: float = 0.0) -> Any:
    x, y = round(lat * 1e7), round(lon * 1e7)
    return mavlink.MAVLink_mission_item_int_message(1, 1, seq, 3, command, 0, 1, param1, 0, 0, 0, x, y, alt, kind)


@pytest.mark.parametrize("transport", ["tcp", pytest.param("udp", marks=pytest.mark.slow)])
def test_a_session_of_a_ground_station(ports: tuple[int, int], transport: str) -> None:
    url = f"tcp:127.0.0.1:{ports[0]}" if transport == "tcp" else f"udpout:127.0.0.1:{ports[1]}"
    station = Station(url)
    link = station.link
    assert link.mavlink20()
    parameters(station)
    link.mav.request_data_stream_send(1, 1, mavlink.MAV_DATA_STREAM_ALL, 10, 1)
    assert station.wait("EKF_STATUS_REPORT", lambda msg: bool(msg.flags & mavlink.EKF_POS_HORIZ_ABS))
    here = station.wait("GLOBAL_POSITION_INT", lambda msg: msg.lat != 0)
    lists(station, here.lat * 1e-7, here.lon * 1e-7)
    fly(station)


def parameters(station: Station) -> None:
    """Fetch all of them, as `param fetch` does, and set one."""
    station.link.param_fetch_all()
    count, got = 1, {}
    while len(got) < count:
        msg = station.wait("PARAM_VALUE")
        count, got[msg.param_id] = msg.param_count, msg.param_value
    assert (got["FENCE_RADIUS"], got["MAV_GCS_SYSID"], got["GUID_TIMEOUT"]) == (150.0, 255.0, 3.0)
    station.link.param_set_send("RTL_ALT_M", 12.0)
    assert station.wait("PARAM_VALUE", lambda msg: msg.param_id == "RTL_ALT_M").param_value == 12.0
    station.link.mav.param_request_read_send(1, 1, b"WPNAV_SPEED", -1)
    assert station.wait("PARAM_ERROR").param_id == "WPNAV_SPEED"


def lists(station: Station, lat: float, lon: float) -> None:
    """Upload and download a mission by mavwp's loader, and a fence."""
    loader = mavwp.MAVWPLoader(1, 1)
    for seq, (command, north) in enumerate([(16, 0.0), (22, 0.0), (16, 3e-4), (20, 0.0)]):
        loader.add_latlonalt(lat + north, lon, 10.0)
        loader.wp(seq).command = command
    items = [int_item(n, w.command, w.x, w.y, w.z, 0) for n, w in enumerate(loader.wpoints)]
    assert station.upload(items, 0) == mavlink.MAV_MISSION_ACCEPTED
    back = station.download(0)
    assert [item.command for item in back] == [16, 22, 16, 20]
    assert (back[2].x, back[2].frame, back[2].z) == (items[2].x, 3, 10.0)
    corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
    fence = [int_item(n, 5001, lat + 1e-3 * a, lon + 1e-3 * b, 0.0, 1, 4.0) for n, (a, b) in enumerate(corners)]
    assert station.upload(fence, 1) == mavlink.MAV_MISSION_ACCEPTED
    assert [(item.x, item.y) for item in station.download(1)] == [(item.x, item.y) for item in fence]


def fly(station: Station) -> None:
    """Arm, take off, change modes by name, land."""
    link = station.link
    station.mode("GUIDED")
    link.arducopter_arm()
    assert station.ack(mavlink.MAV_CMD_COMPONENT_ARM_DISARM) == 0
    link.motors_armed_wait()
    link.mav.command_long_send(1, 1, mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 0, 8.0)
    assert station.ack(mavlink.MAV_CMD_NAV_TAKEOFF) == 0
    station.wait("GLOBAL_POSITION_INT", lambda msg: msg.relative_alt > 7_000)
    for name in ("BRAKE", "GUIDED", "AUTO", "RTL", "LAND"):
        station.mode(name)
    link.motors_disarmed_wait()
