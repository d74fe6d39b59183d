"""What the lines of a survey leave unseen, and further runs for it: beside zones a line cannot always be mid-strip."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from lenger_mission.patterns.sweep import Region, Run, sweep_runs, turned

Array = NDArray[np.float64]

_SHIFTS = (0.0, -0.3, 0.3, -0.6, 0.6, -0.95, 0.95)
"""Where a line for a gap is tried, in half frames to the left of the gap's middle."""
_ROUNDS = 4
_LEAST_SHARE = 2e-4
_LEAST_GAIN = 0.25
_MOST_GAPS = 200
_GRID_M = 1e-3


@dataclass(frozen=True)
class Frame:
    """What is seen around the aircraft: half sides in metres, across and along the direction flown."""

    across_m: float
    along_m: float

    def seen(self, runs: list[Run]) -> Array:
        """Return the rectangles (R,) that runs see, as shapely polygons."""
        if not runs:
            return np.empty(0, dtype=object)
        ends = np.array([run.ends_en_m for run in runs])
        along = ends[:, 1] - ends[:, 0]
        along /= np.hypot(*along.T)[:, None]
        left = np.column_stack([-along[:, 1], along[:, 0]])
        back, front = ends[:, 0] - along * self.along_m, ends[:, 1] + along * self.along_m
        side = left * self.across_m
        corners = np.stack([back - side, front - side, front + side, back + side], axis=1)
        return np.asarray(shapely.polygons(corners))


def unseen(target: Region, frame: Frame, runs: list[Run]) -> Region:
    """Return the part of the target that no run sees."""
    return _without(target, frame.seen(runs))


def gap_runs(
    target: Region, flyable: Region, frame: Frame, runs: list[Run], bearing_deg: float, goal: float
) -> list[Run]:
    """Return further runs, so that together a share `goal` of the target is seen, if that can be had.

    Every gap gets one line a round, where it sees most of it: along the other lines or along the gap.

    Args:
        target: what is to be seen.
        flyable: where runs may be.
        frame: what is seen around the aircraft.
        runs: what is flown already.
        bearing_deg: of the other lines.
        goal: share of the target's area, 0 to 1.
    """
    shapely.prepare(flyable)
    more: list[Run] = []
    left = unseen(target, frame, runs)
    for _ in range(_ROUNDS):
        before = len(more)
        for gap in _largest(left, target.area):
            if left.area <= (1.0 - goal) * target.area:
                return more
            found = _best_run(gap, left, flyable, frame, bearing_deg)
            more += found
            left = _without(left, frame.seen(found))
        if len(more) == before:
            break
    return more


def _without(whole: Region, parts: Array) -> Region:
    """Return a region without rectangles.

    On a grid: the exact overlay of strips that touch along whole sides raises, or quietly loses some of them.
    """
    solid = [p for p in shapely.get_parts(shapely.make_valid(whole)) if isinstance(p, Polygon)]
    covered = shapely.union_all(parts, grid_size=_GRID_M)
    return shapely.union_all(shapely.difference(solid, covered, grid_size=_GRID_M))


def _largest(left: Region, whole_m2: float) -> list[Polygon]:
    parts = [p for p in shapely.get_parts(left) if p.geom_type == "Polygon" and p.area > _LEAST_SHARE * whole_m2]
    return sorted(parts, key=lambda p: -p.area)[:_MOST_GAPS]


def _best_run(gap: Polygon, left: Region, flyable: Region, frame: Frame, bearing_deg: float) -> list[Run]:
    """Return the run, or the pieces of one, that sees most new of what is left for a metre flown."""
    near = left.intersection(shapely.box(*gap.bounds).buffer(2.0 * frame.across_m))
    best, most = list[Run](), _LEAST_GAIN * gap.area
    for bearing in {bearing_deg, _long_side_deg(gap), bearing_deg + 90.0}:
        to_left = turned(bearing)[1]
        for shift in _SHIFTS:
            moved = shapely.transform(gap, lambda p, by=shift * frame.across_m * to_left: p + by)
            strip = _middle(moved, bearing, frame)
            runs = sweep_runs(strip, flyable, bearing, 4.0 * frame.across_m, -frame.along_m)
            if not runs:
                continue
            gain = near.intersection(shapely.union_all(frame.seen(runs))).area
            gain /= 1.0 + 0.1 * sum(r.length_m for r in runs) / (2.0 * frame.along_m)
            if gain > most:
                best, most = runs, gain
    return best


def _middle(gap: Polygon, bearing_deg: float, frame: Frame) -> Polygon:
    """Return the part of a gap that one line along a bearing sees: the middle, where the gap is wider than that."""
    turn = turned(bearing_deg)
    there = shapely.transform(gap, lambda p: p @ turn.T)
    west, low, east, high = there.bounds
    if high - low <= 2.0 * frame.across_m:
        return gap
    middle = 0.5 * (low + high)
    part = there.intersection(shapely.box(west, middle - frame.across_m, east, middle + frame.across_m))
    return shapely.transform(part, lambda p: p @ turn)


def _long_side_deg(gap: Polygon) -> float:
    """Return the bearing of the longer side of the least rectangle about a gap."""
    box = shapely.minimum_rotated_rectangle(gap)
    sides = np.diff(np.asarray(box.exterior.coords), axis=0)[:2] if box.geom_type == "Polygon" else np.ones((1, 2))
    east, north = sides[int(np.hypot(*sides.T).argmax())]
    return round(degrees(atan2(east, north)) % 180.0, 6)
