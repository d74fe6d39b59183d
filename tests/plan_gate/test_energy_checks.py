"""Energy to finish and to come home: closed forms over level ground, brute force along the course, and monotony."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.vehicles import load_vehicle
from lenger_core.wind import log_profile
from lenger_mission.plan_gate.conditions import Conditions, Margins
from lenger_mission.plan_gate.course_speed import Pace, landing_time_s
from lenger_mission.plan_gate.energy_check import check_energy, check_way_home
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.way_home import fastest_m_s, ways_home
from plan_gate.scene import flat, flight_of, of, out_and_back, plan_of, ridge, waypoint

QUAD = load_vehicle("quad_2kg")
PACE = Pace.of(QUAD)


def by_hand_wh(distance_m: float, headwind_out_m_s: float, offset_k: float = 0.0) -> float:
    """A climb of 60 m, out and back at 8 m/s, and a landing, 700 m high."""
    density = density_kg_m3(760.0, offset_k)

    def power(airspeed: float, climb: float) -> float:
        return float(power_w(QUAD, density, airspeed, climb))

    joule = power(0.0, PACE.climb_m_s) * 60.0 / PACE.climb_m_s + power(0.0, 0.0) * landing_time_s(60.0, PACE)
    for head in (headwind_out_m_s, -headwind_out_m_s):
        # Both ends of both legs are stops: on the ramps each speed from 0 to 8 m/s lasts equally long.
        ramps_s = 8.0 * (1.0 / PACE.accel_m_s2 + 1.0 / PACE.brake_m_s2)
        on_ramps = float(np.mean([power(speed + head, 0.0) for speed in np.linspace(0.0, 8.0, 81)]))
        joule += on_ramps * ramps_s + power(8.0 + head, 0.0) * (distance_m / 8.0 - ramps_s / 2.0)
    return joule / 3600.0


@pytest.mark.parametrize("distance_m", [800.0, 2_000.0])
@pytest.mark.parametrize("wind_m_s", [0.0, 4.0])
@pytest.mark.parametrize("celsius", [-20.0, 30.0])
def test_out_and_back_over_level_ground_is_what_one_computes_by_hand(
    distance_m: float, wind_m_s: float, celsius: float
) -> None:
    day = Conditions(wind_m_s=wind_m_s, wind_from_deg=90.0, temperature_c=celsius)
    flight = flight_of(out_and_back(distance_m, 90.0), day)
    head = wind_m_s * log_profile(60.0, 0.05)
    expected = by_hand_wh(distance_m, head, day.isa_offset_k(700.0))
    assert float(flight.used_wh[-1]) == pytest.approx(expected, rel=0.012 if wind_m_s == 0.0 else 0.03)


def test_a_steady_wind_costs_more_than_it_gives_beyond_the_best_speed() -> None:
    plan = out_and_back(1_500.0, 90.0)
    used = [float(flight_of(plan, Conditions(wind_m_s=w, wind_from_deg=90.0)).used_wh[-1]) for w in (0.0, 3.0, 5.0)]
    assert used[0] < used[2], "8 m/s against 6.7 and with it, on a curve that bends upward"


def test_to_finish_is_told_with_its_figures_and_refused_when_it_is_too_much() -> None:
    (fits,) = list(check_energy(flight_of(out_and_back(1_000.0))))
    assert fits.severity is Severity.NOTE and fits.item == 2 and fits.unit == "Wh"
    assert fits.value == pytest.approx(1.1 * by_hand_wh(1_000.0, 0.0), rel=0.012)
    assert fits.limit == pytest.approx(80.0 * (0.98 - 0.25), abs=0.9)
    (short,) = of(list(check_energy(flight_of(out_and_back(4_500.0)))), "energy_to_finish")
    assert short.value > short.limit and "reserve 25 %" in short.sentence


def test_cold_and_a_battery_that_is_not_full_leave_less() -> None:
    plan = out_and_back(1_000.0)
    warm = flight_of(plan, Conditions(battery_c=27.0)).usable_wh
    cold = flight_of(plan, Conditions(battery_c=0.0)).usable_wh
    half = flight_of(plan, Conditions(battery_c=27.0, battery_charge=0.6)).usable_wh
    assert cold == pytest.approx(80.0 * (0.80 - 0.25), abs=0.1)
    assert warm - half == pytest.approx(80.0 * 0.4, abs=0.5)


@pytest.mark.parametrize("tail", [-6.0, 0.0, 6.0])
def test_the_fastest_way_is_the_wind_triangle(tail: float) -> None:
    assert float(fastest_m_s(15.0, np.array(tail), np.array(9.0))) == pytest.approx(tail + 12.0)
    assert float(fastest_m_s(8.0, np.array(tail), np.array(9.0))) == -np.inf


def test_the_way_home_over_level_ground_is_what_one_computes_by_hand() -> None:
    day = Conditions(wind_m_s=4.0, wind_from_deg=270.0)
    flight = flight_of(out_and_back(1_500.0, 90.0), day)
    _, ends = flight.item_ends
    home = ways_home(flight, ends[1:2])
    density = density_kg_m3(760.0)
    against = float(power_w(QUAD, density, 8.0 + 4.0 * log_profile(60.0, 0.05), 0.0)) * 1_500.0 / 8.0
    down = float(power_w(QUAD, density, 0.0, 0.0)) * landing_time_s(60.0, PACE)
    assert float(home.energy_wh[0]) == pytest.approx((against + down) / 3600.0, rel=0.01)
    assert float(home.height_amsl_m[0]) == pytest.approx(760.0, abs=0.1)
    assert float(home.speed_m_s[0]) == pytest.approx(8.0)


def test_the_way_home_climbs_over_what_stands_between() -> None:
    terrain = ridge(300.0, 300.0, 1_000.0)
    far = flight_of(plan_of(waypoint(2_000.0, 0.0, 80.0), takeoff_m=80.0), terrain=terrain)
    home = ways_home(far, far.item_ends[1][1:2])
    assert float(home.height_amsl_m[0]) == pytest.approx(1_030.0, abs=10.0)
    assert float(home.energy_wh[0]) > float(ways_home(flight_of(far.course.plan), far.item_ends[1][1:2]).energy_wh[0])


@settings(max_examples=6)
@given(
    st.lists(st.tuples(st.floats(-1500, 1500), st.floats(-1500, 1500)), min_size=1, max_size=5),
    st.floats(0.0, 6.0),
    st.floats(0.0, 360.0),
)
def test_nowhere_along_the_course_is_home_farther_than_the_check_says(
    places: list[tuple[float, float]], wind: float, from_deg: float
) -> None:
    """Brute force: the need at every twentieth sample against the greatest at the ends of the legs."""
    day = Conditions(wind_m_s=wind, wind_from_deg=from_deg, margins=Margins(energy_share=0.0))
    flight = flight_of(plan_of(*(waypoint(east, north) for east, north in places)), day)
    flying = np.arange(0, int(flight.item_ends[1][-1]) + 1, 20)
    everywhere = flight.used_wh[flying] + ways_home(flight, flying).energy_wh
    (found,) = list(check_way_home(flight))
    ends = flight.item_ends[1]
    assert everywhere.max() <= (flight.used_wh[ends] + ways_home(flight, ends).energy_wh).max() * 1.005
    if found.severity is Severity.NOTE:
        assert everywhere.max() <= flight.usable_wh * 1.005


def test_the_first_item_from_which_home_is_out_of_reach_is_named() -> None:
    """Three far points one behind the other: the battery reaches the first and back, not the second."""
    plan = plan_of(waypoint(1_500.0, 0.0), waypoint(3_800.0, 0.0), waypoint(4_200.0, 0.0))
    (found,) = of(list(check_way_home(flight_of(plan))), "energy_to_return")
    assert found.item == 2 and found.value > found.limit
    assert "1 more" in found.sentence or "2 more" in found.sentence


def test_a_wind_that_lets_it_out_but_not_home() -> None:
    plan = out_and_back(600.0, 90.0)
    gone = flight_of(plan, Conditions(wind_m_s=11.5, wind_from_deg=270.0))
    (found,) = of(list(check_way_home(gone)), "wind_carries_away")
    assert found.value < 0.5 and found.item == 1
    assert "home" in found.sentence


def test_a_plan_of_nothing_says_nothing() -> None:
    from lenger_core.plans import Home, Plan

    empty = flight_of(Plan(name="none", home=Home(lat_deg=42.18, lon_deg=69.88), items=()))
    assert list(check_energy(empty)) == [] and list(check_way_home(empty)) == []


def test_off_the_terrain_the_energy_is_still_finite() -> None:
    plan = plan_of(waypoint(60_000.0, 0.0))
    flight = flight_of(plan, Conditions(wind_m_s=5.0), flat())
    assert np.isfinite(flight.used_wh).all()
    assert of(list(check_energy(flight)), "energy_to_finish")
