"""Polygons with fewer vertices, each on its legal side and within a stated distance of the true line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from shapely.geometry import Polygon

from lenger_core.zone_model import CircleShape
from lenger_core.zone_pieces import Piece

_ROUNDING_M = 0.02
"""Autopilots keep positions to 1e-7 degrees, a centimetre."""
HOPELESS = 4
_QUARTER_STEPS = 16
_JOINS = (("round", 1.0), ("mitre", 1.5))
"""Ways to move a line aside, and how many times as far a corner may get: sharp corners need fewer vertices."""
_CHORD = 0.99
"""An arc of the buffer is up to half a percent nearer than it should be; the thinning leaves that much."""


def versions(piece: Piece, errors_m: Sequence[float], room: int = 0) -> list[list[Piece]]:
    """Return for each error the fewest vertices that say a piece within it: inclusions inside it, exclusions around.

    Circles stay what they are, and so does what would not get shorter.

    Args:
        piece: a polygon or circle.
        errors_m: the greatest distances of a new line from the old one, rising; 0 is the piece itself.
        room: vertices that there is room for; an error at which even a line that may cross the old one has
            `HOPELESS` times as many is not tried: moving a long line aside takes seconds. 0: all are tried.
    """
    best, made = [piece], []
    for error_m in errors_m:
        if room and len(piece.ring) > HOPELESS * room and _plain(piece.outline, error_m) > HOPELESS * room:
            made.append(best)
            continue
        if error_m > 0.0 and not isinstance(piece.source, CircleShape) and len(piece.ring) > 3:
            thin = inward(piece.outline, error_m) if piece.inclusion else outward(piece.outline, error_m)
            if thin and _vertices(thin) < _cost([(0, *p.ring) for p in best]):
                best = [replace(piece, outline=p, source=None) for p in thin]
        made.append(best)
    return made


def _plain(outline: Polygon, error_m: float) -> int:
    """Return the vertices of a line within an error of the old one, on both of its sides."""
    return len(outline.exterior.simplify(error_m, preserve_topology=False).coords)


def _cost(rings: Iterable[Sequence[object]]) -> float:
    """Return the number of vertices of closed rings, and a little for each ring."""
    return sum(len(ring) - 0.75 for ring in rings)


def inward(outline: Polygon, error_m: float) -> list[Polygon]:
    """Return polygons inside `outline` that hold all of it but what is within `error_m` of its line.

    The line is moved inside by a part of the error, then thinned by Douglas and Peucker's algorithm with the rest: it
    crosses the old line nowhere and is nowhere farther from it than the error. An outline without holes has none
    after that; a neck narrower than the error parts it in two.
    """
    made = []
    for join, reach in _JOINS:
        step = (error_m - _ROUNDING_M) / (1.0 + reach)
        shrunk = outline.buffer(-step - _ROUNDING_M, quad_segs=_QUARTER_STEPS, join_style=join, mitre_limit=reach)
        parts = [p for p in getattr(shrunk, "geoms", (shrunk,)) if not p.buffer(-step).is_empty]
        thin = [p.simplify(step * _CHORD, preserve_topology=True) for p in parts]
        made.append([t if t.is_valid and outline.covers(t) else p for t, p in zip(thin, parts, strict=True)])
    return min(made, key=_vertices)


def outward(outline: Polygon, error_m: float) -> list[Polygon]:
    """Return a polygon around `outline` that reaches no farther than `error_m` beyond it, none where that has holes.

    As `inward`, to the other side. A bay with a mouth narrower than the error would be closed, and all of it with it.
    """
    made = []
    for join, reach in _JOINS:
        step = (error_m - _ROUNDING_M) / (1.0 + reach)
        grown = outline.buffer(step + _ROUNDING_M, quad_segs=_QUARTER_STEPS, join_style=join, mitre_limit=reach)
        if not isinstance(grown, Polygon) or grown.interiors:
            return []
        thin = grown.simplify(step * _CHORD, preserve_topology=True)
        made.append([thin if thin.is_valid and thin.covers(outline) else grown])
    return min(made, key=_vertices)


def _vertices(polygons: list[Polygon]) -> float:
    # Nothing is no short way to say something.
    return _cost([p.exterior.coords for p in polygons]) if polygons else inf
