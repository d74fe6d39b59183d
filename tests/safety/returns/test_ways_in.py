"""Ways that begin where the plain answer would be wrong: over and under bands, behind keep-outs, in a restless wind."""

from __future__ import annotations

import shapely
from shapely.geometry import Polygon

from lenger_core.samples import Vec3
from lenger_core.zones import Datum, HeightLimit, Zone, ZoneKind
from lenger_safety.returns.plan import Asked, ReturnPlan

from .oracles import faults
from .scenes import HPL_M, VPL_M, Scene, scene
from .scenes import _shape as shape_of
from .test_answers import FIELD, made_of

WALL = ("wall", ZoneKind.EXCLUSION, shapely.box(-499.9, 200.0, 499.9, 260.0))


def banded(area: Polygon, floor: float | None, ceiling: float | None) -> Zone:
    """A keep-out between two heights above flat ground."""
    ends = {"floor": floor, "ceiling": ceiling}
    limits = {side: HeightLimit(at, Datum.AGL) for side, at in ends.items() if at is not None}
    frame = scene(0, flat=True, keep_outs=0).zones.frame
    return Zone("band", ZoneKind.EXCLUSION, shape_of(frame, area), **limits)


def sampled(plan: ReturnPlan) -> list[Vec3]:
    """Return the whole way, upright legs too, every metre and less."""
    out = []
    for a, b in zip(plan.waypoints, plan.waypoints[1:], strict=False):
        count = max(1, int(max(abs(q - p) for p, q in zip(a, b, strict=True)) * 2.0))
        out += [tuple(p + (q - p) * k / count for p, q in zip(a, b, strict=True)) for k in range(count + 1)]
    return out  # type: ignore[return-value]


def test_from_over_or_under_a_band_no_way_leads_through_it() -> None:
    area = shapely.box(200.0, -80.0, 360.0, 80.0)
    made = made_of(FIELD, extra=(banded(area, 60.0, 90.0),))
    for start, over in ((120.0, True), (40.0, False)):
        plan = made.ask((280.0, 0.0, start)).plan
        assert plan is not None
        heights = [p[2] for p in sampled(plan) if shapely.contains_xy(area, *p[:2])]
        assert min(heights) > 90.0 + VPL_M if over else max(heights) < 60.0 - VPL_M
        assert faults(made, plan.waypoints) == []


def test_the_way_in_from_outside_leads_around_a_keep_out_on_the_line() -> None:
    edge = shapely.box(440.0, -100.0, 499.99, 100.0)
    made = made_of(FIELD, ("edge", ZoneKind.EXCLUSION, edge))
    for north in (0.0, 60.0, -99.0):
        plan = made.ask((507.0, north, 60.0)).plan
        assert plan is not None
        line = shapely.LineString([p[:2] for p in plan.waypoints])
        assert line.distance(edge) > HPL_M


def test_shut_off_from_the_inside_it_says_so() -> None:
    rim = shapely.box(-499.9, -499.9, 499.9, 499.9).difference(shapely.box(-400.0, -400.0, 400.0, 400.0))
    sides = [
        shapely.intersection(rim, half) for half in (shapely.box(-500, -500, 500, 0), shapely.box(-500, 0, 500, 500))
    ]
    made = made_of(FIELD, *((f"rim {k}", ZoneKind.EXCLUSION, side) for k, side in enumerate(sides)))
    answer = made.ask((520.0, 200.0, 60.0))
    assert answer.plan is None
    assert "keep-outs are between" in answer.no_way


def test_no_landing_through_a_keep_out_that_is_flown_over() -> None:
    low = shapely.box(-60.0, 300.0, 60.0, 420.0)
    made = made_of(FIELD, WALL, extra=(banded(low, None, 50.0),))
    answer = made.ask((0.0, 360.0, 90.0))
    assert answer.plan is None
    assert answer.landing is not None
    assert shapely.Point(answer.landing.waypoints[-1][:2]).distance(low) > HPL_M
    assert faults(made, answer.landing.waypoints) == []


def test_a_wind_that_never_rests_keeps_no_question_waiting() -> None:
    made: Scene = scene(3, flat=True, keep_outs=6, radius_m=600.0)
    made.ask((0.0, 200.0, 60.0))
    for k in range(40):
        asked = Asked((0.0, 200.0 + k, 60.0), made.home, (2.0 * (k % 2), 0.0, 0.0), 1.0, 20.0, HPL_M, VPL_M)
        made.planner.ask(asked)
        for _ in range(40):  # two seconds at 20 Hz
            made.planner.work()
        plan = made.planner.plan
        assert plan is not None and plan.waypoints[0][:2] == asked.position_m[:2], k


def test_the_tree_of_another_wind_is_that_of_a_fresh_planner() -> None:
    wind = (4.0, -3.0, 0.0)
    first, second = (scene(3, flat=True, keep_outs=6, radius_m=600.0) for _ in range(2))
    first.ask((0.0, 200.0, 60.0))
    assert first.ask((150.0, 240.0, 60.0), wind).plan == second.ask((150.0, 240.0, 60.0), wind).plan
