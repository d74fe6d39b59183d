"""What helps where GNSS does not: air drag, airspeed, optical flow, rangefinder; each sample to a measurement."""

from __future__ import annotations

from lenger_core.samples import AirspeedSample, FlowSample, ImuSample, RangeSample
from lenger_fusion import measurements
from lenger_fusion.intake import Intake
from lenger_fusion.measurements import Measurement
from lenger_fusion.settings import FusionSettings

MIN_QUALITY = 100
"""Of 255: below it a flow camera has hardly seen anything."""
MIN_AIRSPEED_M_S = 4.0
"""A tube that hardly feels the air says nothing."""
MAX_FLOW_SPAN_NS = 500_000_000
RANGE_SHARE = 0.05
_MAX_RATE_RAD_S, _RANGE_M, _MAX_AIRSPEED_M_S = 50.0, (0.05, 500.0), 150.0


class Aids:
    """Refuses what cannot be used (`intake` counts it) and says what the rest measures."""

    def __init__(self, settings: FusionSettings, intake: Intake) -> None:
        self._settings, self._intake = settings, intake
        self._force = _MeanForce()
        self._flow_ns = 0

    def drag(self, sample: ImuSample, flying: bool) -> Measurement | None:
        """Return the push of the air once in a tenth of a second."""
        if not self._settings.use_drag:
            return None
        push = self._force.on_imu(sample)
        if push is None or not flying:
            return None
        return measurements.drag(*push, self._settings.drag_noise_m_s2)

    def flow(self, sample: FlowSample) -> Measurement | None:
        """Return a reading of optical flow; it describes the middle of the time since the one before."""
        x, y, gyro_x, gyro_y = values = (*sample.flow_rad_s, *sample.gyro_rad_s)
        if not self._intake.scalar("flow", sample.t_ns, max(abs(v) for v in values), 0.0, _MAX_RATE_RAD_S):
            return None
        span_ns, self._flow_ns = sample.t_ns - self._flow_ns, sample.t_ns
        if sample.quality < MIN_QUALITY or not 0 < span_ns < MAX_FLOW_SPAN_NS:
            return None
        std = self._settings.flow_std_rad_s
        return measurements.flow(sample.t_ns - span_ns // 2, (x + gyro_x, y + gyro_y), std)

    def range(self, sample: RangeSample) -> Measurement | None:
        """Return a distance to the ground below."""
        if not self._intake.scalar("range", sample.t_ns, sample.range_m, *_RANGE_M):
            return None
        std = self._settings.range_std_m + RANGE_SHARE * sample.range_m
        return measurements.ground_range(sample.t_ns, sample.range_m, std)

    def airspeed(self, sample: AirspeedSample) -> Measurement | None:
        """Return an airspeed."""
        speed = sample.airspeed_m_s
        if not self._intake.scalar("airspeed", sample.t_ns, speed, 0.0, _MAX_AIRSPEED_M_S) or speed < MIN_AIRSPEED_M_S:
            return None
        return measurements.airspeed(sample.t_ns, speed, self._settings.airspeed_std_m_s)


class _MeanForce:
    """The specific force along body x and y, averaged over a tenth of a second: vibration is no drag."""

    _SPAN_NS = 100_000_000

    def __init__(self) -> None:
        self._from_ns, self._count, self._x, self._y = -1, 0, 0.0, 0.0

    def on_imu(self, sample: ImuSample) -> tuple[int, tuple[float, float]] | None:
        """Return the time of the middle and the mean (m/s2) when a span is full."""
        span_ns = sample.t_ns - self._from_ns
        if self._from_ns < 0 or not 0 < span_ns < 2 * self._SPAN_NS:
            self._from_ns, self._count, self._x, self._y = sample.t_ns, 0, 0.0, 0.0
            span_ns = 0
        x, y, _ = sample.accel_m_s2
        self._count += 1
        self._x += x
        self._y += y
        if span_ns < self._SPAN_NS or self._count < 3:
            return None
        middle = (self._from_ns + sample.t_ns) // 2
        mean = (self._x / self._count, self._y / self._count)
        self._from_ns = -1
        return middle, mean
