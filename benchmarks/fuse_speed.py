"""Cost of a log's replay, `./lenger fuse`: `.venv/bin/python benchmarks/fuse_speed.py [--minutes M] [--profile FILE]`.

Composes a flight with every sensor (IMU 250 Hz; GNSS 8 Hz; barometer, flow, range and airspeed 20 Hz; compass 10 Hz),
writes it in the sensor-log layout, and does the command's work: read, replay with estimate.csv, report, figures. Prints
CPU seconds of each and how many times faster than the flight that is.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from lenger_core.samples import ImuSample
from lenger_fusion import warm
from lenger_fusion.replay.fuse import ESTIMATE, Options, run_log
from lenger_fusion.replay.open_log import open_log
from lenger_fusion.replay.page import page_of
from lenger_fusion.replay.report import report_of
from lenger_fusion.replay.stream import Sample

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

SEED = 3


def composed(duration_s: float, imu_step: int = 4) -> list[Sample]:
    """Return a flight's samples, sorted by arrival: those of the tests, with an IMU sample every `imu_step` ms."""
    from fusion.replay.written import DRAG, flown
    from fusion.trajectory import FINE_S, T0_NS, Flight

    flight, rng = Flight(SEED, duration_s, drag=DRAG), np.random.default_rng(SEED)
    scale = 1.0 / np.sqrt(imu_step * FINE_S)
    gyro, force = flight.rates[::imu_step] + flight.gyro_bias, flight.force[::imu_step] + flight.accel_bias
    gyro = gyro + rng.normal(0.0, flight.noise.gyro * scale, gyro.shape)
    force = force + rng.normal(0.0, flight.noise.accel * scale, force.shape)
    imu = [
        ImuSample(T0_NS + i * imu_step * 1_000_000, tuple(g), tuple(f))
        for i, (g, f) in enumerate(zip(gyro.tolist(), force.tolist(), strict=True))
    ]
    others = [sample for sample in flown(duration_s, SEED) if not isinstance(sample, ImuSample)]
    return sorted([*imu, *others], key=lambda sample: sample.t_ns)


def timed(log_folder: Path, out: Path) -> dict[str, float]:
    """Do the command's work once; return CPU seconds by part."""
    marks = [time.process_time()]
    log = open_log(log_folder)
    marks.append(time.process_time())
    outcome = run_log(log, out / ESTIMATE, Options())
    marks.append(time.process_time())
    report: dict[str, Any] = report_of(outcome)
    (out / "report.json").write_text(json.dumps(report))
    marks.append(time.process_time())
    (out / "report.html").write_text(page_of(outcome, report))
    marks.append(time.process_time())
    return dict(zip(("read", "replay and estimate.csv", "report.json", "report.html"), np.diff(marks), strict=True))


def main() -> None:
    """Compose, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--profile", type=Path, help="write a cProfile of read and replay here instead")
    options = parser.parse_args()
    from fusion.replay.written import write_folder

    duration_s = 60.0 * options.minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm()
        log = write_folder(folder / "log", composed(duration_s))
        if options.profile is not None:
            with cProfile.Profile(time.process_time) as profile:
                run_log(open_log(log), folder / ESTIMATE, Options())
            profile.dump_stats(options.profile)
            return
        timed(write_folder(folder / "short", composed(6.0)), folder)  # loads what is loaded once
        parts = timed(log, folder)
    for part, seconds in parts.items():
        print(f"{part:24} {seconds:6.2f} s  {duration_s / seconds:7.0f} times real time")
    heart = sum(list(parts.values())[:2])
    whole = sum(parts.values())
    print(f"{'read, replay, write':24} {heart:6.2f} s  {duration_s / heart:7.0f} times real time")
    print(f"{'all':24} {whole:6.2f} s  {duration_s / whole:7.0f} times real time")


if __name__ == "__main__":
    main()
