"""The least clearance of a leg against brute force over made-up ground and bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.grid import LatLonGrid
from lenger_core.terrain import Terrain
from lenger_mission.patterns.leg_clearance import least_clearances_m


def _terrain(seed: int) -> Terrain:
    """Ground every 0.001 degrees and a bound on another lattice, both wild."""
    rng = np.random.default_rng(seed)
    grid = LatLonGrid("ground", rng.uniform(0.0, 300.0, (12, 12)), 42.0, 70.0, 0.001, 0.001)
    return Terrain("test", False, grid, LatLonGrid("bound", rng.uniform(0, 200, (6, 6)), 42.0, 70.0, 0.0023, 0.0023))


degrees = st.floats(0.0, 0.0109)


@given(st.integers(0, 10_000), st.lists(st.tuples(degrees, degrees, st.floats(0.0, 900.0)), min_size=2, max_size=4))
@hypothesis_settings(max_examples=20)
def test_no_sample_is_lower_and_a_fine_one_is_as_low(seed: int, places: list[tuple[float, float, float]]) -> None:
    terrain = _terrain(seed)
    points = np.array([(42.0 + a, 70.0 + b, z) for a, b, z in places])
    found = least_clearances_m(terrain, points)
    assert found.shape == (len(points) - 1,)
    for start, end, least in zip(points[:-1], points[1:], found, strict=True):
        lat, lon, alt = (start + np.linspace(0.0, 1.0, 4001)[:, None] * (end - start)).T
        sampled = float((alt - terrain.heights_amsl_m(lat, lon) - terrain.errors_m(lat, lon)).min())
        assert least <= sampled + 1e-6
        assert least == pytest.approx(sampled, abs=2.0)  # samples of 0.3 m over ground of 3 m rise a metre


def test_a_vertex_between_the_nodes_is_found() -> None:
    grid = LatLonGrid(
        "saddle", np.array([[0.0, 100.0, 0.0], [100.0, 0.0, 100.0], [0.0, 100.0, 0.0]]), 42.0, 70.0, 0.001, 0.001
    )
    terrain = Terrain("saddle", False, grid, LatLonGrid("none", np.zeros((2, 2)), 42.0, 70.0, 1.0, 1.0))
    leg = np.array([[42.0, 70.0, 200.0], [42.001, 70.001, 200.0]])
    assert least_clearances_m(terrain, leg) == pytest.approx([150.0])  # the ground along it is 200 t (1 - t)
    assert len(least_clearances_m(terrain, leg[:1])) == 0
    with pytest.raises(InputError):
        least_clearances_m(terrain, leg + 1.0)
