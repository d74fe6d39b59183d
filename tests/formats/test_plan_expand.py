"""Plans with areas, lines, searches and orbits become flat plans that can be flown."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest
from plan_files import HOME, place, plan, samples, text
from shapely.geometry import LinearRing, LineString, Point, Polygon

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame, distance_m
from lenger_core.plans import (
    CameraAction,
    CameraDo,
    Capture,
    ChangeSpeed,
    Corridor,
    Datum,
    Foreign,
    Height,
    Home,
    Loiter,
    Orbit,
    Perimeter,
    Plan,
    PlanCamera,
    PlanItem,
    ReturnHome,
    Search,
    SearchKind,
    Simple,
    Survey,
    Takeoff,
    Waypoint,
)
from lenger_mission.expand import Context, Expanded, expand, flyable
from lenger_mission.formats.plan_file import parse_qgc

AGL = Height(value_m=80.0, datum=Datum.AGL)
ABOVE_HOME = Height(value_m=80.0, datum=Datum.HOME)
FRAME = LocalFrame(HOME[0], HOME[1], 0.0)
CAMERA = PlanCamera(
    sensor_width_mm=23.5, sensor_height_mm=15.6, image_width_px=6000, image_height_px=4000, focal_length_mm=16.0
)
AREA = tuple((lat, lon) for lat, lon in (place(0, 100), place(300, 100), place(300, 400), place(0, 400)))


def made(*items: PlanItem, speed: float | None = 7.0) -> Plan:
    first = Takeoff(height=Height(value_m=30.0, datum=Datum.HOME))
    home = Home(lat_deg=HOME[0], lon_deg=HOME[1])
    return Plan(name="made", home=home, items=(first, *items, ReturnHome()), cruise_speed_m_s=speed)


def local(items: list[Simple]) -> np.ndarray:
    ways = [item for item in items if isinstance(item, Waypoint)]
    return FRAME.to_local_many(np.array([w.lat_deg for w in ways]), np.array([w.lon_deg for w in ways]))[:, :2]


def survey(
    capture: Capture = Capture.DISTANCE, speed_m_s: float | None = None, photos_in_turns: bool = False
) -> Survey:
    return Survey(
        area=AREA,
        height=AGL,
        camera=CAMERA,
        angle_deg=0.0,
        capture=capture,
        speed_m_s=speed_m_s,
        photos_in_turns=photos_in_turns,
    )


def test_a_flat_plan_is_itself() -> None:
    flat = made(Waypoint(lat_deg=42.18, lon_deg=69.88, height=AGL))
    assert expand(flat) == Expanded(flat, (0, 1, 2))
    assert flyable(flat, "made").plan is flat


def test_a_survey_becomes_lines_over_its_area_with_photos_on_them() -> None:
    wide = expand(made(survey()))
    assert wide.plan.is_flat and wide.sources == (0, *[1] * (len(wide.sources) - 2), 2)
    items = wide.of(1)
    assert all(item.height == AGL for item in items if isinstance(item, Waypoint))
    on = [item for item in items if isinstance(item, CameraAction)]
    assert [item.action for item in on] == [CameraDo.START_DISTANCE, CameraDo.STOP] * (len(on) // 2)
    trigger = 80.0 * 15.6 / 16.0 * 0.3
    assert all(0.5 * trigger < item.distance_m <= trigger for item in on[::2] if item.distance_m)
    lines = LineString(local(items)).buffer(0.5 * 80.0 * 23.5 / 16.0)
    inside = Polygon(FRAME.to_local_many(*np.array(AREA).T)[:, :2])
    assert lines.intersection(inside).area > 0.99 * inside.area


def test_photos_in_turns_are_one_run_and_hovering_photos_are_one_each() -> None:
    actions = [i.action for i in expand(made(survey(photos_in_turns=True))).of(1) if isinstance(i, CameraAction)]
    assert actions == [CameraDo.START_DISTANCE, CameraDo.STOP]
    hovering = expand(made(survey(Capture.HOVER))).of(1)
    stops = [item for item in hovering if isinstance(item, Waypoint) and item.hold_s > 0]
    photos = [item for item in hovering if isinstance(item, CameraAction)]
    assert len(stops) == len(photos) > 10 and {p.action for p in photos} == {CameraDo.PHOTO}
    assert not [i for i in expand(made(survey(Capture.NONE))).of(1) if isinstance(i, CameraAction)]


@pytest.mark.parametrize(("before", "after"), [(7.0, [ChangeSpeed(speed_m_s=7.0)]), (None, []), (5.0, [])])
def test_a_pattern_has_its_own_speed_and_gives_the_old_one_back(before: float | None, after: list[Simple]) -> None:
    items = expand(made(survey(speed_m_s=5.0), speed=before)).of(1)
    assert items[0] == ChangeSpeed(speed_m_s=5.0)
    assert [item for item in items[1:] if isinstance(item, ChangeSpeed)] == after


def test_lines_that_came_with_a_survey_are_flown_as_they_came_over_the_ground() -> None:
    trees = dict(samples())
    file = parse_qgc(text(trees["survey, altitude mode 3"]), "p", "p.plan")
    theirs = file.items[1]
    assert isinstance(theirs, Survey)
    ours = expand(file).of(1)
    assert [type(item) for item in ours] == [type(item) for item in theirs.planned]
    assert np.array_equal(local(ours), local(list(theirs.planned)))
    heights = {item.height for item in ours if isinstance(item, Waypoint)}
    assert heights == {Height(value_m=60.5, datum=Datum.AGL)}
    level = parse_qgc(text(trees["survey, altitude mode 2"]), "p", "p.plan")
    assert {i.height for i in expand(level).of(1) if isinstance(i, Waypoint)} == {
        Height(value_m=900.0, datum=Datum.AMSL)
    }


@pytest.mark.parametrize("kind", list(SearchKind))
def test_searches_become_waypoints(kind: SearchKind) -> None:
    lat, lon = place(0, 800)
    wanted = Search(kind=kind, height=AGL, lat_deg=lat, lon_deg=lon, radius_m=300.0, leg_spacing_m=60.0, area=AREA)
    items = expand(made(wanted)).of(1)
    assert len(items) >= 5 and all(isinstance(item, Waypoint) and item.height == AGL for item in items)


def test_an_expanding_square_begins_into_the_wind() -> None:
    lat, lon = place(0, 800)
    wanted = Search(
        kind=SearchKind.EXPANDING_SQUARE, height=AGL, lat_deg=lat, lon_deg=lon, radius_m=300.0, leg_spacing_m=60.0
    )
    points = local(expand(made(wanted), Context(wind_en_m_s=(-5.0, 0.0))).of(1))
    east, north = points[1] - points[0]
    assert east > 0 and abs(north) < 0.01 * east


def test_an_orbit_faces_its_centre() -> None:
    lat, lon = place(0, 500)
    orbit = Orbit(lat_deg=lat, lon_deg=lon, radii_m=(50.0, 80.0), heights=(AGL, ABOVE_HOME))
    items = expand(made(orbit)).of(1)
    away = local(items) - FRAME.to_local_many(np.array([lat]), np.array([lon]))[:, :2]
    for item, (east, north) in zip(items, away, strict=True):
        assert isinstance(item, Waypoint) and item.heading_deg is not None
        inward = np.degrees(np.arctan2(-east, -north)) % 360.0
        assert abs((item.heading_deg - inward + 180.0) % 360.0 - 180.0) < 0.2
        assert min(abs(hypot(east, north) - 50.0), abs(hypot(east, north) - 80.0)) < 1.0
    assert {item.height for item in items} == {AGL, ABOVE_HOME}


def test_loiters_are_flown_as_waypoints() -> None:
    lat, lon = place(0, 200)
    wait = Loiter(lat_deg=lat, lon_deg=lon, height=AGL, time_s=30.0)
    around = Loiter(lat_deg=lat, lon_deg=lon, height=AGL, turns=2.0, radius_m=25.0, clockwise=False)
    flown = flyable(made(wait, around), "made")
    assert flown.of(1) == [Waypoint(lat_deg=lat, lon_deg=lon, height=AGL, hold_s=30.0)]
    ring = local(flown.of(2)) - FRAME.to_local_many(np.array([lat]), np.array([lon]))[:, :2]
    assert np.abs(np.hypot(*ring.T) - 25.0).max() < 1.0
    turned = np.degrees(np.unwrap(np.arctan2(ring[:, 1], ring[:, 0])))
    assert turned[-1] - turned[0] == pytest.approx(720.0, abs=1.0)


def test_commands_that_do_not_change_the_way_are_left_out_and_others_stop_the_flight() -> None:
    harmless = Foreign(command=530, frame=2, params=(0, 2, None, None, None, None, None))
    flown = flyable(made(harmless, Waypoint(lat_deg=42.18, lon_deg=69.88, height=AGL)), "made")
    assert [item.type for item in flown.plan.items] == ["takeoff", "waypoint", "return"]
    assert flown.sources == (0, 2, 3) and "530 (camera mode)" in flown.notes[0]
    with pytest.raises(InputError, match=r"made: items\[1\]\.command: got '183 \(servo\)'"):
        flyable(made(harmless.model_copy(update={"command": 183})), "made")


def test_what_cannot_be_planned_names_its_item() -> None:
    with pytest.raises(InputError, match=r"^field\.json: items\[1\]\.camera"):
        flyable(made(survey().model_copy(update={"camera": None})), "field.json")
    crossed = survey().model_copy(update={"area": (AREA[0], AREA[2], AREA[1], AREA[3])})
    with pytest.raises(InputError, match=r"items\[1\]\..*cross"):
        expand(made(crossed))


def test_items_go_on_from_where_the_one_before_ended() -> None:
    first, second = place(400, 100), place(-400, 100)
    orbits = [
        Orbit(lat_deg=lat, lon_deg=lon, radii_m=(50.0,), heights=(AGL,), face_centre=False)
        for lat, lon in (first, second)
    ]
    wide = expand(made(*orbits))
    end, begin = wide.of(1)[-1], wide.of(2)[0]
    gap = distance_m(end.lat_deg, end.lon_deg, begin.lat_deg, begin.lon_deg)
    assert gap < distance_m(end.lat_deg, end.lon_deg, *second)


def test_a_plan_that_becomes_too_long_is_refused() -> None:
    rings = Orbit(lat_deg=HOME[0], lon_deg=HOME[1], radii_m=(500.0,), heights=(AGL,), turns=100.0)
    with pytest.raises(InputError, match=r"more than .* simple items.*at most 10000"):
        expand(made(rings, rings, rings))


def test_a_corridor_becomes_lanes_along_its_line() -> None:
    line = tuple((lat, lon) for lat, lon in (place(0, 100), place(20, 300), place(0, 500)))
    corridor = Corridor(line=line, width_m=120.0, height=AGL, camera=CAMERA)
    items = expand(made(corridor)).of(1)
    points = local(items)
    middle = LineString(FRAME.to_local_many(*np.array(line).T)[:, :2])
    assert max(middle.distance(Point(point)) for point in points) < 61.0
    strip = middle.buffer(60.0, cap_style="flat")
    seen = LineString(points).buffer(0.5 * 80.0 * 23.5 / 16.0)
    assert seen.intersection(strip).area > 0.97 * strip.area
    assert any(isinstance(item, CameraAction) for item in items)


def test_a_perimeter_goes_round_inside_its_edge() -> None:
    perimeter = Perimeter(area=AREA, height=AGL, inset_m=20.0, laps=2, clockwise=False)
    items = expand(made(perimeter)).of(1)
    assert all(isinstance(item, Waypoint) for item in items)
    edge = Polygon(FRAME.to_local_many(*np.array(AREA).T)[:, :2])
    lap = LineString(local(items))
    assert lap.length == pytest.approx(2 * 4 * 260.0, rel=0.01)
    assert edge.exterior.distance(lap) == pytest.approx(20.0, abs=0.2)
    assert LinearRing(local(items)[:5]).is_ccw


def test_a_plan_file_with_a_survey_may_fly() -> None:
    trees = dict(samples())
    assert plan([])["fileType"] == "Plan"
    flown = flyable(parse_qgc(text(trees["corridor and survey"]), "p", "p.plan"), "p.plan")
    assert flown.plan.is_flat and len(flown.plan.waypoints) == 24
