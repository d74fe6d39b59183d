"""The order of cells as compiled code: dynamic programming over their variants inside a local search over orders."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True)
def best_variants(order: Ints, hop: Array, inner: Array, first: Array, last: Array) -> tuple[float, Ints]:
    """Return the least cost of flying cells in an order, and the variant of each that it takes.

    Args:
        order: (N,) cells.
        hop: (C, V, C, V) cost from the exit of a cell flown in a variant to the entry of another.
        inner: (C, V) cost of the cell itself.
        first, last: (C, V) cost from the start to the entry, and from the exit to the end.
    """
    count, ways = len(order), inner.shape[1]
    cost = np.empty((count, ways))
    came = np.zeros((count, ways), np.int64)
    for v in range(ways):
        cost[0, v] = first[order[0], v] + inner[order[0], v]
    for i in range(1, count):
        for v in range(ways):
            least = np.inf
            for u in range(ways):
                there = cost[i - 1, u] + hop[order[i - 1], u, order[i], v]
                if there < least:
                    least = there
                    came[i, v] = u
            cost[i, v] = least + inner[order[i], v]
    total, best = np.inf, 0
    for v in range(ways):
        there = cost[count - 1, v] + last[order[count - 1], v]
        if there < total:
            total, best = there, v
    variants = np.empty(count, np.int64)
    for i in range(count - 1, -1, -1):
        variants[i] = best
        best = came[i, best]
    return total, variants


@njit(cache=True)
def improved(order: Ints, hop: Array, inner: Array, first: Array, last: Array, most_trials: int) -> Ints:
    """Return a better order: pieces turned round (2-opt) and pieces of up to three moved (Or-opt) while that gains."""
    best = order.copy()
    cost = best_variants(best, hop, inner, first, last)[0]
    count, trials, again = len(order), 0, True
    while again and trials < most_trials:
        again = False
        for i in range(count):
            for j in range(count):
                for kind in range(4):
                    trial = _changed(best, i, j, kind)
                    trials += 1
                    there = best_variants(trial, hop, inner, first, last)[0]
                    if there < cost - 1e-6:
                        best, cost, again = trial, there, True
            if trials >= most_trials:
                break
    return best


@njit(cache=True)
def _changed(order: Ints, i: int, j: int, kind: int) -> Ints:
    """Return the order with i to j turned round (kind 0), or with `kind` cells from i on moved to place j."""
    out = order.copy()
    count = len(order)
    if kind == 0:
        for k in range(i, j + 1):
            out[k] = order[i + j - k]
        return out
    if i + kind > count or j > count - kind:
        return out
    rest = np.concatenate((order[:i], order[i + kind :]))
    out[:j], out[j : j + kind], out[j + kind :] = rest[:j], order[i : i + kind], rest[j:]
    return out
