"""A good order of cells, and the track through them: a travelling salesman with four ways to visit each place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_mission.patterns.sweep import SurveyTrack
from lenger_mission.patterns.sweep_cells import VARIANTS, cell_points
from lenger_mission.patterns.sweep_order_kernels import best_variants, improved
from lenger_mission.patterns.sweep_route import Router

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_CELLS = 600
_LEGAL_UP_TO = 120
"""Cells up to which the order is judged by legal ways; beyond, by straight distances, and the ways are found after."""
_MOST_WORK = 30_000_000
_SAME_M = 0.01


def ordered_track(cells: list[Array], router: Router, start_en_m: Array | None, end_en_m: Array | None) -> SurveyTrack:
    """Return the track that flies all cells, hops between them included.

    Args:
        cells: each (R, 2, 2), see `sweep_cells.cells_of`.
        router: of where the hops may be.
        start_en_m, end_en_m: (2,) where the vehicle comes from and goes to; None: open. The track begins with the first
            cell and ends with the last, the ways from and to these count for the order only.

    Raises:
        InputError: more than `MAX_CELLS` cells, none, or no legal way between them.
    """
    if not 1 <= len(cells) <= MAX_CELLS:
        raise InputError("survey", "cells", len(cells), f"1 to {MAX_CELLS}; a wider spacing or a simpler area")
    ways = [[cell_points(cell, v) for v in range(VARIANTS)] for cell in cells]
    hop, first, last = _costs(ways, router, start_en_m, end_en_m)
    inner = np.array([[float(np.hypot(*np.diff(w, axis=0).T).sum()) for w in each] for each in ways])
    order = _nearest(hop, inner, first)
    most = _MOST_WORK // (len(cells) * VARIANTS * VARIANTS)
    order = improved(order, hop, inner, first, last, most)
    _, variants = best_variants(order, hop, inner, first, last)
    return _joined([ways[c][v] for c, v in zip(order, variants, strict=True)], router)


def _costs(
    ways: list[list[Array]], router: Router, start: Array | None, end: Array | None
) -> tuple[Array, Array, Array]:
    """Return hops (C, V, C, V), and ways from the start and to the end (C, V), in metres."""
    count = len(ways)
    entries = np.array([[way[0] for way in each] for each in ways]).reshape(-1, 2)
    exits = np.array([[way[-1] for way in each] for each in ways]).reshape(-1, 2)
    extra = [np.asarray(p, float).reshape(1, 2) for p in (start, end) if p is not None]
    points, index = np.unique(np.round(np.vstack([entries, exits, *extra]), 6), axis=0, return_inverse=True)
    index = index.reshape(-1)
    if count <= _LEGAL_UP_TO:
        between = router.distances_m(points)
    else:
        between = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    n = count * VARIANTS
    into, out = index[:n], index[n : 2 * n]
    ends = list(index[2 * n :])
    shape = (count, VARIANTS)
    first = between[ends.pop(0), into].reshape(shape) if start is not None else np.zeros(shape)
    last = between[out, ends.pop(0)].reshape(shape) if end is not None else np.zeros(shape)
    hop = between[out[:, None], into[None]].reshape(*shape, *shape)
    # A start or end outside the region has no legal way; then the straight one serves to choose the order.
    return (
        np.ascontiguousarray(hop),
        np.ascontiguousarray(np.where(np.isfinite(first), first, 0.0)),
        np.ascontiguousarray(np.where(np.isfinite(last), last, 0.0)),
    )


def _nearest(hop: Array, inner: Array, first: Array) -> Ints:
    """Return the order that always goes on to the nearest cell."""
    cell, variant = np.unravel_index(int((first + inner).argmin() if first.any() else 0), first.shape)
    order, left = [int(cell)], np.ones(len(inner), bool)
    left[cell] = False
    while left.any():
        there = np.where(left[:, None], hop[cell, variant], np.inf)
        cell, variant = np.unravel_index(int(there.argmin()), there.shape)
        if not left[cell]:
            cell, variant = np.int64(np.flatnonzero(left)[0]), np.int64(0)
        order.append(int(cell))
        left[cell] = False
    return np.array(order, dtype=np.int64)


def _joined(pieces: list[Array], router: Router) -> SurveyTrack:
    """Return one track of pieces whose every first leg of two is a run; what lies between them goes a legal way."""
    runs = np.vstack(pieces).reshape(-1, 2, 2)
    clear = router.legal(runs[:-1, 1], runs[1:, 0])
    points, photo = [runs[0, 0], runs[0, 1]], [True]
    for run, straight in zip(runs[1:], clear, strict=True):
        corners = () if straight else router.way(points[-1], run[0])[1:-1]
        stops = [*corners, run[0]]
        if len(stops) == 1 and np.hypot(*(points[-1] - run[0])) < _SAME_M:
            stops = []
        points += [*stops, run[1]]
        photo += [False] * len(stops) + [True]
    return SurveyTrack(np.array(points), np.array(photo))
