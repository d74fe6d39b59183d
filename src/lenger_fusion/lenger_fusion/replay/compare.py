"""The estimate against the log's own fixes, as they were before anything was withheld or changed.

A fix says where the aircraft was `gnss_latency_s` before its stamp: it is compared with the rows around that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import GnssFix
from lenger_fusion.replay.estimate import Estimate
from lenger_fusion.replay.injections import Injection
from lenger_fusion.replay.stream import Array, Sample, Stamps, times_s
from lenger_fusion.replay.window import Window
from lenger_fusion.replay.withhold import Withheld

MARKS_S = (10.0, 30.0, 60.0)
"""Times into a window at which its errors are named."""
_FIX_3D = 3
Row = dict[str, "float | bool | None"]


@dataclass
class Reference:
    """The 3-D fixes of a log, gathered while they pass by on their way to be changed."""

    _rows: list[tuple[int, float, float, float]] = field(default_factory=list)

    def tap(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Pass all samples on and remember the fixes."""
        rows = self._rows
        for sample in samples:
            if type(sample) is GnssFix and sample.fix_type >= _FIX_3D:
                rows.append((sample.t_ns, sample.lat_deg, sample.lon_deg, sample.alt_amsl_m))
            yield sample

    def local(self, frame: LocalFrame) -> tuple[Stamps, Array]:
        """Return stamps (N,) and places (N, 3) about an origin, fixes that are no place left out."""
        sound = [row for row in self._rows if abs(row[1]) <= 90.0 and abs(row[2]) <= 180.0 and abs(row[3]) < 1e5]
        stamps = np.array([row[0] for row in sound], dtype=np.int64)
        return stamps, np.array([frame.to_local(*row[1:]) for row in sound]).reshape(-1, 3)


@dataclass(frozen=True)
class Differences:
    """Estimate minus fix, for every fix.

    Attributes:
        stamps_ns: (N,) of the fixes, which came `latency` after they were true.
        places_m: (N, 3) of the fixes.
        error_m: (N, 3) estimate minus fix, NaN where there was no estimate.
        hpl_m, vpl_m: (N,) of the estimate at that time.
        used: (N,) whether the estimator had the fix, unchanged.
    """

    stamps_ns: Stamps
    places_m: Array
    error_m: Array
    hpl_m: Array
    vpl_m: Array
    used: NDArray[np.bool_]

    @property
    def t_s(self) -> Array:
        """Log times (N,) of the stamps."""
        return times_s(self.stamps_ns)

    @property
    def horizontal_m(self) -> Array:
        """Horizontal error (N,)."""
        return np.hypot(self.error_m[:, 0], self.error_m[:, 1])


def differences(
    reference: Reference,
    estimate: Estimate,
    frame: LocalFrame,
    latency_s: float,
    touched: Sequence[Window],
) -> Differences:
    """Return how far the estimate was from each fix at the fix's own time.

    Args:
        reference, estimate, frame: of one replay.
        latency_s: how old a fix is at its stamp.
        touched: windows in which fixes were withheld or changed.
    """
    stamps, places = reference.local(frame)
    there = estimate.at(stamps - round(latency_s * 1e9))
    used = np.array([not any(window.holds(t_s) for window in touched) for t_s in times_s(stamps).tolist()], dtype=bool)
    return Differences(stamps, places, there[:, :3] - places, there[:, 3], there[:, 4], used)


def summary(found: Differences, chosen: NDArray[np.bool_]) -> dict[str, object]:
    """Return the figures of some of the fixes: RMS by axis, horizontal and vertical spread, share within HPL, VPL."""
    known = chosen & np.isfinite(found.error_m).all(axis=1)
    error, flat = found.error_m[known], found.horizontal_m[known]
    if not len(error):
        return {"fixes": 0}
    up = np.abs(error[:, 2])
    return {
        "fixes": len(error),
        "rms_enu_m": [_short(v) for v in np.sqrt(np.mean(error**2, axis=0)).tolist()],
        "horizontal_m": spread(flat),
        "vertical_m": spread(up),
        "within_hpl": _short(np.mean(flat <= found.hpl_m[known]), 5),
        "within_vpl": _short(np.mean(up <= found.vpl_m[known]), 5),
    }


def spread(values: Array) -> dict[str, float]:
    """Return median, 90th percentile and maximum."""
    return {
        "median": _short(np.median(values)),
        "p90": _short(np.quantile(values, 0.9)),
        "max": _short(np.max(values)),
    }


def of_withheld(found: Differences, windows: Sequence[Withheld]) -> list[dict[str, object]]:
    """Return for each window what dead reckoning was worth: errors at the marks and at the end, with those of the
    last fix held."""
    out: list[dict[str, object]] = []
    for one in windows:
        t_s = found.t_s
        inside = (t_s >= one.window.start_s) & (t_s < one.window.end_s)
        row: dict[str, object] = {"withheld": str(one), "fixes": int(inside.sum())}
        if one.sensor == "gnss" and inside.any():
            last = _last_used(found, t_s, one.window.start_s)
            places = np.flatnonzero(inside)
            late = [m for m in MARKS_S if t_s[places[-1]] - one.window.start_s >= m]
            marks = [int(places[np.argmax(t_s[places] - one.window.start_s >= m)]) for m in late]
            row["after"] = [_at(found, i, last, m) for i, m in zip(marks, late, strict=True)]
            row["at_end"] = _at(found, int(places[-1]), last, float(t_s[places[-1]] - one.window.start_s))
            row["whole"] = summary(found, inside)
        out.append(row)
    return out


def of_injected(found: Differences, injections: Sequence[Injection]) -> list[dict[str, object]]:
    """Return for each injection how far the estimate was from the log's own fixes while it lasted."""
    t_s = found.t_s
    return [
        {
            "injected": str(one),
            "does": one.kind.does,
            "difference": summary(found, (t_s >= one.window.start_s) & (t_s < one.window.end_s)),
        }
        for one in injections
    ]


def _last_used(found: Differences, t_s: Array, before_s: float) -> Array | None:
    places = np.flatnonzero((t_s < before_s) & found.used)
    return found.places_m[places[-1]] if len(places) else None


def _at(found: Differences, i: int, last: Array | None, after_s: float) -> Row:
    flat, up = float(found.horizontal_m[i]), float(abs(found.error_m[i, 2]))
    held = None if last is None else float(np.hypot(*(found.places_m[i] - last)[:2]))
    known = flat == flat
    return {
        "after_s": _short(after_s),
        "horizontal_m": _short(flat) if known else None,
        "vertical_m": _short(up) if known else None,
        "last_fix_held_m": None if held is None else _short(held),
        "hpl_m": _short(found.hpl_m[i]) if known else None,
        "vpl_m": _short(found.vpl_m[i]) if known else None,
        "within_hpl": bool(flat <= found.hpl_m[i]) if known else None,
    }


def _short(value: float | np.floating[Any], digits: int = 3) -> float:
    return round(float(value), digits)
