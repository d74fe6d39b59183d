"""Whether the magnetometer still measures the Earth: strength and dip of the field against what they were.

Strength counts only against its own past, because the scale of the reading is not to be trusted; the past is forgotten
over a minute, and what lasts for a minute is adopted: near the ground, and with other currents, the field is another.
"""

from __future__ import annotations

from math import asin, degrees, exp, log

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import MagSample
from lenger_fusion import kernels
from lenger_fusion.steady import Repeats

Array = NDArray[np.float64]

_STRENGTH, _DIP_DEG = log(1.25), 15.0
_EASED = 0.6
_SMOOTH_S, _LEARN_S, _SLOW_S = 1.0, 5.0, 60.0
_LASTS_S, _CLEAR_S, _ADOPT_S = 1.0, 2.0, 60.0
_MAX_STEP_S = 1.0
_TURNED = float(np.cos(np.radians(10.0)))


class MagWatch:
    """Judges every reading at the attitude of the estimate.

    Attributes:
        suspect: strength or dip have departed from what they were.
        frozen: the reading repeats itself although the body has turned by more than ten degrees.
    """

    def __init__(self) -> None:
        self.suspect = self.frozen = False
        self._repeats = Repeats()
        self._from = np.eye(3)
        self._t_ns: int | None = None
        self._usual = self._mean = np.zeros(2)
        self._age_s = self._off_s = self._well_s = 0.0

    def on_mag(self, sample: MagSample, x: Array) -> None:
        """Take a reading (not zero) and the state (24,) of the estimate at its time."""
        dt = 0.0 if self._t_ns is None else (sample.t_ns - self._t_ns) * 1e-9
        self._t_ns = sample.t_ns
        r = np.empty((3, 3))
        kernels.rotation(x, r)
        if self._repeats.add(sample.t_ns, sample.field_t):
            self._from, self.frozen = r, False
        elif self._repeats.long and 0.5 * (float(np.sum(self._from * r)) - 1.0) < _TURNED:
            self.frozen = True
        field = np.array(sample.field_t)
        strength = float(np.linalg.norm(field))
        dip = degrees(asin(min(1.0, max(-1.0, float(-r[2] @ field) / strength))))
        now = np.array([log(strength), dip])
        if not 0.0 < dt < _MAX_STEP_S:
            self._mean = now
            return
        self._mean = self._mean + min(1.0, dt / _SMOOTH_S) * (now - self._mean)
        self._judge(dt)

    def reason(self) -> str:
        """Return what is wrong in words; empty: nothing."""
        if self.frozen:
            return f"magnetometer frozen for {self._repeats.span_s:.0f} s"
        if not self.suspect:
            return ""
        strength, dip = (self._mean - self._usual).tolist()
        if abs(strength) / _STRENGTH > abs(dip) / _DIP_DEG:
            return f"magnetic field {exp(strength):.2f} times its usual strength"
        return f"magnetic field dips {dip:+.0f} deg from its usual"

    def _judge(self, dt: float) -> None:
        if self._age_s < _LEARN_S:
            self._age_s += dt
            self._usual = self._usual + dt / self._age_s * (self._mean - self._usual)
            return
        strength, dip = np.abs(self._mean - self._usual).tolist()
        size = max(strength / _STRENGTH, dip / _DIP_DEG)
        self._off_s = self._off_s + dt if size > (_EASED if self.suspect else 1.0) else 0.0
        self._well_s = 0.0 if self._off_s > 0.0 else self._well_s + dt
        if self._off_s > _ADOPT_S:
            self._age_s = self._off_s = 0.0
            self.suspect = False
        elif self._off_s > _LASTS_S:
            self.suspect = True
        elif self._well_s > _CLEAR_S:
            self.suspect = False
        if not self.suspect:
            self._usual = self._usual + min(1.0, dt / _SLOW_S) * (self._mean - self._usual)
