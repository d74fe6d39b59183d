"""Whether a receiver says the same fix again and again: in flight no true one repeats in every digit."""

from __future__ import annotations

from lenger_core.samples import GnssFix

_REPEATS = 2


class FixRepeats:
    """Counts fixes that are bit for bit the last one, however new their stamps are."""

    def __init__(self) -> None:
        self._last: tuple[float, ...] = ()
        self._count = 0

    def on_fix(self, fix: GnssFix, flying: bool) -> None:
        """Take a fix, and whether the aircraft flies: at rest some receivers hold theirs on purpose."""
        now = (fix.lat_deg, fix.lon_deg, fix.alt_amsl_m, fix.vel_e_m_s, fix.vel_n_m_s)
        self._count = self._count + 1 if flying and now == self._last else 0
        self._last = now

    @property
    def frozen(self) -> bool:
        """Whether the newest fix is an old one."""
        return self._count >= _REPEATS

    def reason(self) -> str:
        """Return what is wrong in words; empty: nothing."""
        return "GNSS repeats one fix" if self.frozen else ""
