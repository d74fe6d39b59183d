"""Margins against shapely, a slow oracle, and against geometry that can be done by hand."""

from __future__ import annotations

import json
from math import cos, hypot, inf, pi, sin

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from lenger_core.geodesy import LocalFrame
from lenger_core.zones import CHORD_ERROR_M, LocalZones, ZoneSet, parse_zones

FRAME = LocalFrame(42.1819, 69.8878, 757.0)


def _feature(name, kind, outline, **properties):
    ring = [FRAME.to_geodetic(e, n, 0.0) for e, n in [*outline, outline[0]]]
    coordinates = [[[lon, lat] for lat, lon, _ in ring]]
    geometry = {"type": "Polygon", "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name, "kind": kind, **properties}}


def _circle(name, kind, east, north, radius):
    lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
    properties = {"name": name, "kind": kind, "radius_m": radius}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def _local(*features) -> LocalZones:
    text = json.dumps({"type": "FeatureCollection", "features": list(features)})
    return parse_zones(text, "test").in_frame(FRAME)


def _star(radii, east=0.0, north=0.0):
    """A star-shaped, often concave outline."""
    step = 2.0 * pi / len(radii)
    return [(east + r * cos(i * step), north + r * sin(i * step)) for i, r in enumerate(radii)]


radii = st.lists(st.floats(20.0, 300.0), min_size=4, max_size=12)
places = st.tuples(st.floats(-400.0, 400.0), st.floats(-400.0, 400.0))


def _oracle(inclusions, exclusions, point):
    """Signed distance to the legal space of each zone by shapely: best inclusion, worst exclusion."""
    p = Point(point)
    legal = unary_union(inclusions)
    best = p.distance(legal.boundary) * (1.0 if legal.contains(p) else -1.0)
    others = [p.distance(x.boundary) * (-1.0 if x.contains(p) else 1.0) for x in exclusions]
    return min([best, *others])


@given(radii, radii, st.lists(st.tuples(radii, places), max_size=3), places)
@settings(max_examples=150, deadline=None)
def test_margin_equals_shapely(one, two, keep_outs, point):
    outlines = [_star(one), _star(two, 150.0, 50.0)]
    exclusions = [_star([r / 4 for r in rs], *place) for rs, place in keep_outs]
    features = [_feature(f"in {i}", "inclusion", o) for i, o in enumerate(outlines)]
    features += [_feature(f"out {i}", "exclusion", o) for i, o in enumerate(exclusions)]
    margin = _local(*features).margin(*point)
    expected = _oracle([Polygon(o) for o in outlines], [Polygon(o) for o in exclusions], point)
    assert margin.margin_m == pytest.approx(expected, abs=1e-4)


@given(radii, places)
@settings(max_examples=100, deadline=None)
def test_the_closing_direction_is_where_the_margin_shrinks_fastest(outline, point):
    zones = _local(_feature("field", "inclusion", _star(outline)))
    here = zones.margin(*point)
    e, n = here.closing_en
    assert hypot(e, n) == pytest.approx(1.0)
    step = 0.01
    assume(abs(here.margin_m) > 2.0 * step)  # at a corner of the line itself there is no one direction
    there = zones.margin(point[0] + step * e, point[1] + step * n)
    assert here.margin_m - there.margin_m == pytest.approx(step, abs=1e-3)


def test_circles_err_to_the_legal_side_only():
    zones = _local(_circle("field", "inclusion", 0, 0, 300.0), _circle("mast", "exclusion", 100.0, 0.0, 25.0))
    for angle in np.linspace(0.0, 2.0 * pi, 97):
        inner = zones.area_margins(290.0 * cos(angle), 290.0 * sin(angle))[0, 0]
        outer = zones.area_margins(100.0 + 40.0 * cos(angle), 40.0 * sin(angle))[1, 0]
        assert 10.0 - 2.0 * CHORD_ERROR_M <= inner <= 10.0 + 0.001
        assert 15.0 - 2.0 * CHORD_ERROR_M <= outer <= 15.0 + 0.001


def test_touching_inclusions_are_one_space_and_different_ceilings_are_not():
    west, east = [(-100, -50), (0, -50), (0, 50), (-100, 50)], [(0, -50), (100, -50), (100, 50), (0, 50)]
    one = _local(_feature("west", "inclusion", west), _feature("east", "inclusion", east))
    assert one.margin(0.0, 0.0).margin_m == pytest.approx(50.0, abs=0.01)
    assert one.margin(0.0, 0.0).name == "west + east"
    low = {"ceiling": {"height_m": 50, "datum": "agl"}}
    two = _local(_feature("west", "inclusion", west), _feature("east", "inclusion", east, **low))
    assert two.inclusions == 2
    assert two.margin(-20.0, 0.0).margin_m == pytest.approx(20.0, abs=0.01)


def test_a_hole_is_outside():
    ring = [FRAME.to_geodetic(e, n, 0.0) for e, n in ((-10, -10), (10, -10), (10, 10), (-10, 10), (-10, -10))]
    feature = _feature("field", "inclusion", [(-100, -100), (100, -100), (100, 100), (-100, 100)])
    feature["geometry"]["coordinates"].append([[lon, lat] for lat, lon, _ in ring])
    zones = _local(feature)
    assert zones.margin(0.0, 2.0).margin_m == pytest.approx(-8.0, abs=0.01)
    assert zones.margin(0.0, 20.0).margin_m == pytest.approx(10.0, abs=0.01)


def test_on_the_line_the_direction_is_the_outward_normal():
    zones = _local(_feature("field", "inclusion", [(-100, -100), (100, -100), (100, 100), (-100, 100)]))
    edge = zones.edges[0]
    middle = (edge[:2] + edge[2:]) / 2.0
    margin = zones.margin(*middle)
    assert margin.margin_m == pytest.approx(0.0, abs=1e-6)
    outside = zones.margin(middle[0] + margin.closing_en[0], middle[1] + margin.closing_en[1])
    assert outside.margin_m == pytest.approx(-1.0, abs=1e-6)


def test_no_zones_limit_nothing():
    zones = ZoneSet().in_frame(FRAME)
    assert zones.margin(1e5, -1e5).margin_m == inf


def test_higher_priority_is_named_first_at_equal_distance():
    left, right = [(-60, -10), (-40, -10), (-40, 10), (-60, 10)], [(40, -10), (60, -10), (60, 10), (40, 10)]
    zones = _local(_feature("a", "exclusion", left), _feature("b", "exclusion", right, priority=5))
    assert zones.areas[0].name == "b"
