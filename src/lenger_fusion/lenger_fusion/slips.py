"""A receiver's position against its own velocity, and its velocity against the accelerations that are felt."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import hypot

from lenger_core.samples import GnssFix, Vec3

SLIP_S, SLIP_LONG_S = 3.0, 10.0
_SLIP_M, _SLIP_LONG_M = 3.0, 5.0
"""A good receiver's position stays this near to the integral of its velocity, over each span; its accuracy (once and
twice) comes on top."""
_UNFELT_M_S = 3.0
"""A velocity change over the short span that dead reckoning does not share, though it has been without GNSS for long;
thrice the speed accuracy comes on top."""
_MAX_STEP_S, _SMOOTH_S = 2.0, 0.6
_UNKNOWN_SPEED_M_S = 20.0


@dataclass(frozen=True, slots=True)
class _Past:
    t_ns: int
    east_m: float
    """Position less the integral of the receiver's own velocity."""
    north_m: float
    east_m_s: float
    """Velocity less the estimate's."""
    north_m_s: float

    def smoothed(self, before: _Past, share: float) -> _Past:
        """Return the mean of this and what was before, `share` of it new: noise is no movement."""
        new = (self.east_m, self.north_m, self.east_m_s, self.north_m_s)
        old = (before.east_m, before.north_m, before.east_m_s, before.north_m_s)
        return _Past(self.t_ns, *(b + share * (a - b) for a, b in zip(new, old, strict=True)))


@dataclass
class SlipTrack:
    """Follows a receiver's fixes.

    Attributes:
        slip_m: how far the position moved without its velocity, over `SLIP_S` and `SLIP_LONG_S`.
        unfelt_m_s: by how much the velocity changed over `SLIP_S` where the estimate's did not.
    """

    slip_m: tuple[float, float] = (0.0, 0.0)
    unfelt_m_s: float = 0.0
    _past: deque[_Past] = field(default_factory=deque)
    _moved: tuple[float, float] = (0.0, 0.0)
    _last: GnssFix | None = None
    _own_ns: int = -1
    _felt_ns: int = -1

    def update(self, fix: GnssFix, place: Vec3, velocity_m_s: tuple[float, float], h_acc_m: float) -> None:
        """Take a fix, its place, the estimate's velocity (east, north) and the receiver's accuracy."""
        last, self._last = self._last, fix
        dt = 0.0 if last is None else (fix.t_ns - last.t_ns) * 1e-9
        if last is None or not 0.0 < dt < _MAX_STEP_S or fix.s_acc_m_s >= _UNKNOWN_SPEED_M_S:
            self._past.clear()
            self._moved = (0.0, 0.0)
            self._own_ns = self._felt_ns = fix.t_ns
        else:
            east = self._moved[0] + 0.5 * dt * (fix.vel_e_m_s + last.vel_e_m_s)
            self._moved = (east, self._moved[1] + 0.5 * dt * (fix.vel_n_m_s + last.vel_n_m_s))
        apart = (fix.vel_e_m_s - velocity_m_s[0], fix.vel_n_m_s - velocity_m_s[1])
        now = _Past(fix.t_ns, place[0] - self._moved[0], place[1] - self._moved[1], *apart)
        if self._past:
            now = now.smoothed(self._past[-1], min(1.0, dt / _SMOOTH_S))
        self._past.append(now)
        while fix.t_ns - self._past[0].t_ns > int((SLIP_LONG_S + 0.5) * 1e9):
            self._past.popleft()
        self.slip_m = (self._slip(now, SLIP_S), self._slip(now, SLIP_LONG_S))
        before = self._at(fix.t_ns - int(SLIP_S * 1e9))
        self.unfelt_m_s = hypot(now.east_m_s - before.east_m_s, now.north_m_s - before.north_m_s)
        if self.slips(h_acc_m):
            self._own_ns = fix.t_ns
        if not self.unfelt_m_s <= _UNFELT_M_S + 3.0 * (fix.s_acc_m_s if fix.s_acc_m_s > 0.0 else 0.5):
            self._felt_ns = fix.t_ns

    def forget(self) -> None:
        """Leave behind what went before: it is settled."""
        self._past.clear()

    def slips(self, h_acc_m: float) -> bool:
        """Return whether the position has left its own velocity."""
        return self.slip_m[0] > _SLIP_M + h_acc_m or self.slip_m[1] > _SLIP_LONG_M + 2.0 * h_acc_m

    def steady(self, h_acc_m: float) -> bool:
        """Return whether position and velocity have told the same story for three seconds."""
        return self.slip_m[0] <= _SLIP_M + h_acc_m

    def own_s(self) -> float:
        """Return for how long position and velocity have told the same story."""
        return self._since_s(self._own_ns)

    def felt_s(self) -> float:
        """Return for how long every change of its velocity was felt."""
        return self._since_s(self._felt_ns)

    def _since_s(self, t_ns: int) -> float:
        return 0.0 if self._last is None else (self._last.t_ns - t_ns) * 1e-9

    def _at(self, t_ns: int) -> _Past:
        return next((past for past in self._past if past.t_ns >= t_ns), self._past[-1])

    def _slip(self, now: _Past, span_s: float) -> float:
        past = self._at(now.t_ns - int(span_s * 1e9))
        return hypot(now.east_m - past.east_m, now.north_m - past.north_m)
