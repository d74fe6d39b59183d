"""Which measurements the estimator believes: innovation gates and resets, as the real filters have them.

A measurement is refused when its innovation is beyond 5 standard deviations (EKF2_GPS_P_GATE, EKF2_GPS_V_GATE and
EKF2_BARO_GATE of PX4's EKF2; EK3_POS_I_GATE, EK3_VEL_I_GATE of ArduPilot's EKF3). What was refused for too long is
taken as true and the filter is reset to it. So a jump of the position is refused first and followed at once later; a
drift that is slow enough never leaves the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

GATE = 5.0
UNAIDED_S = 1.0
"""After this long without velocity the filter coasts."""
_POS_STD_M, _VEL_STD_M_S = 0.5, 0.3
_POS_GROWTH_M_S, _COAST_M_S2, _VEL_GROWTH_M_S2 = 0.1, 0.15, 0.3
"""How the filter's own uncertainty grows without position, without anything, and without velocity."""


@dataclass(frozen=True, slots=True)
class ResetTimes:
    """How long a filter refuses before it resets: position and velocity, and position alone."""

    both_s: float
    position_s: float


EKF2 = ResetTimes(7.0, 14.0)
"""PX4: reset_timeout_max, and twice that (Ekf::shouldResetGpsFusion)."""
EKF3 = ResetTimes(7.0, 10.0)
"""ArduPilot: posRetryTimeNoVel_ms, posRetryTimeUseVel_ms."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with a fix."""

    use_position: bool
    use_velocity: bool
    reset: bool = False


class GnssGate:
    """Judges fixes.

    Attributes:
        position_ratio, velocity_ratio: squared innovation over squared gate of the last fix, as ESTIMATOR_STATUS has
            it; above 1 it was refused.
    """

    def __init__(self, times: ResetTimes) -> None:
        self._times = times
        self._position_ns = 0
        self._velocity_ns = 0
        self.position_ratio = 0.0
        self.velocity_ratio = 0.0

    def aided(self, now_ns: int) -> bool:
        """Return whether velocity was fused lately."""
        return self._velocity_ns > 0 and now_ns - self._velocity_ns < UNAIDED_S * 1e9

    def start(self, now_ns: int) -> None:
        """Take the first fix, or one that the filter was reset to."""
        self._position_ns = self._velocity_ns = now_ns

    def judge(self, place_m: float, speed_m_s: float, accuracy: tuple[float, float, float], now_ns: int) -> Verdict:
        """Return what to do with a fix.

        Args:
            place_m, speed_m_s: horizontal innovations of position and velocity.
            accuracy: the receiver's horizontal and vertical accuracy and that of speed, one sigma.
            now_ns: time of its delivery.
        """
        without_place, without_speed = (now_ns - self._position_ns) * 1e-9, (now_ns - self._velocity_ns) * 1e-9
        coasting = max(without_speed - UNAIDED_S, 0.0)
        place_std = _POS_STD_M + _POS_GROWTH_M_S * without_place + _COAST_M_S2 * coasting**2
        speed_std = _VEL_STD_M_S + _VEL_GROWTH_M_S2 * coasting
        self.position_ratio = (place_m / (GATE * hypot(place_std, accuracy[0]))) ** 2
        self.velocity_ratio = (speed_m_s / (GATE * hypot(speed_std, accuracy[2]))) ** 2
        times = self._times
        if without_place > times.position_s or min(without_place, without_speed) > times.both_s:
            self.start(now_ns)
            return Verdict(True, True, reset=True)
        verdict = Verdict(self.position_ratio <= 1.0, self.velocity_ratio <= 1.0)
        if verdict.use_position:
            self._position_ns = now_ns
        if verdict.use_velocity:
            self._velocity_ns = now_ns
        return verdict
