"""Samples gathered by the plan's item that they belong to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def least_by_item(values: Array, item: Ints) -> Iterator[tuple[int, int]]:
    """Return for each item, ascending, its number and the index of its least value; values that are NaN do not count.

    Args:
        values: (N,).
        item: (N,) that each belongs to.
    """
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], item[known]))]
    items, first = np.unique(item[order], return_index=True)
    yield from zip(items.tolist(), order[first].tolist(), strict=True)


def spans_text(items: list[int], most: int = 6) -> str:
    """Return item numbers as people write them: "3 to 5, 7"; the last ones as a count where there are many."""
    spans: list[list[int]] = []
    for item in sorted(set(items)):
        if spans and item == spans[-1][1] + 1:
            spans[-1][1] = item
        else:
            spans.append([item, item])
    parts = [f"{a}" if a == b else f"{a} to {b}" for a, b in spans[:most]]
    rest = sum(b - a + 1 for a, b in spans[most:])
    return ", ".join(parts) + (f" and {rest} more" if rest else "")
