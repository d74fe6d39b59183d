"""Tables of numbers as text, compiled: Python's `%.4f` takes half a microsecond a number, and a log has millions.

Written from the end of a buffer to its beginning, last row and last digit first, so that no length has to be known
before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]

LARGEST = 1e9
"""Numbers of this size and beyond do not fit."""
_DIGITS = 21
_COMMA, _MINUS, _POINT, _ZERO = (ord(c) for c in ",-.0")


class Lines:
    """Makes CSV lines of numbers, each followed by one of some endings.

    Args:
        decimals: of each column, at most 9.
        endings: what may stand after the last number of a line, with its newline.
    """

    def __init__(self, decimals: Sequence[int], endings: Sequence[str]) -> None:
        self._decimals = np.array(decimals, dtype=np.int64)
        ends = [ending.encode("ascii") for ending in endings]
        self._widest = max(map(len, ends))
        self._lengths = np.array([len(end) for end in ends], dtype=np.int64)
        self._endings = np.array([[*end.ljust(self._widest)] for end in ends], dtype=np.uint8)

    def text(self, rows: Array, endings: Integers) -> str:
        """Return the lines of `rows` (N, K), finite and below `LARGEST`; `endings` (N,) are places in the list.

        The last digit of a number is as `%.nf` writes it, but for ties, which may go either way.
        """
        room = len(rows) * (rows.shape[1] * (_DIGITS + 1) + self._widest)
        out = np.empty(room, dtype=np.uint8)
        at = _fill(out, np.ascontiguousarray(rows), self._decimals, endings, self._endings, self._lengths)
        return out[at:].tobytes().decode("ascii")


@njit(cache=True)
def _fill(out: Bytes, rows: Array, decimals: Integers, chosen: Integers, endings: Bytes, lengths: Integers) -> int:
    """Write all lines so that they end where `out` does; return where they begin."""
    at = out.shape[0]
    last = rows.shape[1] - 1
    for i in range(rows.shape[0] - 1, -1, -1):
        ending = chosen[i]
        at -= lengths[ending]
        for k in range(lengths[ending]):
            out[at + k] = endings[ending, k]
        for column in range(last, -1, -1):
            if column < last:
                at -= 1
                out[at] = _COMMA
            at = _number(out, at, rows[i, column], decimals[column])
    return int(at)


@njit(cache=True)
def _number(out: Bytes, at: int, value: float, decimals: int) -> int:
    """Write one number so that it ends before `at`; return where it begins."""
    left = np.int64(np.rint(abs(value) * 10.0**decimals))
    place = 0
    while left > 0 or place <= decimals:
        if place == decimals and decimals > 0:
            at -= 1
            out[at] = _POINT
        at -= 1
        out[at] = _ZERO + left % 10
        left //= 10
        place += 1
    if value < 0.0:
        at -= 1
        out[at] = _MINUS
    return int(at)
