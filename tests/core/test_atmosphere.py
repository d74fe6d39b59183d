"""The standard atmosphere against its published table (ICAO Doc 7488) and FACTS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core import atmosphere as a


@pytest.mark.parametrize(
    ("alt", "pressure", "density"), [(0.0, 101325.0, 1.2250), (2000.0, 79495.0, 1.0065), (5000.0, 54020.0, 0.7361)]
)
def test_table(alt: float, pressure: float, density: float) -> None:
    assert a.pressure_pa(alt) == pytest.approx(pressure, rel=1e-3)
    assert a.density_kg_m3(alt) == pytest.approx(density, rel=1e-3)


@pytest.mark.parametrize(("offset_k", "density"), [(0.0, 1.137), (-25.0 - 10.02, 1.298), (41.0 - 10.02, 1.025)])
def test_density_at_lenger(offset_k: float, density: float) -> None:
    assert a.density_kg_m3(766.0, offset_k) == pytest.approx(density, rel=3e-3)


@given(st.floats(-400.0, 9000.0))
def test_pressure_altitude_inverts_pressure(alt: float) -> None:
    assert a.altitude_of_pressure_m(a.pressure_pa(alt)) == pytest.approx(alt, abs=1e-6)
