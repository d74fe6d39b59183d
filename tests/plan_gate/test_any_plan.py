"""Whatever a plan says, the gate answers: no traceback, no NaN in the report, within bounded work."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.plans import (
    ChangeSpeed,
    Datum,
    FenceCircle,
    FencePolygon,
    Foreign,
    Height,
    Home,
    Land,
    Loiter,
    Plan,
    PlanItem,
    RallyPoint,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.zone_model import ZoneKind
from lenger_mission.plan_gate.checks import run_gate
from lenger_mission.plan_gate.table import as_json
from plan_gate.scene import HOME, plan_of, ridge, waypoint
from plan_gate.spaces import agl, border, case_of, rectangle

LAT = st.one_of(st.floats(42.0, 42.38), st.floats(-90.0, 90.0), st.sampled_from([-90.0, 0.0, 90.0, HOME[0]]))
LON = st.one_of(st.floats(69.72, 70.08), st.floats(-180.0, 180.0), st.sampled_from([-180.0, 0.0, 180.0, HOME[1]]))
HEIGHTS = st.builds(Height, value_m=st.floats(-500.0, 9_000.0), datum=st.sampled_from(list(Datum)))
WAYPOINTS = st.builds(
    Waypoint,
    lat_deg=LAT,
    lon_deg=LON,
    height=HEIGHTS,
    speed_m_s=st.none() | st.floats(0.01, 50.0),
    acceptance_radius_m=st.none() | st.floats(0.01, 500.0),
    hold_s=st.floats(0.0, 3_600.0),
)
LOITERS = st.one_of(
    st.builds(Loiter, lat_deg=LAT, lon_deg=LON, height=HEIGHTS, time_s=st.floats(0.1, 3_600.0)),
    st.builds(
        Loiter,
        lat_deg=LAT,
        lon_deg=LON,
        height=HEIGHTS,
        turns=st.floats(0.01, 1_000.0),
        radius_m=st.floats(0.0, 10_000.0),
        clockwise=st.booleans(),
    ),
)
ITEMS = st.one_of(
    WAYPOINTS,
    LOITERS,
    st.builds(Takeoff, height=HEIGHTS),
    st.builds(ChangeSpeed, speed_m_s=st.floats(0.01, 50.0)),
    st.builds(ReturnHome),
    st.builds(Land),
    st.builds(Land, lat_deg=LAT, lon_deg=LON),
    st.builds(Foreign, command=st.integers(0, 65_535), frame=st.integers(0, 255), params=st.just((None,) * 7)),
)
RING = st.lists(st.tuples(LAT, LON), min_size=3, max_size=5)
FENCES = st.builds(FencePolygon, inclusion=st.booleans(), vertices=RING)
PLANS = st.builds(
    Plan,
    name=st.just("any"),
    home=st.builds(Home, lat_deg=LAT, lon_deg=LON, alt_amsl_m=st.none() | st.floats(-500.0, 9_000.0)),
    items=st.one_of(
        st.lists(ITEMS, max_size=6).map(tuple),
        st.lists(WAYPOINTS | LOITERS, max_size=5).map(
            lambda between: (Takeoff(height=Height(value_m=60.0, datum=Datum.HOME)), *between, ReturnHome())
        ),
    ),
    fence_polygons=st.lists(
        st.builds(
            FencePolygon, inclusion=st.booleans(), vertices=st.lists(st.tuples(LAT, LON), min_size=3, max_size=5)
        ),
        max_size=1,
    ).map(tuple),
    fence_circles=st.lists(
        st.builds(FenceCircle, inclusion=st.booleans(), lat_deg=LAT, lon_deg=LON, radius_m=st.floats(0.1, 100_000.0)),
        max_size=1,
    ).map(tuple),
    rally=st.lists(st.builds(RallyPoint, lat_deg=LAT, lon_deg=LON, height=HEIGHTS), max_size=2).map(tuple),
)
ZONES = (
    rectangle(-3_000.0, -3_000.0, 3_000.0, 3_000.0, ZoneKind.INCLUSION, ceiling=agl(120.0)),
    rectangle(500.0, 500.0, 900.0, 900.0),
    border(4_000.0, 200.0),
)


def answered(plan: Plan) -> None:
    try:
        case = case_of(plan, *ZONES, terrain=ridge(300.0))
        report = run_gate(case)
    except InputError:
        return
    json.dumps(as_json(case, report), allow_nan=False)
    for finding in report.findings:
        assert finding.sentence.endswith(".") and "nan" not in finding.sentence
        assert finding.item is None or 0 <= finding.item < max(len(plan.items), 1)


@settings(max_examples=40)
@given(PLANS)
def test_any_plan_is_answered(plan: Plan) -> None:
    answered(plan)


@pytest.mark.campaign
@pytest.mark.timeout(0)
@settings(max_examples=10_000)
@given(PLANS)
def test_any_of_many_plans_is_answered(plan: Plan) -> None:
    answered(plan)


def test_the_longest_plan_is_answered() -> None:
    """10,000 items, legs of all lengths: samples are bounded, and a course of 20,000 km is not looked at closely."""
    generator = np.random.default_rng(3)
    spots = generator.uniform(-2_500.0, 2_500.0, (9_000, 2))
    items: list[PlanItem] = [waypoint(float(e), float(n), 100.0, Datum.AGL) for e, n in spots]
    case = case_of(plan_of(*items), *ZONES, terrain=ridge(300.0))
    report = run_gate(case)
    assert len(case.course.lat_deg) < 300_000
    assert {f.code for f in report.errors} >= {"course_length"}
    assert not report.may_fly
