"""The local frame against geodesics, its inverse, and its own laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.frames import wrap_pi
from lenger_core.geodesy import LocalFrame, bearing_deg, destination, distance_m
from lenger_core.geoid import undulation_m

FRAME = LocalFrame(42.1819, 69.8878, 757.0)
lats = st.floats(41.3, 42.9)
lons = st.floats(69.0, 71.0)


@given(lats, lons, st.floats(-200.0, 6000.0))
def test_there_and_back(lat: float, lon: float, alt: float) -> None:
    back = FRAME.to_geodetic(*FRAME.to_local(lat, lon, alt))
    assert back == pytest.approx((lat, lon, alt), abs=1e-9)


@given(st.floats(0.0, 360.0), st.floats(1.0, 10_000.0))
def test_distance_and_direction_agree_with_the_geodesic(bearing: float, range_m: float) -> None:
    lat, lon = destination(FRAME.lat_deg, FRAME.lon_deg, bearing, range_m)
    east, north, _ = FRAME.to_local(lat, lon, FRAME.alt_amsl_m)
    # The plane at 757 m is larger than the ellipsoid by h / R, and a tangent is shorter than its arc by d^3 / 6 R^2.
    assert np.hypot(east, north) == pytest.approx(range_m * (1 + 757.0 / 6.37e6), rel=2e-5, abs=0.01)
    off = wrap_pi(float(np.arctan2(east, north)) - np.radians(bearing))
    assert np.degrees(abs(off)) < 0.02


def test_height_is_height_and_not_distance_from_the_tangent_plane() -> None:
    lat, lon = destination(FRAME.lat_deg, FRAME.lon_deg, 90.0, 30_000.0)
    assert FRAME.to_local(lat, lon, 800.0)[2] == 43.0


def test_many_points_agree_with_one_point() -> None:
    lat, lon = np.array([42.2, 42.1]), np.array([69.9, 70.2])
    en = FRAME.to_local_many(lat, lon)
    for i in range(2):
        assert en[i] == pytest.approx(FRAME.to_local(lat[i], lon[i], 757.0)[:2], abs=1e-6)
    assert FRAME.to_geodetic_many(en)[0] == pytest.approx(lat, abs=1e-10)


def test_known_distance_lenger_to_shymkent() -> None:
    # FACTS: Shymkent lies 28.9 km from Lenger at 301 degrees.
    lat, lon = destination(42.1819, 69.8878, 301.0, 28_900.0)
    assert distance_m(42.1819, 69.8878, lat, lon) == pytest.approx(28_900.0, abs=0.01)
    assert bearing_deg(42.1819, 69.8878, lat, lon) == pytest.approx(301.0, abs=1e-6)


def test_geoid_at_lenger_is_the_published_value() -> None:
    assert undulation_m(42.1819, 69.8878) == pytest.approx(-40.77, abs=0.3)


def test_geoid_outside_its_grid_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"EGM96 geoid.*latitude 41.000 to 43.250"):
        undulation_m(10.0, 69.0)
