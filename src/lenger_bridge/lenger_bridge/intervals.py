"""Message rates for autopilots that send nothing by themselves: asked for one at a time, again when they are silent."""

from __future__ import annotations

from collections.abc import Callable

from lenger_bridge.requests import Reply, SetMessageInterval

AGAIN_NS = 5_000_000_000
"""Pause before all are asked for again; one that was refused is not asked for more often either."""


class Intervals:
    """Asks for each message once after a connection, and for all again while something needed is missing.

    One request is under way at a time: MAVROS lets an unanswered command block those behind it.

    Args:
        wanted: (message id, Hz); empty where the autopilot streams by itself.
    """

    def __init__(self, wanted: tuple[tuple[int, float], ...]) -> None:
        self._wanted = wanted
        self._todo = list(wanted)
        self._pending: SetMessageInterval | None = None
        self._asked_ns = 0

    def reset(self) -> None:
        """Forget what was asked for: the link was lost."""
        self._todo, self._pending = list(self._wanted), None

    def step(self, now_ns: int, silent: bool, take_id: Callable[[], int]) -> SetMessageInterval | None:
        """Return the next request, None when there is none now.

        Args:
            now_ns: time.
            silent: whether a stream that we need is missing (never requested, or the autopilot started again).
            take_id: gives request ids.
        """
        if not self._wanted or self._pending is not None:
            return None
        if not self._todo and silent and not 0 <= now_ns - self._asked_ns < AGAIN_NS:
            self._todo = list(self._wanted)
        if not self._todo:
            return None
        self._asked_ns = now_ns
        self._pending = SetMessageInterval(take_id(), *self._todo.pop(0))
        return self._pending

    def on_reply(self, reply: Reply) -> bool:
        """Take a reply; return whether it was one of ours."""
        if self._pending is None or reply.request_id != self._pending.request_id:
            return False
        self._pending = None
        return True
