"""One receiver fix from the three MAVROS topics that carry its parts."""

from __future__ import annotations

from dataclasses import replace

from lenger_core.samples import GnssFix

_EXTRAS_AGE_NS = 1_500_000_000


class FixJoiner:
    """Joins raw/fix and raw/gps_vel of one stamp, and adds accuracy, fix type and satellites of the newest gps1/raw.

    gps1/raw may be absent (a MAVROS without that plugin): then the covariance of raw/fix stands for the accuracy. A
    fix whose velocity never comes is passed on without one when the next fix arrives. Each method returns a complete
    fix or None.
    """

    def __init__(self) -> None:
        self._fix: GnssFix | None = None
        self._velocity: GnssFix | None = None
        self._extras: GnssFix | None = None

    def on_fix(self, fix: GnssFix) -> GnssFix | None:
        """Take raw/fix."""
        if self._velocity is not None and self._velocity.t_ns == fix.t_ns:
            self._fix = None
            return self._joined(fix, self._velocity)
        unpaired, self._fix = self._fix, fix
        return None if unpaired is None else self._joined(unpaired, unpaired)

    def on_velocity(self, velocity: GnssFix) -> GnssFix | None:
        """Take raw/gps_vel."""
        self._velocity = velocity
        if self._fix is None or self._fix.t_ns != velocity.t_ns:
            return None
        fix, self._fix = self._fix, None
        return self._joined(fix, velocity)

    def on_extras(self, extras: GnssFix) -> None:
        """Take gpsstatus/gps1/raw."""
        self._extras = extras

    def _joined(self, fix: GnssFix, velocity: GnssFix) -> GnssFix:
        extras = self._extras
        whole = replace(fix, vel_e_m_s=velocity.vel_e_m_s, vel_n_m_s=velocity.vel_n_m_s)
        if extras is None or abs(fix.t_ns - extras.t_ns) > _EXTRAS_AGE_NS:
            return whole
        return replace(
            whole,
            # raw/fix knows only "fix or none"; it must not be talked up by an older report.
            fix_type=min(extras.fix_type, 6) if fix.fix_type >= 3 else fix.fix_type,
            satellites=extras.satellites,
            h_acc_m=_said(extras.h_acc_m, fix.h_acc_m),
            v_acc_m=_said(extras.v_acc_m, fix.v_acc_m),
            s_acc_m_s=extras.s_acc_m_s,
        )


def _said(first: float, second: float) -> float:
    return first if first == first else second
