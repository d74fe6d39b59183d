"""What MAVROS fetches by itself after connecting, so that its latched lists and parameters are there unasked."""

from __future__ import annotations

from collections.abc import Callable, Collection

from lenger_bridge.requests import INTERNAL_ID, PullItems, PullParams, Request
from lenger_mavlink.transfer_client import MissionType

What = MissionType | None
"""A list, or None for the parameters."""
SCHEDULE_S: tuple[tuple[float, What], ...] = (
    (10.0, None),
    (15.0, MissionType.MISSION),
    (20.0, MissionType.RALLY),
    (25.0, MissionType.FENCE),
)
"""Seconds after connecting, as MAVROS."""


class AutomaticPulls:
    """Asks for each thing once a connection; not for what somebody else has fetched meanwhile."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._pending: list[tuple[int, What]] = []
        self._last_id = INTERNAL_ID

    def on_connection(self, connected: bool, now_ns: int) -> None:
        """Start to count, or forget what is due."""
        begin = connected and self._enabled
        self._pending = [(now_ns + int(s * 1e9), what) for s, what in SCHEDULE_S] if begin else []

    def step(self, now_ns: int, known: Collection[What], take: Callable[[Request], None]) -> None:
        """Hand out the requests that are due and not yet `known`."""
        while self._pending and now_ns >= self._pending[0][0]:
            what = self._pending.pop(0)[1]
            if what not in known:
                self._last_id -= 1
                take(PullParams(self._last_id) if what is None else PullItems(self._last_id, what))
