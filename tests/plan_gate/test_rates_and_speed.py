"""Speeds and rates of climb and descent."""

from __future__ import annotations

import pytest

from lenger_core.plans import ChangeSpeed, Datum, PlanItem
from lenger_core.terrain import Terrain
from lenger_mission.plan_gate.model import Finding, Severity
from lenger_mission.plan_gate.rates_check import check_rates, check_speed
from plan_gate.scene import flat, flight_of, of, plan_of, ridge, waypoint


def rates(*items: PlanItem, terrain: Terrain | None = None, takeoff_m: float = 60.0) -> list[Finding]:
    return list(check_rates(flight_of(plan_of(*items, takeoff_m=takeoff_m), terrain=terrain)))


@pytest.mark.parametrize(("rise_m", "speed_m_s"), [(160.0, 8.0), (90.0, 15.0), (200.0, 6.5)])
def test_a_leg_too_steep_for_its_speed(rise_m: float, speed_m_s: float) -> None:
    """Rise over run times speed, against 3 m/s."""
    (found,) = of(
        rates(waypoint(400.0, 0.0), waypoint(800.0, 0.0, 60.0 + rise_m, speed_m_s=speed_m_s), waypoint(2_500.0, 0.0)),
        "climb_rate",
    )
    assert found.item == 2 and found.limit == 3.0
    assert found.value == pytest.approx(speed_m_s * rise_m / 400.0, rel=0.01)
    assert f"{3.0 * 400.0 / rise_m:.1f} m/s" in found.sentence


def test_a_descent_is_held_to_its_own_limit() -> None:
    plan = waypoint(400.0, 0.0, 160.0), waypoint(900.0, 0.0, 60.0)
    found = rates(*plan, takeoff_m=160.0)
    (down,) = of(found, "descent_rate")
    assert down.item == 2 and down.value == pytest.approx(8.0 * 100.0 / 500.0, rel=0.01) and down.limit == 1.5
    assert not of(found, "climb_rate")
    assert not of(rates(*plan[:1], waypoint(1_000.0, 0.0, 60.0), takeoff_m=160.0), "descent_rate"), "1.33 m/s"


def test_a_speed_at_which_it_can_be_flown_is_right() -> None:
    slow = waypoint(800.0, 0.0, 220.0, speed_m_s=7.0)
    assert not of(rates(waypoint(400.0, 0.0), slow, waypoint(2_500.0, 0.0)), "climb_rate"), "7 160 / 400 = 2.8"


def test_straight_up_is_flown_as_fast_as_it_goes() -> None:
    assert rates(waypoint(400.0, 0.0), waypoint(400.0, 0.0, 200.0), waypoint(2_500.0, 0.0, 100.0)) == []


def test_over_steep_ground_a_following_leg_slows_down_and_that_stops_nothing() -> None:
    """The steepest slope of the ridge is 3 sqrt(3) / 8 of height over half length."""
    found = rates(waypoint(400.0, 0.0, 60.0, Datum.AGL), waypoint(3_800.0, 0.0, 60.0, Datum.AGL), terrain=ridge(500.0))
    assert all(f.severity is Severity.WARNING for f in found)
    (slow,) = of(found, "slow_over_steep_ground", Severity.WARNING)
    steepest = 3.0 * 3.0**0.5 / 8.0 * 500.0 / 600.0
    assert slow.value == pytest.approx(1.5 / steepest, rel=0.1), "down the far side, at 1.5 m/s"
    assert rates(waypoint(400.0, 0.0, 60.0, Datum.AGL), waypoint(3_800.0, 0.0, 60.0, Datum.AGL), terrain=flat()) == []


def speeds(*items: PlanItem, cruise_m_s: float | None = None) -> list[Finding]:
    return list(check_speed(flight_of(plan_of(*items, cruise_m_s=cruise_m_s))))


def test_a_speed_beyond_the_vehicles() -> None:
    (found,) = of(speeds(waypoint(400.0, 0.0, speed_m_s=18.0)), "speed")
    assert (found.item, found.value, found.limit, found.unit) == (1, 18.0, 15.0, "m/s")
    (found,) = of(speeds(ChangeSpeed(speed_m_s=20.0), waypoint(400.0, 0.0)), "speed")
    assert found.item == 1
    (found,) = of(speeds(waypoint(400.0, 0.0), cruise_m_s=16.0), "speed")
    assert found.item is None
    assert speeds(waypoint(400.0, 0.0, speed_m_s=15.0), cruise_m_s=15.0) == []


def test_a_crawl_is_told() -> None:
    (found,) = speeds(waypoint(400.0, 0.0, speed_m_s=0.2))
    assert found.code == "slow" and found.severity is Severity.WARNING
