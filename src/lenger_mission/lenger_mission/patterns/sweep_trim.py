"""Shorter lines: the tips at their ends that hold little of the area are left out, where a metre saved costs least."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

Array = NDArray[np.float64]
Region: TypeAlias = Polygon | MultiPolygon
Span: TypeAlias = tuple[float, float]

_MOST_TRIM, _STEPS = 1.5, 24
"""How far, in spacings, and in how many steps the ends of lines are looked at."""
_HALVINGS = 40


def trimmed(strips: list[Region], spans: list[list[Span]], spacing_m: float, spare_m2: float) -> list[list[Span]]:
    """Return the spans of strips without the tips of their ends, which together hold at most the spare area.

    At the optimum every end is cut where a further metre loses the same area (Lagrange); that price is searched.

    Args:
        strips: pieces of the area, lines running east.
        spans: of each strip, from where to where its line has to see.
        spacing_m: width of the strips.
        spare_m2: what may be lost.
    """
    owner = [i for i, line in enumerate(spans) for _ in line]
    if not owner:
        return spans
    ends = np.array([span for line in spans for span in line])
    parts = np.array(strips, dtype=object)[owner]
    most = np.minimum(_MOST_TRIM * spacing_m, 0.4 * (ends[:, 1] - ends[:, 0]))
    cuts = np.repeat(most[:, None], 2, axis=1)[..., None] * np.linspace(0.0, 1.0, _STEPS)
    best = _chosen(cuts, _lost(parts, ends, cuts), spare_m2, spacing_m)
    short = np.column_stack([ends[:, 0] + best[:, 0], ends[:, 1] - best[:, 1]])
    out: list[list[Span]] = [[] for _ in spans]
    for line, (start, end) in zip(owner, short, strict=True):
        out[line].append((float(start), float(end)))
    return out


def _lost(parts: NDArray[np.object_], ends: Array, cuts: Array) -> Array:
    """Return the area (S, 2, K) that cuts (S, 2, K) at the starts and ends of spans (S, 2) leave out."""
    _, low, _, high = shapely.bounds(parts).T[..., None]
    start, end = ends.T[..., None]
    boxes = [shapely.box(start, low, start + cuts[:, 0], high), shapely.box(end - cuts[:, 1], low, end, high)]
    return np.asarray(shapely.area(shapely.intersection(parts[:, None, None], np.stack(boxes, axis=1))))


def _chosen(cuts: Array, lost: Array, spare_m2: float, width_m: float) -> Array:
    """Return the cut (S, 2) of each end, so that all lose at most the spare area for the most metres."""
    low, high = 0.0, width_m  # no metre loses more
    best = np.zeros(cuts.shape[:2])
    for _ in range(_HALVINGS):
        price = 0.5 * (low + high)  # area that a metre saved may lose
        pick = (price * cuts - lost).argmax(axis=2)[..., None]
        if np.take_along_axis(lost, pick, axis=2).sum() <= spare_m2:
            low, best = price, np.take_along_axis(cuts, pick, axis=2)[..., 0]
        else:
            high = price
    return best
