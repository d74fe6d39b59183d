"""What the flight modes of every autopilot are made of: holding a place, climbing, following a leg, finding the ground.

A flavour's pilot derives from `Guidance` and decides which of these its modes use, with its own limits.
"""

from __future__ import annotations

from math import atan2, hypot, isnan, pi

import numpy as np

from lenger_core.samples import Vec3
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator

PERIOD_NS = 20_000_000
PERIOD_S = PERIOD_NS * 1e-9
LANDED_NS = 600_000_000
LOW_THRUST = 0.5
"""Of what hovers: PX4 takes the least thrust and 0.3 of the way to hover, 0.47. An updraft takes a quarter away."""
CONTACT_NS, CONTACT_THRUST, CONTACT_M_S = 300_000_000, 0.6, 0.15
"""Asked to sink, and standing with so little of the thrust of hover for so long, it touches the ground (level at up to
twice that speed). An updraft that holds it up takes a quarter of the thrust away, a hard stop more."""
STILL_M_S2 = 1.0
"""Level acceleration, behind a filter of 1 Hz, that an aircraft on the ground stays below."""
_ACCEL_SHARE = 2.0 * pi * PERIOD_S


class Guidance:
    """Writes setpoints into the control record, stepped at 50 Hz on the autopilot's own estimate.

    Attributes:
        landed: the autopilot's belief.
        home: ENU of home in the estimator's frame, None before there is one.
    """

    def __init__(self, estimator: Estimator, control: Record) -> None:
        self._estimator = estimator
        self._estimate = estimator.state[0]
        self._control = control[0]
        self.landed = True
        self.home: Vec3 | None = None
        self._holding = False
        self._height_held = False
        self._quiet_since_ns: int | None = None
        self._touching_since_ns: int | None = None
        self._landed_after_ns = LANDED_NS
        self._accel = np.zeros(2)
        self._control["idle"] = 1

    @property
    def yaw_rad(self) -> float:
        """The estimated ENU yaw."""
        w, x, y, z = self._estimate["quat"].tolist()
        return atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))

    def heading_deg(self) -> float:
        """Return the estimated compass heading, 0 to 360."""
        return float(np.degrees(pi / 2.0 - self.yaw_rad) % 360.0)

    def position(self) -> Vec3:
        """Return the estimated position."""
        east, north, up = self._estimate["pos"].tolist()
        return east, north, up

    def velocity(self) -> Vec3:
        """Return the estimated velocity."""
        east, north, up = self._estimate["vel"].tolist()
        return east, north, up

    def height_above_home_m(self) -> float:
        """Return the height above home, above the estimator's origin while there is no home."""
        return self.position()[2] - (self.home[2] if self.home is not None else 0.0)

    def distance_home_m(self) -> float:
        """Return the horizontal distance from home, 0 while there is none."""
        if self.home is None:
            return 0.0
        east, north, _ = self.position()
        return hypot(east - self.home[0], north - self.home[1])

    # ------------------------------------------------------------ motors

    def start_motors(self) -> None:
        """Turn the motors at idle."""
        self._control["armed"] = 1
        self._stop()

    def stop_motors(self) -> None:
        """Stop them."""
        self._control["armed"] = 0
        self._stop()

    # ------------------------------------------------------------ elements of modes

    def _begin_mode(self, speed_limit_m_s: float) -> None:
        """Forget what the mode before held; keep the heading."""
        self._holding = False
        self._height_held = False
        self._control["lean"] = 0.0
        self._control["lift_sp"] = 0.0
        self._control["yaw_sp"] = self.yaw_rad
        self._control["speed_limit"] = speed_limit_m_s

    def _write_vertical(self, climb_m_s: float | None) -> None:
        """Ask for a climb rate; None leaves the height that is held."""
        if climb_m_s is not None:
            self._control["use_height"] = 0
            self._control["vel_sp"][2] = climb_m_s

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
        """Stop climbing, then hold the height; return the climb rate for `_write_vertical`."""
        control = self._control
        if not self._height_held:
            if abs(self.velocity()[2]) > 0.3:
                return 0.0
            control["pos_sp"][2] = self._estimate["pos"][2]
            self._height_held = True
        control["use_height"] = 1
        return None

    def _go_to(self, place: Vec3, speed_limit_m_s: float) -> None:
        """Fly straight to a place and stay there."""
        self._control["use_position"], self._control["use_height"] = 1, 1
        self._control["pos_sp"] = place
        self._control["vel_sp"] = 0.0
        self._control["speed_limit"] = speed_limit_m_s

    def _fly_velocity(self, velocity: Vec3) -> None:
        """Fly an ENU velocity."""
        self._control["use_position"], self._control["use_height"] = 0, 0
        self._control["vel_sp"] = velocity

    def _turn(self, yaw_rad: float, yaw_rate_rad_s: float) -> None:
        """Turn to a yaw, or at a rate; NaN in both keeps the heading."""
        if not isnan(yaw_rad):
            self._control["yaw_sp"] = yaw_rad
        elif not isnan(yaw_rate_rad_s):
            self._control["yaw_sp"] += yaw_rate_rad_s * PERIOD_S

    def _face(self, place: Vec3) -> None:
        """Point the nose at a place, unless it is too near to tell a direction."""
        east, north, _ = self.position()
        if hypot(place[0] - east, place[1] - north) > 2.0:
            self._control["yaw_sp"] = atan2(place[1] - north, place[0] - east)

    def _climb_to(self, up_m: float, speed_m_s: float) -> float:
        return min(max(up_m - self.position()[2], -speed_m_s), speed_m_s)

    # ------------------------------------------------------------ the ground

    def _follow_ground(self, now_ns: int, takes_off: bool) -> None:
        """Leave the ground when a mode that may take off wants up; believe in the ground after landing."""
        if not self.landed:
            self._level_on_contact(now_ns)
            self._watch_ground(now_ns)
        elif takes_off and self._wants_up():
            self.landed = False
            self._control["idle"] = 0
            self._quiet_since_ns = self._touching_since_ns = None
            # hold the place of the take-off, not one remembered before the aircraft was carried away
            self._holding = False
            self._on_lift_off()

    def _on_lift_off(self) -> None:
        """Hook: the aircraft leaves the ground."""
        self._control["yaw_sp"] = self.yaw_rad

    def _wants_up(self) -> bool:
        if self._control["use_height"]:
            return bool(self._control["pos_sp"][2] > self._estimate["pos"][2] + 0.3)
        return bool(self._control["vel_sp"][2] > 0.1)

    def _level_on_contact(self, now_ns: int) -> None:
        """Hold no place any more once the feet touch: who follows a receiver that drifts there tips over.

        PX4's ground contact and ArduCopter's soften_for_landing. Modes say in every step whether they hold level.
        """
        control = self._control
        east, north, up = self.velocity()
        sinks = control["vel_ref"][2] < -0.2 and control["thrust"] < CONTACT_THRUST
        if not (sinks and abs(up) < CONTACT_M_S and hypot(east, north) < 2.0 * CONTACT_M_S):
            self._touching_since_ns = None
        elif self._touching_since_ns is None:
            self._touching_since_ns = now_ns
        elif now_ns - self._touching_since_ns >= CONTACT_NS:
            control["level"], control["lean"] = 1, 0.0

    def _watch_ground(self, now_ns: int) -> None:
        """Believe in the ground when the aircraft is asked to sink, does not, needs little thrust and rests.

        A hard stop needs little thrust too, as the air carries the leaning rotors: it is told by its deceleration.
        """
        control = self._control
        quiet = control["vel_ref"][2] < -0.2 and abs(self.velocity()[2]) < 0.35 and control["thrust"] < LOW_THRUST
        self._accel += _ACCEL_SHARE * (self._estimate["accel"][:2] - self._accel)
        quiet = quiet and hypot(*self._accel.tolist()) < STILL_M_S2
        if not quiet:
            self._quiet_since_ns = None
        elif self._quiet_since_ns is None:
            self._quiet_since_ns = now_ns
        elif now_ns - self._quiet_since_ns >= self._landed_after_ns:
            self._stop()

    def _stop(self) -> None:
        self.landed = True
        self._quiet_since_ns = None
        self._control["idle"] = 1
        self._control["vel_sp"] = 0.0
        self._control["use_position"] = 0
        self._control["use_height"] = 0
