"""Surveys of random areas against an oracle of points; the length of convex ones against area over swath."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Polygon
from survey_areas import RandomArea, dense, edge_m, inside, random_area, seen_by, to_see

from lenger_core.errors import InputError
from lenger_core.vehicles import load_vehicle
from lenger_mission.patterns.camera import camera_names, load_camera
from lenger_mission.patterns.survey import Lines, SurveyPlan, SurveyRequest, camera_lines, plan_survey
from lenger_mission.patterns.survey_area import area_en
from lenger_mission.patterns.survey_gaps import Frame
from lenger_mission.patterns.survey_photos import photo_points
from lenger_mission.patterns.sweep_direction import FlightCost

Array = NDArray[np.float64]

CLEARANCE_M = 4.0
SQUARE = np.array([[0.0, 0.0], [300.0, 0.0], [300.0, 300.0], [0.0, 300.0]])


def surveyed(seed: int) -> tuple[RandomArea, SurveyPlan, Lines, bool]:
    """A random area, surveyed with a random camera, height and overlaps; every other one from within it only."""
    area, rng = random_area(seed), np.random.default_rng([seed, 1])
    camera = load_camera(camera_names()[seed % 3])
    side, front = float(rng.choice([0.0, 0.2, 0.5, 0.7])), float(rng.choice([0.0, 0.3, 0.7]))
    lines = camera_lines(camera, float(rng.uniform(30.0, 100.0)), side, front)
    region = area_en(area.outer, area.holes)
    keep_out = shapely.union_all([Polygon(ring) for ring in area.keep_out]) if area.keep_out else None
    within = seed % 2 == 1
    request = SurveyRequest(region, lines, keep_out, region if within else None, CLEARANCE_M)
    return area, plan_survey(request), lines, within


def share_seen(area: RandomArea, plan: SurveyPlan, lines: Lines, seed: int) -> float:
    """What the single photos show of points drawn over the area, all of it, reachable or not."""
    places, ways = photo_points(plan.track, lines.trigger_m)
    points = to_see(area, np.random.default_rng([seed, 2]))
    return float(seen_by(points, places, ways, lines.frame.across_m, lines.frame.along_m).mean())


def least_room_m(area: RandomArea, plan: SurveyPlan, within: bool) -> float:
    """The least distance of the track to a line that it must keep away from; negative on the wrong side."""
    track = dense(plan.track.points_en_m, 5.0)
    rings = [(ring, False) for ring in (*area.holes, *area.keep_out)] + ([(area.outer, True)] if within else [])
    sides = [edge_m(track, ring) * np.where(inside(track, ring) == wanted, 1.0, -1.0) for ring, wanted in rings]
    return float(min((side.min() for side in sides), default=np.inf))


@pytest.mark.parametrize("seed", range(10))
def test_random_areas_are_seen_and_their_zones_kept(seed: int) -> None:
    area, plan, lines, within = surveyed(seed)
    assert share_seen(area, plan, lines, seed) >= 0.98
    assert least_room_m(area, plan, within) >= CLEARANCE_M - 0.05


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_two_hundred_random_areas() -> None:
    shares, rooms = [], []
    for seed in range(200):
        area, plan, lines, within = surveyed(seed)
        shares.append(share_seen(area, plan, lines, seed))
        rooms.append(least_room_m(area, plan, within))
    print(f"\nseeds 0-199: seen at least {min(shares):.4f}, mean {np.mean(shares):.4f}; room {min(rooms):.2f} m")
    assert min(shares) >= 0.98
    assert min(rooms) >= CLEARANCE_M - 0.05


def convex_km2(seed: int) -> Polygon:
    """A random convex area of 1 km2, at most four times as long as wide."""
    rng, aspect = np.random.default_rng(seed), np.inf
    while aspect > 4.0:
        hull = MultiPoint(rng.normal(size=(rng.integers(4, 40), 2)) * [1.0, rng.uniform(0.3, 1.0)]).convex_hull
        sides = np.hypot(*np.diff(np.asarray(shapely.minimum_rotated_rectangle(hull).exterior.coords)[:3], axis=0).T)
        aspect = sides.max() / sides.min()
    return shapely.affinity.scale(hull, *(2 * [1000.0 / np.sqrt(hull.area)]), origin=(0.0, 0.0))


@pytest.mark.parametrize(
    ("seed", "swath_m"), [(0, 60.0), (1, 40.0), (2, 30.0), (5, 60.0), (9, 60.0), (9, 80.0), (15, 80.0)]
)
def test_the_track_over_a_convex_km2_is_near_the_lower_bound(seed: int, swath_m: float) -> None:
    area = convex_km2(seed)
    frame = Frame(0.5 * swath_m, 0.33 * swath_m)
    plan = plan_survey(SurveyRequest(area, Lines(frame, swath_m, -frame.along_m)))
    assert plan.track.length_m <= 1.15 * area.area / swath_m
    assert plan.coverage >= 0.98


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_convex_areas_by_swath() -> None:
    for swath_m in (20.0, 30.0, 40.0, 60.0, 80.0):
        frame = Frame(0.5 * swath_m, 0.33 * swath_m)
        ratios, shares = [], []
        for seed in range(40):
            area = convex_km2(seed)
            plan = plan_survey(SurveyRequest(area, Lines(frame, swath_m, -frame.along_m)))
            ratios.append(plan.track.length_m * swath_m / area.area)
            shares.append(plan.coverage)
        print(f"\nswath {swath_m:g} m, 40 areas: mean {np.mean(ratios):.3f}, worst {max(ratios):.3f}, ", end="")
        print(f"seen at least {min(shares):.4f}")
        assert max(ratios) <= 1.15
        assert min(shares) >= 0.99


@pytest.mark.parametrize("seed", [6, 23])
def test_strips_that_touch_along_whole_sides_count_as_seen(seed: int) -> None:
    """The exact overlay of these takes a tenth of the area for unseen."""
    frame = Frame(10.0, 6.6)
    plan = plan_survey(SurveyRequest(convex_km2(seed), Lines(frame, 20.0, -frame.along_m)))
    assert plan.coverage >= 0.99


def test_still_air_chooses_the_long_way_and_a_headwind_costs() -> None:
    strip = area_en(np.array([[0.0, 0.0], [800.0, 0.0], [800.0, 90.0], [0.0, 90.0]]))
    lines = Lines(Frame(15.0, 10.0), 30.0)
    plan = plan_survey(SurveyRequest(strip, lines))
    assert plan.bearing_deg == pytest.approx(90.0)
    assert plan.track.length_m < 800.0 * 3 + 100.0
    quad = load_vehicle("quad_2kg")
    still, windy = (FlightCost(8.0, wind, quad) for wind in ((0.0, 0.0), (9.0, 0.0)))
    assert windy.of_track(plan.track.points_en_m) > still.of_track(plan.track.points_en_m)


def test_a_strong_wind_turns_the_lines_of_a_square() -> None:
    quad = load_vehicle("quad_2kg")
    lines = Lines(Frame(15.0, 10.0), 30.0)
    fast = quad.max_speed_m_s
    found = {}
    for name, wind in (("east", (0.75 * fast, 0.0)), ("north", (0.0, 0.75 * fast))):
        cost = FlightCost(0.6 * fast, wind, quad)
        plans = [plan_survey(SurveyRequest(area_en(SQUARE), lines, bearing_deg=b, cost=cost)) for b in (0.0, 90.0)]
        chosen = plan_survey(SurveyRequest(area_en(SQUARE), lines, cost=cost))
        costs = [cost.of_track(p.track.points_en_m) for p in plans]
        assert cost.of_track(chosen.track.points_en_m) <= min(costs) * 1.001
        found[name] = int(np.argmin(costs))
    assert found["east"] != found["north"], "what is best turns with the wind"


def test_a_wind_that_nobody_can_fly_in_is_refused() -> None:
    cost = FlightCost(8.0, (40.0, 0.0), load_vehicle("quad_2kg"))
    with pytest.raises(InputError, match="wind"):
        plan_survey(SurveyRequest(area_en(SQUARE), Lines(Frame(15.0, 10.0), 30.0), cost=cost))


def test_twice_crosswise_is_twice_as_long() -> None:
    lines = Lines(Frame(15.0, 10.0), 30.0)
    once, twice = (
        plan_survey(SurveyRequest(area_en(SQUARE), lines, bearing_deg=0.0, crosswise=c)) for c in (False, True)
    )
    assert twice.track.length_m == pytest.approx(2.0 * once.track.length_m, rel=0.05)


def test_what_cannot_be_seen_is_told() -> None:
    wall = shapely.box(140.0, -500.0, 160.0, 800.0)
    lines = Lines(Frame(15.0, 10.0), 30.0)
    keep_in = shapely.box(-10.0, -10.0, 310.0, 310.0)
    plan = plan_survey(SurveyRequest(area_en(SQUARE), lines, wall, keep_in, start_en_m=(250.0, 0.0)))
    assert plan.track.points_en_m[:, 0].min() > 160.0, "it stays on the side that it comes from"
    assert plan.notes and plan.area.unreachable_m2 == pytest.approx(140.0 * 300.0, rel=0.01)


def test_many_fine_lines_in_a_square_without_corners_to_go_round() -> None:
    square = area_en(SQUARE)
    plan = plan_survey(SurveyRequest(square, Lines(Frame(0.3, 0.3), 0.6), keep_in=square, bearing_deg=33.0))
    assert plan.coverage >= 0.98


@pytest.mark.parametrize(
    ("outer", "holes", "said"),
    [
        (SQUARE[:2], (), "three or more"),
        (SQUARE[[0, 2, 1, 3]], (), "cross"),
        (SQUARE * 1e4, (), "within 50 km"),
        (SQUARE, (np.array([[-9.0, -9.0], [400.0, -9.0], [400.0, 400.0], [-9.0, 400.0]]),), "some area left"),
        (SQUARE * np.nan, (), "finite"),
    ],
)
def test_areas_that_are_none_are_refused(outer: Array, holes: tuple[Array, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        area_en(outer, holes)


def test_lines_beyond_count_are_refused() -> None:
    with pytest.raises(InputError, match="lines"):
        plan_survey(SurveyRequest(area_en(SQUARE * 20.0), Lines(Frame(0.5, 0.5), 0.9), bearing_deg=0.0))
