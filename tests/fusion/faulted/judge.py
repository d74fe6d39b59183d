"""What a flight is judged by: true errors against protection levels, and whether the estimator said so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = dict[str, Any]
ALERT_LIMIT_M = 25.0
"""An estimate counts as available while its HPL lies below this: beyond it a corridor of 50 m cannot be flown."""
LONGEST_S = 1.0
"""An error beyond its level may stay unflagged for this long."""
NO_ESTIMATE = (np.nan, np.nan, np.inf, np.inf, 1.0)


@dataclass
class Track:
    """Rows of (time s, horizontal error m, vertical error m, HPL m, VPL m, flagged 0 or 1), in order of time."""

    rows: list[tuple[float, ...]] = field(default_factory=list)

    def add(self, t_s: float, horizontal_m: float, vertical_m: float, hpl_m: float, vpl_m: float, said: bool) -> None:
        """Take one instant."""
        self.rows.append((t_s, horizontal_m, vertical_m, hpl_m, vpl_m, float(said)))

    def add_nothing(self, t_s: float) -> None:
        """Take an instant without an estimate: it counts as flagged, and not at all before the first estimate."""
        if self.rows:
            self.rows.append((t_s, *NO_ESTIMATE))

    def array(self) -> NDArray[np.float64]:
        """Return (n, 6)."""
        return np.array(self.rows)


def longest_run_s(t_s: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """Return the longest time for which every instant is bad, from the first to the last of them."""
    longest, since = 0.0, None
    for now, is_bad in zip(t_s.tolist(), bad.tolist(), strict=True):
        since = (now if since is None else since) if is_bad else None
        longest = longest if since is None else max(longest, now - since)
    return longest


def judged(track: Track, fault_s: float) -> Row:
    """Return what counts of a flight.

    Args:
        track: of it.
        fault_s: when its fault began.
    """
    t_s, horizontal, vertical, hpl, vpl, said = track.array().T
    flagged = said > 0.5
    over_h, over_v = horizontal - hpl, vertical - vpl
    beyond = (over_h > 0.0) | (over_v > 0.0)  # no estimate: NaN - inf is not
    hidden = beyond & ~flagged
    before, after = t_s < fault_s, t_s >= fault_s
    found = t_s[after & flagged]
    return {
        "unflagged_s": round(longest_run_s(t_s, hidden), 2),
        "excess_h_m": round(float(np.max(over_h[hidden], initial=0.0)), 2),
        "excess_v_m": round(float(np.max(over_v[hidden], initial=0.0)), 2),
        "first_s": round(float(t_s[hidden][0] - fault_s), 2) if hidden.any() else None,
        "beyond_flagged_s": round(0.1 * float(np.sum(beyond & flagged)), 2),
        "worst_h_m": round(float(np.nanmax(horizontal)), 2),
        "worst_v_m": round(float(np.nanmax(vertical)), 2),
        "flag_s": round(float(found[0] - fault_s), 2) if len(found) else None,
        "flagged_before_s": round(0.1 * float(np.sum(flagged & before)), 2),
        "before_s": round(0.1 * float(np.sum(before)), 2),
        "available": round(float(np.mean(hpl < ALERT_LIMIT_M)), 4),
        "available_nominal": round(float(np.mean((hpl < ALERT_LIMIT_M)[before])), 4),
        "hpl_m": round(float(np.median(hpl[before])), 3),
        "vpl_m": round(float(np.median(vpl[before])), 3),
        "clear_at_end": bool(not flagged[-1]),
    }


def missed(row: Row) -> bool:
    """Return whether a flight had a true error beyond its level that stayed unflagged too long."""
    return float(row["unflagged_s"]) > LONGEST_S
