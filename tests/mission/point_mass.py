"""A kinematic vehicle at the edge of the unit tests: a point that follows velocities with a lag, and a guard.

It answers every command as autopilot_node and guard_node promise to, and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import hypot

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import (
    Authority,
    Command,
    CommandKind,
    Event,
    FcuMission,
    FcuMissionItem,
    FcuReached,
    GuardLevel,
    GuardStatus,
    Vec3,
    VehicleStatus,
)
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_mavlink.mission_items import MissionItem
from lenger_mission.mission import MissionCore, MissionOutput, MissionResult
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import Stage

STEP_NS = 50_000_000
HOME = (42.1819, 69.8878)
LAG_S = 0.45


@dataclass
class PointMass:
    """The vehicle: position in the site's frame, first-order velocity, modes by name."""

    frame: LocalFrame
    ground_amsl_m: float
    home: tuple[float, float, float]
    position: Vec3
    velocity: Vec3 = (0.0, 0.0, 0.0)
    armed: bool = False
    mode: str = "AUTO.LOITER"
    authority: Authority = Authority.NONE
    ready: bool = True
    arms: bool = True
    connected: bool = True
    reason: str = ""
    drift: Vec3 = (0.0, 0.0, 0.0)
    consent_ns: int = -1
    latch_ns: int = -1
    height_error_m: float = 0.0
    mission: tuple[MissionItem, ...] = ()
    current: int = 0
    started: tuple[int, int] = (-1, -1)
    reached: list[int] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def alt_amsl_m(self) -> float:
        return self.frame.alt_amsl_m + self.position[2]

    @property
    def landed(self) -> bool:
        return self.alt_amsl_m <= self.ground_amsl_m + 0.05

    def obey(self, command: Command, dt_s: float) -> None:
        if command.consent_ns > self.latch_ns and command.kind is not CommandKind.NONE:
            self.authority = Authority.LENGER if self.armed else Authority.NONE
        wanted: Vec3 = (0.0, 0.0, 0.0)
        if self.authority is Authority.EXTERNAL:
            wanted = (0.0, 0.0, 0.0)
        elif command.kind is CommandKind.ARM and self.arms:
            self.armed = True
        elif command.kind is CommandKind.TAKEOFF and self.armed:
            self.mode = "AUTO.TAKEOFF"
            wanted = (0.0, 0.0, min(2.5, command.alt_amsl_m - self.alt_amsl_m - self.height_error_m))
        elif command.kind is CommandKind.VELOCITY and self.armed:
            self.mode, wanted = "OFFBOARD", command.velocity_enu_m_s
        elif command.kind is CommandKind.HOLD and self.armed:
            self.mode = "AUTO.LOITER"
        elif command.kind is CommandKind.LAND and self.armed:
            self.mode, wanted = "AUTO.LAND", (0.0, 0.0, -1.5)
        elif command.kind is CommandKind.RETURN and self.armed:
            self.mode, wanted = "AUTO.RTL", self._towards(self.home[0], self.home[1], self.alt_amsl_m)
            wanted = (0.0, 0.0, -1.5) if hypot(*wanted) < 0.5 else wanted
        elif self._flies_mission(command):
            wanted = self._fly_mission(command)
        self._move(wanted, dt_s)
        if self.landed and self.mode in ("AUTO.LAND", "AUTO.RTL", "AUTO.MISSION") and self.velocity[2] < -0.2:
            self.armed, self.authority = False, Authority.NONE

    def _flies_mission(self, command: Command) -> bool:
        goes_on = self.mode == "AUTO.MISSION" and command.kind is CommandKind.NONE
        return self.armed and bool(self.mission) and (goes_on or command.kind is CommandKind.MISSION)

    def listed(self) -> FcuMission:
        """Return the mission as MAVROS lists it."""
        items = (
            FcuMissionItem(
                i.frame, i.command, (i.param1, i.param2, i.param3, i.param4), i.x_lat_deg, i.y_lon_deg, i.z_alt_m
            )
            for i in self.mission
        )
        return FcuMission(0, tuple(items), self.current)

    def _fly_mission(self, command: Command) -> Vec3:
        """Fly on from item to item; a new consent starts it at the item that was asked for."""
        key = (command.consent_ns, command.mission_item)
        if command.kind is CommandKind.MISSION and key != self.started:
            self.started, self.current, self.mode = key, command.mission_item, "AUTO.MISSION"
        if self.mode != "AUTO.MISSION" or self.current >= len(self.mission):
            return (0.0, 0.0, 0.0)
        item = self.mission[self.current]
        if item.command == 21:
            return (0.0, 0.0, -1.5)
        if item.command != 16:  # done at once
            self.current += 1
            return (0.0, 0.0, 0.0)
        wanted = self._towards(item.x_lat_deg, item.y_lon_deg, item.z_alt_m + (self.home[2] if item.frame == 3 else 0))
        if hypot(*wanted) < 1.0:
            self.reached.append(self.current)
            self.current += 1
        return wanted

    def _towards(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> Vec3:
        east, north, _ = self.frame.to_local(lat_deg, lon_deg, alt_amsl_m)
        ahead = (0.5 * (east - self.position[0]), 0.5 * (north - self.position[1]))
        scale = min(1.0, 8.0 / max(hypot(*ahead), 1e-9))
        up = 0.5 * (alt_amsl_m - self.alt_amsl_m)
        return (ahead[0] * scale, ahead[1] * scale, min(max(up, -1.5), 2.5))

    def _move(self, wanted: Vec3, dt_s: float) -> None:
        share = min(1.0, dt_s / LAG_S)
        # The drift is what the vehicle's own velocity control fails to notice at once: part of its true motion.
        drift = self.drift if self.mode == "OFFBOARD" else (0.0, 0.0, 0.0)
        v = tuple(now + share * (want + d - now) for now, want, d in zip(self.velocity, wanted, drift, strict=True))
        p = tuple(x + dt_s * s for x, s in zip(self.position, v, strict=True))
        floor = self.ground_amsl_m - self.frame.alt_amsl_m
        self.velocity = (v[0], v[1], v[2])
        if self.armed:
            self.position = (p[0], p[1], max(p[2], floor) if self.mode == "AUTO.LAND" or p[2] < floor else p[2])

    def status(self, now_ns: int) -> VehicleStatus:
        lat, lon, alt = self.frame.to_geodetic(*self.position)
        return VehicleStatus(
            t_ns=now_ns,
            autopilot="px4",
            connected=self.connected,
            armed=self.armed,
            ready=self.ready,
            landed=self.landed,
            mode=self.mode,
            authority=self.authority,
            reason=self.reason,
            lat_deg=lat,
            lon_deg=lon,
            alt_amsl_m=alt + self.height_error_m,
            velocity_enu_m_s=self.velocity,
            yaw_enu_rad=0.0,
            position_accuracy_m=0.5,
            height_accuracy_m=0.8,
            home_lat_deg=self.home[0],
            home_lon_deg=self.home[1],
            home_alt_amsl_m=self.home[2],
            battery_remaining=0.9,
            battery_voltage_v=16.0,
        )


NOMINAL_GUARD = GuardStatus(
    t_ns=0,
    level=GuardLevel.NOMINAL,
    latched=False,
    authority=True,
    reason="",
    nearest_zone="",
    horizontal_margin_m=100.0,
    ceiling_margin_m=50.0,
    floor_margin_m=50.0,
    stopping_distance_m=10.0,
    interventions=0,
)


class Flight:
    """One mission core and one point mass in lockstep; the transcript is what a person would read."""

    def __init__(
        self, settings: MissionSettings | None = None, drift: Vec3 = (0.0, 0.0, 0.0), home: tuple[float, float] = HOME
    ) -> None:
        self.settings = settings or MissionSettings(engine="streamed", plan_gate="off")
        self.terrain = load_terrain().as_ground()
        site = self.settings.site
        frame = LocalFrame(site.lat_deg, site.lon_deg, site.alt_amsl_m)
        ground = self.terrain.height_amsl_m(*home)
        place = (*home, ground)
        self.vehicle = PointMass(frame, ground, place, frame.to_local(*place), drift=drift)
        self.core = MissionCore(self.settings, load_vehicle("quad_2kg"), self.terrain)
        self.guard: GuardStatus | None = NOMINAL_GUARD
        self.hears = True
        self.now_ns = 1_000_000_000
        self.outputs: list[MissionOutput] = []
        self.events: list[Event] = []
        self.result: MissionResult | None = None
        self.transcript: list[str] = []
        self.uploads_answer: tuple[bool, str] = (True, "")
        self.answers = True
        self.uploads: list[tuple[MissionItem, ...]] = []
        self.kinds: set[CommandKind] = set()

    @property
    def stage(self) -> Stage:
        return self.core.stage

    def step(self) -> MissionOutput:
        self.now_ns += STEP_NS
        if self.hears:
            self.core.on_vehicle(self.vehicle.status(self.now_ns))
        if self.guard is not None:
            self.core.on_guard(replace(self.guard, t_ns=self.now_ns))
        before = self.outputs[-1].command.kind if self.outputs else CommandKind.NONE
        output = self.core.step(self.now_ns)
        self.vehicle.obey(output.command, STEP_NS / 1e9)
        for entry in self.vehicle.reached:
            self.core.on_reached(FcuReached(self.now_ns, entry))
        self.vehicle.reached.clear()
        if self.hears:
            self.core.on_mission(self.vehicle.listed())
        self.outputs.append(output)
        self.kinds.add(output.command.kind)
        for event in output.events:
            self.events.append(event)
            self.transcript.append(f"event {event.kind}: {event.detail}")
        if output.command.kind is not before:
            self.transcript.append(f"command {output.command.kind.name}")
        if output.upload is not None:
            self.transcript.append(f"upload {len(output.upload)} items")
            self.uploads.append(output.upload)
            self.vehicle.mission = output.upload if self.uploads_answer[0] else ()
            if self.answers:
                self.core.on_uploaded(*self.uploads_answer, self.now_ns)
        for trigger in output.camera:
            self.transcript.append(f"camera {trigger.kind.name} {trigger.number} at item {trigger.item}")
        if output.result is not None:
            self.result = output.result
            self.transcript.append(f"result {output.result.outcome.name}: {output.result.message}")
        return output

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 1e9 / STEP_NS)):
            self.step()

    def until(self, stage: Stage, seconds: float = 600.0) -> None:
        for _ in range(round(seconds * 1e9 / STEP_NS)):
            if self.core.stage is stage:
                return
            self.step()
        raise AssertionError(f"{stage} not reached, still {self.core.stage}; transcript: {self.transcript}")

    @property
    def speed_m_s(self) -> float:
        return hypot(self.vehicle.velocity[0], self.vehicle.velocity[1])
