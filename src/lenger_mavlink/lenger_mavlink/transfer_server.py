"""The autopilot's side of the mission protocol for missions, fences and rally points
(mavlink.io/en/services/mission.html), as PX4 or as ArduPilot.

A pure state machine: `on_message` takes what came, `step` repeats requests and times out, both return the messages to
send, each with the system and component it is for in its target fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lenger_mavlink import mission_ardupilot, mission_px4
from lenger_mavlink.codec import MavMessage, for_us
from lenger_mavlink.mission_ardupilot import ArdupilotMissions
from lenger_mavlink.mission_items import MissionItem, item_of
from lenger_mavlink.mission_px4 import Px4Missions
from lenger_mavlink.mission_store import MissionHooks, MissionStore, Stored

__all__ = ["ARDUPILOT", "PX4", "MissionDialect", "MissionHooks", "MissionServer", "Stored", "item_of"]


class _Missions(Protocol):
    def on_message(self, msg: MavMessage, now_ns: int) -> list[MavMessage]: ...

    def step(self, now_ns: int) -> list[MavMessage]: ...

    def total(self) -> int: ...

    def set_current(self, sequence: int) -> int: ...


@dataclass(frozen=True, slots=True)
class MissionDialect:
    """How an autopilot family keeps and transfers its lists.

    Attributes:
        name: "px4" or "ardupilot".
        capacity: MAV_MISSION_TYPE to the largest list.
        protocol: makes the state machine over a store.
    """

    name: str
    capacity: Mapping[int, int]
    protocol: Callable[[MissionStore], _Missions]


PX4 = MissionDialect("px4", mission_px4.CAPACITY, Px4Missions)
ARDUPILOT = MissionDialect("ardupilot", mission_ardupilot.CAPACITY, ArdupilotMissions)


class MissionServer:
    """Stores the three lists and serves them.

    Args:
        stored: called with mission type and items after each complete upload or clear, on ArduPilot also after one that
            was cut short; it may call `drop`.
        capacity: mission type to the largest list, default the dialect's.
        dialect: `PX4` or `ARDUPILOT`.
        hooks: what the protocol asks of the vehicle.
    """

    def __init__(
        self,
        system_id: int = 1,
        component_id: int = 1,
        stored: Stored | None = None,
        capacity: Mapping[int, int] | None = None,
        dialect: MissionDialect = PX4,
        hooks: MissionHooks | None = None,
    ) -> None:
        self._system_id = system_id
        self._component_id = component_id
        hooks = hooks if hooks is not None else MissionHooks()
        self._store = MissionStore(dict(capacity if capacity is not None else dialect.capacity), stored, hooks)
        self._missions = dialect.protocol(self._store)

    @property
    def current(self) -> int:
        """The current mission item's sequence number; the vehicle sets it as it flies."""
        return self._store.current

    @current.setter
    def current(self, sequence: int) -> None:
        self._store.current = sequence

    def items(self, mission_type: int) -> tuple[MissionItem, ...]:
        """Return a stored list; empty for a type that is not kept. ArduPilot's mission item 0 stands for home."""
        return self._store.items(mission_type)

    def drop(self, mission_type: int) -> None:
        """Forget a list without telling anybody, as PX4 does with a fence that it will not use."""
        self._store.put(mission_type, (), tell=False)

    def on_message(self, msg: MavMessage, now_ns: int) -> list[MavMessage]:
        """Take a message of the protocol; return the answers."""
        if not for_us(msg, self._system_id, self._component_id):
            return []
        return self._missions.on_message(msg, now_ns)

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return what is due: requests that must be repeated; gives silent partners up."""
        return self._missions.step(now_ns)

    def set_current(self, sequence: int) -> int:
        """Make a mission item the current one (MAV_CMD_DO_SET_MISSION_CURRENT); return MAV_RESULT."""
        return self._missions.set_current(sequence)

    def current_message(self) -> MavMessage:
        """Return MISSION_CURRENT."""
        return self._store.current_message(self._missions.total())
