"""How deep outside the legal space an aircraft was: the grader's own reading of the zones, in three dimensions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenger_core.zones import Datum, HeightLimit, LocalZones, ZoneKind
from lenger_training.track import Mask, Track

Array = NDArray[np.float64]


def fence_violation(track: Track, local: LocalZones, home_amsl_m: float, en_route: Mask) -> Array:
    """Return (N,) metres outside the legal space while airborne.

    Outside an inclusion counts as far as the larger of the horizontal and vertical excess over the nearest inclusion;
    inside an exclusion, the smallest way out. Floors of inclusions count en route only: every flight starts and ends
    below them.
    """
    out = np.zeros(len(track))
    if not local.areas:
        return out
    for i in np.flatnonzero(track.airborne):
        out[i] = _depth(local, track, int(i), home_amsl_m, bool(en_route[i]))
    return out


def _depth(local: LocalZones, track: Track, i: int, home_amsl_m: float, en_route: bool) -> float:
    margins = local.area_margins(float(track.en[i, 0]), float(track.en[i, 1]))[:, 0]
    alt = float(track.alt_amsl_m[i])
    ground = alt - float(track.agl_m[i])
    outside, inside = [], [0.0]
    for area, margin in zip(local.areas, margins, strict=True):
        above_floor = _above(area.floor, alt, ground, home_amsl_m)
        below_ceiling = -_above(area.ceiling, alt, ground, home_amsl_m, default=-np.inf)
        if area.kind is ZoneKind.INCLUSION:
            low = -above_floor if en_route else -np.inf
            outside.append(max(0.0, -margin, low, -below_ceiling))
        else:
            inside.append(max(0.0, min(-margin, above_floor, below_ceiling)))
    return max(min(outside, default=0.0), max(inside))


def _above(limit: HeightLimit | None, alt: float, ground: float, home: float, default: float = np.inf) -> float:
    if limit is None:
        return default
    return alt - limit.amsl_m(ground if limit.datum is Datum.AGL else 0.0, home)
