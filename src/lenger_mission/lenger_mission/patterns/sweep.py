"""Parallel lines over an area: one line a strip, as long as what it has to see, cut where flight is not allowed.

All planar, in metres east and north of a local frame. Bearings are compass bearings of the lines, degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, cos, radians, sin

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_mission.patterns.sweep_trim import Region as Region
from lenger_mission.patterns.sweep_trim import Span, trimmed

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAX_LINES = 2_000
_LEAST_RUN_M = 0.5
_SLIVER = 1e-6
"""Pieces of a strip smaller than this share of spacing squared are rounding."""


@dataclass(frozen=True)
class SurveyTrack:
    """A planar track.

    Attributes:
        points_en_m: (N, 2) east and north.
        photo: (N - 1,) whether the camera works along the leg that leads on from each point.
    """

    points_en_m: Array
    photo: Flags

    def __post_init__(self) -> None:
        for array in (self.points_en_m, self.photo):
            array.setflags(write=False)

    @property
    def legs_m(self) -> Array:
        """Length of each leg, (N - 1,)."""
        return np.asarray(np.hypot(*np.diff(self.points_en_m, axis=0).T))

    @property
    def length_m(self) -> float:
        """Length of the whole track."""
        return float(self.legs_m.sum())

    @property
    def photo_runs(self) -> Array:
        """The legs along which the camera works, (R, 2, 2): start and end, east and north."""
        points = self.points_en_m
        return np.stack([points[:-1][self.photo], points[1:][self.photo]], axis=1)


@dataclass(frozen=True)
class Run:
    """A straight piece of a line with the camera on.

    Attributes:
        line: number of the line in its family, counted to the left of the bearing.
        ends_en_m: ((e, n), (e, n)), the second one further along the bearing.
    """

    line: int
    ends_en_m: tuple[tuple[float, float], tuple[float, float]]

    @property
    def length_m(self) -> float:
        """Length of the run."""
        (e0, n0), (e1, n1) = self.ends_en_m
        return float(np.hypot(e1 - e0, n1 - n0))


def turned(bearing_deg: float) -> Array:
    """Return the rotation (2, 2) from (east, north) to (along the bearing, to the left of it)."""
    s, c = sin(radians(bearing_deg)), cos(radians(bearing_deg))
    return np.array([[s, c], [-c, s]])


def sweep_runs(
    target: Region,
    flyable: Region,
    bearing_deg: float,
    spacing_m: float,
    end_m: float = 0.0,
    spare_m2: float = 0.0,
    trim: bool = True,
) -> list[Run]:
    """Return the runs that see a target strip by strip, line after line, each line from its beginning to its end.

    Strips of at most `spacing_m` share the target's width evenly, a line in the middle of each. A line reaches as far
    as the target within its strip, so that slanted edges are seen in full but for `spare_m2`: pointed corners cost long
    ways and hold little.

    Args:
        target: what is to be seen.
        flyable: where the lines may be.
        bearing_deg: of the lines.
        spacing_m: greatest distance between neighbouring lines.
        end_m: how far a line goes on beyond what it has to see; negative: ends before, as half a frame looks ahead.
        spare_m2: how much of the target may be left unseen for shorter lines, and for one line less.
        trim: look for shorter lines, which takes most of the time.

    Raises:
        InputError: more than `MAX_LINES` lines.
    """
    turn = turned(bearing_deg)
    area = shapely.transform(target, lambda p: p @ turn.T)
    space = shapely.transform(flyable, lambda p: p @ turn.T)
    if area.is_empty:
        return []
    edges, spare_m2 = _edges(area, spacing_m, spare_m2)
    west, _, east, _ = area.bounds
    strips = shapely.intersection(area, shapely.box(west - 1.0, edges[:-1], east + 1.0, edges[1:]))
    spans = [_spans(strip, spacing_m) for strip in strips]
    if trim and spare_m2 > 0.0:
        spans = trimmed(strips, spans, spacing_m, spare_m2)
    spans = [[_ended(*span, end_m) for span in line] for line in spans]
    middles = 0.5 * (edges[:-1] + edges[1:])
    return _clipped(spans, middles, space, turn)


def _edges(area: Region, spacing_m: float, spare_m2: float) -> tuple[Array, float]:
    """Return the edges of the strips, and what of the spare area is left: half of it may save a line at the tips."""
    west, low, east, high = area.bounds
    count = max(ceil((high - low) / spacing_m - 1e-9), 1)
    if count > MAX_LINES:
        raise InputError("survey", "spacing", f"{count} lines of {spacing_m:.2f} m", f"at most {MAX_LINES} lines")
    over = (high - low) - (count - 1) * spacing_m
    if spare_m2 > 0.0 and count > 1 and over < 0.5 * spacing_m:
        shares = np.linspace(0.0, 1.0, 5)
        below = shapely.area(shapely.intersection(area, shapely.box(west, low, east, low + shares * over)))
        above = shapely.area(shapely.intersection(area, shapely.box(west, high - (1.0 - shares) * over, east, high)))
        best = int((below + above).argmin())
        if below[best] + above[best] <= 0.5 * spare_m2:
            low, high = low + shares[best] * over, high - (1.0 - shares[best]) * over
            count, spare_m2 = count - 1, spare_m2 - float(below[best] + above[best])
    return np.linspace(low, high, count + 1), spare_m2


def _spans(strip: Region, spacing_m: float) -> list[Span]:
    """Return from where to where along the bearing a strip's line has to see; gaps within a spacing are flown over."""
    pieces = shapely.get_parts(strip)
    boxes = shapely.bounds(pieces[shapely.area(pieces) > _SLIVER * spacing_m**2])
    spans: list[Span] = []
    for start, _, end, _ in boxes[np.argsort(boxes[:, 0])] if len(boxes) else ():
        if spans and start - spans[-1][1] <= spacing_m:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _ended(start: float, end: float, end_m: float) -> Span:
    middle, half = 0.5 * (start + end), max(0.5 * (end - start) + end_m, _LEAST_RUN_M)
    return middle - half, middle + half


def _clipped(spans: list[list[Span]], middles: Array, space: Region, turn: Array) -> list[Run]:
    lines = [i for i, line in enumerate(spans) for _ in line]
    if not lines:
        return []
    ends = np.array([span for line in spans for span in line])
    across = np.repeat(middles[lines], 2).reshape(-1, 2)
    wanted = shapely.linestrings(np.stack([ends, across], axis=-1))
    shapely.prepare(space)
    parts, owner = shapely.get_parts(shapely.intersection(wanted, space), return_index=True)
    boxes = shapely.bounds(parts)
    runs = []
    for number, box in zip(np.array(lines)[owner], boxes, strict=True):
        if box[2] - box[0] >= _LEAST_RUN_M:
            height = middles[number]  # exactly the line's, so that its runs stay in line
            (e0, n0), (e1, n1) = np.array([[box[0], height], [box[2], height]]) @ turn
            runs.append(
                (int(number), float(box[0]), Run(int(number), ((float(e0), float(n0)), (float(e1), float(n1)))))
            )
    return [run for _, _, run in sorted(runs, key=lambda r: r[:2])]
