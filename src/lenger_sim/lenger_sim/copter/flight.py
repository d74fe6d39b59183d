"""What ArduCopter's modes are made of, with ArduCopter's limits: a public face of `Guidance` for one class a mode."""

from __future__ import annotations

from math import atan2, hypot

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.guidance import PERIOD_S, Guidance
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator

LANDED_NS = 1_500_000_000
"""From touching the ground to the belief in it; the real one disarms about 2 s after the touch."""
TRACK_SPEED_M_S = 0.5
"""Below it a velocity has no direction that the nose would turn to (5 % of WP_SPD)."""
BRAKE_DECEL_M_S2 = 7.5
"""BRAKE_MODE_DECEL_RATE, level and vertical."""
BRAKE_JERK_M_S3 = 4.0
"""With it BRAKE stops as far as measured; PSC_JERK_NE is 5, and the real attitude loop lags behind it."""
STOP_DECEL_M_S2 = 3.3
"""With it a return stops as far as measured before it climbs; WP_ACC is 2.5, and PSC_NE_VEL_P helps."""
STOP_RISE_M_S2 = 15.0
"""A return ends a climb through its height as hard as the thrust can: measured, half as far beyond as BRAKE."""
CLIMB_BRAKE_M_S2 = 0.7
"""Planned for the end of a climb (WP_ACC_Z is 1): with it a take-off takes about as long as the real one."""
_NO_JERK_LIMIT = 1e3


class Flight(Guidance):
    """Setpoints in the words of ArduCopter's modes.

    Attributes:
        params: the autopilot's parameters.
        lifts: whether the active mode wants to leave the ground now.
    """

    def __init__(self, estimator: Estimator, control: Record, params: ParamServer) -> None:
        super().__init__(estimator, control)
        self.params = params
        self._landed_after_ns = LANDED_NS
        self.lifts = False
        self._stop_along: tuple[float, float] = (0.0, 0.0)
        self._stop_speed = 0.0
        self._stop_decel = 0.0
        self._stop_limits = (STOP_DECEL_M_S2, _NO_JERK_LIMIT)

    def value(self, name: str) -> float:
        """Return a parameter as a float."""
        return float(self.params[name])

    def begin(self) -> None:
        """Forget what the mode before held; keep the heading."""
        self._begin_mode(self.value("WP_SPD"))
        self._control["brake_m_s2"] = 0.0
        self._control["rise_m_s2"] = 0.0
        self.lifts = False

    def follow_ground(self, now_ns: int) -> None:
        """Leave the ground when the mode wants to; believe in it after landing."""
        self._follow_ground(now_ns, self.lifts)

    def level(self, on: bool) -> None:
        """Keep level: no position is known or asked for."""
        self._control["level"] = int(on)

    # ------------------------------------------------------------ staying

    def hold(self) -> None:
        """Stop, then hold place and height."""
        self.hold_place()
        self.hold_height()

    def hold_place(self) -> None:
        """Stop, then hold the place."""
        self._hold_place()

    def hold_height(self) -> None:
        """Stop climbing, then hold the height."""
        self._write_vertical(self._hold_height())

    def forget_hold(self) -> None:
        """Hold anew where the aircraft comes to rest next."""
        self._holding = False
        self._height_held = False

    def begin_brake(self) -> None:
        """Start a stop as hard as BRAKE's."""
        self._begin_stop(BRAKE_DECEL_M_S2, BRAKE_JERK_M_S3)

    def begin_stop(self) -> None:
        """Start a stop as hard as a return's."""
        self._begin_stop(STOP_DECEL_M_S2, _NO_JERK_LIMIT)
        self._control["rise_m_s2"] = STOP_RISE_M_S2

    def _begin_stop(self, decel_m_s2: float, jerk_m_s3: float) -> None:
        east, north, _ = self.velocity()
        self._stop_speed = hypot(east, north)
        unit = 1.0 / self._stop_speed if self._stop_speed > 1e-3 else 0.0
        self._stop_along = (east * unit, north * unit)
        self._stop_decel, self._stop_limits = 0.0, (decel_m_s2, jerk_m_s3)
        self._control["brake_m_s2"] = BRAKE_DECEL_M_S2  # the reference lags behind the speed that is planned here
        self._control["rise_m_s2"] = BRAKE_DECEL_M_S2

    def end_stop(self) -> None:
        """Brake as the profile says again; climbs still end as hard as they did."""
        self._control["brake_m_s2"] = 0.0
        self.forget_hold()

    def stop(self) -> None:
        """Go on with the stop: the deceleration grows and shrinks by the jerk limit; then hold the place."""
        if self._stop_speed <= 0.05:
            self.hold_place()
            return
        decel, jerk = self._stop_limits
        wanted = min(decel, (2.0 * jerk * self._stop_speed) ** 0.5)
        self._stop_decel = min(self._stop_decel + jerk * PERIOD_S, wanted)
        self._stop_speed = max(self._stop_speed - self._stop_decel * PERIOD_S, 0.0)
        self.fly_level(self._stop_along[0] * self._stop_speed, self._stop_along[1] * self._stop_speed)

    # ------------------------------------------------------------ going

    def goto(self, place: Vec3, speed_m_s: float) -> None:
        """Fly straight to a place at WP_SPD_UP and WP_SPD_DN, and stay there."""
        self.goto_level(place, speed_m_s)
        self.climb_to(place[2])

    def goto_level(self, place: Vec3, speed_m_s: float) -> None:
        """Fly level to a place; the height is another matter."""
        self._control["use_position"] = 1
        self._control["pos_sp"][0], self._control["pos_sp"][1] = place[0], place[1]
        self._control["speed_limit"] = speed_m_s

    def climb_to(self, up_m: float) -> None:
        """Go to a height at WP_SPD_UP and WP_SPD_DN, slowing down in time, and stay there."""
        left = up_m - self.position()[2]
        braking = (2.0 * CLIMB_BRAKE_M_S2 * abs(left)) ** 0.5
        rate = min(abs(left), braking)
        self.climb(min(rate, self.value("WP_SPD_UP")) if left > 0.0 else -min(rate, self.value("WP_SPD_DN")))

    def climb(self, rate_m_s: float) -> None:
        """Climb, or sink."""
        self._height_held = False
        self._write_vertical(rate_m_s)

    def fly_level(self, east_m_s: float, north_m_s: float) -> None:
        """Fly a level velocity."""
        self._holding = False
        self._control["use_position"] = 0
        self._control["vel_sp"][0], self._control["vel_sp"][1] = east_m_s, north_m_s

    def sink_rate_m_s(self) -> float:
        """Return LAND's rate: LAND_SPD_HIGH_MS (0: WP_SPD_DN) down to LAND_ALT_LOW_M above home, then LAND_SPD_MS."""
        if self.height_above_home_m() <= self.value("LAND_ALT_LOW_M"):
            return self.value("LAND_SPD_MS")
        fast = self.value("LAND_SPD_HIGH_MS")
        return max(fast if fast > 0.0 else self.value("WP_SPD_DN"), self.value("LAND_SPD_MS"))

    # ------------------------------------------------------------ heading

    def turn(self, yaw_rad: float, yaw_rate_rad_s: float) -> None:
        """Turn to an ENU yaw, or at a rate; NaN in both keeps the heading."""
        self._turn(yaw_rad, yaw_rate_rad_s)

    def face(self, place: Vec3) -> None:
        """Point the nose at a place."""
        self._face(place)

    def face_track(self, east_m_s: float, north_m_s: float) -> None:
        """Point the nose along a velocity."""
        if hypot(east_m_s, north_m_s) > TRACK_SPEED_M_S:
            self._control["yaw_sp"] = atan2(north_m_s, east_m_s)

    def nudge_yaw(self, by_rad: float) -> None:
        """Move the heading that is held."""
        self._control["yaw_sp"] += by_rad

    # ------------------------------------------------------------ by hand

    def lean(self, east: float, north: float) -> None:
        """Lean by tangents to the east and to the north; flown while `level` is on."""
        self._control["lean"] = (east, north)

    def lift(self, hovers: float) -> None:
        """Take the thrust from the pilot, in units of the weight; 0 gives it back to the climb rate."""
        self._control["lift_sp"] = hovers

    # ------------------------------------------------------------ what is told

    @property
    def thrust(self) -> float:
        """The thrust, in units of the weight."""
        return float(self._control["thrust"])

    @property
    def motors(self) -> tuple[float, ...]:
        """The motor commands, 0 to 1."""
        return tuple(self._control["motors"].tolist())
