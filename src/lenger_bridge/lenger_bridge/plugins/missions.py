"""MAVROS's waypoint, geofence, rallypoint and param plugins: their topics. The transfers are services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lenger_bridge.mavros_services import LIST_TOPICS, param_value_msg, waypoint_msg
from lenger_bridge.plugins.base import Handler, Plugin, Published, Stream
from lenger_bridge.plugins.uas import Uas
from lenger_core.samples import FcuMission, FcuMissionItem, FcuReached
from lenger_core.wire_types import TypeFactory, header
from lenger_mavlink.params import HASH_NAME, ParamValue, decode_bytewise, decode_cast
from lenger_mavlink.transfer_client import MissionItem, MissionType

_NO_CURRENT = 65535
REACHED_TOPIC = "mavros/mission/reached"


@dataclass
class _Lists:
    held: dict[MissionType, tuple[MissionItem, ...]] = field(default_factory=dict)
    current: int = 0
    reached: int | None = None


class Missions(Plugin):
    """The latched lists (published after each pull, push and clear), the current item, and items reached."""

    records = (REACHED_TOPIC,)

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self._lists = _Lists()

    def handlers(self) -> dict[str, Handler]:
        """Return what follows the mission's progress."""
        return {"MISSION_CURRENT": self._current, "MISSION_ITEM_REACHED": self._reached}

    def streams(self) -> tuple[Stream, ...]:
        """Return the lists, and parameters as they come."""
        lists = (Stream(topic, "mavros_msgs/msg/WaypointList", "latched", {}) for topic in LIST_TOPICS.values())
        return (
            *lists,
            Stream("mavros/param/event", "mavros_msgs/msg/ParamEvent", "plain", {"PARAM_VALUE": self._param}),
        )

    def on_connection(self, connected: bool) -> None:
        """Forget what another vehicle, or this one before it booted, held."""
        self._lists = _Lists()

    def listed(self, kind: MissionType, items: tuple[MissionItem, ...]) -> Published:
        """Return the list to publish that a transfer has fetched, stored or cleared."""
        self._lists.held[kind] = items
        return self._list(kind)

    def _list(self, kind: MissionType) -> Published:
        types = self.uas.types
        items = self._lists.held.get(kind, ())
        current = self._lists.current if kind is MissionType.MISSION else _flagged(items)
        if types is None:  # no ROS: the records of lenger_core.wire.TOPICS come out
            return [(LIST_TOPICS[kind], _record(items, current))] if kind is MissionType.MISSION else []
        waypoints = [waypoint_msg(types, item) for item in items]
        if kind is MissionType.MISSION:
            for index, waypoint in enumerate(waypoints):
                waypoint.is_current = index == current
        message = types("mavros_msgs/msg/WaypointList")(current_seq=current, waypoints=waypoints)
        return [(LIST_TOPICS[kind], message)]

    def _current(self, m: Any, _now_ns: int) -> Published:
        changed = m.seq not in (self._lists.current, _NO_CURRENT)
        if not changed:
            return []
        self._lists.current = m.seq
        return self._list(MissionType.MISSION) if MissionType.MISSION in self._lists.held else []

    def _reached(self, m: Any, now_ns: int) -> Published:
        """PX4 repeats MISSION_ITEM_REACHED many times: each is published, as by MAVROS."""
        return [(REACHED_TOPIC, FcuReached(now_ns, m.seq))]

    def _param(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        value = decode_param(self.uas, m)
        if value is None or m.param_id == HASH_NAME:
            return None
        return types("mavros_msgs/msg/ParamEvent")(
            header=header(types, now_ns), param_id=str(m.param_id), value=param_value_msg(types, value),
            param_index=m.param_index, param_count=m.param_count,
        )  # fmt: skip


def decode_param(uas: Uas, m: Any) -> ParamValue | None:
    """Return the value of PARAM_VALUE as the autopilot's family encodes it; None for a type that cannot be read."""
    return decode_bytewise(m.param_value, m.param_type) if uas.is_px4 else decode_cast(m.param_value, m.param_type)


def _record(items: tuple[MissionItem, ...], current: int) -> FcuMission:
    held = (
        FcuMissionItem(
            i.frame, i.command, (i.param1, i.param2, i.param3, i.param4), i.x_lat_deg, i.y_lon_deg, i.z_alt_m
        )
        for i in items
    )
    return FcuMission(0, tuple(held), current)


def _flagged(items: tuple[MissionItem, ...]) -> int:
    return next((index for index, item in enumerate(items) if item.is_current), 0)
