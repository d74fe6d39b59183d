"""Readings that repeat to the last digit while what they measure has changed."""

from __future__ import annotations

_COUNT, _SPAN_NS, _MAX_GAP_NS = 10, 1_000_000_000, 1_000_000_000


class Repeats:
    """Counts a run of identical readings of one sensor."""

    def __init__(self) -> None:
        self._value: object = None
        self._count = 0
        self._since_ns = self._t_ns = -1

    def add(self, t_ns: int, value: object) -> bool:
        """Take a reading; return whether it is another than the last."""
        new = value != self._value or not 0 <= t_ns - self._t_ns <= _MAX_GAP_NS
        self._t_ns = t_ns
        if new:
            self._value, self._count, self._since_ns = value, 0, t_ns
        else:
            self._count += 1
        return new

    @property
    def count(self) -> int:
        """How often the last reading has been repeated."""
        return self._count

    @property
    def long(self) -> bool:
        """Whether the run is too long for chance: ten repeats over a second."""
        return self._count >= _COUNT and self.span_s >= 1e-9 * _SPAN_NS

    @property
    def span_s(self) -> float:
        """How long the run has lasted."""
        return (self._t_ns - self._since_ns) * 1e-9
