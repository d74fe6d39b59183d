"""MAVROS's services: each request becomes MAVLink traffic and, later, one reply."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from lenger_bridge import requests as r
from lenger_bridge.endpoint_calls import CommandParams, CommandQueue, TransferQueue, transfer_reply
from lenger_bridge.settings import EndpointSettings
from lenger_mavlink import params
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import custom_mode_of
from lenger_mavlink.param_client import ParamFetch, ParamSet
from lenger_mavlink.params import HASH_NAME, ParamValue
from lenger_mavlink.transfer_client import (
    Clear,
    Download,
    Peer,
    SetCurrentItem,
    Transfer,
    TransferResult,
    Upload,
    item_problem,
)

Messages = list[MavMessage]


class Services:
    """All services of one vehicle."""

    def __init__(self, settings: EndpointSettings, peer: Peer) -> None:
        self._settings, self._peer = settings, peer
        self._commands = CommandQueue(peer)
        self._transfers = TransferQueue()
        self._replies: list[r.Reply] = []
        self._params: dict[str, ParamValue] = {}
        self._params_hash: int | None = None
        self._params_current = False
        self._autopilot = mavlink.MAV_AUTOPILOT_INVALID
        self._handlers: dict[type[r.Request], Callable[[Any, int], Messages]] = {
            r.Arm: self._arm,
            r.CommandLong: self._command_long,
            r.Takeoff: self._takeoff,
            r.Land: self._land,
            r.SetHome: self._set_home,
            r.SetMessageInterval: self._interval,
            r.PullParams: self._pull_params,
            r.GetParams: self._get_params,
            r.SetParam: self._set_param,
            r.PushItems: self._push,
            r.PullItems: lambda q, now: self._transfer(q, Download(peer, q.mission_type), now),
            r.ClearItems: lambda q, now: self._transfer(q, Clear(peer, q.mission_type), now),
            r.SetCurrent: lambda q, now: self._transfer(q, SetCurrentItem(peer, q.sequence), now),
        }

    def autopilot(self, autopilot: int) -> None:
        """Take MAV_AUTOPILOT of the heartbeat: it decides how parameters are encoded."""
        self._autopilot = autopilot

    def link_lost(self) -> None:
        """Distrust the cached parameters until they are pulled again."""
        self._params_current = False

    def call(self, request: r.Request, autopilot: int, armed: bool, now_ns: int) -> Messages:
        """Start a request; return the messages to send."""
        if isinstance(request, r.SetMode):
            return self._set_mode(request, autopilot, armed)
        return self._handlers[type(request)](request, now_ns)

    def on_message(self, message: MavMessage, now_ns: int) -> Messages:
        """Take an answer of the autopilot."""
        kind = message.get_type()
        if kind == "COMMAND_ACK":
            replies, messages = self._commands.on_ack(message, now_ns)
            self._replies += replies
            return messages
        if kind == "PARAM_VALUE":
            self._remember(message)
        return self._transfers.on_message(message, now_ns) + self._finish(now_ns)

    def step(self, now_ns: int) -> Messages:
        """Return repeats; end what nobody answered."""
        replies, messages = self._commands.expire(now_ns)
        self._replies += replies
        return messages + self._transfers.step(now_ns) + self._finish(now_ns)

    def take_replies(self) -> tuple[r.Reply, ...]:
        """Return the replies since the last call."""
        replies = tuple(self._replies)
        self._replies.clear()
        return replies

    def _reply(self, request: r.Request, success: bool, payload: r.Payload = None, detail: str = "") -> Messages:
        self._replies.append(r.Reply(request.request_id, success, 0, payload, detail))
        return []

    # ------------------------------------------------------------ commands

    def _set_mode(self, request: r.SetMode, autopilot: int, armed: bool) -> Messages:
        base = request.base_mode
        number = 0
        if request.custom_mode:
            known = custom_mode_of(autopilot, request.custom_mode)
            if known is None:
                return self._reply(request, False, detail=f"unknown mode {request.custom_mode!r}")
            number = known
            base |= mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
            base |= mavlink.MAV_MODE_FLAG_SAFETY_ARMED if armed else 0
        self._reply(request, True)
        return [mavlink.MAVLink_set_mode_message(self._peer.system, base, number)]

    def _command(self, request: r.Request, number: int, values: CommandParams, now_ns: int) -> Messages:
        timeout = self._settings.command_ack_timeout_s
        return self._commands.send(request.request_id, number, values, timeout, now_ns)

    def _arm(self, request: r.Arm, now_ns: int) -> Messages:
        values = (float(request.value), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return self._command(request, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, values, now_ns)

    def _command_long(self, request: r.CommandLong, now_ns: int) -> Messages:
        if request.broadcast:
            self._reply(request, True)
            return [self._commands.message(request.command, request.params, request.confirmation, 0)]
        timeout = self._settings.command_ack_timeout_s
        return self._commands.send(
            request.request_id, request.command, request.params, timeout, now_ns, request.confirmation
        )

    def _takeoff(self, q: r.Takeoff, now_ns: int) -> Messages:
        values = (q.min_pitch_deg, 0.0, 0.0, q.yaw_deg, q.lat_deg, q.lon_deg, q.altitude_m)
        return self._command(q, mavlink.MAV_CMD_NAV_TAKEOFF, values, now_ns)

    def _land(self, q: r.Land, now_ns: int) -> Messages:
        values = (q.min_pitch_deg, 0.0, 0.0, q.yaw_deg, q.lat_deg, q.lon_deg, q.altitude_m)
        return self._command(q, mavlink.MAV_CMD_NAV_LAND, values, now_ns)

    def _set_home(self, q: r.SetHome, now_ns: int) -> Messages:
        values = (float(q.current_gps), 0.0, 0.0, q.yaw_deg, q.lat_deg, q.lon_deg, q.altitude_m)
        return self._command(q, mavlink.MAV_CMD_DO_SET_HOME, values, now_ns)

    def _interval(self, q: r.SetMessageInterval, now_ns: int) -> Messages:
        if not isfinite(q.rate_hz):
            return self._reply(q, False, detail=f"rate {q.rate_hz} Hz is not finite")
        interval_us = 1e6 / q.rate_hz if q.rate_hz > 0.0 else (0.0 if q.rate_hz == 0.0 else -1.0)
        values = (float(q.message_id), interval_us, 0.0, 0.0, 0.0, 0.0, 0.0)
        timeout = self._settings.interval_ack_timeout_s
        return self._commands.send(q.request_id, mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, values, timeout, now_ns)

    # ------------------------------------------------------------ transfers

    def _transfer(self, request: r.Request, transfer: Transfer, now_ns: int) -> Messages:
        return self._transfers.add(request, transfer, now_ns)

    def _push(self, q: r.PushItems, now_ns: int) -> Messages:
        if q.start_index != 0:
            return self._reply(q, False, 0, "partial push is not supported: push the whole list with start_index 0")
        for index, item in enumerate(q.items):
            if (problem := item_problem(item)) is not None:
                return self._reply(q, False, 0, f"item {index}: {problem}")
        return self._transfer(q, Upload(self._peer, q.mission_type, q.items), now_ns)

    def _pull_params(self, q: r.PullParams, now_ns: int) -> Messages:
        if self._params_current and not q.force:
            return self._reply(q, True, len(self._params))
        known = None if q.force else self._params_hash
        return self._transfer(q, ParamFetch(self._peer, self._decode, known), now_ns)

    def _get_params(self, q: r.GetParams, now_ns: int) -> Messages:
        return self._reply(q, True, tuple(self._params.get(name) for name in q.names))

    def _set_param(self, q: r.SetParam, now_ns: int) -> Messages:
        held = self._params.get(q.name)
        if held is None and not q.force:
            return self._reply(q, False, None, f"unknown parameter {q.name}")
        value = type(held)(q.value) if held is not None and isfinite(q.value) else q.value
        if not abs(value) < (2**31 if isinstance(value, int) else 3.4e38):
            return self._reply(q, False, held, f"{q.name}: {value} does not fit 32 bits")
        return self._transfer(q, ParamSet(self._peer, q.name, value, self._decode, self._encode), now_ns)

    def _finish(self, now_ns: int) -> Messages:
        messages: Messages = []
        while (ended := self._transfers.finished()) is not None:
            self._replies.append(self._result(*ended))
            messages += self._transfers.start_next(now_ns)
        return messages

    def _result(self, request: r.Request, transfer: Transfer) -> r.Reply:
        payload: r.Payload = None
        result = transfer.result or TransferResult(False)
        if isinstance(transfer, ParamFetch) and result.success:
            if not transfer.unchanged:
                self._params, self._params_hash = dict(transfer.values), transfer.hash
            self._params_current = True
            payload = len(self._params)
        elif isinstance(transfer, ParamSet):
            payload = transfer.held
        elif isinstance(transfer, Upload):
            payload = len(transfer.items) if result.success else 0
        elif isinstance(transfer, Download):
            payload = result.items
        return transfer_reply(request, transfer, payload)

    def _remember(self, message: MavMessage) -> None:
        """Keep the cache current when a ground station changes a parameter."""
        value = self._decode(message.param_value, message.param_type)
        if message.param_id in self._params and message.param_id != HASH_NAME and value is not None:
            self._params[message.param_id] = value

    def _decode(self, field: float, kind: int) -> ParamValue | None:
        px4 = self._autopilot == mavlink.MAV_AUTOPILOT_PX4
        return params.decode_bytewise(field, kind) if px4 else params.decode_cast(field, kind)

    def _encode(self, value: ParamValue) -> tuple[float, int]:
        return (
            params.encode_bytewise(value) if self._autopilot == mavlink.MAV_AUTOPILOT_PX4 else params.encode_cast(value)
        )
