"""Sight, clearance and horizon: laws of geometry, a slow dense oracle beside the exact kernels, the ENU twin."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenger_core import geoid
from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame, destination
from lenger_core.grid import LatLonGrid
from lenger_core.terrain import (
    LocalTerrain,
    Terrain,
    horizons,
    lines_of_sight,
    load_globe,
    path_clearance,
)
from lenger_core.terrain.ellipsoid_kernels import mean_radius_m
from lenger_core.terrain.radio import earth_bulge_m, fresnel_radius_m, knife_edge_loss_db
from lenger_core.terrain.raster import Raster

Array = NDArray[np.float64]

SITE = (42.18, 69.88)


@cache
def rough() -> Terrain:
    """Random heights on a 0.001 degree lattice of 4 tiles: steep twisted cells everywhere."""
    return of(np.random.default_rng(11).normal(700, 30, (401, 401)))


def of(heights: Array, error_m: float = 25.0) -> Terrain:
    grid = LatLonGrid("test land", np.asarray(heights, dtype=np.float32).astype(float), 42.4, 69.7, -0.001, 0.001)
    bound = np.full((5, 5), error_m) + 3.0 * np.arange(5)
    return Terrain("test land", False, grid, LatLonGrid("bound", bound, 42.4, 69.7, -0.1, 0.1))


def flat(height: float = 500.0) -> Terrain:
    return of(np.full((401, 401), height))


def dense(terrain: Terrain, one: Array, other: Array, k: float, points: int = 40_001) -> tuple[float, float]:
    """Least clearance and least clearance after the bound by brute sampling along the geodesic."""
    line = Geodesic.WGS84.InverseLine(one[0], one[1], other[0], other[1])
    knots = np.linspace(0, line.s13, 201)  # between them it is straight in degrees to a millimetre or so
    places = [line.Position(x) for x in knots]
    s = np.linspace(0, line.s13, points)
    lat, lon = (np.interp(s, knots, [place[key] for place in places]) for key in ("lat2", "lon2"))
    level = one[2] + (other[2] - one[2]) * s / line.s13 - s * (line.s13 - s) / (2 * k * mean_radius_m(lat.mean()))
    clear = level - terrain.heights_amsl_m(lat, lon)
    return float(clear.min()), float((clear - terrain.errors_m(lat, lon)).min())


@settings(max_examples=25, deadline=None)
@given(
    st.floats(42.03, 42.37),
    st.floats(69.73, 70.07),
    st.floats(42.03, 42.37),
    st.floats(69.73, 70.07),
    st.floats(600, 1500),
    st.floats(600, 1500),
    st.sampled_from([1.0, 4 / 3, np.inf]),
)
def test_rays_agree_with_dense_sampling(
    lat1: float, lon1: float, lat2: float, lon2: float, z1: float, z2: float, k: float
) -> None:
    if abs(lat1 - lat2) + abs(lon1 - lon2) < 1e-3:
        lat2 += 0.01
    one, other = np.array([lat1, lon1, z1]), np.array([lat2, lon2, z2])
    sight = lines_of_sight(rough(), one, other, k=k)
    clear, sure = dense(rough(), one, other, k)
    # Sampling misses a minimum by a slope times half a step; the ray strays 0.11 m at most sideways.
    assert clear - 0.6 <= sight.clearance_m[0] <= clear + 0.15
    assert sure - 0.6 <= sight.sure_clearance_m[0] <= sure + 0.15
    back = lines_of_sight(rough(), other, one, k=k)
    assert back.clearance_m[0] == pytest.approx(sight.clearance_m[0], abs=0.02)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0007, 0.0023, 0.011]),
    st.floats(0.0, 360.0),
    st.floats(50.0, 2_300.0),
    st.floats(-30.0, 30.0),
)
def test_clearance_after_a_bound_that_slopes_is_never_more_than_dense_sampling_finds(
    seed: int, step_deg: float, bearing_deg: float, length_m: float, climb_m: float
) -> None:
    rng = np.random.default_rng(seed)
    bound = rng.uniform(0.0, 30.0 * step_deg / 0.0023, (round(0.42 / step_deg), round(0.42 / step_deg)))
    ground = rough() if seed % 2 else flat(700.0)
    terrain = replace(ground, error=LatLonGrid("steep bound", bound, 42.41, 69.69, -step_deg, step_deg))
    one = np.array([rng.uniform(42.1, 42.3), rng.uniform(69.8, 70.0), 900.0])
    other = np.array([*destination(one[0], one[1], bearing_deg, length_m), 900.0 + climb_m])
    share = np.linspace(0.0, 1.0, 20_001)[:, None]
    places = one + share * (other - one)  # short enough to be flown straight in degrees
    left = places[:, 2] - terrain.heights_amsl_m(places[:, 0], places[:, 1])
    after = float((left - terrain.errors_m(places[:, 0], places[:, 1])).min())
    for a, b in ((one, other), (other, one)):
        sight = lines_of_sight(terrain, a, b, k=np.inf)
        assert after - 0.05 <= sight.sure_clearance_m[0] <= after + 1e-6
        share_at = sight.sure_at_m[0] / sight.distance_m[0]
        lat, lon, level = a + share_at * (b - a)
        there = level - terrain.height_amsl_m(lat, lon) - terrain.error_m(lat, lon)
        assert there == pytest.approx(sight.sure_clearance_m[0], abs=1e-3)


def test_over_flat_ground_the_middle_is_lowest_by_the_bulge() -> None:
    lat2, lon2 = destination(*SITE, 90.0, 12_000.0)
    sight = lines_of_sight(flat(), np.array([*SITE, 530.0]), np.array([lat2, lon2, 530.0]), 433e6)
    bulge = float(earth_bulge_m(np.array(6000.0), np.array(6000.0), mean_radius_m(SITE[0])))
    assert bulge == pytest.approx(2.12, abs=0.01)
    assert sight.clearance_m[0] == pytest.approx(30.0 - bulge, abs=1e-3)
    assert sight.at_m[0] == pytest.approx(6000.0, abs=1.0)
    assert sight.distance_m[0] == pytest.approx(12_000.0, abs=1e-3)
    radius = float(fresnel_radius_m(np.array(6000.0), np.array(6000.0), 433e6))
    assert radius == pytest.approx(550 * np.sqrt(36 / (12 * 433)), rel=5e-3)  # 550 is rounded from 547.7
    assert sight.fresnel_share[0] == pytest.approx((30.0 - bulge) / radius, rel=1e-3)
    assert sight.visible[0] and sight.surely_visible[0] == (sight.sure_clearance_m[0] > 0)
    assert sight.free[0] and sight.diffraction_loss_db[0] == 0.0


def test_a_ridge_cuts_the_ray_and_costs_what_p526_says() -> None:
    heights = np.full((401, 401), 500.0)
    heights[:, 200] = 600.0
    a, b = np.array([42.2, 69.85, 560.0]), np.array([42.2, 69.95, 560.0])
    sight = lines_of_sight(of(heights), a, b)
    assert sight.clearance_m[0] == pytest.approx(-41.0, abs=0.2)
    assert not sight.visible[0] and sight.at_m[0] == pytest.approx(sight.distance_m[0] / 2, rel=1e-3)
    share = -41.0 / float(fresnel_radius_m(np.array(4130.0), np.array(4130.0), 2.4e9))
    assert sight.fresnel_share[0] == pytest.approx(share, rel=0.01)
    assert sight.diffraction_loss_db[0] == pytest.approx(float(knife_edge_loss_db(np.array(share))), abs=0.1)


def test_knife_edge_values_of_p526_figure_9() -> None:
    np.testing.assert_allclose(knife_edge_loss_db(np.array([0.0, -1 / np.sqrt(2), 1.0])), [6.0, 13.9, 0.0], atol=0.1)


def test_many_rays_equal_each_alone_and_answers_are_read_only() -> None:
    rng = np.random.default_rng(2)
    one = np.column_stack([rng.uniform(42.05, 42.35, 60), rng.uniform(69.75, 70.05, 60), rng.uniform(600, 1200, 60)])
    other = one[::-1]
    together = lines_of_sight(rough(), one, other)
    for i in range(0, 60, 7):
        alone = lines_of_sight(rough(), one[i], other[i])
        assert alone.clearance_m[0] == together.clearance_m[i]
        assert alone.fresnel_share[0] == together.fresnel_share[i]
    with pytest.raises(ValueError, match="read-only"):
        together.clearance_m[0] = 0.0


def test_a_path_is_lowest_where_dense_sampling_finds_it() -> None:
    path = np.array([[42.1, 69.8, 900.0], [42.2, 69.9, 1000.0], [42.15, 70.0, 1000.0], [42.3, 69.9, 1500.0]])
    found = path_clearance(rough(), path)
    legs = [dense(rough(), a, b, np.inf) for a, b in pairwise(path)]
    assert found.leg == int(np.argmin([clear for clear, _ in legs]))
    assert found.clearance_m == pytest.approx(min(clear for clear, _ in legs), abs=0.7)
    assert found.sure_clearance_m == pytest.approx(min(sure for _, sure in legs), abs=0.7)
    assert found.length_m == pytest.approx(
        sum(Geodesic.WGS84.Inverse(*a[:2], *b[:2])["s12"] for a, b in pairwise(path)), abs=0.01
    )


def test_the_horizon_is_what_rays_see() -> None:
    """A ray a little above the horizon's elevation is clear of the ground, one a little below is not."""
    eye = np.array([42.2, 69.9, 1200.0])
    azimuths = np.arange(0.0, 360.0, 45.0)
    elevation, distance = horizons(rough(), eye, azimuths, reach_m=12_000.0)
    d = np.arange(10.0, 12_000.0, 8.0)
    for azimuth, tangent, s in zip(azimuths, np.tan(np.radians(elevation[0])), distance[0], strict=True):
        lat, lon = np.array([destination(eye[0], eye[1], azimuth, x) for x in d]).T
        rise = rough().heights_amsl_m(lat, lon) - eye[2] - d * d / (2 * 4 / 3 * mean_radius_m(42.2))
        assert (rise / d).max() == pytest.approx(tangent, abs=3e-3)
        assert (rise / d).max() <= tangent + 2e-5
        assert 10.0 <= s <= 12_000.0


def test_over_flat_ground_the_horizon_is_where_the_earth_bends_away() -> None:
    elevation, distance = horizons(flat(), np.array([42.2, 69.9, 503.0]), np.array([0.0, 77.0]), 15_000.0)
    radius = 4 / 3 * mean_radius_m(42.2)
    assert distance[0] == pytest.approx(np.sqrt(2 * 3.0 * radius) * np.ones(2), rel=1e-3)
    assert elevation[0] == pytest.approx(-np.degrees(np.sqrt(2 * 3.0 / radius)) * np.ones(2), rel=1e-3)


def test_slope_and_normal_of_a_plane() -> None:
    lat, lon = np.meshgrid(42.4 - np.arange(401) * 0.001, 69.7 + np.arange(401) * 0.001, indexing="ij")
    plane = of(3000.0 * (lon - 69.7) * 0.1 - 2000.0 * (lat - 42.0))
    at_lat, at_lon = np.array([42.1, 42.2]), np.array([69.9, 70.0])
    gradient = plane.gradients(at_lat, at_lon)
    assert gradient[:, 0] == pytest.approx(300.0 / 82_650.0 * np.ones(2), rel=2e-3)
    assert gradient[:, 1] == pytest.approx(-2000.0 / 111_075.0 * np.ones(2), rel=2e-3)
    normal = plane.normals_enu(at_lat, at_lon)
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1.0)
    np.testing.assert_allclose(normal[:, :2] / normal[:, 2:], -gradient)
    np.testing.assert_allclose(plane.slopes_deg(at_lat, at_lon), np.degrees(np.arccos(normal[:, 2])), atol=1e-6)


def test_the_local_frame_asks_the_same_ground() -> None:
    frame = LocalFrame(42.2, 69.9, 700.0)
    local = LocalTerrain(rough(), frame)
    rng = np.random.default_rng(4)
    points = np.column_stack([rng.uniform(-9000, 9000, (50, 2)), rng.uniform(0, 900, 50)])
    lat, lon = local.geodetic(points)
    for i in range(0, 50, 5):
        assert (lat[i], lon[i]) == pytest.approx(frame.to_geodetic(*points[i])[:2], abs=1e-10)
    np.testing.assert_allclose(local.heights_m(points), rough().heights_amsl_m(lat, lon) - 700.0)
    np.testing.assert_allclose(local.clearances_m(points), points[:, 2] - local.heights_m(points))
    world = lines_of_sight(
        rough(), np.column_stack([lat, lon, points[:, 2] + 700])[:1], np.array([[42.2, 69.9, 900.0]])
    )
    here = local.lines_of_sight(points[:1], np.array([0.0, 0.0, 200.0]))
    assert here.clearance_m[0] == pytest.approx(world.clearance_m[0], abs=1e-6)
    elevation, _ = local.horizons(np.array([0.0, 0.0, 400.0]), np.array([45.0]), 5000.0)
    there, _ = horizons(rough(), np.array([42.2, 69.9, 1100.0]), np.array([45.0]), 5000.0)
    assert elevation[0, 0] == pytest.approx(there[0, 0], abs=1e-9)
    assert local.path_clearance(points[:2]).length_m == pytest.approx(np.hypot(*(points[0] - points[1])[:2]), rel=1e-3)


def test_datums() -> None:
    globe = load_globe()
    lat, lon = np.array([42.1819, 42.3]), np.array([69.8878, 69.6])
    over = globe.heights_ellipsoid_m(lat, lon) - globe.heights_amsl_m(lat, lon)
    assert over[0] == pytest.approx(-40.77, abs=0.1)
    assert over[1] == pytest.approx(geoid.undulation_m(42.3, 69.6))
    np.testing.assert_allclose(globe.agl_m(lat, lon, globe.heights_amsl_m(lat, lon) + 30.0), 30.0)


def test_globe_answers_through_the_kernels_as_by_itself() -> None:
    terrain = load_globe()
    rng = np.random.default_rng(9)
    lat, lon = rng.uniform(41.3, 42.9, 500), rng.uniform(68.9, 71.1, 500)
    np.testing.assert_array_equal(terrain.heights_amsl_m(lat, lon), terrain.grid.at_many(lat, lon))
    np.testing.assert_allclose(terrain.surface.heights(lat, lon), terrain.grid.at_many(lat, lon), atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda t: lines_of_sight(t, np.array([42.2, 69.9, 900.0]), np.array([42.2, 71.0, 900.0])),
            "test land: position",
        ),
        (
            lambda t: lines_of_sight(t, np.array([41.0, 69.9, 900.0]), np.array([42.2, 69.9, 900.0])),
            "test land: position",
        ),
        (lambda t: lines_of_sight(t, np.zeros((2, 2)), np.zeros((2, 3))), "shape"),
        (lambda t: lines_of_sight(t, np.array([42.2, np.nan, 9.0]), np.array([42.2, 69.9, 9.0])), "finite"),
        (lambda t: lines_of_sight(t, np.zeros(3), np.zeros(3), k=0.0), "Earth radius factor"),
        (lambda t: lines_of_sight(t, np.zeros(3), np.zeros(3), frequency_hz=-1.0), "frequency"),
        (lambda t: path_clearance(t, np.array([42.2, 69.9, 9.0])), "at least 2"),
        (lambda t: horizons(t, np.array([42.2, 69.9, 900.0]), np.array([0.0]), 60_000.0), "test land: position"),
        (lambda t: horizons(t, np.array([42.2, 69.9, 900.0]), np.array([0.0]), np.nan), "reach_m"),
        (lambda t: t.gradients(np.array([50.0]), np.array([69.9])), "test land: position"),
    ],
)
def test_bad_questions_are_refused(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(rough())  # type: ignore[operator]


def test_gaps_are_refused_wherever_they_are_met() -> None:
    heights = np.full((401, 401), 500.0)
    heights[150:160, 150:160] = np.nan
    gap = of(heights)
    raster = Raster.from_grid(gap.grid)
    with pytest.raises(InputError, match="outside gaps"):
        raster.at(42.245, 69.855)
    with pytest.raises(InputError, match="outside gaps"):
        raster.heights(np.array([42.245]), np.array([69.855]))
    with pytest.raises(InputError, match="outside gaps"):
        lines_of_sight(gap, np.array([42.245, 69.75, 2000.0]), np.array([42.245, 69.95, 2000.0]))
    assert lines_of_sight(gap, np.array([42.3, 69.75, 2000.0]), np.array([42.3, 69.95, 2000.0])).visible[0]
