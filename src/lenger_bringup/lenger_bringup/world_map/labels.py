"""Finds room for names: beside their marks, along their lines, inside their areas, never on each other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_GAP = 3.0
_FREE = 0.02
"""Share of a label's box that may cover a line."""
_SIDES = ((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (0.8, -0.8), (0.8, 0.8), (-0.8, -0.8), (-0.8, 0.8))
"""Where a label is tried about a mark: right, left, above, below, then askew."""


class Room:
    """What is taken on a picture of a size in pixels."""

    def __init__(self, width: int, height: int) -> None:
        self._taken = np.zeros((height, width), dtype=bool)
        self._lines = np.zeros((height, width), dtype=bool)

    @property
    def busy(self) -> Mask:
        """Where something is, (height, width)."""
        return self._taken | self._lines

    def take(self, x: float, y: float, width: float, height: float) -> None:
        """Take a box about a place."""
        left, top, right, bottom = self._box(x, y, width, height)
        self._taken[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True

    def take_line(self, points: Array, width: float) -> None:
        """Take a line: names may touch it, but not lie on it."""
        if len(points) > 1:
            mask = Image.fromarray(self._lines.astype(np.uint8) * 255)
            ImageDraw.Draw(mask).line([(float(x), float(y)) for x, y in points], fill=255, width=round(width))
            self._lines = np.asarray(mask) > 0

    def beside(self, x: float, y: float, reach: float, width: float, height: float) -> tuple[float, float] | None:
        """Return the middle of a free box beside a mark that reaches so far, and take it; None where there is none."""
        spots = (
            (x + side * (reach + _GAP + 0.5 * width), y)
            if abs(side) == 1.0
            else (x + side * (0.5 * width + 0.4 * reach), y + up * (reach + _GAP + 0.5 * height))
            for side, up in _SIDES
        )
        return self.first(spots, width, height)

    def first(self, spots: Iterable[tuple[float, float]], width: float, height: float) -> tuple[float, float] | None:
        """Return the first place where a box about it is free, and take it."""
        for x, y in spots:
            if self._free(x, y, width, height):
                self.take(x, y, width, height)
                return x, y
        return None

    def _free(self, x: float, y: float, width: float, height: float) -> bool:
        left, top, right, bottom = self._box(x, y, width, height)
        if left < 2 or top < 2 or right > self._taken.shape[1] - 2 or bottom > self._taken.shape[0] - 2:
            return False
        part = np.s_[top:bottom, left:right]
        return not self._taken[part].any() and float(self._lines[part].mean()) <= _FREE

    @staticmethod
    def _box(x: float, y: float, width: float, height: float) -> tuple[int, int, int, int]:
        return (
            round(x - 0.5 * width - 1.0),
            round(y - 0.5 * height - 1.0),
            round(x + 0.5 * width + 1.0),
            round(y + 0.5 * height + 1.0),
        )
