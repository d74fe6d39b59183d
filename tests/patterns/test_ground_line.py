"""Terrain following: never nearer to the ground than wanted, sampled and exactly; few points, by brute force."""

from __future__ import annotations

from itertools import pairwise, product
from math import hypot, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.grid import LatLonGrid
from lenger_core.terrain import LocalTerrain, Terrain, load_terrain
from lenger_mission.patterns.ground_line import Following, follow_ground, ground_line
from lenger_mission.patterns.ground_line_kernels import LEVELS, few_points, gentle
from lenger_mission.patterns.leg_clearance import least_clearances_m

Array = NDArray[np.float64]

SOUTH, NORTH, WEST, EAST = 42.05, 42.30, 69.75, 70.10
"""Around Lenger: the plain, the foothills, the first mountains."""


def _terrain(heights: Array, bound_m: float = 0.0) -> Terrain:
    """A terrain of given nodes, 0.001 degrees apart from 42 N 70 E, with the same error bound everywhere."""
    grid = LatLonGrid("test", np.asarray(heights, dtype=np.float64), 42.0, 70.0, 0.001, 0.001)
    error = LatLonGrid("bound", np.full((2, 2), bound_m), 42.0, 70.0, 1.0, 1.0)
    return Terrain("test", False, grid, error)


def _sampled_clearance_m(terrain: Terrain, points: Array, step_m: float = 2.0) -> Array:
    """Heights over ground plus bound along the legs, straight in degrees."""
    out = []
    for a, b in pairwise(points):
        run = hypot((b[0] - a[0]) * 111e3, (b[1] - a[1]) * 82e3)
        part = np.linspace(0.0, 1.0, max(2, int(run / step_m)))[:, None]
        lat, lon, alt = (a + part * (b - a)).T
        out.append(alt - terrain.heights_amsl_m(lat, lon) - terrain.errors_m(lat, lon))
    return np.concatenate(out)


def _line(rng: np.random.Generator, box: tuple[float, float, float, float]) -> Array:
    """A random line of 2 to 8 vertices, some kilometres wide."""
    south, north, west, east = box
    middle = rng.uniform((south, west), (north, east))
    reach = rng.choice([0.002, 0.01, 0.02])
    return np.asarray(middle + rng.uniform(-reach, reach, (int(rng.integers(2, 9)), 2)))


def _hold_to_the_wanted(seed: int, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """Follow one random line over Lenger's terrain; return the least clearance above the wanted, and the mean."""
    rng = np.random.default_rng(seed)
    terrain = load_terrain() if seed % 2 else load_terrain().as_ground()
    line, height, room = _line(rng, box), float(rng.uniform(20.0, 120.0)), float(rng.uniform(2.0, 30.0))
    followed = ground_line(terrain, line, Following(height, room_m=room, longest_m=float(rng.uniform(200.0, 2_000.0))))
    assert followed.points[followed.vertex, :2] == pytest.approx(line, abs=1e-12)
    over = _sampled_clearance_m(terrain, followed.points) - height
    exact = float(least_clearances_m(terrain, followed.points).min()) - height
    assert exact <= over.min() + 1e-6
    assert over.max() < room + 2.0
    return min(float(over.min()), exact), float(over.mean())


def test_no_leg_comes_nearer_to_the_ground_than_wanted() -> None:
    least, mean = np.array([_hold_to_the_wanted(seed, (SOUTH, NORTH, WEST, EAST)) for seed in range(10)]).T
    print(f"\n10 lines: {least.min():.3f} m above the wanted height at least, {mean.mean():.1f} m in the mean")
    assert least.min() >= 0.0


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_no_leg_comes_nearer_to_the_ground_than_wanted_anywhere() -> None:
    least, mean = np.array([_hold_to_the_wanted(seed, (41.75, 42.60, 69.35, 70.45)) for seed in range(1000, 2000)]).T
    print(f"\n1,000 lines: {least.min():.3f} m above the wanted height at least, {mean.mean():.1f} m in the mean")
    assert least.min() >= 0.0


def test_where_the_error_bound_slopes_it_counts_where_it_is_greatest() -> None:
    # On a leg of this line the least height above ground less bound is not where the least height above ground is.
    least, _ = _hold_to_the_wanted(1027, (41.75, 42.60, 69.35, 70.45))
    assert least >= 0.0


def test_over_level_ground_only_the_longest_leg_makes_points() -> None:
    terrain = _terrain(np.full((60, 60), 500.0), bound_m=7.0)
    line = np.array([[42.01, 70.01], [42.04, 70.01]])
    followed = ground_line(terrain, line, Following(50.0, longest_m=1_200.0))
    assert len(followed.points) == 4  # 3.3 km
    assert followed.points[:, 2] == pytest.approx(557.0, abs=0.1)


def test_a_wall_is_passed_above_and_what_lies_beside_the_line_counts_when_asked() -> None:
    heights = np.full((60, 60), 500.0)
    heights[:, 30] = 800.0
    heights[25, :] = 900.0  # 110 m north of the line
    terrain = _terrain(heights)
    line = np.array([[42.0239, 70.005], [42.0239, 70.055]])
    followed = ground_line(terrain, line, Following(40.0))
    assert _sampled_clearance_m(terrain, followed.points).min() >= 40.0
    assert followed.points[:, 2].max() < 850.0
    wide = ground_line(terrain, line, Following(40.0, beside_m=130.0))
    assert wide.points[:, 2].min() > 900.0


def test_legs_are_no_steeper_than_wanted() -> None:
    heights = np.full((60, 60), 500.0)
    heights[:, 30:] = 700.0
    terrain = _terrain(heights)
    there = np.array([[42.02, 70.005], [42.02, 70.055]])
    for line, slopes in ((there, (0.3, 0.1)), (there[::-1], (0.3, 0.1))):
        followed = ground_line(terrain, line, Following(40.0, climb_slope=slopes[0], descent_slope=slopes[1]))
        points = followed.points
        run = np.hypot(np.diff(points[:, 0]) * 111_070.0, np.diff(points[:, 1]) * 82_860.0)
        slope = np.diff(points[:, 2]) / run
        assert slope.max() <= slopes[0] + 0.01
        assert slope.min() >= -slopes[1] - 0.01
        assert _sampled_clearance_m(terrain, points).min() >= 40.0
        assert max(slope.max() - slopes[0], -slope.min() - slopes[1]) > -0.02  # and no flatter than it has to be


def test_vertices_in_one_place_share_a_point() -> None:
    terrain = _terrain(np.full((60, 60), 500.0))
    place = [42.02, 70.02]
    one = ground_line(terrain, np.array([place, place]), Following(30.0))
    assert one.points.shape == (1, 3)
    assert one.vertex.tolist() == [0, 0]
    more = ground_line(terrain, np.array([place, place, [42.021, 70.02], [42.021, 70.02]]), Following(30.0))
    assert more.vertex.tolist() == [0, 0, 1, 1]


def test_the_plane_of_a_site_gives_the_same_points() -> None:
    terrain = load_terrain()
    frame = LocalFrame(42.18, 69.88, 760.0)
    line = np.array([[0.0, 0.0], [1500.0, 800.0], [-900.0, 2500.0]])
    points, index = follow_ground(line, 60.0, LocalTerrain(terrain, frame))
    assert points[index, :2] == pytest.approx(line, abs=0.2)
    way = np.array([frame.to_geodetic(*point) for point in points.tolist()])
    assert least_clearances_m(terrain, way).min() >= 60.0


@given(
    st.lists(st.floats(0.0, 12.0), min_size=3, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.floats(1.0, 8.0),
    st.floats(1.5, 7.0),
)
@hypothesis_settings(max_examples=15)
def test_no_other_choice_of_samples_and_levels_costs_less(
    heights: list[float], marks: list[bool], room: float, longest: float
) -> None:
    s, lower = np.arange(len(heights), dtype=np.float64), np.array(heights)
    fixed, worth = np.array(marks[: len(heights)]), 20.0
    index, z = few_points(s, lower, room, fixed, longest, (inf, inf), worth)
    assert index[0] == 0 and index[-1] == len(s) - 1
    assert set(np.flatnonzero(fixed)) <= set(index.tolist())
    assert _cost(s, lower, room, index, z, worth) == pytest.approx(_brute(s, lower, room, fixed, longest, worth))


def _cost(s: Array, lower: Array, room: float, index: NDArray[np.int64], z: Array, worth: float) -> float:
    """One for each leg and for `worth` of area above the lower line; infinite where it leaves the channel."""
    line = np.interp(s, s[index], z)
    if (line < lower - 1e-6).any() or (line > lower + room + 1e-6).any():
        return inf
    return len(index) - 1 + float(np.trapezoid(line - lower, s)) / worth


def _brute(s: Array, lower: Array, room: float, fixed: NDArray[np.bool_], longest: float, worth: float) -> float:
    best, inner = inf, range(1, len(s) - 1)
    for chosen in product([False, True], repeat=len(s) - 2):
        index = np.array([0, *(i for i, there in zip(inner, chosen, strict=True) if there), len(s) - 1])
        if not set(np.flatnonzero(fixed)) <= set(index.tolist()) or (np.diff(s[index]) > longest).any():
            continue
        if len(index) - 1 >= best:
            continue
        for levels in product(range(LEVELS), repeat=len(index)):
            z = lower[index] + room * np.array(levels) / (LEVELS - 1)
            best = min(best, _cost(s, lower, room, index, z, worth))
    return best


@given(st.lists(st.floats(0.0, 100.0), min_size=2, max_size=30), st.floats(0.1, 3.0), st.floats(0.1, 3.0))
@hypothesis_settings(max_examples=40)
def test_the_gentle_profile_is_the_lowest_that_is_gentle(heights: list[float], climb: float, descent: float) -> None:
    s, height = np.arange(len(heights), dtype=np.float64), np.array(heights)
    away = s[:, None] - s[None, :]
    cones = height[None, :] - np.where(away < 0.0, -climb * away, descent * away)
    assert gentle(s, height, climb, descent) == pytest.approx(cones.max(axis=1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("height_agl_m", 0.0),
        ("height_agl_m", float("nan")),
        ("room_m", 0.0),
        ("beside_m", -1.0),
        ("climb_slope", 0.0),
        ("longest_m", 1.0),
        ("worth_m2", 0.0),
    ],
)
def test_a_wish_out_of_range_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InputError) as caught:
        Following(**{"height_agl_m": 50.0, name: value})
    assert caught.value.field == name


def test_a_line_off_the_terrain_or_without_points_is_refused() -> None:
    terrain = _terrain(np.full((60, 60), 500.0))
    for line in ([[42.5, 71.0], [42.6, 71.0]], [], [[float("nan"), 70.0]], [[1.0, 2.0, 3.0]]):
        with pytest.raises(InputError):
            ground_line(terrain, np.array(line), Following(50.0))
    with pytest.raises(InputError, match="length"):
        ground_line(terrain, np.array([[0.0, 0.0], [0.0, 100.0]]), Following(50.0))
