"""Flights with a fault in them, and what the status said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from fusion.trajectory import T0_NS, Flight, Sample
from lenger_core.samples import FcuGlobal, FcuLocal, FusionStatus, ImuSample, Integrity
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.injections import injected, parse_injection
from lenger_fusion.replay.log import feed

SECOND = 1_000_000_000
Statuses = list[tuple[float, FusionStatus]]
Beside = Callable[[float, ImuSample], Iterable[FcuGlobal | FcuLocal]]


def seconds(t_ns: int) -> float:
    return (t_ns - T0_NS) * 1e-9


def with_fault(samples: Iterable[Sample], fault: str) -> Iterable[Sample]:
    """Return the readings with an injection of `./lenger fuse`, whose times are those of the flight."""
    shift_ns = T0_NS - SECOND
    moved = (replace(s, t_ns=s.t_ns - shift_ns) for s in samples)
    return (replace(s, t_ns=s.t_ns + shift_ns) for s in injected(moved, (parse_injection(fault),)))


def fly(core: FusionCore, samples: Iterable[Sample], beside: Beside = lambda _t, _s: ()) -> Statuses:
    """Feed readings, and what the autopilot says beside each of the IMU; return (time, status) at 10 Hz."""
    statuses, due_ns = [], 0
    for sample in samples:
        feed(core, sample)
        if isinstance(sample, ImuSample):
            for estimate in beside(seconds(sample.t_ns), sample):
                core.on_autopilot(estimate)
        if sample.t_ns >= due_ns:
            due_ns = sample.t_ns + SECOND // 10
            statuses.append((seconds(sample.t_ns), core.status(sample.t_ns)))
    return statuses


def within(statuses: Statuses, start_s: float, end_s: float) -> set[Integrity]:
    return {status.integrity for t_s, status in statuses if start_s <= t_s < end_s}


def reasons(statuses: Statuses, start_s: float, end_s: float) -> str:
    return "\n".join(sorted({status.reason for t_s, status in statuses if start_s <= t_s < end_s}))


def first(statuses: Statuses, integrity: Integrity) -> float:
    """Return when an integrity was first said; infinite when never."""
    return min((t_s for t_s, status in statuses if status.integrity is integrity), default=float("inf"))


def ordinary(seed: int, vigour: float = 1.0, duration_s: float = 40.0) -> Flight:
    return Flight(seed, duration_s, vigour=vigour)
