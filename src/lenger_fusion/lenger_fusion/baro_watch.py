"""Whether the barometer lives: a frozen one says one height while the aircraft goes to another."""

from __future__ import annotations

from math import inf

from lenger_fusion.steady import Repeats

_MOVED_M, _MOVED_GNSS_M = 2.0, 5.0
_STEPS = 1.5
_FLYING_S = 5.0
"""In flight no barometer repeats itself for so long: rotor wash and gusts move it."""


class BaroWatch:
    """Compares a run of identical heights with what estimate and receiver have climbed meanwhile."""

    def __init__(self) -> None:
        self._repeats = Repeats()
        self._step_m = inf
        self._height_m = 0.0
        self._from: tuple[float | None, float | None] = (None, None)
        self.frozen = False

    def on_height(
        self, t_ns: int, height_m: float, estimate_m: float | None, gnss_m: float | None, flying: bool
    ) -> None:
        """Take a pressure height; beside it the heights of estimate and receiver, where there are any."""
        first = self._from == (None, None)
        if self._repeats.add(t_ns, height_m):
            if not first and height_m != self._height_m:
                # What the sensor's last digit is worth: less than that cannot show.
                self._step_m = min(self._step_m, abs(height_m - self._height_m))
            self._height_m, self._from = height_m, (estimate_m, gnss_m)
            self.frozen = False
            return
        least = _STEPS * self._step_m if self._step_m < inf else 0.0
        moved = any(
            now is not None and before is not None and abs(now - before) > max(limit, least)
            for now, before, limit in zip((estimate_m, gnss_m), self._from, (_MOVED_M, _MOVED_GNSS_M), strict=True)
        )
        self.frozen = self.frozen or (self._repeats.long and (moved or (flying and self._repeats.span_s > _FLYING_S)))

    def reason(self) -> str:
        """Return what is wrong in words; empty: nothing."""
        return f"barometer frozen for {self._repeats.span_s:.0f} s" if self.frozen else ""
