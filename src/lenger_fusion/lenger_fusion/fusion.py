"""FusionCore: samples in, odometry and its integrity out. No ROS, no clock."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import altitude_of_pressure_m
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import (
    AirspeedSample,
    Event,
    ExtendedState,
    FcuGlobal,
    FcuLocal,
    FlowSample,
    FusionStatus,
    GnssFix,
    ImuSample,
    Integrity,
    MagSample,
    Odometry,
    PressureSample,
    RangeSample,
)
from lenger_fusion import measurements
from lenger_fusion.aids import Aids
from lenger_fusion.alignment import Aligner, Start, accuracies
from lenger_fusion.evidence import SensorWatch
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.heading import declination_rad
from lenger_fusion.intake import Intake, Verdict
from lenger_fusion.integrity import Finding, IntegrityState, judge, protection_levels
from lenger_fusion.origin import frame_of
from lenger_fusion.recovery import FixTrack, recover
from lenger_fusion.rest import RestDetector
from lenger_fusion.settings import FusionSettings

SOURCE = "fusion"
UNKNOWN_M = 1e4
"""Protection levels and sigmas while there is no estimate: finite, and larger than any margin."""
_UNOBSERVED_RATE, _UNOBSERVED_ACCEL = 0.5, 3.0
_UNKNOWN_SPEED_M_S = 20.0
_LANDED = 1


class FusionCore:
    """The estimator behind fusion_node, the lockstep flight and log replay.

    Feed samples in the order of their arrival. No input raises, and no output holds NaN.
    """

    def __init__(self, settings: FusionSettings) -> None:
        self._settings = s = settings
        self.intake = Intake(int(s.imu_gap_s * 1e9))
        self.events: list[Event] = []
        self.frame: LocalFrame | None = None
        self.filter: ErrorStateFilter | None = None
        walks = (s.gyro_bias_walk, s.accel_bias_walk, s.baro_walk, s.baro_climb_walk)
        slow = (s.wind_walk, s.drag_walk, s.ground_walk, s.ground_slope_walk, s.flow_scale_walk, s.thrust_tilt_walk)
        self._noise = np.array([s.gyro_noise, s.accel_noise, *walks, _UNOBSERVED_RATE, _UNOBSERVED_ACCEL, *slow])
        self._declination = 0.0
        self._imu: ImuSample | None = None
        self._integrity = IntegrityState()
        self._landing: ExtendedState | None = None
        self.watch = SensorWatch(s, (_UNOBSERVED_RATE, _UNOBSERVED_ACCEL))
        self._levels = (UNKNOWN_M, UNKNOWN_M)
        self._start_over()

    def _start_over(self) -> None:
        self.filter = None
        self._aligner = Aligner(self._settings)
        self._rest = RestDetector(self._settings)
        self._track = FixTrack()
        self._aids = Aids(self._settings, self.intake)
        self.watch.start_over()
        self._baro_ns = self._mag_ns = 0
        if self._landing is not None:
            self.on_extended(self._landing)  # what starts over in the air is still in the air

    # ------------------------------------------------------------ inputs

    def on_imu(self, sample: ImuSample) -> None:
        """Take an IMU sample: it drives alignment and filter."""
        verdict = self.intake.imu(sample)
        if verdict is Verdict.DROP:
            return
        if verdict is Verdict.RESTART:
            self._restart(sample.t_ns, "IMU time jumped or paused")
        self._imu = sample
        if not self.watch.on_imu(sample, self._rest.flying, self.filter):
            if self.filter is not None:
                self._restart(sample.t_ns, self.watch.imu.reason())
            return
        if self.filter is None:
            self._aligner.on_imu(sample)
            start = self._aligner.try_start(self.frame, self.watch.fix, self._declination)
            if start is not None:
                self._begin(start)
            return
        self.filter.push_imu(sample.t_ns, sample.gyro_rad_s, sample.accel_m_s2)
        if self._rest.on_imu(sample):
            self.filter.offer(self._rest.measurement())
        self._offer(self._aids.drag(sample, self._rest.flying))

    def on_gnss(self, fix: GnssFix) -> None:
        """Take a receiver fix; it describes the aircraft `gnss_latency_s` before its stamp."""
        new = self.watch.on_receiver(fix, self._rest.flying, self.filter)
        if not self.intake.fix(fix) or not new:
            return
        if not (isfinite(fix.vel_e_m_s) and isfinite(fix.vel_n_m_s)):
            fix = replace(fix, vel_e_m_s=0.0, vel_n_m_s=0.0, s_acc_m_s=_UNKNOWN_SPEED_M_S)
        if self.frame is None:
            self._set_origin(fix)
        assert self.frame is not None
        place = self.frame.to_local(fix.lat_deg, fix.lon_deg, fix.alt_amsl_m)
        horizontal, vertical, speed = accuracies(fix, self._settings)
        self._track.update(fix, place, horizontal)
        self._rest.on_speed(fix.t_ns, sqrt(fix.vel_e_m_s**2 + fix.vel_n_m_s**2))
        self.watch.on_fix(fix, place)
        if self.filter is None:
            self._aligner.on_gnss(fix)
            return
        t_ns = fix.t_ns - int(self._settings.gnss_latency_s * 1e9)
        trust = self.watch.trust
        if self._settings.watch_gnss:
            trust.on_fix(fix, place, (horizontal, vertical), self.watch.baro_height_m, self.filter)
        self.filter.offer(measurements.gnss_position(t_ns, place[0], place[1], horizontal, trust.position.set))
        self.filter.offer(measurements.gnss_height(t_ns, place[2], vertical, trust.height.set))
        self.filter.offer(measurements.gnss_velocity(t_ns, fix, speed, trust.velocity.set))
        for kind, detail in recover(self.filter, self._track, self.watch.baro_height_m, self._settings, t_ns, trust):
            if kind == "fusion_position_reset":
                trust.forget()
            self._say(fix.t_ns, kind, detail)
        if self._settings.watch_gnss and (
            why := self.watch.odd.ask(fix.t_ns, self.filter, trust, self._track.steady_s())
        ):
            self._restart(fix.t_ns, why)

    def on_pressure(self, sample: PressureSample) -> None:
        """Take static pressure; only its changes matter, the offset is estimated."""
        if sample.t_ns - self._baro_ns < int(self._settings.baro_interval_s * 1e9) and sample.t_ns >= self._baro_ns:
            return
        if not self.intake.scalar("baro", sample.t_ns, sample.pressure_pa, 10_000.0, 120_000.0):
            return
        self._baro_ns = sample.t_ns
        origin = self.frame.alt_amsl_m if self.frame is not None else 0.0
        height = altitude_of_pressure_m(sample.pressure_pa) - origin
        self._rest.on_height(height)
        if self.frame is None:
            return
        alive = self.watch.on_height(sample.t_ns, height, self._rest.flying, self.filter)
        if self.filter is not None and alive:
            reading = measurements.barometer(sample.t_ns, height, self._settings.baro_std_m)
            self.filter.offer(replace(reading, probe=True) if self.watch.trust.pressure.set else reading)

    def on_mag(self, sample: MagSample) -> None:
        """Take a magnetic field; only its direction matters (some autopilots scale it wrongly)."""
        s = self._settings
        if not s.use_magnetometer or 0 <= sample.t_ns - self._mag_ns < int(s.mag_interval_s * 1e9):
            return
        size = sqrt(sum(v * v for v in sample.field_t)) if all(abs(v) < 1e9 for v in sample.field_t) else inf
        if not self.intake.scalar("mag", sample.t_ns, size, 1e-9, 1e9):
            return
        self._mag_ns = sample.t_ns
        if self.filter is None:
            self._aligner.on_mag(sample)
            return
        times = self.watch.on_mag(sample, self.filter)
        std, floor = times * radians(s.mag_std_deg), radians(s.mag_floor_deg)
        if times > 0.0:
            self._offer(measurements.magnetic_heading(sample.t_ns, sample.field_t, self._declination, std, floor))

    def on_flow(self, sample: FlowSample) -> None:
        """Take a reading of optical flow."""
        self._offer(self._aids.flow(sample))

    def on_range(self, sample: RangeSample) -> None:
        """Take a distance to the ground below."""
        self._offer(self._aids.range(sample))

    def on_airspeed(self, sample: AirspeedSample) -> None:
        """Take an airspeed."""
        self._offer(self._aids.airspeed(sample))

    def on_autopilot(self, sample: FcuGlobal | FcuLocal) -> None:
        """Take the autopilot's own estimate: it is compared, never fused."""
        if self.filter is not None and self.frame is not None:
            self.watch.on_autopilot(sample, self.frame, self.filter, self._levels)

    def on_extended(self, state: ExtendedState) -> None:
        """Take the autopilot's word on landing: on the ground a quiet IMU means standing still."""
        self._landing = state
        airborne = state.landed_state > _LANDED
        self._rest.on_landed(state.t_ns, state.landed_state == _LANDED, airborne)
        self._aligner.airborne = airborne

    # ------------------------------------------------------------ outputs

    def odometry(self, now_ns: int) -> Odometry | None:
        """Return the estimate at the newest IMU sample; None while aligning or when the IMU is silent."""
        if self.filter is None or self._imu is None or self._silent(now_ns) or not self._check_sane(now_ns):
            return None
        x = self.filter.output().tolist()
        (ee, _, _), (_, nn, _), (_, _, uu), (ve, vn, vu) = self._variances().tolist()
        gyro = self._imu.gyro_rad_s
        return Odometry(
            t_ns=self.filter.newest_ns,
            position_enu_m=(x[0], x[1], x[2]),
            velocity_enu_m_s=(x[3], x[4], x[5]),
            quat_wxyz=(x[6], x[7], x[8], x[9]),
            rates_flu_rad_s=(gyro[0] - x[10], gyro[1] - x[11], gyro[2] - x[12]),
            position_var_m2=(ee, nn, uu),
            velocity_var_m2_s2=(ve, vn, vu),
        )

    def status(self, now_ns: int) -> FusionStatus:
        """Return integrity, protection levels and the estimate in the world."""
        usable = self.filter is not None and not self._silent(now_ns) and self._check_sane(now_ns)
        if not usable or self.filter is None or self.frame is None:
            self._settle(now_ns, Finding(Integrity.ALIGNING, self._waiting(now_ns)))
            return self._no_estimate(now_ns)
        evidence = self.watch.evidence(now_ns, self.filter)
        self._settle(now_ns, judge(evidence, self._settings))
        finding = self._integrity.finding
        position = self._variances()
        hpl, vpl = protection_levels(position[:3], evidence.slip_m, evidence.height_gap_m)
        used = evidence.fix_age_s <= self._settings.coast_after_s and not self.watch.trust.position.set
        origin = (self.frame.lat_deg, self.frame.lon_deg, self.frame.alt_amsl_m)
        place = self.frame.to_geodetic(*self.filter.output()[:3].tolist())
        self._levels = levels = (min(hpl, UNKNOWN_M), min(vpl, UNKNOWN_M))
        stds = (sqrt(position[0, 0]), sqrt(position[1, 1]), sqrt(position[2, 2]))
        return FusionStatus(now_ns, finding.integrity, finding.reason, *origin, *place, *levels, stds, used)

    def counts(self) -> dict[str, object]:
        """Return what diagnostics show: readings refused by gate and at the door, by reason."""
        gates = {} if self.filter is None else self.filter.gates
        return {**{f"{name} refused": gate.rejected for name, gate in gates.items()}, **self.intake.refused}

    def take_events(self) -> list[Event]:
        """Return and forget the events since the last call."""
        taken, self.events = self.events, []
        return taken

    # ------------------------------------------------------------ inside

    def _offer(self, measurement: measurements.Measurement | None) -> None:
        if measurement is not None and self.filter is not None:
            self.filter.offer(measurement)

    def _set_origin(self, fix: GnssFix) -> None:
        self.frame, far = frame_of(fix, self._settings)
        origin = (self.frame.lat_deg, self.frame.lon_deg, self.frame.alt_amsl_m)
        self._declination = declination_rad(*origin, self._settings.magnetic_year)
        if far:
            place = f"{origin[0]:.5f}, {origin[1]:.5f}"
            self._say(fix.t_ns, "fusion_origin", f"origin set to the first fix, far from the site: {place}")

    def _begin(self, start: Start) -> None:
        s = self._settings
        delay_ns = int((s.gnss_latency_s + s.arrival_slack_s) * 1e9)
        self.filter = ErrorStateFilter(self._noise, delay_ns, s.gate_sigma, start.x, start.p, start.t_ns, start.imu)
        if self.watch.fix is not None:
            self.filter.gate("gnss_position").accepted_ns = self.watch.fix.t_ns
        self._rest.begin(start.at_rest)
        self._say(start.t_ns, "fusion_aligned", "aligned at rest" if start.at_rest else "aligned in motion")

    def _restart(self, t_ns: int, why: str) -> None:
        if self.filter is not None:
            self._say(t_ns, "fusion_restart", f"{why}: aligning anew")
        self._start_over()

    def _check_sane(self, now_ns: int) -> bool:
        if self.filter is not None and not self.filter.is_sane(UNKNOWN_M):
            self._restart(now_ns, "the estimate diverged")
        return self.filter is not None

    def _silent(self, now_ns: int) -> bool:
        return self._imu is None or now_ns - self._imu.t_ns > int(self._settings.silent_s * 1e9)

    def _waiting(self, now_ns: int) -> str:
        if self._imu is None:
            return "waiting for IMU"
        if self._silent(now_ns):
            return f"IMU silent for {(now_ns - self._imu.t_ns) * 1e-9:.1f} s"
        return self.watch.imu.reason() if self.watch.imu.dead(self._settings.silent_s) else self._aligner.reason

    def _variances(self) -> NDArray[np.float64]:
        """Return (4, 3) as the filter does, with the slow part of the receiver's error in the position."""
        assert self.filter is not None
        out = self.filter.output_variances()
        if self.watch.fix is not None:
            horizontal, vertical, _ = accuracies(self.watch.fix, self._settings)
            slow = self._settings.gnss_slow_error**2
            out[0, 0] += slow * horizontal**2
            out[1, 1] += slow * horizontal**2
            out[2, 2] += slow * vertical**2
        return out

    def _settle(self, now_ns: int, finding: Finding) -> None:
        if self._integrity.settle(now_ns, finding):
            reason = f": {finding.reason}" if finding.reason else ""
            self._say(now_ns, "fusion_integrity", f"{finding.integrity.name.lower()}{reason}")

    def _no_estimate(self, now_ns: int) -> FusionStatus:
        fix, finding = self.watch.fix, self._integrity.finding
        frame = self.frame if self.frame is not None else self._settings.site
        origin = (frame.lat_deg, frame.lon_deg, frame.alt_amsl_m)
        place = origin if fix is None else (fix.lat_deg, fix.lon_deg, fix.alt_amsl_m)
        unknown = (UNKNOWN_M, UNKNOWN_M, UNKNOWN_M)
        return FusionStatus(
            now_ns, finding.integrity, finding.reason, *origin, *place, UNKNOWN_M, UNKNOWN_M, unknown, False
        )

    def _say(self, t_ns: int, kind: str, detail: str) -> None:
        self.events.append(Event(t_ns, SOURCE, kind, detail))
