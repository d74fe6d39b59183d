"""The client's side of MAVLink's parameter protocol: fetch all with refill of gaps, and set with confirmation.

Values cross the wire as the autopilot family encodes them (PX4 puts integers bytewise into the float field, ArduPilot
casts them), so both transfers take the decode and encode functions of `lenger_mavlink.params`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import isclose

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import HASH_NAME, NO_INDEX, ParamValue, text_of
from lenger_mavlink.transfer_client import Peer, Transfer, TransferResult

Decode = Callable[[float, int], ParamValue | None]
"""(param_value field, MAV_PARAM_TYPE) -> value, None for a type that cannot be read."""
Encode = Callable[[ParamValue], tuple[float, int]]
"""value -> (param_value field, MAV_PARAM_TYPE)."""


class ParamFetch(Transfer):
    """Fetches all parameters, or confirms by PX4's hash that `known_hash` still holds (`unchanged`).

    Gaps in the stream of values are asked for by index, a few at a time, so that a slow radio is not flooded.
    """

    refill = 20

    def __init__(self, peer: Peer, decode: Decode, known_hash: int | None = None) -> None:
        super().__init__(peer)
        self._decode = decode
        self._known_hash = known_hash
        self._asking_hash = known_hash is not None
        self._count: int | None = None
        self._seen: set[int] = set()
        self.values: dict[str, ParamValue] = {}
        self.hash: int | None = None
        self.unchanged = False

    def start(self, now_ns: int) -> list[MavMessage]:
        """Ask for the hash where one is known, else for the list."""
        if self._asking_hash:
            return self._send(now_ns, self._read(HASH_NAME, -1))
        return self._send(now_ns, self._list())

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Collect a PARAM_VALUE."""
        if message.get_type() != "PARAM_VALUE" or self.result is not None:
            return []
        if message.param_id == HASH_NAME:
            return self._on_hash(message, now_ns)
        if self._asking_hash:
            return []
        self._sent_ns, self._tries = now_ns, 1
        value = self._decode(message.param_value, message.param_type)
        if value is not None:
            self.values[message.param_id] = value
        if message.param_index < message.param_count and message.param_index != NO_INDEX:
            self._count = int(message.param_count)
            self._seen.add(int(message.param_index))
        if self._count is not None and len(self._seen) >= self._count:
            self._finish(TransferResult(True))
        return []

    def step(self, now_ns: int) -> list[MavMessage]:
        """Fill gaps after a quiet second; give the hash up for autopilots that have none."""
        quiet = now_ns - self._sent_ns >= int(self.retry_s * 1e9)
        if quiet and self.result is None:
            if self._asking_hash and self._tries >= 2:
                self._asking_hash = False
                return self._send(now_ns, self._list())
            if self._count is not None:
                self._last = [self._read("", index) for index in self._missing()[: self.refill]]
        return super().step(now_ns)

    def _on_hash(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        self.hash = struct.unpack("<I", struct.pack("<f", message.param_value))[0]
        if not self._asking_hash:
            return []
        self._asking_hash = False
        if self.hash == self._known_hash:
            self.unchanged = True
            self._finish(TransferResult(True))
            return []
        return self._send(now_ns, self._list())

    def _missing(self) -> list[int]:
        return [index for index in range(self._count or 0) if index not in self._seen]

    def _list(self) -> MavMessage:
        return mavlink.MAVLink_param_request_list_message(self.peer.system, self.peer.component)

    def _read(self, name: str, index: int) -> MavMessage:
        return mavlink.MAVLink_param_request_read_message(
            self.peer.system, self.peer.component, name.encode("ascii"), index
        )


class ParamSet(Transfer):
    """Sets one parameter; done when the autopilot answers with its value, which may differ from what was asked.

    Args:
        value: an int for the autopilot's integer types, else a float (PX4 ignores a mistyped value).
    """

    attempts = 3

    def __init__(self, peer: Peer, name: str, value: ParamValue, decode: Decode, encode: Encode) -> None:
        super().__init__(peer)
        self._name, self._value = name, value
        self._decode, self._encode = decode, encode
        self.held: ParamValue | None = None

    def start(self, now_ns: int) -> list[MavMessage]:
        """Send PARAM_SET."""
        field, kind = self._encode(self._value)
        name = self._name.encode("ascii", "replace")
        return self._send(
            now_ns, mavlink.MAVLink_param_set_message(self.peer.system, self.peer.component, name, field, kind)
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Compare the answer."""
        if self.result is not None or message.get_type() not in ("PARAM_VALUE", "PARAM_ERROR"):
            return []
        if text_of(message.param_id) != self._name:
            return []
        if message.get_type() == "PARAM_ERROR":
            self._finish(TransferResult(False, f"{self._name}: the autopilot answered {_error_name(message.error)}"))
        else:
            self.held = self._decode(message.param_value, message.param_type)
            same = self.held is not None and isclose(self.held, self._value, rel_tol=1e-6, abs_tol=1e-9)
            self._finish(TransferResult(same, "" if same else f"{self._name} stays {self.held}"))
        return []


def _error_name(error: int) -> str:
    entry = mavlink.enums["MAV_PARAM_ERROR"].get(error)
    return entry.name.removeprefix("MAV_PARAM_ERROR_") if entry is not None else f"error {error}"
