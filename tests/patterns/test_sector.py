"""The sector search against the manual's figure and closed forms."""

from __future__ import annotations

from math import pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_mission.patterns.plane import length_m
from lenger_mission.patterns.sector import sector_search, sectors_for


def _bearings(line: np.ndarray) -> np.ndarray:
    steps = np.diff(line, axis=0)
    return np.asarray(np.degrees(np.arctan2(steps[:, 0], steps[:, 1])) % 360.0)


def test_six_sectors_are_flown_by_turns_of_120_degrees_to_the_right() -> None:
    line = sector_search(1000.0)
    lengths = np.hypot(*np.diff(line, axis=0).T)
    assert lengths == pytest.approx([1000, 1000, 2000, 1000, 2000, 1000, 1000])
    assert length_m(line) == pytest.approx(9000.0)
    assert np.diff(_bearings(line)) % 360.0 == pytest.approx(120.0)
    assert _bearings(line)[0] == pytest.approx(0.0, abs=1e-9)


def test_the_second_search_is_turned_by_30_degrees() -> None:
    line = sector_search(500.0, 40.0, passes=2)
    once = len(sector_search(500.0))
    assert line[once - 1] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert _bearings(line)[0] == pytest.approx(40.0)
    assert _bearings(line)[once - 1] == pytest.approx(70.0)


@given(st.floats(10.0, 5000.0), st.integers(1, 10), st.floats(0.0, 360.0), st.booleans())
@hypothesis_settings(max_examples=40)
def test_every_spoke_is_flown_once_and_the_length_is_the_closed_form(
    radius: float, k: int, bearing: float, clockwise: bool
) -> None:
    sectors = 4 * k + 2
    line = sector_search(radius, bearing, clockwise, sectors)
    chord = 2.0 * radius * sin(pi / sectors)
    assert length_m(line) == pytest.approx(sectors * radius + sectors / 2 * chord)
    assert line[[0, -1]] == pytest.approx(np.zeros((2, 2)), abs=1e-6)
    rim = line[1:-1]
    assert np.hypot(*rim.T) == pytest.approx(radius)
    sense = 1.0 if clockwise else -1.0
    spokes = (sense * (np.degrees(np.arctan2(rim[:, 0], rim[:, 1])) - bearing) / (360.0 / sectors)) % sectors
    assert sorted(np.round(spokes).astype(int) % sectors) == list(range(sectors))
    assert np.abs(spokes - np.round(spokes)).max() < 1e-6
    # Legs alternate: a cross leg along the rim, then straight through the datum.
    middles = 0.5 * (rim[:-1] + rim[1:])
    assert np.hypot(*middles[1::2].T) == pytest.approx(0.0, abs=1e-6 * radius)
    assert np.hypot(*middles[0::2].T) == pytest.approx(radius * np.cos(pi / sectors))


@given(st.floats(20.0, 5000.0), st.floats(0.08, 1.5))
@hypothesis_settings(max_examples=40)
def test_sectors_for_is_the_least_number_whose_cross_legs_are_short_enough(radius: float, share: float) -> None:
    spacing = max(1.0, share * radius)
    sectors = sectors_for(spacing, radius)
    chord = [2.0 * radius * sin(pi / n) for n in (sectors, sectors - 4)]
    assert chord[0] <= spacing * (1 + 1e-9) or (sectors == 6 and spacing >= radius)
    assert sectors == 6 or chord[1] > spacing


@pytest.mark.parametrize("sectors", [0, 4, 5, 8, 94])
def test_a_wheel_that_flies_a_spoke_twice_is_refused(sectors: int) -> None:
    with pytest.raises(InputError, match="sectors"):
        sector_search(100.0, sectors=sectors)
    with pytest.raises(InputError, match="spacing_m"):
        sectors_for(1.0, 1000.0)
