"""The error-state Kalman filter on a delayed time horizon.

The filter proper runs `delay_ns` behind the newest IMU sample, far enough that a measurement has arrived by the time
the filter reaches the moment at which it was true: every sensor is fused at its own time and in the order of those
times, whatever order they came in. `output` carries the state from there to the newest sample through the buffered IMU
data. A measurement that comes even later is fused at once, shifted by the velocity.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_fusion import kernels, update
from lenger_fusion.measurements import Measurement

Array = NDArray[np.float64]

RING = 1024
MAX_QUEUE = 256
MAX_ROWS = 7
TOO_LATE_NS = 1_000_000_000
_NEVER = -1.0
_PLACES = ("gnss_position", "gnss_height")
_KEPT_PULLS = 600
_SUSPECT_WALK = 0.5
"""Of the barometer's offset, m/sqrt(s)."""
BARO_VARIANCE_M2 = 25.0
"""Of the barometer's offset when it is levelled anew."""


@dataclass(slots=True)
class Gate:
    """What the innovation test of one sensor has let through."""

    sensor: str
    accepted: int = 0
    rejected: int = 0
    accepted_ns: int = -1
    rejecting_since_ns: int = -1
    """First rejection of the present unbroken run of them; -1 while readings are accepted."""
    nis: float = 0.0
    limit: float = 0.0
    probed_nis: float = inf
    """Of the newest reading, when it was only compared; infinite otherwise."""

    def note(self, t_ns: int, nis: float, limit: float) -> None:
        """Book one test at measurement time `t_ns`."""
        self.nis, self.limit, self.probed_nis = nis, limit, inf
        if nis <= limit:
            self.accepted += 1
            self.accepted_ns = t_ns
            self.rejecting_since_ns = -1
            return
        self.rejected += 1
        if self.rejecting_since_ns < 0:
            self.rejecting_since_ns = t_ns

    def probe(self, t_ns: int, nis: float, limit: float) -> None:
        """Book a comparison that changed nothing."""
        self.probed_nis, self.limit = nis, limit
        if self.rejecting_since_ns < 0:
            self.rejecting_since_ns = t_ns

    def rejecting_s(self, now_ns: int) -> float:
        """Return for how long every reading has been refused."""
        return 0.0 if self.rejecting_since_ns < 0 else max(0.0, (now_ns - self.rejecting_since_ns) * 1e-9)


class ErrorStateFilter:
    """State, covariance, IMU ring and measurement queue. Layouts and noise vector: `lenger_fusion.kernels`.

    Args:
        noise: (14,) process noise.
        delay_ns: how far the filter runs behind the newest IMU sample.
        gate_sigma: innovations beyond this are refused.
        x, p: state (24,) and covariance (23, 23) at `t_ns`.
        t_ns: time of the first IMU sample, which is `imu` (gyro, specific force).

    Raises:
        ValueError: an array has another size.
    """

    def __init__(
        self, noise: Array, delay_ns: int, gate_sigma: float, x: Array, p: Array, t_ns: int, imu: tuple[Vec3, Vec3]
    ) -> None:
        if (noise.shape, x.shape, p.shape) != ((kernels.NOISES,), (kernels.NX,), (kernels.NE, kernels.NE)):
            raise ValueError(f"not the layout of kernels: {noise.shape}, {x.shape}, {p.shape}")
        self.x, self.p = x.copy(), p.copy()
        self.t_ns = t_ns
        self.gates: dict[str, Gate] = {}
        self._noise, self._delay_ns, self._gate_sigma = noise.copy(), delay_ns, gate_sigma
        self._stamps = np.zeros(RING, dtype=np.int64)
        self._ring = np.zeros((RING, 6))
        self._stamps[0], self._ring[0] = t_ns, (*imu[0], *imu[1])
        self._head, self._index, self.newest_ns = 1, 1, t_ns
        self._queue: list[tuple[int, int, Measurement]] = []
        self._sequence = 0
        self._work = np.zeros((22, 3))
        self._fuse_work = np.zeros((MAX_ROWS + 2, kernels.NE))
        self._output = self.x.copy()
        self._output_ns = -1
        self._pulls: deque[tuple[int, Array]] = deque(maxlen=_KEPT_PULLS)
        self._baro_held = False

    def push_imu(self, t_ns: int, gyro_rad_s: Vec3, accel_m_s2: Vec3) -> None:
        """Store a sample (later than the last) and move the filter up to its horizon, fusing what is due on the way."""
        row = self._head % RING
        self._stamps[row] = t_ns
        self._ring[row] = (*gyro_rad_s, *accel_m_s2)
        self._head += 1
        self.newest_ns = t_ns
        target = t_ns - self._delay_ns
        if self._head - self._index >= RING - 1:
            target = max(target, int(self._stamps[self._index % RING]))
        while self._queue and self._queue[0][0] <= target:
            due_ns, _, measurement = heapq.heappop(self._queue)
            self._advance(due_ns)
            self._fuse(measurement)
        self._advance(target)

    def offer(self, measurement: Measurement) -> None:
        """Queue a measurement for its time, or fuse it at once when the filter is already past that."""
        if measurement.t_ns <= self.t_ns:
            if self.t_ns - measurement.t_ns <= TOO_LATE_NS:
                self._fuse(measurement)
            return
        if len(self._queue) >= MAX_QUEUE or measurement.t_ns > self.newest_ns + TOO_LATE_NS:
            return
        self._sequence += 1
        heapq.heappush(self._queue, (measurement.t_ns, self._sequence, measurement))

    def output(self) -> Array:
        """Return the state (24,) at `newest_ns`. The array is the filter's own: do not keep it."""
        if self._output_ns != self.newest_ns:
            self._output[:] = self.x
            kernels.extrapolate(self._output, self._stamps, self._ring, self._index, self._head, self.t_ns, self._work)
            self._output_ns = self.newest_ns
        return self._output

    def output_variances(self) -> Array:
        """Return (4, 3) at `newest_ns`: the position covariance, and as last row the velocity variances."""
        out = np.empty((4, 3))
        kernels.carried(self.p, (self.newest_ns - self.t_ns) * 1e-9, out)
        return out

    def accepted_ns(self, sensor: str) -> int:
        """Return the time of the newest reading of a sensor that was let through; -1 when there was none."""
        return self.gates[sensor].accepted_ns if sensor in self.gates else -1

    def gate(self, sensor: str) -> Gate:
        """Return the gate of a sensor, which is made on first use."""
        return self.gates.setdefault(sensor, Gate(sensor))

    def reset_states(self, values: Mapping[int, float], variances: Mapping[int, float]) -> None:
        """Set additive error states (not attitude) to new values and variances and forget what they were correlated
        with.

        `values` is by index in the error state; what lies in the queue stays.
        """
        for i, value in values.items():
            self.x[i if i < 6 else i + 1] = value
        for i, variance in variances.items():
            self.p[i, :] = 0.0
            self.p[:, i] = 0.0
            self.p[i, i] = variance
        self._output_ns = -1

    def undo(self, axes: Sequence[int], since_ns: int) -> None:
        """Take back what GNSS has moved the position since then along the axes (0 east, 1 north, 2 up).

        What it was worth is not known better for that: the variances grow by half of it, squared, and a metre.
        """
        axes = list(axes)
        total = np.zeros(3)
        for t_ns, pull in self._pulls:
            if t_ns >= since_ns:
                total[axes] += pull[axes]
                pull[axes] = 0.0
        for axis in axes:
            self.x[axis] -= total[axis]
            self.p[axis, axis] += 1.0 + 0.25 * total[axis] ** 2
        self._output_ns = -1

    def set_noise(self, gyro: float, accel: float) -> None:
        """Set the process noise of gyro (rad/s/sqrt(Hz)) and accelerometer (m/s2/sqrt(Hz)) from here on."""
        self._noise[0], self._noise[1] = gyro, accel

    def hold_baro(self, held: bool) -> None:
        """Consider the barometer's offset (Schmidt) instead of estimating it, or estimate it again.

        While nothing else tells the height, an offset that is free takes half of every inertial error upon itself.
        """
        self._baro_held = held

    def free_baro(self, seconds: float) -> None:
        """Let the barometer's offset drift fast for a while: it is suspect, so GNSS height counts for more."""
        self.p[kernels.BARO, kernels.BARO] += _SUSPECT_WALK**2 * seconds

    def level_baro(self, height_m: float) -> None:
        """Set the barometer's offset anew, so that this pressure height says what the estimate says."""
        self.reset_states({kernels.BARO: height_m - float(self.x[2])}, {kernels.BARO: BARO_VARIANCE_M2})
        self.gate("baro").rejecting_since_ns = -1

    def restore_offset(self, offset_m: float) -> None:
        """Set the barometer's offset back to what it was, and the height with it: their sum stays, and stays as
        sure."""
        back_m = float(self.x[1 + kernels.BARO]) - offset_m
        self.x[2] += back_m
        self.x[1 + kernels.BARO] = offset_m
        both = [2, kernels.BARO]
        self.p[np.ix_(both, both)] += (1.0 + 0.25 * back_m**2) * np.array([[1.0, -1.0], [-1.0, 1.0]])
        self._output_ns = -1

    def shift_height(self, up_m: float) -> None:
        """Take back a pull of the barometer. It was worth nothing for sure: half of it, squared, and a metre come on
        top of the variance; the climb that it feigned may still be there."""
        self.x[2] += up_m
        self.p[2, 2] += 1.0 + 0.25 * up_m**2
        self.p[5, 5] += 0.25
        self._output_ns = -1

    def is_sane(self, max_position_std_m: float) -> bool:
        """Return whether everything is finite, variances positive, and the position not lost altogether."""
        return bool(kernels.is_sane(self.x, self.p, max_position_std_m))

    def _advance(self, target_ns: int) -> None:
        if target_ns <= self.t_ns:
            return
        self._index = kernels.advance(
            self.x, self.p, self._stamps, self._ring, self._index, self.t_ns, target_ns, self._noise, self._work
        )
        self.t_ns = target_ns

    def _fuse(self, measurement: Measurement) -> None:
        rows = measurement.linearise(self.x, self.p, (self.t_ns - measurement.t_ns) * 1e-9)
        if rows is None:
            return
        limit = self._gate_sigma**2 + 2.0 * (len(rows.residual) - 1)
        if measurement.probe:
            nis = update.fuse(self.x, self.p, rows.h, rows.residual, rows.variance, _NEVER, self._fuse_work)
            self.gate(measurement.sensor).probe(measurement.t_ns, nis, limit)
            return
        before = self.x[:3].copy() if measurement.sensor in _PLACES else None
        offset, variance = float(self.x[1 + kernels.BARO]), float(self.p[kernels.BARO, kernels.BARO])
        if rows.about is None:
            nis = update.fuse(self.x, self.p, rows.h, rows.residual, rows.variance, limit, self._fuse_work)
        else:
            row = rows.h[0], float(rows.residual[0]), float(rows.variance[0]), rows.about
            nis = update.fuse_about(self.x, self.p, *row, limit, self._fuse_work[:3])
        self.gate(measurement.sensor).note(measurement.t_ns, nis, limit)
        self._output_ns = -1
        if self._baro_held:
            # A considered state differs from an estimated one in that it and its own variance stay; the rest is alike.
            self.x[1 + kernels.BARO], self.p[kernels.BARO, kernels.BARO] = offset, variance
        if before is not None:
            self._pulls.append((measurement.t_ns, self.x[:3] - before))
