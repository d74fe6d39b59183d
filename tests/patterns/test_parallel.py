"""Parallel track and creeping line against closed forms on rectangles, and coverage of other areas."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Polygon, union_all

from lenger_core.errors import InputError
from lenger_mission.patterns.creeping import creeping_line
from lenger_mission.patterns.parallel import long_axis_deg, parallel_track
from lenger_mission.patterns.plane import Array, length_m, turned


def _rectangle(length: float, width: float, bearing: float, middle: tuple[float, float] = (0.0, 0.0)) -> Array:
    corners = 0.5 * np.array([[-width, -length], [width, -length], [width, length], [-width, length]])
    return turned(corners, bearing) + np.array(middle)


rectangles = st.tuples(st.floats(300.0, 3000.0), st.floats(0.2, 0.9), st.floats(0.0, 180.0), st.floats(20.0, 200.0))


@given(rectangles, st.booleans())
@hypothesis_settings(max_examples=40)
def test_a_rectangle_is_searched_by_the_closed_form(sizes: tuple[float, float, float, float], clockwise: bool) -> None:
    length, share, bearing, spacing = sizes
    width = share * length
    area = _rectangle(length, width, bearing, (120.0, -340.0))
    for line, along, across in (
        (parallel_track(area, spacing, clockwise=clockwise), length, width),
        (creeping_line(area, spacing, clockwise=clockwise), width, length),
    ):
        legs = ceil(across / spacing - 1e-9)
        step = across / legs
        inside = max(along - step, 0.0)
        assert len(line) == 2 * legs
        assert length_m(line) == pytest.approx(legs * inside + (legs - 1) * step, rel=1e-6)
        # It commences half a spacing inside two sides.
        assert Polygon(area).exterior.distance(MultiPoint(line[:1])) == pytest.approx(0.5 * min(step, along), rel=1e-6)
        if legs > 1 and inside > 1.0:
            (ae, an), (be, bn) = np.diff(line[:3], axis=0)
            assert (ae * bn - an * be < 0.0) == clockwise
            heading = np.degrees(np.arctan2(ae, an)) % 180.0
            wanted = (bearing if along == length else bearing + 90.0) % 180.0
            assert min(abs(heading - wanted), 180.0 - abs(heading - wanted)) < 1e-5


@given(st.lists(st.tuples(st.floats(-800.0, 800.0), st.floats(-800.0, 800.0)), min_size=3, max_size=12), st.booleans())
@hypothesis_settings(max_examples=40)
def test_any_convex_area_is_covered_up_to_the_half_spacing_at_the_ends(
    points: list[tuple[float, float]], creeping: bool
) -> None:
    hull = MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e4:
        return
    area, spacing = np.asarray(hull.exterior.coords)[:-1], 60.0
    line = (creeping_line if creeping else parallel_track)(area, spacing)
    legs = [LineString(line[i : i + 2]) for i in range(0, len(line), 2) if length_m(line[i : i + 2]) > 0.01]
    assert legs
    seen = union_all([leg.buffer(0.5 * spacing * (1 + 1e-6), cap_style="square") for leg in legs])
    # Strips that the area fills less than a spacing long have a point for a leg.
    tips = union_all([MultiPoint(line[i : i + 1]).buffer(spacing) for i in range(0, len(line), 2)])
    assert hull.difference(seen.union(tips)).area < 1e-6 * hull.area


def test_the_search_begins_at_the_end_that_is_nearer() -> None:
    area = _rectangle(2000.0, 600.0, 90.0)
    for east in (-900.0, 900.0):
        assert np.sign(creeping_line(area, 100.0, near_m=(east, 0.0))[0, 0]) == np.sign(east)
        assert np.sign(parallel_track(area, 100.0, near_m=(east, 0.0))[0, 0]) == np.sign(east)


def test_a_given_bearing_is_that_of_the_first_leg() -> None:
    area = _rectangle(1000.0, 1000.0, 0.0)
    line = parallel_track(area, 100.0, bearing_deg=270.0, near_m=(0.0, 0.0))
    assert line[1] - line[0] == pytest.approx([-900.0, 0.0], abs=1e-6)
    assert line[2, 1] > line[1, 1]
    left = creeping_line(area, 100.0, bearing_deg=270.0, clockwise=False)
    assert left[2, 1] < left[1, 1]


def test_the_long_axis_is_that_of_the_smallest_rectangle() -> None:
    assert long_axis_deg("search", _rectangle(900.0, 400.0, 33.0)) == pytest.approx(33.0)


@pytest.mark.parametrize(
    ("area", "spacing", "field"),
    [
        ([(0.0, 0.0), (1.0, 1.0)], 10.0, "area"),
        ([(0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0)], 10.0, "area"),
        ([(0.0, 0.0), (100.0, 100.0), (float("nan"), 0.0)], 10.0, "area"),
        ([(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)], 10.0, "area"),
        ([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)], 0.1, "spacing_m"),
        ([(0.0, 0.0), (9e4, 0.0), (9e4, 9e4)], 2.0, "spacing_m"),
    ],
)
def test_what_is_no_area_or_spacing_is_refused_by_name(
    area: list[tuple[float, float]], spacing: float, field: str
) -> None:
    for search in (parallel_track, creeping_line):
        with pytest.raises(InputError) as caught:
            search(np.array(area), spacing)
        assert caught.value.field == field
