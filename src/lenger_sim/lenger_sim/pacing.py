"""Simulated time against the wall: at most `speed` times as fast, never a jump, slower when the machine cannot keep up.

On a busy machine a node may be late by more simulated time than its partners can bear: at five times real time, 0.2 s
of wall are a second. So simulated time waits for those who live by it (`Lead`): a loaded machine flies slower.
"""

from __future__ import annotations

MIN_CYCLE_S, MAX_CYCLE_S = 0.004, 0.010
CYCLE_SIM_S = 0.012
TURN_NS = 20_000_000
"""The most that one turn of the vehicle's loop counts when it waits for a follower."""


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

    def target_ns(self, wall_ns: int, sim_ns: int, limit_ns: int | None = None) -> int:
        """Return the simulated time that the vehicle should reach now, `limit_ns` at most (never backwards)."""
        due = self._sim_ns + int((wall_ns - self._wall_ns) * self._speed)
        most = sim_ns + self._catch_up_ns
        if limit_ns is not None:
            most = max(min(most, limit_ns), sim_ns)
        if due > most:
            self.lost_ns += due - most
            self._wall_ns, self._sim_ns = wall_ns, most
            return most
        return due


class Lead:
    """How far simulated time may run ahead of those who follow it.

    A follower is known from its first stamp. Whoever falls behind stops the clock, for as long as it needs, and is
    forgotten when the clock has stood for it for `forget_ns`: a dead node stops the clock for that long.

    Only the slowest is charged: the others are silent because the clock stands, since their timers follow it. And only
    the time in which this process ran counts (`TURN_NS` a turn): when the whole machine stops, nobody is late.

    Args:
        lead_ns: simulated time may be this far ahead of the slowest follower's newest stamp.
        forget_ns: time after which a follower for which the clock stands no longer counts.
    """

    def __init__(self, lead_ns: int, forget_ns: int) -> None:
        self._lead_ns = lead_ns
        self._forget_ns = forget_ns
        self._stamps: dict[str, int] = {}
        self._silent_ns: dict[str, int] = {}
        self._last_ns: int | None = None

    def heard(self, follower: str, stamp_ns: int) -> None:
        """Take a follower's newest stamp (simulated time); one that says the same again has not come any further."""
        if stamp_ns != self._stamps.get(follower):
            self._stamps[follower] = stamp_ns
            self._silent_ns[follower] = 0

    def limit_ns(self, wall_ns: int) -> int | None:
        """Return the simulated time that may be reached now, None when nobody follows; ask once a turn.

        Args:
            wall_ns: monotonic time of the wall.
        """
        passed_ns = 0 if self._last_ns is None else min(wall_ns - self._last_ns, TURN_NS)
        self._last_ns = wall_ns
        if not self._stamps:
            return None
        slowest = min(self._stamps.values())
        for follower in [name for name, stamp in self._stamps.items() if stamp == slowest]:
            self._silent_ns[follower] += passed_ns
            if self._silent_ns[follower] >= self._forget_ns:
                del self._stamps[follower]
        return min(self._stamps.values()) + self._lead_ns if self._stamps else None
