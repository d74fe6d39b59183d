"""MAVROS's command services: requests to COMMAND_LONG, COMMAND_INT and a few messages without an answer."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from lenger_bridge import endpoint_requests as e
from lenger_bridge import requests as r
from lenger_bridge.endpoint_calls import CommandParams, CommandQueue
from lenger_bridge.settings import EndpointSettings
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import custom_mode_of
from lenger_mavlink.ned import enu_to_ned, yaw_enu_to_ned
from lenger_mavlink.transfer_client import Peer

Messages = list[MavMessage]
Done = Callable[..., Messages]
"""(request, success, payload=None, detail="") replies at once; returns no messages."""
HOME_POSITION_ID = 242
FARTHEST_M = 1e7
"""A local place farther away is a mistake (and the largest do not fit the wire)."""


class Commands:
    """Builds commands and waits for their acknowledgements.

    Args:
        settings: time-outs.
        peer: the autopilot.
        done: how to reply at once.
    """

    def __init__(self, settings: EndpointSettings, peer: Peer, done: Done) -> None:
        self._settings, self._peer, self._done = settings, peer, done
        self.queue = CommandQueue(peer)
        self.autopilot: int = mavlink.MAV_AUTOPILOT_INVALID
        self.armed = False
        self.handlers: dict[type[r.Request], Callable[[Any, int], Messages]] = {
            r.SetMode: self._set_mode,
            r.Arm: self._arm,
            r.CommandLong: self._command_long,
            r.Takeoff: self._takeoff,
            r.Land: self._land,
            r.SetHome: self._set_home,
            r.SetMessageInterval: self._interval,
            e.PlainCommand: lambda q, now: self._command(q, q.command, q.params, now),
            e.CommandInt: self._command_int,
            e.LocalTakeoffOrLanding: self._local,
            e.SetStreamRate: self._stream_rate,
            e.RequestHome: self._request_home,
        }

    def request_message(self, message_id: int) -> Messages:
        """Return the request of one message, whose acknowledgement nobody waits for."""
        values = (float(message_id), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return [self.queue.message(mavlink.MAV_CMD_REQUEST_MESSAGE, values)]

    def _command(self, request: r.Request, number: int, values: CommandParams, now_ns: int) -> Messages:
        return self.queue.send(request.request_id, number, values, self._settings.command_ack_timeout_s, now_ns)

    def _set_mode(self, request: r.SetMode, _now_ns: int) -> Messages:
        base = request.base_mode
        number = 0
        if request.custom_mode:
            known = custom_mode_of(self.autopilot, request.custom_mode)
            if known is None or known > 0xFFFFFFFF:
                return self._done(request, False, detail=f"unknown mode {request.custom_mode!r}")
            number = known
            base |= mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
            base |= mavlink.MAV_MODE_FLAG_SAFETY_ARMED if self.armed else 0
        self._done(request, True)
        return [mavlink.MAVLink_set_mode_message(self._peer.system, base, number)]

    def _arm(self, request: r.Arm, now_ns: int) -> Messages:
        values = (float(request.value), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return self._command(request, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, values, now_ns)

    def _command_long(self, q: r.CommandLong, now_ns: int) -> Messages:
        if q.broadcast:
            self._done(q, True)
            return [self.queue.message(q.command, q.params, q.confirmation, component=0)]
        timeout = self._settings.command_ack_timeout_s
        return self.queue.send(q.request_id, q.command, q.params, timeout, now_ns, q.confirmation)

    def _command_int(self, q: e.CommandInt, now_ns: int) -> Messages:
        component = 0 if q.broadcast else self._peer.component
        message = mavlink.MAVLink_command_int_message(
            self._peer.system, component, q.frame, q.command, q.current, q.autocontinue, *q.params, q.x, q.y, q.z
        )
        if q.broadcast:
            self._done(q, True)
            return [message]
        return self.queue.queue(q.request_id, message, self._settings.command_ack_timeout_s, now_ns)

    def _takeoff(self, q: r.Takeoff, now_ns: int) -> Messages:
        values = (q.min_pitch_deg, 0.0, 0.0, q.yaw_deg, q.lat_deg, q.lon_deg, q.altitude_m)
        return self._command(q, mavlink.MAV_CMD_NAV_TAKEOFF, values, now_ns)

    def _land(self, q: r.Land, now_ns: int) -> Messages:
        """Land; the first parameter is the height to abort to, so min_pitch does not go there (nor in MAVROS)."""
        values = (0.0, 0.0, 0.0, q.yaw_deg, q.lat_deg, q.lon_deg, q.altitude_m)
        return self._command(q, mavlink.MAV_CMD_NAV_LAND, values, now_ns)

    def _local(self, q: e.LocalTakeoffOrLanding, now_ns: int) -> Messages:
        """NAV_TAKEOFF_LOCAL and NAV_LAND_LOCAL: y, x, z in the autopilot's axes; MAVROS leaves z and yaw unturned."""
        number = mavlink.MAV_CMD_NAV_LAND_LOCAL if q.landing else mavlink.MAV_CMD_NAV_TAKEOFF_LOCAL
        north, east, down = enu_to_ned(q.position_enu_m)
        if any(abs(metres) > FARTHEST_M for metres in (north, east, down)):
            return self._done(q, False, detail=f"position {q.position_enu_m} is farther than {FARTHEST_M:g} m")
        yaw = yaw_enu_to_ned(q.yaw_enu_rad) if isfinite(q.yaw_enu_rad) else q.yaw_enu_rad
        first, second = (0.0, q.offset_m) if q.landing else (q.min_pitch_rad, 0.0)
        return self._command(q, number, (first, second, q.rate_m_s, yaw, east, north, down), now_ns)

    def _set_home(self, q: r.SetHome, now_ns: int) -> Messages:
        values = (float(q.current_gps), 0.0, 0.0, q.yaw_deg, q.lat_deg, q.lon_deg, q.altitude_m)
        return self._command(q, mavlink.MAV_CMD_DO_SET_HOME, values, now_ns)

    def _interval(self, q: r.SetMessageInterval, now_ns: int) -> Messages:
        if not isfinite(q.rate_hz):
            return self._done(q, False, detail=f"rate {q.rate_hz} Hz is not finite")
        interval_us = 1e6 / q.rate_hz if q.rate_hz > 0.0 else (0.0 if q.rate_hz == 0.0 else -1.0)
        values = (float(q.message_id), min(interval_us, 3e38), 0.0, 0.0, 0.0, 0.0, 0.0)
        timeout = self._settings.interval_ack_timeout_s
        return self.queue.send(q.request_id, mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, values, timeout, now_ns)

    def _stream_rate(self, q: e.SetStreamRate, _now_ns: int) -> Messages:
        self._done(q, True)
        peer = self._peer
        return [
            mavlink.MAVLink_request_data_stream_message(peer.system, peer.component, q.stream, q.rate_hz, int(q.on))
        ]

    def _request_home(self, q: e.RequestHome, now_ns: int) -> Messages:
        values = (float(HOME_POSITION_ID), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return self._command(q, mavlink.MAV_CMD_REQUEST_MESSAGE, values, now_ns)
