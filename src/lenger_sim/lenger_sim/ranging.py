"""What the sensors that look at the ground say in MAVLink: the same in every flavour."""

from __future__ import annotations

from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.channels import Channel
from lenger_sim.layout import Record
from lenger_sim.rangers import RANGE_MAX_M, RANGE_MIN_M

_NO_TEMPERATURE = 0
_NO_ECHO, _GOOD_ECHO = 1, 100
"""DISTANCE_SENSOR.signal_quality: 0 unknown, 1 invalid, 100 perfect."""
_UNKNOWN_COVARIANCE = 255


class Ranging:
    """Makes DISTANCE_SENSOR and OPTICAL_FLOW_RAD of the last samples (SENSORS)."""

    def __init__(self, sensors: Record) -> None:
        self._sensors = sensors[0]

    def distance_sensor(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the range along the body's down axis; without an echo one more than the farthest, marked invalid."""
        s = self._sensors
        if not s["ranger_count"]:
            return None
        echo = bool(s["range_ok"])
        farthest = round(RANGE_MAX_M * 100.0)
        return mavlink.MAVLink_distance_sensor_message(
            round(float(s["range_t_s"]) * 1e3) if echo else now_ns // 1_000_000,
            round(RANGE_MIN_M * 100.0),
            farthest,
            min(max(round(float(s["range_m"]) * 100.0), 0), farthest) if echo else farthest + 1,
            mavlink.MAV_DISTANCE_SENSOR_LASER,
            0,
            mavlink.MAV_SENSOR_ROTATION_PITCH_270,
            _UNKNOWN_COVARIANCE,
            signal_quality=_GOOD_ECHO if echo else _NO_ECHO,
        )

    def optical_flow_rad(self, _now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the last flow and what the gyro turned meanwhile, FRD, and the range."""
        s = self._sensors
        if not s["ranger_count"]:
            return None
        x, y = s["flow_rad"].tolist()
        flow_x, flow_y, _ = ned.flu_to_frd((x, y, 0.0))
        gyro = ned.flu_to_frd(tuple(s["flow_gyro_rad"].tolist()))
        integration_us = max(round(float(s["flow_dt_s"]) * 1e6), 0)
        distance = float(s["range_m"]) if s["range_ok"] else -1.0
        return mavlink.MAVLink_optical_flow_rad_message(
            round(float(s["flow_t_s"]) * 1e6), 0, integration_us, flow_x, flow_y, *gyro, _NO_TEMPERATURE,
            round(float(s["flow_quality"])), 0, distance,
        )  # fmt: skip
