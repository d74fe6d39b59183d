"""The parameter protocol, autopilot side, and the two ways of putting an integer into PARAM_VALUE's float.

PX4 copies the bytes of an INT32 into the float field; ArduPilot casts the number (MAVLink "Parameter Protocol",
encodings MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE and _C_CAST).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from zlib import crc32

from lenger_core.errors import InputError
from lenger_mavlink.codec import MavMessage, for_us, mavlink

HASH_NAME = "_HASH_CHECK"
_INT32 = mavlink.MAV_PARAM_TYPE_INT32
_REAL32 = mavlink.MAV_PARAM_TYPE_REAL32
_UINT32 = mavlink.MAV_PARAM_TYPE_UINT32
_RANGES = {
    int(mavlink.MAV_PARAM_TYPE_INT8): (-(2**7), 2**7 - 1),
    int(mavlink.MAV_PARAM_TYPE_INT16): (-(2**15), 2**15 - 1),
    int(_INT32): (-(2**31), 2**31 - 1),
}
NO_INDEX = 0xFFFF
"""The index of a value that nobody asked for by index."""

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
    """Return the value of a float field in ArduPilot's encoding; None for a type not known or that cannot hold it."""
    if param_type in (_REAL32, mavlink.MAV_PARAM_TYPE_REAL64):
        return float(field)
    known = mavlink.MAV_PARAM_TYPE_UINT8 <= param_type <= _INT32
    return int(field) if known and abs(field) < 2**32 else None


def store_cast(value: float, param_type: int) -> ParamValue:
    """Return what ArduPilot stores of a finite number (AP_Param::set_float): cut to a whole one within its type."""
    if param_type == _REAL32:
        return value
    lowest, highest = _RANGES[param_type]
    return int(min(max(value + (0.01 if value >= 0.0 else -0.01), lowest), highest))


@dataclass(frozen=True, slots=True)
class ParamDialect:
    """How an autopilot family serves its parameters.

    Attributes:
        name: "px4" or "ardupilot".
        by_name: the list is sorted by name; else it stays in the order of the table.
        hashed: `_HASH_CHECK` comes first in a list.
        cast: integers are cast into the float field; else their bytes are copied.
        burst: values per step of a running list.
        errors: PARAM_ERROR answers what cannot be done; else nothing does.
    """

    name: str
    by_name: bool
    hashed: bool
    cast: bool
    burst: int
    errors: bool


PX4 = ParamDialect("px4", by_name=True, hashed=True, cast=False, burst=10, errors=False)
ARDUPILOT = ParamDialect("ardupilot", by_name=False, hashed=False, cast=True, burst=5, errors=True)


class ParamServer:
    """A table of parameters that answers PARAM_REQUEST_LIST, PARAM_REQUEST_READ and PARAM_SET.

    As PX4 v1.16: `_HASH_CHECK` comes first in a list, unknown names and mistyped values get no answer. As ArduPilot
    4.7: the list is in the table's order (FORMAT_VERSION first), a value that does not fit its type is cut to it,
    out-of-range values are stored, unknown names get PARAM_ERROR, and the answers to a name or a set carry no index.
    A list is spread over calls of `step`.

    Args:
        values: the defaults, name to int (INT32) or float (REAL32).
        changed: called with name and value after each accepted PARAM_SET.
        dialect: `PX4` or `ARDUPILOT`.
        types: ArduPilot's MAV_PARAM_TYPE by name where it is not INT32 or REAL32.
        read_only: names that PARAM_SET cannot change (ArduPilot).

    Raises:
        InputError: a type is none of INT8, INT16, INT32 and REAL32, or a name is longer than 16 characters.
    """

    def __init__(
        self,
        values: Mapping[str, ParamValue],
        system_id: int = 1,
        component_id: int = 1,
        changed: Callable[[str, ParamValue], None] | None = None,
        dialect: ParamDialect = PX4,
        types: Mapping[str, int] | None = None,
        read_only: frozenset[str] = frozenset(),
    ) -> None:
        self._values = dict(sorted(values.items()) if dialect.by_name else values)
        self._names = tuple(self._values)
        self._index = {name: index for index, name in enumerate(self._names)}
        self._types = _types_of(self._values, types or {})
        self._system_id = system_id
        self._component_id = component_id
        self._changed = changed
        self._dialect = dialect
        self._read_only = read_only
        self._listing: list[str] = []

    def __getitem__(self, name: str) -> ParamValue:
        """Return a parameter's value; KeyError for an unknown name."""
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

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
            first = not self._listing
            self._listing = list(self._names)
            return [self._hash_value()] if self._dialect.hashed and first else []
        if kind == "PARAM_REQUEST_READ":
            return self._read(msg)
        if kind != "PARAM_SET":
            return []
        return self._set_cast(msg) if self._dialect.cast else self._set_bytewise(msg)

    def step(self, burst: int = 0) -> list[MavMessage]:
        """Return the next messages of a running list, at most `burst`, default the dialect's."""
        burst = burst or self._dialect.burst
        names, self._listing = self._listing[:burst], self._listing[burst:]
        return [self._value(name, self._index[name]) for name in names]

    def _read(self, msg: MavMessage) -> list[MavMessage]:
        name, index = text_of(msg.param_id), int(msg.param_index)
        if index >= 0 or (index != -1 and self._dialect.errors):
            if 0 <= index < len(self._names):
                return [self._value(self._names[index], index)]
            return self._error(msg, mavlink.MAV_PARAM_ERROR_DOES_NOT_EXIST)
        if name == HASH_NAME and self._dialect.hashed:
            return [self._hash_value()]
        if name not in self._values:
            return self._error(msg, mavlink.MAV_PARAM_ERROR_DOES_NOT_EXIST)
        return [self._value(name, NO_INDEX if self._dialect.cast else self._index[name])]

    def _set_bytewise(self, msg: MavMessage) -> list[MavMessage]:
        name = text_of(msg.param_id)
        if name == HASH_NAME:
            self._listing = []  # the ground station has them all
            return []
        value = decode_bytewise(msg.param_value, msg.param_type)
        if name not in self._values or value is None or type(value) is not type(self._values[name]):
            return []
        if isinstance(value, float) and not isfinite(value):
            return []
        self._store(name, value)
        return [self._value(name, self._index[name])]

    def _set_cast(self, msg: MavMessage) -> list[MavMessage]:
        name = text_of(msg.param_id)
        if name not in self._values:
            return self._error(msg, mavlink.MAV_PARAM_ERROR_DOES_NOT_EXIST)
        if not isfinite(msg.param_value):
            return self._error(msg, mavlink.MAV_PARAM_ERROR_VALUE_OUT_OF_RANGE)
        if name not in self._read_only:
            self._store(name, store_cast(msg.param_value, self._types[name]))
        return [self._value(name, NO_INDEX)]

    def _store(self, name: str, value: ParamValue) -> None:
        self._values[name] = value
        if self._changed is not None:
            self._changed(name, value)

    def _error(self, msg: MavMessage, error: int) -> list[MavMessage]:
        if not self._dialect.errors:
            return []
        name, index = text_of(msg.param_id).encode("ascii", "replace"), int(getattr(msg, "param_index", -1))
        peer = (msg.get_srcSystem(), msg.get_srcComponent())
        return [mavlink.MAVLink_param_error_message(*peer, name, index, error)]

    def _value(self, name: str, index: int) -> MavMessage:
        field, param_type = encode_bytewise(self._values[name])
        if self._dialect.cast:
            field, param_type = float(self._values[name]), self._types[name]
        return mavlink.MAVLink_param_value_message(name.encode("ascii"), field, param_type, len(self._names), index)

    def _hash_value(self) -> MavMessage:
        digest = 0
        for name, value in self._values.items():
            packed = struct.pack("<i" if isinstance(value, int) else "<f", value)
            digest = crc32(name.encode("ascii") + packed, digest)
        field = struct.unpack("<f", struct.pack("<I", digest))[0]
        return mavlink.MAVLink_param_value_message(
            HASH_NAME.encode("ascii"), field, _UINT32, len(self._names), NO_INDEX
        )


def _types_of(values: Mapping[str, ParamValue], given: Mapping[str, int]) -> dict[str, int]:
    """Return MAV_PARAM_TYPE by name."""
    types: dict[str, int] = {}
    for name, value in values.items():
        kind = given.get(name, _INT32 if isinstance(value, int) else _REAL32)
        if (kind not in _RANGES and kind != _REAL32) or isinstance(value, int) != (kind != _REAL32):
            raise InputError("parameter table", name, kind, "INT8, INT16 or INT32 for an int, REAL32 for a float")
        if not (name.isascii() and 0 < len(name) <= 16):
            raise InputError("parameter table", "name", name, "1 to 16 ASCII characters")
        types[name] = kind
    return types


def text_of(field: str | bytes) -> str:
    """Return a MAVLink char array as text, whichever type pymavlink hands out, without NUL and unprintable bytes."""
    text = field.decode("ascii", "replace") if isinstance(field, bytes) else field
    return text.split("\0", 1)[0]
