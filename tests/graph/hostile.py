"""The sim stack without its mission, and in the mission's place somebody who presses against the fence."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import atan2, cos, hypot, inf, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rclpy
from rclpy.signals import SignalHandlerOptions
from shapely.geometry import Point, Polygon

from lenger_bringup.domains import free_udp_ports
from lenger_bringup.runner import Runner
from lenger_bringup.sessions import MARK
from lenger_bringup.setup.dds import dds_environment
from lenger_bringup.stacks import SIM
from lenger_core.geodesy import LocalFrame
from lenger_core.ros.executor import executor_of
from lenger_core.ros.node import LengerNode
from lenger_core.samples import Command, CommandKind, Event, GuardStatus, SimTruth, Vec3, VehicleStatus
from lenger_core.settings import Settings

SITE = (42.1819, 69.8878, 760.0)
FRAME = LocalFrame(*SITE)
SECOND = 1_000_000_000
SPEED = 3.0
"""Simulated seconds per second: two cores carry the graph at this pace."""
ATTACK_M_S = 10.0
Point2 = tuple[float, float]


@dataclass(frozen=True)
class Scene:
    """A seeded arena, weather and two headings of attack."""

    seed: int
    autopilot: str
    fence: Polygon
    keep_outs: tuple[Polygon, ...]
    headings_rad: tuple[float, float]
    wind_m_s: float
    wind_from_deg: float

    @staticmethod
    def of(seed: int) -> Scene:
        """Return the scene of a seed: a concave fence of about 180 m radius and a keep-out on the way of one attack."""
        rng = np.random.default_rng(seed)
        count = int(rng.integers(7, 14))
        angles = (np.arange(count) + rng.uniform(-0.2, 0.2, count)) * 2.0 * pi / count
        fence = Polygon(np.column_stack((np.cos(angles), np.sin(angles))) * rng.uniform(130.0, 230.0, count)[:, None])
        headings = tuple(float(h) for h in rng.uniform(-pi, pi, 2))
        centre = 95.0 * np.array((cos(headings[1]), sin(headings[1])))
        ring = np.linspace(0.0, 2.0 * pi, 9)[:-1]
        keep_out = Polygon(centre + 15.0 * np.column_stack((np.cos(ring), np.sin(ring))))
        return Scene(
            seed,
            ("px4", "ardupilot")[seed % 2],
            fence,
            (keep_out,),
            (headings[0], headings[1]),
            float(rng.uniform(0.0, 6.0)),
            float(rng.uniform(0.0, 360.0)),
        )

    def geojson(self) -> str:
        """Return the zones as a file's text."""
        areas = [("fence", "inclusion", self.fence)]
        areas += [(f"keep-out {i}", "exclusion", area) for i, area in enumerate(self.keep_outs)]
        return json.dumps({"type": "FeatureCollection", "features": [_feature(*area) for area in areas]})

    def margin_m(self, east_m: float, north_m: float) -> float:
        """Return the signed distance to the nearest line by shapely, negative outside the legal space."""
        here = Point(east_m, north_m)
        inside = self.fence.exterior.distance(here) * (1.0 if self.fence.contains(here) else -1.0)
        beside = [a.exterior.distance(here) * (-1.0 if a.contains(here) else 1.0) for a in self.keep_outs]
        return float(min([inside, *beside]))


def _feature(name: str, kind: str, area: Polygon) -> dict[str, Any]:
    ring = [FRAME.to_geodetic(e, n, 0.0)[1::-1] for e, n in area.exterior.coords]
    return {
        "type": "Feature",
        "properties": {"name": name, "kind": kind},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


class NoSettings(Settings):
    """There are none."""


@dataclass
class Attacker:
    """Speaks in mission_node's place: whatever `wanted` says, at each vehicle/status; remembers what it sees.

    Attributes:
        wanted: the fields of the command.
        track: true (t_ns, east, north, speed) of every sim/truth.
        levels, events, texts: what the guard said.
    """

    wanted: dict[str, Any] = field(default_factory=lambda: {"kind": CommandKind.NONE})
    consent_ns: int = 0
    status: VehicleStatus | None = None
    guard: GuardStatus | None = None
    truth: SimTruth | None = None
    track: list[tuple[int, float, float, float]] = field(default_factory=list)
    levels: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    sequence: int = 0

    def join(self) -> None:
        """Join the graph."""
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        self.node: LengerNode[NoSettings] = LengerNode("mission", NoSettings)
        self.node.advertise("mission/command")
        self.node.subscribe("vehicle/status", self._on_vehicle)
        self.node.subscribe("guard/status", self._on_guard)
        self.node.subscribe("sim/truth", self._on_truth)
        self.node.subscribe("events", self.events.append)
        self._executor = executor_of(self.node)

    def leave(self) -> None:
        """Leave it."""
        self._executor.shutdown(timeout_sec=1.0)
        self.node.destroy_node()
        rclpy.try_shutdown()

    @property
    def now_ns(self) -> int:
        """Simulated time."""
        return self.truth.t_ns if self.truth is not None else 0

    def order(self, kind: CommandKind, **fields: Any) -> None:
        """Want this from now on; a person agrees to it now."""
        self.consent_ns = self.now_ns
        self.wanted = {"kind": kind, **fields}

    def attack(self, heading_rad: float) -> None:
        """Press on in this direction at the speed of the attacks."""
        velocity: Vec3 = (ATTACK_M_S * cos(heading_rad), ATTACK_M_S * sin(heading_rad), 0.0)
        self.order(CommandKind.VELOCITY, velocity_enu_m_s=velocity)

    def until(self, seen: Callable[[], bool], what: str, timeout_s: float = 90.0) -> None:
        """Let the flight go on until something is seen; fail after a wall time without it."""
        deadline = time.monotonic() + timeout_s
        while not seen():
            if time.monotonic() > deadline:
                said = [f"{e.kind}: {e.detail}" for e in self.events[-8:]]
                pytest.fail(f"never saw {what}; {self.status}; {self.guard}; {said}")
            self._executor.turn(50_000_000)

    def fly_for(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        end_ns = self.now_ns + int(seconds * SECOND)
        self.until(lambda: self.now_ns >= end_ns, f"{seconds} more seconds of simulated time", 20.0 * seconds)

    def _on_vehicle(self, status: VehicleStatus) -> None:
        self.status = status
        self.sequence += 1
        command = Command(status.t_ns, "mission", self.sequence, 0.5, consent_ns=self.consent_ns, **self.wanted)
        self.node.publish("mission/command", command)

    def _on_guard(self, status: GuardStatus) -> None:
        self.guard = status
        self.levels.add(status.level.name)

    def _on_truth(self, truth: SimTruth) -> None:
        self.truth = truth
        east, north, _ = FRAME.to_local(truth.lat_deg, truth.lon_deg, truth.alt_amsl_m)
        self.track.append((truth.t_ns, east, north, hypot(*truth.velocity_enu_m_s[:2])))


@contextmanager
def stack(scene: Scene, folder: Path) -> Iterator[tuple[Attacker, Runner]]:
    """Fly the sim stack of a scene, the attacker in its mission's place."""
    zones = folder / "zones.geojson"
    zones.write_text(scene.geojson())
    vehicle_port, endpoint_port = free_udp_ports(2)
    arguments = {
        "autopilot": scene.autopilot,
        "zones": str(zones),
        "speed": str(SPEED),
        "seed": str(scene.seed),
        "vehicle_port": str(vehicle_port),
        "endpoint_port": str(endpoint_port),
        "wind_m_s": str(scene.wind_m_s),
        "wind_from_deg": str(scene.wind_from_deg),
    }
    os.environ.update(dds_environment(os.environ))
    runner = Runner(folder / "log", {**os.environ, MARK: f"hostile-{os.getpid()}"})
    attacker = Attacker()
    attacker.join()
    try:
        runner.start([node for node in SIM.started(arguments) if node.name != "mission"])
        yield attacker, runner
    finally:
        attacker.leave()
        runner.stop()


def climb(attacker: Attacker, height_m: float) -> None:
    """Take off to a height above home."""
    attacker.until(lambda: attacker.status is not None and attacker.status.ready, "a vehicle that may be armed", 180.0)
    attacker.until(lambda: attacker.guard is not None, "the guard")
    attacker.fly_for(1.0)
    attacker.order(CommandKind.ARM)
    attacker.until(lambda: attacker.status is not None and attacker.status.armed, "armed")
    assert attacker.status is not None
    attacker.order(CommandKind.TAKEOFF, alt_amsl_m=attacker.status.home_alt_amsl_m + height_m)
    attacker.until(lambda: attacker.truth is not None and attacker.truth.height_agl_m > height_m - 2.0, "the height")
    attacker.fly_for(2.0)


def closest_m(scene: Scene, attacker: Attacker, since_ns: int) -> float:
    """Return the smallest true margin since a time."""
    margins = [scene.margin_m(e, n) for t_ns, e, n, _ in attacker.track if t_ns >= since_ns]
    return min(margins, default=inf)


def bearing_rad(attacker: Attacker) -> float:
    """Return the direction from home to the aircraft."""
    _, east, north, _ = attacker.track[-1]
    return atan2(north, east)
