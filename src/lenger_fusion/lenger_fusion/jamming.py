"""Jamming, by what a receiver says: it grows worse than it was, in more than one way, before it falls silent.

Signs, each against the receiver's own usual: stated accuracy (or HDOP), satellites, scatter of what it measures
(position against its own velocity, velocity against the estimate), and the loss of the fix. One alone is reception or
another fault; two for a second are jamming. So a receiver that is poor from the start is only poor, one whose messages
stop is only silent, and one that is led astray tells its story in good order.

What looks the same from here: flying from the open into a deep shadow. And a jammer so strong that all satellites go
within one fix looks like a broken antenna: that is not called jamming.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import cos, hypot, isfinite, nan, radians
from statistics import median

from lenger_core.samples import GnssFix
from lenger_fusion.latch import Latch
from lenger_fusion.usual import Usual

_ACCURACY_TIMES, _DOP_TIMES, _SCATTER_TIMES = 3.0, 2.5, 4.0
_FLOOR_H_M, _FLOOR_V_M, _FLOOR_S_M_S, _FLOOR_DOP = 2.5, 4.0, 0.7, 2.5
"""What is better than this is good reception, whatever it was before."""
_SCATTER_M, _SCATTER_M_S = 2.5, 1.0
_FEWER, _FEWER_EASED, _FEW = 0.67, 0.84, 6
"""Satellites: this share of the usual (the second while jammed), where that is at least so many."""
_MOST_SATELLITES = 100
_EASED = 0.6
"""A sign is over when it falls below this share of its limit."""
_LASTS_NS = 1_000_000_000
_CLEAR_S = 5.0
_NOISY_NS = 5_000_000_000
_GAP_NS = 5_000_000_000
_GIVE_UP_NS = 600_000_000_000
_SILENT_NS = 1_000_000_000
_COUNT = 9
_METRES_PER_DEG = 111_320.0


@dataclass
class _Scatter:
    """Median size of the change between successive misses: steady drift and single jumps are not scatter."""

    _last: tuple[float, float] | None = None
    _changes: deque[float] = field(default_factory=lambda: deque(maxlen=_COUNT))

    def add(self, east: float, north: float) -> float:
        """Take a miss; return the median change of the last nine, NaN before there are so many."""
        if not (isfinite(east) and isfinite(north)):
            return nan
        if self._last is not None:
            self._changes.append(hypot(east - self._last[0], north - self._last[1]))
        self._last = (east, north)
        return median(self._changes) if len(self._changes) == _COUNT else nan


@dataclass
class _Normal:
    """What is usual for each quantity of one receiver; satellites as their inverse, so that more is worse."""

    h_acc: Usual = field(default_factory=Usual)
    v_acc: Usual = field(default_factory=Usual)
    s_acc: Usual = field(default_factory=Usual)
    hdop: Usual = field(default_factory=Usual)
    few: Usual = field(default_factory=Usual)
    slip: Usual = field(default_factory=Usual)
    miss: Usual = field(default_factory=Usual)


class JammingWatch:
    """Follows one receiver; every message goes in, with and without a fix.

    Attributes:
        verdict: latched; it is lifted after five seconds of fixes without a sign.
        cut_off: all satellites were lost at once, and there has been no fix since.
    """

    def __init__(self) -> None:
        self.verdict = Latch()
        self.cut_off = False
        self._last: GnssFix | None = None
        self._text = ""
        self._bad_ns = self._lost_ns = -1
        self._start_over()

    def _start_over(self) -> None:
        self._normal = _Normal()
        self._slip, self._miss = _Scatter(), _Scatter()
        self._signs: dict[str, str] = {}
        self._sign_since_ns = self._scatter_ns = -1

    def on_fix(self, fix: GnssFix, velocity_m_s: tuple[float, float] | None) -> None:
        """Take what the receiver says; beside it the estimate's velocity east and north, where there is one."""
        last = self._last
        dt_ns = 0 if last is None else fix.t_ns - last.t_ns
        if last is not None and dt_ns <= 0 and dt_ns > -_GAP_NS:
            return
        self._last = fix
        if last is None or abs(dt_ns) > _GAP_NS:
            self._forget()
            return
        had_fix = last.fix_type >= 3
        signs = self._look(fix, last, dt_ns * 1e-9, velocity_m_s) if fix.fix_type >= 3 else self._lost(fix, had_fix)
        if len(signs) < 2:
            self._bad_ns = -1
        elif self._bad_ns < 0:
            self._bad_ns = fix.t_ns
        if self.verdict.set or (self._bad_ns >= 0 and fix.t_ns - self._bad_ns >= _LASTS_NS):
            self._judge(fix.t_ns, signs)

    def reason(self, now_ns: int) -> str:
        """Return why the receiver seems jammed; empty: it does not."""
        last = self._last
        # Messages that stop say something only of a receiver that was growing worse.
        silent = last is not None and now_ns - last.t_ns > _SILENT_NS
        lasting = last is not None and 0 <= self._sign_since_ns < last.t_ns - _LASTS_NS
        if silent and lasting and self._signs and not self.verdict.set:
            self.verdict.fall(now_ns, "")
            self._text = ", ".join((*self._signs.values(), "then nothing more"))
        return f"GNSS jammed: {self._text}" if self.verdict.set else ""

    @property
    def noisy(self) -> bool:
        """Whether what it measures scattered more than usual a moment ago: nobody tells it a story in good order."""
        last = self._last
        return last is not None and self._scatter_ns >= 0 and last.t_ns - self._scatter_ns < _NOISY_NS

    def _forget(self) -> None:
        self.verdict = Latch()
        self.cut_off = False
        self._bad_ns = -1
        self._start_over()

    def _judge(self, t_ns: int, signs: dict[str, str]) -> None:
        if signs:
            self.verdict.fall(t_ns, "")
            self._text = ", ".join(signs.values())
        elif self.verdict.agree(t_ns, True, _CLEAR_S):
            self._bad_ns = -1
        if self.verdict.set and t_ns - self.verdict.since_ns > _GIVE_UP_NS and "fix" not in signs:
            # Ten minutes with a fix: this is what reception is like here.
            self._forget()

    def _lost(self, fix: GnssFix, had_fix: bool) -> dict[str, str]:
        """Return the signs of a message without a fix: those of the last fix count on.

        The number of satellites may come a message later than the loss, so it is looked at for a second. After that the
        receiver may be searching anew, and few satellites are no sign.
        """
        if had_fix:
            self._lost_ns = fix.t_ns
            self._slip, self._miss = _Scatter(), _Scatter()
        if fix.t_ns - self._lost_ns <= _LASTS_NS:
            if few := self._few_text(fix.satellites):
                self._signs["satellites"] = few
            self.cut_off = self.cut_off or (fix.satellites == 0 and not self._signs and not self.verdict.set)
        if not self._signs and not self.verdict.set:
            if self.cut_off or fix.t_ns - self._lost_ns > _LASTS_NS:
                self._start_over()
            return {}
        return {**self._signs, "fix": "fix lost"}

    def _look(
        self, fix: GnssFix, last: GnssFix, dt_s: float, velocity_m_s: tuple[float, float] | None
    ) -> dict[str, str]:
        """Return the signs of a fix, and learn from one without any."""
        self.cut_off = False
        slip, miss = self._scatter(fix, last, dt_s, velocity_m_s)
        normal = self._normal
        few = 1.0 / fix.satellites if 0 < fix.satellites < _MOST_SATELLITES else nan
        found = (
            ("accuracy", normal.h_acc, fix.h_acc_m, _ACCURACY_TIMES, _FLOOR_H_M, "accuracy {:.1f} m"),
            ("accuracy", normal.v_acc, fix.v_acc_m, _ACCURACY_TIMES, _FLOOR_V_M, "height accuracy {:.1f} m"),
            ("accuracy", normal.s_acc, fix.s_acc_m_s, _ACCURACY_TIMES, _FLOOR_S_M_S, "speed accuracy {:.1f} m/s"),
            ("accuracy", normal.hdop, fix.hdop, _DOP_TIMES, _FLOOR_DOP, "HDOP {:.1f}"),
            ("scatter", normal.slip, slip, _SCATTER_TIMES, _SCATTER_M, "positions scatter by {:.1f} m"),
            ("scatter", normal.miss, miss, _SCATTER_TIMES, _SCATTER_M_S, "velocities scatter by {:.1f} m/s"),
        )
        signs: dict[str, str] = {}
        for name, usual, value, times, floor, text in found:
            eased = _EASED if self.verdict.set or name in self._signs else 1.0
            if usual.times(value) >= eased * times and value >= eased * floor:
                signs.setdefault(name, f"{text.format(value)}, {usual.times(value):.0f} times its usual")
        if text := self._few_text(fix.satellites):
            signs["satellites"] = text
        if not signs and not self.verdict.set:
            pairs = ((usual, value) for _, usual, value, *_ in found)
            for usual, value in (*pairs, (normal.few, few)):
                usual.learn(value, dt_s)
        self._note(fix.t_ns, signs)
        return signs

    def _note(self, t_ns: int, signs: dict[str, str]) -> None:
        if signs:
            self._sign_since_ns = self._sign_since_ns if self._signs else t_ns
        if "scatter" in signs:
            self._scatter_ns = t_ns
        self._signs = signs

    def _scatter(
        self, fix: GnssFix, last: GnssFix, dt_s: float, velocity_m_s: tuple[float, float] | None
    ) -> tuple[float, float]:
        """Return the scatter of position against the receiver's velocity, m, and of that against the estimate's."""
        scale = _METRES_PER_DEG * cos(radians(fix.lat_deg)) if isfinite(fix.lat_deg) else nan
        moved_e, moved_n = 0.5 * dt_s * (fix.vel_e_m_s + last.vel_e_m_s), 0.5 * dt_s * (fix.vel_n_m_s + last.vel_n_m_s)
        turned = (fix.lon_deg - last.lon_deg + 180.0) % 360.0 - 180.0
        slip = self._slip.add(scale * turned - moved_e, _METRES_PER_DEG * (fix.lat_deg - last.lat_deg) - moved_n)
        if velocity_m_s is None:
            return slip, nan
        return slip, self._miss.add(fix.vel_e_m_s - velocity_m_s[0], fix.vel_n_m_s - velocity_m_s[1])

    def _few_text(self, satellites: int) -> str:
        few = self._normal.few
        usual = 1.0 / few.value
        share = _FEWER_EASED if self.verdict.set else _FEWER
        if not few.known or usual < _FEW or not 0 < satellites <= share * usual:
            return ""
        return f"{satellites} satellites where there were {usual:.0f}"
