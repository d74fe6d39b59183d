"""The lines that bound the union of inclusions of different heights, whichever of them count at a height.

All outlines are cut at their crossings into pieces. Each piece knows which inclusions lie on its left and which on its
right, as bits, so it bounds the union of some of them exactly where one side has any of those and the other has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from shapely import contains_xy, dwithin, get_num_coordinates, prepare, snap
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import polygonize, unary_union

from lenger_core.zone_kernels import block_boxes
from lenger_core.zone_shapes import Outline

Floats = NDArray[np.float64]
Bits = NDArray[np.int64]

MOST_INCLUSIONS = 62
"""Inclusions that differ in height and are looked at together; those beyond it are kept apart, each with its fence."""

GAP_M = 0.01
"""Gaps between inclusions that are narrower than this are none: neighbours in a file share lines up to rounding."""

_MOST_PAIRS = 4_000_000
"""Of vertices of one outline and its neighbours. Beyond it their lines stay as they are: a gap stays a fence."""


class Seams(NamedTuple):
    """The pieces, as the kernels take them.

    Attributes:
        edges: (S, 4) m, from (e, n) to (e, n).
        boxes: (B, 4) m around each block of them.
        left, right: (S,) bits of the inclusions on either side.
    """

    edges: Floats
    boxes: Floats
    left: Bits
    right: Bits


def oriented_edges(outline: Outline) -> Floats:
    """Return (M, 4) m: the edges of an outline, oriented so that the interior is on the left."""
    polygons = outline.geoms if isinstance(outline, MultiPolygon) else [outline]
    return np.vstack([ring for polygon in polygons for ring in _rings(polygon)])


def without_gaps(outlines: Sequence[Outline]) -> list[Outline]:
    """Return outlines of inclusions whose lines lie on each other where they are nearer than GAP_M."""
    out: list[Outline] = []
    for outline in outlines:
        near = [k for k, other in enumerate(out) if dwithin(other, outline, GAP_M)]
        for k in near:
            outline = _moved(outline, out[k])
        for k in near:  # a corner that stands on a line becomes a corner of that line
            out[k] = _moved(out[k], outline)
        out.append(outline)
    return out


def _moved(outline: Outline, onto: Outline) -> Outline:
    if get_num_coordinates(outline) * get_num_coordinates(onto) > _MOST_PAIRS:
        return outline
    moved = snap(outline, onto, GAP_M)
    return moved if moved.is_valid and isinstance(moved, Polygon | MultiPolygon) else outline


def seams_of(outlines: Sequence[Outline]) -> Seams:
    """Return the pieces of the outlines of inclusions, the first MOST_INCLUSIONS of them."""
    outlines = outlines[:MOST_INCLUSIONS]
    if not outlines:
        none = np.zeros(0, dtype=np.int64)
        return Seams(np.zeros((0, 4)), np.zeros((0, 4)), none, none)
    if len(outlines) == 1:
        edges = np.ascontiguousarray(oriented_edges(outlines[0]))
        ones = np.ones(len(edges), dtype=np.int64)
        return Seams(edges, block_boxes(edges), ones, np.zeros_like(ones))
    faces = list(polygonize(unary_union([outline.boundary for outline in outlines])))
    bits = _memberships(faces, outlines)
    return _joined(faces, bits)


def _rings(polygon: Polygon) -> list[Floats]:
    rows = []
    for ring, counter_clockwise in [(polygon.exterior, True), *((hole, False) for hole in polygon.interiors)]:
        points = np.asarray(ring.coords)[:, :2]
        if ring.is_ccw is not counter_clockwise:
            points = points[::-1]
        rows.append(np.hstack((points[:-1], points[1:])))
    return rows


def _memberships(faces: Sequence[Polygon], outlines: Sequence[Outline]) -> list[int]:
    """Return for each face of the cut plane which outlines it lies in, as bits; a sliver counts as all around it."""
    inner = np.array([face.representative_point().coords[0] for face in faces])
    bits = np.zeros(len(faces), dtype=np.int64)
    for number, outline in enumerate(outlines):
        prepare(outline)
        bits |= contains_xy(outline, inner[:, 0], inner[:, 1]).astype(np.int64) << number
    out = [int(b) for b in bits]
    for i, face in enumerate(faces):
        if face.area < 0.5 * GAP_M * face.length:
            out[i] = int(np.bitwise_or.reduce(bits[[other.intersects(face) for other in faces]]))
    return out


def _joined(faces: Sequence[Polygon], bits: Sequence[int]) -> Seams:
    """Return every piece once, with the bits of the faces on both sides of it."""
    left: dict[tuple[float, ...], int] = {}
    for face, mine in zip(faces, bits, strict=True):
        for row in np.vstack(_rings(face)).tolist():
            left[tuple(row)] = mine
    rows, sides = [], []
    for (x0, y0, x1, y1), mine in left.items():
        other = left.get((x1, y1, x0, y0))
        if mine == (other or 0) or (other is not None and (x0, y0) > (x1, y1)):
            continue
        rows.append((x0, y0, x1, y1))
        sides.append((mine, other or 0))
    edges = np.array(rows, dtype=np.float64).reshape(-1, 4)
    both = np.array(sides, dtype=np.int64).reshape(-1, 2)
    return Seams(edges, block_boxes(edges), np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1]))
