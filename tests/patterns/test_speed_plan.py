"""Speeds of a plan: what the legs ask of the vehicle, and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.geodesy import distance_m
from lenger_core.plans import (
    ChangeSpeed,
    Datum,
    Height,
    Home,
    Loiter,
    Plan,
    PlanItem,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.vehicles import load_vehicle
from lenger_mission.patterns.corner_speed import EFFORT
from lenger_mission.patterns.speed_plan import LEAST_M_S, with_speeds

HOME = Home(lat_deg=42.18, lon_deg=69.88, alt_amsl_m=760.0)
QUAD = load_vehicle("quad_2kg")


def _amsl(value: float) -> Height:
    return Height(value_m=value, datum=Datum.AMSL)


def _to(lat: float, lon: float, alt: float, **fields: float) -> Waypoint:
    return Waypoint(lat_deg=lat, lon_deg=lon, height=_amsl(alt), **fields)


def _plan(*items: PlanItem, speed: float | None = None) -> Plan:
    return Plan(name="test", home=HOME, items=(Takeoff(height=_amsl(800.0)), *items), cruise_speed_m_s=speed)


def _flown(plan: Plan) -> list[tuple[PlanItem, float]]:
    """Each item with the speed in force on the way to it."""
    now, out = plan.cruise_speed_m_s or QUAD.cruise_speed_m_s, []
    for item in plan.items:
        now = getattr(item, "speed_m_s", None) or now
        out.append((item, now))
    return out


@given(
    st.lists(
        st.tuples(st.floats(-9e-3, 9e-3), st.floats(-9e-3, 9e-3), st.floats(800.0, 1200.0)), min_size=1, max_size=9
    )
)
@hypothesis_settings(max_examples=30)
def test_no_leg_climbs_or_descends_faster_than_the_vehicle_may(places: list[tuple[float, float, float]]) -> None:
    plan = _plan(*(_to(42.18 + a, 69.88 + b, alt) for a, b, alt in places), ReturnHome())
    made = with_speeds(plan, QUAD)
    before = (42.18, 69.88, places[0][2])
    for item, speed in _flown(made):
        if not isinstance(item, Waypoint):
            continue
        here = item.lat_deg, item.lon_deg, item.height.value_m
        run, rise = distance_m(*before[:2], *here[:2]), here[2] - before[2]
        most = EFFORT * (QUAD.max_climb_m_s if rise > 0.0 else QUAD.max_descent_m_s)
        assert speed <= QUAD.cruise_speed_m_s
        if run > 1.0 and speed > LEAST_M_S:
            assert abs(rise) * speed / run <= most * 1.005
        before = here


def test_a_short_leg_between_right_angles_is_slow_and_the_long_one_after_it_fast_again() -> None:
    zigzag = (_to(42.18, 69.885, 800.0), _to(42.18005, 69.885, 800.0), _to(42.18005, 69.89, 800.0))
    made = [i for i in with_speeds(_plan(*zigzag), QUAD).items if isinstance(i, Waypoint)]
    assert [i.speed_m_s for i in made] == [8.0, pytest.approx(2.5, abs=1.5), 8.0]
    corner = made[0].acceptance_radius_m
    assert corner is not None and corner <= 0.5 * 5.6 + 0.1


def test_own_wishes_are_kept_and_the_wanted_speed_comes_back_for_what_has_none() -> None:
    plan = _plan(
        ChangeSpeed(speed_m_s=6.0),
        _to(42.18, 69.90, 800.0, acceptance_radius_m=9.0),
        _to(42.19, 69.90, 1600.0),
        Loiter(lat_deg=42.19, lon_deg=69.91, height=_amsl(1600.0), time_s=10.0),
        ReturnHome(),
    )
    made = with_speeds(plan, QUAD)
    kinds = [(type(item).__name__, speed) for item, speed in _flown(made)]
    assert kinds[2] == ("Waypoint", 6.0)
    assert kinds[3][1] < 6.0
    assert kinds[-2:] == [("Loiter", 6.0), ("ReturnHome", 6.0)]
    assert [i for i in made.items if not isinstance(i, ChangeSpeed | Waypoint)] == [
        i for i in plan.items if not isinstance(i, ChangeSpeed | Waypoint)
    ]
    first = made.items[2]
    assert isinstance(first, Waypoint) and first.acceptance_radius_m == 9.0


def test_the_same_again_changes_nothing() -> None:
    plan = _plan(
        _to(42.18, 69.89, 900.0), _to(42.19, 69.89, 800.0), _to(42.19, 69.88, 1200.0), ReturnHome(), speed=12.0
    )
    once = with_speeds(plan, QUAD)
    assert [s for _, s in _flown(with_speeds(once, QUAD))] == [s for _, s in _flown(once)]


def test_a_climb_on_the_spot_is_a_stop_and_needs_no_speed() -> None:
    plan = _plan(_to(42.18, 69.89, 800.0), _to(42.18, 69.89, 900.0), _to(42.19, 69.89, 900.0))
    made = [i for i in with_speeds(plan, QUAD).items if isinstance(i, Waypoint)]
    assert [i.acceptance_radius_m for i in made] == [None, None, None]
    assert np.unique([s for _, s in _flown(with_speeds(plan, QUAD))]).tolist() == [8.0]


def test_wind_that_the_vehicle_cannot_fly_against_is_refused() -> None:
    with pytest.raises(InputError, match="speed through the air"):
        with_speeds(_plan(_to(42.18, 69.89, 800.0)), QUAD, wind_m_s=60.0)
    assert with_speeds(_plan(), QUAD) == _plan()
