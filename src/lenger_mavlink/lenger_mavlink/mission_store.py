"""The three lists that an autopilot keeps, and what the mission protocol asks of the vehicle around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.mission_items import MissionItem, Peer

Stored = Callable[[int, tuple[MissionItem, ...]], None]
"""Called with MAV_MISSION_TYPE and the list after each change of it."""

NO_STATE = 0
"""MISSION_STATE of an autopilot that does not tell."""


@dataclass(frozen=True, slots=True)
class MissionHooks:
    """What the protocol needs of the vehicle; each has a default that fits a vehicle on the ground.

    Attributes:
        home: latitude and longitude in degrees and AMSL height in metres, ArduPilot's item 0; None: there is no home.
        running: whether the mission is being flown with motors on: ArduPilot refuses to clear it then.
        set_current: makes an item the current one, returns whether the vehicle takes it.
        guided: flies to an item sent with current = 2 (ArduPilot's old guided request), returns whether it does.
        text: a STATUSTEXT to all: MAV_SEVERITY and text.
        progress: MISSION_STATE and whether the mode flies the mission, for MISSION_CURRENT.
    """

    home: Callable[[], tuple[float, float, float] | None] = lambda: None
    running: Callable[[], bool] = lambda: False
    set_current: Callable[[int], bool] = lambda _sequence: True
    guided: Callable[[MissionItem], bool] = lambda _item: False
    text: Callable[[int, str], None] = lambda _severity, _text: None
    progress: Callable[[], tuple[int, bool]] = lambda: (NO_STATE, False)


@dataclass
class MissionStore:
    """The lists by MAV_MISSION_TYPE, and the current mission item.

    Attributes:
        capacity: the largest list of each type that is kept.
    """

    capacity: Mapping[int, int]
    stored: Stored | None = None
    hooks: MissionHooks = field(default_factory=MissionHooks)
    current: int = 0
    lists: dict[int, tuple[MissionItem, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lists = dict.fromkeys(self.capacity, ())

    def items(self, mission_type: int) -> tuple[MissionItem, ...]:
        """Return a list; empty for a type that is not kept."""
        return self.lists.get(mission_type, ())

    def put(self, mission_type: int, items: tuple[MissionItem, ...], tell: bool = True) -> None:
        """Replace a list; `tell` the vehicle, which may drop it."""
        self.lists[mission_type] = items
        if tell and self.stored is not None:
            self.stored(mission_type, items)

    def current_message(self, total: int) -> MavMessage:
        """Return MISSION_CURRENT."""
        state, active = self.hooks.progress()
        return mavlink.MAVLink_mission_current_message(self.current, total, state, 1 if active else 2)


def ack(peer: Peer, result: int, mission_type: int) -> MavMessage:
    """Return MISSION_ACK."""
    return mavlink.MAVLink_mission_ack_message(peer.system, peer.component, result, mission_type)


def count_message(peer: Peer, count: int, mission_type: int) -> MavMessage:
    """Return MISSION_COUNT."""
    return mavlink.MAVLink_mission_count_message(peer.system, peer.component, count, mission_type)
