"""The expanding square against the manual's figure and closed forms."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from lenger_core.errors import InputError
from lenger_mission.patterns.plane import length_m
from lenger_mission.patterns.square import MOST_RINGS, expanding_square, rings_for


def test_the_first_legs_are_those_of_the_manual() -> None:
    line = expanding_square(100.0, 250.0)
    wanted = [(0, 0), (0, 1), (1, 1), (1, -1), (-1, -1), (-1, 2), (2, 2), (2, -2), (-2, -2), (-2, 2)]
    assert line == pytest.approx(100.0 * np.array(wanted, dtype=float))


@given(st.floats(5.0, 500.0), st.floats(0.6, 12.0), st.floats(-360.0, 360.0), st.booleans())
@hypothesis_settings(max_examples=40)
def test_legs_turns_length_and_coverage_follow_the_closed_forms(
    spacing: float, radii: float, bearing: float, clockwise: bool
) -> None:
    radius = radii * spacing
    line = expanding_square(spacing, radius, bearing, clockwise)
    rounds = rings_for(spacing, radius)
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    assert len(line) == 4 * rounds + 2
    assert lengths[:-1] == pytest.approx([spacing * (1 + i // 2) for i in range(4 * rounds)])
    assert length_m(line) == pytest.approx(4 * rounds * (rounds + 1) * spacing)
    assert steps[0] / lengths[0] == pytest.approx([sin(radians(bearing)), cos(radians(bearing))], abs=1e-9)
    turns = steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]
    assert turns / (lengths[:-1] * lengths[1:]) == pytest.approx(-1.0 if clockwise else 1.0)
    swath = LineString(line).buffer(0.5 * spacing * (1 + 1e-6), cap_style="square", join_style="mitre")
    half = (rounds + 0.5) * spacing
    assert half >= radius * (1 - 1e-9)
    a, b = (
        np.array([sin(radians(bearing)), cos(radians(bearing))]),
        np.array([cos(radians(bearing)), -sin(radians(bearing))]),
    )
    square = Polygon([half * (i * a + j * b) for i, j in ((1, 1), (1, -1), (-1, -1), (-1, 1))])
    assert square.difference(swath).area < 1e-6 * square.area


def test_no_round_is_flown_that_the_radius_does_not_need() -> None:
    assert [rings_for(100.0, r) for r in (10.0, 150.0, 150.1, 250.0, 250.1)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("spacing", "radius", "bearing", "field"),
    [
        (0.0, 100.0, 0.0, "spacing_m"),
        (float("nan"), 100.0, 0.0, "spacing_m"),
        (10.0, -1.0, 0.0, "radius_m"),
        (10.0, 10.0 * (MOST_RINGS + 1), 0.0, "spacing_m"),
        (10.0, 100.0, float("inf"), "bearing_deg"),
    ],
)
def test_what_is_no_search_is_refused_by_name(spacing: float, radius: float, bearing: float, field: str) -> None:
    with pytest.raises(InputError) as caught:
        expanding_square(spacing, radius, bearing)
    assert caught.value.field == field
