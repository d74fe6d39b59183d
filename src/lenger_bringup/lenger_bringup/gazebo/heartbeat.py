"""Waits for an autopilot's first heartbeat where MAVROS will listen, and makes sure that it is the right autopilot."""

from __future__ import annotations

import socket
from types import TracebackType

from lenger_bringup.gazebo.ports import taken
from lenger_mavlink.codec import MavCodec, mavlink

AUTOPILOTS = {
    "px4": int(mavlink.MAV_AUTOPILOT_PX4),
    "ardupilot": int(mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA),
}
_HEARTBEAT = frozenset({int(mavlink.MAVLINK_MSG_ID_HEARTBEAT)})
_DATAGRAM = 65536


class HeartbeatListener:
    """Listens on a UDP port of the loopback interface while it is entered; the port is MAVROS's afterwards.

    Args:
        port: where the autopilot sends to.
        autopilot: px4 or ardupilot.
        system: MAVLink system id that is expected.

    Raises:
        MissingError: the port is taken.
    """

    def __init__(self, port: int, autopilot: str, system: int) -> None:
        self._wanted, self._system = AUTOPILOTS[autopilot], system
        self._codec = MavCodec(255, 190, _HEARTBEAT)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            self._socket.close()
            raise taken(f"UDP port {port}, on which MAVROS will hear {autopilot}, is taken", port) from error
        self._socket.setblocking(False)
        self.stranger = ""
        """What was heard instead, in words; "" nothing."""

    def __enter__(self) -> HeartbeatListener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the port free; may be called again."""
        self._socket.close()

    def heard(self) -> bool:
        """Whether the expected autopilot has spoken; takes what has arrived, never waits."""
        while True:
            try:
                data = self._socket.recv(_DATAGRAM)
            except (BlockingIOError, ConnectionRefusedError):
                return False
            for message in self._codec.feed_datagram(data):
                if self._is_expected(message.get_srcSystem(), message.get_srcComponent(), message.autopilot):
                    return True

    def _is_expected(self, system: int, component: int, autopilot: int) -> bool:
        if component != mavlink.MAV_COMP_ID_AUTOPILOT1:
            return False
        if (system, autopilot) == (self._system, self._wanted):
            return True
        name = next((n for n, number in AUTOPILOTS.items() if number == autopilot), f"autopilot {autopilot}")
        self.stranger = f"{name} as system {system}"
        return False
