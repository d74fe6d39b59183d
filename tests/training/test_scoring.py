"""Every rule against flights whose numbers are known by hand, and the result as a whole."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from lenger_core.samples import MissionPhase
from lenger_core.terrain import load_terrain
from lenger_core.zones import CircleShape, Datum, HeightLimit, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_training.result import Result
from lenger_training.scoring import score_flight
from training.flights import FRAME, SITE, SQUARE, START_NS, Flight, exercise, square_plan

Knots = list[tuple[float, float, float, float]]


def box(east0: float, north0: float, east1: float, north1: float) -> PolygonShape:
    """A rectangle in metres east and north of the site."""
    corners = [(east0, north0), (east1, north0), (east1, north1), (east0, north1)]
    return PolygonShape(tuple(FRAME.to_geodetic(e, n, 0.0)[:2] for e, n in corners))


FIELD = Zone("field", ZoneKind.INCLUSION, box(-50.0, -50.0, 150.0, 150.0), ceiling=HeightLimit(120.0, Datum.AGL))

FENCE = ZoneSet((FIELD,))


def score(flight: Flight, zones: ZoneSet = FENCE, died: tuple[str, ...] = (), **changes: Any) -> Result:
    return score_flight(
        flight.recording(),
        exercise(**changes),
        square_plan(),
        zones,
        load_terrain(),
        seed=7,
        autopilot="px4",
        died=died,
    )


def points(result: Result) -> dict[str, float]:
    """Points taken, by rule."""
    taken: dict[str, float] = {}
    for deduction in result.deductions:
        taken[deduction.rule] = taken.get(deduction.rule, 0.0) + deduction.points
    return taken


def with_knots(*changed: tuple[int, tuple[float, float, float, float]]) -> Knots:
    """The square with knots inserted before the given index."""
    knots = list(SQUARE)
    for index, knot in sorted(changed, reverse=True):
        knots.insert(index, knot)
    return knots


def test_a_perfect_flight_loses_nothing() -> None:
    result = score(Flight(SQUARE))
    assert (result.score, result.passed, result.deductions) == (100.0, True, ())
    assert result.duration_s == 131.0
    assert result.metrics.waypoint_times_s == (40.0, 60.0, 80.0)
    assert result.metrics.landing_distance_m == pytest.approx(0.0, abs=1e-3)
    assert result.metrics.distance_flown_m == pytest.approx(400.0, abs=0.1)
    assert result.metrics.min_clearance_agl_m == pytest.approx(60.0)
    assert result.metrics.max_fence_violation_m == 0.0
    assert result.metrics.max_cross_track_m == pytest.approx(0.0, abs=1e-3)
    assert result.metrics.energy_used_wh == pytest.approx(1.310)
    assert result.metrics.guard_interventions == 0
    assert result.metrics.position_source == "truth"


def test_result_json_has_the_fields_of_the_design() -> None:
    assert list(json.loads(score(Flight(SQUARE)).model_dump_json())) == [
        "exercise", "passed", "score", "duration_s", "seed", "autopilot", "deductions", "events", "metrics", "terrain",
        "host",
    ]  # fmt: skip


def test_the_same_recording_gives_the_same_result_every_time() -> None:
    flight = Flight(
        with_knots((3, (50.0, 110.0, 50.0, 70.0))), interventions_at_s=[33.0], events=[(3.0, "b"), (3.0, "a")]
    )
    assert len({score(flight).model_dump_json() for _ in range(20)}) == 1


def test_mission_not_done() -> None:
    flight = Flight(SQUARE, done=False, phases=[(1.0, MissionPhase.TAKEOFF), (90.0, MissionPhase.FAILED)])
    assert points(score(flight)) == {"mission_completed": 40.0}


def test_still_armed_at_the_end() -> None:
    result = score(Flight(SQUARE, disarms=False))
    assert points(result) == {"mission_completed": 40.0}
    assert result.metrics.landing_distance_m is None


def test_never_flown_does_not_pass() -> None:
    result = score(Flight([(0.0, 0.0, 0.0, 0.0), (10.0, 0.0, 0.0, 0.0)]), pass_mark=0)
    assert not result.passed
    assert points(result) == {"mission_completed": 40.0, "waypoint_missed": 45.0}


def test_one_waypoint_missed() -> None:
    """Turning 8 m short of the second waypoint, east and north, misses it by 11.3 m."""
    knots = list(SQUARE)
    knots[3] = (60.0, 92.0, 92.0, 60.0)
    result = score(Flight(knots), rubric=[{"rule": "waypoint_missed", "points": 15}])
    assert points(result) == {"waypoint_missed": 15.0}
    assert result.metrics.waypoint_times_s == (40.0, None, 80.0)
    assert "waypoint 2 of 3" in result.deductions[0].detail


def test_cross_track_excursion() -> None:
    """Out to 9.9 m beside the first side and back: 0.99 m/s sideways, so beyond the 5 m from 25.05 s to 34.95 s."""
    knots = [*SQUARE[:2], (30.0, 50.0, -9.9, 60.0), *SQUARE[2:]]
    result = score(Flight(knots))
    assert points(result) == {"cross_track": 5.0}
    assert result.metrics.max_cross_track_m == pytest.approx(9.9, abs=0.01)
    assert result.deductions[0].t_s == pytest.approx(25.1)
    assert "9.9 m off the line for 9.8 s" in result.deductions[0].detail


def test_two_excursions_count_twice_and_the_cap_holds() -> None:
    knots = [*SQUARE[:2]]
    for k in range(6):
        knots += [(21.0 + 3 * k, 5.0 + 15 * k, -10.0, 60.0), (22.5 + 3 * k, 12.0 + 15 * k, 0.0, 60.0)]
    result = score(Flight([*knots, *SQUARE[2:]]))
    assert points(result) == {"cross_track": 20.0}
    assert [d.points for d in result.deductions] == [5.0] * 4 + [0.0] * 2


def test_a_moment_beyond_the_tolerance_is_forgiven() -> None:
    knots = [*SQUARE[:2], (29.7, 48.5, 0.0, 60.0), (30.0, 50.0, -6.0, 60.0), (30.3, 51.5, 0.0, 60.0), *SQUARE[2:]]
    assert score(Flight(knots)).deductions == ()


def test_height_error_counts_between_waypoints_only() -> None:
    knots = [*SQUARE[:3], (50.0, 100.0, 50.0, 70.0), *SQUARE[3:]]
    result = score(Flight(knots))
    assert points(result) == {"height_error": 4.0}
    assert result.metrics.max_height_error_m == pytest.approx(10.0)
    low_before_first = [*SQUARE[:2], (30.0, 50.0, 0.0, 50.0), *SQUARE[2:]]
    assert score(Flight(low_before_first)).deductions == ()


def test_clearance() -> None:
    knots = [*SQUARE[:3], (50.0, 100.0, 50.0, 30.0), *SQUARE[3:]]
    result = score(Flight(knots))
    assert points(result) == {"clearance": 15.0, "height_error": 4.0}
    assert result.metrics.min_clearance_agl_m == pytest.approx(30.0)


def test_fence_violation_fails_the_flight() -> None:
    """12 m beyond the eastern line of the field, for a moment."""
    knots = [*SQUARE[:3], (50.0, 162.0, 50.0, 60.0), *SQUARE[3:]]
    result = score(Flight(knots), rubric=[{"rule": "fence_violation", "points": 10, "hard_fail": True}])
    assert result.metrics.max_fence_violation_m == pytest.approx(12.0, abs=0.01)
    assert (result.score, result.passed) == (90.0, False)


def test_ceiling_is_fence_too() -> None:
    knots = [*SQUARE[:3], (50.0, 100.0, 50.0, 125.0), *SQUARE[3:]]
    assert score(Flight(knots)).metrics.max_fence_violation_m == pytest.approx(5.0)


def test_exclusion_counts_by_the_smallest_way_out() -> None:
    """Through a circle of 20 m about (100, 50): 20 m deep in the middle, but its ceiling may be nearer."""
    lat, lon, _ = FRAME.to_geodetic(100.0, 50.0, 0.0)
    circle = CircleShape(lat, lon, 20.0)
    full = ZoneSet((FIELD, Zone("shaft", ZoneKind.EXCLUSION, circle)))
    assert score(Flight(SQUARE), full).metrics.max_fence_violation_m == pytest.approx(20.0, abs=0.3)
    low = ZoneSet((FIELD, Zone("shaft", ZoneKind.EXCLUSION, circle, ceiling=HeightLimit(63.0, Datum.AGL))))
    assert score(Flight(SQUARE), low).metrics.max_fence_violation_m == pytest.approx(3.0)
    under = ZoneSet((FIELD, Zone("shaft", ZoneKind.EXCLUSION, circle, ceiling=HeightLimit(SITE[2] + 50.0, Datum.AMSL))))
    assert score(Flight(SQUARE), under).metrics.max_fence_violation_m == 0.0


def test_floor_of_an_inclusion_counts_en_route_only() -> None:
    floor = ZoneSet((Zone("field", ZoneKind.INCLUSION, FIELD.shape, floor=HeightLimit(62.0, Datum.HOME)),))
    assert score(Flight(SQUARE), floor).metrics.max_fence_violation_m == pytest.approx(2.0)


def test_landing_distance() -> None:
    knots = [*SQUARE[:-2], (130.0, 3.0, 4.0, 0.0), (131.0, 3.0, 4.0, 0.0)]
    result = score(Flight(knots))
    assert points(result) == {"landing_distance": 10.0}
    assert result.metrics.landing_distance_m == pytest.approx(5.0, abs=1e-3)


def test_guard_interventions() -> None:
    result = score(Flight(SQUARE, interventions_at_s=[30.0, 50.0]))
    assert [(d.t_s, d.rule, d.points) for d in result.deductions] == [
        (30.0, "guard_intervention", 5.0),
        (50.0, "guard_intervention", 5.0),
    ]
    assert result.metrics.guard_interventions == 2


def test_time_limit() -> None:
    result = score(Flight(SQUARE), time_limit_s=130)
    assert [(d.t_s, d.rule, d.points) for d in result.deductions] == [(130.0, "time_limit", 10.0)]


def test_the_time_counts_on_after_landing_and_disarming_on_the_way() -> None:
    whole = Flight(SQUARE).recording()
    rows = dict(whole.records)
    rows["vehicle/status"] = tuple(
        replace(s, armed=False) if 60.0 <= (s.t_ns - START_NS) / 1e9 < 62.0 else s for s in rows["vehicle/status"]
    )
    recording = replace(whole, records=MappingProxyType(rows))
    result = score_flight(
        recording, exercise(time_limit_s=130), square_plan(), FENCE, load_terrain(), seed=7, autopilot="px4"
    )
    assert result.duration_s == 131.0
    assert points(result) == {"time_limit": 10.0}


@pytest.mark.parametrize(("least", "passed"), [(None, True), (399.0, True), (401.0, False)])
def test_a_route_shorter_than_the_exercise_asks_for_does_not_pass(least: float | None, passed: bool) -> None:
    result = score(Flight(SQUARE), min_route_m=least)
    assert result.passed is passed
    assert ("route_too_short" in points(result)) is not passed


def test_crash_fails_the_flight() -> None:
    result = score(Flight(SQUARE, crash_at_s=55.0), pass_mark=0)
    assert "crash" in points(result) and not result.passed and result.score == 0.0


def test_a_dead_process_fails_the_flight_and_says_so() -> None:
    result = score(Flight(SQUARE), died=("guard",))
    assert not result.passed
    assert result.deductions[-1].rule == "process_died" and "guard" in result.deductions[-1].detail


def test_fusion_error_is_the_rms_against_truth() -> None:
    result = score(Flight(SQUARE, fusion_error_m=(1.0, 2.0, -2.0)))
    assert result.metrics.fusion_rms_m == pytest.approx(3.0, abs=0.01)


def test_without_truth_the_estimate_is_graded_and_truth_metrics_are_null() -> None:
    knots = [*SQUARE[:2], (30.0, 50.0, -10.0, 60.0), *SQUARE[2:]]
    result = score(Flight(knots, truth=False))
    metrics = result.metrics
    assert metrics.position_source == "estimate"
    assert [metrics.max_fence_violation_m, metrics.min_clearance_agl_m, metrics.max_cross_track_m] == [None] * 3
    assert [metrics.fusion_rms_m, metrics.energy_used_wh] == [None] * 2
    assert points(result)["cross_track"] == 5.0


def test_an_empty_recording_is_an_honest_failure() -> None:
    from lenger_training.recording import FlightRecording

    empty = FlightRecording(MappingProxyType({}), 0, 0, truncated=True)
    result = score_flight(empty, exercise(), None, ZoneSet(), load_terrain(), seed=7, autopilot="px4")
    assert not result.passed and "mission_completed" in points(result)
    assert [e.kind for e in result.events] == ["recording_truncated"]


def test_predicted_energy_by_hand() -> None:
    """Momentum theory on paper: four sides of 100 m at 5 m/s, 60 m up at 3 m/s and down at 1.5 m/s, 2 kg, 817 m ISA."""
    from math import pi, sqrt

    density = 1.132
    hover_w = (2.0 * 9.80665) ** 1.5 / (0.55 * sqrt(2 * density * 4 * pi * 0.127**2))
    drag_w = 0.5 * density * 0.03 * 5.0**3 / 0.55
    joule = hover_w * (80.0 + 20.0 + 40.0) + drag_w * 80.0 + 2.0 * 9.80665 * 60.0 / 0.55
    predicted = score(Flight(SQUARE)).metrics.energy_predicted_wh
    # The terrain model puts the ground under the site elsewhere than 757 m: the climb differs by up to 10 m.
    assert predicted == pytest.approx(joule / 3600.0, rel=0.15)
