"""The structure gate: what a plan must have before it may fly."""

from __future__ import annotations

import pytest

from lenger_core.errors import InputError
from lenger_core.plans import ChangeSpeed, Datum, Height, Home, Land, Plan, PlanItem, ReturnHome, Takeoff, Waypoint
from lenger_mission.plan_gate.legs_check import leg_lengths_m
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.structure import check_structure, require

HOME = Home(lat_deg=42.1819, lon_deg=69.8878)
HIGH = Height(value_m=60.0, datum=Datum.AGL)
UP = Takeoff(height=Height(value_m=30.0, datum=Datum.HOME))
WAY = Waypoint(lat_deg=42.1830, lon_deg=69.8878, height=HIGH)
BACK = ReturnHome()


def plan(*items: PlanItem) -> Plan:
    return Plan(name="p", home=HOME, items=items)


def at(lat: float, lon: float, height: Height = HIGH) -> Waypoint:
    return Waypoint(lat_deg=lat, lon_deg=lon, height=height)


@pytest.mark.parametrize(
    ("items", "code", "item"),
    [
        ((), "no_takeoff", 0),
        ((WAY, BACK), "no_takeoff", 0),
        ((UP, BACK), "no_waypoint", None),
        ((UP, WAY, UP, BACK), "second_takeoff", 2),
        ((UP, WAY), "no_landing", 1),
        ((UP, WAY, ChangeSpeed(speed_m_s=3.0)), "no_landing", 2),
        ((UP, WAY, BACK, WAY, BACK), "early_landing", 2),
        ((UP, at(42.30, 69.8878), BACK), "leg_too_long", 1),
        ((UP, WAY, at(-42.0, -110.0), BACK), "leg_too_long", 2),
        ((UP, WAY, Land(lat_deg=42.0, lon_deg=69.9)), "leg_too_long", 2),
        ((Takeoff(height=Height(value_m=0.5, datum=Datum.HOME)), WAY, BACK), "height", 0),
        ((UP, at(42.183, 69.888, Height(value_m=3.0, datum=Datum.AGL)), BACK), "height", 1),
        ((UP, at(42.183, 69.888, Height(value_m=600.0, datum=Datum.AGL)), BACK), "height", 1),
        ((UP, at(42.183, 69.888, Height(value_m=8000.0, datum=Datum.HOME)), BACK), "height", 1),
    ],
)
def test_each_class_of_error_is_found_and_named(items: tuple[PlanItem, ...], code: str, item: int | None) -> None:
    findings = [f for f in check_structure(plan(*items)) if f.code == code]
    assert findings and findings[0].item == item and findings[0].severity is Severity.ERROR
    assert findings[0].sentence.endswith(".")
    with pytest.raises(InputError) as caught:
        require(plan(*items), "p.plan")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "items",
    [
        (UP, WAY, BACK),
        (UP, WAY, Land()),
        (UP, ChangeSpeed(speed_m_s=5.0), WAY, at(42.184, 69.888), Land(lat_deg=42.182, lon_deg=69.888)),
        (UP, at(42.183, 69.888, Height(value_m=900.0, datum=Datum.AMSL)), BACK),
    ],
)
def test_good_plans_pass(items: tuple[PlanItem, ...]) -> None:
    assert check_structure(plan(*items)) == []
    assert require(plan(*items), "p.plan") == plan(*items)


def test_a_warning_does_not_stop_a_plan() -> None:
    slow, fast = ChangeSpeed(speed_m_s=3.0), ChangeSpeed(speed_m_s=8.0)
    made = plan(UP, slow, fast, WAY, BACK)
    assert [f.code for f in check_structure(made)] == ["speed_twice"]
    assert require(made, "p.plan") is made


def test_leg_lengths_include_the_way_home() -> None:
    lengths = leg_lengths_m(plan(UP, WAY, at(42.1830, 69.8890), BACK))
    assert lengths == pytest.approx([122.3, 98.9, 157.3], abs=0.5)
