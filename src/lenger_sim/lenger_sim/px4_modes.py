"""PX4's flight modes: what each one asks of the control cascade, stepped at 50 Hz on the autopilot's own estimate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import atan2, hypot, inf, isnan, nan, pi

import numpy as np

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator

PERIOD_NS = 20_000_000
PERIOD_S = PERIOD_NS * 1e-9
LANDED_NS = 600_000_000
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


class Pilot:
    """Flies the active mode by writing setpoints into the control record.

    Attributes:
        mode: the active mode's name.
        landed: the autopilot's belief.
        setpoint: OFFBOARD's newest setpoint.
        takeoff_up_m: target of AUTO.TAKEOFF in the estimator's frame.
        home: ENU of home in the estimator's frame, None before there is one.
        rtl_stage: stage of AUTO.RTL.
    """

    def __init__(self, estimator: Estimator, control: Record, params: ParamServer) -> None:
        self._estimator = estimator
        self._estimate = estimator.state[0]
        self._control = control[0]
        self._params = params
        self.mode = "AUTO.LOITER"
        self.landed = True
        self.setpoint: Setpoint | None = None
        self.takeoff_up_m = nan
        self.home: Vec3 | None = None
        self.rtl_stage = RtlStage.CLIMB
        self._holding = False
        self._height_held = False
        self._quiet_since_ns: int | None = None
        self._control["idle"] = 1

    @property
    def yaw_rad(self) -> float:
        """The estimated ENU yaw."""
        w, x, y, z = self._estimate["quat"].tolist()
        return atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))

    def position(self) -> Vec3:
        """Return the estimated position."""
        east, north, up = self._estimate["pos"].tolist()
        return east, north, up

    def velocity(self) -> Vec3:
        """Return the estimated velocity."""
        east, north, up = self._estimate["vel"].tolist()
        return east, north, up

    def enter(self, mode: str) -> None:
        """Make a mode active."""
        self.mode = mode
        self._holding = False
        self._height_held = False
        self._control["yaw_sp"] = self.yaw_rad
        self._control["speed_limit"] = self._params["MPC_XY_CRUISE"]
        if mode == "AUTO.RTL":
            self.rtl_stage = self._first_stage()

    def arm(self) -> None:
        """Start the motors at idle."""
        self._control["armed"] = 1
        self._stop()
        self.enter(self.mode)

    def disarm(self) -> None:
        """Stop the motors."""
        self._control["armed"] = 0
        self._stop()

    def takeoff_done(self) -> bool:
        """Return whether AUTO.TAKEOFF has reached its height."""
        return not self.landed and self.position()[2] > self.takeoff_up_m - 0.5

    def step(self, now_ns: int, armed: bool, blind: bool) -> None:
        """Write the setpoints of the active mode; `blind`: no position is known, keep level."""
        control = self._control
        control["level"] = int(blind)
        if not armed:
            return
        vertical = self._fly(blind)
        if vertical is not None:
            control["use_height"] = 0
            control["vel_sp"][2] = vertical
        if self.landed:
            if self._wants_up():
                self.landed = False
                control["idle"] = 0
                self._quiet_since_ns = None
                self._estimate_origin_of_takeoff()
        else:
            self._watch_ground(now_ns)

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
        if not isnan(setpoint.yaw_rad):
            control["yaw_sp"] = setpoint.yaw_rad
        elif not isnan(setpoint.yaw_rate_rad_s):
            control["yaw_sp"] += setpoint.yaw_rate_rad_s * PERIOD_S
        if setpoint.position is not None:
            control["use_position"], control["use_height"] = 1, 1
            control["pos_sp"] = setpoint.position
            control["vel_sp"] = 0.0
            return None
        control["use_position"] = 0
        if setpoint.velocity is None:
            return 0.0
        control["vel_sp"] = setpoint.velocity
        return setpoint.velocity[2]

    def _hold_place(self) -> None:
        """Brake, then hold the place where the aircraft came to rest."""
        control = self._control
        if self._holding:
            return
        east, north, _ = self.velocity()
        control["use_position"] = 0
        control["vel_sp"][:2] = 0.0
        if hypot(east, north) < 0.4:
            control["pos_sp"][:2] = self._estimate["pos"][:2]
            control["use_position"] = 1
            self._holding = True

    def _hold_height(self) -> float | None:
        control = self._control
        if not self._height_held:
            if abs(self.velocity()[2]) > 0.3:
                return 0.0
            control["pos_sp"][2] = self._estimate["pos"][2]
            self._height_held = True
        control["use_height"] = 1
        return None

    def _climb_to(self, up_m: float, speed_m_s: float) -> float:
        return min(max(up_m - self.position()[2], -speed_m_s), speed_m_s)

    def _height_above_home(self) -> float:
        return self.position()[2] - (self.home[2] if self.home is not None else 0.0)

    def _landing_speed(self) -> float:
        """Return the sink rate, which falls to MPC_LAND_SPEED between MPC_LAND_ALT1 and ALT2 above home."""
        high, low = float(self._params["MPC_LAND_ALT1"]), float(self._params["MPC_LAND_ALT2"])
        fast, slow = float(self._params["MPC_Z_V_AUTO_DN"]), float(self._params["MPC_LAND_SPEED"])
        share = min(max((self._height_above_home() - low) / max(high - low, 0.1), 0.0), 1.0)
        return slow + share * (fast - slow)

    def _first_stage(self) -> RtlStage:
        if self.home is None:
            return RtlStage.LAND
        east, north, _ = self.position()
        near = hypot(east - self.home[0], north - self.home[1]) < float(self._params["RTL_MIN_DIST"])
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

    def _wants_up(self) -> bool:
        if self.mode not in ("OFFBOARD", "AUTO.TAKEOFF"):
            return False
        if self._control["use_height"]:
            return bool(self._control["pos_sp"][2] > self._estimate["pos"][2] + 0.3)
        return bool(self._control["vel_sp"][2] > 0.1)

    def _watch_ground(self, now_ns: int) -> None:
        """Believe in the ground when the aircraft is asked to sink, does not, and needs little thrust."""
        control = self._control
        quiet = control["vel_ref"][2] < -0.2 and abs(self.velocity()[2]) < 0.35 and control["thrust"] < 0.75
        if not quiet:
            self._quiet_since_ns = None
        elif self._quiet_since_ns is None:
            self._quiet_since_ns = now_ns
        elif now_ns - self._quiet_since_ns >= LANDED_NS:
            self._stop()

    def _stop(self) -> None:
        self.landed = True
        self._quiet_since_ns = None
        self._control["idle"] = 1
        self._control["vel_sp"] = 0.0
        self._control["use_position"] = 0
        self._control["use_height"] = 0

    def _estimate_origin_of_takeoff(self) -> None:
        """Hold the place of the take-off, not one that was remembered before the aircraft was carried away."""
        self._holding = False
        self._control["yaw_sp"] = self.yaw_rad if self.mode != "OFFBOARD" else self._control["yaw_sp"]

    def heading_deg(self) -> float:
        """Return the estimated compass heading, 0 to 360."""
        return float(np.degrees(pi / 2.0 - self.yaw_rad) % 360.0)
