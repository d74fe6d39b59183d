"""The autopilot's flat fence against the zones: on the legal side, within the room, and no farther off than stated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import contains_xy
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_fence import FenceCircle, FencePolygon, fence_of
from lenger_core.zone_pieces import Piece, without_holes
from lenger_core.zone_shapes import outline_of
from lenger_core.zone_simplify import inward, outward, versions
from lenger_core.zones import (
    BorderShape,
    CircleShape,
    CorridorShape,
    Datum,
    HeightLimit,
    PolygonShape,
    TimeWindow,
    Zone,
    ZoneKind,
    ZoneSet,
)

LAT, LON = 42.18, 69.88
FRAME = LocalFrame(LAT, LON, 0.0, 0.0)
WIRE_M = 0.02
"""Degrees to 1e-7, and there and back between frames."""


def jagged(rng, count, radius_m, rough=0.3, centre=(0.0, 0.0)):
    """A concave outline that does not cross itself, in metres."""
    angles = np.arange(count) * 2.0 * math.pi / count
    radii = radius_m * (1.0 + rough * rng.uniform(-1.0, 1.0, count))
    return np.column_stack((np.cos(angles), np.sin(angles))) * radii[:, None] + np.array(centre)


def ring_of(corners):
    lats, lons = FRAME.to_geodetic_many(corners)
    return tuple((float(a), float(b)) for a, b in zip(lats, lons, strict=True))


def said(fence):
    """(allowed, forbidden) of a fence in the frame, as an autopilot takes it."""
    allowed, forbidden = [], []
    for part in fence.parts:
        points = FRAME.to_local_many(*np.array(part.points).T)
        if isinstance(part, FenceCircle):
            shape = Point(*points[0]).buffer(part.radius_m, quad_segs=64)
        else:
            shape = Polygon(points)
            assert shape.is_valid
        (allowed if part.inclusion else forbidden).append(shape)
    return unary_union(allowed), unary_union(forbidden)


@given(st.integers(0, 2**32 - 1), st.integers(4, 300), st.floats(20.0, 3000.0), st.floats(0.1, 40.0))
@settings(max_examples=60, deadline=None)
def test_inward_lies_inside_and_loses_only_what_is_near_the_line(seed, count, radius_m, error_m):
    outline = Polygon(jagged(np.random.default_rng(seed), count, radius_m))
    parts = inward(outline, error_m)
    made = unary_union(parts) if parts else Polygon()
    assert all(p.is_valid and not p.interiors for p in parts)
    assert not parts or outline.covers(made)
    assert outline.buffer(-error_m - 1e-6).difference(made.buffer(1e-6)).area < 1e-3
    assert outline.difference(made).area <= error_m * outline.length + 1e-6


@given(st.integers(0, 2**32 - 1), st.integers(4, 300), st.floats(20.0, 3000.0), st.floats(0.1, 40.0))
@settings(max_examples=60, deadline=None)
def test_outward_covers_and_reaches_no_farther_than_stated(seed, count, radius_m, error_m):
    outline = Polygon(jagged(np.random.default_rng(seed), count, radius_m))
    parts = outward(outline, error_m)
    if not parts:  # a bay would be closed
        assert outline.buffer(0.5 * error_m + 0.02).interiors
        return
    assert len(parts) == 1 and parts[0].is_valid
    assert parts[0].covers(outline)
    assert outline.buffer(error_m * 1.002, quad_segs=64).covers(parts[0])


def test_more_error_never_costs_more_vertices():
    outline = Polygon(jagged(np.random.default_rng(7), 200, 500.0))
    errors = [0.0, 0.1, 0.5, 1.0, 3.0, 10.0, 30.0, 100.0]
    piece = Piece(True, outline, None, "field", 0)
    counts = [sum(len(p.ring) for p in step) for step in versions(piece, errors)]
    assert counts[0] == 200
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 60


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_polygon_is_cut_through_its_holes_exactly(seed, holes):
    rng = np.random.default_rng(seed)
    inner = [
        jagged(rng, 8, 30.0, centre=(200.0 * math.cos(k), 200.0 * math.sin(k))) for k in (1.5 * i for i in range(holes))
    ]
    whole = Polygon(jagged(rng, 20, 500.0, 0.1), inner)
    parts = without_holes(whole)
    assert all(not p.interiors for p in parts)
    assert sum(p.area for p in parts) == pytest.approx(whole.area, rel=1e-9)
    assert unary_union(parts).symmetric_difference(whole).area < 1e-3


def random_zones(rng):
    """One or two inclusions that may meet, concave and with a hole, and keep-outs of every shape."""
    hole = jagged(rng, 12, 60.0, centre=(150.0, 100.0))
    field = jagged(rng, 120, 800.0, 0.01)
    field *= 1.0 + 0.3 * np.sin(3.0 * np.arctan2(field[:, 1], field[:, 0]))[:, None]
    zones = [
        Zone("field", ZoneKind.INCLUSION, PolygonShape(ring_of(field), (ring_of(hole),))),
    ]
    if rng.random() < 0.5:
        zones.append(Zone("annex", ZoneKind.INCLUSION, CircleShape(*ring_of([[900.0, 0.0]])[0], 300.0)))
    for k in range(int(rng.integers(0, 6))):
        centre = rng.uniform(-500.0, 500.0, 2)
        shapes = (
            PolygonShape(ring_of(jagged(rng, int(rng.integers(5, 60)), 60.0, 0.1, centre))),
            CircleShape(*ring_of([centre])[0], float(rng.uniform(10.0, 80.0))),
            CorridorShape(ring_of(np.array([[0.0, 0.0], [200.0, 50.0], [250.0, 200.0]]) + centre), 30.0),
            PolygonShape(ring_of(jagged(rng, 30, 100.0, 0.1, centre)), (ring_of(jagged(rng, 10, 30.0, 0.1, centre)),)),
        )
        shape = shapes[int(rng.integers(0, 4))]
        zones.append(Zone(f"keep-out {k}", ZoneKind.EXCLUSION, shape, priority=int(rng.integers(0, 3))))
    return ZoneSet(tuple(zones))


def bytes_needed(parts):
    """What ArduPilot's store needs (AC_PolyFence_loader): 5 bytes, 13 for a circle, 2 + 8 n for a polygon."""
    return 5 + sum(13 if isinstance(part, FenceCircle) else 2 + 8 * len(part.ring) for part in parts)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("vertices", [69, 0])
def test_the_fence_is_right_within_its_room(seed, vertices):
    rng = np.random.default_rng(seed)
    zones = random_zones(rng)
    fence = fence_of(zones, vertices)
    if vertices:
        assert bytes_needed(fence.parts) <= 7 + 8 * vertices
        assert sum(len(p.ring) for p in fence.parts if isinstance(p, FencePolygon)) <= vertices
    else:
        assert fence.error_m <= 0.05
    left = " ".join(note for note in fence.notes if "no room" in note)
    inclusions = unary_union([outline_of(z, FRAME) for z in zones.zones if z.kind is ZoneKind.INCLUSION])
    kept_out = [outline_of(z, FRAME) for z in zones.zones if z.kind is ZoneKind.EXCLUSION and z.name not in left]
    assert "hole" not in left
    legal = inclusions.difference(unary_union(kept_out))
    allowed, forbidden = said(fence)
    flyable = allowed.difference(forbidden)
    # Looser nowhere: all that may be flown is legal but for the centimetres of the wire and of chords.
    assert legal.buffer(WIRE_M + 0.05).covers(flyable)
    # Stricter by no more than stated.
    lost = legal.buffer(-fence.error_m - WIRE_M).difference(flyable.buffer(WIRE_M))
    assert lost.area < 0.5
    if fence.error_m > 0.1:
        assert legal.difference(flyable).area == pytest.approx(fence.area_lost_m2, rel=0.05, abs=20.0)


def test_what_fits_is_said_with_its_own_numbers():
    square = ((42.17, 69.87), (42.17, 69.89), (42.19, 69.89), (42.19, 69.87))
    zones = ZoneSet(
        (
            Zone("field", ZoneKind.INCLUSION, PolygonShape(square)),
            Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.18, 69.88, 31.5)),
        )
    )
    fence = fence_of(zones, 69)
    assert fence.parts == (FencePolygon(True, square), FenceCircle(False, 42.18, 69.88, 31.5))
    assert (fence.error_m, fence.area_lost_m2, fence.notes, fence.vertices) == (0.0, 0.0, (), 5)


def test_ardupilots_store_of_560_bytes_takes_69_vertices_and_not_70():
    rng = np.random.default_rng(3)
    for count, fits in ((69, True), (70, False)):
        zone = Zone("field", ZoneKind.INCLUSION, PolygonShape(ring_of(jagged(rng, count, 500.0))))
        fence = fence_of(ZoneSet((zone,)), 69)
        assert (fence.error_m == 0.0) is fits
        assert bytes_needed(fence.parts) <= 560


def test_only_full_height_zones_that_always_hold_are_said():
    low = HeightLimit(20.0, Datum.AGL)
    mast = CircleShape(LAT, LON, 30.0)
    zones = ZoneSet(
        (
            Zone("field", ZoneKind.INCLUSION, CircleShape(LAT, LON, 900.0), None, HeightLimit(150.0, Datum.AGL)),
            Zone("wall", ZoneKind.EXCLUSION, mast, None, low),
            Zone("range", ZoneKind.EXCLUSION, mast, windows=(TimeWindow(0, None),)),
            Zone("pad", ZoneKind.APPROACH, mast),
        )
    )
    fence = fence_of(zones)
    assert fence.parts == (FenceCircle(True, LAT, LON, 900.0),)
    notes = " | ".join(fence.notes)
    for name in ("field", "wall", "range", "pad"):
        assert name in notes


def test_inclusions_that_meet_are_one_and_an_island_in_a_hole_stays_legal():
    hole = np.array([[-200.0, -200.0], [200.0, -200.0], [200.0, 200.0], [-200.0, 200.0]])
    zones = ZoneSet(
        (
            Zone("field", ZoneKind.INCLUSION, PolygonShape(ring_of(hole * 3.0), (ring_of(hole),))),
            Zone("annex", ZoneKind.INCLUSION, PolygonShape(ring_of(hole + np.array([700.0, 0.0])))),
            Zone("island", ZoneKind.INCLUSION, PolygonShape(ring_of(hole * 0.3))),
        )
    )
    allowed, forbidden = said(fence_of(zones))
    flyable = allowed.difference(forbidden)
    points = np.array([[0.0, 0.0], [100.0, 0.0], [400.0, 0.0], [750.0, 0.0], [950.0, 0.0]])
    assert contains_xy(flyable, *points.T).tolist() == [True, False, True, True, False]


def test_a_border_is_said_as_far_as_anybody_flies():
    border = BorderShape(ring_of([[-100.0, 500.0], [100.0, 500.0]]), "left", 50.0)
    zones = ZoneSet(
        (Zone("border", ZoneKind.EXCLUSION, border), Zone("pit", ZoneKind.EXCLUSION, CircleShape(LAT, LON, 9.0)))
    )
    _, forbidden = said(fence_of(zones))
    points = np.array([[0.0, 460.0], [0.0, 440.0], [15_000.0, 2_000.0], [-15_000.0, 400.0]])
    assert contains_xy(forbidden, *points.T).tolist() == [True, False, True, False]


def test_the_least_important_keep_outs_are_given_up_and_named():
    rng = np.random.default_rng(5)
    zones = [Zone("field", ZoneKind.INCLUSION, PolygonShape(ring_of(jagged(rng, 10, 2000.0, 0.05))))]
    for k in range(30):
        centre = (1500.0 * math.cos(k), 1500.0 * math.sin(k))
        shape = PolygonShape(ring_of(jagged(rng, 4, 40.0, 0.05, centre)))
        zones.append(Zone(f"pit {k}", ZoneKind.EXCLUSION, shape, priority=1 if k == 17 else 0))
    zones.append(Zone("far", ZoneKind.EXCLUSION, CircleShape(43.0, 69.0, 10.0)))
    fence = fence_of(ZoneSet(tuple(zones)), 30)
    text = " | ".join(fence.notes)
    assert "no room in the autopilot's fence, left to the guard" in text
    assert "outside every inclusion, so not said: far" in text
    pit = np.mean(FRAME.to_local_many(*np.array(zones[18].shape.outer).T), axis=0)
    assert contains_xy(said(fence)[1], *pit)


def test_inclusions_that_cannot_be_said_are_refused():
    teeth = [[x, 500.0 * (x % 2)] for x in range(200)]  # teeth a metre wide
    comb = np.array([*([100.0 * x, y] for x, y in teeth), [19_900.0, -400.0], [0.0, -400.0]])
    zones = ZoneSet((Zone("comb", ZoneKind.INCLUSION, PolygonShape(ring_of(comb))),))
    with pytest.raises(InputError, match="inclusions that 69 vertices can say within 25 m"):
        fence_of(zones, 69)
