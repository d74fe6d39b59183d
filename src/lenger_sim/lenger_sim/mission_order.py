"""The order in which a mission's items are flown: jumps, and what lies ahead."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from lenger_core.samples import Vec3
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.mission_items import LOITERS, NAV, PASSED, Event, EventKind, Locator


class MissionOrder:
    """Walks a mission and remembers how often each DO_JUMP was taken."""

    def __init__(self, items: tuple[MissionItem, ...]) -> None:
        self._items = items
        self._taken: dict[int, int] = {}

    def walk(self, index: int, events: list[Event] | None = None) -> Iterator[int]:
        """Yield the items from `index` on in the order of flight; with `events` jumps are counted and told there."""
        taken = self._taken if events is not None else dict(self._taken)
        for _ in range(4 * len(self._items) + 64):  # a loop of jumps without any leg in it must end
            if index >= len(self._items):
                return
            item = self._items[index]
            if item.command != mavlink.MAV_CMD_DO_JUMP:
                yield index
                index += 1
                continue
            target, times = _whole(item.param1), _whole(item.param2)
            if 0 <= target < len(self._items) and (times < 0 or taken.get(index, 0) < times):
                taken[index] = taken.get(index, 0) + 1
                if events is not None:
                    events.append(Event(EventKind.JUMPED, index, item))
                index = target
            else:
                index += 1

    def following(self, index: int, locator: Locator) -> Vec3 | None:
        """Return the place that is flown to behind an item without a stop at it; None when there is none."""
        item = self._items[index]
        if item.command not in PASSED or item.param1 > 0.0:
            return None
        for seq in self.walk(index + 1):
            other = self._items[seq]
            if other.command in PASSED | LOITERS:
                return locator.place(other)
            if other.command in NAV or other.command == mavlink.MAV_CMD_CONDITION_DELAY:
                return None
        return None


def _whole(value: float) -> int:
    return int(value) if isfinite(value) else -1
