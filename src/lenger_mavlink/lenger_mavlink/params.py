"""The parameter protocol, autopilot side, and the two ways of putting an integer into PARAM_VALUE's float.

PX4 copies the bytes of an INT32 into the float field; ArduPilot casts the number (MAVLink "Parameter Protocol",
encodings MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE and _C_CAST).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from math import isfinite
from zlib import crc32

from lenger_mavlink.codec import MavMessage, for_us, mavlink

HASH_NAME = "_HASH_CHECK"
_INT32 = mavlink.MAV_PARAM_TYPE_INT32
_REAL32 = mavlink.MAV_PARAM_TYPE_REAL32
_UINT32 = mavlink.MAV_PARAM_TYPE_UINT32

ParamValue = int | float


def encode_bytewise(value: ParamValue) -> tuple[float, int]:
    """Return the float field and MAV_PARAM_TYPE of a value in PX4's encoding (int: INT32, float: REAL32)."""
    if isinstance(value, int):
        return struct.unpack("<f", struct.pack("<i", value))[0], _INT32
    return float(value), _REAL32


def decode_bytewise(field: float, param_type: int) -> ParamValue | None:
    """Return the value of a float field in PX4's encoding; None for a type that PX4 has not."""
    if param_type == _INT32:
        return int(struct.unpack("<i", struct.pack("<f", field))[0])
    if param_type == _UINT32:
        return int(struct.unpack("<I", struct.pack("<f", field))[0])
    return float(field) if param_type == _REAL32 else None


def encode_cast(value: ParamValue) -> tuple[float, int]:
    """Return the float field and MAV_PARAM_TYPE of a value in ArduPilot's encoding."""
    return float(value), _INT32 if isinstance(value, int) else _REAL32


def decode_cast(field: float, param_type: int) -> ParamValue | None:
    """Return the value of a float field in ArduPilot's encoding; None for a type that is not known."""
    if param_type in (_REAL32, mavlink.MAV_PARAM_TYPE_REAL64):
        return float(field)
    known = mavlink.MAV_PARAM_TYPE_UINT8 <= param_type <= _INT32
    return int(field) if known and isfinite(field) else None


class ParamServer:
    """A table of parameters that answers PARAM_REQUEST_LIST, PARAM_REQUEST_READ and PARAM_SET as PX4 does.

    `_HASH_CHECK` comes first in a list; unknown names and mistyped values get no answer. A list is spread over calls of
    `step`.

    Args:
        values: the defaults, name to int (INT32) or float (REAL32).
        changed: called with name and value after each accepted PARAM_SET.
    """

    def __init__(
        self,
        values: Mapping[str, ParamValue],
        system_id: int = 1,
        component_id: int = 1,
        changed: Callable[[str, ParamValue], None] | None = None,
    ) -> None:
        self._values = dict(sorted(values.items()))
        self._names = tuple(self._values)
        self._system_id = system_id
        self._component_id = component_id
        self._changed = changed
        self._listing: list[str] = []

    def __getitem__(self, name: str) -> ParamValue:
        """Return a parameter's value; KeyError for an unknown name."""
        return self._values[name]

    def names(self) -> tuple[str, ...]:
        """Return all names in the order of their index."""
        return self._names

    def put(self, name: str, value: ParamValue) -> None:
        """Set a known parameter, keeping its type; KeyError for an unknown name."""
        self._values[name] = type(self._values[name])(value)

    def on_message(self, msg: MavMessage) -> list[MavMessage]:
        """Take a message of the protocol; return the answers."""
        if not for_us(msg, self._system_id, self._component_id):
            return []
        kind = msg.get_type()
        if kind == "PARAM_REQUEST_LIST":
            self._listing = list(self._names)
            return [self._hash_value()]
        if kind == "PARAM_REQUEST_READ":
            return self._read(msg)
        return self._set(msg) if kind == "PARAM_SET" else []

    def step(self, burst: int = 10) -> list[MavMessage]:
        """Return the next messages of a running list, at most `burst`."""
        names, self._listing = self._listing[:burst], self._listing[burst:]
        return [self._value(name) for name in names]

    def _read(self, msg: MavMessage) -> list[MavMessage]:
        if msg.param_index >= 0:
            return [self._value(self._names[msg.param_index])] if msg.param_index < len(self._names) else []
        name = text_of(msg.param_id)
        if name == HASH_NAME:
            return [self._hash_value()]
        return [self._value(name)] if name in self._values else []

    def _set(self, msg: MavMessage) -> list[MavMessage]:
        name = text_of(msg.param_id)
        value = decode_bytewise(msg.param_value, msg.param_type)
        if name not in self._values or value is None or type(value) is not type(self._values[name]):
            return []
        if isinstance(value, float) and not isfinite(value):
            return []
        self._values[name] = value
        if self._changed is not None:
            self._changed(name, value)
        return [self._value(name)]

    def _value(self, name: str) -> MavMessage:
        field, param_type = encode_bytewise(self._values[name])
        count = len(self._names)
        return mavlink.MAVLink_param_value_message(
            name.encode("ascii"), field, param_type, count, self._names.index(name)
        )

    def _hash_value(self) -> MavMessage:
        digest = 0
        for name, value in self._values.items():
            packed = struct.pack("<i" if isinstance(value, int) else "<f", value)
            digest = crc32(name.encode("ascii") + packed, digest)
        field = struct.unpack("<f", struct.pack("<I", digest))[0]
        return mavlink.MAVLink_param_value_message(HASH_NAME.encode("ascii"), field, _UINT32, len(self._names), 0xFFFF)


def text_of(field: str | bytes) -> str:
    """Return a MAVLink char array as text, whichever type pymavlink hands out, without NUL and unprintable bytes."""
    text = field.decode("ascii", "replace") if isinstance(field, bytes) else field
    return text.split("\0", 1)[0]
