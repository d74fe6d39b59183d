"""MAVROS's sys plugin but for the state: status bits, landed state, batteries, texts, events, estimator flags."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Any

from lenger_bridge.plugins.base import Diagnosis, Handler, Input, Plugin, Published, Stream
from lenger_bridge.plugins.uas import Uas
from lenger_bridge.statustext import CHUNK, StatusTextJoiner
from lenger_core.samples import BatterySample, ExtendedState, StatusText, SysStatus
from lenger_core.wire_types import TypeFactory, header
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import text_of

_U16_UNKNOWN = 65535
_I16_UNKNOWN = 32767
_U16_MORE = 65534
"""A cell of 65.534 V or more continues in the next field."""
_TECHNOLOGY = {
    mavlink.MAV_BATTERY_TYPE_LIPO: 3,
    mavlink.MAV_BATTERY_TYPE_LIFE: 4,
    mavlink.MAV_BATTERY_TYPE_LION: 2,
    mavlink.MAV_BATTERY_TYPE_NIMH: 1,
}
"""MAV_BATTERY_TYPE to sensor_msgs/BatteryState POWER_SUPPLY_TECHNOLOGY; 0 is unknown."""
_ESTIMATOR_FLAGS = (
    ("attitude_status_flag", mavlink.ESTIMATOR_ATTITUDE),
    ("velocity_horiz_status_flag", mavlink.ESTIMATOR_VELOCITY_HORIZ),
    ("velocity_vert_status_flag", mavlink.ESTIMATOR_VELOCITY_VERT),
    ("pos_horiz_rel_status_flag", mavlink.ESTIMATOR_POS_HORIZ_REL),
    ("pos_horiz_abs_status_flag", mavlink.ESTIMATOR_POS_HORIZ_ABS),
    ("pos_vert_abs_status_flag", mavlink.ESTIMATOR_POS_VERT_ABS),
    ("pos_vert_agl_status_flag", mavlink.ESTIMATOR_POS_VERT_AGL),
    ("const_pos_mode_status_flag", mavlink.ESTIMATOR_CONST_POS_MODE),
    ("pred_pos_horiz_rel_status_flag", mavlink.ESTIMATOR_PRED_POS_HORIZ_REL),
    ("pred_pos_horiz_abs_status_flag", mavlink.ESTIMATOR_PRED_POS_HORIZ_ABS),
    ("gps_glitch_status_flag", mavlink.ESTIMATOR_GPS_GLITCH),
    ("accel_error_status_flag", mavlink.ESTIMATOR_ACCEL_ERROR),
)


class SysStatusPlugin(Plugin):
    """What the autopilot says of itself."""

    records = ("mavros/sys_status", "mavros/extended_state", "mavros/battery", "mavros/statustext/recv")

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self._texts = StatusTextJoiner()
        self._own_battery_status = False
        self._status: SysStatus | None = None
        self._batteries: dict[str, BatterySample] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return what reads status messages."""
        return {
            "SYS_STATUS": self._sys_status,
            "EXTENDED_SYS_STATE": self._extended,
            "BATTERY_STATUS": self._battery,
            "STATUSTEXT": self._statustext,
        }

    def streams(self) -> tuple[Stream, ...]:
        """Return the estimator's flags (ArduPilot sends the same bits as EKF_STATUS_REPORT) and PX4's events."""
        flags = {"ESTIMATOR_STATUS": _estimator_status, "EKF_STATUS_REPORT": _estimator_status}
        return (
            Stream("mavros/estimator_status", "mavros_msgs/msg/EstimatorStatus", "state", flags),
            Stream("mavros/status_event", "mavros_msgs/msg/StatusEvent", "sensor", {"EVENT": self._event}),
        )

    def inputs(self) -> tuple[Input, ...]:
        """Return the way to send a text."""
        return (Input("mavros/statustext/send", "mavros_msgs/msg/StatusText", "sensor", _send_text),)

    def on_connection(self, connected: bool) -> None:
        """Take the battery from SYS_STATUS until BATTERY_STATUS comes."""
        self._own_battery_status = False
        self._batteries.clear()
        self._status = None

    def step(self, now_ns: int) -> Published:
        """Return texts that wait in vain for a lost chunk."""
        return _texts(now_ns, self._texts.expire(now_ns))

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return sensors that are ill, and the batteries."""
        batteries = tuple(
            Diagnosis(
                "Battery" if name in ("", "id0") else f"Battery {name}", 0, "Normal",
                {"Voltage": f"{b.voltage_v:.2f}", "Current": f"{b.current_a:.1f}", "Remaining": f"{b.remaining:.2f}"},
            )
            for name, b in self._batteries.items()
        )  # fmt: skip
        return (self._system(), *batteries)

    def _system(self) -> Diagnosis:
        status = self._status
        if status is None:
            return Diagnosis("System", 1, "No SYS_STATUS", {})
        ill = status.enabled & status.present & ~status.health
        names = mavlink.enums["MAV_SYS_STATUS_SENSOR"]
        bits = [bit for bit in names if bit & ill and bit & (bit - 1) == 0]
        sensors = [names[bit].name.removeprefix("MAV_SYS_STATUS_") for bit in bits]
        values = {"Load": f"{100.0 * status.load:.1f} %", "Errors comm": status.comm_errors, "Unhealthy": sensors}
        return Diagnosis("System", 2 if sensors else 0, "Sensor health" if sensors else "Normal", values)

    # ------------------------------------------------------------ records

    def _sys_status(self, m: Any, now_ns: int) -> Published:
        self._status = status = SysStatus(
            now_ns,
            m.onboard_control_sensors_present,
            m.onboard_control_sensors_enabled,
            m.onboard_control_sensors_health,
            m.load / 1000.0,
            voltage_v=m.voltage_battery / 1e3 if m.voltage_battery != _U16_UNKNOWN else nan,
            current_a=m.current_battery / 100.0 if m.current_battery != -1 else nan,
            remaining=m.battery_remaining / 100.0 if m.battery_remaining >= 0 else nan,
            drop_rate=m.drop_rate_comm / 1e4,
            comm_errors=m.errors_comm,
            errors=(m.errors_count1, m.errors_count2, m.errors_count3, m.errors_count4),
        )
        out: Published = [("mavros/sys_status", status)]
        if not self._own_battery_status:
            battery = BatterySample(now_ns, status.voltage_v, -status.current_a, status.remaining, location="")
            self._batteries[""] = battery
            out.append(("mavros/battery", battery))
        return out

    def _extended(self, m: Any, now_ns: int) -> Published:
        return [("mavros/extended_state", ExtendedState(now_ns, m.landed_state, m.vtol_state))]

    def _battery(self, m: Any, now_ns: int) -> Published:
        if m.id == 0 and not self._own_battery_status:
            self._own_battery_status = True
            self._batteries.pop("", None)
        cells = _cells_v(m)
        location = f"id{m.id}"
        battery = BatterySample(
            now_ns,
            sum(cells) if cells else nan,
            -m.current_battery / 100.0 if m.current_battery != -1 else nan,
            m.battery_remaining / 100.0 if m.battery_remaining >= 0 else nan,
            cells_v=cells,
            technology=_TECHNOLOGY.get(m.type, 0),
            location=location,
            temperature_c=m.temperature / 100.0 if m.temperature != _I16_UNKNOWN else nan,
        )
        self._batteries[location] = battery
        return [("mavros/battery", battery)]

    def _statustext(self, m: Any, now_ns: int) -> Published:
        return _texts(now_ns, self._texts.take(m.severity, text_of(m.text), m.id, m.chunk_seq, now_ns))

    def _event(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("mavros_msgs/msg/StatusEvent")(
            header=header(types, self.uas.stamp_ms(m.event_time_boot_ms, now_ns)),
            severity=m.log_levels & 0x0F,
            px4_id=m.id & 0x00FFFFFF,
            arguments=list(m.arguments),
            sequence=m.sequence,
        )


def _cells_v(m: Any) -> tuple[float, ...]:
    """Return the cells' voltages of BATTERY_STATUS (one pseudo cell where the autopilot knows the pack only)."""
    cells: list[float] = []
    more = 0
    for ended, fields in ((_U16_UNKNOWN,), m.voltages), ((_U16_UNKNOWN, 0), m.voltages_ext):
        for value in fields:
            if value in ended:
                break
            more += value
            if value != _U16_MORE:
                cells.append(more / 1e3)
                more = 0
    return tuple(cells)


def _texts(now_ns: int, texts: Iterable[tuple[int, str]]) -> Published:
    return [("mavros/statustext/recv", StatusText(now_ns, *text)) for text in texts]


def _send_text(m: Any, _now_ns: int) -> list[MavMessage]:
    """Return STATUSTEXT; what does not fit 50 bytes is cut off, as MAVROS does, at a whole character."""
    text = str(m.text).encode("utf-8")[:CHUNK].decode("utf-8", "ignore")
    return [mavlink.MAVLink_statustext_message(int(m.severity), text.encode("utf-8"))]


def _estimator_status(types: TypeFactory, m: Any, now_ns: int) -> Any:
    flags = {name: bool(m.flags & bit) for name, bit in _ESTIMATOR_FLAGS}
    return types("mavros_msgs/msg/EstimatorStatus")(header=header(types, now_ns), **flags)
