"""Whether the receiver may be believed: its position against its own velocity, its height against barometer and climb.

A receiver that is led astray, or that fails, gives itself away before it is far off: the position moves without the
velocity that would carry it there, the velocity is not the one that is felt, the height changes where the pressure does
not. Each verdict latches: what was caught once has to agree with everything else for some seconds before it is used
again. Until then its readings are only compared.

What cannot be seen so: position and velocity that move together, slowly enough for the inertial sensors, where neither
flow nor air drag measures another speed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import hypot

from lenger_core.samples import GnssFix, Vec3
from lenger_fusion.filter import ErrorStateFilter

SLIP_S, SLIP_LONG_S = 3.0, 10.0
_SLIP_M, _SLIP_LONG_M = 3.0, 5.0
"""A good receiver's position stays this near to the integral of its velocity, over each span; its accuracy (once and
twice) comes on top."""
_HEIGHT_SPAN_S = 3.0
_GAP_M, _CLIMB_M_S, _CLIMB_FIXES = 3.0, 4.8, 5
_MAX_STEP_S = 2.0
_SMOOTH_S = 0.6
_REFUSED_S = 1.0
_LED_NS = 3_000_000_000
_AGREE_S, _HEIGHT_AGREE_S = 2.0, 10.0
_AGREE_SIGMA = 3.0
_UNKNOWN_SPEED_M_S = 20.0


@dataclass
class Latch:
    """A verdict that stays until enough has spoken against it.

    Attributes:
        since_ns: when it fell; -1 while there is none.
        reason: why, in words.
        agreeing_ns: since when everything has agreed again; -1 while it does not.
    """

    since_ns: int = -1
    reason: str = ""
    agreeing_ns: int = -1

    @property
    def set(self) -> bool:
        """Whether the verdict stands."""
        return self.since_ns >= 0

    def fall(self, t_ns: int, reason: str) -> bool:
        """Set it, or keep it set; return whether that is new."""
        new = not self.set
        if new:
            self.since_ns, self.reason = t_ns, reason
        self.agreeing_ns = -1
        return new

    def agree(self, t_ns: int, agrees: bool, for_s: float) -> bool:
        """Book whether all agrees at `t_ns`; return whether the verdict was lifted by that."""
        if not self.set:
            return False
        if not agrees:
            self.agreeing_ns = -1
            return False
        if self.agreeing_ns < 0:
            self.agreeing_ns = t_ns
        if t_ns - self.agreeing_ns < int(for_s * 1e9):
            return False
        self.since_ns = self.agreeing_ns = -1
        return True


@dataclass(frozen=True, slots=True)
class _Past:
    t_ns: int
    east_m: float
    """Position less the integral of the receiver's own velocity."""
    north_m: float
    gap_m: float
    """GNSS height less pressure height."""
    miss_m: float
    """GNSS height less the estimate's."""

    def smoothed(self, before: _Past, share: float) -> _Past:
        """Return the mean of this and what was before, `share` of it new: noise is no movement."""
        new = (self.east_m, self.north_m, self.gap_m, self.miss_m)
        old = (before.east_m, before.north_m, before.gap_m, before.miss_m)
        return _Past(self.t_ns, *(b + share * (a - b) for a, b in zip(new, old, strict=True)))


@dataclass
class SlipTrack:
    """Follows a receiver's position against its own velocity, and its height against the others.

    Attributes:
        slip_m: how far the position moved without its velocity, over `SLIP_S` and `SLIP_LONG_S`.
        gap_change_m: change of GNSS height less pressure height over three seconds.
        miss_change_m: the same against the estimate's height.
        climb_error_m_s: vertical velocity less the estimate's, mean of the last five fixes.
    """

    slip_m: tuple[float, float] = (0.0, 0.0)
    gap_change_m: float = 0.0
    miss_change_m: float = 0.0
    climb_error_m_s: float = 0.0
    _past: deque[_Past] = field(default_factory=deque)
    _moved: tuple[float, float] = (0.0, 0.0)
    _last: GnssFix | None = None
    _climbs: deque[float] = field(default_factory=lambda: deque(maxlen=_CLIMB_FIXES))

    def update(self, fix: GnssFix, place: Vec3, pressure_m: float | None, estimate: tuple[float, float] | None) -> None:
        """Take a fix and its place; beside it pressure height, and height and climb of the estimate at its time."""
        last, self._last = self._last, fix
        dt = 0.0 if last is None else (fix.t_ns - last.t_ns) * 1e-9
        if last is None or not 0.0 < dt < _MAX_STEP_S or fix.s_acc_m_s >= _UNKNOWN_SPEED_M_S:
            self._past.clear()
            self._climbs.clear()
            self._moved = (0.0, 0.0)
        else:
            east = self._moved[0] + 0.5 * dt * (fix.vel_e_m_s + last.vel_e_m_s)
            self._moved = (east, self._moved[1] + 0.5 * dt * (fix.vel_n_m_s + last.vel_n_m_s))
        gap = place[2] - pressure_m if pressure_m is not None else 0.0
        miss = place[2] - estimate[0] if estimate is not None else 0.0
        now = _Past(fix.t_ns, place[0] - self._moved[0], place[1] - self._moved[1], gap, miss)
        if self._past:
            now = now.smoothed(self._past[-1], min(1.0, dt / _SMOOTH_S))
        self._past.append(now)
        while fix.t_ns - self._past[0].t_ns > int((SLIP_LONG_S + 0.5) * 1e9):
            self._past.popleft()
        self.slip_m = (self._slip(now, SLIP_S), self._slip(now, SLIP_LONG_S))
        before = self._at(fix.t_ns - int(_HEIGHT_SPAN_S * 1e9))
        self.gap_change_m, self.miss_change_m = now.gap_m - before.gap_m, now.miss_m - before.miss_m
        if estimate is not None and fix.vel_u_m_s == fix.vel_u_m_s:
            self._climbs.append(fix.vel_u_m_s - estimate[1])
        full = len(self._climbs) == _CLIMB_FIXES
        self.climb_error_m_s = sum(self._climbs) / _CLIMB_FIXES if full else 0.0

    def forget(self) -> None:
        """Leave behind what went before: it is settled."""
        self._past.clear()

    def slips(self, h_acc_m: float) -> bool:
        """Return whether the position has left its own velocity."""
        return self.slip_m[0] > _SLIP_M + h_acc_m or self.slip_m[1] > _SLIP_LONG_M + 2.0 * h_acc_m

    def steady(self, h_acc_m: float) -> bool:
        """Return whether position and velocity have told the same story for three seconds."""
        return self.slip_m[0] <= _SLIP_M + h_acc_m

    def height_strays(self, v_acc_m: float) -> str:
        """Return what is wrong with the height in words; empty: nothing."""
        moved = abs(self.gap_change_m)
        if moved > _GAP_M + v_acc_m and abs(self.miss_change_m) > 0.5 * moved:
            return f"GNSS height moved {moved:.0f} m in {_HEIGHT_SPAN_S:.0f} s and the pressure did not"
        if abs(self.climb_error_m_s) > _CLIMB_M_S:
            return f"GNSS climbs {abs(self.climb_error_m_s):.0f} m/s that are not felt"
        return ""

    def height_steady(self, v_acc_m: float) -> bool:
        """Return whether the height is beyond doubt."""
        return abs(self.gap_change_m) < 0.5 * (_GAP_M + v_acc_m) and abs(self.climb_error_m_s) < 0.5 * _CLIMB_M_S

    def _at(self, t_ns: int) -> _Past:
        return next((past for past in self._past if past.t_ns >= t_ns), self._past[-1])

    def _slip(self, now: _Past, span_s: float) -> float:
        past = self._at(now.t_ns - int(span_s * 1e9))
        return hypot(now.east_m - past.east_m, now.north_m - past.north_m)


class GnssTrust:
    """The verdicts on a receiver: position, velocity, height; while one stands, its readings are only compared."""

    def __init__(self, latency_ns: int) -> None:
        self.position, self.velocity, self.height = Latch(), Latch(), Latch()
        self.track = SlipTrack()
        self._latency_ns = latency_ns

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
        x = estimate.output()
        late_s = 1e-9 * (estimate.newest_ns - fix.t_ns + self._latency_ns)
        height, climb = float(x[2]), float(x[5])
        self.track.update(fix, place, pressure_m, (height - climb * late_s, climb))
        t_ns = fix.t_ns - self._latency_ns
        self._judge_velocity(t_ns, estimate)
        self._judge_position(t_ns, accuracy_m[0], estimate)
        self._judge_height(t_ns, accuracy_m[1], estimate)

    def forget(self) -> None:
        """Believe the receiver again: the estimate was set to it."""
        self.position, self.velocity = Latch(), Latch()

    def doubts(self) -> tuple[str, ...]:
        """Return the reasons of the verdicts that stand, position first."""
        return tuple(v.reason for v in (self.position, self.velocity, self.height) if v.set)

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
        self.velocity.agree(t_ns, gate.probed_nis < _AGREE_SIGMA**2 + 2.0, _AGREE_S)

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

    def _judge_height(self, t_ns: int, v_acc_m: float, estimate: ErrorStateFilter) -> None:
        wrong = self.track.height_strays(v_acc_m)
        if wrong and self.height.fall(t_ns, wrong):
            estimate.undo((2,), t_ns - int((_HEIGHT_SPAN_S + 1.0) * 1e9))
        agrees = self.track.height_steady(v_acc_m) and estimate.gate("gnss_height").probed_nis < _AGREE_SIGMA**2
        self.height.agree(t_ns, agrees, _HEIGHT_AGREE_S)
