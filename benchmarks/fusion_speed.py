"""Cost of the filter: `.venv/bin/python benchmarks/fusion_speed.py`.

Peers are named and timed when they are installed (`pip install filterpy imufusion ahrs`): filterpy's extended Kalman
filter with the same 16 states and the same transition matrix handed to it; imufusion (C) and ahrs (Madgwick), which
estimate attitude alone. Figures are medians over blocks of calls, in microseconds, and ratios to ours. Then the whole
core over a simulated minute: 100 Hz IMU, 8 Hz GNSS, 20 Hz barometer, 10 Hz magnetometer, 50 Hz odometry, 10 Hz status.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from lenger_core.samples import ImuSample
from lenger_fusion import kernels, reference, update, warm
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.log import feeder
from lenger_fusion.settings import FusionSettings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

GYRO, FORCE = (0.01, -0.02, 0.03), (0.1, 0.2, 9.8)
IMU = np.array([*GYRO, *FORCE])
DT = 0.01
NOISE = np.full(kernels.NOISES, 0.01)


def median_us(call: Callable[[], object], block: int = 200, blocks: int = 40) -> float:
    """Return the median over blocks of the mean time of a call, in microseconds."""
    times = []
    for _ in range(blocks):
        start = time.perf_counter()
        for _ in range(block):
            call()
        times.append((time.perf_counter() - start) / block * 1e6)
    return float(np.median(times))


def start_state() -> tuple[Any, Any]:
    """Return a level state at rest and a covariance."""
    x = np.zeros(kernels.NX)
    x[6] = 1.0
    return x, np.eye(kernels.NE) * 0.01


def ours() -> dict[str, float]:
    """Time our kernels, the step as the core calls it, and the plain numpy reference."""
    x, p = start_state()
    work, h = np.zeros((22, 3)), np.eye(kernels.NE)[:2]
    zero, variance, space = np.zeros(2), np.full(2, 1e6), np.zeros((9, kernels.NE))
    estimate = ErrorStateFilter(NOISE, 170_000_000, 5.0, x, p, 0, (GYRO, FORCE))

    def push() -> None:
        estimate.push_imu(estimate.newest_ns + 10_000_000, GYRO, FORCE)

    xr, pr = start_state()
    return {
        "predict, kernel": median_us(lambda: kernels.predict(x, p, IMU, DT, NOISE, work)),
        "predict with ring and queue": median_us(push),
        "update of 2 rows, kernel": median_us(lambda: update.fuse(x, p, h, zero, variance, 25.0, space)),
        "predict, numpy reference": median_us(lambda: reference.predict(xr, pr, IMU, DT, NOISE), 20, 20),
        "update, numpy reference": median_us(lambda: reference.fuse(xr, pr, h, zero, variance, 25.0), 20, 20),
    }


def optional(name: str) -> Any:
    """Return a module, or None when it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        print(f"{name} is not installed: not timed")
        return None


def peers() -> dict[str, float]:
    """Time those peers that are installed."""
    found = {}
    x, p = start_state()
    if (kalman := optional("filterpy.kalman")) is not None:
        ekf = kalman.ExtendedKalmanFilter(dim_x=kernels.NE, dim_z=2)
        ekf.P, ekf.Q, ekf.R = p.copy(), np.eye(kernels.NE) * 1e-4, np.eye(2) * 1e6
        ekf.F = reference.jacobian(x, IMU, DT)
        h = np.eye(kernels.NE)[:2]
        found["predict, filterpy EKF"] = median_us(ekf.predict, 50, 20)
        found["update, filterpy EKF"] = median_us(
            lambda: ekf.update(np.zeros((2, 1)), lambda _: h, lambda state: h @ state), 50, 20
        )
    if (imufusion := optional("imufusion")) is not None:
        attitude, gyro, force = imufusion.Ahrs(), np.degrees(IMU[:3]), IMU[3:] / 9.80665
        attitude.set_sample_period(DT)
        found["attitude only, imufusion (C)"] = median_us(lambda: attitude.update_no_magnetometer(gyro, force))
    if (ahrs := optional("ahrs")) is not None:
        madgwick, quat = ahrs.filters.Madgwick(Dt=DT), np.array([1.0, 0.0, 0.0, 0.0])
        found["attitude only, ahrs Madgwick"] = median_us(lambda: madgwick.updateIMU(quat, IMU[:3], IMU[3:]), 20, 20)
    return found


def whole_core() -> float:
    """Return CPU milliseconds per simulated second of the whole core."""
    from fusion.trajectory import Flight

    flight = Flight(1, 60.0)
    samples, core = flight.readings(), FusionCore(FusionSettings())
    take = feeder(core)
    start = time.process_time()
    for i, sample in enumerate(samples):
        take(sample)
        if isinstance(sample, ImuSample) and sample.t_ns % 20_000_000 == 0:
            core.odometry(sample.t_ns)
        if i % 14 == 0:
            core.status(sample.t_ns)
    return (time.process_time() - start) / flight.duration_s * 1e3


def main() -> None:
    """Print the table."""
    warm()
    mine, others = ours(), peers()
    for name, value in {**mine, **others}.items():
        base = mine["update of 2 rows, kernel" if name.startswith("update") else "predict, kernel"]
        print(f"{name:32} {value:9.2f} us  {value / base:7.1f} x")
    whole = whole_core()
    print(f"whole core: {whole:.2f} ms CPU a simulated second ({1000.0 / whole:.0f} times real time)")


if __name__ == "__main__":
    main()
