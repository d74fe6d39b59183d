"""The mission core: watches the world, signals the state machine, and orders what the stage needs, at 20 Hz.

This is the streamed engine: it flies the plan itself by earth-frame velocities. An engine that lets the autopilot fly
an uploaded mission would replace `_order` and the signals of ENROUTE, not the machine.
"""

from __future__ import annotations

from math import hypot, nan

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan
from lenger_core.samples import (
    Authority,
    Command,
    CommandKind,
    Event,
    FusionStatus,
    GuardStatus,
    Odometry,
    VehicleStatus,
)
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mission import machine
from lenger_mission.follow import Follower, Order, Tracking
from lenger_mission.machine import AIRBORNE, Signal, Stage, State
from lenger_mission.preflight import make_follower, out_of_reach
from lenger_mission.progress import Progress, digest
from lenger_mission.report import MissionOutput, MissionResult, StatusRate, item_index, make_status
from lenger_mission.settings import MissionSettings
from lenger_mission.watch import ProgressWatch, Touchdown
from lenger_mission.world import Position, World

SOURCE = "mission"


class MissionCore:
    """Executes one plan at a time.

    Args:
        settings: of mission_node.
        profile: the vehicle.
        terrain: ground model for heights above ground.
    """

    def __init__(self, settings: MissionSettings, profile: VehicleProfile, terrain: Terrain) -> None:
        self._settings = settings
        self._profile = profile
        self._terrain = terrain
        self._frame = LocalFrame(settings.site.lat_deg, settings.site.lon_deg, settings.site.alt_amsl_m)
        self.world = World(settings, self._frame, terrain)
        self._state = State()
        self._plan: Plan | None = None
        self._digest = ""
        self._follower: Follower | None = None
        self._watch = ProgressWatch()
        self._tracking: Tracking | None = None
        self._events: list[Event] = []
        self._result: MissionResult | None = None
        self._sequence = 0
        self._consent_ns = 0
        self._moving_since_ns = 0
        self._entered_ns = 0
        self._stepped_ns = 0
        self._status_rate = StatusRate()
        self._authority_seen = False
        self._touchdown = Touchdown()
        self._detail = ""

    def on_vehicle(self, status: VehicleStatus) -> None:
        """Take vehicle/status."""
        self.world.on_vehicle(status)

    def on_odometry(self, odometry: Odometry) -> None:
        """Take fusion/odometry."""
        self.world.on_odometry(odometry)

    def on_fusion_status(self, status: FusionStatus) -> None:
        """Take fusion/status."""
        self.world.on_fusion_status(status)

    def on_guard(self, status: GuardStatus) -> None:
        """Take guard/status."""
        self.world.on_guard(status)

    def start(self, plan: Plan, now_ns: int) -> str | None:
        """Begin a plan that passed the gate; a person asked for it now. Return the reason when it is refused."""
        if self._state.stage in machine.ACTIVE:
            return f"mission {self._plan.name if self._plan else ''} is running ({self._state.stage.value})"
        if self.world.armed():
            return "the vehicle is armed: land and disarm it first"
        problem = out_of_reach(plan, self._settings, self._frame, self._terrain)
        if problem is not None:
            return problem
        self._plan, self._digest = plan, digest(plan)
        self._follower = self._tracking = None
        self._consent(now_ns)
        self._signal(Signal.GOAL, now_ns, plan.name)
        return None

    def cancel(self, now_ns: int) -> str | None:
        """Stop the mission where it is: hold. Return the reason when there is nothing to cancel."""
        if self._state.stage not in machine.ACTIVE:
            return "no mission is running"
        self._signal(Signal.CANCEL, now_ns, "canceled by the operator")
        return None

    def resume(self, now_ns: int) -> str | None:
        """Go on after an interruption; a person agrees to it now. Return the reason when it cannot."""
        if self._state.stage is not Stage.HOLDING:
            return f"the mission is {self._state.stage.value}, not holding"
        position = self.world.position(now_ns)
        if position is None or self.world.vehicle is None or not self.world.link(now_ns):
            return "the autopilot is not heard"
        self._consent(now_ns)
        if self._follower is not None:
            self._follower.restart(position.velocity_enu_m_s, self.world.vehicle.yaw_enu_rad)
        self._signal(Signal.RESUME, now_ns)
        return None

    @property
    def stage(self) -> Stage:
        """The stage of the mission."""
        return self._state.stage

    @property
    def progress(self) -> Progress:
        """How far the mission is, for the file that survives a restart."""
        name = self._plan.name if self._plan else ""
        item = item_index(self._state, self._plan, self._follower)
        return Progress(name, self._digest, self._state.stage.value, item, self._state.reached)

    # ------------------------------------------------------------ the step

    def step(self, now_ns: int) -> MissionOutput:
        """Watch, decide and order; called at 20 Hz."""
        dt_s = min(max((now_ns - self._stepped_ns) / 1e9, 0.0), 0.2)
        self._stepped_ns = now_ns
        position = self.world.position(now_ns)
        self._observe(now_ns, position)
        command = self._command(now_ns, position, dt_s)
        status = make_status(
            now_ns,
            self._state,
            self._plan,
            self._follower,
            self._tracking,
            self.world.height_agl_m(position),
            self._detail or self._state.stage.value,
        )
        due = self._status_rate.due(status, self._state.stage, now_ns)
        events, result = tuple(self._events), self._result
        self._events, self._result = [], None
        return MissionOutput(command, status, due, events, result)

    def _observe(self, now_ns: int, position: Position | None) -> None:
        stage = self._state.stage
        if stage is Stage.PREFLIGHT:
            self._observe_preflight(now_ns)
        elif stage is Stage.ARMING:
            self._observe_arming(now_ns)
        elif stage in AIRBORNE:
            self._observe_airborne(now_ns, position)
        elif stage is Stage.HOLDING and self.world.down():
            self._signal(Signal.DOWN, now_ns, f"landed while holding ({self._state.detail})")

    def _observe_preflight(self, now_ns: int) -> None:
        plan = self._plan
        if plan is None:
            return
        reason = self.world.not_ready((plan.home.lat_deg, plan.home.lon_deg), now_ns)
        vehicle = self.world.vehicle
        if not reason and vehicle is not None:
            try:
                self._follower = make_follower(plan, vehicle, self._frame, self._terrain, self._settings, self._profile)
            except InputError as error:
                reason = str(error)
        self._detail = reason
        if not reason:
            self._signal(Signal.READY, now_ns)
        elif self._in_stage_s(now_ns) > self._settings.preflight_timeout_s:
            self._signal(Signal.TIMED_OUT, now_ns, f"not ready: {reason}")

    def _observe_arming(self, now_ns: int) -> None:
        vehicle = self.world.vehicle
        if vehicle is not None and vehicle.armed and self.world.link(now_ns):
            self._consent_started(now_ns)
            self._signal(Signal.ARMED, now_ns)
        elif self._in_stage_s(now_ns) > self._settings.arm_timeout_s:
            reason = (vehicle.reason if vehicle is not None else "") or "no answer"
            self._signal(Signal.TIMED_OUT, now_ns, f"the vehicle did not arm: {reason}")

    def _observe_airborne(self, now_ns: int, position: Position | None) -> None:
        vehicle, follower = self.world.vehicle, self._follower
        if vehicle is None or follower is None:
            return
        if vehicle.authority is Authority.LENGER and now_ns - vehicle.t_ns <= 10**9:
            self._authority_seen = True
        if self.world.down() and self._state.stage is not Stage.TAKEOFF:
            landing = self._state.stage is Stage.LANDING
            self._signal(Signal.DOWN, now_ns, "landed and disarmed" if landing else "landed before the end of the plan")
            return
        if self.world.down() and self._in_stage_s(now_ns) > self._settings.authority_grace_s:
            self._signal(Signal.DOWN, now_ns, "the vehicle disarmed before it took off")
            return
        reason = self.world.interruption(now_ns, self._moving_since_ns, self._authority_seen)
        if reason or position is None:
            self._signal(Signal.INTERRUPTED, now_ns, reason)
            return
        before = self._state
        left = self._advance(now_ns, position, follower)
        # A new stage or leg has another measure of what is left.
        if self._state is before and self._watch.stuck_s(left, now_ns) > self._settings.no_progress_s:
            self._signal(Signal.TIMED_OUT, now_ns, f"no progress for {self._settings.no_progress_s:g} s")

    def _advance(self, now_ns: int, position: Position, follower: Follower) -> float:
        """Signal what the position means for the stage; return a measure of what is left."""
        stage = self._state.stage
        if stage is Stage.TAKEOFF:
            left, vehicle = follower.route.takeoff_amsl_m - position.alt_amsl_m, self.world.vehicle
            # An estimate that is two metres too high has low take-offs done on the ground: the vehicle knows better.
            standing = vehicle is not None and vehicle.landed
            if left <= self._settings.takeoff_tolerance_m and not standing:
                follower.restart(position.velocity_enu_m_s, nan if vehicle is None else vehicle.yaw_enu_rad)
                self._signal(Signal.AT_HEIGHT, now_ns)
            return left
        if stage is Stage.LANDING:
            return position.alt_amsl_m
        return self._advance_leg(now_ns, position, follower)

    def _advance_leg(self, now_ns: int, position: Position, follower: Follower) -> float:
        route, index = follower.route, self._state.leg
        leg = route.legs[index]
        tracking = follower.track(index, position.east_m, position.north_m, position.alt_amsl_m)
        self._tracking = tracking
        speed = hypot(position.velocity_enu_m_s[0], position.velocity_enu_m_s[1])
        last = index + 1 == len(route.legs)
        if self._state.stage is Stage.WAITING:
            if self._in_stage_s(now_ns) >= leg.hold_s:
                self._signal(Signal.ROUTE_FLOWN if last else Signal.PASSED, now_ns)
            return -self._in_stage_s(now_ns)
        if follower.passed(index, tracking, speed):
            stop = Signal.ARRIVED if leg.hold_s > 0 else Signal.PASSED
            self._signal(Signal.ROUTE_FLOWN if last and leg.hold_s == 0 else stop, now_ns, waypoint=leg.waypoint)
        return route.remaining_after_m(index) + tracking.distance_m + abs(tracking.height_error_m)

    def _command(self, now_ns: int, position: Position | None, dt_s: float) -> Command:
        kind, order, height = CommandKind.NONE, None, nan
        stage, follower = self._state.stage, self._follower
        if stage is Stage.ARMING:
            kind = CommandKind.ARM
        elif stage is Stage.TAKEOFF and follower is not None:
            kind, height = CommandKind.TAKEOFF, follower.route.takeoff_amsl_m
        elif stage in (Stage.ENROUTE, Stage.WAITING) and follower is not None and position is not None:
            kind, order = CommandKind.VELOCITY, self._order(follower, position, dt_s)
        elif stage is Stage.LANDING:
            kind = self._touchdown.order(self.world.vehicle, now_ns)
        elif stage in (Stage.HOLDING, Stage.FAILED) and self.world.may_hold():
            kind = CommandKind.HOLD
        self._sequence += 1
        velocity, yaw = (order.velocity_enu_m_s, order.yaw_enu_rad) if order is not None else ((0.0, 0.0, 0.0), nan)
        lifetime = self._settings.command_lifetime_s
        return Command(now_ns, SOURCE, self._sequence, lifetime, kind, velocity, yaw, height, self._consent_ns)

    def _order(self, follower: Follower, position: Position, dt_s: float) -> Order:
        index, east, north = self._state.leg, position.east_m, position.north_m
        tracking = follower.track(index, east, north, position.alt_amsl_m)
        if self._state.stage is Stage.WAITING:
            return follower.stay(index, tracking, east, north, dt_s)
        speed = hypot(position.velocity_enu_m_s[0], position.velocity_enu_m_s[1])
        return follower.fly(index, tracking, speed, dt_s)

    def _signal(self, signal: Signal, now_ns: int, detail: str = "", waypoint: int = 0) -> None:
        before = self._state
        self._state, effects = machine.transition(before, signal, detail, waypoint)
        if self._state.stage is not before.stage or self._state.leg != before.leg:
            self._entered_ns = now_ns
            self._watch.restart(now_ns)
            self._detail = self._state.detail
        for effect in effects:
            self._events.append(Event(now_ns, SOURCE, effect.kind, effect.detail))
            if effect.outcome is not None:
                self._result = MissionResult(effect.outcome, effect.detail, self._state.reached)

    def _consent(self, now_ns: int) -> None:
        self._consent_ns = now_ns
        self._consent_started(now_ns)

    def _consent_started(self, now_ns: int) -> None:
        # The time that authority and guard have to follow a consent runs from arming on the ground, from the resume
        # in the air.
        self._moving_since_ns = now_ns
        self._authority_seen = False
        self._touchdown = Touchdown()

    def _in_stage_s(self, now_ns: int) -> float:
        return (now_ns - self._entered_ns) / 1e9
