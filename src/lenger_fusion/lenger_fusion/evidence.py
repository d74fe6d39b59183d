"""What watches the sensors beside the filter, and what the detectors of `integrity` get to see of it."""

from __future__ import annotations

from math import inf, isfinite, radians, sqrt

import numpy as np

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import FcuGlobal, FcuLocal, GnssFix, ImuSample, MagSample, Vec3
from lenger_fusion import kernels
from lenger_fusion.baro_watch import BaroWatch
from lenger_fusion.cross_check import CrossCheck, Own
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.fix_repeats import FixRepeats
from lenger_fusion.gnss_trust import GnssTrust
from lenger_fusion.imu_watch import ImuWatch
from lenger_fusion.integrity import Evidence, HeightGap
from lenger_fusion.jamming import JammingWatch
from lenger_fusion.mag_watch import MagWatch
from lenger_fusion.odd_one import OddOne
from lenger_fusion.settings import FusionSettings

_SEEN_NS = 2_000_000_000
_HEADING_KNOWN_RAD = radians(10.0)
_SUSPECT_TIMES = 3.0
_REFUSED = 0.0


class SensorWatch:
    """Follows the sensors.

    Args:
        settings: of the core.
        unobserved: process noise of motion that nobody observes, rate and force.

    Attributes:
        trust: whether the receiver may be believed; it judges only with `watch_gnss`.
        odd: whether the IMU is what all others contradict.
        fix: the newest that was let in.
        baro_height_m: the newest pressure height above the origin.
    """

    def __init__(self, settings: FusionSettings, unobserved: tuple[float, float]) -> None:
        self._settings = settings
        self._latency_ns = int(settings.gnss_latency_s * 1e9)
        self.imu = ImuWatch(unobserved)
        self._jamming = JammingWatch()
        self._repeats = FixRepeats()
        self.odd = OddOne(settings.thrust_tilt_m_s2)
        self.start_over()

    def start_over(self) -> None:
        """Leave behind what hangs on the estimate; what is known of IMU and receiver stays."""
        self.trust = GnssTrust(self._latency_ns)
        self.fix: GnssFix | None = None
        self._place: Vec3 = (0.0, 0.0, 0.0)
        self.baro_height_m: float | None = None
        self._gap = HeightGap(self._settings.height_disagreement_m)
        self._baro, self._mag = BaroWatch(), MagWatch()
        self._autopilot = CrossCheck()
        self._noise = (0.0, 0.0)

    def on_imu(self, sample: ImuSample, flying: bool, estimate: ErrorStateFilter | None) -> bool:
        """Take a sample; return whether anything can be made of it: not when the IMU is frozen for long."""
        self.imu.on_imu(sample, flying)
        if estimate is not None:
            noise = self.imu.noise()
            if noise != self._noise:
                self._noise, s = noise, self._settings
                estimate.set_noise(max(s.gyro_noise, noise[0]), max(s.accel_noise, noise[1]))
        return not self.imu.dead(self._settings.silent_s)

    def on_receiver(self, fix: GnssFix, flying: bool, estimate: ErrorStateFilter | None) -> bool:
        """Take whatever the receiver says, with and without a fix; return whether it is new."""
        if self._settings.watch_gnss:
            velocity = None if estimate is None else (float(estimate.x[3]), float(estimate.x[4]))
            self._jamming.on_fix(fix, velocity)
            self._repeats.on_fix(fix, flying)
        return not self._repeats.frozen

    def on_fix(self, fix: GnssFix, place: Vec3) -> None:
        """Take a fix that was let in, and its place in the local frame."""
        self.fix, self._place = fix, place
        if self.baro_height_m is not None:
            self._gap.update(fix.t_ns, self.baro_height_m, place[2])

    def on_height(self, t_ns: int, height_m: float, flying: bool, estimate: ErrorStateFilter | None) -> bool:
        """Take a pressure height above the origin; return whether it may be used."""
        self.baro_height_m = height_m
        up = None if estimate is None else float(estimate.x[2])
        self._baro.on_height(t_ns, height_m, up, None if self.fix is None else self._place[2], flying)
        return not self._baro.frozen

    def on_mag(self, sample: MagSample, estimate: ErrorStateFilter) -> float:
        """Take a magnetic reading; return by how much its error is larger than usual, 0 when it is refused."""
        self._mag.on_mag(sample, estimate.output())
        if self._mag.frozen:
            return _REFUSED
        if not self._mag.suspect:
            return 1.0
        return _REFUSED if _heading_std_rad(estimate) < _HEADING_KNOWN_RAD else _SUSPECT_TIMES

    def on_autopilot(
        self, sample: FcuGlobal | FcuLocal, frame: LocalFrame, estimate: ErrorStateFilter, levels_m: tuple[float, float]
    ) -> None:
        """Compare the autopilot's estimate with this one; `levels_m`: HPL and VPL of the last status."""
        if not self._autopilot.due(sample, estimate.newest_ns):
            return
        east, north, up = np.sqrt(np.maximum(estimate.output_variances()[3], 0.0)).tolist()
        own = Own(estimate.newest_ns, estimate.output(), levels_m, (east, north, up, _heading_std_rad(estimate)))
        if isinstance(sample, FcuGlobal):
            place = frame.to_local(sample.lat_deg, sample.lon_deg, sample.alt_amsl_m)
            self._autopilot.on_global(sample, place, own)
        else:
            self._autopilot.on_local(sample, own)

    def evidence(self, now_ns: int, estimate: ErrorStateFilter) -> Evidence:
        """Return what the detectors look at."""
        accepted_ns = estimate.gate("gnss_position").accepted_ns
        # A fix waits in the queue until the filter reaches its time: that wait is not age.
        wait_s = (estimate.newest_ns - estimate.t_ns) * 1e-9
        if self._settings.watch_gnss:
            accepted_ns = max(accepted_ns, estimate.accepted_ns("gnss_velocity"))
        fix, height = self.fix, self.baro_height_m
        seen = estimate.accepted_ns("flow") > estimate.t_ns - _SEEN_NS
        said_m = 0.0 if fix is None else fix.h_acc_m
        faults = (
            self.odd.reason(now_ns),
            self.imu.reason(),
            self._repeats.reason(),
            self._baro.reason(),
            self._mag.reason(),
        )
        return Evidence(
            doubts=self.trust.doubts(),
            led_astray="" if self._jamming.noisy else self.trust.led_astray(now_ns, said_m, seen),
            fix_age_s=inf if accepted_ns < 0 else (now_ns - accepted_ns - self._latency_ns) * 1e-9 - wait_s,
            received_age_s=inf if fix is None else (now_ns - fix.t_ns) * 1e-9,
            rejecting_s={name: gate.rejecting_s(estimate.t_ns) for name, gate in estimate.gates.items()},
            h_acc_m=fix.h_acc_m if fix is not None and isfinite(fix.h_acc_m) else 0.0,
            v_acc_m=fix.v_acc_m if fix is not None and isfinite(fix.v_acc_m) else 0.0,
            height_gap_m=0.0 if height is None else self._gap.gap_m(height),
            slip_m=0.0 if self.trust.position.set else max(self.trust.track.slip_m),
            jamming=self._jamming.reason(now_ns),
            cut_off=self._jamming.cut_off,
            faults=tuple(fault for fault in faults if fault),
            apart=self._autopilot.reason(now_ns),
        )


def _heading_std_rad(estimate: ErrorStateFilter) -> float:
    r = np.empty((3, 3))
    kernels.rotation(estimate.x, r)
    return sqrt(max(0.0, float(r[2] @ estimate.p[6:9, 6:9] @ r[2])))
