"""One list to the autopilot: pushed (or cleared), read back, compared. An acknowledgement alone proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from lenger_bridge.dialects import Dialect
from lenger_bridge.item_check import item_difference
from lenger_bridge.requests import ClearItems, PullItems, PushItems, Reply, Request
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem, MissionType

NAMES = {MissionType.MISSION: "mission", MissionType.FENCE: "fence", MissionType.RALLY: "rally point"}


class Upload:
    """The steps of one upload; `next` and `take` alternate until `done`.

    Args:
        dialect: the autopilot family.
        kind: which list.
        items: the list as people write it, without the home that ArduPilot keeps as item 0; empty clears.

    Attributes:
        problem: why the autopilot does not hold the list, "" once it was read back equal.
        begun: whether anything was asked.
        done: whether nothing more will be asked.
        held: how many items the autopilot held when it was read last, 0 before.
    """

    def __init__(self, dialect: Dialect, kind: MissionType, items: tuple[MissionItem, ...]) -> None:
        self._dialect, self.kind, self.items = dialect, kind, items
        self._offset = dialect.mission_offset if kind is MissionType.MISSION else 0
        self._sent = False
        self.begun = False
        self.done = False
        self.held = 0
        self.problem = f"{NAMES[kind]} not uploaded yet"

    def next(self, take_id: Callable[[], int]) -> Request:
        """Return the next request."""
        self.begun = True
        if self._sent:
            return PullItems(take_id(), self.kind)
        if not self.items:
            return ClearItems(take_id(), self.kind)
        home = MissionItem(0, mavlink.MAV_CMD_NAV_WAYPOINT, 0.0, 0.0, 0.0)  # a placeholder: the autopilot puts its own
        return PushItems(take_id(), self.kind, (*(home,) * self._offset, *self.items))

    def take(self, reply: Reply) -> None:
        """Take the reply to the request of `next`."""
        name = NAMES[self.kind]
        if not self._sent:
            self._sent = reply.success
            if not reply.success:
                # Uploads are not atomic: what was there before may be half replaced.
                budget = self._budget()
                self._end(f"{name} upload failed: {reply.detail or 'refused'}; it may hold a mixture{budget}")
            return
        if not reply.success or not isinstance(reply.payload, tuple):
            self._end(f"{name} cannot be read back: {reply.detail or 'no answer'}")
            return
        read = cast("tuple[MissionItem, ...]", reply.payload)[self._offset :]
        self.held = len(read)
        difference = item_difference(self._dialect, self.kind, self.items, read)
        self._end(f"{name} differs: {difference}" if difference else "")

    def _budget(self) -> str:
        most = self._dialect.fence_vertices if self.kind is MissionType.FENCE else 0
        over = most and len(self.items) > most
        return f" ({len(self.items)} fence items, by default this autopilot keeps {most})" if over else ""

    def _end(self, problem: str) -> None:
        self.problem, self.done = problem, True
