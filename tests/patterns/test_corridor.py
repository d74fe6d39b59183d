"""Corridors and perimeters, measured by points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from survey_areas import dense, edge_m, inside, seen_by

from lenger_core.errors import InputError
from lenger_mission.patterns.corridor import CorridorRequest, plan_corridor
from lenger_mission.patterns.perimeter import PerimeterRequest, plan_perimeter
from lenger_mission.patterns.survey import Lines
from lenger_mission.patterns.survey_area import area_en
from lenger_mission.patterns.survey_gaps import Frame
from lenger_mission.patterns.survey_photos import photo_points

BORDER = np.array([[0.0, 0.0], [400.0, 60.0], [650.0, -120.0], [1000.0, 0.0]])
LINES = Lines(Frame(30.0, 20.0), 50.0, 0.0, 25.0)
FIELD = np.array([[0.0, 0.0], [300.0, 0.0], [300.0, 200.0], [150.0, 120.0], [0.0, 200.0]])


def from_line_m(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Distance (N,) to a polyline: to a ring that runs back over itself."""
    return edge_m(points, np.vstack([line, line[-2:0:-1]]))


@pytest.mark.parametrize("width_m", [120.0, 200.0])
def test_the_strip_is_seen(width_m: float) -> None:
    plan = plan_corridor(CorridorRequest(BORDER, width_m, LINES))
    points = np.random.default_rng(3).uniform([20.0, -250.0], [980.0, 200.0], (4_000, 2))
    points = points[from_line_m(points, BORDER) < 0.5 * width_m]
    places, ways = photo_points(plan.track, LINES.trigger_m)
    assert plan.lanes == np.ceil(width_m / 50.0)
    assert seen_by(points, places, ways, 30.0, 20.0).mean() >= 0.98


def test_a_line_alone_is_flown_as_it_is() -> None:
    plan = plan_corridor(CorridorRequest(BORDER, 0.0, LINES, end_en_m=(0.0, 10.0)))
    assert plan.track.points_en_m == pytest.approx(BORDER[::-1])


def test_a_stand_off_stays_on_its_side() -> None:
    plan = plan_corridor(CorridorRequest(BORDER, 0.0, LINES, aside_m=-80.0))
    track = dense(plan.track.points_en_m)
    assert from_line_m(track, BORDER).min() == pytest.approx(80.0, abs=0.5)
    assert (track[:, 1] < np.interp(track[:, 0], BORDER[:, 0], BORDER[:, 1])).all()


def test_a_zone_on_the_line_is_flown_round() -> None:
    zone = shapely.box(450.0, -60.0, 520.0, 80.0)
    plan = plan_corridor(CorridorRequest(BORDER, 100.0, LINES, keep_out=zone, clearance_m=5.0))
    ring = np.asarray(zone.exterior.coords)[:-1]
    track = dense(plan.track.points_en_m)
    assert not inside(track, ring).any()
    assert edge_m(track, ring).min() >= 4.95
    assert plan.coverage >= 0.98


@pytest.mark.parametrize("line", [BORDER[:1], np.zeros((3, 2)), BORDER * np.nan, BORDER * 1e3])
def test_lines_that_are_none_are_refused(line: np.ndarray) -> None:
    with pytest.raises(InputError, match="line"):
        plan_corridor(CorridorRequest(line, 50.0, LINES))


@pytest.mark.parametrize("inset_m", [15.0, -15.0])
@pytest.mark.parametrize("clockwise", [True, False])
def test_a_lap_keeps_its_distance_and_its_sense(inset_m: float, clockwise: bool) -> None:
    track = plan_perimeter(PerimeterRequest(area_en(FIELD), inset_m, 2, clockwise, start_en_m=(0.0, 0.0)))
    points = track.points_en_m
    assert edge_m(dense(points), FIELD).min() == pytest.approx(15.0, abs=1e-6)
    assert (inside(points, FIELD) == (inset_m > 0.0)).all()
    lap = points[: len(points) // 2 + 1]
    assert lap[0] == pytest.approx(lap[-1])
    assert points[0] == pytest.approx(np.array([inset_m, inset_m]))
    (x, y), (x1, y1) = lap[:-1].T, lap[1:].T
    assert (np.sum(x * y1 - x1 * y) < 0.0) == clockwise


def test_a_lap_leads_round_a_zone_on_the_edge() -> None:
    zone = shapely.box(120.0, -30.0, 180.0, 40.0)
    track = plan_perimeter(PerimeterRequest(area_en(FIELD), 10.0, keep_out=zone, start_en_m=(0.0, 0.0)))
    ring = np.asarray(zone.exterior.coords)[:-1]
    points = dense(track.points_en_m)
    assert not inside(points, ring).any()
    assert edge_m(points, ring).min() >= 4.95
    assert not track.photo.all() and track.photo.any()


def test_an_area_too_narrow_for_its_inset_is_refused() -> None:
    with pytest.raises(InputError, match="inset_m"):
        plan_perimeter(PerimeterRequest(area_en(FIELD), 500.0))
