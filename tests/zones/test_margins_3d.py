"""Margins in three dimensions against slow oracles: shapely slice by slice, and points sampled all around."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, inf, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from lenger_core import geoid
from lenger_core.geodesy import LocalFrame
from lenger_core.zones import (
    CHORD_ERROR_M,
    BorderShape,
    CorridorShape,
    Datum,
    HeightLimit,
    PolygonShape,
    TimeWindow,
    Zone,
    ZoneKind,
    ZoneSet,
    outline_of,
)

ORIGIN_M = 757.0
FRAME = LocalFrame(42.1819, 69.8878, ORIGIN_M)
IN, OUT = ZoneKind.INCLUSION, ZoneKind.EXCLUSION


def ring(outline):
    return tuple(FRAME.to_geodetic(e, n, 0.0)[:2] for e, n in outline)


def star(radii, east=0.0, north=0.0):
    step = 2.0 * pi / len(radii)
    return [(east + r * cos(i * step), north + r * sin(i * step)) for i, r in enumerate(radii)]


def square(half, east=0.0, north=0.0):
    return [
        (east - half, north - half),
        (east + half, north - half),
        (east + half, north + half),
        (east - half, north + half),
    ]


def limit(height, datum=Datum.AMSL):
    return None if height is None else HeightLimit(height + (ORIGIN_M if datum is Datum.AMSL else 0.0), datum)


def zone(name, kind, outline, low=None, high=None, datum=Datum.AMSL, holes=()):
    shape = PolygonShape(ring(outline), tuple(ring(hole) for hole in holes))
    return Zone(name, kind, shape, limit(low, datum), limit(high, datum))


def margins(zones, points, radii=None, ground=ORIGIN_M, error=0.0, home=ORIGIN_M):
    local = zones.in_frame(FRAME)
    points = np.array(points, dtype=float)
    radii = np.zeros((len(points), 2)) if radii is None else np.array(radii, dtype=float)
    columns = local.columns(points, np.full(len(points), ground), np.full(len(points), error), home)
    return local.margins_3d(points, radii, columns)


# ------------------------------------------------------------ oracle

radii = st.lists(st.floats(40.0, 200.0), min_size=4, max_size=9)
places = st.tuples(st.floats(-200.0, 200.0), st.floats(-200.0, 200.0))
bands = st.tuples(st.sampled_from([None, 0, 20, 40, 60]), st.sampled_from([None, 50, 70, 90, 120])).filter(
    lambda b: b[0] is None or b[1] is None or b[0] < b[1]
)
prisms = st.tuples(radii, places, bands)
heights = st.floats(-10.0, 130.0)


def holds(prism, e, n, z, edge=0.0):
    outline, (low, high) = prism
    return (low is None or z >= low + edge) and (high is None or z <= high - edge) and outline.contains(Point(e, n))


def legal(inside, outside, e, n, z):
    return any(holds(p, e, n, z) for p in inside) and not any(holds(p, e, n, z) for p in outside)


def slices_distance(inside, e, n, z):
    """Distance from a point in the union of prisms to its outside: over every interval of heights, by shapely."""
    levels = sorted({-1e4, 1e4, *(h for _, band in inside for h in band if h is not None)})
    best = inf
    for low, high in pairwise(levels):
        middle = 0.5 * (low + high)
        here = unary_union(
            [o for o, b in inside if (b[0] is None or b[0] < middle) and (b[1] is None or middle < b[1])]
        )
        gap = max(0.0, low - z, z - high)
        flat = here.boundary.distance(Point(e, n)) if here.contains(Point(e, n)) else 0.0
        best = min(best, hypot(gap, flat))
    return best


def world(inclusions, exclusions):
    zones, inside, outside = [], [], []
    for i, (rs, place, band) in enumerate([*inclusions, *exclusions]):
        kind = IN if i < len(inclusions) else OUT
        outline = star(rs if kind is IN else [r / 3 for r in rs], *place)
        zones.append(zone(f"{kind.value} {i}", kind, outline, *band))
        (inside if kind is IN else outside).append((Polygon(outline), band))
    return ZoneSet(tuple(zones)), inside, outside


@given(st.lists(prisms, min_size=1, max_size=4), st.lists(prisms, max_size=3), places, heights, st.integers(0, 2**31))
@settings(max_examples=120, deadline=None)
def test_a_ball_of_the_margin_is_legal_and_the_sign_is_right(inclusions, exclusions, place, z, seed):
    zones, inside, outside = world(inclusions, exclusions)
    margin = float(margins(zones, [(*place, z)]).margin_m[0])
    if abs(margin) > 1e-3:
        assert (margin > 0.0) == legal(inside, outside, *place, z)
    around = np.random.default_rng(seed).normal(size=(60, 3))
    around *= (abs(margin) - 1e-3) / np.linalg.norm(around, axis=1)[:, None]
    for e, n, u in around if abs(margin) > 2e-3 else ():
        assert legal(inside, outside, place[0] + e, place[1] + n, z + u) == (margin > 0.0) or (
            # outside of everything the nearest prism may be nearer in another way than the legal space within it
            margin < 0.0
        )


@given(st.lists(prisms, min_size=1, max_size=4), st.lists(prisms, max_size=2), places, heights)
@settings(max_examples=120, deadline=None)
def test_the_margin_inside_is_the_distance_to_the_outside(inclusions, exclusions, place, z):
    zones, inside, outside = world(inclusions, exclusions)
    found = margins(zones, [(*place, z)])
    if float(found.margin_m[0]) < 0.0:
        return
    expected = slices_distance(inside, *place, z)
    for outline, (low, high) in outside:
        gap = max(0.0, (low if low is not None else -1e9) - z, z - (high if high is not None else 1e9))
        expected = min(expected, hypot(gap, outline.distance(Point(place))))
    assert float(found.margin_m[0]) == pytest.approx(expected, abs=1e-3)


@given(st.lists(prisms, min_size=1, max_size=3), st.lists(prisms, max_size=2), places, heights, st.integers(0, 2**31))
@settings(max_examples=80, deadline=None)
def test_a_cylinder_with_a_margin_is_legal_all_through(inclusions, exclusions, place, z, seed):
    zones, inside, outside = world(inclusions, exclusions)
    rng = np.random.default_rng(seed)
    rh, rv = rng.uniform(0.0, 30.0, 2)
    if float(margins(zones, [(*place, z)], [(rh, rv)]).margin_m[0]) <= 1e-3:
        return
    for _ in range(60):
        angle, reach, rise = rng.uniform(0.0, 2.0 * pi), rh * rng.uniform(0.0, 1.0) ** 0.3, rng.uniform(-rv, rv)
        assert legal(inside, outside, place[0] + reach * cos(angle), place[1] + reach * sin(angle), z + rise)


# ------------------------------------------------------------ by hand


def steps():
    """Two prisms that touch: to the west up to 100 m, to the east from 40 to 60 m only."""
    west = zone("west", IN, [(-100, -50), (0, -50), (0, 50), (-100, 50)], None, 100)
    return ZoneSet((west, zone("east", IN, [(0, -50), (100, -50), (100, 50), (0, 50)], 40, 60)))


def test_touching_prisms_are_one_space_at_a_common_height():
    found = margins(steps(), [(-5, 0, 50), (0, 0, 50), (5, 0, 50), (0, 0, 80), (-5, 0, 80), (5, 0, 80), (-4, 0, 63)])
    assert found.margin_m[:3] == pytest.approx([hypot(5, 10), 10, 10], abs=0.01)
    assert found.margin_m[3:6] == pytest.approx([0, 5, -5], abs=0.01)  # back over the line is nearer than down
    assert found.margin_m[6] == pytest.approx(4.0, abs=0.01)


def test_neighbours_that_a_file_rounds_apart_have_no_gap_and_wider_ones_have():
    def pair(gap):
        east = zone("east", IN, [(gap, -50), (100, -50), (100, 50), (gap, 50)], None, 60)
        west = zone("west", IN, [(-100, -50), (0, -50), (0, 50), (-100, 50)], None, 100)
        return margins(ZoneSet((west, east)), [(-5, 0, 30), (gap + 5, 0, 30)]).margin_m

    assert pair(0.008) == pytest.approx([hypot(5, 30), 30], abs=0.01)
    assert pair(0.02) == pytest.approx([5, 5], abs=0.01)


def test_inclusions_of_equal_heights_that_a_file_rounds_apart_are_one_area():
    west = zone("west", IN, [(-100, -50), (0, -50), (0, 50), (-100, 50)])
    east = zone("east", IN, [(0.007, -20), (100, -20), (100, 20), (0.007, 20)])
    found = margins(ZoneSet((west, east)), [(0, 0, 30), (0.004, 10, 30)])
    assert found.margin_m == pytest.approx([20, 10], abs=0.02)


def test_a_hole_is_outside_even_under_another_inclusion_that_ends_lower():
    holed = zone("holed", IN, square(100), None, 100, holes=(square(20),))
    lid = zone("lid", IN, square(30), None, 40)
    found = margins(ZoneSet((holed, lid)), [(0, 0, 20), (0, 0, 70), (60, 0, 70)])
    assert found.margin_m == pytest.approx([20, -20, 30], abs=0.01)


@pytest.mark.parametrize("datum", [Datum.AGL, Datum.HOME, Datum.AMSL])
def test_heights_of_every_datum(datum):
    base = {Datum.AGL: 43.0, Datum.HOME: 13.0, Datum.AMSL: 0.0}[datum]
    zones = ZoneSet((zone("a", IN, square(500), 20, 80, datum), zone("b", OUT, square(10), 30, 50, datum)))
    found = margins(zones, [(300, 0, base + 25), (300, 0, base + 70), (0, 0, base + 57)], None, 800.0, 0.0, 770.0)
    assert found.margin_m == pytest.approx([5, 10, 7], abs=0.01)


def test_the_grounds_error_bound_narrows_the_legal_space_on_all_sides():
    zones = ZoneSet((zone("a", IN, square(500), 20, 80, Datum.AGL), zone("b", OUT, square(10), 30, 50, Datum.AGL)))
    points = [(300, 0, 25), (300, 0, 70), (0, 0, 57)]
    assert margins(zones, points, error=3.0).margin_m == pytest.approx([2, 7, 4], abs=0.01)


def test_heights_above_the_ellipsoid_are_taken_off_the_geoid():
    up = geoid.undulation_m(42.1819, 69.8878)
    top = Zone("a", IN, PolygonShape(ring(square(500))), None, HeightLimit(ORIGIN_M + up + 80.0, Datum.ELLIPSOID))
    assert margins(ZoneSet((top,)), [(0, 0, 70)]).margin_m[0] == pytest.approx(10.0, abs=0.01)
    assert top.ceiling.amsl_m(0.0, 0.0, up) == pytest.approx(ORIGIN_M + 80.0)


def test_a_height_whose_datum_is_not_known_bounds_no_inclusion_and_leaves_no_way_over_an_exclusion():
    zones = ZoneSet((zone("a", IN, square(500), 20, 80, Datum.HOME), zone("b", OUT, square(10), 30, 50, Datum.HOME)))
    found = margins(zones, [(300, 0, 900), (0, 0, 900)], home=float("nan"))
    assert found.margin_m == pytest.approx([200, -10], abs=0.01)


def test_each_areas_least_margin_and_who_decides():
    zones = ZoneSet((zone("field", IN, square(100)), zone("mast", OUT, square(5, 50), None, 40)))
    found = margins(zones, [(0, 0, 20), (40, 0, 20), (50, 0, 47)])
    assert found.margin_m == pytest.approx([45, 5, 7], abs=0.01)
    assert found.area.tolist() == [1, 1, 1]
    assert found.least_m == pytest.approx([50, 5], abs=0.01)


# ------------------------------------------------------------ shapes


@given(
    st.lists(places, min_size=2, max_size=5, unique=True).filter(
        lambda ps: all(hypot(a[0] - b[0], a[1] - b[1]) > 1.0 for a, b in pairwise(ps))
    ),
    st.floats(4.0, 120.0),
    st.sampled_from([IN, OUT]),
    st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_a_corridor_errs_to_its_legal_side_only(line, width, kind, seed):
    outline = outline_of(Zone("c", kind, CorridorShape(ring(line), width)), FRAME)
    from shapely.geometry import LineString

    axis = LineString(line)
    for e, n in np.random.default_rng(seed).uniform(-400.0, 400.0, (40, 2)):
        off = axis.distance(Point(e, n)) - width / 2.0
        if outline.contains(Point(e, n)):
            assert off <= (1e-3 if kind is IN else CHORD_ERROR_M + 1e-3)
        else:
            assert off >= (-CHORD_ERROR_M - 1e-3 if kind is IN else -1e-3)


@pytest.mark.parametrize("beyond", ["left", "right"])
@pytest.mark.parametrize("buffer", [0.0, 150.0])
def test_a_border_is_all_that_lies_beyond_it_and_its_buffer(beyond, buffer):
    line = [(-800.0, 300.0), (0.0, 100.0), (700.0, 500.0), (1500.0, 450.0)]
    border = Zone("border", OUT, BorderShape(ring(line), beyond, buffer))
    outline = outline_of(border, FRAME)
    side = 1.0 if beyond == "left" else -1.0
    assert outline.contains(Point(0.0, 100.0 + side * 5_000.0))
    assert outline.contains(Point(90_000.0, side * 150_000.0))
    assert outline.contains(Point(-100_000.0, 300.0 + 24_800.0 + side * 500.0))  # the first stretch drawn out straight
    assert not outline.contains(Point(0.0, 100.0 - side * 5_000.0))
    middle = np.array([-400.0, 200.0]) - side * np.array([200.0, 800.0]) / hypot(200.0, 800.0) * buffer
    into = side * np.array([200.0, 800.0]) / hypot(200.0, 800.0)
    assert outline.contains(Point(middle + 0.5 * into))
    assert not outline.contains(Point(middle - 0.5 * into))


def test_a_border_that_crosses_itself_is_refused():
    from lenger_core.errors import InputError

    knot = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (50.0, 50.0)]
    with pytest.raises(InputError, match="crosses itself"):
        ZoneSet((Zone("knot", OUT, BorderShape(ring(knot), "left", 0.0)),)).in_frame(FRAME)


# ------------------------------------------------------------ times


def test_zones_hold_in_their_windows_only_and_say_when_that_changes():
    shape = PolygonShape(ring(square(50)))
    timed = Zone("show", OUT, shape, windows=(TimeWindow(100, 200), TimeWindow(300, None)))
    until = Zone("works", OUT, shape, windows=(TimeWindow(None, 150),))
    zones = ZoneSet((zone("field", IN, square(100)), timed, until))
    names = {t: [a.name for a in zones.in_frame(FRAME, t).areas] for t in (0, 99, 100, 149, 150, 199, 200, 299, 300)}
    assert [len(names[t]) for t in (0, 99, 100, 149)] == [2, 2, 3, 3]
    assert names[150] == names[199] == ["field", "show"]
    assert names[200] == names[299] == ["field"]
    assert names[300] == ["field", "show"]
    assert len(zones.in_frame(FRAME).areas) == 3
    changes, t = [], -1
    while (later := zones.next_change_ns(t)) is not None:
        changes.append(later)
        t = later
    assert changes == [100, 150, 200, 300]


def test_approaches_limit_nothing():
    zones = ZoneSet((zone("field", IN, square(100)), zone("pad", ZoneKind.APPROACH, square(10))))
    local = zones.in_frame(FRAME)
    assert [a.name for a in local.areas] == ["field"]
    assert [a.name for a in local.approaches] == ["pad"]
    assert margins(zones, [(0, 0, 20)]).margin_m[0] == pytest.approx(100.0, abs=0.01)
