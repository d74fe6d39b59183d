"""EVENT (id 410): PX4 tells by it why it refuses and which failsafe acts.

MAVLink's common.xml marks it as work in progress, and pymavlink leaves such messages out.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

_ARGUMENTS = 40


class MAVLink_event_message(mavlink.MAVLink_message):  # type: ignore[misc]  # noqa: N801 (as pymavlink names its own)
    """An event of a component; `id` as in the component's metadata, `log_levels` 4 bits internal, 4 bits external."""

    id = 410
    msgname = "EVENT"
    fieldnames = [
        "destination_component",
        "destination_system",
        "id",
        "event_time_boot_ms",
        "sequence",
        "log_levels",
        "arguments",
    ]
    ordered_fieldnames = [*fieldnames[2:5], *fieldnames[:2], *fieldnames[5:]]
    fieldtypes = ["uint8_t", "uint8_t", "uint32_t", "uint32_t", "uint16_t", "uint8_t", "uint8_t"]
    fielddisplays_by_name: dict[str, str] = {}
    fieldenums_by_name: dict[str, str] = {}
    fieldunits_by_name: dict[str, str] = {"event_time_boot_ms": "ms"}
    native_format = bytearray(b"<IIHBBBB")
    orders = [3, 4, 0, 1, 2, 5, 6]
    lengths = [1, 1, 1, 1, 1, 1, _ARGUMENTS]
    array_lengths = [0, 0, 0, 0, 0, 0, _ARGUMENTS]
    crc_extra = 160
    unpacker = struct.Struct(f"<IIHBBB{_ARGUMENTS}B")
    instance_field = None
    instance_offset = -1

    def __init__(
        self,
        destination_component: int,
        destination_system: int,
        id: int,
        event_time_boot_ms: int,
        sequence: int,
        log_levels: int,
        arguments: Sequence[int],
    ) -> None:
        mavlink.MAVLink_message.__init__(self, MAVLink_event_message.id, MAVLink_event_message.msgname)
        self._fieldnames = MAVLink_event_message.fieldnames
        self._instance_field = self._instance_offset = None
        self.destination_component, self.destination_system = destination_component, destination_system
        self.id, self.event_time_boot_ms, self.sequence = id, event_time_boot_ms, sequence
        self.log_levels, self.arguments = log_levels, arguments

    def pack(self, mav: Any, force_mavlink1: bool = False) -> bytes:
        """Return the frame."""
        payload = self.unpacker.pack(
            self.id, self.event_time_boot_ms, self.sequence, self.destination_component, self.destination_system,
            self.log_levels, *self.arguments,
        )  # fmt: skip
        frame: bytes = self._pack(mav, self.crc_extra, payload, force_mavlink1=force_mavlink1)
        return frame


def register() -> None:
    """Make pymavlink's decoder know the message, unless it does."""
    mavlink.mavlink_map.setdefault(MAVLink_event_message.id, MAVLink_event_message)
    if not hasattr(mavlink, "MAVLink_event_message"):
        mavlink.MAVLink_event_message = MAVLink_event_message
