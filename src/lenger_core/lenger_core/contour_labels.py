"""Where heights are written on contour lines: along straight stretches, apart from each other, upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SMOOTH_PX = 1.5
_STRAY = 0.25
"""Most that a line may stray from under its label, in steps of height."""
_TILT_COST = 0.3


@dataclass(frozen=True, slots=True)
class ContourLabel:
    """One label.

    Attributes:
        height_m: what is written.
        row, column: of its centre, in pixels, row 0 in the north.
        angle_deg: of the line of writing, counter-clockwise on the picture, -90 to 90: it reads from the left.
    """

    height_m: float
    row: float
    column: float
    angle_deg: float


def contour_labels(
    heights_m: Array, step_m: float, length_px: float, apart_px: float, keep_out: Mask | None = None
) -> tuple[ContourLabel, ...]:
    """Return labels for contour lines, best places first.

    Args:
        heights_m: (rows, columns), row 0 in the north.
        step_m: between the lines that get labels.
        length_px: of a label.
        apart_px: least distance between two labels; twice that between two of one height.
        keep_out: (rows, columns), True where nothing may be written.
    """
    heights = gaussian_filter(np.asarray(heights_m, dtype=np.float64), _SMOOTH_PX)
    found = _candidates(heights, step_m, length_px, keep_out)
    taken: list[ContourLabel] = []
    for label in found:
        near = (
            np.hypot(t.row - label.row, t.column - label.column)
            < apart_px * (2.0 if t.height_m == label.height_m else 1.0)
            for t in taken
        )
        if not any(near):
            taken.append(label)
    return tuple(taken)


def _candidates(heights: Array, step_m: float, length_px: float, keep_out: Mask | None) -> list[ContourLabel]:
    """Every place where a label would lie well on its line, best first."""
    by_row, by_col = (np.asarray(g, dtype=np.float64) for g in np.gradient(heights))
    steep: Array = np.hypot(by_row, by_col)
    level = np.round(heights / step_m) * step_m
    # Lines closer than half a label's height would run through its neighbours' letters.
    good = (np.abs(heights - level) < 0.5 * steep) & (steep < 3.0 * step_m / length_px) & (steep > 1e-4 * step_m)
    margin = int(np.ceil(length_px))
    inner = np.zeros_like(good)
    inner[margin:-margin, margin:-margin] = True
    rows, cols = np.nonzero(good & inner)
    if not len(rows):
        return []
    # The line runs across the gradient; of its two senses the one that reads from the left.
    sense = np.where(by_row[rows, cols] > 0.0, -1.0, 1.0) / steep[rows, cols]
    along_row, along_col = by_col[rows, cols] * sense, -by_row[rows, cols] * sense
    stray = np.zeros(len(rows))
    blocked = np.zeros(len(rows), dtype=bool)
    for share in (-0.6, -0.3, 0.3, 0.6):
        at_row, at_col = rows + share * length_px * along_row, cols + share * length_px * along_col
        at = map_coordinates(heights, (at_row, at_col), order=1, mode="nearest")
        stray = np.maximum(stray, np.abs(at - level[rows, cols]) / step_m)
        if keep_out is not None:
            blocked |= keep_out[np.rint(at_row).astype(int), np.rint(at_col).astype(int)]
    cost = stray + _TILT_COST * np.abs(along_row)
    order = np.asarray(np.argsort(cost, kind="stable"))
    order = order[(stray[order] < _STRAY) & ~blocked[order]]
    angle = np.degrees(np.arctan2(-along_row, along_col))
    return [
        ContourLabel(float(level[rows[k], cols[k]]), float(rows[k]), float(cols[k]), float(angle[k])) for k in order
    ]
