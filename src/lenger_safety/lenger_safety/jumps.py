"""Jumps of an estimate: an estimator that resets itself moves the aircraft on paper, not in the air."""

from __future__ import annotations

from math import hypot

from lenger_core.samples import Vec3

ACCEL_M_S2 = 10.0
"""Change of velocity that no estimate needs to know of beforehand: gusts, and the aircraft's own braking."""
LONGEST_GAP_NS = 1_000_000_000
"""After a longer silence there is nothing to compare with."""
DECAY_S = 5.0
"""A widening ends gradually: limits that come back at once would be a jump of their own."""


class JumpWatch:
    """Compares each position of one estimate with the one before, carried on by the velocities.

    A step that neither speed nor the protection level explains is a jump: where the aircraft was and where it is now
    said to be are both possible, so the protection levels grow by the jump for `wide_s` and then shrink again.

    Args:
        source: of the estimate, for the words.
        least_m: smaller steps are none.
        wide_s: how long the levels stay wider before they shrink over `DECAY_S`.
    """

    def __init__(self, source: str, least_m: float, wide_s: float) -> None:
        self._source, self._least_m = source, least_m
        self._wide_ns = int(wide_s * 1e9)
        self._last: tuple[int, Vec3, Vec3] | None = None
        self._jumped_ns = 0
        self._jump_m = 0.0
        self.text = ""

    def forget(self) -> None:
        """Compare the next position with nothing: the frame is another one."""
        self._last = None

    def update(self, t_ns: int, position_m: Vec3, velocity_m_s: Vec3, levels_m: tuple[float, float]) -> None:
        """Take a position with its velocity and its horizontal and vertical protection level."""
        last, self._last = self._last, (t_ns, position_m, velocity_m_s)
        if last is None or not 0 < t_ns - last[0] <= LONGEST_GAP_NS:
            return
        dt = (t_ns - last[0]) / 1e9
        middle = ((a + b) / 2.0 for a, b in zip(last[2], velocity_m_s, strict=True))
        step = [p - q - v * dt for p, q, v in zip(position_m, last[1], middle, strict=True)]
        free = self._least_m + ACCEL_M_S2 * dt * dt / 2.0
        off, rise = hypot(step[0], step[1]), abs(step[2])
        if off > max(free, levels_m[0]) or rise > max(free, levels_m[1]):
            self._jump_m = self.wider_m(t_ns) + max(off, rise)
            self._jumped_ns = t_ns
            self.text = f"{self._source}'s estimate jumped by {max(off, rise):.1f} m; margins are wider"

    def wider_m(self, now_ns: int) -> float:
        """Return by how much the protection levels are wider now."""
        if not self._jump_m:
            return 0.0
        since_ns = now_ns - self._jumped_ns
        if since_ns < -LONGEST_GAP_NS:  # the clock went back: the time starts again
            self._jumped_ns, since_ns = now_ns, 0
        left = 1.0 - max(0, since_ns - self._wide_ns) / (DECAY_S * 1e9)
        if left <= 0.0:
            self._jump_m = 0.0
        return max(0.0, self._jump_m * left)
