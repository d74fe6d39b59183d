"""Plans of legal flights and the arenas that they keep their distance in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from shapely.geometry import Polygon, box

from guard_flights.arena import Disc, Volume
from lenger_core.zones import Datum, HeightLimit

Point3 = tuple[float, float, float]


@dataclass(frozen=True)
class Spare:
    """What a plan keeps off: protection levels plus a little, metres."""

    level_m: float
    up_m: float
    ground_m: float


@dataclass(frozen=True)
class Drawn:
    """A plan and its arena, about home.

    Attributes:
        volumes: the zones.
        takeoff_m: height above home.
        path: waypoints (east, north, height above home).
        hold_s: at the last waypoint.
        lands_at: east and north, None: home.
        ceiling_agl_m, floor_agl_m: kept over the ground.
    """

    volumes: tuple[Volume, ...]
    takeoff_m: float
    path: tuple[Point3, ...]
    hold_s: float = 0.0
    lands_at: tuple[float, float] | None = None
    ceiling_agl_m: float = 120.0
    floor_agl_m: float = 15.0


def _turned(points: np.ndarray, turn_rad: float) -> list[tuple[float, float]]:
    c, s = cos(turn_rad), sin(turn_rad)
    return [(float(c * e - s * n), float(s * e + c * n)) for e, n in points]


def _field(rng: np.random.Generator, reach_m: float) -> Volume:
    return Volume("fence", True, Disc((0.0, 0.0), reach_m + float(rng.uniform(20.0, 60.0))))


def _hover(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Take off, hover at 3 m, land."""
    fence = Volume("fence", True, Disc((0.0, 0.0), spare.level_m + float(rng.uniform(0.0, 40.0))))
    return Drawn((fence,), 3.0, ((0.0, 0.0, 3.0),), hold_s=15.0)


def _survey(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly lines to and fro, the outer ones as near to the fence as is legal, and the turns too."""
    wide, long, turn = float(rng.uniform(60.0, 110.0)), float(rng.uniform(60.0, 130.0)), float(rng.uniform(-pi, pi))
    off = spare.level_m
    height = float(rng.uniform(32.0, 45.0)) + spare.up_m + spare.ground_m
    lines = max(2, int(wide / 25.0))
    rows: list[tuple[float, float]] = []
    for index, e in enumerate(np.linspace(-wide / 2.0, wide / 2.0, lines)):
        ends = [(float(e), -long / 2.0), (float(e), long / 2.0)]
        rows += ends if index % 2 == 0 else ends[::-1]
    outline = np.array(
        box(-wide / 2.0 - off, -long / 2.0 - off, wide / 2.0 + off, long / 2.0 + off).exterior.coords[:-1]
    )
    fence = Volume("fence", True, Polygon(_turned(outline, turn)))
    path = tuple((e, n, height) for e, n in _turned(np.array(rows), turn))
    return Drawn((fence,), height, path)


def _beside(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly a straight leg past keep-outs on both sides, there and back."""
    turn, height = float(rng.uniform(-pi, pi)), float(rng.uniform(35.0, 50.0)) + spare.up_m + spare.ground_m
    volumes = [_field(rng, 150.0 + spare.level_m)]
    for index, side in enumerate((1.0, -1.0, 1.0)):
        radius = float(rng.uniform(5.0, 15.0))
        place = _turned(np.array([[35.0 + 35.0 * index, side * (radius + spare.level_m)]]), turn)[0]
        volumes.append(Volume(f"keep-out {index + 1}", False, Disc(place, radius)))
    path = [(*p, height) for p in _turned(np.array([[140.0, 0.0], [0.0, 0.0]]), turn)]
    return Drawn(tuple(volumes), height, tuple(path))


def _over_under(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly over a keep-out, or under one, close to its height."""
    turn, height = float(rng.uniform(-pi, pi)), float(rng.uniform(45.0, 60.0)) + spare.up_m + spare.ground_m
    over = bool(rng.random() < 0.5)
    place = _turned(np.array([[70.0, 0.0]]), turn)[0]
    edge = HeightLimit(height - spare.up_m if over else height + spare.up_m, Datum.HOME)
    zone = Volume("banded", False, Disc(place, float(rng.uniform(10.0, 30.0))), None if over else edge,
                  edge if over else None)  # fmt: skip
    path = [(*p, height) for p in _turned(np.array([[140.0, 0.0], [0.0, 0.0]]), turn)]
    return Drawn((_field(rng, 150.0 + spare.level_m), zone), height, tuple(path))


def _ceiling(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly a triangle as near to the ceiling as is legal."""
    height = float(rng.uniform(40.0, 60.0)) + spare.up_m + spare.ground_m
    fence = Volume("fence", True, Disc((0.0, 0.0), 160.0 + spare.level_m), None,
                   HeightLimit(height + spare.up_m, Datum.HOME))  # fmt: skip
    corners = _turned(np.array([[90.0, 0.0], [60.0, 80.0], [0.0, 0.0]]), float(rng.uniform(-pi, pi)))
    return Drawn((fence,), height, tuple((*p, height) for p in corners))


def _landing(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly away and land within the approach of home, not on its middle."""
    height = float(rng.uniform(25.0, 40.0)) + spare.up_m + spare.ground_m
    turn, off = float(rng.uniform(-pi, pi)), float(rng.uniform(0.0, 20.0))
    away = _turned(np.array([[80.0, 0.0], [off, 0.0]]), turn)
    path = tuple((*p, height) for p in away)
    return Drawn((_field(rng, 100.0 + spare.level_m),), height, path, lands_at=away[1])


PATTERNS: dict[str, Callable[[np.random.Generator, Spare], Drawn]] = {
    "hover": _hover,
    "survey": _survey,
    "beside keep-outs": _beside,
    "over and under": _over_under,
    "along the ceiling": _ceiling,
    "landing": _landing,
}
