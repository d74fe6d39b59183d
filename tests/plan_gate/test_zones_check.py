"""Legs against zones and borders: in plan, in height, between the waypoints; and a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon, box

from lenger_core.plans import Datum, FenceCircle, FencePolygon, Plan
from lenger_core.zone_model import TimeWindow, Zone, ZoneKind, ZoneSet
from lenger_mission.plan_gate.border_check import border_findings
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.zones_check import fence_findings, zone_findings
from plan_gate.scene import out_and_back, place, plan_of, ridge, waypoint
from plan_gate.spaces import agl, border, case_of, codes, rectangle

AREA = rectangle(-200.0, -200.0, 1500.0, 1500.0, ZoneKind.INCLUSION, name="area")
EAST = plan_of(waypoint(1000.0, 0.0))
"""To a place 1 km east of home, 60 m above it, and back."""


def test_a_leg_through_a_zone_between_its_waypoints_is_found() -> None:
    assert codes(zone_findings, case_of(EAST, rectangle(400.0, -50.0, 500.0, 50.0))) == [
        ("zone_entered", 1),
        ("zone_entered", 2),
    ]


@pytest.mark.parametrize(
    ("floor", "ceiling", "found"),
    [(None, 40.0, False), (80.0, None, False), (50.0, 70.0, True), (None, 57.0, True), (63.0, None, True)],
)
def test_a_zone_is_flown_over_and_under(floor: float | None, ceiling: float | None, found: bool) -> None:
    zone = rectangle(
        400.0, -50.0, 500.0, 50.0, floor=agl(floor) if floor else None, ceiling=agl(ceiling) if ceiling else None
    )
    assert bool(codes(zone_findings, case_of(EAST, zone))) is found


def test_leaving_the_area_is_found_and_coming_near_its_line() -> None:
    assert codes(zone_findings, case_of(plan_of(waypoint(1600.0, 0.0)), AREA)) == [("zone_left", 1), ("zone_left", 2)]
    near = case_of(plan_of(waypoint(1497.0, 500.0)), AREA)
    (first, _second) = list(zone_findings(near))
    assert first.code == "zone_margin" and first.value == pytest.approx(3.0, abs=0.2) and first.limit == 5.0
    loose = case_of(plan_of(waypoint(1497.0, 500.0)), AREA, limits=GateLimits(zone_margin_m=1.0))
    assert [f.severity for f in zone_findings(loose)] == [Severity.NOTE]


def test_two_areas_that_meet_are_one() -> None:
    west = rectangle(-200.0, -200.0, 500.0, 200.0, ZoneKind.INCLUSION, name="west")
    east = rectangle(500.0, -200.0, 1200.0, 200.0, ZoneKind.INCLUSION, name="east", ceiling=agl(120.0))
    assert codes(zone_findings, case_of(EAST, west, east)) == []
    low = rectangle(500.0, -200.0, 1200.0, 200.0, ZoneKind.INCLUSION, name="east", ceiling=agl(50.0))
    assert codes(zone_findings, case_of(EAST, west, low)) == [("zone_left", 1), ("zone_left", 2)]


def test_a_ceiling_over_the_ground_follows_it() -> None:
    """Level flight is legal over the plain and too low over no ridge: there the ceiling rises with the ground."""
    land = ridge(100.0, east_m=1000.0)
    ceiling = rectangle(-200.0, -200.0, 2500.0, 200.0, ZoneKind.INCLUSION, ceiling=agl(70.0))
    level = plan_of(waypoint(2000.0, 0.0, 150.0), takeoff_m=60.0)
    along = plan_of(waypoint(2000.0, 0.0, 60.0, Datum.AGL), takeoff_m=60.0)
    assert codes(zone_findings, case_of(along, ceiling, terrain=land)) == []
    assert codes(zone_findings, case_of(level, ceiling, terrain=land)) != []


def test_floors_do_not_count_for_takeoff_and_landing() -> None:
    high = rectangle(-200.0, -200.0, 1500.0, 200.0, ZoneKind.INCLUSION, floor=agl(30.0))
    assert codes(zone_findings, case_of(EAST, high)) == []
    low = plan_of(waypoint(1000.0, 0.0, 20.0), takeoff_m=20.0)
    assert codes(zone_findings, case_of(low, high)) == [("zone_left", 1), ("zone_left", 2)]


def test_zones_of_another_day_do_not_count() -> None:
    closed = rectangle(400.0, -50.0, 500.0, 50.0)
    second = 1_000_000_000
    day = Conditions.model_validate({"take_off_utc": "1970-01-01T02:00:00Z"})
    for window, counts in (((0, 3600 * second), False), ((7300 * second, None), True), ((9_000 * second, None), False)):
        zone = Zone(closed.name, closed.kind, closed.shape, windows=(TimeWindow(*window),))
        made = case_of(EAST, zone)
        assert bool(codes(zone_findings, Case(made.course, ZoneSet((zone,)), day))) is counts
        assert codes(zone_findings, made)  # on no day in particular every zone counts


@settings(max_examples=40)
@given(
    st.tuples(st.floats(100, 1000), st.floats(-500, 500)),
    st.floats(-800, 1200),
    st.floats(-800, 800),
    st.floats(0.6, 60.0),
    st.floats(0.6, 60.0),
)
def test_no_zone_is_missed_that_a_line_meets_in_plan(
    spot: tuple[float, float], west: float, south: float, wide: float, deep: float
) -> None:
    """Reference: shapely's distance of the line to the box, in the plane."""
    made = case_of(plan_of(waypoint(*spot)), rectangle(west, south, west + wide, south + deep))
    distance = LineString([(0.0, 0.0), spot]).distance(box(west, south, west + wide, south + deep))
    found = {
        item: value for code, item, value in ((f.code, f.item, f.value) for f in zone_findings(made)) if code != "x"
    }
    if distance < 4.4:
        assert isinstance(found[1], float) and found[1] < 5.0
        if distance > 0.1:
            assert found[1] >= min(distance, 5.0) - 0.6
    elif distance > 5.1:
        assert all(isinstance(v, float) and v >= 5.0 for v in found.values())


def test_a_border_keeps_the_wider_buffer() -> None:
    assert codes(border_findings, case_of(EAST, border(1300.0))) == []
    assert codes(border_findings, case_of(EAST, border(1050.0))) == [("border_buffer", 1), ("border_buffer", 2)]
    assert codes(border_findings, case_of(EAST, border(1300.0, 500.0))) == [("border_buffer", 1), ("border_buffer", 2)]
    assert codes(border_findings, case_of(EAST, border(900.0))) == [("border_crossed", 1), ("border_crossed", 2)]
    (note,) = border_findings(case_of(EAST, border(1300.0)))
    assert note.severity is Severity.NOTE and note.value == pytest.approx(300.0, abs=1.0)
    assert codes(zone_findings, case_of(EAST, border(900.0))) == []  # told once, by its own check


def fenced(plan: Plan, *polygons: FencePolygon, circles: tuple[FenceCircle, ...] = ()) -> Plan:
    return plan.model_copy(update={"fence_polygons": polygons, "fence_circles": circles})


def test_the_plans_own_fence_is_kept() -> None:
    ring = tuple(place(e, n) for e, n in ((-100.0, -100.0), (800.0, -100.0), (800.0, 100.0), (-100.0, 100.0)))
    inside = FencePolygon(inclusion=True, vertices=ring)
    assert codes(fence_findings, case_of(fenced(EAST, inside))) == [("zone_left", 1), ("zone_left", 2)]
    assert codes(fence_findings, case_of(fenced(out_and_back(700.0), inside))) == []
    lat, lon = place(500.0, 0.0)
    circle = FenceCircle(inclusion=False, lat_deg=lat, lon_deg=lon, radius_m=20.0)
    assert codes(fence_findings, case_of(fenced(EAST, circles=(circle,)))) == [("zone_entered", 1), ("zone_entered", 2)]


def test_a_fence_that_crosses_itself_is_refused() -> None:
    bow = tuple(place(e, n) for e, n in ((0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0)))
    made = case_of(fenced(EAST, FencePolygon(inclusion=True, vertices=bow)))
    assert not Polygon(np.array(bow)).is_valid
    assert codes(fence_findings, made) == [("fence_invalid", None)]
