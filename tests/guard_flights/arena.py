"""Arenas: where a flight may be and where not, in metres about a start, and as the zones that the guard is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, hypot, inf, pi, sin

import numpy as np
from shapely.geometry import Point, Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.zones import CircleShape, Datum, HeightLimit, PolygonShape, Shape, Zone, ZoneKind, ZoneSet

Rng = np.random.Generator
Point2 = tuple[float, float]


@dataclass(frozen=True)
class Disc:
    """A true circle."""

    centre: Point2
    radius_m: float

    def outline(self) -> Polygon:
        """Return it with 256 corners: 8 mm of a radius of 100 m are missing in between."""
        return Point(self.centre).buffer(self.radius_m, quad_segs=64)


@dataclass(frozen=True)
class Volume:
    """A zone of the arena: an outline in metres about the start, between heights with their datums.

    Attributes:
        name: of the zone.
        inside: inclusion or exclusion.
        area: outline, east and north about the start.
        floor, ceiling: None: unlimited.
    """

    name: str
    inside: bool
    area: Polygon | Disc
    floor: HeightLimit | None = None
    ceiling: HeightLimit | None = None

    def polygon(self) -> Polygon:
        """Return the outline."""
        return self.area.outline() if isinstance(self.area, Disc) else self.area

    def zone(self, frame: LocalFrame) -> Zone:
        """Return it as the guard is told."""
        kind = ZoneKind.INCLUSION if self.inside else ZoneKind.EXCLUSION
        return Zone(self.name, kind, _shape(self.area, frame), self.floor, self.ceiling)


def _shape(area: Polygon | Disc, frame: LocalFrame) -> Shape:
    if isinstance(area, Disc):
        lat, lon, _ = frame.to_geodetic(*area.centre, 0.0)
        return CircleShape(lat, lon, area.radius_m)

    def ring(points: Sequence[tuple[float, ...]]) -> tuple[Point2, ...]:
        return tuple(frame.to_geodetic(e, n, 0.0)[:2] for e, n in points)

    return PolygonShape(ring(area.exterior.coords[:-1]), tuple(ring(hole.coords[:-1]) for hole in area.interiors))


@dataclass(frozen=True)
class Arena:
    """Where a flight may be.

    Attributes:
        frame: about the start; its third axis begins at the height of home.
        volumes: the zones.
        ceiling_agl_m, floor_agl_m: kept over the ground everywhere.
        approach_m: the floor does not count so near home.
        home: east and north of home.
    """

    frame: LocalFrame
    volumes: tuple[Volume, ...]
    ceiling_agl_m: float
    floor_agl_m: float
    approach_m: float
    home: Point2 = (0.0, 0.0)

    def zones(self) -> ZoneSet:
        """Return the zones that the guard is told."""
        return ZoneSet(tuple(volume.zone(self.frame) for volume in self.volumes))

    def inclusions(self) -> tuple[Volume, ...]:
        """Return where the flight may be."""
        return tuple(v for v in self.volumes if v.inside)

    def exclusions(self) -> tuple[Volume, ...]:
        """Return where it may not be."""
        return tuple(v for v in self.volumes if not v.inside)


@dataclass(frozen=True)
class Room:
    """How much room a start needs to be viable, and heights above home of the start, metres.

    Attributes:
        level_m: to every line.
        up_m, down_m: to ceilings and floors AMSL; AGL ones need the error of the ground besides.
        ground_m: error bound of the ground.
        start_m: height of the start above home, as the frame counts.
        agl_m: height of the start above the ground.
    """

    level_m: float
    up_m: float
    down_m: float
    ground_m: float
    start_m: float
    agl_m: float


def star(rng: Rng, least_m: float, most_m: float, corners: int, centre: Point2 = (0.0, 0.0)) -> Polygon:
    """Return a polygon whose corners lie at random distances around a centre: concave nearly always."""
    angles = (np.arange(corners) + rng.uniform(-0.35, 0.35, corners)) * 2.0 * pi / corners + rng.uniform(0.0, 2.0 * pi)
    radii = rng.uniform(least_m, most_m, corners)
    return Polygon(np.column_stack((np.cos(angles), np.sin(angles))) * radii[:, None] + np.array(centre))


def fence_area(rng: Rng, room: Room, size_m: float) -> Polygon | Disc:
    """Return a random inclusion around the start, with enough room there."""
    while True:
        if rng.random() < 0.1:
            turn = rng.uniform(-pi, pi)
            off = rng.uniform(0.0, 0.5) * size_m
            area: Polygon | Disc = Disc((off * cos(turn), off * sin(turn)), size_m)
        else:
            area = star(rng, 0.35 * size_m, 1.3 * size_m, int(rng.integers(6, 19)))
            if rng.random() < 0.2:
                area = _with_hole(rng, area, room)
        outline = area.outline() if isinstance(area, Disc) else area
        if outline.is_valid and outline.contains(Point(0.0, 0.0)) and _clear(outline) >= room.level_m:
            return area


def _clear(area: Polygon) -> float:
    return float(area.boundary.distance(Point(0.0, 0.0)))


def _with_hole(rng: Rng, area: Polygon, room: Room) -> Polygon:
    turn, far = rng.uniform(-pi, pi), rng.uniform(1.5, 4.0) * room.level_m
    hole = star(rng, 6.0, 0.8 * room.level_m, int(rng.integers(4, 9)), (far * cos(turn), far * sin(turn)))
    return Polygon(area.exterior.coords, [hole.exterior.coords]) if area.contains(hole.buffer(2.0)) else area


def keep_outs(rng: Rng, room: Room, size_m: float, count: int, home_agl_m: float) -> list[Volume]:
    """Return keep-outs around the start, none nearer than the room it needs; some may be flown over or under."""
    found: list[Volume] = []
    while len(found) < count:
        turn, far = rng.uniform(-pi, pi), rng.uniform(room.level_m, 1.2 * size_m)
        centre, radius = (far * cos(turn), far * sin(turn)), rng.uniform(4.0, 30.0)
        area: Polygon | Disc = Disc(centre, radius)
        if rng.random() < 0.7:
            area = star(rng, 0.4 * radius, radius, int(rng.integers(3, 10)), centre)
        outline = area.outline() if isinstance(area, Disc) else area
        if outline.is_valid and outline.area > 4.0 and outline.distance(Point(0.0, 0.0)) >= room.level_m:
            found.append(Volume(f"keep-out {len(found) + 1}", False, area, *band(rng, room, home_agl_m)))
    return found


def band(rng: Rng, room: Room, home_agl_m: float) -> tuple[HeightLimit | None, HeightLimit | None]:
    """Return floor and ceiling of a keep-out: half of them reach over all heights."""
    kind = rng.random()
    if kind < 0.5:
        return None, None
    base = float(rng.uniform(-25.0, 25.0))
    low, high = base, base + float(rng.uniform(5.0, 40.0))
    datum = (Datum.AMSL, Datum.AGL, Datum.HOME)[int(rng.integers(3))]
    floor, ceiling = _limit(low, datum, room, home_agl_m), _limit(high, datum, room, home_agl_m)
    if kind < 0.65:
        return floor, None
    return (None, ceiling) if kind < 0.8 else (floor, ceiling)


def _limit(above_start_m: float, datum: Datum, room: Room, home_amsl_m: float) -> HeightLimit:
    """Return a height limit that lies so far above the start."""
    base = {Datum.AMSL: home_amsl_m + room.start_m, Datum.HOME: room.start_m, Datum.AGL: room.agl_m}[datum]
    return HeightLimit(round(base + above_start_m, 2), datum)


def random_arena(rng: Rng, frame: LocalFrame, room: Room, size_m: float, home: Point2) -> Arena:
    """Return a fence, 1 to 20 keep-outs, ceilings and floors about a viable start."""
    home_amsl = frame.alt_amsl_m
    ceiling, floor = None, None
    if rng.random() < 0.6:
        datum = (Datum.AMSL, Datum.AGL, Datum.HOME)[int(rng.integers(3))]
        spare = room.ground_m if datum is Datum.AGL else 0.0
        ceiling = _limit(room.up_m + spare + float(rng.uniform(0.0, 40.0)), datum, room, home_amsl)
    if rng.random() < 0.25:
        datum = (Datum.AMSL, Datum.HOME)[int(rng.integers(2))]
        floor = _limit(-room.down_m - float(rng.uniform(0.0, 10.0)), datum, room, home_amsl)
    volumes = [Volume("fence", True, fence_area(rng, room, size_m), floor, ceiling)]
    if rng.random() < 0.2:
        volumes.append(_annex(rng, room, size_m, home_amsl))
    volumes += keep_outs(rng, room, size_m, int(rng.integers(1, 21)), home_amsl)
    low = room.agl_m - room.down_m - room.ground_m
    return Arena(
        frame,
        tuple(volumes),
        ceiling_agl_m=round(room.agl_m + room.up_m + room.ground_m + float(rng.uniform(0.0, 60.0)), 2),
        floor_agl_m=round(float(rng.uniform(0.3, 1.0)) * max(low, 0.0), 2),
        approach_m=float(rng.choice((0.0, 40.0))),
        home=home,
    )


def _annex(rng: Rng, room: Room, size_m: float, home_amsl_m: float) -> Volume:
    """Return a second inclusion that overlaps the first, of another height."""
    turn = rng.uniform(-pi, pi)
    centre = (0.8 * size_m * cos(turn), 0.8 * size_m * sin(turn))
    area = star(rng, 0.4 * size_m, 0.8 * size_m, int(rng.integers(5, 10)), centre)
    ceiling = _limit(float(rng.uniform(-5.0, 40.0)), Datum.AMSL, room, home_amsl_m)
    return Volume("annex", True, area, None, ceiling)


@dataclass(frozen=True)
class Aim:
    """Somewhere to press at.

    Attributes:
        place: east and north, a little beyond the line.
        what: the name of the zone.
        distance_m: from the start to the line that way.
    """

    place: Point2
    what: str
    distance_m: float = field(default=inf)


def aims(rng: Rng, arena: Arena, corners: bool) -> Aim:
    """Return a random place beyond the fence, at one of its corners, or in a keep-out."""
    volumes = arena.exclusions() if arena.exclusions() and rng.random() < 0.4 else arena.inclusions()[:1]
    volume = volumes[int(rng.integers(len(volumes)))]
    ring = np.array(volume.polygon().exterior.coords)
    at = int(rng.integers(len(ring) - 1))
    share = 0.0 if corners else float(rng.random())
    e, n = (1.0 - share) * ring[at] + share * ring[at + 1]
    far = hypot(e, n)
    beyond = 1.0 if corners else (far + 40.0) / max(far, 1.0)
    return Aim((float(e * beyond), float(n * beyond)), volume.name, far)
