"""AUTO: the uploaded mission as ArduCopter flies it (ArduCopter/mode_auto.cpp, AP_Mission)."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, isfinite, nan, radians, sqrt

from lenger_core.samples import Vec3
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.copter.flight import Flight
from lenger_sim.copter.landing import Land
from lenger_sim.copter.modes import AUTO_TAKEOFF_ANYWAY
from lenger_sim.copter.radio import Radio
from lenger_sim.copter.returning import Rtl, Stage
from lenger_sim.guidance import PERIOD_S
from lenger_sim.legs import LegLimits, circle_velocity, leg_velocity
from lenger_sim.mission_items import (
    PLACED,
    TAKEOFFS,
    TERRAIN_FRAMES,
    Aim,
    Event,
    EventKind,
    Locator,
    MissionRules,
    MissionView,
    Motion,
)
from lenger_sim.mission_run import MissionRun
from lenger_sim.onboard import Estimator

INFO, CRITICAL = int(mavlink.MAV_SEVERITY_INFO), int(mavlink.MAV_SEVERITY_CRITICAL)
BRAKE_SHARE = 0.6
"""Of a leg's deceleration that `lenger_sim.legs` plans with: an S-curve's mean is planned with in full."""
HEIGHT_ACCEPTANCE_M = 0.5
TERRAIN_LOST_NS = 5_000_000_000
_LANDINGS = (Motion.LAND,)


class Auto:
    """The mode.

    Attributes:
        run: the mission and how far it is flown.
        texts: (severity, text) lines to send.
        reached: items that were reached and are to be told (MISSION_ITEM_REACHED).
        raised: whether it may take off: the throttle was raised, MISSION_START came, or AUTO_OPTIONS says so.
        terrain_lost: whether an item asks for terrain that is not known for too long: the failsafe is to act.
    """

    def __init__(self, flight: Flight, estimator: Estimator, rtl: Rtl, land: Land, radio: Radio) -> None:
        self._flight = flight
        self._rtl = rtl
        self._land = land
        self._radio = radio
        self.run = MissionRun(Locator(estimator.to_local, lambda: flight.home), first=1)
        self.texts: list[tuple[int, str]] = []
        self.reached: list[int] = []
        self.raised = False
        self.terrain_lost = False
        self.on_do: Callable[[MissionItem], None] = lambda _item: None
        self._aim: Aim | None = None
        self._returning = False
        self._landing_at: int | None = None
        self._blind_at: int | None = None
        self._blind_since_ns: int | None = None
        self._limits: dict[str, float] = {}
        self._jumps: dict[int, int] = {}
        self._flown_m_s = 0.0

    # ------------------------------------------------------------ what others ask

    def load(self, items: tuple[MissionItem, ...]) -> None:
        """Take a mission; while AUTO flies, the current command is begun anew."""
        flying = self.run.active
        seq = self.run.seq
        self.run.load(items)
        if flying and len(items) > 1:
            self.run.set_current(min(seq, len(items) - 1))
            self.run.start()
            self.texts.append((CRITICAL, "Auto mission changed, restarted command"))

    @property
    def present(self) -> bool:
        """Whether there is anything behind home."""
        return len(self.run.items) > 1

    @property
    def starts_with_takeoff(self) -> bool:
        """Whether the first command that is flown is a take-off."""
        for item in self.run.items[max(self.run.seq, 1) :]:
            if item.command in TAKEOFFS:
                return True
            if item.command <= mavlink.MAV_CMD_NAV_LAST:
                return False
        return False

    @property
    def target(self) -> Vec3 | None:
        """The place that it flies to."""
        if self._returning:
            return self._rtl.target
        return self._aim.place if self._aim is not None and self._aim.motion is not Motion.LAND else None

    @property
    def taking_off(self) -> bool:
        """Whether a take-off runs."""
        return self._aim is not None and self._aim.motion is Motion.CLIMB

    @property
    def landing(self) -> bool:
        """Whether a landing runs."""
        return (self._returning and self._rtl.stage is Stage.LAND) or (
            self._aim is not None and self._aim.motion in _LANDINGS
        )

    def set_speed(self, kind: int, speed_m_s: float) -> None:
        """Take DO_CHANGE_SPEED: level (0, 1), up (2), down (3)."""
        if kind in (0, 1):
            self.run.speed_m_s = speed_m_s
        else:
            self._limits["up" if kind == 2 else "down"] = speed_m_s

    # ------------------------------------------------------------ flying

    def enter(self, now_ns: int) -> None:
        """Start, or resume where it was left (MIS_RESTART 1: from the beginning)."""
        self._flight.begin()
        self._aim, self._returning, self._landing_at = None, False, None
        self._blind_at, self._blind_since_ns, self.terrain_lost = None, None, False
        self._limits.clear()
        self._flown_m_s = hypot(*self._flight.velocity()[:2])
        if self.run.finished or int(self._flight.params["MIS_RESTART"]):
            self._jumps.clear()
            self.run.reset()
        self.run.start()
        self.raised = bool(int(self._flight.params["AUTO_OPTIONS"]) & AUTO_TAKEOFF_ANYWAY)

    def leave(self) -> None:
        """Stop the mission; it can be resumed."""
        self.run.pause()
        self._aim, self._returning = None, False

    def fly(self, now_ns: int) -> None:
        """Write the setpoints."""
        flight = self._flight
        self.raised = self.raised or self._radio.sticks(now_ns).throttle > 0.0
        if flight.landed and not self.raised:
            return
        aim = None if self._is_blind(now_ns) else self._step(now_ns)
        self._aim = aim
        if aim is None:
            flight.hold()
        elif aim.motion is Motion.RETURN:
            self._return(now_ns)
        elif aim.motion is Motion.LAND:
            self._sink(aim, now_ns)
        else:
            self._follow(aim)

    def _step(self, now_ns: int) -> Aim | None:
        flight = self._flight
        view = MissionView(flight.position(), flight.yaw_rad, flight.landed)
        aim = self.run.step(now_ns, view, self._rules())
        events = self.run.take_events()
        # what is done on the way to an item is told before the item, as the real one does
        for event in sorted(events, key=lambda e: (e.kind in (EventKind.DO, EventKind.STARTED), e.seq)):
            self._tell(event)
        return aim

    def _is_blind(self, now_ns: int) -> bool:
        """There is no terrain data aboard: an item above terrain stops the mission until the failsafe acts."""
        if self._blind_at != self.run.seq:
            self._blind_since_ns = None
            return False
        self._blind_since_ns = self._blind_since_ns or now_ns
        self.terrain_lost = now_ns - self._blind_since_ns > TERRAIN_LOST_NS
        return True

    def _follow(self, aim: Aim) -> None:
        flight = self._flight
        flight.lifts = aim.motion is Motion.CLIMB
        if aim.motion is Motion.STAY:
            flight.hold()
        elif aim.motion is Motion.CLIMB:
            flight.hold_place()
            flight.climb_to(aim.place[2])
        else:
            here, limits = flight.position(), self._leg_limits(aim)
            if aim.motion is Motion.CIRCLE:
                velocity = circle_velocity(here, aim.place, aim.radius_m, limits)
            else:
                velocity = leg_velocity(here, aim.start, aim.place, limits)
            share = self._speed_up(hypot(*velocity[:2]), aim.speed_m_s)
            flight.fly_level(velocity[0] * share, velocity[1] * share)
            flight.climb(velocity[2])
        self._steer(aim)

    def _speed_up(self, wanted_m_s: float, leg_m_s: float) -> float:
        """Return the share of a speed that is flown while it grows."""
        most = self._flown_m_s + self._mean_accel(leg_m_s) * PERIOD_S
        self._flown_m_s = min(wanted_m_s, most)
        return self._flown_m_s / wanted_m_s if wanted_m_s > 1e-6 else 1.0

    def _mean_accel(self, speed_m_s: float) -> float:
        """Return the mean acceleration of an S-curve to a speed: half of its peak sqrt(v WP_JERK), at most WP_ACC."""
        peak = sqrt(max(speed_m_s, 0.1) * max(self._flight.value("WP_JERK"), 0.1))
        return min(peak / 2.0, self._flight.value("WP_ACC"))

    def _steer(self, aim: Aim) -> None:
        if isfinite(aim.yaw_rad):
            self._flight.turn(aim.yaw_rad, nan)
        elif aim.motion in (Motion.LEG, Motion.CIRCLE) and int(self._flight.params["WP_YAW_BEHAVIOR"]) in (1, 2):
            self._flight.face(aim.place)

    def _return(self, now_ns: int) -> None:
        if not self._returning:
            self._returning = True
            self._rtl.enter(now_ns)
        self._rtl.fly(now_ns)

    def _sink(self, aim: Aim, now_ns: int) -> None:
        if self._landing_at != aim.seq:
            self._landing_at = aim.seq
            self._land.enter(now_ns, blind=False, pause=False)
        self._land.fly(now_ns)

    def _tell(self, event: Event) -> None:
        item = event.item
        if event.kind is EventKind.STARTED and item is not None:
            self.texts.append((INFO, f"Mission: {event.seq} {command_title(item.command)}"))
            self._blind_at = event.seq if item.command in PLACED and item.frame in TERRAIN_FRAMES else None
        elif event.kind is EventKind.REACHED and item is not None:
            self.reached.append(event.seq)
            if item.command in (mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_CMD_NAV_LOITER_TIME):
                self.texts.append((INFO, f"Reached command #{event.seq}"))
        elif event.kind is EventKind.JUMPED and item is not None:
            taken = self._jumps[event.seq] = self._jumps.get(event.seq, 0) + 1
            of = "unlimited" if item.param2 < 0.0 else f"{item.param2:.0f}"
            self.texts.append((INFO, f"Mission: {event.seq} Jump {taken}/{of}"))
        elif event.kind is EventKind.DO and item is not None:
            self.reached.append(event.seq)
            self.texts.append((INFO, f"Mission: {event.seq} {command_title(item.command)}"))
            if item.command == mavlink.MAV_CMD_DO_CHANGE_SPEED and item.param2 > 0.0:
                self.set_speed(int(item.param1), item.param2)
            self.on_do(item)

    # ------------------------------------------------------------ limits

    def _rules(self) -> MissionRules:
        value = self._flight.value
        limits = LegLimits(value("WP_SPD"), value("WP_SPD_UP"), value("WP_SPD_DN"), value("WP_ACC"))
        return MissionRules(
            acceptance_m=value("WP_RADIUS_M"),
            height_acceptance_m=HEIGHT_ACCEPTANCE_M,
            limits=limits,
            yaw_error_rad=radians(2.0),
            item_yaw=False,
            item_acceptance=False,
            parallel=True,
            circles=True,
            takeoff_goes_to_place=False,
            circle_m=value("CIRCLE_RADIUS_M"),
        )

    def _leg_limits(self, aim: Aim) -> LegLimits:
        value = self._flight.value
        up, down = self._limits.get("up", value("WP_SPD_UP")), self._limits.get("down", value("WP_SPD_DN"))
        return LegLimits(aim.speed_m_s, up, down, self._mean_accel(aim.speed_m_s) / BRAKE_SHARE, aim.exit_m_s)


_TITLES = {
    mavlink.MAV_CMD_NAV_WAYPOINT: "WP",
    mavlink.MAV_CMD_NAV_SPLINE_WAYPOINT: "SplineWP",
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: "RTL",
    mavlink.MAV_CMD_NAV_LOITER_UNLIM: "LoitUnlim",
    mavlink.MAV_CMD_NAV_LOITER_TIME: "LoitTime",
    mavlink.MAV_CMD_NAV_LOITER_TURNS: "LoitTurns",
    mavlink.MAV_CMD_NAV_LOITER_TO_ALT: "LoitToAlt",
    mavlink.MAV_CMD_NAV_LAND: "Land",
    mavlink.MAV_CMD_NAV_TAKEOFF: "Takeoff",
    mavlink.MAV_CMD_NAV_DELAY: "Delay",
    mavlink.MAV_CMD_CONDITION_DELAY: "CondDelay",
    mavlink.MAV_CMD_CONDITION_DISTANCE: "CondDist",
    mavlink.MAV_CMD_CONDITION_YAW: "CondYaw",
    mavlink.MAV_CMD_DO_CHANGE_SPEED: "ChangeSpeed",
    mavlink.MAV_CMD_DO_SET_HOME: "SetHome",
    mavlink.MAV_CMD_DO_SET_ROI: "SetROI",
    mavlink.MAV_CMD_DO_JUMP: "Jump",
}


def command_title(command: int) -> str:
    """Return what texts call a mission command."""
    return _TITLES.get(command, "?")
