"""Whether a receiver says the same fix again and again: in flight no true one repeats in every digit."""

from __future__ import annotations

from lenger_core.samples import GnssFix
from lenger_fusion.steady import Repeats

_REPEATS = 2


class FixRepeats:
    """Counts fixes that are bit for bit the last one, however new their stamps are."""

    def __init__(self) -> None:
        self._repeats = Repeats()

    def on_fix(self, fix: GnssFix, flying: bool) -> None:
        """Take a fix, and whether the aircraft flies: at rest some receivers hold theirs on purpose."""
        if not flying:
            self._repeats = Repeats()
        self._repeats.add(fix.t_ns, (fix.lat_deg, fix.lon_deg, fix.alt_amsl_m, fix.vel_e_m_s, fix.vel_n_m_s))

    @property
    def frozen(self) -> bool:
        """Whether the newest fix is an old one."""
        return self._repeats.count >= _REPEATS

    def reason(self) -> str:
        """Return what is wrong in words; empty: nothing."""
        return "GNSS repeats one fix" if self.frozen else ""
