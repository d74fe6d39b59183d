"""PX4's flight modes: what each one asks of the control cascade, stepped at 50 Hz on the autopilot's own estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, inf, isfinite, isnan, nan, radians

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.guidance import Guidance
from lenger_sim.layout import Record
from lenger_sim.legs import LegLimits, circle_velocity, leg_velocity
from lenger_sim.mission_items import Aim, Motion
from lenger_sim.onboard import Estimator
from lenger_sim.px4.rtl import Return, RtlStage
from lenger_sim.sticks import Sticks, shaped, stick_lean, stick_velocity

SINK_M_S = 1.0
"""How fast a stick mode sinks without sticks, as measured."""
STOP_M = 2.0
"""Within this of a stop the place itself is held."""
MAX_TURN_RAD_S = 0.7
"""A yaw setpoint that turns faster than the airframe does would be passed by on the other side."""
LIFT_OFF_M = 1.5
"""A mission that starts on the ground without a take-off item first rises this far."""

AUTO_MODES = ("AUTO.TAKEOFF", "AUTO.LOITER", "AUTO.MISSION", "AUTO.RTL", "AUTO.LAND")
STICK_MODES = ("MANUAL", "ALTCTL", "POSCTL", "STABILIZED")
NO_ARMING = ("AUTO.RTL", "AUTO.LAND")
MODES = (*AUTO_MODES, *STICK_MODES, "OFFBOARD")
"""The modes that this vehicle has; others are refused."""


@dataclass(frozen=True, slots=True)
class Setpoint:
    """What OFFBOARD was last asked for: a velocity, or a position in the estimator's frame; yaw NaN: keep."""

    t_ns: int
    velocity: Vec3 | None
    position: Vec3 | None
    yaw_rad: float
    yaw_rate_rad_s: float


@dataclass(frozen=True, slots=True)
class Reposition:
    """Where AUTO.LOITER is to go (ENU) and how.

    Yaw NaN: towards the place. A radius circles it, clockwise when it is positive.
    """

    place: Vec3
    start: Vec3
    yaw_rad: float = nan
    speed_m_s: float = nan
    radius_m: float = 0.0


class Pilot(Guidance):
    """Flies the active mode by writing setpoints into the control record.

    Attributes:
        mode: the active mode's name.
        setpoint: OFFBOARD's newest setpoint.
        takeoff_up_m: target of AUTO.TAKEOFF in the estimator's frame.
        reposition: where AUTO.LOITER goes, None to hold.
        aim: what the mission asks for, set before each step of AUTO.MISSION.
        sticks: the pilot's sticks, None without.
        rtl: the return.
        rally: ENU of the rally points.
        landing: ENU of the mission's landing, None without.
    """

    def __init__(self, estimator: Estimator, control: Record, params: ParamServer) -> None:
        super().__init__(estimator, control)
        self._params = params
        self.mode = "AUTO.LOITER"
        self.setpoint: Setpoint | None = None
        self.takeoff_up_m = nan
        self.reposition: Reposition | None = None
        self.aim: Aim | None = None
        self.sticks: Sticks | None = None
        self.rtl = Return(params)
        self.rally: Sequence[Vec3] = ()
        self.landing: Vec3 | None = None
        self._motion: Motion | None = None
        self._speed_m_s = nan
        self._rise_to_m = -inf

    @property
    def rtl_stage(self) -> RtlStage:
        """Stage of AUTO.RTL."""
        return self.rtl.stage

    def enter(self, mode: str, reposition: Reposition | None = None) -> None:
        """Make a mode active; AUTO.LOITER may go to a place."""
        self.mode = mode
        self.reposition = reposition if mode == "AUTO.LOITER" else None
        self.aim = self._motion = None
        self._speed_m_s = nan
        self._begin_mode(float(self._params["MPC_XY_CRUISE"]))
        if mode == "AUTO.RTL":
            self.rtl.start(self.position(), self.home, self.rally, self.landing)

    def arm(self) -> None:
        """Start the motors at idle."""
        self.start_motors()
        self.enter(self.mode)

    def stream_alive(self, now_ns: int) -> bool:
        """Return whether OFFBOARD's stream is alive (COM_OF_LOSS_T)."""
        setpoint = self.setpoint
        return setpoint is not None and now_ns - setpoint.t_ns <= float(self._params["COM_OF_LOSS_T"]) * 1e9

    def takeoff_done(self) -> bool:
        """Return whether AUTO.TAKEOFF has reached its height."""
        return not self.landed and self.position()[2] > self.takeoff_up_m - 0.5

    def target(self) -> Vec3 | None:
        """Return the place that an AUTO mode flies to, None when it is none or sticks or OFFBOARD fly."""
        if self.mode == "AUTO.MISSION" and self.aim is not None:
            return self.aim.place
        if self.mode == "AUTO.RTL" and self.rtl.destination is not None:
            return self.rtl.destination
        if self.mode == "AUTO.LOITER" and self.reposition is not None:
            return self.reposition.place
        if not self.mode.startswith("AUTO."):
            return None
        east, north, up = self._control["pos_sp"].tolist()
        return (east, north, up) if self._control["use_position"] else None

    def change_speed(self, speed_m_s: float) -> None:
        """Fly AUTO modes at a level speed until the mode changes; NaN: MPC_XY_CRUISE."""
        self._speed_m_s = speed_m_s

    def limits(self) -> LegLimits:
        """Return how fast AUTO modes fly."""
        names = ("MPC_XY_CRUISE", "MPC_Z_V_AUTO_UP", "MPC_Z_V_AUTO_DN", "MPC_ACC_HOR")
        limits = LegLimits(*(float(self._params[name]) for name in names))
        fastest = float(self._params["MPC_XY_VEL_MAX"])
        speed = self._speed_m_s if isfinite(self._speed_m_s) else limits.speed_m_s
        return replace(limits, speed_m_s=min(speed, fastest))

    def step(self, now_ns: int, armed: bool, blind: bool) -> None:
        """Write the setpoints of the active mode; `blind`: no position is known, keep level."""
        self._control["level"] = int(blind)
        self._control["lean"] = 0.0
        self._control["lift_sp"] = 0.0
        if not armed:
            return
        self._write_vertical(self._fly(now_ns, blind))
        starts = ("OFFBOARD", "AUTO.TAKEOFF", "AUTO.MISSION")
        self._follow_ground(now_ns, takes_off=self.mode in starts or self._sticks_up())

    def _fly(self, now_ns: int, blind: bool) -> float | None:
        """Write the horizontal setpoints of the mode; return the wanted climb rate, None when a height is held."""
        if self.mode == "OFFBOARD":
            return self._offboard()
        if self.mode in STICK_MODES:
            return self._by_sticks(blind)
        if not blind:
            if self.mode == "AUTO.RTL":
                return self._rtl(now_ns)
            if self.mode == "AUTO.MISSION" and self.aim is not None:
                return self._mission(self.aim)
            if self.reposition is not None:
                return self._relocate(self.reposition)
            self._hold_place()
        if self.mode == "AUTO.TAKEOFF":
            return self._climb_to(self.takeoff_up_m, float(self._params["MPC_TKO_SPEED"]))
        if self.mode in ("AUTO.LAND", "AUTO.RTL"):
            return -self._landing_speed()
        return self._hold_height()

    # ------------------------------------------------------------ OFFBOARD

    def _offboard(self) -> float | None:
        control, setpoint = self._control, self.setpoint
        if setpoint is None:
            self._hold_place()
            return self._hold_height()
        self._turn(setpoint.yaw_rad, setpoint.yaw_rate_rad_s)
        if setpoint.position is not None:
            self._go_to(setpoint.position, float(control["speed_limit"]))
            return None
        control["use_position"] = 0
        if setpoint.velocity is None:
            return 0.0
        control["vel_sp"] = setpoint.velocity
        return setpoint.velocity[2]

    # ------------------------------------------------------------ missions and places

    def _mission(self, aim: Aim) -> float | None:
        if aim.motion is not self._motion:
            self._motion, self._holding, self._height_held = aim.motion, False, False
        limits = replace(self.limits(), speed_m_s=aim.speed_m_s, exit_m_s=aim.exit_m_s)
        if aim.motion is Motion.LEG:
            return self._leg(aim.start, aim.place, limits, aim.yaw_rad)
        if aim.motion is Motion.CIRCLE:
            return self._circle(aim.place, aim.radius_m, limits)
        self._turn(aim.yaw_rad, nan)
        if aim.motion is Motion.LAND:
            self._hold_at(aim.place)
            return -self._landing_speed()
        self._hold_place()
        if aim.motion is Motion.CLIMB:
            return self._climb_to(aim.place[2] + 0.3, float(self._params["MPC_TKO_SPEED"]))
        return self._hold_height()

    def _relocate(self, to: Reposition) -> float | None:
        speed = to.speed_m_s if isfinite(to.speed_m_s) else self.limits().speed_m_s
        limits = replace(self.limits(), speed_m_s=speed)
        if to.radius_m != 0.0:
            return self._circle(to.place, to.radius_m, limits)
        return self._leg(to.start, to.place, limits, to.yaw_rad)

    def _leg(self, start: Vec3, place: Vec3, limits: LegLimits, yaw_rad: float) -> float | None:
        """Follow a leg; at a stop hold the place itself."""
        if isnan(yaw_rad):
            self._face(place)
        else:
            self._turn(yaw_rad, nan)
        position = self.position()
        level = hypot(place[0] - position[0], place[1] - position[1])
        if self.landed:
            self._rise_to_m = position[2] + LIFT_OFF_M
        if position[2] < self._rise_to_m:
            self._hold_place()
            return limits.climb_m_s
        self._rise_to_m, self._holding = -inf, False
        if limits.exit_m_s <= 0.0 and level < STOP_M and abs(place[2] - position[2]) < STOP_M:
            self._go_to(place, limits.speed_m_s)
            return None
        self._fly_velocity(leg_velocity(position, start, place, limits))
        return float(self._control["vel_sp"][2])

    def _circle(self, centre: Vec3, radius_m: float, limits: LegLimits) -> float:
        self._face(centre)
        self._fly_velocity(circle_velocity(self.position(), centre, radius_m, limits))
        return float(self._control["vel_sp"][2])

    def _hold_at(self, place: Vec3) -> None:
        self._control["use_position"] = 1
        self._control["pos_sp"][:2] = place[:2]

    def _landing_speed(self) -> float:
        """Return the sink rate, which falls to MPC_LAND_SPEED between MPC_LAND_ALT1 and ALT2 above home."""
        high, low = float(self._params["MPC_LAND_ALT1"]), float(self._params["MPC_LAND_ALT2"])
        fast, slow = float(self._params["MPC_Z_V_AUTO_DN"]), float(self._params["MPC_LAND_SPEED"])
        share = min(max((self.height_above_home_m() - low) / max(high - low, 0.1), 0.0), 1.0)
        return slow + share * (fast - slow)

    def _rtl(self, now_ns: int) -> float:
        aim = self.rtl.step(now_ns, self.position())
        if aim.place is None:
            self._hold_place()
        else:
            self._face(aim.place)
            self._hold_at(aim.place)
        return -self._landing_speed() if aim.lands else aim.climb_m_s

    # ------------------------------------------------------------ sticks

    def _sticks_up(self) -> bool:
        return self.mode in STICK_MODES and self.sticks is not None and self.sticks.throttle > 0.15

    def _by_sticks(self, blind: bool) -> float | None:
        sticks = self.sticks
        if sticks is None:  # nobody flies: level off and sink
            if not blind:
                self._hold_place()
            return -SINK_M_S
        dead, expo = float(self._params["MPC_HOLD_DZ"]), float(self._params["MPC_XY_MAN_EXPO"])
        rate = shaped(sticks.yaw, dead, float(self._params["MPC_YAW_EXPO"]))
        self._turn(nan, -min(radians(float(self._params["MPC_MAN_Y_MAX"])), MAX_TURN_RAD_S) * rate)
        forward, right = shaped(sticks.pitch, dead, expo), shaped(sticks.roll, dead, expo)
        if self.mode == "POSCTL" and not blind:
            self._fly_level(forward, right)
        else:
            tilt = radians(float(self._params["MPC_MAN_TILT_MAX"]))
            self._control["level"], self._control["use_position"] = 1, 0
            self._control["lean"] = stick_lean(sticks.pitch, sticks.roll, self.yaw_rad, tilt)
        if self.mode in ("MANUAL", "STABILIZED"):
            return self._lift(sticks.throttle)
        return self._climb_by(shaped(sticks.throttle, dead, float(self._params["MPC_Z_MAN_EXPO"])))

    def _fly_level(self, forward: float, right: float) -> None:
        if forward == 0.0 and right == 0.0:
            self._hold_place()
            return
        self._holding = False
        self._control["use_position"] = 0
        velocity = stick_velocity(forward, right, self.yaw_rad, float(self._params["MPC_VEL_MANUAL"]))
        self._control["vel_sp"] = velocity

    def _climb_by(self, throttle: float) -> float | None:
        if throttle == 0.0 and not self.landed:
            return self._hold_height()
        self._height_held = False
        up, down = float(self._params["MPC_Z_VEL_MAX_UP"]), float(self._params["MPC_Z_VEL_MAX_DN"])
        return throttle * (up if throttle > 0.0 else down)

    def _lift(self, throttle: float) -> float:
        """Thrust by the stick: idle at the bottom, hover in the middle."""
        self._height_held = False
        least = 0.15 if not self.landed else 0.0
        self._control["lift_sp"] = max(1.0 + throttle * (0.8 if throttle > 0.0 else 1.0), least)
        # what the landing detector reads: the stick asks for sinking or climbing
        return throttle * SINK_M_S

    def _on_lift_off(self) -> None:
        if self.mode != "OFFBOARD":
            super()._on_lift_off()
