"""Clearance, ceiling and unknown ground, with brute force as the reference."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.grid import LatLonGrid
from lenger_core.plans import Datum, Home
from lenger_core.terrain import Terrain
from lenger_mission.plan_gate.checks import CHECKS, run_gate
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.terrain_check import (
    ceiling_findings,
    clearance_findings,
    clearances,
    off_terrain_findings,
)
from plan_gate.scene import HOME, flat, land, out_and_back, place, plan_of, ridge, wall, waypoint
from plan_gate.spaces import case_of, codes


@cache
def rough() -> Terrain:
    return land(700.0 + 90.0 * np.random.default_rng(5).random((401, 401)))


def test_a_wall_between_two_waypoints_is_found() -> None:
    plan = plan_of(waypoint(2000.0, 0.0))
    assert codes(clearance_findings, case_of(plan, terrain=wall(30.0))) == []
    assert codes(clearance_findings, case_of(plan, terrain=wall(50.0))) == [
        ("terrain_clearance", 1),
        ("terrain_clearance", 2),
    ]
    assert codes(clearance_findings, case_of(plan, terrain=wall(80.0))) == [("terrain_hit", 1), ("terrain_hit", 2)]


def test_the_error_bound_counts_against_the_plan() -> None:
    plan = out_and_back(1000.0)
    (note,) = clearance_findings(case_of(plan, terrain=flat(700.0, 20.0)))
    assert note.severity is Severity.NOTE and note.value == pytest.approx(40.0, abs=0.1)
    found = list(clearance_findings(case_of(plan, terrain=flat(700.0, 50.0))))
    assert [f.item for f in found] == [1, 2] and found[0].value == pytest.approx(10.0, abs=0.1)
    assert codes(clearance_findings, case_of(plan, terrain=flat(700.0, 50.0).as_ground())) == []


def test_an_error_bound_that_slopes_is_taken_where_it_hurts() -> None:
    """The bare clearance is least on one side of the crest; the bound grows to the east and moves the worst place."""
    bare = ridge(40.0, half_length_m=900.0, east_m=1000.0)
    bound = np.array([[0.0, 60.0], [0.0, 60.0]])
    error = LatLonGrid("bound", bound, HOME[0] - 0.1, HOME[1], 0.2, 0.03)
    land = Terrain("land", False, bare.grid, error)
    course = case_of(plan_of(waypoint(2000.0, 0.0, 140.0)), terrain=land).course
    item, _, sure = clearances(course, np.zeros(len(course.lat_deg), dtype=bool))
    part = np.linspace(0.0, 1.0, 20_001)
    lat, lon = HOME[0] + part * (place(2000.0, 0.0)[0] - HOME[0]), HOME[1] + part * (place(2000.0, 0.0)[1] - HOME[1])
    base = land.height_amsl_m(*HOME)
    high = np.linspace(base + 60.0, base + 140.0, 20_001)
    dense = high - land.heights_amsl_m(lat, lon) - land.errors_m(lat, lon)
    assert sure[item == 1].min() == pytest.approx(float(dense.min()), abs=0.05)


def test_near_home_and_landing_no_floor_counts() -> None:
    assert codes(clearance_findings, case_of(plan_of(waypoint(35.0, 0.0, 10.0), takeoff_m=10.0))) == []
    assert codes(clearance_findings, case_of(plan_of(waypoint(300.0, 0.0, 10.0), takeoff_m=10.0))) != []


@settings(max_examples=20)
@given(
    st.tuples(st.floats(200, 3000), st.floats(-3000, 3000)),
    st.floats(95, 160),
    st.sampled_from([Datum.HOME, Datum.AGL]),
)
def test_the_least_clearance_is_that_of_a_dense_walk(spot: tuple[float, float], height: float, datum: Datum) -> None:
    plan = plan_of(waypoint(*spot, height, datum), takeoff_m=height)
    made = case_of(plan, terrain=rough(), limits=GateLimits(floor_agl_m=500.0, approach_radius_m=0.0))
    found = {f.item: f.value for f in clearance_findings(made)}
    course = made.course
    first, last = course.spans[1]
    part = np.linspace(0.0, last - first, 20_001)
    k = np.arange(last - first + 1)
    lat, lon, alt = (
        np.interp(part, k, values[first : last + 1]) for values in (course.lat_deg, course.lon_deg, course.alt_amsl_m)
    )
    dense = float((alt - rough().heights_amsl_m(lat, lon)).min())
    assert found[1] == pytest.approx(dense, abs=0.05)


def test_the_ceilings() -> None:
    plan = plan_of(waypoint(1000.0, 0.0, 140.0))
    assert codes(ceiling_findings, case_of(plan)) == []
    assert codes(ceiling_findings, case_of(plan, terrain=flat(700.0, 20.0))) == [("ceiling_agl", 1), ("ceiling_agl", 2)]
    low = GateLimits(ceiling_amsl_m=800.0)
    assert codes(ceiling_findings, case_of(plan, limits=low)) == [("ceiling_amsl", 1), ("ceiling_amsl", 2)]


def test_level_flight_off_a_ridge_gets_too_high() -> None:
    land = ridge(120.0, east_m=0.0)
    assert codes(ceiling_findings, case_of(out_and_back(3000.0), terrain=land)) == [
        ("ceiling_agl", 1),
        ("ceiling_agl", 2),
    ]


def test_unknown_ground_is_one_error_and_no_traceback() -> None:
    plan = out_and_back(1000.0)
    away = plan.model_copy(update={"home": Home(lat_deg=43.9, lon_deg=69.88, alt_amsl_m=700.0)})
    report = run_gate(case_of(away))
    assert [f.code for f in report.errors if f.code == "off_terrain"] == ["off_terrain"]
    assert codes(off_terrain_findings, case_of(plan)) == []


def test_a_good_plan_passes_every_check_and_a_broken_one_none() -> None:
    report = run_gate(case_of(out_and_back(1000.0)))
    assert report.may_fly and {r.name for r in report.results} >= {c.name for c in CHECKS}
    plan = out_and_back(1000.0)
    report = run_gate(case_of(plan.model_copy(update={"items": plan.items[1:]})))
    assert not report.may_fly and all(r.skipped for r in report.results[1:])
