"""Rings against the circle that they stand for."""

from __future__ import annotations

from math import cos, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.geodesy import bearing_deg, distance_m
from lenger_core.plans import Datum, Height, Orbit
from lenger_mission.patterns.orbit import LEAST_SIDES, orbit_track, ring, rings, sides_for


@given(st.floats(5.0, 3000.0), st.floats(0.1, 20.0), st.floats(0.0, 360.0), st.booleans())
@hypothesis_settings(max_examples=40)
def test_a_ring_is_nowhere_further_off_its_circle_than_wanted(
    radius: float, deviation: float, start: float, clockwise: bool
) -> None:
    sides = sides_for(radius, deviation)
    line = ring(radius, 1.0, start, clockwise, deviation)
    corners, middles = np.hypot(*line.T), np.hypot(*(0.5 * (line[:-1] + line[1:])).T)
    assert corners - radius == pytest.approx(radius - middles[0])
    assert middles == pytest.approx(middles[0])
    assert (corners.max() - radius <= deviation * (1 + 1e-9)) or sides == LEAST_SIDES
    if sides > LEAST_SIDES:  # one side less would not do
        c = cos(pi / (sides - 1))
        assert radius * (2.0 / (1.0 + c) - 1.0) > deviation
    assert line[0] == pytest.approx(line[-1], abs=1e-6)
    assert (np.degrees(np.arctan2(*line[0])) - start + 180.0) % 360.0 == pytest.approx(180.0, abs=1e-6)
    turns = line[:-1, 0] * line[1:, 1] - line[:-1, 1] * line[1:, 0]
    assert ((turns < 0.0) == clockwise).all()


def test_rings_follow_each_other_on_the_bearing_where_one_ended() -> None:
    line, number = rings((50.0, 80.0, 110.0), turns=1.5, start_deg=90.0)
    assert list(np.unique(number)) == [0, 1, 2]
    for index in (0, 1):
        last, first = line[number == index][-1], line[number == index + 1][0]
        assert last[0] * first[1] == pytest.approx(last[1] * first[0], abs=1e-6)
        assert last @ first > 0.0
    angles = np.unwrap(np.arctan2(line[number == 0][:, 0], line[number == 0][:, 1]))
    assert abs(angles[-1] - angles[0]) == pytest.approx(3.0 * pi, abs=pi / sides_for(50.0, 0.5))


def test_an_item_is_flown_ring_by_ring_at_each_height_with_the_nose_to_the_centre() -> None:
    heights = tuple(Height(value_m=h, datum=Datum.AGL) for h in (40.0, 60.0))
    item = Orbit(lat_deg=42.18, lon_deg=69.88, radii_m=(60.0, 90.0), heights=heights, turns=1.0)
    track = orbit_track(item, near_deg=(42.18, 69.90))
    off = np.array([distance_m(42.18, 69.88, *p) for p in track.points_deg.tolist()])
    assert np.abs(off - track.radius_m).max() < 0.5 + 0.01
    assert [h.value_m for h in track.heights] == sorted(h.value_m for h in track.heights)
    assert {(h.value_m, r) for h, r in zip(track.heights, track.radius_m, strict=True)} == {
        (h, r) for h in (40.0, 60.0) for r in (60.0, 90.0)
    }
    assert track.heading_deg is not None
    for point, heading in zip(track.points_deg.tolist(), track.heading_deg, strict=True):
        assert abs((bearing_deg(*point, 42.18, 69.88) - heading + 180.0) % 360.0 - 180.0) < 0.01
    assert bearing_deg(42.18, 69.88, *track.points_deg[0].tolist()) == pytest.approx(90.0, abs=0.1)
    along = orbit_track(item.model_copy(update={"face_centre": False, "start_bearing_deg": 200.0}))
    assert along.heading_deg is None
    assert bearing_deg(42.18, 69.88, *along.points_deg[0].tolist()) == pytest.approx(200.0, abs=0.01)


def test_an_orbit_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="turns"):
        ring(10_000.0, 100.0, deviation_m=0.5)
    with pytest.raises(InputError, match="radius_m"):
        ring(float("nan"))
    with pytest.raises(InputError, match="radii_m"):
        rings(())
    heights = tuple(Height(value_m=50.0 + h, datum=Datum.AGL) for h in range(100))
    item = Orbit(lat_deg=42.18, lon_deg=69.88, radii_m=(500.0,), heights=heights, turns=10.0)
    with pytest.raises(InputError, match="heights"):
        orbit_track(item)
