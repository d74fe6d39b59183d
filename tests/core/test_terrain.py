"""The terrain that ships: published heights, interpolation, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.terrain import load_terrain

TERRAIN = load_terrain()


@pytest.mark.parametrize(
    ("lat", "lon", "published_m", "within_m"),
    [
        (42.1819, 69.8878, 760.0, 15.0),  # Lenger
        (42.3167, 69.5958, 513.0, 20.0),  # Shymkent
    ],
)
def test_plain_heights(lat: float, lon: float, published_m: float, within_m: float) -> None:
    assert TERRAIN.height_amsl_m(lat, lon) == pytest.approx(published_m, abs=within_m)


def test_the_error_bound_covers_the_clipped_summit_of_kazygurt() -> None:
    clipped = 1768.0 - TERRAIN.height_amsl_m(42.0625, 69.7292)
    assert 0.0 < clipped <= TERRAIN.error_m(42.0625, 69.7292)


@given(st.floats(41.21, 42.99), st.floats(68.81, 71.19))
def test_scalar_and_array_agree_and_lie_between_the_cells(lat: float, lon: float) -> None:
    one = TERRAIN.height_amsl_m(lat, lon)
    many = TERRAIN.heights_amsl_m(np.array([lat]), np.array([lon]))[0]
    assert one == pytest.approx(many, abs=1e-9)
    assert 191.0 <= one <= 4238.0


@pytest.mark.parametrize(("lat", "lon"), [(40.0, 70.0), (42.0, 75.0), (float("nan"), 70.0)])
def test_outside_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(InputError, match="Lenger terrain: position"):
        TERRAIN.height_amsl_m(lat, lon)
    with pytest.raises(InputError, match="Lenger terrain: position"):
        TERRAIN.heights_amsl_m(np.array([lat]), np.array([lon]))
