"""What the endpoint sends by itself: its heartbeat, TIMESYNC, and the questions that MAVROS asks after connecting."""

from __future__ import annotations

from lenger_bridge.endpoint_commands import Messages
from lenger_bridge.endpoint_requests import RequestHome
from lenger_bridge.endpoint_services import Services
from lenger_bridge.plugins.registry import Plugins
from lenger_bridge.requests import INTERNAL_ID
from lenger_bridge.settings import EndpointSettings
from lenger_mavlink.codec import mavlink

VERSION_ID = 148
VERSION_TRIES = 5
VERSION_PAUSE_NS = 1_000_000_000
ASK_HOME_AFTER_NS = 10_000_000_000


class Schedule:
    """When what is due.

    Args:
        settings: rates.
        plugins: what is known already.
        services: how to ask.
    """

    def __init__(self, settings: EndpointSettings, plugins: Plugins, services: Services) -> None:
        self._settings, self._plugins, self._services = settings, plugins, services
        self._heartbeat_ns: int | None = None
        self._timesync_ns: int | None = None
        self._since_ns: int | None = None
        self._version_ns = 0
        self._version_tries = 0
        self._home_asked = False

    def connected(self, now_ns: int) -> None:
        """Start to ask."""
        self._since_ns = self._version_ns = now_ns
        self._version_tries, self._home_asked = 0, False

    def lost(self) -> None:
        """Ask nobody."""
        self._since_ns = None

    def turn_back(self, now_ns: int) -> None:
        """Bear it that simulated time was set back."""
        self._heartbeat_ns = self._timesync_ns = None
        self._version_ns = min(self._version_ns, now_ns)
        if self._since_ns is not None:
            self._since_ns = min(self._since_ns, now_ns)

    def due(self, now_ns: int) -> Messages:
        """Return what is to be sent now."""
        messages: Messages = []
        if self._heartbeat_ns is None or now_ns >= self._heartbeat_ns:
            self._heartbeat_ns = now_ns + int(1e9 / self._settings.heartbeat_rate_hz)
            messages.append(_heartbeat())
        if self._since_ns is None:
            return messages
        if self._timesync_ns is None or now_ns >= self._timesync_ns:
            self._timesync_ns = now_ns + int(1e9 / self._settings.timesync_rate_hz)
            messages.append(mavlink.MAVLink_timesync_message(0, now_ns))
        return messages + self._questions(now_ns, self._since_ns)

    def _questions(self, now_ns: int, since_ns: int) -> Messages:
        """Return what MAVROS asks: the version, a second apart, and home if ten seconds did not bring it."""
        messages: Messages = []
        tries = self._version_tries
        if tries < VERSION_TRIES and now_ns >= self._version_ns and not self._plugins.vehicles.has_version:
            self._version_ns, self._version_tries = now_ns + VERSION_PAUSE_NS, tries + 1
            messages += self._services.commands.request_message(VERSION_ID)
        if not self._home_asked and now_ns - since_ns >= ASK_HOME_AFTER_NS:
            self._home_asked = True
            if not self._plugins.home.known:
                messages += self._services.call(RequestHome(INTERNAL_ID), now_ns)
        return messages


def _heartbeat() -> object:
    """Return the HEARTBEAT of an onboard computer, as MAVROS sends it."""
    return mavlink.MAVLink_heartbeat_message(
        mavlink.MAV_TYPE_ONBOARD_CONTROLLER,
        mavlink.MAV_AUTOPILOT_INVALID,
        mavlink.MAV_MODE_MANUAL_ARMED,
        0,
        mavlink.MAV_STATE_ACTIVE,
        3,
    )
