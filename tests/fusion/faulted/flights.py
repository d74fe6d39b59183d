"""One seeded flight with its fault, flown through the estimator as `./lenger fuse` sets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import cos, pi, sin

import numpy as np

from fusion.faulted.changes import Change, within
from fusion.faulted.faults import CLASSES, Fault, FaultClass, Span
from fusion.faulted.judge import Row, Track, judged
from fusion.trajectory import T0_NS, Flight, Noise
from lenger_core.samples import ExtendedState, GnssFix, ImuSample, Integrity
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.configure import settings_for
from lenger_fusion.replay.inject_gnss import shifted
from lenger_fusion.replay.log import LogMeta, feeder
from lenger_fusion.replay.stream import Sample
from lenger_fusion.settings import FusionSettings

JUDGED_EVERY_NS = 100_000_000
TAKE_OFF_S = 3.5
SLOW_SHARE, FAST_SHARE = 0.7, 0.7
"""Of the receiver's stated accuracy: its slow error and its white one; together as large as it says."""
BARO_CLIMB_WALK = 0.1
"""Half of what the estimator assumes, m/sqrt(s) per m/s: that much would be 3 m in a minute of lively flight."""


def settings() -> FusionSettings:
    """Return what `./lenger fuse` uses for a multirotor whose log says nothing else."""
    return settings_for(LogMeta(vehicle="multirotor"))[0]


@dataclass(frozen=True)
class Plan:
    """What a seed flies. Everything but the trajectory's own draws is drawn here, from the seed alone.

    Attributes:
        seed: of everything; its remainder by the number of classes is the class.
    """

    seed: int

    @cached_property
    def kind(self) -> FaultClass:
        """The class of the fault."""
        return CLASSES[self.seed % len(CLASSES)]

    def rng(self, purpose: int) -> np.random.Generator:
        """Return a generator for one purpose: what one draws does not move what another does."""
        return np.random.default_rng((self.seed, 1000 + purpose))

    @cached_property
    def duration_s(self) -> float:
        """Length of the flight."""
        return float(self.rng(0).uniform(75.0, 105.0))

    @cached_property
    def fault(self) -> Fault:
        """The fault, after the estimator has had time to settle, with time left to recover."""
        rng = self.rng(1)
        start_s = round(float(rng.uniform(35.0, 45.0)), 2)
        return self.kind.draw(rng, Span(start_s, round(start_s + float(rng.uniform(15.0, 25.0)), 2)))

    @cached_property
    def aided(self) -> bool:
        """Whether optical flow and a rangefinder are aboard."""
        drawn = bool(self.rng(2).random() < 0.5)
        return drawn if self.kind.aided is None else self.kind.aided

    @cached_property
    def noise(self) -> Noise:
        """The sensors: from a good set to what the settings assume."""
        rng = self.rng(3)
        accuracy, inertial = float(np.exp(rng.uniform(np.log(0.5), np.log(2.0)))), float(rng.uniform(0.3, 1.0))
        return Noise(
            gyro=0.004 * inertial,
            accel=0.12 * inertial,
            gnss_h_m=accuracy,
            gnss_v_m=1.6 * accuracy,
            gnss_speed_m_s=float(rng.uniform(0.1, 0.4)),
            flow_rad_s=float(rng.uniform(0.02, 0.06)),
            range_m=0.05,
            push_m_s2=float(rng.uniform(0.2, 0.8)),
        )

    @cached_property
    def flight(self) -> Flight:
        """The truth, with wind, drag and all that drifts as the settings assume."""
        rng = self.rng(4)
        speed, course = float(rng.uniform(0.0, 8.0)), float(rng.uniform(-pi, pi))
        cruise = (speed * sin(course), speed * cos(course))
        vigour = float(rng.uniform(0.5, 1.6))
        drifts = settings().model_copy(update={"baro_climb_walk": BARO_CLIMB_WALK})
        return Flight(self.seed, self.duration_s, self.noise, vigour, cruise_m_s=cruise, assumed=drifts)

    def window_ns(self) -> tuple[int, int]:
        """Return when the fault begins and ends."""
        span = self.fault.span
        return T0_NS + round(span.start_s * 1e9), T0_NS + round(span.end_s * 1e9)

    def flight_samples(self) -> list[Sample]:
        """Return what sensors in order would say, in the order of arrival."""
        flight = self.flight
        readings = [*flight.readings(), *(flight.downward() if self.aided else [])]
        for i in range(int(flight.duration_s)):
            readings.append(ExtendedState(T0_NS + i * 1_000_000_000 + 4, 1 if i < TAKE_OFF_S else 2))
        everything = (T0_NS, T0_NS + int(flight.duration_s * 1e9))
        return list(within(readings, everything, self._receiver()))

    def samples(self) -> list[Sample]:
        """Return what the estimator is given, fault and all."""
        return list(self.fault.change(self.flight_samples()))

    def _receiver(self) -> Change:
        """Return what makes white fixes those of a receiver: a slow error in place of a part of the white one."""
        rng, n = self.rng(5), self.noise
        time_s, climb_told = float(rng.uniform(60.0, 300.0)), bool(rng.random() < 0.5)
        size = np.array([n.gnss_h_m, n.gnss_h_m, n.gnss_v_m])
        slow = SLOW_SHARE * size * rng.standard_normal(3)
        last_s = 0.0

        def change(sample: Sample, t_s: float) -> Sample:
            nonlocal slow, last_s
            if not isinstance(sample, GnssFix):
                return sample
            kept = np.exp(-(t_s - last_s) / time_s)
            slow = kept * slow + np.sqrt(1.0 - kept**2) * SLOW_SHARE * size * rng.standard_normal(3)
            last_s = t_s
            truth = self.flight.truth(sample.t_ns - int(n.gnss_latency_s * 1e9))
            heard = np.array(self.flight.frame.to_local(sample.lat_deg, sample.lon_deg, sample.alt_amsl_m))
            east, north, up = ((FAST_SHARE - 1.0) * (heard - truth[:3]) + slow).tolist()
            climb = float(truth[5] + rng.normal(0.0, n.gnss_speed_m_s))
            moved = shifted(sample, east, north)
            return replace(
                moved, alt_amsl_m=sample.alt_amsl_m + up, vel_u_m_s=climb if climb_told else sample.vel_u_m_s
            )

        return change


def track_of(core: FusionCore, flight: Flight, samples: Iterable[Sample]) -> Track:
    """Fly the samples; return errors and integrity ten times a second, from the first estimate on."""
    take, track, due_ns = feeder(core), Track(), T0_NS
    for sample in samples:
        take(sample)
        if sample.t_ns < due_ns or not (isinstance(sample, ImuSample) or sample.t_ns > due_ns + JUDGED_EVERY_NS):
            continue
        due_ns = max(due_ns + JUDGED_EVERY_NS, sample.t_ns - JUDGED_EVERY_NS)
        status, odometry = core.status(sample.t_ns), core.odometry(sample.t_ns)
        t_s = (sample.t_ns - T0_NS) * 1e-9
        flagged = status.integrity is not Integrity.NOMINAL
        if odometry is None:
            track.add_nothing(t_s)
            continue
        miss = np.array(odometry.position_enu_m) - flight.truth(odometry.t_ns)[:3]
        track.add(t_s, float(np.hypot(miss[0], miss[1])), abs(float(miss[2])), status.hpl_m, status.vpl_m, flagged)
    return track


def fly(seed: int) -> Row:
    """Return the row of one flight."""
    plan = Plan(seed)
    core = FusionCore(settings())
    track = track_of(core, plan.flight, plan.samples())
    row = judged(track, plan.fault.span.start_s)
    return {"seed": seed, "kind": plan.kind.name, "fault": plan.fault.text, "aided": plan.aided, **row}
