"""Whether the IMU is the odd one: the receiver and another sensor leave the estimate at the same time.

A receiver that contradicts the estimate may be led astray. When pressure, compass, flow or air drag leave it together
with the receiver, each by other physics, it is what they all are compared with that is wrong: the gyros or
accelerometers have stepped. Then nothing that was integrated is worth keeping, and an alignment in motion is back
within seconds. Air drag is felt by the accelerometers themselves: it counts as refused when only a tilt of the thrust
explains it that the aircraft did not have before.
"""

from __future__ import annotations

from lenger_fusion import kernels
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.gnss_trust import GnssTrust

_LASTS_S = 1.0
_STEADY_S = 1.0
_RECENT_NS = 10_000_000_000
_TILT_SIGMAS = 4.0
_THRUST = slice(1 + kernels.THRUST, 3 + kernels.THRUST)
_WITNESSES = {"baro": "barometer", "mag": "magnetometer", "flow": "optical flow", "drag": "air drag"}


class OddOne:
    """Asks with each fix.

    Args:
        tilt_m_s2: how far the thrust may lean to one side, one sigma.
    """

    def __init__(self, tilt_m_s2: float) -> None:
        self._most_m_s2 = _TILT_SIGMAS * tilt_m_s2
        self._tilt = (0.0, 0.0)
        self._found_ns: int | None = None
        self._text = ""

    def ask(self, t_ns: int, estimate: ErrorStateFilter, trust: GnssTrust, steady_s: float) -> str:
        """Return who contradicts the estimate together with the receiver, in words; empty: the IMU may be right.

        Args:
            t_ns: of the fix.
            estimate: as it stands.
            trust: the verdicts on the receiver.
            steady_s: for how long its fixes have agreed with each other.
        """
        east, north = estimate.x[_THRUST].tolist()
        if not trust.velocity.set:
            self._tilt = (east, north)
            return ""
        if (estimate.t_ns - trust.velocity.since_ns) * 1e-9 < _LASTS_S or steady_s < _STEADY_S:
            return ""
        leaned = max(abs(east - self._tilt[0]), abs(north - self._tilt[1])) > self._most_m_s2
        for sensor, name in _WITNESSES.items():
            blamed = sensor == "baro" and trust.pressure.set
            gate = estimate.gates.get(sensor)
            refused = gate is not None and not blamed and gate.rejecting_s(estimate.t_ns) > _LASTS_S
            if refused or (sensor == "drag" and leaned):
                self._found_ns, self._text = t_ns, f"the IMU contradicted GNSS and {name}"
                return self._text
        return ""

    def reason(self, now_ns: int) -> str:
        """Return what was found in the last ten seconds: a new alignment is not above suspicion at once."""
        recent = self._found_ns is not None and 0 <= now_ns - self._found_ns < _RECENT_NS
        return f"a moment ago {self._text}" if recent else ""
