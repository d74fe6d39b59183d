"""The radio link over terrain: the closed forms of ITU-R P.526 for a wall, for level ground and for the round Earth."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from lenger_mission.plan_gate.conditions import Conditions, GroundStation, Margins
from lenger_mission.plan_gate.link_check import check_link
from lenger_mission.plan_gate.model import Finding, Severity
from plan_gate.scene import HOME, flat, flight_of, of, out_and_back, plan_of, wall, waypoint


def link(east_m: float, height_m: float, wall_m: float, frequency_mhz: float = 2400.0) -> list[Finding]:
    """From home to a place behind a wall 1 km to the east."""
    terrain = wall(wall_m) if wall_m > 0.0 else flat()
    day = Conditions(station=GroundStation(frequency_mhz=frequency_mhz))
    plan = plan_of(waypoint(east_m, 0.0, height_m), takeoff_m=height_m)
    return list(check_link(flight_of(plan, day, terrain)))


def test_a_wall_in_the_ray_cuts_it_as_deep_as_it_stands() -> None:
    """Ray from 2 m to 60 m over 2 km; the wall's crest is the node nearest to 1 km."""
    (found,) = of(link(2_000.0, 60.0, 80.0), "link_blocked")
    crest = 80.0 * 1.0
    ray = 2.0 + 58.0 * 0.5 - 1_000.0 * 1_000.0 / (2.0 * 4.0 / 3.0 * 6.37e6)
    assert found.item == 1 and found.unit == "m"
    assert found.value == pytest.approx(ray - crest, abs=2.0), "the wall is one node thick"
    assert "km from the station" in found.sentence


def test_the_loss_over_the_wall_is_that_of_a_knife_edge() -> None:
    (found,) = of(link(2_000.0, 60.0, 80.0), "link_blocked")
    said = float(found.sentence.split(" dB")[0].split()[-1])
    radius = sqrt(0.125 * 1_000.0 * 1_000.0 / 2_000.0)
    nu = sqrt(2.0) * 49.0 / radius
    assert said == pytest.approx(6.9 + 20.0 * np.log10(sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1), abs=1.0)


@pytest.mark.parametrize(
    ("wall_m", "frequency_mhz", "said"), [(20.0, 2400.0, False), (28.0, 2400.0, True), (20.0, 433.0, True)]
)
def test_a_ray_that_grazes_is_a_warning_and_a_longer_wave_grazes_sooner(
    wall_m: float, frequency_mhz: float, said: bool
) -> None:
    """First Fresnel radius in the middle of 2 km: 7.9 m at 2.4 GHz, 18.6 m at 433 MHz; the ray passes 31 m up."""
    found = link(2_000.0, 60.0, wall_m, frequency_mhz)
    assert not of(found, "link_blocked")
    told = of(found, "link_fresnel", Severity.WARNING)
    assert bool(told) is said
    if told:
        radius = sqrt(3e8 / (frequency_mhz * 1e6) * 500.0)
        assert float(told[0].value) == pytest.approx((31.0 - wall_m) / radius, abs=0.15)


def test_over_level_ground_all_is_well_and_the_least_share_is_noted() -> None:
    (found,) = link(2_000.0, 60.0, 0.0)
    assert found.severity is Severity.NOTE and float(found.value) >= 0.6
    assert "2.00 km" in found.sentence


def test_the_earth_bulges_into_a_long_low_link() -> None:
    """At 16 km and 20 m the bulge in the middle is 3.8 m of k = 4/3, and the ray stands 11 m up: F1 is 22 m."""
    plan = plan_of(waypoint(16_000.0, 0.0, 20.0), takeoff_m=20.0)
    told = of(list(check_link(flight_of(plan))), "link_fresnel", Severity.WARNING)
    assert told and float(told[0].value) < 0.45


def test_every_item_behind_the_hill_is_listed_with_the_first() -> None:
    plan = plan_of(*(waypoint(1_500.0 + 100.0 * k, 0.0, 60.0) for k in range(8)))
    (found,) = of(list(check_link(flight_of(plan, terrain=wall(120.0)))), "link_blocked")
    assert found.item == 1
    assert "1, 2, 3, 4, 5 and 4 more" in found.sentence


def test_a_station_on_the_hill_sees_behind_it() -> None:
    hill = GroundStation(lat_deg=HOME[0], lon_deg=HOME[1] + 0.012, antenna_agl_m=5.0)
    plan = plan_of(waypoint(2_000.0, 0.0, 60.0))
    at_home = list(check_link(flight_of(plan, Conditions(), wall(80.0))))
    on_hill = list(check_link(flight_of(plan, Conditions(station=hill), wall(80.0))))
    assert of(at_home, "link_blocked") and not of(on_hill, "link_blocked")


def test_landing_and_take_off_are_not_looked_at() -> None:
    assert not of(list(check_link(flight_of(out_and_back(1_500.0)))), "link_fresnel", Severity.WARNING)


def test_an_antenna_off_the_terrain_is_a_link_that_is_not_known() -> None:
    far = GroundStation(lat_deg=50.0, lon_deg=20.0)
    (found,) = list(check_link(flight_of(out_and_back(500.0), Conditions(station=far))))
    assert found.code == "link_unknown" and found.severity is Severity.WARNING


def test_the_share_that_must_be_clear_can_be_set() -> None:
    strict = Conditions(margins=Margins(fresnel_share=1.0))
    plan = plan_of(waypoint(2_000.0, 0.0, 60.0))
    loose = flight_of(plan, Conditions(), wall(25.0))
    assert not of(list(check_link(loose)), "link_fresnel", Severity.WARNING)
    assert of(list(check_link(flight_of(plan, strict, wall(25.0)))), "link_fresnel", Severity.WARNING)


def test_a_long_plan_is_thinned_and_still_finds_the_item() -> None:
    far = [waypoint(300.0, 300.0 * (k % 2), 60.0) for k in range(150)]
    plan = plan_of(*far, waypoint(2_000.0, 0.0, 60.0))
    (found,) = of(list(check_link(flight_of(plan, terrain=wall(120.0)))), "link_blocked")
    assert found.item == 151
