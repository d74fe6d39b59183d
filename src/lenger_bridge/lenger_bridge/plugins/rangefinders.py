"""MAVROS's distance_sensor, rangefinder and px4flow plugins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import isfinite, nan
from typing import Any

import yaml

from lenger_bridge.plugins.base import Input, Plugin, Stream
from lenger_bridge.plugins.uas import Uas
from lenger_core.errors import InputError
from lenger_core.wire_types import TypeFactory, header, stamp_ns
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.ned import flu_to_frd, frd_to_flu

RANGE = "sensor_msgs/msg/Range"
_ULTRASOUND, _INFRARED = 0, 1
_PX4FLOW = "mavros/px4flow"
FLOW_FIELDS_OF_VIEW_RAD, FLOW_NEAREST_M, FLOW_FARTHEST_M = 0.119428926, 0.3, 5.0
"""MAVROS's defaults of the sonar on a PX4FLOW."""
_ORIENTATION = "MAV_SENSOR_ROTATION_"
_EXPECTED = "YAML as MAVROS's distance_sensor/config: NAME: {id: 0..255, frame_id: TEXT, field_of_view: RADIANS, ...}"


@dataclass(frozen=True, slots=True)
class RangeSensor:
    """One entry of the configuration.

    Attributes:
        name: its topic is mavros/NAME, as in MAVROS for ROS 2.
        sensor_id: of DISTANCE_SENSOR.
        subscriber: whether ranges go to the autopilot instead of coming from it.
        frame_id: of the published range.
        field_of_view_rad: of the published range.
        orientation: MAV_SENSOR_ORIENTATION; None: any.
        covariance_cm2: sent with ranges to the autopilot; 255 unknown.
    """

    name: str
    sensor_id: int
    subscriber: bool
    frame_id: str
    field_of_view_rad: float
    orientation: int | None
    covariance_cm2: int


def range_sensors(text: str) -> tuple[RangeSensor, ...]:
    """Return the sensors of a configuration in MAVROS's syntax; empty text: none.

    Raises:
        InputError: malformed.
    """
    try:
        table = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise InputError("endpoint", "distance_sensors", text, _EXPECTED) from error
    if not isinstance(table, dict):
        raise InputError("endpoint", "distance_sensors", text, _EXPECTED)
    return tuple(_sensor(str(name), entry) for name, entry in table.items())


def _sensor(name: str, entry: Any) -> RangeSensor:
    where = f"distance_sensors.{name}"
    if not isinstance(entry, dict) or not name.isidentifier():
        raise InputError("endpoint", where, entry, _EXPECTED)
    number, subscriber = entry.get("id"), bool(entry.get("subscriber", False))
    view, covariance = entry.get("field_of_view", 0.0), entry.get("covariance", 255)
    if not (isinstance(number, int) and 0 <= number <= 255):
        raise InputError("endpoint", f"{where}.id", number, "0 to 255")
    if not isinstance(view, int | float) or not isinstance(covariance, int) or not 0 <= covariance <= 255:
        raise InputError("endpoint", where, entry, "field_of_view in radians, covariance 0 to 255 (cm^2)")
    orientation = None
    if "orientation" in entry or subscriber:
        word = f"{_ORIENTATION}{entry.get('orientation')}"
        known = {e.name: value for value, e in mavlink.enums["MAV_SENSOR_ORIENTATION"].items()}
        if word not in known:
            raise InputError("endpoint", f"{where}.orientation", entry.get("orientation"), "such as PITCH_270 or NONE")
        orientation = int(known[word])
    return RangeSensor(name, number, subscriber, str(entry.get("frame_id", name)), float(view), orientation, covariance)


class Rangefinders(Plugin):
    """Ranges and optical flow."""

    def __init__(self, uas: Uas) -> None:
        super().__init__(uas)
        self._sensors = range_sensors(uas.settings.distance_sensors)

    def streams(self) -> tuple[Stream, ...]:
        """Return one topic a configured sensor, ArduPilot's own, and the flow sensor's three."""
        flow = "OPTICAL_FLOW_RAD"
        configured = tuple(
            Stream(f"mavros/{s.name}", RANGE, "sensor", {"DISTANCE_SENSOR": partial(self._distance, s)})
            for s in self._sensors if not s.subscriber
        )  # fmt: skip
        return (
            *configured,
            Stream("mavros/rangefinder/rangefinder", RANGE, "plain", {"RANGEFINDER": _rangefinder}),
            Stream(
                f"{_PX4FLOW}/raw/optical_flow_rad", "mavros_msgs/msg/OpticalFlowRad", "plain", {flow: self._flow}
            ),
            Stream(f"{_PX4FLOW}/ground_distance", RANGE, "plain", {flow: self._flow_range}),
            Stream(f"{_PX4FLOW}/temperature", "sensor_msgs/msg/Temperature", "plain", {flow: self._flow_temperature}),
        )  # fmt: skip

    def inputs(self) -> tuple[Input, ...]:
        """Return the sensors that are on our side."""
        flow = Input(f"{_PX4FLOW}/raw/send", "mavros_msgs/msg/OpticalFlowRad", "plain", _send_flow)
        ranges = (
            Input(f"mavros/{s.name}", RANGE, "sensor", partial(_send_range, s)) for s in self._sensors if s.subscriber
        )
        return (flow, *ranges)

    def _distance(self, sensor: RangeSensor, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if m.id != sensor.sensor_id or sensor.orientation not in (None, m.orientation):
            return None
        kind = _ULTRASOUND if m.type == mavlink.MAV_DISTANCE_SENSOR_ULTRASOUND else _INFRARED
        stamp = header(types, self.uas.stamp_ms(m.time_boot_ms, now_ns), sensor.frame_id)
        limits = (m.min_distance / 100.0, m.max_distance / 100.0)
        return _range_msg(types, stamp, kind, sensor.field_of_view_rad, limits, m.current_distance / 100.0)

    def _flow(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        x, y, _ = frd_to_flu((m.integrated_x, m.integrated_y, 0.0))
        gyro = frd_to_flu((m.integrated_xgyro, m.integrated_ygyro, m.integrated_zgyro))
        return types("mavros_msgs/msg/OpticalFlowRad")(
            header=self._flow_header(types, m, now_ns), integration_time_us=m.integration_time_us, integrated_x=x,
            integrated_y=y, integrated_xgyro=gyro[0], integrated_ygyro=gyro[1], integrated_zgyro=gyro[2],
            temperature=int(m.temperature / 100.0), quality=m.quality,
            time_delta_distance_us=m.time_delta_distance_us, distance=m.distance,
        )  # fmt: skip

    def _flow_range(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        """A negative distance means that there is none."""
        distance = m.distance if m.distance >= 0.0 else nan
        stamp, limits = self._flow_header(types, m, now_ns), (FLOW_NEAREST_M, FLOW_FARTHEST_M)
        return _range_msg(types, stamp, _ULTRASOUND, FLOW_FIELDS_OF_VIEW_RAD, limits, distance)

    def _flow_temperature(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return types("sensor_msgs/msg/Temperature")(
            header=self._flow_header(types, m, now_ns), temperature=m.temperature / 100.0, variance=0.0
        )

    def _flow_header(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        return header(types, self.uas.stamp_us(m.time_usec, now_ns), "px4flow")


def _range_msg(
    types: TypeFactory, stamp: Any, kind: int, field_of_view_rad: float, limits: tuple[float, float], range_m: float
) -> Any:
    return types(RANGE)(
        header=stamp, radiation_type=kind, field_of_view=field_of_view_rad, min_range=limits[0], max_range=limits[1],
        range=float(range_m),
    )  # fmt: skip


def _rangefinder(types: TypeFactory, m: Any, now_ns: int) -> Any:
    return _range_msg(types, header(types, now_ns, "/rangefinder"), _INFRARED, 0.0, (0.0, 1000.0), m.distance)


def _centimetres(range_m: float, most: int = 65535) -> int:
    return max(0, min(most, round(range_m * 100.0))) if isfinite(range_m) else most


def _send_range(sensor: RangeSensor, m: Any, _now_ns: int) -> list[MavMessage]:
    """Return DISTANCE_SENSOR of a range that our side measured; out of range is one more than the farthest."""
    ultrasound = int(m.radiation_type) == _ULTRASOUND
    kind = mavlink.MAV_DISTANCE_SENSOR_ULTRASOUND if ultrasound else mavlink.MAV_DISTANCE_SENSOR_LASER
    nearest, farthest = _centimetres(float(m.min_range)), _centimetres(float(m.max_range), 65534)
    distance = min(_centimetres(float(m.range)), farthest + 1)
    boot_ms, view = (stamp_ns(m) // 1_000_000) & 0xFFFFFFFF, float(m.field_of_view)
    return [
        mavlink.MAVLink_distance_sensor_message(
            boot_ms, nearest, farthest, distance, kind, sensor.sensor_id, sensor.orientation, sensor.covariance_cm2,
            view, view,
        )
    ]  # fmt: skip


def _send_flow(m: Any, _now_ns: int) -> list[MavMessage]:
    x, y, _ = flu_to_frd((float(m.integrated_x), float(m.integrated_y), 0.0))
    gyro = flu_to_frd((float(m.integrated_xgyro), float(m.integrated_ygyro), float(m.integrated_zgyro)))
    return [
        mavlink.MAVLink_optical_flow_rad_message(
            stamp_ns(m) // 1000, 0, int(m.integration_time_us), x, y, *gyro, int(m.temperature) * 100, int(m.quality),
            int(m.time_delta_distance_us), float(m.distance),
        )
    ]  # fmt: skip
