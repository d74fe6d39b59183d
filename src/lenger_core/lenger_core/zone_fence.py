"""Zones as an autopilot's flat fence can say them: polygons without holes and circles, at every height, at all times.

The fence is the second line of defence. It forbids no legal space but a stated distance along its lines: inclusions
grow smaller and exclusions larger by at most that, and only where the autopilot has no room for every vertex. What it
cannot say is left to the guard, and told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_model import CircleShape, PolygonShape, Ring, Zone, ZoneKind, ZoneSet
from lenger_core.zone_pieces import Piece, exclusion_pieces, frame_of, inclusion_pieces, polygons_of
from lenger_core.zone_shapes import outline_of
from lenger_core.zone_simplify import versions

MAX_ERROR_M = 25.0
_NAMES_SHOWN = 8
_FIRST_ERROR_M, _STEP = 0.1, 1.5


@dataclass(frozen=True, slots=True)
class FencePolygon:
    """A polygon of (lat_deg, lon_deg), the first vertex not repeated at the end."""

    inclusion: bool
    ring: Ring

    @property
    def points(self) -> Ring:
        """Return its vertices."""
        return self.ring


@dataclass(frozen=True, slots=True)
class FenceCircle:
    """A circle."""

    inclusion: bool
    lat_deg: float
    lon_deg: float
    radius_m: float

    @property
    def points(self) -> Ring:
        """Return its centre."""
        return ((self.lat_deg, self.lon_deg),)


@dataclass(frozen=True, slots=True)
class ZoneFence:
    """A flat fence.

    Attributes:
        parts: what to upload; one of several inclusions is enough.
        notes: what the fence does not say, and what it says otherwise.
        error_m: no legal place that is farther than this from every line of the zones is forbidden by it.
        area_lost_m2: legal area that it forbids.
    """

    parts: tuple[FencePolygon | FenceCircle, ...]
    notes: tuple[str, ...] = ()
    error_m: float = 0.0
    area_lost_m2: float = 0.0

    @property
    def vertices(self) -> int:
        """Return how many items it takes to say it."""
        return sum(len(part.points) for part in self.parts)


def fence_of(zones: ZoneSet, vertices: int = 0, max_error_m: float = MAX_ERROR_M) -> ZoneFence:
    """Return the fence that says the zones.

    Args:
        zones: all zones of a flight.
        vertices: room of the autopilot, as the vertices of one polygon (ArduPilot: 69 by default); 0: plenty.
        max_error_m: how much of the legal space may be given up along its lines to find room.

    Raises:
        InputError: there is no room even for the inclusions at that error.
    """
    sayable, notes = _sayable(zones)
    if not sayable:
        return ZoneFence((), tuple(notes))
    frame = frame_of(sayable)
    pieces = inclusion_pieces([z for z in sayable if z.kind is ZoneKind.INCLUSION], frame)
    pieces += exclusion_pieces([z for z in sayable if z.kind is ZoneKind.EXCLUSION], frame)
    kept, error_m = _fitted(pieces, vertices, max_error_m, notes)
    lost_m2 = 0.0
    if error_m > 0.0:
        lost_m2 = _area_lost(pieces, kept)
        notes.append(
            f"simplified to {sum(len(p.ring) for p in kept)} vertices: forbids legal space up to {error_m:.2f} m from "
            f"the lines, {lost_m2:.0f} m2 in all"
        )
    parts = tuple(_part(piece, frame) for piece in kept)
    return ZoneFence(parts, tuple(notes), error_m + max((p.chord_m for p in kept), default=0.0), lost_m2)


def flat_rings(zone: Zone) -> tuple[PolygonShape, ...]:
    """Return a zone's outline as polygons, for formats without its shape; curves on the legal side by 5 cm at most."""
    frame = frame_of([zone])
    return tuple(
        PolygonShape(_ring(p.exterior.coords, frame), tuple(_ring(r.coords, frame) for r in p.interiors))
        for p in polygons_of(outline_of(zone, frame))
    )


def area_km2(zone: Zone) -> float:
    """Return the horizontal area of a zone."""
    if isinstance(zone.shape, CircleShape):
        return math.pi * zone.shape.radius_m**2 * 1e-6
    return float(outline_of(zone, frame_of([zone])).area) * 1e-6


def _sayable(zones: ZoneSet) -> tuple[list[Zone], list[str]]:
    """Return the zones that a fence can say without forbidding what is legal, and notes on the rest."""
    told: dict[str, list[str]] = {}
    kept = []
    for zone in zones.zones:
        banded = zone.floor is not None or zone.ceiling is not None
        if zone.kind is ZoneKind.APPROACH:
            told.setdefault("approach zones are no fence", []).append(zone.name)
        elif zone.kind is ZoneKind.EXCLUSION and (banded or zone.windows):
            why = "may be passed above or below" if banded else "is not always in force"
            told.setdefault(f"left to the guard, a fence would forbid it at all heights and times: {why}", []).append(
                zone.name
            )
        else:
            kept.append(zone)
            if banded:
                told.setdefault("said without floor and ceiling, which the guard keeps", []).append(zone.name)
            if zone.windows:
                told.setdefault("said at all times, the guard minds them", []).append(zone.name)
    return kept, [f"{text}: {_listed(names)}" for text, names in told.items()]


def _listed(names: list[str]) -> str:
    rest = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _part(piece: Piece, frame: LocalFrame) -> FencePolygon | FenceCircle:
    if isinstance(piece.source, CircleShape):
        circle = piece.source
        return FenceCircle(piece.inclusion, circle.lat_deg, circle.lon_deg, circle.radius_m)
    if piece.source is not None:
        return FencePolygon(piece.inclusion, piece.source)
    return FencePolygon(piece.inclusion, _ring(piece.outline.exterior.coords, frame))


def _ring(coordinates: Iterable[tuple[float, ...]], frame: LocalFrame) -> Ring:
    corners = np.array([c[:2] for c in coordinates])[:-1]
    lats, lons = frame.to_geodetic_many(corners)
    return tuple((float(lat), float(lon)) for lat, lon in zip(lats, lons, strict=True))


def _bytes(pieces: Iterable[Piece]) -> int:
    return sum(13 if isinstance(p.source, CircleShape) else 2 + 8 * len(p.ring) for p in pieces)


def _fitted(pieces: list[Piece], vertices: int, max_error_m: float, notes: list[str]) -> tuple[list[Piece], float]:
    """Return the pieces made to fit, and by what distance they may be stricter.

    The least error is taken at which all fit. Where none is enough, exclusions are given up, those of the lowest
    priority first, of equal ones the smallest.
    """
    room = 2 + 8 * vertices  # one polygon of that many vertices
    if vertices == 0 or _bytes(pieces) <= room:
        return pieces, 0.0
    pieces = _within_reach(pieces, notes)
    errors = [0.0, *(e for k in range(64) if (e := _FIRST_ERROR_M * _STEP**k) < max_error_m), max_error_m]
    ladders = [versions(piece, errors, vertices) for piece in pieces]
    kept: set[int] = set()
    left, given_up = room, []
    for members in _by_importance(pieces):
        needed = sum(_bytes(ladders[k][-1]) for k in members)
        name = pieces[members[0]].name
        if needed <= left:
            left -= needed
            kept.update(members)
        elif pieces[members[0]].inclusion:
            expected = f"inclusions that {vertices} vertices can say within {max_error_m:g} m"
            raise InputError("zones", "fence", f"{len(pieces[members[0]].ring)} vertices of {name}", expected)
        else:
            given_up.append(name)
    if given_up:
        notes.append(f"no room in the autopilot's fence, left to the guard: {_listed(given_up)}")
    for step, error_m in enumerate(errors):
        chosen = [piece for k in sorted(kept) for piece in ladders[k][step]]
        if _bytes(chosen) <= room:
            return chosen, error_m
    raise AssertionError("the last error was found to fit above")


def _by_importance(pieces: list[Piece]) -> list[list[int]]:
    """Return the pieces of each zone: inclusions, then exclusions by falling priority and size."""
    zones: dict[tuple[bool, str], list[int]] = {}
    for k, piece in enumerate(pieces):
        zones.setdefault((piece.inclusion, piece.name), []).append(k)

    def rank(members: list[int]) -> tuple[bool, int, float, str]:
        first = pieces[members[0]]
        area = sum(pieces[k].outline.area for k in members)
        return not first.inclusion, -first.priority, -area, first.name

    return sorted(zones.values(), key=rank)


def _within_reach(pieces: list[Piece], notes: list[str]) -> list[Piece]:
    """Leave out the exclusions that no inclusion touches: they forbid nothing that is not forbidden already."""
    allowed = unary_union([p.outline for p in pieces if p.inclusion])
    if allowed.is_empty:
        return pieces
    needless = list(dict.fromkeys(p.name for p in pieces if not p.inclusion and not p.outline.intersects(allowed)))
    if needless:
        notes.append(f"outside every inclusion, so not said: {_listed(needless)}")
    return [p for p in pieces if p.inclusion or p.outline.intersects(allowed)]


def _area_lost(before: list[Piece], after: list[Piece]) -> float:
    def legal(pieces: list[Piece]) -> BaseGeometry | None:
        allowed = [p.outline for p in pieces if p.inclusion]
        forbidden = unary_union([p.outline for p in pieces if not p.inclusion])
        return unary_union(allowed).difference(forbidden) if allowed else None

    old, new = legal(before), legal(after)
    if old is not None and new is not None:
        return float(old.difference(new).area)
    grown, were = (unary_union([p.outline for p in side]) for side in (after, before))
    return float(grown.difference(were).area)
