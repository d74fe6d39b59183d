"""GUIDED: the newest target decides how it is flown (ArduCopter/mode_guided.cpp)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import hypot, isfinite, nan

from lenger_core.samples import Vec3
from lenger_sim.copter.avoid import Avoid
from lenger_sim.copter.flight import Flight
from lenger_sim.guidance import PERIOD_S

SPEED_UP = 1.5
"""Share of WP_ACC that a velocity grows by: with it slow setpoints press through the avoidance as far as measured."""
POSITION_GAIN = 1.0
"""PSC_NE_POS_P."""


class Target(Enum):
    """What GUIDED flies: its sub-modes."""

    TAKEOFF = "takeoff"
    POSITION = "position"
    VELOCITY = "velocity"
    BOTH = "position and velocity"


@dataclass(frozen=True, slots=True)
class Yaw:
    """What a target says about the nose: an ENU yaw, a rate, or neither: along the track."""

    yaw_rad: float = nan
    rate_rad_s: float = nan

    @property
    def given(self) -> bool:
        """Whether it says anything."""
        return isfinite(self.yaw_rad) or isfinite(self.rate_rad_s)


ALONG_TRACK = Yaw()


class Guided:
    """The mode.

    Attributes:
        target: what it flies.
        position: its place (ENU), None when the target has none.
        paused: whether DO_PAUSE_CONTINUE holds it.
    """

    def __init__(self, flight: Flight, avoid: Avoid) -> None:
        self._flight = flight
        self._avoid = avoid
        self.target = Target.VELOCITY
        self.position: Vec3 | None = None
        self.paused = False
        self._velocity: Vec3 = (0.0, 0.0, 0.0)
        self._given_ns = 0
        self._yaw = ALONG_TRACK
        self._speed = nan
        self._flown: tuple[float, float] = (0.0, 0.0)
        self._takeoff_up_m = 0.0
        self._takeoff_done = False

    def enter(self, now_ns: int) -> None:
        """Stop; also what ArduCopter does with a setpoint that it does not understand."""
        self._flight.begin()
        self._given_ns, self._flown = now_ns, self._flight.velocity()[:2]
        self.target, self.position, self._velocity = Target.VELOCITY, None, (0.0, 0.0, 0.0)
        self.paused = False
        self._yaw, self._speed = Yaw(rate_rad_s=0.0), nan

    # ------------------------------------------------------------ targets

    def take_off(self, up_m: float) -> None:
        """Climb from the ground to a height in the estimator's frame."""
        self._flight.begin()
        self.target, self._takeoff_up_m, self._takeoff_done = Target.TAKEOFF, up_m, False

    @property
    def taking_off(self) -> bool:
        """Whether a take-off has not reached its height yet."""
        return self.target is Target.TAKEOFF and not self._takeoff_done

    def go(self, position: Vec3 | None, velocity: Vec3 | None, yaw: Yaw, now_ns: int) -> None:
        """Take a setpoint (ENU): a place, a velocity, or both."""
        target = Target.VELOCITY if position is None else Target.POSITION if velocity is None else Target.BOTH
        if target is not self.target:
            self._flight.begin()
            self._flown = self._flight.velocity()[:2]
        self.target, self.position, self._velocity = target, position, velocity or (0.0, 0.0, 0.0)
        self._yaw, self._given_ns = yaw, now_ns

    def turn_to(self, yaw: Yaw) -> None:
        """Take a heading from CONDITION_YAW."""
        self._yaw = yaw

    def set_speed(self, speed_m_s: float) -> None:
        """Take a level speed from DO_CHANGE_SPEED, until the mode is entered again."""
        self._speed = speed_m_s

    # ------------------------------------------------------------ flying

    def fly(self, now_ns: int) -> None:
        """Write the setpoints."""
        flight = self._flight
        flight.lifts = self.target is Target.TAKEOFF
        if self.paused:
            flight.hold()
        elif self.target is Target.TAKEOFF:
            self._climb_out()
        elif self.target is Target.POSITION and self.position is not None:
            self._fly_position(self.position)
        else:
            self._fly_velocity(now_ns)

    def _climb_out(self) -> None:
        flight = self._flight
        flight.hold_place()
        flight.climb_to(self._takeoff_up_m)
        if not flight.landed:
            flight.turn(self._yaw.yaw_rad, self._yaw.rate_rad_s)
        self._takeoff_done = self._takeoff_done or (
            not flight.landed and flight.position()[2] > self._takeoff_up_m - 0.3
        )

    def _fly_position(self, place: Vec3) -> None:
        flight = self._flight
        flight.goto(place, self._speed if isfinite(self._speed) else flight.value("WP_SPD"))
        if self._yaw.given:
            flight.turn(self._yaw.yaw_rad, self._yaw.rate_rad_s)
        else:
            flight.face(place)

    def _speed_up(self, velocity: Vec3) -> Vec3:
        """Return a velocity that grows by no more than WP_ACC; slowing down is left to the cascade."""
        step = SPEED_UP * self._flight.value("WP_ACC") * PERIOD_S
        east, north = velocity[0] - self._flown[0], velocity[1] - self._flown[1]
        size = hypot(east, north)
        faster = hypot(velocity[0], velocity[1]) > hypot(*self._flown)
        share = step / size if faster and size > step > 0.0 else 1.0
        self._flown = (self._flown[0] + east * share, self._flown[1] + north * share)
        return self._flown[0], self._flown[1], velocity[2]

    def _fly_velocity(self, now_ns: int) -> None:
        flight = self._flight
        late = now_ns - self._given_ns > flight.value("GUID_TIMEOUT") * 1e9
        if late:
            self._velocity = (0.0, 0.0, 0.0)
        elif self.target is Target.VELOCITY:
            # kept, as the real one keeps it: the next cycle starts from what avoidance has left
            self._velocity = self._avoid.adjust(self._velocity, now_ns)
        east, north, up = self._speed_up(self._velocity)
        if self.target is Target.BOTH and self.position is not None:
            here = flight.position()
            east, north, up = (
                v + POSITION_GAIN * (p - h) for v, p, h in zip(self._velocity, self.position, here, strict=True)
            )
        if self._yaw.given:
            flight.turn(self._yaw.yaw_rad, 0.0 if late else self._yaw.rate_rad_s)
        else:
            flight.face_track(east, north)
        if east or north:
            flight.fly_level(east, north)
        else:
            flight.hold_place()
        if up:
            flight.climb(up)
        else:
            flight.hold_height()
