"""TIMESYNC: the offset between the autopilot's clock and ours, so that samples carry the time they were measured at."""

from __future__ import annotations

from collections import deque

FAST_ALPHA = 0.05
SLOW_ALPHA = 0.003
CONVERGED_AFTER = 500
MAX_ROUND_TRIP_NS = 10_000_000
MAX_DEVIATION_NS = 100_000_000
RESET_AFTER = 5
WINDOW = 20


class TimeSync:
    """Exponential filter of the clock offset, quick at first and slow once converged (as PX4's and MAVROS's filters).

    A sample counts when its round trip is short, or no longer than the shortest of the recent ones (a slow link, a
    coarse simulated clock). Five samples in a row that deviate by more than 0.1 s mean that a clock jumped: the filter
    restarts.

    Args:
        late_clock: our clock is a simulated one (/clock), which on a loaded machine arrives late but never early, so
            that an answer seems to have come at once and from the future. Then a request was sent no sooner than it
            says, each sample is a lower bound of the offset, and the highest of the recent ones is taken.
    """

    def __init__(self, late_clock: bool = False) -> None:
        self._bounds: deque[int] | None = deque(maxlen=WINDOW) if late_clock else None
        self.offset_ns: int | None = None
        """Ours minus the autopilot's; None until the first sample."""
        self.round_trip_ns = 0
        self._exact = 0.0
        self._samples = 0
        self._deviating = 0
        self._round_trips: deque[int] = deque(maxlen=WINDOW)

    def on_answer(self, sent_ns: int, remote_ns: int, now_ns: int) -> None:
        """Take the answer to a request that was sent at `sent_ns` (ours) and answered at `remote_ns` (theirs)."""
        self.round_trip_ns = now_ns - sent_ns
        if self.round_trip_ns < 0:
            return
        if self._bounds is not None:
            self._bounds.append(sent_ns - remote_ns)
            self.offset_ns = max(self._bounds)
            return
        self._round_trips.append(self.round_trip_ns)
        if self.round_trip_ns > max(MAX_ROUND_TRIP_NS, min(self._round_trips)):
            return
        observed = (sent_ns + now_ns) / 2 - remote_ns
        if self.offset_ns is None or self._jumped(observed):
            self._exact, self._samples, self._deviating = observed, 0, 0
        elif self._deviating:
            return  # an outlier, or the first ones after a jump: neither says anything about the offset until now
        else:
            share = min(1.0, self._samples / CONVERGED_AFTER)
            self._exact += (FAST_ALPHA + (SLOW_ALPHA - FAST_ALPHA) * share) * (observed - self._exact)
        self._samples += 1
        self.offset_ns = round(self._exact)

    def to_ours_ns(self, remote_ns: int, now_ns: int) -> int:
        """Return the autopilot's time on our clock; `now_ns` before the first answer."""
        return now_ns if self.offset_ns is None else remote_ns + self.offset_ns

    def _jumped(self, observed: float) -> bool:
        self._deviating = self._deviating + 1 if abs(observed - self._exact) > MAX_DEVIATION_NS else 0
        return self._deviating >= RESET_AFTER
