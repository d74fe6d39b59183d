"""What the estimator of `./lenger fuse` is worth on the public logs: GNSS withheld in windows, spoofed, as it was.

A window begins every few seconds of flight with a copy of the estimator as it stood; the error is taken against the
withheld fix at its own time, stamp less latency, and beside it stands the last fix held.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from lenger_core.samples import FlowSample, GnssFix, ImuSample, Integrity, RangeSample
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.configure import settings_for
from lenger_fusion.replay.injections import injected, parse_injection
from lenger_fusion.replay.log import feeder
from lenger_fusion.replay.open_log import open_log
from lenger_fusion.replay.stream import Sample, seconds

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fusion"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no flight logs in {DATA}")

LATENCY_S = 0.2
MOVING_M_S = 0.8
CHI2_95 = 5.991
YEAR = "magnetic_year=2014.0"
EVERY_S = 5.0


@dataclass(frozen=True)
class Miss:
    """One window's error at one mark, metres: of the estimate, of the last fix held, and whether its ellipse held."""

    error_m: float
    held_m: float
    inside: bool


@lru_cache(maxsize=4)
def samples_of(name: str, flow: bool) -> tuple[Sample, ...]:
    looking_down = () if flow else (FlowSample, RangeSample)
    return tuple(s for s in open_log(DATA / name).samples() if not isinstance(s, looking_down))


def new_core(name: str) -> FusionCore:
    return FusionCore(settings_for(open_log(DATA / name).meta, changes=(YEAR,))[0])


def windows(name: str, flow: bool, marks_s: tuple[float, ...], every_s: float) -> dict[float, list[Miss]]:
    """Return the misses of every window by mark."""
    samples, core = samples_of(name, flow), new_core(name)
    fixes = [(seconds(s.t_ns), float(np.hypot(s.vel_e_m_s, s.vel_n_m_s))) for s in samples if isinstance(s, GnssFix)]
    times, speeds = np.array(fixes).T
    take, next_s = feeder(core), 25.0
    found: dict[float, list[Miss]] = {mark: [] for mark in marks_s}
    for i, sample in enumerate(samples):
        t_s = seconds(sample.t_ns)
        if t_s >= next_s:
            next_s += every_s
            ahead = (times > t_s) & (times < t_s + 10.0)
            if ahead.any() and speeds[ahead].mean() > MOVING_M_S and core.filter is not None:
                for mark, miss in coast(copy.deepcopy(core), samples[i:], t_s, marks_s).items():
                    found[mark].append(miss)
        take(sample)
    return found


def coast(
    core: FusionCore, samples: tuple[Sample, ...], from_s: float, marks_s: tuple[float, ...]
) -> dict[float, Miss]:
    """Fly a copy on without GNSS; return the misses at the marks that the log reaches."""
    assert core.frame is not None
    take, left, track = feeder(core), list(marks_s), []
    out: dict[float, Miss] = {}
    last: np.ndarray | None = None
    for sample in samples:
        t_s = seconds(sample.t_ns)
        if not left or t_s > from_s + marks_s[-1] + 2.0:
            break
        if isinstance(sample, GnssFix):
            place = np.array(core.frame.to_local(sample.lat_deg, sample.lon_deg, sample.alt_amsl_m)[:2])
            last = place if last is None else last  # a fifth of a second after the last one that was used
            if t_s >= from_s + left[0]:
                times = np.array([row[0] for row in track])
                here = np.array([row[1] for row in track])
                at = [float(np.interp(t_s - LATENCY_S, times, here[:, axis])) for axis in (0, 1)]
                error, cov = np.array(at) - place, track[np.searchsorted(times, t_s - LATENCY_S) - 1][2]
                inside = float(error @ np.linalg.solve(cov, error)) < CHI2_95
                out[left.pop(0)] = Miss(float(np.hypot(*error)), float(np.hypot(*(last - place))), inside)
            continue
        take(sample)
        if isinstance(sample, ImuSample) and (odometry := core.odometry(sample.t_ns)) is not None:
            east, north, _ = core.status(sample.t_ns).std_enu_m
            track.append((t_s, odometry.position_enu_m[:2], np.diag([east**2, north**2])))
    return out


def told(name: str, mark_s: float, found: list[Miss]) -> tuple[float, float, float]:
    """Print one row; return median and 90th percentile of the error, and the median of the last fix held."""
    errors, held = np.array([m.error_m for m in found]), np.array([m.held_m for m in found])
    rng = np.random.default_rng(0)
    medians = [float(np.median(rng.choice(errors, len(errors)))) for _ in range(1000)]
    low, high = np.percentile(medians, (2.5, 97.5))
    inside = 100.0 * sum(m.inside for m in found) / len(found)
    print(
        f"{name} {mark_s:.0f} s: {len(found)} windows, median {np.median(errors):.1f} m ({low:.1f} to {high:.1f}), "
        f"90 % {np.percentile(errors, 90):.1f} m, last fix {np.median(held):.1f} m, in the 95 % ellipse {inside:.1f} %"
    )
    return float(np.median(errors)), float(np.percentile(errors, 90)), float(np.median(held))


def test_a_few_windows_are_bridged_better_than_by_waiting() -> None:
    found = windows("quad106", False, (10.0, 30.0), 100.0)
    for mark, misses in found.items():
        median, _, held = told("quad106", mark, misses)
        assert len(misses) >= 3 and median < held


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_dead_reckoning_meets_its_bars() -> None:
    """EKF2 on the same logs: 22 and 13 m after 10 s, 34 and 30 m after 30 s."""
    quad = windows("quad106", False, (10.0, 30.0), EVERY_S)
    flow = windows("quadflow", False, (10.0, 30.0), EVERY_S)
    bars = (("quad106", 10.0, quad, 12.0), ("quadflow", 10.0, flow, 6.0), ("quad106", 30.0, quad, 34.0))
    for name, mark, found, bar in (*bars, ("quadflow", 30.0, flow, 30.0)):
        median, _, held = told(name, mark, found[mark])
        assert median <= bar
        assert mark < 30.0 or median < held
    pooled = [m.inside for m in quad[10.0] + flow[10.0]]
    print(f"95 % ellipses at 10 s, pooled: {100.0 * np.mean(pooled):.1f} % of {len(pooled)}")
    assert 0.88 <= np.mean(pooled) <= 0.998


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_flow_and_range_carry_it_for_a_minute() -> None:
    median, most, _ = told("quadflow with flow", 60.0, windows("quadflow", True, (60.0,), EVERY_S)[60.0])
    assert median <= 3.0 and most <= 6.0


def pull(name: str, flow: bool, fault: str, until_s: float) -> tuple[float, list[tuple[float, Integrity, bool]]]:
    """Return how far a fault pulls the estimate away, and what is said: time, integrity, GNSS used."""
    clean, faulty = new_core(name), new_core(name)
    tracks: tuple[dict[int, np.ndarray], dict[int, np.ndarray]] = ({}, {})
    said: list[tuple[float, Integrity, bool]] = []
    streams = iter(samples_of(name, flow)), injected(iter(samples_of(name, flow)), (parse_injection(fault),))
    for core, stream, track in zip((clean, faulty), streams, tracks, strict=True):
        take = feeder(core)
        for sample in stream:
            t_s = seconds(sample.t_ns)
            if t_s > until_s:
                break
            take(sample)
            if isinstance(sample, ImuSample) and (odometry := core.odometry(sample.t_ns)) is not None:
                track[sample.t_ns] = np.array(odometry.position_enu_m[:2])
                if core is faulty:
                    status = core.status(sample.t_ns)
                    said.append((t_s, status.integrity, status.gnss_used))
    return max(float(np.hypot(*(tracks[0][t] - tracks[1][t]))) for t in tracks[1] if t in tracks[0]), said


def from_s(
    said: list[tuple[float, Integrity, bool]], start_s: float, wanted: Callable[[Integrity, bool], bool]
) -> float:
    return min(t for t, integrity, used in said if t >= start_s and wanted(integrity, used)) - start_s


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("start_s", [60.0, 120.0, 200.0, 300.0])
@pytest.mark.parametrize("flow", [False, True])
def test_no_spoofer_pulls_far(start_s: float, flow: bool) -> None:
    """EKF2: 11, 31 and 101 m by the steps, 108 m by the ramp, 121 m by the consistent one."""
    end_s = start_s + 30.0
    for size, bar_m in ((10, 3.0), (30, 3.0), (100, 3.0)):
        worst, said = pull("quadflow", flow, f"spoof-step:{start_s:g}-{end_s:g}:{size}m", end_s + 20.0)
        back_s = from_s(said, end_s, lambda _, used: used)
        print(f"step {size} m at {start_s:.0f} s, flow {flow}: {worst:.2f} m, used again after {back_s:.1f} s")
        assert worst <= bar_m and back_s <= 10.0
    faults = [("", 8.0)] + [(":consistent", 25.0)] * flow
    for manner, bar_m in faults:
        worst, said = pull("quadflow", flow, f"spoof-ramp:{start_s:g}-{start_s + 60:g}:2m/s{manner}", start_s + 60.0)
        after_s = from_s(said, start_s, lambda integrity, _: integrity is not Integrity.NOMINAL)
        print(f"ramp{manner} at {start_s:.0f} s, flow {flow}: {worst:.2f} m, flagged after {after_s:.1f} s")
        assert worst <= bar_m and after_s <= 15.0


@pytest.mark.campaign
@pytest.mark.parametrize(("name", "flow"), [("quad106", False), ("quadflow", False), ("quadflow", True)])
def test_nothing_is_flagged_in_a_flight_in_order(name: str, flow: bool) -> None:
    core = new_core(name)
    take, said = feeder(core), set()
    for sample in samples_of(name, flow):
        take(sample)
        if isinstance(sample, ImuSample) and core.filter is not None:
            said.add(core.status(sample.t_ns).integrity)
    assert said == {Integrity.NOMINAL}
