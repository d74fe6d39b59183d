"""The autopilot's own estimate beside this one: how far apart they are, and whether their accuracies explain it.

Two estimates of the same flight that part tell that one of them is wrong, not which. An autopilot that follows a
spoofed receiver parts from an estimate that does not: that is the alarm, and the estimate goes on as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees, dist, hypot, isfinite

import numpy as np
from numpy.typing import NDArray

from lenger_core.frames import quat_rotate_inverse, wrap_pi, yaw_of
from lenger_core.samples import FcuGlobal, FcuLocal, Vec3

_LEAST_H_M, _LEAST_V_M = 1.5, 3.0
"""No autopilot's estimate is better than this, one sigma: its height follows the barometer, and its home."""
_SIGMAS = 3.0
_SPEED_M_S, _CLIMB_M_S, _TILT_DEG, _HEADING_DEG = 2.0, 2.0, 10.0, 25.0
_LASTS_NS, _CLEAR_NS = 3_000_000_000, 1_000_000_000
_EVERY_NS = 90_000_000
_MAX_SHIFT_NS = 500_000_000
_STALE_NS = 1_500_000_000
_MAX_SPEED_M_S = 400.0
_UP: Vec3 = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Own:
    """The fusion's estimate.

    Attributes:
        t_ns: its time.
        x: (24,) state of `kernels`.
        levels_m: HPL and VPL.
        stds: one sigma of east, north and up velocity (m/s), and of the heading (rad).
    """

    t_ns: int
    x: NDArray[np.float64]
    levels_m: tuple[float, float]
    stds: tuple[float, float, float, float]


@dataclass
class _Gap:
    """One disagreement: it counts when it has lasted, and is over when it has been away for a second."""

    text: str = ""
    since_ns: int = -1
    last_ns: int = -1
    seen_ns: int = -1

    def note(self, t_ns: int, text: str) -> None:
        """Take what is apart now; empty: nothing."""
        self.seen_ns = t_ns
        if text:
            self.since_ns = t_ns if self.since_ns < 0 else self.since_ns
            self.last_ns, self.text = t_ns, text
        elif t_ns - self.last_ns > _CLEAR_NS or t_ns - self.since_ns < _LASTS_NS:
            self.since_ns = -1

    def reason(self, now_ns: int) -> str:
        """Return what is apart and has been for some seconds."""
        if self.since_ns < 0 or not 0 <= now_ns - self.seen_ns < _STALE_NS:
            return ""
        lasts_ns = self.last_ns - self.since_ns
        return f"{self.text} for {lasts_ns * 1e-9:.0f} s" if lasts_ns >= _LASTS_NS else ""


class CrossCheck:
    """Compares each estimate of the autopilot with the fusion's as it comes, ten times a second at most."""

    def __init__(self) -> None:
        self._gaps = {name: _Gap() for name in ("position", "height", "velocity", "tilt", "heading")}
        self._next_ns: dict[type, int] = {}

    def due(self, sample: FcuGlobal | FcuLocal, own_ns: int) -> bool:
        """Return whether a sample can be compared: near in time, finite, and not one too many."""
        last = self._next_ns.get(type(sample), -1)
        if abs(sample.t_ns - own_ns) > _MAX_SHIFT_NS or 0 <= sample.t_ns - last < _EVERY_NS:
            return False
        if isinstance(sample, FcuGlobal):
            place = abs(sample.lat_deg) <= 90.0 and abs(sample.lon_deg) <= 180.0 and abs(sample.alt_amsl_m) < 50_000.0
            usable = place and sample.fixed
        else:
            norm = hypot(*sample.quat_wxyz)
            usable = all(abs(v) < _MAX_SPEED_M_S for v in sample.velocity_enu_m_s) and abs(norm - 1.0) < 0.01
        if usable:
            self._next_ns[type(sample)] = sample.t_ns
        return usable

    def on_global(self, sample: FcuGlobal, place: Vec3, own: Own) -> None:
        """Compare positions.

        Args:
            sample: that was due.
            place: of it in the local frame, m.
            own: the estimate.
        """
        dt = (sample.t_ns - own.t_ns) * 1e-9
        e, n, u = (place[i] - float(own.x[i] + dt * own.x[3 + i]) for i in range(3))
        h, v = (
            _SIGMAS * max(least, said if isfinite(said) else 0.0)
            for least, said in ((_LEAST_H_M, sample.h_acc_m), (_LEAST_V_M, sample.v_acc_m))
        )
        gap = hypot(e, n)
        beyond = "more than both accuracies explain,"
        far = f"autopilot's position {gap:.0f} m away, {beyond}" if gap > own.levels_m[0] + h else ""
        self._gaps["position"].note(sample.t_ns, far)
        side = "above" if u > 0.0 else "below"
        far = f"autopilot's height {abs(u):.0f} m {side}, {beyond}" if abs(u) > own.levels_m[1] + v else ""
        self._gaps["height"].note(sample.t_ns, far)

    def on_local(self, sample: FcuLocal, own: Own) -> None:
        """Compare velocity and attitude of a sample that was due."""
        e, n, u = (a - float(b) for a, b in zip(sample.velocity_enu_m_s, own.x[3:6], strict=True))
        east, north, up, heading = own.stds
        apart = hypot(e, n) > _SPEED_M_S + _SIGMAS * max(east, north) or abs(u) > _CLIMB_M_S + _SIGMAS * up
        self._note("velocity", sample.t_ns, f"{hypot(e, n, u):.1f} m/s" if apart else "")
        w, x, y, z = (float(q) for q in own.x[6:10])
        here, there = (w, x, y, z), sample.quat_wxyz
        tilt = degrees(dist(quat_rotate_inverse(here, _UP), quat_rotate_inverse(there, _UP)))
        self._note("tilt", sample.t_ns, f"{tilt:.0f} deg" if tilt > _TILT_DEG else "")
        turn = abs(degrees(wrap_pi(yaw_of(there) - yaw_of(here))))
        self._note(
            "heading", sample.t_ns, f"{turn:.0f} deg" if turn > _HEADING_DEG + _SIGMAS * degrees(heading) else ""
        )

    def _note(self, what: str, t_ns: int, size: str) -> None:
        self._gaps[what].note(t_ns, f"autopilot's {what} differs by {size}" if size else "")

    def reason(self, now_ns: int) -> str:
        """Return what has been apart for some seconds, the gravest first; empty: nothing."""
        return next((text for gap in self._gaps.values() if (text := gap.reason(now_ns))), "")
