"""What ArduCopter's EKF says about itself, on the schedule of the real one after boot and after a loss of GNSS."""

from __future__ import annotations

from lenger_mavlink.codec import mavlink
from lenger_sim.onboard import Estimator

ORIGIN_NS = 20_000_000_000
"""The origin is set once GNSS has passed the EKF's own checks."""
POSITION_NS = 41_500_000_000
"""GNSS is used from here; with the checks that follow, arming succeeds at the measured 42 s."""
LOST_NS = 7_000_000_000
"""Dead reckoning lasts this long; the failsafe follows a second later (measured: LAND in 8 s)."""
REGAINED_NS = 1_000_000_000
CHECK_NS = 100_000_000
FAILS = 10
"""Checks in a row (1 s) before the failsafe."""

_M = mavlink
_ALWAYS = _M.EKF_ATTITUDE | _M.EKF_VELOCITY_VERT | _M.EKF_POS_VERT_ABS
_BLIND = _ALWAYS | _M.EKF_VELOCITY_HORIZ | _M.EKF_CONST_POS_MODE
_SEEING = _ALWAYS | _M.EKF_VELOCITY_HORIZ | _M.EKF_POS_HORIZ_REL | _M.EKF_POS_HORIZ_ABS
_SEEING |= _M.EKF_PRED_POS_HORIZ_REL | _M.EKF_PRED_POS_HORIZ_ABS


class Ekf:
    """Watches the estimator.

    Attributes:
        has_origin: whether places can be told at all.
        has_position: whether GNSS is used; the flags of EKF_STATUS_REPORT follow.
        bad: whether the EKF failsafe is on.
    """

    def __init__(self, estimator: Estimator) -> None:
        self._estimator = estimator
        self.has_origin = False
        self.has_position = False
        self.bad = False
        self._aligned = False
        self._ever = False
        self._fails = 0
        self._seen_since_ns: int | None = None
        self._checked_ns = 0
        self._texts: list[str] = []

    @property
    def aligned(self) -> bool:
        """Whether attitude and height are good."""
        return self._aligned

    @property
    def flags(self) -> int:
        """EKF_STATUS_FLAGS."""
        if not self._aligned:
            return int(_M.EKF_UNINITIALIZED)
        return int(_SEEING if self.has_position else _BLIND)

    def take_texts(self) -> list[str]:
        """Return and forget what it has to say."""
        texts, self._texts = self._texts, []
        return texts

    def step(self, now_ns: int) -> bool:
        """Watch; return whether the failsafe is on."""
        estimator = self._estimator
        if not self._aligned and estimator.state["aligned"][0]:
            self._aligned = True
            self._texts += ["EKF3 IMU0 initialised", "EKF3 IMU0 tilt alignment complete"]
            self._texts.append("EKF3 IMU0 MAG0 initial yaw alignment complete")
        if not self.has_origin and now_ns >= ORIGIN_NS and estimator.ready():
            self.has_origin = True
            self._texts.append("EKF3 IMU0 origin set")
            self._texts.append(f"Field Elevation Set: {estimator.to_geodetic(0.0, 0.0, 0.0)[2]:.0f}m")
        self._watch_position(now_ns)
        if now_ns - self._checked_ns >= CHECK_NS:
            self._checked_ns = now_ns
            self._judge()
        return self.bad

    def _watch_position(self, now_ns: int) -> None:
        age = now_ns - self._estimator.last_fix_ns
        fresh = self._estimator.last_fix_ns > 0 and age < REGAINED_NS and self._estimator.ready()
        self._seen_since_ns = (self._seen_since_ns or now_ns) if fresh else None
        if self.has_position:
            if age > LOST_NS or not self._estimator.ready():
                self.has_position = False
                self._texts.append("EKF3 IMU0 stopped aiding")
        elif self.has_origin and now_ns >= POSITION_NS and self._seen_for(now_ns) >= REGAINED_NS:
            self.has_position = True
            self._texts.append("EKF3 IMU0 is using GPS")

    def _seen_for(self, now_ns: int) -> int:
        return now_ns - self._seen_since_ns if self._seen_since_ns is not None else -1

    def _judge(self) -> None:
        self._ever = self._ever or self.has_position
        if not self._ever:
            return
        self._fails = min(self._fails + 1, FAILS) if not self.has_position else max(self._fails - 1, 0)
        if self._fails == FAILS:
            self.bad = True
        elif self._fails == 0:
            self.bad = False
