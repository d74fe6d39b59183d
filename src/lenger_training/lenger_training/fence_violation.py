"""How deep outside the legal space an aircraft was: the grader's own reading of the zones, in three dimensions.

It takes the zones' outlines and nothing else of the guard's geometry, and reads them with shapely: at each moment the
zones in force, their heights over the true ground, and for inclusions the union of those that hold the aircraft's
height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import contains_xy, distance, points, prepare
from shapely.ops import unary_union

from lenger_core import geoid
from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_shapes import Outline
from lenger_core.zones import Datum, HeightLimit, LocalZones, Zone, ZoneKind, outline_of
from lenger_training.track import Mask, Track

Array = NDArray[np.float64]

TOUCHING_M = 0.01
"""Inclusions that are nearer to each other than this are one space."""


@dataclass(frozen=True, slots=True)
class _Moments:
    """What zones are judged by, at each of N moments.

    Attributes:
        en: (N, 2) m in the site's frame.
        alt, ground: (N,) AMSL.
        home: height of home, AMSL.
        geoid: (N,) height of the geoid above the ellipsoid.
        utc_ns: (N,) UTC in nanoseconds since 1970; None: every zone is in force.
        en_route: (N,) where floors of inclusions count.
    """

    en: Array
    alt: Array
    ground: Array
    home: float
    geoid: Array
    utc_ns: NDArray[np.int64] | None
    en_route: Mask


@dataclass(frozen=True, slots=True)
class _Reading:
    """One zone over all moments: (N,) whether it is in force, metres inside its outline, above its floor, and below its
    ceiling; negative beyond."""

    kind: ZoneKind
    outline: Outline
    agl_floor: bool
    in_force: Mask
    inside: Array
    above: Array
    below: Array

    def holds_height(self) -> Mask:
        """Return where the zone counts at the aircraft's height."""
        return self.in_force & (self.above >= 0.0) & (self.below >= 0.0)


def fence_violation(
    track: Track, local: LocalZones, home_amsl_m: float, en_route: Mask, utc_at_start_ns: int | None = None
) -> Array:
    """Return (N,) metres outside the legal space while airborne.

    Outside the inclusions counts as far as the larger of the horizontal and vertical excess over the nearest of them,
    and nothing within the union of those that hold the aircraft's height; inside an exclusion, the smallest way out.
    Floors of inclusions count en route only, since every flight starts and ends below them, and floors over the ground
    outside of approach zones only.

    Args:
        track: true positions.
        local: the zones.
        home_amsl_m: height of home.
        en_route: (N,) where floors count.
        utc_at_start_ns: UTC at the track's time 0, in nanoseconds since 1970; None: every zone is in force.
    """
    out = np.zeros(len(track))
    at = np.flatnonzero(track.airborne)
    if not local.zones.zones or not len(at):
        return out
    utc = None if utc_at_start_ns is None else utc_at_start_ns + np.round(track.t_s[at] * 1e9).astype(np.int64)
    alt, ground = track.alt_amsl_m[at], track.alt_amsl_m[at] - track.agl_m[at]
    en = np.asarray(track.en[at], dtype=np.float64)
    moments = _Moments(en, alt, ground, home_amsl_m, _undulations(local.frame, en), utc, np.asarray(en_route)[at])
    out[at] = _depths([_read(zone, local.frame, moments) for zone in local.zones.zones], moments)
    return out


def _read(zone: Zone, frame: LocalFrame, moments: _Moments) -> _Reading:
    outline = outline_of(zone, frame)
    prepare(outline)
    edge = outline.boundary
    prepare(edge)
    east, north = moments.en.T
    off = distance(edge, points(moments.en))
    inside = np.where(contains_xy(outline, east, north), off, -off)
    in_force = np.ones(len(moments.alt), dtype=bool)
    if moments.utc_ns is not None and zone.windows:
        in_force = np.array([zone.in_force(int(t)) for t in moments.utc_ns])
    above = moments.alt - _amsl(zone.floor, moments, -np.inf)
    below = _amsl(zone.ceiling, moments, np.inf) - moments.alt
    agl = zone.floor is not None and zone.floor.datum is Datum.AGL
    return _Reading(zone.kind, outline, agl, in_force, inside, above, below)


def _amsl(limit: HeightLimit | None, moments: _Moments, unlimited: float) -> Array:
    """Return (N,) a floor or ceiling above mean sea level."""
    if limit is None:
        return np.full(len(moments.alt), unlimited)
    base = {
        Datum.AMSL: np.zeros(len(moments.alt)),
        Datum.AGL: moments.ground,
        Datum.HOME: np.full(len(moments.alt), moments.home),
        Datum.ELLIPSOID: -moments.geoid,
    }[limit.datum]
    return np.asarray(base + limit.height_m)


def _undulations(frame: LocalFrame, en: Array) -> Array:
    if frame.geoid_m is None:
        try:
            return geoid.undulations_m(*frame.to_geodetic_many(en))
        except InputError:  # beyond the grid
            pass
    return np.full(len(en), frame.undulation_m)


def _depths(readings: Sequence[_Reading], moments: _Moments) -> Array:
    none = np.zeros(len(moments.alt))
    landing = [r.holds_height() & (r.inside >= 0.0) for r in readings if r.kind is ZoneKind.APPROACH]
    approaching = np.logical_or.reduce(landing) if landing else none.astype(bool)
    out = none
    for r in readings:
        if r.kind is ZoneKind.EXCLUSION:
            depth = np.minimum(r.inside, np.minimum(r.above, r.below))
            out = np.maximum(out, np.where(r.in_force, depth, 0.0))
    inclusions = [r for r in readings if r.kind is ZoneKind.INCLUSION]
    if not inclusions:
        return out
    excess = np.full(len(none), np.inf)
    counted = []
    for r in inclusions:
        floors = moments.en_route & ~(approaching & r.agl_floor)
        above = np.where(floors, r.above, np.inf)
        over = -np.minimum(r.inside, np.minimum(above, r.below))
        excess = np.minimum(excess, np.where(r.in_force, over, np.inf))
        counted.append(r.in_force & (above >= 0.0) & (r.below >= 0.0))
    # Without any inclusion in force there is none to be in: everywhere is legal.
    excess = np.where(np.logical_or.reduce([r.in_force for r in inclusions]), np.maximum(excess, 0.0), 0.0)
    outside = np.flatnonzero(excess > 0.0)
    within = _within_union(inclusions, np.array(counted)[:, outside], moments.en[outside])
    excess[outside[within]] = 0.0
    return np.asarray(np.maximum(out, excess))


def _within_union(inclusions: Sequence[_Reading], counted: NDArray[np.bool_], en: Array) -> Mask:
    """Return which places lie within the union of the inclusions that count there, the narrowest gaps closed."""
    out = np.zeros(len(en), dtype=bool)
    for which in np.unique(counted, axis=1).T:
        if which.sum() > 1:
            at = np.flatnonzero((counted == which[:, None]).all(axis=0))
            union = unary_union([r.outline.buffer(TOUCHING_M) for r, use in zip(inclusions, which, strict=True) if use])
            out[at] = contains_xy(union.buffer(-TOUCHING_M), en[at, 0], en[at, 1])
    return out
