"""The truth of a flight in Gazebo, from its odometry."""

from __future__ import annotations

from math import isnan, sqrt

import pytest

from lenger_core.frames import quat_from_euler
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import IDENTITY, QuatWxyz, SimTruth, Vec3
from lenger_core.terrain import load_terrain
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_sim.gazebo_truth import GazeboTruth, Odometry

SITE = (42.1819, 69.8878)
S = 1_000_000_000


@pytest.fixture
def truth() -> GazeboTruth:
    return GazeboTruth(frame(), load_terrain(), crash_speed_m_s=3.5)


def frame() -> LocalFrame:
    return LocalFrame(*SITE, load_terrain().height_amsl_m(*SITE))


def tell(
    truth: GazeboTruth, t_s: float, up_m: float, velocity: Vec3 = (0.0, 0.0, 0.0), quat: QuatWxyz = IDENTITY
) -> SimTruth | None:
    return truth.on_odometry(Odometry(round(t_s * S), (0.0, 0.0, up_m), quat, velocity))


def fly(truth: GazeboTruth, begin_s: float, heights: list[float], quat: QuatWxyz = IDENTITY) -> SimTruth:
    """Tell heights at 50 Hz, with the velocity between them; return the last truth."""
    last, before = None, heights[0]
    for i, height in enumerate(heights):
        last = tell(truth, begin_s + 0.02 * i, height, (0.0, 0.0, (height - before) / 0.02), quat)
        before = height
    assert last is not None
    return last


def test_nothing_is_told_while_the_aircraft_is_put_down(truth: GazeboTruth) -> None:
    assert tell(truth, 10.0, 0.1, (0.0, 0.0, 50.0)) is None
    assert tell(truth, 10.4, 0.0) is None
    first = tell(truth, 10.6, 0.0)
    assert first is not None
    assert first.on_ground
    assert not first.crashed


def test_places_are_geodetic_and_velocities_turn_with_the_body(truth: GazeboTruth) -> None:
    tell(truth, 0.0, 0.0)
    north = quat_from_euler(0.0, 0.0, 1.5707963267948966)
    now = truth.on_odometry(Odometry(S, (300.0, -200.0, 50.0), north, (3.0, 1.0, -0.5)))
    assert now is not None
    lat, lon, alt = frame().to_geodetic(300.0, -200.0, 50.0)
    assert (now.lat_deg, now.lon_deg, now.alt_amsl_m) == pytest.approx((lat, lon, alt))
    assert now.height_agl_m == pytest.approx(alt - load_terrain().height_amsl_m(lat, lon))
    assert now.velocity_enu_m_s == pytest.approx((-1.0, 3.0, -0.5))
    assert isnan(now.energy_used_wh)
    assert all(isnan(v) for v in now.wind_enu_m_s)


def test_the_wind_is_the_field_that_is_played() -> None:
    field = WindField(TerrainWind(load_terrain(), 5.0, 270.0), 7, 1.0)
    truth = GazeboTruth(frame(), load_terrain(), 3.5, field)
    tell(truth, 0.0, 0.0)
    now = tell(truth, 2.0, 40.0)
    assert now is not None
    same = WindField(TerrainWind(load_terrain(), 5.0, 270.0), 7, 1.0)
    assert now.wind_enu_m_s == same.at(now.lat_deg, now.lon_deg, now.alt_amsl_m, now.t_ns)


def test_a_soft_landing_is_on_the_ground_after_half_a_second_and_no_crash(truth: GazeboTruth) -> None:
    fly(truth, 0.0, [0.0] * 50)
    up = fly(truth, 1.0, [0.02 * i for i in range(100)])
    assert not up.on_ground
    down = fly(truth, 3.0, [1.98 - 0.01 * i for i in range(198)])  # 0.5 m/s
    assert not down.on_ground
    fly(truth, 7.0, [0.0] * 20)
    landed = fly(truth, 7.4, [0.0] * 20)
    assert landed.on_ground
    assert not landed.crashed


def test_hovering_low_is_not_the_ground(truth: GazeboTruth) -> None:
    fly(truth, 0.0, [0.0] * 50)
    fly(truth, 1.0, [0.02 * i for i in range(60)])
    low = fly(truth, 3.0, [1.2] * 100)
    assert not low.on_ground


def test_a_hard_landing_breaks_it_and_stays(truth: GazeboTruth) -> None:
    fly(truth, 0.0, [0.0] * 50)
    fly(truth, 1.0, [0.05 * i for i in range(200)])
    fly(truth, 6.0, [10.0 - 0.1 * i for i in range(101)])  # 5 m/s into the ground
    broken = fly(truth, 9.0, [0.0] * 50)
    assert broken.crashed
    assert fly(truth, 12.0, [0.0] * 50).crashed


def test_lying_on_its_side_is_a_crash_and_a_steep_turn_in_the_air_is_none(truth: GazeboTruth) -> None:
    tilted = (sqrt(0.5), sqrt(0.5), 0.0, 0.0)
    fly(truth, 0.0, [0.0] * 50)
    fly(truth, 1.0, [0.05 * i for i in range(200)])
    assert not fly(truth, 6.0, [10.0] * 100, tilted).crashed
    assert fly(truth, 9.0, [0.05] * 40, tilted).crashed


def test_a_restart_of_the_world_begins_anew(truth: GazeboTruth) -> None:
    assert tell(truth, 100.0, 0.0) is None
    assert tell(truth, 1.0, 0.0) is None
    assert tell(truth, 1.6, 0.0) is not None
