"""Requests to the autopilot that are answered later: commands with their ACK, transfers one after the other."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from lenger_bridge.requests import Payload, Reply, Request
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.transfer_client import Peer, Transfer

CommandParams = tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Command:
    request_id: int
    number: int
    message: MavMessage
    timeout_ns: int


class CommandQueue:
    """COMMAND_LONG, COMMAND_INT and COMMAND_ACK.

    An ACK carries the command's number only, so commands of one number wait for each other; different ones do not
    (MAVROS lets an unanswered command block every later one). IN_PROGRESS extends the wait; a second ACK finds nobody
    waiting.
    """

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._waiting: dict[int, deque[_Command]] = {}
        self._deadline_ns: dict[int, int] = {}

    def send(
        self, request_id: int, number: int, params: CommandParams, timeout_s: float, now_ns: int, confirmation: int = 0
    ) -> list[MavMessage]:
        """Queue a COMMAND_LONG; return the message to send now, if its turn has come."""
        return self.queue(request_id, self.message(number, params, confirmation), timeout_s, now_ns)

    def queue(self, request_id: int, message: MavMessage, timeout_s: float, now_ns: int) -> list[MavMessage]:
        """Queue a COMMAND_LONG or COMMAND_INT; return the message to send now, if its turn has come."""
        number = int(message.command)
        queue = self._waiting.setdefault(number, deque())
        queue.append(_Command(request_id, number, message, int(timeout_s * 1e9)))
        return self._start(number, now_ns) if len(queue) == 1 else []

    def message(
        self, number: int, params: CommandParams, confirmation: int = 0, component: int | None = None
    ) -> MavMessage:
        """Return COMMAND_LONG, to the autopilot or another component."""
        target = self._peer.component if component is None else component
        return mavlink.MAVLink_command_long_message(self._peer.system, target, number, confirmation, *params)

    def on_ack(self, ack: MavMessage, now_ns: int) -> tuple[list[Reply], list[MavMessage]]:
        """Take COMMAND_ACK; return replies and what is to be sent next."""
        queue = self._waiting.get(ack.command)
        if not queue:
            return [], []
        if ack.result == mavlink.MAV_RESULT_IN_PROGRESS:
            self._deadline_ns[ack.command] = now_ns + queue[0].timeout_ns
            return [], []
        command = queue.popleft()
        accepted = ack.result == mavlink.MAV_RESULT_ACCEPTED
        detail = "" if accepted else f"the autopilot answered {_result_name(ack.result)}"
        reply = Reply(command.request_id, accepted, int(ack.result), None, detail)
        return [reply], self._start(ack.command, now_ns)

    def expire(self, now_ns: int) -> tuple[list[Reply], list[MavMessage]]:
        """Return the replies of commands that nobody answered in time, and what is to be sent next."""
        replies: list[Reply] = []
        messages: list[MavMessage] = []
        for number in [n for n, deadline in self._deadline_ns.items() if now_ns >= deadline]:
            command = self._waiting[number].popleft()
            seconds = command.timeout_ns / 1e9
            replies.append(Reply(command.request_id, False, 0, None, f"no acknowledgement within {seconds:g} s"))
            messages += self._start(number, now_ns)
        return replies, messages

    def _start(self, number: int, now_ns: int) -> list[MavMessage]:
        queue = self._waiting[number]
        if not queue:
            del self._waiting[number]
            self._deadline_ns.pop(number, None)
            return []
        command = queue[0]
        self._deadline_ns[number] = now_ns + command.timeout_ns
        return [command.message]


def _result_name(result: int) -> str:
    entry = mavlink.enums["MAV_RESULT"].get(result)
    return entry.name.removeprefix("MAV_RESULT_") if entry is not None else f"result {result}"


class TransferQueue:
    """Runs one transfer at a time: autopilots refuse a second uploader, and answers name no request."""

    def __init__(self) -> None:
        self._queue: deque[tuple[Request, Transfer]] = deque()

    def add(self, request: Request, transfer: Transfer, now_ns: int) -> list[MavMessage]:
        """Queue a transfer; return its first messages if it starts now."""
        self._queue.append((request, transfer))
        return transfer.start(now_ns) if len(self._queue) == 1 else []

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Give a message to the running transfer; return its answers."""
        return self._queue[0][1].on_message(message, now_ns) if self._queue else []

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return the running transfer's repeats."""
        return self._queue[0][1].step(now_ns) if self._queue else []

    def finished(self) -> tuple[Request, Transfer] | None:
        """Take the transfer that has ended, if one has; then call `start_next`."""
        if self._queue and self._queue[0][1].result is not None:
            return self._queue.popleft()
        return None

    def start_next(self, now_ns: int) -> list[MavMessage]:
        """Start the transfer that is now first."""
        return self._queue[0][1].start(now_ns) if self._queue else []


def transfer_reply(request: Request, transfer: Transfer, payload: Payload) -> Reply:
    """Return the reply to a request whose transfer ended."""
    result = transfer.result
    if result is None:
        return Reply(request.request_id, False, 0, payload, "the transfer has not ended")
    return Reply(request.request_id, result.success, max(result.code, 0), payload, result.detail)
