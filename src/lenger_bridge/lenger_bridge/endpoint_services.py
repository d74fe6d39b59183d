"""MAVROS's services: each request becomes MAVLink traffic and, later, one reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lenger_bridge import endpoint_requests as e
from lenger_bridge import requests as r
from lenger_bridge.automatic_pulls import What
from lenger_bridge.endpoint_calls import TransferQueue, transfer_reply
from lenger_bridge.endpoint_commands import Commands, Messages
from lenger_bridge.endpoint_params import Params, ParamSetMany
from lenger_bridge.plugins.companion import Vehicles
from lenger_bridge.settings import EndpointSettings
from lenger_mavlink.codec import MavMessage
from lenger_mavlink.param_client import ParamFetch, ParamSet
from lenger_mavlink.transfer_client import (
    Clear,
    Download,
    MissionItem,
    MissionType,
    Peer,
    SetCurrentItem,
    Transfer,
    TransferResult,
    Upload,
    item_problem,
)

READ = frozenset({
    "COMMAND_ACK", "PARAM_VALUE", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK", "MISSION_COUNT",
    "MISSION_ITEM_INT", "MISSION_ITEM", "MISSION_CURRENT",
})  # fmt: skip
"""Names of the MAVLink messages that answer requests."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that a transfer has fetched, stored or cleared: MAVROS publishes it."""

    kind: MissionType
    items: tuple[MissionItem, ...]


class Services:
    """All services of one vehicle.

    Args:
        settings: of the endpoint.
        peer: the autopilot.
        vehicles: who was heard on the link.
    """

    def __init__(self, settings: EndpointSettings, peer: Peer, vehicles: Vehicles) -> None:
        self._peer, self._vehicles = peer, vehicles
        self._transfers = TransferQueue()
        self._replies: list[r.Reply] = []
        self._listed: list[Listed] = []
        self._known: set[What] = set()
        self.commands = Commands(settings, peer, self._reply)
        self._params = Params(peer, self._transfers, self._reply)
        self._handlers: dict[type[r.Request], Callable[[Any, int], Messages]] = {
            **self.commands.handlers,
            **self._params.handlers,
            r.PushItems: self._push,
            r.PullItems: lambda q, now: self._transfer(q, Download(peer, q.mission_type), now),
            r.ClearItems: lambda q, now: self._transfer(q, Clear(peer, q.mission_type), now),
            r.SetCurrent: lambda q, now: self._transfer(q, SetCurrentItem(peer, q.sequence), now),
            e.GetVehicles: self._get_vehicles,
        }

    @property
    def known(self) -> frozenset[What]:
        """What was fetched or stored since the link came up: lists, and None for the parameters."""
        return frozenset(self._known)

    @property
    def has_news(self) -> bool:
        """Whether replies or lists wait to be taken."""
        return bool(self._replies or self._listed)

    def heartbeat(self, autopilot: int, armed: bool) -> None:
        """Take MAV_AUTOPILOT, which decides on modes and on how parameters are encoded, and whether it is armed."""
        self.commands.autopilot = self._params.autopilot = autopilot
        self.commands.armed = armed

    def link_lost(self) -> None:
        """Distrust the cached parameters and lists until they are pulled again."""
        self._params.current = False
        self.commands.armed = False
        self._known.clear()

    def call(self, request: r.Request, now_ns: int) -> Messages:
        """Start a request; return the messages to send."""
        return self._handlers[type(request)](request, now_ns)

    def on_message(self, message: MavMessage, now_ns: int) -> Messages:
        """Take an answer of the autopilot."""
        kind = message.get_type()
        if kind == "COMMAND_ACK":
            replies, messages = self.commands.queue.on_ack(message, now_ns)
            self._replies += replies
            return messages
        if kind == "PARAM_VALUE":
            self._params.remember(message)
        return self._transfers.on_message(message, now_ns) + self._finish(now_ns)

    def step(self, now_ns: int) -> Messages:
        """Return repeats; end what nobody answered."""
        replies, messages = self.commands.queue.expire(now_ns)
        self._replies += replies
        return messages + self._transfers.step(now_ns) + self._finish(now_ns)

    def take_replies(self) -> tuple[r.Reply, ...]:
        """Return the replies since the last call."""
        replies = tuple(self._replies)
        self._replies.clear()
        return replies

    def take_listed(self) -> tuple[Listed, ...]:
        """Return the lists that changed or were read since the last call."""
        listed = tuple(self._listed)
        self._listed.clear()
        return listed

    def _reply(self, request: r.Request, success: bool, payload: r.Payload = None, detail: str = "") -> Messages:
        self._replies.append(r.Reply(request.request_id, success, 0, payload, detail))
        return []

    def _get_vehicles(self, q: e.GetVehicles, _now_ns: int) -> Messages:
        found = self._vehicles.asked(q.system, q.component, q.everybody)
        return self._reply(q, bool(found), found)

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

    def _finish(self, now_ns: int) -> Messages:
        messages: Messages = []
        while (ended := self._transfers.finished()) is not None:
            request, transfer = ended
            result = transfer.result or TransferResult(False)
            self._replies.append(transfer_reply(request, transfer, self._payload(transfer, result)))
            if result.success:
                self._note(request, transfer, result)
            messages += self._transfers.start_next(now_ns)
        return messages

    def _payload(self, transfer: Transfer, result: TransferResult) -> r.Payload:
        if isinstance(transfer, ParamFetch):
            return self._params.fetched(transfer) if result.success else None
        if isinstance(transfer, ParamSet):
            return transfer.held
        if isinstance(transfer, ParamSetMany):
            return transfer.problems
        if isinstance(transfer, Upload):
            return len(transfer.items) if result.success else 0
        return result.items if isinstance(transfer, Download) else None

    def _note(self, request: r.Request, transfer: Transfer, result: TransferResult) -> None:
        """Remember what the autopilot holds now."""
        if isinstance(transfer, ParamFetch):
            self._known.add(None)
        if isinstance(request, r.PushItems | r.PullItems | r.ClearItems):
            items = transfer.items if isinstance(transfer, Upload) else result.items
            self._known.add(request.mission_type)
            self._listed.append(Listed(request.mission_type, tuple(items)))
