"""LAND, and the last part of every return."""

from __future__ import annotations

from math import hypot

from lenger_core.samples import Vec3
from lenger_sim.copter.flight import Flight
from lenger_sim.copter.radio import Radio, Sticks
from lenger_sim.sticks import stick_velocity

PAUSE_NS = 4_000_000_000
"""A failsafe's LAND waits this long before it descends."""
_REPOSITION_M_S = 2.5


class Land:
    """The mode.

    Attributes:
        blind: whether it lands without a position, level.
    """

    def __init__(self, flight: Flight, radio: Radio) -> None:
        self._flight = flight
        self._radio = radio
        self.blind = False
        self._pause_until_ns = 0

    def enter(self, now_ns: int, blind: bool, pause: bool) -> None:
        """Begin; with a pause before the descent when a failsafe asks for it."""
        self._flight.begin()
        self.blind = blind
        self._pause_until_ns = now_ns + PAUSE_NS if pause else now_ns

    def fly(self, now_ns: int) -> None:
        """Hold the place (or let the pilot move it) and sink."""
        flight = self._flight
        flight.level(self.blind)
        if not self.blind and not self._reposition(self._radio.sticks(now_ns)):
            flight.hold_place()
        if now_ns < self._pause_until_ns:
            flight.hold_height()
        else:
            flight.climb(-flight.sink_rate_m_s())

    def _reposition(self, sticks: Sticks) -> bool:
        if not self._flight.params["LAND_REPOSITION"] or (sticks.roll == 0.0 and sticks.pitch == 0.0):
            return False
        east, north, _ = stick_velocity(sticks.pitch, sticks.roll, self._flight.yaw_rad, _REPOSITION_M_S)
        self._flight.fly_level(east, north)
        return True


def near(a: Vec3, b: Vec3, level_m: float) -> bool:
    """Return whether two places are within a level distance."""
    return hypot(a[0] - b[0], a[1] - b[1]) <= level_m
