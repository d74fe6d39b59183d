"""What the mission knows of the world: the newest record of each kind, and one position out of two sources."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, isfinite, nan

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import (
    Authority,
    FcuMission,
    FusionStatus,
    GuardLevel,
    GuardStatus,
    Integrity,
    Odometry,
    Vec3,
    VehicleStatus,
)
from lenger_core.terrain import Terrain
from lenger_mission.settings import MissionSettings

FUSION_STATUS_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where the vehicle is, in the mission's local frame.

    Attributes:
        east_m, north_m: local frame.
        alt_amsl_m: above mean sea level.
        velocity_enu_m_s: earth frame.
        source: "fusion" or "autopilot".
    """

    east_m: float
    north_m: float
    alt_amsl_m: float
    velocity_enu_m_s: Vec3
    source: str


class World:
    """The newest records, and the questions the mission asks of them.

    Args:
        settings: time-outs.
        frame: the mission's local frame.
        terrain: ground model.
    """

    def __init__(self, settings: MissionSettings, frame: LocalFrame, terrain: Terrain) -> None:
        self._settings = settings
        self._frame = frame
        self._terrain = terrain
        self.vehicle: VehicleStatus | None = None
        self.guard: GuardStatus | None = None
        self.mission: FcuMission | None = None
        self._odometry: Odometry | None = None
        self._fusion: FusionStatus | None = None
        self._origin: tuple[float, float, float] | None = None
        self._offset: Vec3 = (0.0, 0.0, 0.0)

    def on_vehicle(self, status: VehicleStatus) -> None:
        """Take vehicle/status."""
        self.vehicle = status

    def on_guard(self, status: GuardStatus) -> None:
        """Take guard/status."""
        self.guard = status

    def on_mission(self, mission: FcuMission) -> None:
        """Take mavros/mission/waypoints."""
        self.mission = mission

    def on_odometry(self, odometry: Odometry) -> None:
        """Take fusion/odometry."""
        self._odometry = odometry

    def on_fusion_status(self, status: FusionStatus) -> None:
        """Take fusion/status; its origin places the odometry."""
        self._fusion = status
        origin = (status.origin_lat_deg, status.origin_lon_deg, status.origin_alt_amsl_m)
        if origin != self._origin and all(map(isfinite, origin)):
            self._origin = origin
            self._offset = self._frame.to_local(*origin)

    def position(self, now_ns: int) -> Position | None:
        """Return the position: fusion's while it is nominal and fresh, else the autopilot's, None when neither is.

        All of it is finite: the follower smooths the velocity, and one NaN would never leave it.
        """
        odometry, fusion = self._odometry, self._fusion
        if (
            odometry is not None
            and fusion is not None
            and self._origin is not None
            and fusion.integrity is Integrity.NOMINAL
            and now_ns - fusion.t_ns <= FUSION_STATUS_TIMEOUT_S * 1e9
            and now_ns - odometry.t_ns <= self._settings.odometry_timeout_s * 1e9
            and isfinite(sum(odometry.position_enu_m) + sum(odometry.velocity_enu_m_s))
        ):
            (e, n, u), (oe, on, ou) = odometry.position_enu_m, self._offset
            velocity = odometry.velocity_enu_m_s
            return Position(e + oe, n + on, u + ou + self._frame.alt_amsl_m, velocity, "fusion")
        vehicle = self.vehicle
        if (
            vehicle is None
            or not self.link(now_ns)
            or not isfinite(vehicle.lat_deg + vehicle.lon_deg + vehicle.alt_amsl_m + sum(vehicle.velocity_enu_m_s))
        ):
            return None
        e, n, u = self._frame.to_local(vehicle.lat_deg, vehicle.lon_deg, vehicle.alt_amsl_m)
        return Position(e, n, u + self._frame.alt_amsl_m, vehicle.velocity_enu_m_s, "autopilot")

    def link(self, now_ns: int) -> bool:
        """Return whether the autopilot is heard."""
        vehicle = self.vehicle
        fresh = vehicle is not None and now_ns - vehicle.t_ns <= self._settings.link_timeout_s * 1e9
        return fresh and vehicle is not None and vehicle.connected

    def height_agl_m(self, position: Position | None) -> float:
        """Return the height above ground by the terrain model; NaN where it is not known."""
        if position is None or self.vehicle is None:
            return nan
        try:
            return position.alt_amsl_m - self._terrain.height_amsl_m(self.vehicle.lat_deg, self.vehicle.lon_deg)
        except InputError:
            return nan

    def home_distance_m(self, position: Position) -> float:
        """Return the level distance from home, 0 where that is not known."""
        vehicle = self.vehicle
        if vehicle is None or not isfinite(vehicle.home_lat_deg + vehicle.home_lon_deg):
            return 0.0
        east, north, _ = self._frame.to_local(vehicle.home_lat_deg, vehicle.home_lon_deg, self._frame.alt_amsl_m)
        return hypot(position.east_m - east, position.north_m - north)

    def armed(self) -> bool:
        """Return whether the vehicle is armed."""
        return self.vehicle is not None and self.vehicle.armed

    def down(self) -> bool:
        """Return whether the vehicle is landed and disarmed."""
        return self.vehicle is not None and self.vehicle.landed and not self.vehicle.armed

    def may_hold(self) -> bool:
        """Return whether holding is ours to ask: in the air, and not in a pilot's hands."""
        vehicle = self.vehicle
        return (
            vehicle is not None and vehicle.authority is not Authority.EXTERNAL and vehicle.armed and not vehicle.landed
        )

    def not_ready(self, plan_home: tuple[float, float], now_ns: int) -> str:
        """Return why the vehicle cannot start, "" when it can."""
        vehicle, guard = self.vehicle, self.guard
        if vehicle is None or not self.link(now_ns):
            return "the autopilot is not heard"
        if guard is None or now_ns - guard.t_ns > self._settings.guard_silence_s * 1e9:
            return "the guard is not heard"
        if not vehicle.ready:
            return vehicle.reason or "the autopilot's arming checks have not passed"
        if not isfinite(vehicle.home_lat_deg + vehicle.home_lon_deg + vehicle.home_alt_amsl_m):
            return "home is not known yet"
        if self.position(now_ns) is None:
            return "there is no position"
        return self._home_problem(vehicle, plan_home)

    def _home_problem(self, vehicle: VehicleStatus, plan_home: tuple[float, float]) -> str:
        home, limit = (vehicle.home_lat_deg, vehicle.home_lon_deg), self._settings.home_distance_m
        frame = LocalFrame(*plan_home, vehicle.home_alt_amsl_m)
        east, north, _ = frame.to_local(*home, vehicle.home_alt_amsl_m)
        distance = (east * east + north * north) ** 0.5
        if distance > limit:
            return f"home is {distance:.0f} m from the home of the plan, at most {limit:.0f} m"
        try:
            ground, error = self._terrain.height_amsl_m(*home), self._terrain.error_m(*home)
        except InputError as problem:
            return str(problem)
        # A height of the wrong datum (ellipsoid for AMSL is 41 m here) would make every height above ground wrong.
        difference, allowed = vehicle.home_alt_amsl_m - ground, self._settings.home_height_m + error
        if abs(difference) > allowed:
            return f"home's height differs from the terrain by {difference:.0f} m, at most {allowed:.0f} m"
        return ""

    def not_ready_in_the_air(self, now_ns: int) -> str:
        """Return why a mission cannot go on in the air, "" when it can: the latches wait for its consent."""
        vehicle, guard = self.vehicle, self.guard
        if vehicle is None or not self.link(now_ns):
            return "the autopilot is not heard"
        if guard is None or now_ns - guard.t_ns > self._settings.guard_silence_s * 1e9:
            return "the guard is not heard"
        if not isfinite(vehicle.home_lat_deg + vehicle.home_lon_deg + vehicle.home_alt_amsl_m):
            return "home is not known yet"
        return "" if self.position(now_ns) is not None else "there is no position"

    def guard_waits(self) -> str:
        """Return what the guard waits for, "" when for nothing: it asks for a consent younger than its start."""
        guard = self.guard
        if guard is None or not guard.latched:
            return ""
        return (
            f"the guard waits for a newer consent ({guard.reason or 'it started after the goal'}): send the goal again"
        )

    def flying(self) -> bool:
        """Return whether the vehicle is in the air."""
        return self.vehicle is not None and self.vehicle.armed and not self.vehicle.landed

    def interruption(self, now_ns: int, consent_ns: int, authority_seen: bool, guarded: bool = True) -> str:
        """Return why the mission may not go on moving, "" when it may.

        Args:
            now_ns: the time.
            consent_ns: when a person last agreed; what was latched before has a moment to open.
            authority_seen: whether authority was ours since then.
            guarded: whether a guard that acts interrupts; false while it is the guard that flies home.
        """
        vehicle, guard = self.vehicle, self.guard
        if vehicle is None or not self.link(now_ns):
            return "the link to the autopilot is lost"
        if self.position(now_ns) is None:
            return "there is no position"
        since_s = (now_ns - consent_ns) / 1e9
        if vehicle.authority is not Authority.LENGER and (authority_seen or since_s > self._settings.authority_grace_s):
            return f"authority is not ours: {vehicle.reason or vehicle.mode}"
        held = guard is not None and (guard.latched or guard.level >= GuardLevel.HOLD)
        if guarded and guard is not None and held and since_s > self._settings.guard_grace_s:
            return f"guard: {guard.reason or guard.level.name}"
        return ""
