"""No plan begins that the plan gate finds errors in, unless it is only to be told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from point_mass import Flight

from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.resources import config_path
from lenger_core.terrain import load_globe, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import load_zones
from lenger_mission.load import load_plan
from lenger_mission.preflight_gate import PreflightGate
from lenger_mission.settings import MissionSettings

PATROL = load_plan(config_path("plans", "first_patrol.plan"))
ZONES = str(config_path("zones", "first_patrol.geojson"))
UP = Height(value_m=60.0, datum=Datum.AGL)
OUT = Plan(
    name="out",
    home=Home(lat_deg=42.1819, lon_deg=69.8878),
    items=(
        Takeoff(height=Height(value_m=60.0, datum=Datum.HOME)),
        Waypoint(lat_deg=42.2100, lon_deg=69.8878, height=UP),
        ReturnHome(),
    ),
)


def begin(plan_gate: Literal["refuse", "warn", "off"], plan: Plan) -> tuple[Flight, str | None]:
    flight = Flight(MissionSettings(plan_gate=plan_gate, zones=ZONES))
    flight.step()
    reason = flight.core.start(plan, flight.now_ns)
    flight.step()
    return flight, reason


def test_a_good_plan_begins_and_one_out_of_the_fence_does_not() -> None:
    assert begin("refuse", PATROL)[1] is None
    flight, reason = begin("refuse", OUT)
    assert reason is not None and reason.startswith("plan gate: zone_left: ") and "\n" not in reason
    assert flight.events == []


def test_a_warning_gate_tells_and_flies() -> None:
    flight, reason = begin("warn", OUT)
    assert reason is None
    assert [event.kind for event in flight.events[:2]] == ["plan_gate", "mission_accepted"]
    assert "zone_left" in flight.events[0].detail


def test_no_gate_tells_nothing() -> None:
    flight, reason = begin("off", OUT)
    assert reason is None and [event.kind for event in flight.events[:1]] == ["mission_accepted"]


def test_over_ground_that_is_hardly_known_nothing_low_begins() -> None:
    gate = PreflightGate(load_vehicle("quad_2kg"), load_globe(), None)
    assert "terrain_clearance" in gate.reason(PATROL, None)


@pytest.mark.parametrize(
    ("said", "code"), [({"battery_remaining": 0.3}, "energy"), ({"wind_enu_m_s": (14.0, 0.0, 0.0)}, "wind")]
)
def test_what_the_vehicle_tells_of_the_day_counts(said: dict[str, object], code: str) -> None:
    gate = PreflightGate(load_vehicle("quad_2kg"), load_terrain().as_ground(), load_zones(ZONES))
    flight = Flight()
    status = flight.vehicle.status(1)
    assert gate.reason(PATROL, status) == ""
    assert code in gate.reason(PATROL, replace(status, **said))  # type: ignore[arg-type]
