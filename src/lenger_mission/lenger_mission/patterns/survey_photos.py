"""Where photos are taken along a track."""

from __future__ import annotations

from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray

from lenger_mission.patterns.sweep import SurveyTrack

Array = NDArray[np.float64]

_SURELY = 0.9995
"""A camera that counts metres takes the last photo a little before the end of its run, instead of just missing it."""


def run_trigger_m(length_m: float, trigger_m: float) -> float:
    """Return the distance between photos on a run, so that one falls on either end: at most `trigger_m`."""
    if not isfinite(trigger_m):
        return trigger_m
    return _SURELY * length_m / max(ceil(length_m / trigger_m - 1e-9), 1)


def photo_points(track: SurveyTrack, trigger_m: float) -> tuple[Array, Array]:
    """Return the places (P, 2) of photos in the order in which they are taken, and unit vectors (P, 2) of the way."""
    places, ways = [np.empty((0, 2))], [np.empty((0, 2))]
    for start, end in track.photo_runs:
        length = float(np.hypot(*(end - start)))
        way = (end - start) / length
        at = np.arange(0.0, length + 1e-6, run_trigger_m(length, trigger_m)) if isfinite(trigger_m) else np.array([0.0])
        places.append(start + at[:, None] * way)
        ways.append(np.tile(way, (len(at), 1)))
    return np.vstack(places), np.vstack(ways)
