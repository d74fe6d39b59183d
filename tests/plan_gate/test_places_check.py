"""Distances, home, landing places, rally points, the native return and what an autopilot takes."""

from __future__ import annotations

import pytest

from lenger_core.plans import (
    Datum,
    FencePolygon,
    Foreign,
    Height,
    Home,
    Land,
    Loiter,
    Orbit,
    Plan,
    PlanItem,
    RallyPoint,
)
from lenger_core.terrain import Terrain
from lenger_core.zone_model import BorderShape, Zone, ZoneKind
from lenger_mission.plan_gate.autopilot_check import CAPABILITIES, autopilot_findings, item_count
from lenger_mission.plan_gate.border_check import border_findings
from lenger_mission.plan_gate.case import Autopilot
from lenger_mission.plan_gate.distance_check import distance_findings
from lenger_mission.plan_gate.landing_check import landing_findings, slope_deg
from lenger_mission.plan_gate.legs_check import leg_findings
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.return_check import return_findings, return_height_m
from lenger_mission.plan_gate.structure_check import structure_findings
from plan_gate.scene import flat, out_and_back, place, plan_of, ridge, wall, waypoint
from plan_gate.spaces import agl, case_of, codes, rectangle


def rallied(plan: Plan, east: float, north: float, height_m: float = 60.0) -> Plan:
    lat, lon = place(east, north)
    point = RallyPoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=height_m, datum=Datum.HOME))
    return plan.model_copy(update={"rally": (point,)})


def landed(plan: Plan, east: float, north: float) -> Plan:
    lat, lon = place(east, north)
    return plan.model_copy(update={"items": (*plan.items[:-1], Land(lat_deg=lat, lon_deg=lon))})


def test_distances_have_limits() -> None:
    far = GateLimits(range_m=900.0)
    assert codes(distance_findings, case_of(out_and_back(1000.0), limits=far)) == [
        ("out_of_range", 1),
        ("out_of_range", 2),
    ]
    long = GateLimits(length_m=1_900.0)
    assert codes(distance_findings, case_of(out_and_back(1000.0), limits=long)) == [("course_length", None)]
    (note,) = distance_findings(case_of(out_and_back(1000.0)))
    assert note.severity is Severity.NOTE and note.value == pytest.approx(2000.0, abs=1.0)


def test_legs_have_a_length() -> None:
    doubled = case_of(plan_of(waypoint(500.0, 0.0), waypoint(500.0, 0.2), waypoint(500.0, 0.2, 90.0)))
    assert [(f.code, f.item, f.severity) for f in leg_findings(doubled.course.legs, GateLimits())] == [
        ("leg_too_short", 2, Severity.WARNING)
    ]
    long = case_of(out_and_back(5_100.0))
    assert [f.item for f in leg_findings(long.course.legs, GateLimits())] == [1, 2]


def test_home_must_be_on_its_ground() -> None:
    plan = out_and_back(1000.0)
    for alt, found in ((700.0, False), (725.0, False), (760.0, True)):
        stated = plan.model_copy(
            update={"home": Home(lat_deg=plan.home.lat_deg, lon_deg=plan.home.lon_deg, alt_amsl_m=alt)}
        )
        assert bool(codes(distance_findings, case_of(stated))) is found


def test_steep_ground_is_no_landing_place() -> None:
    hill = ridge(400.0, half_length_m=300.0, east_m=1000.0)
    made = case_of(landed(plan_of(waypoint(600.0, 0.0, 250.0), takeoff_m=250.0), 850.0, 0.0), terrain=hill)
    assert slope_deg(made.course, place(850.0, 0.0)) > 30.0
    assert codes(landing_findings, made) == [("landing_slope", 2)]
    assert codes(landing_findings, case_of(landed(out_and_back(500.0), 600.0, 0.0))) == []
    (warning,) = landing_findings(case_of(out_and_back(500.0), terrain=ridge(400.0, half_length_m=300.0, east_m=150.0)))
    assert warning.severity is Severity.WARNING  # home: somebody stands there already


@pytest.mark.parametrize(
    ("east", "north", "height", "code"),
    [
        (500.0, 100.0, 60.0, None),
        (500.0, 100.0, 8.0, "rally_height"),
        (450.0, 0.0, 60.0, "rally_zone"),
        (40_000.0, 0.0, 60.0, "rally_range"),
    ],
)
def test_rally_points_are_legal(east: float, north: float, height: float, code: str | None) -> None:
    closed = rectangle(400.0, -50.0, 500.0, 50.0, ceiling=agl(30.0))
    found = codes(landing_findings, case_of(rallied(out_and_back(1000.0), east, north, height), closed))
    assert [name for name, _ in found][:1] == ([code] if code else [])


def test_a_rally_point_behind_a_wall_cannot_be_reached() -> None:
    plan = rallied(plan_of(waypoint(0.0, 800.0)), 1500.0, 400.0)
    assert codes(landing_findings, case_of(plan)) == []
    assert codes(landing_findings, case_of(plan, terrain=wall(100.0, 700.0))) == [("rally_unreachable", None)]
    closed = rectangle(600.0, -5_000.0, 700.0, 5_000.0)
    assert codes(landing_findings, case_of(plan, closed)) == [("rally_unreachable", None)]
    half = rectangle(600.0, 250.0, 700.0, 5_000.0)
    assert codes(landing_findings, case_of(plan, half)) == [("rally_blocked", None)]


def test_a_native_return_through_a_zone_is_a_warning_on_the_way_and_an_error_at_the_end() -> None:
    closed = rectangle(300.0, -40.0, 400.0, 40.0)
    around = plan_of(waypoint(350.0, 300.0), waypoint(800.0, 0.0), waypoint(350.0, -300.0))
    found = list(return_findings(case_of(around, closed)))
    assert [(f.code, f.item, f.severity) for f in found] == [("return_zone", 2, Severity.WARNING)]
    straight = list(return_findings(case_of(plan_of(waypoint(350.0, 300.0), waypoint(800.0, 0.0)), closed)))
    assert [(f.code, f.item, f.severity) for f in straight] == [("return_zone", 2, Severity.ERROR)]
    elsewhere = landed(plan_of(waypoint(350.0, 300.0), waypoint(800.0, 0.0)), 800.0, 100.0)
    assert {f.severity for f in return_findings(case_of(elsewhere, closed))} == {Severity.WARNING}
    low = rectangle(300.0, -40.0, 400.0, 40.0, ceiling=agl(40.0))
    assert codes(return_findings, case_of(around, low)) == []


def test_a_native_return_across_a_border_is_found() -> None:
    """Two legs around a bay of the border; the straight way home cuts across it."""
    line = tuple(place(e, n) for e, n in ((-3000.0, 1500.0), (300.0, 1500.0), (300.0, -200.0), (900.0, -200.0)))
    line += tuple(place(e, n) for e, n in ((900.0, 1500.0), (4000.0, 1500.0)))
    abroad = Zone("border", ZoneKind.EXCLUSION, BorderShape(line, "left", 0.0))
    spots = ((0.0, -600.0), (1500.0, -600.0), (1500.0, 300.0), (1500.0, -600.0), (0.0, -600.0))
    back = plan_of(*(waypoint(*spot) for spot in spots))
    assert codes(border_findings, case_of(back, abroad)) == []
    found = [(f.code, f.item, f.severity) for f in return_findings(case_of(back, abroad))]
    assert found == [("return_zone", 2, Severity.WARNING)]


def test_a_native_return_from_within_a_pattern_is_looked_at() -> None:
    lat, lon = place(800.0, 0.0)
    orbit = Orbit(lat_deg=lat, lon_deg=lon, radii_m=(300.0,), heights=(Height(value_m=60.0, datum=Datum.HOME),))
    behind = rectangle(600.0, -60.0, 900.0, 60.0)
    made = case_of(plan_of(orbit, waypoint(0.0, 500.0)), behind)
    found = [(f.code, f.item, f.severity) for f in return_findings(made)]
    assert found == [("return_zone", 1, Severity.WARNING)]


def test_a_native_return_into_a_hillside_is_found() -> None:
    high = plan_of(waypoint(0.0, 2000.0, 60.0), waypoint(1500.0, 2000.0, 60.0), waypoint(1500.0, 0.0, 60.0))
    land = wall(90.0, 700.0)
    returns = [(f.code, f.severity) for f in return_findings(case_of(high, terrain=land))]
    assert returns == [("return_terrain", Severity.ERROR), ("return_terrain", Severity.WARNING)]
    assert codes(return_findings, case_of(high)) == []


def test_the_return_height_is_what_the_autopilot_is_set_to() -> None:
    assert return_height_m(case_of(out_and_back(500.0))) == 60.0
    low = plan_of(waypoint(1000.0, 0.0, 20.0), takeoff_m=20.0)
    assert codes(return_findings, case_of(low, terrain=wall(40.0, 500.0))) == []


@pytest.mark.parametrize(
    ("count", "autopilot", "severities"),
    [
        (400, "", []),
        (600, "", [Severity.WARNING]),
        (600, "px4", [Severity.ERROR]),
        (600, "ardupilot", []),
        (700, "", [Severity.ERROR, Severity.ERROR]),
        (700, "ardupilot", [Severity.ERROR]),
    ],
)
def test_an_autopilot_takes_so_many_items(count: int, autopilot: Autopilot, severities: list[Severity]) -> None:
    plan = plan_of(*(waypoint(100.0 + n % 2, float(n)) for n in range(count)))
    found = [f for f in autopilot_findings(case_of(plan, autopilot=autopilot)) if f.code == "item_count"]
    assert [f.severity for f in found] == severities
    assert item_count(plan) == count + 2


def test_kinds_of_items_and_fences_that_an_autopilot_does_not_take() -> None:
    lat, lon = place(500.0, 0.0)
    turns = Loiter(lat_deg=lat, lon_deg=lon, height=Height(value_m=60.0, datum=Datum.HOME), turns=2.0, radius_m=30.0)
    assert codes(autopilot_findings, case_of(plan_of(turns), autopilot="px4")) == [("loiter_turns", 1)]
    assert codes(autopilot_findings, case_of(plan_of(turns), autopilot="ardupilot")) == []
    ring = tuple(place(0.01 * n, 0.02 * n * n) for n in range(CAPABILITIES["ardupilot"].fence_vertices + 1))
    fenced = out_and_back(500.0).model_copy(update={"fence_polygons": (FencePolygon(inclusion=True, vertices=ring),)})
    assert codes(autopilot_findings, case_of(fenced, autopilot="ardupilot")) == [("fence_size", None)]


@pytest.mark.parametrize(
    ("command", "severity"), [(16, Severity.ERROR), (177, Severity.ERROR), (181, Severity.WARNING)]
)
def test_commands_that_move_the_vehicle_unknown_to_us_are_errors(command: int, severity: Severity) -> None:
    item: PlanItem = Foreign(command=command, frame=3, params=(None,) * 7)
    plan = out_and_back(500.0)
    with_it = plan.model_copy(update={"items": (plan.items[0], item, *plan.items[1:])})
    assert [(f.code, f.item, f.severity) for f in structure_findings(with_it)] == [("foreign_command", 1, severity)]


def test_terrain_is_asked_for_only_where_there_is_some() -> None:
    terrain: Terrain = flat()
    plan = rallied(out_and_back(500.0), 28_000.0, -28_000.0)
    found = codes(landing_findings, case_of(plan, terrain=terrain, limits=GateLimits(range_m=90_000.0)))
    assert found == [("rally_ground", None)]
