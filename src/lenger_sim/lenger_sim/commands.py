"""Commands that every flavour carries out alike, and the frame around those that it does not: COMMAND_ACK."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.channels import Channel
from lenger_sim.telemetry import Telemetry

ACCEPTED, REJECTED = int(mavlink.MAV_RESULT_ACCEPTED), int(mavlink.MAV_RESULT_TEMPORARILY_REJECTED)
DENIED, UNSUPPORTED = int(mavlink.MAV_RESULT_DENIED), int(mavlink.MAV_RESULT_UNSUPPORTED)
FAILED = int(mavlink.MAV_RESULT_FAILED)
MAX_ALT_M = 20_000.0


@dataclass(frozen=True, slots=True)
class Order:
    """A COMMAND_LONG or COMMAND_INT in one shape; places in degrees and metres; `frame` is None in a COMMAND_LONG."""

    command: int
    params: tuple[float, float, float, float]
    lat_deg: float
    lon_deg: float
    alt_m: float
    frame: int | None = None

    @classmethod
    def of(cls, msg: MavMessage) -> Order:
        """Return the order of either message."""
        params = (msg.param1, msg.param2, msg.param3, msg.param4)
        if msg.get_type() == "COMMAND_INT":
            return cls(msg.command, params, msg.x * 1e-7, msg.y * 1e-7, msg.z, msg.frame)
        return cls(msg.command, params, msg.param5, msg.param6, msg.param7)


Action: TypeAlias = Callable[[Order, Channel, int], int]
"""(order, link, time in ns) to MAV_RESULT."""


class Commands:
    """Looks an order up in `table`, carries it out and acknowledges it; a flavour derives from it and adds its own.

    Attributes:
        table: MAV_CMD to what carries it out.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self.table: dict[int, Action] = {
            mavlink.MAV_CMD_SET_MESSAGE_INTERVAL: self._set_interval,
            mavlink.MAV_CMD_GET_MESSAGE_INTERVAL: self._get_interval,
            mavlink.MAV_CMD_REQUEST_MESSAGE: self._request,
            mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES: self._capabilities,
        }

    def on_command(self, msg: MavMessage, channel: Channel, now_ns: int) -> None:
        """Carry out a COMMAND_LONG or COMMAND_INT and answer on the link it came by."""
        order = Order.of(msg)
        action = self.table.get(order.command)
        result = action(order, channel, now_ns) if action is not None else UNSUPPORTED
        peer = (msg.get_srcSystem(), msg.get_srcComponent())
        for value in self._results(order, result):
            channel.send(mavlink.MAVLink_command_ack_message(order.command, value, 0, 0, *peer))

    def _results(self, _order: Order, result: int) -> tuple[int, ...]:
        """Return the results that are acknowledged, one ACK each."""
        return (result,)

    def _set_interval(self, order: Order, channel: Channel, now_ns: int) -> int:
        number, interval = order.params[0], order.params[1]
        usable = isfinite(number) and isfinite(interval) and abs(interval) < 1e9
        if not usable or not self._telemetry.knows(int(number)):
            return DENIED
        channel.streams.set_interval(int(number), interval, now_ns)
        return ACCEPTED

    def _get_interval(self, order: Order, channel: Channel, _now_ns: int) -> int:
        number = order.params[0]
        if not (isfinite(number) and 0.0 <= number <= 0xFFFF):
            return DENIED
        known = self._telemetry.knows(int(number))
        interval = channel.streams.interval_us(int(number)) if known else 0
        channel.send(mavlink.MAVLink_message_interval_message(int(number), interval))
        return ACCEPTED

    def _request(self, order: Order, channel: Channel, now_ns: int) -> int:
        number = order.params[0]
        if not isfinite(number) or not self._telemetry.knows(int(number)):
            return DENIED
        message = self._telemetry.one(int(number), channel, now_ns)
        if message is None:
            return REJECTED
        channel.send(message)
        return ACCEPTED

    def _capabilities(self, _order: Order, channel: Channel, now_ns: int) -> int:
        message = self._telemetry.one(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION, channel, now_ns)
        if message is not None:
            channel.send(message)
        return ACCEPTED
