"""The modes that a pilot flies: STABILIZE, ALT_HOLD, LOITER."""

from __future__ import annotations

from math import radians

from lenger_sim.copter.avoid import Avoid
from lenger_sim.copter.flight import Flight
from lenger_sim.copter.radio import Radio, Sticks
from lenger_sim.guidance import PERIOD_S
from lenger_sim.sticks import stick_lean, stick_velocity

_THROTTLE_MID = 0.5
_LEAST_LIFT = 0.15
"""Of hover: MOT_SPIN_MIN."""


class Loiter:
    """LOITER, and ALT_HOLD without its position."""

    def __init__(self, flight: Flight, radio: Radio, avoid: Avoid, positioned: bool) -> None:
        self._flight = flight
        self._radio = radio
        self._avoid = avoid
        self._positioned = positioned

    def enter(self, _now_ns: int) -> None:
        """Begin."""
        self._flight.begin()
        self._flight.level(not self._positioned)

    def fly(self, now_ns: int) -> None:
        """Write the setpoints."""
        flight, sticks = self._flight, self._radio.sticks(now_ns)
        climb = climb_rate_m_s(flight, sticks)
        flight.lifts = climb > 0.0
        steer_yaw(flight, sticks)
        if not self._positioned:
            lean(flight, sticks)
        elif sticks.roll or sticks.pitch:
            east, north, _ = stick_velocity(sticks.pitch, sticks.roll, flight.yaw_rad, flight.value("LOIT_SPEED_MS"))
            east, north, climb = self._avoid.adjust((east, north, climb), now_ns)
            flight.fly_level(east, north)
        else:
            flight.hold_place()
        if climb:
            flight.climb(climb)
        else:
            flight.hold_height()


class Stabilize:
    """Lean by roll and pitch, thrust by throttle."""

    def __init__(self, flight: Flight, radio: Radio) -> None:
        self._flight = flight
        self._radio = radio

    def enter(self, _now_ns: int) -> None:
        """Begin."""
        self._flight.begin()
        self._flight.level(True)

    def fly(self, now_ns: int) -> None:
        """Write the setpoints; mid stick is hover thrust."""
        flight, sticks = self._flight, self._radio.sticks(now_ns)
        flight.lifts = sticks.throttle > _THROTTLE_MID
        steer_yaw(flight, sticks)
        lean(flight, sticks)
        flight.climb(0.2 if flight.lifts else -0.3)  # for the land detector; the thrust below is what is flown
        flight.lift(max(sticks.throttle / _THROTTLE_MID, _LEAST_LIFT))


def climb_rate_m_s(flight: Flight, sticks: Sticks) -> float:
    """Return the climb rate of the throttle stick: dead in the middle, PILOT_SPD_UP and _DN at its ends."""
    off = (sticks.throttle - _THROTTLE_MID) * 2.0
    dead = flight.value("THR_DZ") / 500.0
    if abs(off) <= dead:
        return 0.0
    up, down = flight.value("PILOT_SPD_UP"), flight.value("PILOT_SPD_DN")
    share = (abs(off) - dead) / max(1.0 - dead, 1e-3)
    return up * share if off > 0.0 else -(down or up) * share


def steer_yaw(flight: Flight, sticks: Sticks) -> None:
    """Turn with the yaw stick."""
    if sticks.yaw:
        flight.nudge_yaw(-sticks.yaw * radians(flight.value("PILOT_Y_RATE")) * PERIOD_S)


def lean(flight: Flight, sticks: Sticks) -> None:
    """Lean by the sticks, up to ATC_ANGLE_MAX."""
    tilt = radians(flight.value("ATC_ANGLE_MAX"))
    flight.lean(*stick_lean(sticks.pitch, sticks.roll, flight.yaw_rad, tilt))
