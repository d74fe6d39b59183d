"""The autopilot's own fence in flight: read back now and then, so that a lost or foreign one is noticed.

Reading asks for the items one by one and changes nothing; unlike storing them it does not make PX4 pause its
setpoint stream. It runs beside everything else, and never together with another transfer: an autopilot takes one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from lenger_bridge.dialects import Dialect
from lenger_bridge.item_check import item_difference
from lenger_bridge.requests import PullItems, Reply
from lenger_core.samples import FenceState
from lenger_mavlink.transfer_client import MissionItem, MissionType

FIRST_NS = 5_000_000_000
"""After arming: takeoff has its own transfers and orders."""
UNREADABLE = 2
"""Failed readings in a row after which the fence is no longer known."""


class FenceCheck:
    """Reads the fence back every `period_s` while armed and compares it with the one that must be there.

    Args:
        dialect: the autopilot family.
        period_s: between two readings; 0: never.
    """

    def __init__(self, dialect: Dialect, period_s: float) -> None:
        self._dialect, self._period_ns = dialect, int(period_s * 1e9)
        self._pending: PullItems | None = None
        self._failed = 0
        self._due_ns: int | None = None
        self.state, self.text = FenceState.UNKNOWN, ""

    @property
    def reading(self) -> bool:
        """Whether a reading is under way."""
        return self._pending is not None

    def reset(self) -> None:
        """Forget everything: the link was lost."""
        self._pending, self._due_ns, self._failed = None, None, 0
        self.state, self.text = FenceState.UNKNOWN, ""

    def on_ground(self, fence: tuple[MissionItem, ...] | None, done: bool, problem: str) -> None:
        """Take what the checks before arming say; they read the fence back themselves.

        Args:
            fence: that must be there; None: none is asked for.
            done: it was uploaded and read back.
            problem: why it is not right, "" when it is.
        """
        self._due_ns = None
        if fence is None or not done:
            self.state, self.text = FenceState.UNKNOWN, ""
        else:
            self.state, self.text = (FenceState.DIFFERS, problem) if problem else (FenceState.OK, "")

    def on_list(self, items: tuple[MissionItem, ...], fence: tuple[MissionItem, ...] | None, now_ns: int) -> None:
        """Take a fence that MAVROS published because somebody read or stored one: another one is looked at soon."""
        if (
            self._due_ns is None
            or self.reading
            or not item_difference(self._dialect, MissionType.FENCE, fence or (), items)
        ):
            return
        self._due_ns = min(self._due_ns, now_ns + FIRST_NS)

    def step(self, now_ns: int, fence: tuple[MissionItem, ...] | None, take_id: Callable[[], int]) -> PullItems | None:
        """Return the request to read, None when it is not time. Call while armed, and no other transfer runs."""
        if fence is None or not self._period_ns or self._pending is not None:
            return None
        if self._due_ns is None or self._due_ns - now_ns > max(self._period_ns, FIRST_NS):
            self._due_ns = now_ns + min(FIRST_NS, self._period_ns)  # just armed, or the clock went back
        if now_ns < self._due_ns:
            return None
        self._pending = PullItems(take_id(), MissionType.FENCE)
        return self._pending

    def on_reply(self, reply: Reply, now_ns: int, fence: tuple[MissionItem, ...] | None) -> bool:
        """Take a reply; return whether it was ours."""
        if self._pending is None or reply.request_id != self._pending.request_id:
            return False
        self._pending, self._due_ns = None, now_ns + self._period_ns
        if reply.success and isinstance(reply.payload, tuple):
            self._failed = 0
            self._compare(fence or (), cast("tuple[MissionItem, ...]", reply.payload))
        else:
            self._failed += 1
            if self._failed >= UNREADABLE:
                self.state, self.text = FenceState.UNKNOWN, f"fence cannot be read: {reply.detail or 'no answer'}"
        return True

    def _compare(self, fence: tuple[MissionItem, ...], held: tuple[MissionItem, ...]) -> None:
        difference = item_difference(self._dialect, MissionType.FENCE, fence, held)
        if not difference:
            self.state, self.text = FenceState.OK, ""
        elif not held:
            self.state, self.text = FenceState.MISSING, difference
        else:
            self.state, self.text = FenceState.DIFFERS, difference
