"""Simulated time: calls in the order of when they are due, and of when they were planned where that is equal."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

Call = Callable[[Any], None]


class EventQueue:
    """A queue of `(due_ns, order, call, argument)`. Integer nanoseconds, no clock, no ties left to chance."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._heap: list[tuple[int, int, Call, Any]] = []
        self._order = 0

    def at(self, due_ns: int, call: Call, argument: Any = None) -> None:
        """Call `call(argument)` at `due_ns`, or now when that has passed."""
        self._order += 1
        heappush(self._heap, (max(due_ns, self.now_ns), self._order, call, argument))

    def run(self, until_ns: int) -> None:
        """Make every call that is due up to `until_ns`, and leave the time there."""
        heap = self._heap
        while heap and heap[0][0] <= until_ns:
            self.now_ns, _, call, argument = heappop(heap)
            call(argument)
        self.now_ns = max(self.now_ns, until_ns)
