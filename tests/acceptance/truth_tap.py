"""Where a real autopilot's simulator says that its aircraft truly is, read beside our endpoint from the same bytes."""

from __future__ import annotations

from lenger_bridge.session import Session
from lenger_core.geodesy import LocalFrame
from lenger_mavlink.codec import MavCodec, mavlink

PERIOD_US = 50_000
FASTER = {"px4": ("MPC_XY_VEL_MAX", 20.0), "ardupilot": ("WP_SPD", 20.0)}
"""What keeps the autopilot itself from flying 15 m/s."""
MESSAGES = {"px4": ("HIL_STATE_QUATERNION", 115), "ardupilot": ("SIMSTATE", 164)}


class TruthTap:
    """Asks for the simulator's own message and keeps the newest; lets the autopilot fly faster.

    Args:
        session: whose bytes are read.
        autopilot: px4 or ardupilot.
        system: its MAVLink system.
    """

    def __init__(self, session: Session, autopilot: str, system: int) -> None:
        self._name, number = MESSAGES[autopilot]
        self._codec = MavCodec(255, 195, frozenset({number}))
        self._newest: tuple[float, float] | None = None
        link = session._link
        receive = link.receive

        def tapped() -> list[bytes]:
            pieces = receive()
            for piece in pieces:
                self._take(piece)
            return pieces

        link.receive = tapped  # type: ignore[method-assign]
        ask = mavlink.MAVLink_command_long_message(
            system, 1, mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, 0, number, PERIOD_US, 0, 0, 0, 0, 0
        )
        session.send(self._codec.encode(ask))
        name, value = FASTER[autopilot]
        kind = mavlink.MAV_PARAM_TYPE_REAL32
        session.send(self._codec.encode(mavlink.MAVLink_param_set_message(system, 1, name.encode(), value, kind)))

    def east_north(self, frame: LocalFrame) -> tuple[float, float]:
        """Return the true place in a frame, metres."""
        assert self._newest is not None, f"the simulator sent no {self._name}"
        return frame.to_local(*self._newest, frame.alt_amsl_m)[:2]

    def _take(self, data: bytes) -> None:
        for msg in self._codec.feed(data):
            if msg.get_type() == self._name:
                lon = msg.lng if self._name == "SIMSTATE" else msg.lon
                self._newest = msg.lat / 1e7, lon / 1e7
