"""Where the parts of a world stand: every way of saying it, turned into metres on the ground."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import hypot, radians

import numpy as np

from lenger_core.errors import InputError
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.spec import PartSpec, Scatter

Pair = tuple[float, float]
Point = tuple[float, float, float]

_TRIES = 200


@dataclass(frozen=True)
class Placement:
    """One instance of a part: its name in the world, metres east, north and above the origin, yaw from east."""

    name: str
    east_m: float
    north_m: float
    up_m: float
    yaw_rad: float


def places(part: PartSpec, ground: SiteGround) -> list[Placement]:
    """Return the instances of a part, on the ground.

    Raises:
        InputError: a place is outside the terrain, or a scatter is too crowded.
    """
    if part.scatter is not None:
        spots = scattered(part.scatter, part.name)
    elif part.each_m is not None:
        spots = list(part.each_m)
    elif part.along_m is not None or part.along_deg is not None:
        spots = every(_line(part, ground), part.every_m)
    else:
        spots = [_line(part, ground)[0]]
    heights = ground.heights_m(np.array([s[0] for s in spots]), np.array([s[1] for s in spots])) + part.up_m
    names = [part.name] if len(spots) == 1 else [f"{part.name}_{i + 1}" for i in range(len(spots))]
    # What follows a line has its own points, east and north; anything else may be turned.
    yaw = 0.0 if follows_line(part) else radians(90.0 - part.heading_deg)
    return [
        Placement(name, east, north, float(height), yaw)
        for name, (east, north), height in zip(names, spots, heights, strict=True)
    ]


def follows_line(part: PartSpec) -> bool:
    """Return whether the part is one thing along a line over the ground."""
    return part.line_m is not None or part.line_deg is not None


def line_points(part: PartSpec, ground: SiteGround) -> list[Point]:
    """Return x, y, z of the points of a part that follows a line, from its first one; on the ground.

    Raises:
        InputError: a point is outside the terrain.
    """
    spots = bent(_line(part, ground), part.every_m)
    heights = ground.heights_m(np.array([s[0] for s in spots]), np.array([s[1] for s in spots]))
    (east0, north0), height0 = spots[0], heights[0]
    # Whole millimetres, so that the text of the model does not hang on a machine's last bits.
    return [
        (round(e - east0, 3), round(n - north0, 3), round(float(h - height0), 3))
        for (e, n), h in zip(spots, heights, strict=True)
    ]


def every(line: list[Pair], step_m: float) -> list[Pair]:
    """Return points each `step_m` along a line, from its start."""
    spots, rest = [line[0]], step_m
    for a, b in itertools.pairwise(line):
        length = hypot(b[0] - a[0], b[1] - a[1])
        while rest <= length:
            share = rest / length
            spots.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
            rest += step_m
        rest -= length
    return spots


def bent(line: list[Pair], step_m: float) -> list[Pair]:
    """Return the corners of a line and points between them, at most `step_m` apart."""
    spots = [line[0]]
    for a, b in itertools.pairwise(line):
        pieces = max(1, int(np.ceil(hypot(b[0] - a[0], b[1] - a[1]) / step_m)))
        spots += [(a[0] + i / pieces * (b[0] - a[0]), a[1] + i / pieces * (b[1] - a[1])) for i in range(1, pieces + 1)]
    return spots


def scattered(scatter: Scatter, name: str) -> list[Pair]:
    """Return the places of a scatter.

    Raises:
        InputError: there is not enough room for them.
    """
    rng = np.random.default_rng(scatter.seed)
    spots: list[Pair] = []
    for _ in range(scatter.count):
        for _ in range(_TRIES):
            # Decimetres: a place that reads well, and is the same on every machine.
            east, north = (round(float(rng.uniform(*span)), 1) for span in (scatter.east_m, scatter.north_m))
            if all(hypot(east - e, north - n) >= scatter.apart_m for e, n in spots):
                spots.append((east, north))
                break
        else:
            raise InputError(f"part {name}", "scatter.apart_m", scatter.apart_m, f"room for {scatter.count} places")
    return spots


def _line(part: PartSpec, ground: SiteGround) -> list[Pair]:
    """The points of whichever field says where."""
    single = part.at_m if part.at_m is not None else part.at_deg
    many = next((v for v in (part.along_m, part.along_deg, part.line_m, part.line_deg) if v is not None), None)
    pairs = list(many) if many is not None else [single or (0.0, 0.0)]
    if part.at_deg is not None or part.along_deg is not None or part.line_deg is not None:
        return [ground.to_local(*pair) for pair in pairs]
    return pairs
