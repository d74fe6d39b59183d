"""Watching that something gets less: the measure of progress."""

from __future__ import annotations

from math import inf

MIN_STEP = 1.0
"""A change smaller than this (metres, or seconds of a planned stop) is not progress."""


class ProgressWatch:
    """Tells for how long a measure of what is left has not shrunk."""

    def __init__(self) -> None:
        self._best = inf
        self._since_ns = 0

    def restart(self, now_ns: int) -> None:
        """Begin anew: another stage, another measure."""
        self._best = inf
        self._since_ns = now_ns

    def stuck_s(self, left: float, now_ns: int) -> float:
        """Take the measure; return the seconds since it last shrank."""
        if left < self._best - MIN_STEP or self._best == inf:
            self._best = left
            self._since_ns = now_ns
        return (now_ns - self._since_ns) / 1e9
