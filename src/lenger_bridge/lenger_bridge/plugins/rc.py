"""MAVROS's rc_io and manual_control plugins."""

from __future__ import annotations

from typing import Any

from lenger_bridge.plugins.base import Input, Plugin, Stream
from lenger_bridge.plugins.uas import Uas
from lenger_core.wire_types import TypeFactory, header
from lenger_mavlink.codec import MavMessage, mavlink

RC_CHANNELS_MOST = 18
_AXES = ("x", "y", "z", "r", "s", "t", "aux1", "aux2", "aux3", "aux4", "aux5", "aux6")
_BUTTONS = ("buttons", "buttons2", "enabled_extensions")
_SENT = ("x", "y", "z", "r", "buttons", "buttons2", "enabled_extensions", "s", "t")
_SENT_AUX = ("aux1", "aux2", "aux3", "aux4", "aux5", "aux6")


class Rc(Plugin):
    """Sticks and servo outputs in microseconds. RC_CHANNELS replaces RC_CHANNELS_RAW once it has come."""

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self._inputs: list[int] = []
        self._outputs: list[int] = []
        self._channels_message = False

    def streams(self) -> tuple[Stream, ...]:
        """Return what is filled on demand."""
        inputs = {"RC_CHANNELS": self._channels, "RC_CHANNELS_RAW": self._channels_raw}
        return (
            Stream("mavros/rc/in", "mavros_msgs/msg/RCIn", "plain", inputs),
            Stream("mavros/rc/out", "mavros_msgs/msg/RCOut", "plain", {"SERVO_OUTPUT_RAW": self._servos}),
            Stream(
                "mavros/manual_control/control", "mavros_msgs/msg/ManualControl", "plain", {"MANUAL_CONTROL": _manual}
            ),
        )

    def inputs(self) -> tuple[Input, ...]:
        """Return the ways to fly by hand."""
        return (
            Input("mavros/rc/override", "mavros_msgs/msg/OverrideRCIn", "plain", self._override),
            Input("mavros/manual_control/send", "mavros_msgs/msg/ManualControl", "plain", self._send),
        )

    def on_connection(self, connected: bool) -> None:
        """Forget the channels."""
        self._inputs, self._outputs, self._channels_message = [], [], False

    def _channels(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        self._channels_message = True
        count = min(m.chancount, RC_CHANNELS_MOST)
        self._inputs = [getattr(m, f"chan{number}_raw") for number in range(1, count + 1)]
        return self._rc_in(types, m, now_ns)

    def _channels_raw(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if self._channels_message or m.port > 3:
            return None
        values = [getattr(m, f"chan{number}_raw") for number in range(1, 9)]
        self._inputs = _placed(self._inputs, m.port * 8, values)
        return self._rc_in(types, m, now_ns)

    def _rc_in(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        stamp = header(types, self.uas.stamp_ms(m.time_boot_ms, now_ns))
        return types("mavros_msgs/msg/RCIn")(header=stamp, rssi=m.rssi, channels=list(self._inputs))

    def _servos(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if m.port > 3:
            return None
        count = 16 if m.get_msgbuf()[0] == mavlink.PROTOCOL_MARKER_V2 else 8
        values = [getattr(m, f"servo{number}_raw") for number in range(1, count + 1)]
        self._outputs = _placed(self._outputs, m.port * count, values)
        stamp = header(types, self.uas.stamp_us(m.time_usec, now_ns))
        return types("mavros_msgs/msg/RCOut")(header=stamp, channels=list(self._outputs))

    def _override(self, m: Any, _now_ns: int) -> list[MavMessage]:
        channels = [int(value) for value in m.channels]
        return [mavlink.MAVLink_rc_channels_override_message(*self.uas.target, *channels)]

    def _send(self, m: Any, _now_ns: int) -> list[MavMessage]:
        """Return MANUAL_CONTROL: -1000 to 1000 as MAVROS takes it (although control is scaled to -1 to 1)."""
        x, y, z, r, buttons, *more = (int(getattr(m, name)) for name in _SENT)
        aux = (int(getattr(m, name)) for name in _SENT_AUX)
        return [mavlink.MAVLink_manual_control_message(self.uas.settings.tgt_system, x, y, z, r, buttons, *more, *aux)]


def _placed(held: list[int], offset: int, values: list[int]) -> list[int]:
    size = max(len(held), offset + len(values))
    out = held + [0] * (size - len(held))
    out[offset : offset + len(values)] = values
    return out


def _manual(types: TypeFactory, m: Any, now_ns: int) -> Any:
    axes = {name: getattr(m, name) / 1000.0 for name in _AXES}
    buttons = {name: getattr(m, name) for name in _BUTTONS}
    return types("mavros_msgs/msg/ManualControl")(header=header(types, now_ns), **axes, **buttons)
