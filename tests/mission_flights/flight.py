"""One plan flown in lockstep without an exercise: vehicle, autopilot, fusion, guard and mission core, and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lenger_bridge.settings import AutopilotSettings
from lenger_core import warm
from lenger_core.plans import Land, Plan
from lenger_core.samples import Event, MissionPhase, VehicleStatus
from lenger_core.settings import SiteSettings
from lenger_core.terrain import Terrain, TerrainSettings, flight_terrain
from lenger_core.vehicles import VehicleProfile, load_vehicle
from lenger_core.zones import CircleShape, Zone, ZoneKind, ZoneSet
from lenger_fusion.settings import FusionSettings
from lenger_mission.mission import MissionCore
from lenger_mission.settings import MissionSettings
from lenger_safety.settings import GuardSettings
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore
from lenger_training import lockstep_parts as parts
from lenger_training.event_queue import EventQueue
from lenger_training.lockstep_bus import DEFAULT_LATENCIES, Bus, Part, Timer

Array = NDArray[np.float64]
Place = tuple[float, float]
Autopilot = Literal["px4", "ardupilot"]
Engine = Literal["streamed", "uploaded"]

SECOND = 1_000_000_000
SAMPLE_NS = 100_000_000
FENCE_M = 20_000.0
"""Radius of the guard's fence and of the autopilot's: no plan here comes near it."""
PAD_M = 40.0
CEILING_AGL_M = 500.0
NOON_UTC_S = 1_782_021_600.0
"""2026-06-21 06:00 UTC: broad day at Lenger."""
READY_WITHIN_S = 120.0
LONGEST_S = 1_800.0
ENDED = (MissionPhase.DONE, MissionPhase.FAILED, MissionPhase.HOLDING)


@lru_cache(maxsize=1)
def ground() -> Terrain:
    """Return the ground that is flown over, the terrain that ships."""
    return flight_terrain(TerrainSettings(trust="ground"), 42.15, 70.0)


@lru_cache(maxsize=4)
def profile_of(vehicle: str) -> VehicleProfile:
    """Return an airframe of config/vehicles."""
    return load_vehicle(vehicle)


@dataclass(frozen=True)
class Day:
    """The true weather.

    Attributes:
        wind_m_s, wind_from_deg: mean, 10 m above flat ground, and the compass direction that it comes from.
        isa_offset_k: warmer than the standard atmosphere.
    """

    wind_m_s: float = 0.0
    wind_from_deg: float = 0.0
    isa_offset_k: float = 0.0


@dataclass
class Setup:
    """What the parts of a lockstep flight ask a setup for."""

    home: Place
    day: Day
    seed: int
    autopilot: Autopilot
    vehicle: str
    engine: Literal["uploaded", "streamed"] = "streamed"
    pads: tuple[Place, ...] = ()
    """Where else than at home one may come down."""

    def __post_init__(self) -> None:
        self.profile, self.ground = profile_of(self.vehicle), ground()
        height = round(self.ground.height_amsl_m(*self.home), 1)
        self.site = SiteSettings(lat_deg=self.home[0], lon_deg=self.home[1], alt_amsl_m=height)
        fence = Zone("wide fence", ZoneKind.INCLUSION, CircleShape(*self.home, FENCE_M))
        pads = (Zone(f"pad {n}", ZoneKind.APPROACH, CircleShape(*pad, PAD_M)) for n, pad in enumerate(self.pads))
        self.zones = ZoneSet((fence, *pads))
        self._terrain = TerrainSettings(trust="ground")

    def vehicle_settings(self) -> VehicleSettings:
        """Return the vehicle's."""
        return VehicleSettings(
            autopilot=self.autopilot,
            vehicle=self.vehicle,
            prepared=True,
            home_lat_deg=self.home[0],
            home_lon_deg=self.home[1],
            seed=self.seed,
            wind_m_s=self.day.wind_m_s,
            wind_from_deg=self.day.wind_from_deg,
            isa_offset_k=self.day.isa_offset_k,
        )

    def autopilot_settings(self) -> AutopilotSettings:
        """Return autopilot_node's."""
        return AutopilotSettings(autopilot=self.autopilot, vehicle=self.vehicle)

    def fusion_settings(self) -> FusionSettings:
        """Return fusion_node's."""
        return FusionSettings(site=self.site)

    def mission_settings(self) -> MissionSettings:
        """Return mission_node's."""
        return MissionSettings(
            site=self.site, vehicle=self.vehicle, terrain=self._terrain, engine=self.engine, plan_gate="off"
        )

    def guard_settings(self) -> GuardSettings:
        """Return guard_node's: a high ceiling, for legs straight from height to height over a valley."""
        return GuardSettings(
            site=self.site,
            vehicle=self.vehicle,
            terrain=self._terrain,
            utc_at_zero_s=NOON_UTC_S,
            ceiling_agl_m=CEILING_AGL_M,
        )


@dataclass(frozen=True, eq=False)
class Flown:
    """What came of a flight. M samples of the truth, ten a second, from arming to the end.

    Attributes:
        phase, detail: how the mission ended.
        t_s: (M,) simulated time.
        lat_deg, lon_deg, alt_amsl_m: (M,) where the aircraft truly was.
        velocity_enu_m_s, wind_enu_m_s: (M, 3).
        used_wh: (M,) drawn from the battery since arming.
        item: (M,) the item of the plan that the mission was at.
        phases: (M,) the mission's phase.
        events: of every part, from the start of the mission on.
    """

    phase: MissionPhase
    detail: str
    t_s: Array
    lat_deg: Array
    lon_deg: Array
    alt_amsl_m: Array
    velocity_enu_m_s: Array
    wind_enu_m_s: Array
    used_wh: Array
    item: Array
    phases: tuple[MissionPhase, ...]
    events: tuple[Event, ...]

    @property
    def agl_m(self) -> Array:
        """(M,) height above the ground, by the ground's own height."""
        return np.asarray(self.alt_amsl_m - ground().heights_amsl_m(self.lat_deg, self.lon_deg))

    @property
    def duration_s(self) -> float:
        """From arming to the end, disarmed on the ground."""
        return float(self.t_s[-1] - self.t_s[0])


def fly(
    plan: Plan,
    day: Day,
    seed: int,
    autopilot: Autopilot = "px4",
    vehicle: str = "quad_2kg",
    engine: Engine = "streamed",
    longest_s: float = LONGEST_S,
    until: tuple[MissionPhase, ...] = ENDED,
) -> Flown:
    """Fly a plan from its home and return what came of it.

    Args:
        plan: of simple items.
        day: the true weather.
        seed: of gusts and sensors.
        autopilot: flavour.
        vehicle: of config/vehicles.
        engine: who flies: setpoints of the mission core, or the autopilot, which is given the plan.
        longest_s: simulated time at which the flight is broken off.
        until: phases of the mission that end it.

    Raises:
        TimeoutError: the vehicle never got ready.
        ValueError: the mission refused the plan.
    """
    home = (plan.home.lat_deg, plan.home.lon_deg)
    pads = tuple((i.lat_deg, i.lon_deg) for i in plan.items if isinstance(i, Land) and i.lat_deg and i.lon_deg)
    return _Flight(Setup(home, day, seed, autopilot, vehicle, engine, pads)).fly(plan, longest_s, until)


@dataclass
class _Rows:
    """The samples of a flight."""

    truth: list[tuple[float, ...]] = field(default_factory=list)
    phases: list[MissionPhase] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class _Flight:
    def __init__(self, setup: Setup) -> None:
        warm.main()
        made: Any = setup
        ground().prefetch(*setup.home, 3_000.0)
        self._queue = EventQueue()
        self._bus = Bus(self._queue, None, DEFAULT_LATENCIES)
        self._vehicle = VehicleCore(setup.vehicle_settings(), setup.profile, setup.ground, setup.seed)
        self._mission = MissionCore(setup.mission_settings(), setup.profile, setup.ground)
        self._rows = _Rows()
        bus = self._bus
        listener = Part("listener", {"events": lambda event, _: self._rows.events.append(event)})
        truth = Part("truth", {}, (Timer(SAMPLE_NS, SAMPLE_NS, self._keep),))
        bus.add([parts.vehicle(made, bus, self._vehicle), parts.endpoint(made, bus), parts.autopilot(made, bus)])
        bus.add([parts.fusion(made, bus), parts.guard(made, bus), parts.mission_of(self._mission, bus)])
        bus.add([listener, truth])

    def fly(self, plan: Plan, longest_s: float, until: tuple[MissionPhase, ...]) -> Flown:
        """Wait on the ground, start the mission, and let time pass to its end."""
        while not self._ready():
            if self._queue.now_ns > READY_WITHIN_S * SECOND:
                raise TimeoutError(f"never ready: {self._bus.newest.get('vehicle/status')}")
            self._run(0.5)
        self._run(2.0)
        self._rows.events.clear()
        refused = self._mission.start(plan, self._queue.now_ns)
        if refused is not None:
            raise ValueError(refused)
        self._run(1.0)
        end_ns = self._queue.now_ns + int(longest_s * SECOND)
        while self._bus.newest["mission/status"].phase not in until and self._queue.now_ns < end_ns:
            self._run(1.0)
        return self._flown()

    def _run(self, seconds: float) -> None:
        self._queue.run(self._queue.now_ns + int(seconds * SECOND))

    def _ready(self) -> bool:
        status: VehicleStatus | None = self._bus.newest.get("vehicle/status")
        heard = all(topic in self._bus.newest for topic in ("guard/status", "fusion/odometry"))
        return status is not None and status.ready and heard

    def _keep(self, now_ns: int) -> None:
        newest = self._bus.newest
        vehicle, mission = newest.get("vehicle/status"), newest.get("mission/status")
        if vehicle is None or mission is None or not (vehicle.armed or self._rows.truth):
            return
        t = self._vehicle.truth()
        place = (t.lat_deg, t.lon_deg, t.alt_amsl_m, *t.velocity_enu_m_s, *t.wind_enu_m_s)
        self._rows.truth.append((now_ns / SECOND, *place, t.energy_used_wh, float(mission.item)))
        self._rows.phases.append(mission.phase)

    def _flown(self) -> Flown:
        last, rows = self._bus.newest["mission/status"], np.array(self._rows.truth)
        if not len(rows):
            raise TimeoutError(f"never armed: {last.phase.name}, {last.detail}; {self._rows.events[-5:]}")
        t, lat, lon, alt = rows[:, :4].T
        return Flown(
            last.phase, last.detail, t, lat, lon, alt, rows[:, 4:7], rows[:, 7:10], rows[:, 10] - rows[0, 10],
            rows[:, 11], tuple(self._rows.phases), tuple(self._rows.events),
        )  # fmt: skip
