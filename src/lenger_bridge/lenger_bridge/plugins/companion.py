"""MAVROS's companion_process_status plugin, and what is known of every vehicle and component that was heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lenger_bridge.plugins.base import Input, Plugin
from lenger_bridge.plugins.uas import Uas
from lenger_core.wire_types import TypeFactory, header
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import mode_name

_HEARTBEAT, _VERSION = 1, 2
MOST_VEHICLES = 64
"""Garbage must not fill the memory."""


@dataclass(frozen=True, slots=True)
class FromComponent:
    """A message that is to be sent under another component id than ours."""

    message: MavMessage
    component: int


class CompanionProcess(Plugin):
    """Heartbeats of processes that this computer runs, such as obstacle avoidance."""

    def inputs(self) -> tuple[Input, ...]:
        """Return the topic on which a process says how it is."""
        kind = "mavros_msgs/msg/CompanionProcessStatus"
        return (Input("mavros/companion_process/status", kind, "plain", self._status),)

    def _status(self, m: Any, _now_ns: int) -> list[Any]:
        heartbeat = mavlink.MAVLink_heartbeat_message(
            mavlink.MAV_TYPE_ONBOARD_CONTROLLER,
            mavlink.MAV_AUTOPILOT_PX4,
            mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED,
            0,
            int(m.state),
            3,
        )
        return [FromComponent(heartbeat, int(m.component))]


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What HEARTBEAT and AUTOPILOT_VERSION of one component said (None: never came)."""

    system: int
    component: int
    heard_ns: int
    heartbeat: MavMessage = None
    version: MavMessage = None


class Vehicles(Plugin):
    """Everybody who was heard on the link, for vehicle_info_get; not only the vehicle that is ours."""

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self.heard: dict[tuple[int, int], Vehicle] = {}

    @property
    def has_version(self) -> bool:
        """Whether our autopilot has told its version."""
        ours = self.heard.get(self.uas.target)
        return ours is not None and ours.version is not None

    def on_any(self, m: Any, now_ns: int) -> None:
        """Take HEARTBEAT or AUTOPILOT_VERSION of anybody."""
        key = (m.get_srcSystem(), m.get_srcComponent())
        if key not in self.heard and len(self.heard) >= MOST_VEHICLES:
            return
        known = self.heard.get(key, Vehicle(*key, now_ns))
        kind = {"heartbeat": m} if m.get_type() == "HEARTBEAT" else {"version": m}
        self.heard[key] = replace(known, heard_ns=now_ns, **kind)

    def on_connection(self, connected: bool) -> None:
        """Forget everybody once the link is lost."""
        if not connected:
            self.heard.clear()

    def asked(self, system: int, component: int, everybody: bool) -> tuple[Vehicle, ...]:
        """Return those that a request means; 0, 0 is our own vehicle."""
        if everybody:
            return tuple(self.heard.values())
        key = self.uas.target if (system, component) == (0, 0) else (system, component)
        return (self.heard[key],) if key in self.heard else ()


def vehicle_msg(types: TypeFactory, vehicle: Vehicle) -> Any:
    """Return mavros_msgs/VehicleInfo."""
    m = types("mavros_msgs/msg/VehicleInfo")(sysid=vehicle.system, compid=vehicle.component)
    m.header = header(types, vehicle.heard_ns)
    beat, version = vehicle.heartbeat, vehicle.version
    if beat is not None:
        m.available_info |= _HEARTBEAT
        m.autopilot, m.type, m.system_status = beat.autopilot, beat.type, beat.system_status
        m.base_mode, m.custom_mode = beat.base_mode, beat.custom_mode
        m.mode = mode_name(beat.autopilot, beat.custom_mode)
        custom = beat.base_mode & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        m.mode_id = beat.custom_mode if custom else beat.base_mode
    if version is not None:
        m.available_info |= _VERSION
        for name in ("capabilities", "flight_sw_version", "middleware_sw_version", "os_sw_version", "board_version"):
            setattr(m, name, getattr(version, name))
        m.vendor_id, m.product_id, m.uid = version.vendor_id, version.product_id, version.uid
        m.flight_custom_version = bytes(version.flight_custom_version)[::-1].hex()
    return m
