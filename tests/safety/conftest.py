"""A point mass that flies what the guard lets through, with latency, limited acceleration and an erring estimate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import exp, nan, sqrt
from typing import Any

import numpy as np
import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import (
    Authority,
    Command,
    CommandKind,
    FusionStatus,
    GuardLevel,
    Integrity,
    Odometry,
    Vec3,
    VehicleStatus,
)
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import ZoneSet, parse_zones
from lenger_safety import warm
from lenger_safety.guard import GuardCore, GuardOutput
from lenger_safety.memory import GuardMemory
from lenger_safety.settings import GuardSettings

SITE = (42.1819, 69.8878, 757.0)
SECOND = 1_000_000_000
STEP_NS = 50_000_000
SUBSTEPS = 5
ARENA = [(-200.0, -200.0), (200.0, -200.0), (200.0, 200.0), (-200.0, 200.0)]


def feature(name: str, kind: str, outline_en: list[tuple[float, float]], **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature from metres about the site."""
    frame = LocalFrame(*SITE)
    ring = [frame.to_geodetic(e, n, 0.0) for e, n in [*outline_en, outline_en[0]]]
    geometry = {"type": "Polygon", "coordinates": [[[lon, lat] for lat, lon, _ in ring]]}
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name, "kind": kind, **properties}}


def zone_set(*features: dict[str, Any]) -> ZoneSet:
    import json

    return parse_zones(json.dumps({"type": "FeatureCollection", "features": list(features)}), "test")


def square(half_m: float, east_m: float = 0.0, north_m: float = 0.0) -> list[tuple[float, float]]:
    return [(east_m + sx * half_m, north_m + sy * half_m) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


@dataclass
class Rig:
    """A guard, a point mass and a mission that wants one thing at a time.

    `latency_s` and `lag_s` are those of the aircraft, `sigma_m` the error of its estimate (Gauss-Markov, 20 s), which
    it states truthfully. All fields may be changed between runs.
    """

    settings: GuardSettings = field(default_factory=GuardSettings)
    zones: ZoneSet = field(default_factory=lambda: zone_set(feature("arena", "inclusion", ARENA)))
    memory: GuardMemory | None = None
    seed: int = 0
    now_ns: int = 10 * SECOND
    height_agl_m: float = 60.0
    position: Any = field(default_factory=lambda: np.zeros(3))
    velocity: Any = field(default_factory=lambda: np.zeros(3))
    latency_s: float = 0.2
    lag_s: float = 0.15
    brake_m_s2: float = 3.0
    sigma_m: float = 0.0
    armed: bool = True
    jumps: bool = False
    landed: bool = False
    authority: Authority = Authority.LENGER
    mission_alive: bool = True
    vehicle_alive: bool = True
    fusion: str = "none"
    """none, good or silent."""
    fusion_offset: Vec3 = (0.0, 0.0, 0.0)
    consent_ns: int = 0
    wanted: CommandKind = CommandKind.HOLD
    wanted_velocity: Vec3 = (0.0, 0.0, 0.0)
    wanted_alt_amsl_m: float = nan

    def __post_init__(self) -> None:
        self.frame = LocalFrame(*SITE)
        self.terrain = load_terrain().as_ground()
        if not self.jumps:  # tests move their aircraft by hand
            calm = self.settings.supervision.model_copy(update={"jump_m": 10_000.0})
            self.settings = self.settings.model_copy(update={"supervision": calm})
        self.profile = load_vehicle("quad_2kg")
        self.rng = np.random.default_rng(self.seed)
        self.error = self.rng.normal(0.0, self.sigma_m, 3) if self.sigma_m else np.zeros(3)
        if not self.position[2]:
            self.position = np.array(self.position, dtype=float)
            self.position[2] = self.ground_m() + self.height_agl_m
        self.restart()
        self.events: list[tuple[str, str]] = []
        self.levels: list[GuardLevel] = []
        self.sequence = 0
        self.lowest_margin_m = np.inf

    def restart(self, memory: GuardMemory | None = None) -> None:
        """Start the guard (again)."""
        self.core = GuardCore(self.settings, self.profile, self.zones, self.terrain, memory or self.memory)
        self.local = self.zones.in_frame(self.frame)
        self.pipeline: deque[tuple[int, Vec3]] = deque()
        self.followed: Vec3 = (0.0, 0.0, 0.0)

    def ground_m(self) -> float:
        """Ground height in the frame's third axis."""
        lat, lon, _ = self.frame.to_geodetic(self.position[0], self.position[1], 0.0)
        return self.terrain.height_amsl_m(lat, lon) - SITE[2]

    def agree(self) -> None:
        """A person consents now."""
        self.consent_ns = self.now_ns + 1

    def want(self, velocity: Vec3) -> None:
        self.wanted, self.wanted_velocity = CommandKind.VELOCITY, velocity

    def run(self, seconds: float, each: Callable[[Rig], None] | None = None) -> GuardOutput:
        """Fly on; return the last output. `each` is called before every step."""
        for _ in range(round(seconds * SECOND / STEP_NS)):
            if each is not None:
                each(self)
            output = self.step()
        return output

    def step(self) -> GuardOutput:
        self.now_ns += STEP_NS
        self._report()
        if self.mission_alive:
            self.core.on_command(self.command(), self.now_ns)
        output = self.core.step(self.now_ns)
        self.output = output
        self.events += [(e.kind, e.detail) for e in output.events]
        if not self.levels or self.levels[-1] is not output.status.level:
            self.levels.append(output.status.level)
        self._fly(output.command)
        self.lowest_margin_m = min(self.lowest_margin_m, self.local.margin(*self.position[:2]).margin_m)
        return output

    def command(self, **changes: Any) -> Command:
        self.sequence += 1
        command = Command(
            self.now_ns, "mission", self.sequence, 0.5, self.wanted, self.wanted_velocity, nan, self.wanted_alt_amsl_m
        )
        return replace(command, consent_ns=self.consent_ns, **changes)

    def status(self) -> VehicleStatus:
        lat, lon, alt = self.frame.to_geodetic(*(self.position + self.error))
        home_ground = self.terrain.height_amsl_m(SITE[0], SITE[1])
        accuracy = self.sigma_m or 0.3
        v = self.velocity
        place = (lat, lon, alt, (float(v[0]), float(v[1]), float(v[2])), 0.0, accuracy, accuracy)
        return VehicleStatus(
            self.now_ns,
            *("px4", True, self.armed, True, self.landed, "OFFBOARD", self.authority, ""),
            *place,
            *(SITE[0], SITE[1], home_ground, 1.0, 16.0),
        )

    def _report(self) -> None:
        if self.vehicle_alive:
            self.core.on_vehicle(self.status())
        if self.fusion == "good":
            p = tuple(float(x) for x in self.position + np.array(self.fusion_offset))
            v = tuple(float(x) for x in self.velocity)
            ones = (1.0, 1.0, 1.0)
            self.core.on_odometry(Odometry(self.now_ns, p, v, (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0), ones, ones))
            nothing = (nan, nan, nan)
            self.core.on_fusion_status(
                FusionStatus(self.now_ns, Integrity.NOMINAL, "", *SITE, *nothing, 3.0, 3.0, ones, True)
            )

    def _fly(self, command: Command) -> None:
        if command.kind is CommandKind.VELOCITY:
            self.pipeline.append((self.now_ns, command.velocity_enu_m_s))
        elif command.kind is not CommandKind.NONE:
            self.pipeline.append((self.now_ns, (0.0, 0.0, 0.0)))
        dt = STEP_NS / SUBSTEPS / SECOND
        for k in range(SUBSTEPS):
            at = self.now_ns + k * STEP_NS // SUBSTEPS - int(self.latency_s * SECOND)
            while self.pipeline and self.pipeline[0][0] <= at:
                self.followed = self.pipeline.popleft()[1]
            change = (np.array(self.followed) - self.velocity) / self.lag_s
            size = float(np.linalg.norm(change))
            if size > self.brake_m_s2:
                change *= self.brake_m_s2 / size
            self.velocity = self.velocity + change * dt
            self.position = self.position + self.velocity * dt
        if self.sigma_m:
            keep = exp(-STEP_NS / SECOND / 20.0)
            self.error = keep * self.error + self.rng.normal(0.0, self.sigma_m * sqrt(1.0 - keep * keep), 3)


@pytest.fixture(scope="session", autouse=True)
def _kernels() -> None:
    warm()


@pytest.fixture
def rig() -> type[Rig]:
    """The class, for a test to make its own."""
    return Rig


@pytest.fixture
def zones() -> Callable[..., ZoneSet]:
    """A zone set of features."""
    return zone_set


@pytest.fixture
def a_feature() -> Callable[..., dict[str, Any]]:
    """A GeoJSON feature from an outline in metres about the site."""
    return feature


@pytest.fixture
def a_square() -> Callable[..., list[tuple[float, float]]]:
    """A square outline in metres about the site."""
    return square
