"""Barometer or GNSS height: which of them has left the others, when the two disagree.

Four witnesses are compared by how far each has moved over some spans of time: pressure height, GNSS height, the
integral of GNSS vertical velocity less its usual error, and, over the shortest span, the estimate, which is inertial.

A receiver's height is wrong when it moves fast and neither the pressure nor the inertial sensors do, when its own
vertical velocity is not felt, or when it clearly leaves that velocity's integral while the pressure stays with it. A
receiver that gives itself away in none of these ways, nor in its position, is right: between two sensors that drift
apart slowly the absolute one is the better guess, because its error is bounded by its geometry, that of a failing
barometer by nothing. Without a vertical velocity to ask, nothing is decided.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from math import isfinite, nan, sqrt

FAST_S = 3.0
_SPANS_S = (10.0, 30.0)
"""Over which a slow disagreement is looked for."""
_GAP_M = 3.0
_ACCURACIES = (1.0, 1.0, 1.5)
"""How many times the receiver's accuracy comes on top of that, for the fast span and the slow ones."""
_AIR = 0.08
"""Share of a height flown that warm or cold air adds to the pressure's."""
_CLIMB_M_S, _CLIMB_FIXES = 4.8, 5
_MAX_STEP_S, _SMOOTH_S = 2.0, 0.6
_USUAL_S = 60.0
_MIN_SLIP_M, _SLIP_SIGMA = 2.0, 3.0
_SUSPECT, _ALONE = 0.5, 1.5
"""Shares of what is too far: from which the pressure is suspect, and from which GNSS height alone convicts it."""


@dataclass(frozen=True, slots=True)
class _Past:
    t_ns: int
    gap_m: float
    """GNSS height less pressure height."""
    miss_m: float
    """GNSS height less the estimate's."""
    slip_m: float
    """GNSS height less the integral of its vertical velocity; NaN without one."""
    pressure_m: float
    offset_m: float
    """The barometer's, as estimated."""


@dataclass
class _UsualSlip:
    """The usual rate at which height and vertical velocity of a receiver part, and its scatter over ten seconds."""

    mean_m_s: float = 0.0
    variance_m2: float = 0.0

    def learn(self, slip_m: float, span_s: float, share: float) -> None:
        off = slip_m - self.mean_m_s * span_s
        self.mean_m_s += share * off / span_s
        self.variance_m2 += share * (off * off - self.variance_m2)


@dataclass
class HeightTrack:
    """Follows the heights that the sensors tell.

    Attributes:
        gap_change_m: change of GNSS height less pressure height over three seconds.
        miss_change_m: the same against the estimate's height.
        climb_error_m_s: vertical velocity less the estimate's, mean of the last five fixes.
        step_s: between the last two fixes.
    """

    step_s: float = 0.0
    gap_change_m: float = 0.0
    miss_change_m: float = 0.0
    climb_error_m_s: float = 0.0
    _past: deque[_Past] = field(default_factory=deque)
    _climbs: deque[float] = field(default_factory=lambda: deque(maxlen=_CLIMB_FIXES))
    _usual: _UsualSlip = field(default_factory=_UsualSlip)
    _climbed: float = 0.0
    _velocity: float = nan
    _span_s: float = FAST_S

    def update(
        self,
        t_ns: int,
        height_m: float,
        climb_m_s: float,
        pressure_m: float | None,
        estimate: tuple[float, float, float],
    ) -> None:
        """Take a fix.

        Args:
            t_ns: its time.
            height_m, climb_m_s: what it says; NaN: no vertical velocity.
            pressure_m: pressure height at that time; None: no barometer.
            estimate: its height (m) and climb (m/s) at that time, and the barometer's offset (m).
        """
        dt = 0.0 if not self._past else (t_ns - self._past[-1].t_ns) * 1e-9
        if not 0.0 < dt < _MAX_STEP_S:
            self._past.clear()
            self._climbs.clear()
            self._climbed = 0.0
        else:
            self._climbed += 0.5 * dt * (climb_m_s + self._velocity)
        self._velocity, self.step_s = climb_m_s, max(0.0, min(dt, _MAX_STEP_S))
        if not isfinite(self._climbed):
            # A velocity that comes and goes has no integral: what went before it does not count.
            self._climbed = 0.0
            self._past = deque(replace(past, slip_m=nan) for past in self._past)
        slip = height_m - self._climbed if isfinite(climb_m_s) else nan
        pressure = nan if pressure_m is None else pressure_m
        self._keep(_Past(t_ns, height_m - pressure, height_m - estimate[0], slip, pressure, estimate[2]), dt)
        before, now = self._at(FAST_S), self._past[-1]
        self.gap_change_m, self.miss_change_m = now.gap_m - before.gap_m, now.miss_m - before.miss_m
        if isfinite(climb_m_s):
            self._climbs.append(climb_m_s - estimate[1])
        full = len(self._climbs) == _CLIMB_FIXES
        self.climb_error_m_s = sum(self._climbs) / _CLIMB_FIXES if full else 0.0

    def learn(self) -> None:
        """Take the present as usual: nothing is in doubt."""
        now, before = self._past[-1], self._at(_SPANS_S[0])
        slip, span_s = now.slip_m - before.slip_m, (now.t_ns - before.t_ns) * 1e-9
        if isfinite(slip) and span_s > 0.9 * _SPANS_S[0]:
            self._usual.learn(slip, span_s, min(1.0, self.step_s / _USUAL_S))

    def forget(self) -> None:
        """Leave behind what went before: it is settled."""
        self._past = deque([self._past[-1]])

    def gnss_strays(self, v_acc_m: float) -> str:
        """Return what is wrong with GNSS height in words; empty: nothing."""
        self._span_s = FAST_S
        moved = abs(self.gap_change_m)
        if moved > self._limit(FAST_S, 0, v_acc_m) and abs(self.miss_change_m) > 0.5 * moved:
            return f"GNSS height moved {moved:.0f} m in {FAST_S:.0f} s and the pressure did not"
        if abs(self.climb_error_m_s) > _CLIMB_M_S:
            return f"GNSS climbs {abs(self.climb_error_m_s):.0f} m/s that are not felt"
        return self.gnss_slips(v_acc_m)

    def gnss_slips(self, v_acc_m: float) -> str:
        """Return in words that GNSS height has left its own vertical velocity and the pressure has not; empty: no."""
        for i, span_s in enumerate(_SPANS_S):
            gnss, pressure, gap = self._apart(span_s)
            if gap > self._limit(span_s, 1 + i, v_acc_m) and self._convicted(gnss, pressure, span_s):
                self._span_s = span_s
                return f"GNSS height left its own vertical velocity by {gnss:.0f} m in {span_s:.0f} s"
        return ""

    def offset_before_m(self) -> float:
        """Return the barometer's offset of the time from which GNSS height was last found wrong, a second of grace."""
        return self._at(self._span_s + 1.0).offset_m

    def pressure_strays(self, v_acc_m: float) -> tuple[str, float, float]:
        """Return what is wrong with the pressure in words (empty: nothing), how far it has pulled the estimate, and
        what its offset was before."""
        for i, span_s in enumerate(_SPANS_S):
            if (gap := self._blamed(i, v_acc_m, 1.0)) > 0.0:
                before = self._at(span_s)
                reason = f"barometer moved {gap:.0f} m in {span_s:.0f} s and GNSS height did not"
                return reason, self._past[-1].miss_m - before.miss_m, before.offset_m
        return "", 0.0, 0.0

    def pressure_suspect(self, v_acc_m: float) -> bool:
        """Return whether the pressure is on the way there."""
        return any(self._blamed(i, v_acc_m, _SUSPECT) > 0.0 for i in range(len(_SPANS_S)))

    def steady(self, v_acc_m: float) -> bool:
        """Return whether the two heights have kept together for a while."""
        now = self._past[-1]
        for i, span_s in enumerate((FAST_S, *_SPANS_S)):
            change = abs(now.gap_m - self._at(span_s).gap_m)
            if change > 0.5 * self._limit(span_s, i, v_acc_m):
                return False
        return abs(self.climb_error_m_s) < 0.5 * _CLIMB_M_S

    def steady_fast(self, v_acc_m: float) -> bool:
        """Return whether GNSS height has kept to the pressure for three seconds, and to what is felt."""
        limit = 0.5 * (_GAP_M + v_acc_m)
        return not abs(self.gap_change_m) >= limit and abs(self.climb_error_m_s) < 0.5 * _CLIMB_M_S

    def _keep(self, now: _Past, dt: float) -> None:
        if self._past:
            now = _smoothed(self._past[-1], now, min(1.0, dt / _SMOOTH_S))
        self._past.append(now)
        while now.t_ns - self._past[0].t_ns > int((_SPANS_S[-1] + 0.5) * 1e9):
            self._past.popleft()

    def _at(self, span_s: float) -> _Past:
        t_ns = self._past[-1].t_ns - int(span_s * 1e9)
        return next(past for past in self._past if past.t_ns >= t_ns)

    def _apart(self, span_s: float) -> tuple[float, float, float]:
        """Return how far GNSS height and pressure left the vertical velocity's integral, and each other; zero: cannot
        say."""
        now, before = self._past[-1], self._at(span_s)
        usual = self._usual.mean_m_s * (now.t_ns - before.t_ns) * 1e-9
        gnss, gap = now.slip_m - before.slip_m - usual, now.gap_m - before.gap_m
        if not isfinite(gnss + gap):
            return 0.0, 0.0, 0.0
        return abs(gnss), abs(gnss - gap), abs(gap)

    def _blamed(self, i: int, v_acc_m: float, share: float) -> float:
        """Return how far the pressure moved against GNSS height over a slow span, if that is too far; else zero."""
        gnss, pressure, gap = self._apart(_SPANS_S[i])
        limit = share * self._limit(_SPANS_S[i], 1 + i, v_acc_m)
        too_far = gap > (limit if gnss < pressure else _ALONE * limit)
        return gap if too_far and not self._convicted(gnss, pressure, _SPANS_S[i]) else 0.0

    def _convicted(self, gnss: float, pressure: float, span_s: float) -> bool:
        """Return whether GNSS height has left its vertical velocity's integral for sure, and the pressure has not."""
        usual = sqrt(self._usual.variance_m2 * span_s / _SPANS_S[0])
        return pressure < gnss and gnss > _MIN_SLIP_M + _SLIP_SIGMA * usual

    def _limit(self, span_s: float, i: int, v_acc_m: float) -> float:
        flown = abs(self._past[-1].pressure_m - self._at(span_s).pressure_m)
        return _GAP_M + _ACCURACIES[i] * v_acc_m + _AIR * flown


def _smoothed(before: _Past, now: _Past, share: float) -> _Past:
    """Return the mean of now and what was before, `share` of it new: noise is no movement."""

    def mean(old: float, new: float) -> float:
        return old + share * (new - old) if isfinite(old) else new

    return _Past(
        now.t_ns,
        mean(before.gap_m, now.gap_m),
        mean(before.miss_m, now.miss_m),
        mean(before.slip_m, now.slip_m),
        mean(before.pressure_m, now.pressure_m),
        now.offset_m,
    )
