"""Ways in where the ground decides which keep-outs are in the way: limits above ground rise and fall along the way."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians

import numpy as np
import pytest
import shapely

from lenger_core.grid import LatLonGrid
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_core.zones import ZoneKind

from .oracles import faults, faults_on_the_way_in
from .scenes import HPL_M, SITES, Scene, places_out_of, scene
from .test_answers import FIELD, made_of
from .test_ways_in import banded

BASE = scene(0, flat=True, keep_outs=0)


def ground(rise_east: float = 0.0, error_m: float = 0.0) -> Terrain:
    """Return ground that rises to the east, 760 m high at the origin."""
    lat, lon = SITES[0]
    metres = radians(0.5) * 6_378_137.0 * cos(radians(lat))  # of a step of the grid
    rows = np.tile(760.0 + rise_east * metres * np.array([-1.0, 0.0, 1.0]), (3, 1))
    errors = np.full((3, 3), error_m)
    for grid in (rows, errors):
        grid.setflags(write=False)
    corner = lat - 0.5, lon - 0.5
    heights, error = (LatLonGrid(name, grid, *corner, 0.5, 0.5) for name, grid in (("h", rows), ("e", errors)))
    return Terrain("slope", False, heights, error, trust="ground")


def all_faults(made: Scene, start: Vec3) -> list[str]:
    """Return what is wrong with the answers from a place, the leg to where they begin with it."""
    answer = made.ask(start)
    found = []
    for plan in (answer.plan, answer.landing):
        if plan is not None:
            first = plan.way_in
            found += faults(made, plan.waypoints[first:])
            found += faults_on_the_way_in(made, (start, *plan.waypoints[: first + 1]))
    return found


def test_a_ceiling_above_ground_that_rises_along_the_way_is_no_way_in() -> None:
    """Over the valley where it began, the level way in was over this keep-out's ceiling, and in it further on."""
    made = scene(8)
    start = (707.1705362276166, 1896.7699543478448, -601.2623201528461)
    assert made.ask(start).plan is not None
    assert all_faults(made, start) == []


@pytest.mark.parametrize("seed", [6, 8])
def test_from_beside_and_in_keep_outs_no_way_leads_through_another(seed: int) -> None:
    made, rng = scene(seed), np.random.default_rng(seed)
    found = 0
    for east, north in places_out_of(made.free, rng, 5):
        start = float(east), float(north), made.ground_m(east, north) + float(rng.uniform(2.0, 138.0))
        assert all_faults(made, start) == [], start
        found += made.planner.plan is not None  # of the same question
    assert found >= 4


def test_from_over_a_keep_out_by_less_than_the_ground_is_unsure_by_no_way_leads_down_through_it() -> None:
    area = shapely.box(200.0, -80.0, 360.0, 80.0)
    extra, base = (banded(area, 60.0, 80.0),), replace(BASE, terrain=ground(error_m=5.0))
    made = made_of(FIELD, base=base, extra=extra)
    plan = made.ask((280.0, 0.0, 82.0)).plan
    assert plan is not None and min(p[2] for p in plan.waypoints if shapely.contains_xy(area, *p[:2])) > 80.0
    assert all_faults(made, (280.0, 0.0, 82.0)) == []
    beside = made_of(
        FIELD, ("wall", ZoneKind.EXCLUSION, shapely.box(285.0, -60.0, 300.0, 60.0)), base=base, extra=extra
    )
    assert beside.ask((283.0, 0.0, 82.0)).plan is not None  # nearer to the wall than may be
    assert all_faults(beside, (283.0, 0.0, 82.0)) == []


def test_under_a_keep_out_before_a_hill_there_is_no_way_in_and_it_says_so() -> None:
    lid, start = banded(shapely.box(-700.0, -300.0, -530.0, 300.0), 40.0, None), (-560.0, 0.0, 30.0 - 280.0)
    base = replace(BASE, terrain=ground(rise_east=0.5))
    assert made_of(FIELD, base=base).ask(start).plan is not None
    answer = made_of(FIELD, base=base, extra=(lid,)).ask(start)
    assert answer.plan is None
    assert "keep-outs are between" in answer.no_way


def test_a_corner_that_is_near_to_the_start_is_gone_around_too() -> None:
    edge = shapely.box(440.0, -100.0, 499.99, 100.0)
    made = made_of(FIELD, ("edge", ZoneKind.EXCLUSION, edge))
    for off in (0.1, 0.3, 0.6):
        for north in (99.5, 99.9, 60.0):
            plan = made.ask((499.99 + off, north, 60.0)).plan
            assert plan is not None
            line = shapely.LineString([p[:2] for p in plan.waypoints])
            assert not line.intersects(edge), (off, north)
            assert shapely.LineString(line.coords[plan.way_in :]).distance(edge) > HPL_M
