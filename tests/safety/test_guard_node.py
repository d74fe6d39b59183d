"""guard_node as a real process: mission silence, kill and restart, zones by service, a second publisher."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.resources import config_path
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import Authority, Command, CommandKind, GuardLevel, GuardStatus, Odometry, VehicleStatus
from lenger_core.terrain import load_terrain
from lenger_core.wire_types import time_msg

SITE = (42.1819, 69.8878)
GROUND_M = load_terrain().height_amsl_m(*SITE)


def start_guard(state: Path, zones: Path, **more: object) -> subprocess.Popen[str]:
    parameters = {"state_file": state, "zones": zones, "terrain.trust": "ground", **more}
    arguments = [x for name, value in parameters.items() for x in ("-p", f"{name}:={value}")]
    command = [sys.executable, "-m", "lenger_safety.guard_node", "--ros-args", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


class Neighbours:
    """What stands around the guard: a vehicle that hovers, a mission that wants motion, and a listener."""

    def __init__(self) -> None:
        import rclpy
        from rclpy.executors import SingleThreadedExecutor

        from lenger_core.ros.node import LengerNode
        from lenger_core.settings import Settings

        self.rclpy = rclpy
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node: LengerNode[Settings] = LengerNode("neighbours", Settings, context=self.context)
        self.commands: list[Command] = []
        self.statuses: list[GuardStatus] = []
        self.events: list[Any] = []
        self.node.subscribe("guard/command", self.commands.append)
        self.node.subscribe("guard/status", self.statuses.append)
        self.node.subscribe("events", self.events.append)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.mission_alive, self.sequence, self.consent_ns = True, 0, 0
        self.client: Any = None
        self.node.every(20.0, self._speak)

    def _speak(self) -> None:
        now = self.node.now_ns()
        place = (*SITE, GROUND_M + 60.0, (0.0, 0.0, 0.0), 0.0, 0.5, 0.5, *SITE, GROUND_M, 0.9, 16.0)
        flying = ("px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "")
        self.node.publish("vehicle/status", VehicleStatus(now, *flying, *place))
        if self.mission_alive:
            self.sequence += 1
            velocity = (2.0, 0.0, 0.0)
            kind = CommandKind.VELOCITY
            order = Command(now, "mission", self.sequence, 0.5, kind, velocity, consent_ns=self.consent_ns)
            self.node.publish("mission/command", order)

    def agree(self) -> None:
        self.consent_ns = self.node.now_ns()

    def until(self, predicate: Any, what: str, timeout_s: float = 60.0) -> None:
        """Spin until the predicate holds."""
        deadline = time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < deadline, f"waited {timeout_s} s for {what}"
            self.executor.spin_once(timeout_sec=0.1)

    def sends(self, kind: CommandKind) -> bool:
        return bool(self.commands) and self.commands[-1].kind is kind

    def call_set_zones(self, geojson: str, operation: str = "") -> Any:
        from lenger_interfaces.srv import SetZones

        if self.client is None:  # one for all calls: an answer is lost while the two ends have not found each other yet
            self.client = self.node.create_client(SetZones, "guard/set_zones")
        client = self.client
        self.until(client.service_is_ready, "guard/set_zones")
        future = client.call_async(SetZones.Request(operation=operation, geojson=geojson))
        self.until(future.done, "the reply of guard/set_zones")
        return future.result()

    def close(self) -> None:
        self.node.destroy_node()
        self.rclpy.shutdown(context=self.context)


@pytest.fixture
def neighbours(ros_domain: int) -> Iterator[Neighbours]:
    made = Neighbours()
    yield made
    made.close()


@pytest.fixture
def zones_file(tmp_path: Path) -> Path:
    return config_path("zones", "first_patrol.geojson")


@pytest.mark.ros
def test_silence_restart_zones_and_a_second_mission(neighbours: Neighbours, tmp_path: Path, zones_file: Path) -> None:
    n, state = neighbours, tmp_path / "guard.json"
    guard = start_guard(state, zones_file)
    try:
        n.until(lambda: n.sends(CommandKind.HOLD), "a guard that starts in flight to hold")
        n.agree()
        n.until(lambda: n.sends(CommandKind.VELOCITY), "motion after consent")

        n.mission_alive = False
        n.until(lambda: n.sends(CommandKind.HOLD), "the hold after mission silence")
        n.until(lambda: n.statuses[-1].latched and n.statuses[-1].level is GuardLevel.HOLD, "a latched status")
        assert "mission silent" in n.statuses[-1].reason
        n.until(lambda: state.is_file() and "mission silent" in state.read_text(), "the state file")

        guard.kill()
        guard.communicate()
        guard = start_guard(state, zones_file)
        n.mission_alive = True
        n.commands.clear()
        n.until(lambda: len(n.commands) > 20, "the restarted guard")
        moving = [c for c in n.commands if c.kind not in (CommandKind.NONE, CommandKind.HOLD)]
        assert moving == []  # the mission is back, with the consent of before
        n.agree()
        n.until(lambda: n.sends(CommandKind.VELOCITY), "motion after a new consent")
        assert n.statuses[-1].interventions >= 2

        refused = n.call_set_zones('{"type": "FeatureCollection", "features": [5]}')
        assert not refused.accepted
        assert "features[0]" in refused.message
        tree = json.loads(zones_file.read_text())
        accepted = n.call_set_zones(json.dumps({**tree, "features": tree["features"][:1]}))
        assert (accepted.accepted, accepted.zones) == (True, 1)
        kept = tree["features"][0]["properties"]["name"]
        pit = {**tree["features"][0], "properties": {"name": "pit", "kind": "exclusion"}}
        merged = n.call_set_zones(json.dumps({**tree, "features": [pit]}), "merge")
        assert (merged.accepted, merged.zones) == (True, 2), merged.message
        assert not n.call_set_zones("nowhere", "withdraw").accepted
        assert not n.call_set_zones(kept, "withdraw").accepted  # the last inclusion stays
        gone = n.call_set_zones("pit", "withdraw")
        assert (gone.accepted, gone.zones) == (True, 1), gone.message

        intruder = n.node.create_publisher(type(_command_type()), "mission/command", 5)
        n.until(lambda: n.sends(CommandKind.HOLD), "the hold with two publishers")
        n.until(lambda: any("2 publishers" in e.detail for e in n.events), "the event of the second publisher")
        n.node.destroy_publisher(intruder)
        guard.terminate()
        _, err = guard.communicate(timeout=30)
        assert guard.returncode == 0, err
        assert "Traceback" not in err
    finally:
        guard.kill()
        guard.communicate()


RATE_STEPS, LOAD = 200, 20


@pytest.mark.ros
def test_every_step_of_simulated_time_has_its_command_under_load(ros_domain: int, tmp_path: Path) -> None:
    """10,000 vertices, 100 keep-outs, and a flood of odometry: no 50 ms of simulated time pass without a command.

    The clock waits for the guard, so a busy machine is no failure; a guard that starves its timer for its inputs, or
    does the work of two steps in one, is.
    """
    import rclpy
    from lenger_interfaces.srv import SetZones
    from rclpy.executors import SingleThreadedExecutor
    from rosgraph_msgs.msg import Clock

    from lenger_core.ros.node import LengerNode
    from lenger_core.settings import Settings

    zones = tmp_path / "many.geojson"
    zones.write_text(_many_zones())
    guard = start_guard(tmp_path / "guard.json", zones, use_sim_time=True)
    context = rclpy.Context()
    rclpy.init(context=context)
    node: LengerNode[Settings] = LengerNode("clock", Settings, context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    commands: list[Command] = []
    node.subscribe("guard/command", commands.append)
    clock = node.create_publisher(Clock, "/clock", 10)
    now, step = 100 * 10**9, 50_000_000
    place = (*SITE, GROUND_M + 60.0, (0.0, 0.0, 0.0), 0.0, 0.5, 0.5, *SITE, GROUND_M, 0.9, 16.0)
    flying = ("px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "")
    ones = (1.0, 1.0, 1.0)

    def tick() -> None:
        nonlocal now
        now += step
        clock.publish(Clock(clock=time_msg(rclpy_types, now)))
        node.publish("vehicle/status", VehicleStatus(now, *flying, *place))
        for k in range(LOAD):
            at = now - step + k * step // LOAD
            still = (0.0, 0.0, 60.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0), ones, ones
            node.publish("fusion/odometry", Odometry(at, *still))

    try:
        deadline = time.monotonic() + 120.0
        while not commands:  # it starts
            assert time.monotonic() < deadline, "the guard does not start"
            tick()
            executor.spin_once(timeout_sec=0.2)
        first = len(commands)
        for _ in range(RATE_STEPS):
            seen = commands[-1].t_ns
            tick()
            while commands[-1].t_ns == seen:
                assert time.monotonic() < deadline, f"no command {len(commands)} steps after the start"
                executor.spin_once(timeout_sec=0.2)
        stamps = [c.t_ns for c in commands[first:]]
        gaps = [b - a for a, b in pairwise(stamps)]
        assert max(gaps) <= 2 * step, "steps were left out"
        assert len(stamps) >= 0.95 * (stamps[-1] - stamps[0]) / step

        client = node.create_client(SetZones, "guard/set_zones")
        assert client.wait_for_service(timeout_sec=30.0)
        reply = client.call_async(SetZones.Request(geojson=zones.read_text()))
        before = len(commands)
        while not reply.done():  # each command is answered by a step of time, so one that waits for the file is none
            assert time.monotonic() < deadline, "the zones are never read"
            seen = commands[-1].t_ns
            tick()
            while commands[-1].t_ns == seen and not reply.done():
                executor.spin_once(timeout_sec=0.2)
        assert reply.result().accepted
        assert len(commands) - before > 3, "the guard was silent while it read a large file"
    finally:
        guard.kill()
        guard.communicate()
        node.destroy_node()
        rclpy.shutdown(context=context)


def _many_zones() -> str:
    frame = LocalFrame(*SITE, GROUND_M)

    def ring(east: float, north: float, radius: float, count: int) -> list[list[float]]:
        angles = [2.0 * pi * k / count for k in range(count)] + [0.0]
        points = [frame.to_geodetic(east + radius * cos(a), north + radius * sin(a), 0.0) for a in angles]
        return [[lon, lat] for lat, lon, _ in points]

    outlines = [("arena", "inclusion", ring(0.0, 0.0, 2000.0, 10_000))]
    for k in range(100):
        a, r = 2.0 * pi * k / 100.0, 300.0 + 12.0 * k
        outlines.append((f"mast {k}", "exclusion", ring(r * cos(a), r * sin(a), 8.0, 12)))
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [outline]},
            "properties": {"name": name, "kind": kind},
        }
        for name, kind, outline in outlines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _command_type() -> Any:
    from lenger_interfaces.msg import Command as CommandMessage

    return CommandMessage()


@pytest.mark.ros
def test_a_bad_zones_file_is_exit_2_and_one_line(ros_domain: int, tmp_path: Path) -> None:
    bad = tmp_path / "zones.geojson"
    bad.write_text('{"type": "FeatureCollection", "features": []}')
    guard = start_guard(tmp_path / "guard.json", bad)
    _, err = guard.communicate(timeout=60)
    assert guard.returncode == 2
    assert len(err.strip().splitlines()) == 1
    assert "zones.geojson: features" in err
