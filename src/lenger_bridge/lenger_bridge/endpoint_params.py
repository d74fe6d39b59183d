"""MAVROS's param services: a cache of the autopilot's parameters, filled by a pull and kept current."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from lenger_bridge import endpoint_requests as e
from lenger_bridge import requests as r
from lenger_bridge.endpoint_calls import TransferQueue
from lenger_bridge.endpoint_commands import Done, Messages
from lenger_mavlink import params
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.param_client import ParamFetch, ParamSet
from lenger_mavlink.params import HASH_NAME, ParamValue
from lenger_mavlink.transfer_client import Peer, Transfer, TransferResult


class ParamSetMany(Transfer):
    """Sets several parameters one after the other.

    Args:
        parts: for each parameter its transfer, or why it is not tried.

    Attributes:
        problems: for each "" or why it was not set.
    """

    def __init__(self, peer: Peer, parts: list[ParamSet | str]) -> None:
        super().__init__(peer)
        self._parts = parts
        self.problems: tuple[str, ...] = ()

    def start(self, now_ns: int) -> Messages:
        """Send the first PARAM_SET."""
        return self._next(now_ns)

    def on_message(self, message: MavMessage, now_ns: int) -> Messages:
        """Give an answer to the one that waits."""
        part = self._current()
        return [] if part is None else part.on_message(message, now_ns) + self._ended(part, now_ns)

    def step(self, now_ns: int) -> Messages:
        """Repeat; give one up that nobody answers."""
        part = self._current()
        return [] if part is None else part.step(now_ns) + self._ended(part, now_ns)

    def _current(self) -> ParamSet | None:
        part = self._parts[len(self.problems)] if self.result is None else None
        return part if isinstance(part, ParamSet) else None

    def _ended(self, part: ParamSet, now_ns: int) -> Messages:
        if part.result is None:
            return []
        self.problems += ("" if part.result.success else part.result.detail or "not set",)
        return self._next(now_ns)

    def _next(self, now_ns: int) -> Messages:
        for part in self._parts[len(self.problems) :]:
            if isinstance(part, ParamSet):
                return part.start(now_ns)
            self.problems += (part,)
        self._finish(TransferResult(not any(self.problems), "; ".join(filter(None, self.problems))))
        return []


class Params:
    """The cache and the requests about it.

    Attributes:
        current: whether the cache is what the autopilot holds.
        autopilot: MAV_AUTOPILOT, which decides how values are encoded.
    """

    def __init__(self, peer: Peer, transfers: TransferQueue, done: Done) -> None:
        self._peer, self._transfers, self._done = peer, transfers, done
        self._values: dict[str, ParamValue] = {}
        self._hash: int | None = None
        self.current = False
        self.autopilot: int = mavlink.MAV_AUTOPILOT_INVALID
        self.handlers: dict[type[r.Request], Callable[[Any, int], Messages]] = {
            r.PullParams: self._pull,
            r.GetParams: self._get,
            r.SetParam: self._set,
            e.ListParams: self._list,
            e.SetParams: self._set_many,
        }

    def remember(self, message: MavMessage) -> None:
        """Keep the cache current when a ground station changes a parameter."""
        value = self._decode(message.param_value, message.param_type)
        if message.param_id in self._values and message.param_id != HASH_NAME and value is not None:
            self._values[message.param_id] = value

    def fetched(self, transfer: ParamFetch) -> int:
        """Take a finished pull; return how many parameters there are."""
        if not transfer.unchanged:
            self._values, self._hash = dict(transfer.values), transfer.hash
        self.current = True
        return len(self._values)

    def _pull(self, q: r.PullParams, now_ns: int) -> Messages:
        if self.current and not q.force:
            return self._done(q, True, len(self._values))
        known = None if q.force else self._hash
        return self._transfers.add(q, ParamFetch(self._peer, self._decode, known), now_ns)

    def _get(self, q: r.GetParams, _now_ns: int) -> Messages:
        return self._done(q, True, tuple(self._values.get(name) for name in q.names))

    def _list(self, q: e.ListParams, _now_ns: int) -> Messages:
        prefixes = tuple(q.prefixes)
        names = sorted(name for name in self._values if not prefixes or name.startswith(prefixes))
        return self._done(q, True, tuple(names))

    def _set(self, q: r.SetParam, now_ns: int) -> Messages:
        held = self._values.get(q.name)
        if held is None and not q.force:
            return self._done(q, False, None, f"unknown parameter {q.name}")
        value = _typed(q.value, held)
        if (problem := _problem(q.name, value)) is not None:
            return self._done(q, False, held, problem)
        return self._transfers.add(q, self._transfer(q.name, value), now_ns)

    def _set_many(self, q: e.SetParams, now_ns: int) -> Messages:
        parts = [self._part(name, value) for name, value in q.values]
        refused = tuple(part for part in parts if isinstance(part, str))
        if q.atomically and refused:
            others = "not set: another of the set was refused"
            return self._done(q, False, tuple(part if isinstance(part, str) else others for part in parts))
        if len(refused) == len(parts):
            return self._done(q, not parts, refused)
        return self._transfers.add(q, ParamSetMany(self._peer, parts), now_ns)

    def _part(self, name: str, value: ParamValue | None) -> ParamSet | str:
        held = self._values.get(name)
        if held is None:
            return f"unknown parameter {name}"
        if value is None:
            return f"{name}: the value must be an integer or a double"
        typed = _typed(value, held)
        return _problem(name, typed) or self._transfer(name, typed)

    def _transfer(self, name: str, value: ParamValue) -> ParamSet:
        return ParamSet(self._peer, name, value, self._decode, self._encode)

    def _decode(self, field: float, kind: int) -> ParamValue | None:
        px4 = self.autopilot == mavlink.MAV_AUTOPILOT_PX4
        return params.decode_bytewise(field, kind) if px4 else params.decode_cast(field, kind)

    def _encode(self, value: ParamValue) -> tuple[float, int]:
        px4 = self.autopilot == mavlink.MAV_AUTOPILOT_PX4
        return params.encode_bytewise(value) if px4 else params.encode_cast(value)


def _typed(value: ParamValue, held: ParamValue | None) -> ParamValue:
    """Return the value as the type that the autopilot holds, where that is known."""
    return type(held)(value) if held is not None and isfinite(value) else value


def _problem(name: str, value: ParamValue) -> str | None:
    fits = abs(value) < (2**31 if isinstance(value, int) else 3.4e38)
    return None if fits else f"{name}: {value} does not fit 32 bits"
