"""PX4's flight modes: what each one asks of the control cascade, stepped at 50 Hz on the autopilot's own estimate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import atan2, hypot, inf, nan

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.guidance import Guidance
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator

SINK_M_S = 1.0
"""How fast POSCTL sinks without sticks."""

AUTO_MODES = ("AUTO.TAKEOFF", "AUTO.LOITER", "AUTO.RTL", "AUTO.LAND")
STICK_MODES = ("MANUAL", "ALTCTL", "POSCTL", "STABILIZED", "ACRO")
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


class RtlStage(Enum):
    """The parts of AUTO.RTL."""

    CLIMB = 1
    RETURN = 2
    DESCEND = 3
    LAND = 4


class Pilot(Guidance):
    """Flies the active mode by writing setpoints into the control record.

    Attributes:
        mode: the active mode's name.
        setpoint: OFFBOARD's newest setpoint.
        takeoff_up_m: target of AUTO.TAKEOFF in the estimator's frame.
        rtl_stage: stage of AUTO.RTL.
    """

    def __init__(self, estimator: Estimator, control: Record, params: ParamServer) -> None:
        super().__init__(estimator, control)
        self._params = params
        self.mode = "AUTO.LOITER"
        self.setpoint: Setpoint | None = None
        self.takeoff_up_m = nan
        self.rtl_stage = RtlStage.CLIMB

    def enter(self, mode: str) -> None:
        """Make a mode active."""
        self.mode = mode
        self._begin_mode(float(self._params["MPC_XY_CRUISE"]))
        if mode == "AUTO.RTL":
            self.rtl_stage = self._first_stage()

    def arm(self) -> None:
        """Start the motors at idle."""
        self.start_motors()
        self.enter(self.mode)

    def takeoff_done(self) -> bool:
        """Return whether AUTO.TAKEOFF has reached its height."""
        return not self.landed and self.position()[2] > self.takeoff_up_m - 0.5

    def step(self, now_ns: int, armed: bool, blind: bool) -> None:
        """Write the setpoints of the active mode; `blind`: no position is known, keep level."""
        self._control["level"] = int(blind)
        if not armed:
            return
        self._write_vertical(self._fly(blind))
        self._follow_ground(now_ns, takes_off=self.mode in ("OFFBOARD", "AUTO.TAKEOFF"))

    def _fly(self, blind: bool) -> float | None:
        """Write the horizontal setpoints of the mode; return the wanted climb rate, None when a height is held."""
        if self.mode == "OFFBOARD":
            return self._offboard()
        if self.mode == "AUTO.RTL" and not blind:
            return self._rtl()
        if not blind:
            self._hold_place()
        if self.mode == "AUTO.TAKEOFF":
            return self._climb_to(self.takeoff_up_m, float(self._params["MPC_TKO_SPEED"]))
        if self.mode in ("AUTO.LAND", "AUTO.RTL"):
            return -self._landing_speed()
        if self.mode in STICK_MODES:
            return -SINK_M_S
        return self._hold_height()

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

    def _landing_speed(self) -> float:
        """Return the sink rate, which falls to MPC_LAND_SPEED between MPC_LAND_ALT1 and ALT2 above home."""
        high, low = float(self._params["MPC_LAND_ALT1"]), float(self._params["MPC_LAND_ALT2"])
        fast, slow = float(self._params["MPC_Z_V_AUTO_DN"]), float(self._params["MPC_LAND_SPEED"])
        share = min(max((self.height_above_home_m() - low) / max(high - low, 0.1), 0.0), 1.0)
        return slow + share * (fast - slow)

    def _first_stage(self) -> RtlStage:
        if self.home is None:
            return RtlStage.LAND
        near = self.distance_home_m() < float(self._params["RTL_MIN_DIST"])
        return RtlStage.DESCEND if near else RtlStage.CLIMB

    def _rtl(self) -> float:
        """Climb to the return height, fly straight home, descend, land."""
        home = self.home or self.position()
        east, north, up = self.position()
        cruise_up = max(home[2] + float(self._params["RTL_RETURN_ALT"]), up)
        if self.rtl_stage is RtlStage.CLIMB:
            self._hold_place()
            if up >= home[2] + float(self._params["RTL_RETURN_ALT"]) - 1.0:
                self.rtl_stage = RtlStage.RETURN
                self._control["pos_sp"][:2] = home[:2]
                self._control["yaw_sp"] = atan2(home[1] - north, home[0] - east)
            return self._climb_to(cruise_up, inf)
        self._control["use_position"] = 1
        self._control["pos_sp"][:2] = home[:2]
        if self.rtl_stage is RtlStage.RETURN:
            if hypot(home[0] - east, home[1] - north) < 1.5:
                self.rtl_stage = RtlStage.DESCEND
            return 0.0
        if self.rtl_stage is RtlStage.DESCEND and up > home[2] + float(self._params["RTL_DESCEND_ALT"]):
            return -float(self._params["MPC_Z_V_AUTO_DN"])
        self.rtl_stage = RtlStage.LAND
        return -self._landing_speed()

    def _on_lift_off(self) -> None:
        if self.mode != "OFFBOARD":
            super()._on_lift_off()
