"""Whom to believe: the receiver's position, velocity and height, and the barometer beside it.

A receiver that is led astray, or that fails, gives itself away before it is far off: the position moves without the
velocity that would carry it there, the velocity is not the one that is felt, the height changes where the pressure does
not. Each verdict latches: what was caught once has to agree with everything else for some seconds before it is used
again. Until then its readings are only compared. Of barometer and GNSS height one is always used.

What cannot be seen so: position and velocity that move together, slowly enough for the inertial sensors, where neither
flow nor air drag measures another speed.
"""

from __future__ import annotations

from lenger_core.samples import GnssFix, Vec3
from lenger_fusion import kernels
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.heights import FAST_S, HeightTrack
from lenger_fusion.latch import Latch
from lenger_fusion.slips import SLIP_LONG_S, SLIP_S, SlipTrack

_BARO = 1 + kernels.BARO
"""The barometer's offset in the state."""
_REFUSED_S = 1.0
_LED_NS = 3_000_000_000
_ALIVE_NS = 2_000_000_000
_AGREE_S, _HEIGHT_AGREE_S = 2.0, 10.0
_AGREE_SIGMA = 3.0


class GnssTrust:
    """The verdicts: position, velocity and height of the receiver, pressure; while one stands, it is only compared."""

    def __init__(self, latency_ns: int) -> None:
        self.position, self.velocity, self.height, self.pressure = Latch(), Latch(), Latch(), Latch()
        self.track = SlipTrack()
        self.heights = HeightTrack()
        self._latency_ns = latency_ns
        self._offset_m = 0.0
        """The barometer's, before it fell."""

    def on_fix(
        self,
        fix: GnssFix,
        place: Vec3,
        accuracy_m: tuple[float, float],
        pressure_m: float | None,
        estimate: ErrorStateFilter,
    ) -> None:
        """Judge a fix before it is offered; what a false position has already moved is taken back.

        Args:
            fix: of the receiver.
            place: of it in the local frame, m.
            accuracy_m: horizontal and vertical, one sigma.
            pressure_m: height by pressure, if there is one.
            estimate: as it stands.
        """
        t_ns = fix.t_ns - self._latency_ns
        x = estimate.output()
        late_s = 1e-9 * (estimate.newest_ns - t_ns)
        height, climb = float(x[2]), float(x[5])
        alive = pressure_m is not None and _alive(estimate)
        then_m = pressure_m - climb * late_s if pressure_m is not None and alive else None
        self.track.update(fix, place, (float(estimate.x[3]), float(estimate.x[4])), accuracy_m[0])
        self.heights.update(
            fix.t_ns, place[2], fix.vel_u_m_s, then_m, (height - climb * late_s, climb, float(x[_BARO]))
        )
        self._judge_velocity(t_ns, estimate)
        self._judge_position(t_ns, accuracy_m[0], estimate)
        self._judge_height(t_ns, accuracy_m[1], estimate, alive)
        self._judge_pressure(t_ns, accuracy_m[1], estimate, pressure_m)
        if not self.doubts():
            self.heights.learn()
        # Only GNSS height tells the barometer's drift: without it the offset has to stay.
        estimate.hold_baro(self.height.set and alive and not self.pressure.set)

    def forget(self) -> None:
        """Believe the receiver again: the estimate was set to it."""
        self.position, self.velocity = Latch(), Latch()

    def doubts(self) -> tuple[str, ...]:
        """Return the reasons of the verdicts that stand, position first."""
        return tuple(v.reason for v in (self.position, self.velocity, self.height, self.pressure) if v.set)

    def led_astray(self, now_ns: int, h_acc_m: float, seen: bool) -> str:
        """Return why somebody seems to lead the receiver, which calmly tells another story; empty: nobody.

        Args:
            now_ns: the time.
            h_acc_m: what the receiver says of itself.
            seen: whether optical flow speaks for the estimate.
        """
        calm = seen or self.track.steady(h_acc_m)
        lasts = self.position.set and now_ns - self.position.since_ns > _LED_NS
        return self.position.reason if calm and lasts else ""

    def _judge_velocity(self, t_ns: int, estimate: ErrorStateFilter) -> None:
        gate = estimate.gate("gnss_velocity")
        if gate.rejecting_s(t_ns) > _REFUSED_S and not self.velocity.set:
            self.velocity.fall(t_ns, "GNSS velocity contradicts the estimate")
        # After long dead reckoning any velocity fits: it must also change as it is felt.
        agrees = gate.probed_nis < _AGREE_SIGMA**2 + 2.0 and self.track.felt_s() > _AGREE_S
        self.velocity.agree(t_ns, agrees, _AGREE_S)

    def _judge_position(self, t_ns: int, h_acc_m: float, estimate: ErrorStateFilter) -> None:
        gate = estimate.gate("gnss_position")
        if not self.position.set and self.track.slips(h_acc_m):
            self.position.fall(t_ns, "GNSS position moves without its velocity")
            span_s = SLIP_S if not self.track.steady(h_acc_m) else SLIP_LONG_S
            estimate.undo((0, 1), t_ns - int((span_s + 1.0) * 1e9))
        elif self.velocity.set:
            self.position.fall(t_ns, self.velocity.reason)
        elif gate.rejecting_s(t_ns) > _REFUSED_S and not self.position.set:
            self.position.fall(t_ns, "GNSS position contradicts the estimate")
        agrees = gate.probed_nis < _AGREE_SIGMA**2 + 2.0 and self.track.steady(h_acc_m) and not self.velocity.set
        if self.position.agree(t_ns, agrees, _AGREE_S):
            self.track.forget()

    def _judge_height(self, t_ns: int, v_acc_m: float, estimate: ErrorStateFilter, alive: bool) -> None:
        if self.pressure.set:
            return
        wrong = self.heights.gnss_strays(v_acc_m)
        if wrong and self.height.fall(t_ns, wrong):
            if alive:
                estimate.restore_offset(self.heights.offset_before_m())
            else:
                estimate.undo((2,), t_ns - int((FAST_S + 1.0) * 1e9))
        fallen = self.position.set and alive
        if fallen and not self.height.set:
            self.height.fall(t_ns, f"GNSS height is not used: {self.position.reason}")
        agrees = self.heights.steady_fast(v_acc_m) and estimate.gate("gnss_height").probed_nis < _AGREE_SIGMA**2
        if self.height.agree(t_ns, agrees and not fallen, _HEIGHT_AGREE_S):
            self.heights.forget()

    def _judge_pressure(self, t_ns: int, v_acc_m: float, estimate: ErrorStateFilter, pressure_m: float | None) -> None:
        if self.height.set or pressure_m is None:
            return
        if self.pressure.set and (wrong := self.heights.gnss_slips(v_acc_m)):
            # It was the other one: back to where the pressure puts the height.
            self.pressure.lift(t_ns)
            self.height.fall(t_ns, wrong)
            estimate.level_baro(pressure_m)
            estimate.restore_offset(self._offset_m)
            return
        wrong, pulled_m, offset_m = self.heights.pressure_strays(v_acc_m)
        if wrong and self.pressure.fall(t_ns, wrong):
            self._offset_m = offset_m
            estimate.shift_height(pulled_m)
        elif self.heights.pressure_suspect(v_acc_m):
            estimate.free_baro(self.heights.step_s)
        if self.pressure.agree(t_ns, self.heights.steady(v_acc_m), _HEIGHT_AGREE_S):
            estimate.level_baro(pressure_m)
            self.heights.forget()


def _alive(estimate: ErrorStateFilter) -> bool:
    """Return whether the barometer still comes, used or not."""
    gate = estimate.gate("baro")
    return gate.rejecting_since_ns >= 0 or gate.accepted_ns > estimate.t_ns - _ALIVE_NS
