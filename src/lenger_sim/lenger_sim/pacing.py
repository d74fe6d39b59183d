"""Simulated time against the wall: at most `speed` times as fast, never a jump, slower when the machine cannot keep up."""

from __future__ import annotations

MIN_CYCLE_S, MAX_CYCLE_S = 0.004, 0.010
CYCLE_SIM_S = 0.012


class Pacer:
    """Says how far simulated time may go.

    Args:
        speed: simulated seconds per second.
        catch_up_ns: the longest simulated stretch that one cycle makes up; what is beyond is lost, not jumped over.
        wall_ns: the wall's monotonic time now.
        sim_ns: simulated time now.
    """

    def __init__(self, speed: float, catch_up_ns: int, wall_ns: int, sim_ns: int) -> None:
        self._speed = speed
        self._catch_up_ns = catch_up_ns
        self._wall_ns = wall_ns
        self._sim_ns = sim_ns
        self.lost_ns = 0

    @property
    def cycle_s(self) -> float:
        """How long to sleep between cycles, wall seconds."""
        return min(max(CYCLE_SIM_S / self._speed, MIN_CYCLE_S), MAX_CYCLE_S)

    def target_ns(self, wall_ns: int, sim_ns: int) -> int:
        """Return the simulated time that the vehicle should reach now."""
        due = self._sim_ns + int((wall_ns - self._wall_ns) * self._speed)
        most = sim_ns + self._catch_up_ns
        if due > most:
            self.lost_ns += due - most
            self._wall_ns, self._sim_ns = wall_ns, most
            return most
        return due
