"""A lockstep flight that a scenario takes over: taken off once, then one forked process for each flight."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isfinite
from typing import Any

import numpy as np

from guard_flights.arena import Room, random_arena
from guard_flights.ground import mistaken
from guard_flights.stand import Stand, StandSetup, ground, profile
from lenger_core import warm
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Command, CommandKind, Event, Odometry, VehicleStatus
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_safety.guard import GuardCore
from lenger_sim import gnss
from lenger_sim.vehicle import VehicleCore
from lenger_training import lockstep_parts as parts
from lenger_training.event_queue import EventQueue
from lenger_training.lockstep_bus import Bus, Latencies, Part, Timer

SECOND = 1_000_000_000
TRACK_NS = 40_000_000


@dataclass(frozen=True)
class Edges(Latencies):
    """Latencies that a scenario may change in flight."""

    changed: dict[str, int] = field(default_factory=dict)

    def of(self, topic: str) -> int:
        """Return the latency of a topic; those of MAVROS share one."""
        if topic in self.changed:
            return self.changed[topic]
        if topic.startswith("mavros/") and "mavros" in self.changed:
            return self.changed["mavros"]
        return self.topic_ns

    def spread(self, total_s: float, rng: np.random.Generator) -> None:
        """Share a loop's latency out among its edges, from the sensors through the guard to the motors."""
        edges = (parts.DOWN, "mavros", "vehicle/status", "guard/command", "mavros/setpoint_raw/local", parts.UP)
        for edge, share in zip(edges, rng.dirichlet(np.ones(len(edges))), strict=True):
            self.changed[edge] = int(share * total_s * SECOND)
        self.changed["fusion/odometry"] = self.changed["vehicle/status"]


class World:
    """A lockstep flight of vehicle, endpoint, autopilot core and fusion core, in hands of the scenario.

    Attributes:
        order: what the stand-in of the guard commands, until a guard takes over.
        track: rows of the truth: t_s, lat_deg, lon_deg, amsl_m, agl_m, velocity (3), wind (3), contact, crashed.
        events: of every part.
    """

    def __init__(self, stand: Stand) -> None:
        warm.main()
        self.setup: Any = StandSetup(stand)
        self.queue, self.edges = EventQueue(), Edges()
        self.bus = Bus(self.queue, None, self.edges)
        self.vehicle = VehicleCore(self.setup.vehicle_settings(), profile(), ground(), self.setup.seed)
        self.autopilot = parts.autopilot_core(self.setup)
        self.track: list[tuple[float, ...]] = []
        self.events: list[Event] = []
        self.order: dict[str, Any] = {"kind": CommandKind.NONE}
        self._sequence, self._tickets = 0, 0
        truth = Part("truth", {}, (Timer(TRACK_NS, TRACK_NS, self._keep_track),))
        stand_in = Part("stand-in", {}, (Timer(50_000_000, 9_000_000, self._stand_in),))
        listener = Part("listener", {"events": lambda event, _: self.events.append(event)})
        made = [parts.vehicle(self.setup, self.bus, self.vehicle), parts.endpoint(self.setup, self.bus)]
        made += [parts.autopilot(self.setup, self.bus, self.autopilot), parts.fusion(self.setup, self.bus)]
        self.bus.add([*made, truth, stand_in, listener])

    # ------------------------------------------------------------ time

    @property
    def now_ns(self) -> int:
        """Simulated time."""
        return self.queue.now_ns

    def run(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.queue.run(self.now_ns + int(seconds * SECOND))

    def until(self, seen: Callable[[], bool], within_s: float, what: str) -> None:
        """Let time pass until something is seen.

        Raises:
            TimeoutError: it was not.
        """
        end_ns = self.now_ns + int(within_s * SECOND)
        while not seen():
            if self.now_ns >= end_ns:
                raise TimeoutError(f"never saw {what}: {self.status}; {self.events[-6:]}")
            self.run(0.1)

    def _keep_track(self, now_ns: int) -> None:
        t = self.vehicle.truth()
        place = (t.lat_deg, t.lon_deg, t.alt_amsl_m, t.height_agl_m)
        self.track.append((now_ns / SECOND, *place, *t.velocity_enu_m_s, *t.wind_enu_m_s, t.on_ground, t.crashed))

    def _stand_in(self, now_ns: int) -> None:
        self._sequence += 1
        self.bus.publish("guard/command", Command(now_ns, "guard", self._sequence, 0.5, **self.order))

    # ------------------------------------------------------------ what is known

    @property
    def status(self) -> VehicleStatus | None:
        """The last vehicle/status."""
        return self.bus.newest.get("vehicle/status")

    @property
    def odometry(self) -> Odometry | None:
        """The last fusion/odometry."""
        return self.bus.newest.get("fusion/odometry")

    def level_m(self) -> float:
        """Return the horizontal protection level as it is stated now: the wider of fusion's and the autopilot's."""
        status, fusion = self.status, self.bus.newest.get("fusion/status")
        own = 3.0 * status.position_accuracy_m if status is not None else 0.0
        wide = fusion.hpl_m if fusion is not None and isfinite(fusion.hpl_m) else 0.0
        return max(own, wide)

    # ------------------------------------------------------------ the stand

    def get_ready(self) -> None:
        """Wait on the ground until it may be armed."""
        self.until(lambda: self.status is not None and self.status.ready, 120.0, "a vehicle that may be armed")
        self.until(lambda: "fusion/odometry" in self.bus.newest, 60.0, "fusion")
        self.run(2.0)

    def climb(self, height_m: float) -> None:
        """Take off to a height above home and hover there."""
        self.order = {"kind": CommandKind.ARM, "consent_ns": self.now_ns}
        self.until(lambda: self.status is not None and self.status.armed, 20.0, "armed")
        assert self.status is not None
        top = self.status.home_alt_amsl_m + height_m
        self.order = {"kind": CommandKind.TAKEOFF, "alt_amsl_m": top, "consent_ns": self.now_ns}
        self.until(lambda: self.vehicle.truth().height_agl_m > height_m - 1.5, 90.0, "the height")
        self.run(3.0)
        self.order = {"kind": CommandKind.HOLD, "consent_ns": self.now_ns}
        self.run(3.0)

    # ------------------------------------------------------------ what a scenario changes

    def set_day(self, rng: np.random.Generator, sigma_m: float, wind_m_s: float, from_deg: float) -> None:
        """Give the receiver an accuracy that is true, one sigma an axis, a new error, and the air a wind."""
        sensors = self.vehicle._sensors
        p, s = sensors.params[0], sensors.state[0]
        p["gnss_white_m"] = 0.2 * sigma_m
        p["gnss_walk_m"] = sigma_m * (1.0 - 0.2**2) ** 0.5
        s["gnss_drift"] = rng.normal(0.0, 1.0, 3) * p["gnss_walk_m"]
        gnss.REPORTED_H_M, gnss.REPORTED_V_M = sigma_m, 1.5 * sigma_m
        airframe = self.vehicle._airframe
        airframe.wind = WindField(TerrainWind(ground(), wind_m_s, from_deg), int(rng.integers(1 << 30)))
        airframe._air = airframe.wind.arrays()
        airframe.params[0]["wind_to"] = airframe.wind.mean.towards
        sensors._rng = np.random.default_rng(int(rng.integers(1 << 30)))

    def still_receiver(self) -> None:
        """Take the receiver's errors away; what it states of its accuracy stays."""
        sensors = self.vehicle._sensors
        for name in ("gnss_white_m", "gnss_walk_m", "gnss_vel_m_s"):
            sensors.params[0][name] = 0.0
        sensors.state[0]["gnss_drift"] = 0.0

    def gust(self, peak_m_s: float, seconds: float) -> None:
        """Let one 1-cosine gust blow along the mean wind."""
        if abs(peak_m_s) >= 0.5:
            refused = self.vehicle.faults.inject("wind_gust", peak_m_s, seconds, self.now_ns)
            assert refused is None, refused

    def relieve(self) -> None:
        """Let the stand-in fall silent for so long that a guard may follow it; the aircraft holds meanwhile."""
        self.bus.kill("stand-in")
        self.run(0.7)

    def give_guard(self, core: GuardCore, *others: Part) -> None:
        """Let a guard take over, after `relieve`; others join when it has begun, so that consent is newer."""
        self.bus.add([parts.guard(self.setup, self.bus, core)])
        listed = self.bus.newest.get("mavros/mission/waypoints")
        if listed is not None:  # a latched topic: who joins late hears the last one
            core.on_mission(listed)
        self.run(0.3)
        self.bus.add(others)

    def upload(self, items: tuple[Any, ...]) -> None:
        """Upload a mission through autopilot_node's core and wait until it was read back."""
        from lenger_mavlink.transfer_client import MissionType

        self._tickets += 1
        refused = self.autopilot.upload(self._tickets, MissionType.MISSION, items)
        if refused:
            raise RuntimeError(refused)
        ended = lambda: getattr(self.bus.newest.get(parts.UPLOADED), "ticket", 0) == self._tickets  # noqa: E731
        self.until(ended, 30.0, "the end of the upload")
        result = self.bus.newest[parts.UPLOADED]
        if not result.success:
            raise RuntimeError(result.message)

    def frame(self) -> LocalFrame:
        """Return a frame about where the aircraft truly is, at the height of home."""
        t = self.vehicle.truth()
        home = self.status.home_alt_amsl_m if self.status is not None else 0.0
        return LocalFrame(round(t.lat_deg, 7), round(t.lon_deg, 7), round(home, 2))


def _compile_guard(world: World) -> None:
    """Step a guard with every kind of zone, so that no flight has to compile what it calls."""
    frame = world.frame()
    room = Room(30.0, 15.0, 15.0, 1.0, 45.0, 45.0)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        arena = random_arena(rng, frame, room, 90.0, (0.0, 0.0))
        terrain = mistaken(ground(), frame.lat_deg, frame.lon_deg, 1.0, rng)
        core = GuardCore(world.setup.guard_settings(), profile(), arena.zones(), terrain)
        assert world.status is not None
        for step in range(12):
            now_ns = world.now_ns + step * 50_000_000
            status = replace(world.status, t_ns=now_ns, armed=True, landed=False)
            core.on_vehicle(status)
            velocity = tuple(float(v) for v in rng.normal(0.0, 8.0, 3))
            core.on_command(
                Command(now_ns, "mission", step + 1, 0.5, CommandKind.VELOCITY, velocity, consent_ns=now_ns), now_ns
            )  # type: ignore[arg-type]
            core.step(now_ns)


@lru_cache(maxsize=16)
def base(stand: Stand) -> World:
    """Return a world on its stand; the flights fork from it."""
    world = World(stand)
    world.get_ready()
    if stand.agl_m > 0.0:
        world.climb(stand.agl_m)
    _compile_guard(world)
    world.track.clear()
    world.events.clear()
    return world


def fly_forked(stand: Stand, flight: Callable[[World], Mapping[str, Any]]) -> dict[str, Any]:
    """Fly one scenario from a stand in a process of its own; return its result, or {"error": traceback}."""
    world = base(stand)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            data = pickle.dumps(dict(flight(world)))
        except BaseException:
            data = pickle.dumps({"error": traceback.format_exc()})
        with os.fdopen(writer, "wb") as out:
            out.write(data)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as source:
        data = source.read()
    os.waitpid(child, 0)
    return dict(pickle.loads(data)) if data else {"error": "the flight's process died"}
