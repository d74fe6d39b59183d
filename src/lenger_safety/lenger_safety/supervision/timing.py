"""Time for watchers: counted in steps, so that a clock that jumps neither fires nor freezes anything."""

from __future__ import annotations

LONGEST_STEP_NS = 200_000_000
"""A step counts as no longer than this: what came between two steps further apart was not watched."""


class Elapsed:
    """Measures the time between steps: never negative, never more than `LONGEST_STEP_NS`."""

    def __init__(self) -> None:
        self._last_ns: int | None = None

    def step(self, now_ns: int) -> int:
        """Return the nanoseconds since the last call, 0 at the first one and when the clock went back."""
        last, self._last_ns = self._last_ns, now_ns
        return 0 if last is None else min(max(now_ns - last, 0), LONGEST_STEP_NS)


class Persist:
    """A condition with hysteresis in time: true after it held for `rise_s`, false after it was away for `fall_s`."""

    def __init__(self, rise_s: float, fall_s: float) -> None:
        self._rise_ns, self._fall_ns = int(rise_s * 1e9), int(fall_s * 1e9)
        self._elapsed = Elapsed()
        self.reset()

    def reset(self) -> None:
        """Start anew: the condition does not hold."""
        self.on = False
        self.held_ns = 0
        self._away_ns = 0

    def update(self, now_ns: int, condition: bool) -> bool:
        """Take whether the condition holds now, and return whether it counts."""
        passed = self._elapsed.step(now_ns)
        if condition:
            self.held_ns, self._away_ns = self.held_ns + passed, 0
            self.on = self.on or self.held_ns >= self._rise_ns
        else:
            self._away_ns += passed
            if not self.on or self._away_ns >= self._fall_ns:
                self.on, self.held_ns = False, 0
        return self.on

    @property
    def held_s(self) -> float:
        """For how long the condition has held, short gaps of a condition that counts not deducted."""
        return self.held_ns / 1e9
