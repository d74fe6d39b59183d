"""What a ground station wrote is there again after reading and writing: items, fence, rally points and head."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plan_files import (
    HOME,
    Json,
    every_simple,
    height,
    home_again,
    item,
    mission_planner,
    place,
    plan,
    samples,
    survey,
    takeoff,
    text,
)

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
    Land,
    Loiter,
    Orbit,
    Plan,
    PlanCamera,
    RallyPoint,
    ReturnHome,
    Survey,
    Takeoff,
    Waypoint,
    from_json,
    to_json,
)
from lenger_core.resources import config_path
from lenger_core.terrain import load_terrain
from lenger_mission.expand import Context
from lenger_mission.formats.plan_file import parse_qgc, read_qgc, to_qgc, write_qgc
from lenger_mission.load import load_plan

SAMPLES = dict(samples())


def read(tree: Json) -> Plan:
    return parse_qgc(text(tree), "p", "p.plan")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_the_same_after_plan_ours_plan(name: str) -> None:
    ours = to_json(read(SAMPLES[name]))
    again, notes = to_qgc(from_json(ours, "ours.json"))
    assert json.loads(again) == SAMPLES[name]
    assert again == text(SAMPLES[name])
    assert not [note for note in notes if "terrain" not in note]


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_also_the_same_where_the_ground_is_known(name: str) -> None:
    assert json.loads(to_qgc(read(SAMPLES[name]), Context(terrain=load_terrain()))[0]) == SAMPLES[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_our_own_writing_means_the_same_without_the_files_words(name: str) -> None:
    plan = read(SAMPLES[name])
    bare = plan.model_copy(
        update={"as_read": "", "items": tuple(i.model_copy(update={"as_read": ""}) for i in plan.items)}
    )
    again = parse_qgc(to_qgc(bare)[0], "p", "again.plan")
    for ours, theirs in zip(again.items, plan.items, strict=True):
        if isinstance(theirs, Survey | Corridor):
            assert ours.model_copy(update={"planned": ()}) == theirs.model_copy(update={"planned": ()})
            assert isinstance(ours, Survey | Corridor)
            assert [type(step) for step in ours.planned] == [type(step) for step in theirs.planned]
        elif theirs.as_read and '"command":93' in theirs.as_read:
            assert isinstance(theirs, Loiter) and ours == theirs
        else:
            assert ours == theirs
    assert (again.fence_polygons, again.fence_circles, again.rally) == (
        plan.fence_polygons,
        plan.fence_circles,
        plan.rally,
    )
    assert (again.home, again.cruise_speed_m_s) == (plan.home, plan.cruise_speed_m_s)


def test_every_simple_item_is_what_it_says() -> None:
    above, ground = Datum.HOME, Datum.AGL
    items = read(plan(every_simple())).items
    assert items[:3] == (
        Takeoff(height=Height(value_m=50, datum=above)),
        ChangeSpeed(speed_m_s=6.5),
        Waypoint(lat_deg=place(0, 100)[0], lon_deg=place(0, 100)[1], height=Height(value_m=40.5, datum=above)),
    )
    assert isinstance(items[3], Waypoint) and items[3].heading_deg == 90.0
    assert [i.height for i in items[4:6] if isinstance(i, Waypoint)] == [
        Height(value_m=60, datum=ground),
        Height(value_m=50, datum=ground),
    ]
    by_time, by_turns, delay = items[6:9]
    assert isinstance(by_time, Loiter) and by_time.time_s == 30.0
    assert isinstance(by_turns, Loiter)
    assert (by_turns.turns, by_turns.radius_m, by_turns.clockwise) == (2.0, 25.0, False)
    assert isinstance(delay, Loiter) and (delay.time_s, delay.lat_deg) == (12.0, by_turns.lat_deg)
    assert [i.action for i in items if isinstance(i, CameraAction)] == [
        CameraDo.START_DISTANCE,
        CameraDo.STOP,
        CameraDo.START_TIME,
        CameraDo.STOP,
        CameraDo.PHOTO,
        CameraDo.POINT,
        CameraDo.POINT,
        CameraDo.VIDEO_START,
        CameraDo.VIDEO_STOP,
    ]
    assert isinstance(items[19], Foreign) and items[19].command == 530
    assert isinstance(items[20], Land)


def test_a_survey_is_what_it_says() -> None:
    item = read(SAMPLES["survey, altitude mode 3"]).items[1]
    assert isinstance(item, Survey)
    assert item.height == Height(value_m=60.5, datum=Datum.AGL)
    assert item.camera == PlanCamera(
        name="Our 24",
        sensor_width_mm=23.5,
        sensor_height_mm=15.6,
        image_width_px=6000,
        image_height_px=4000,
        focal_length_mm=16.0,
        min_trigger_interval_s=1.0,
    )
    assert (item.frontal_overlap_percent, item.side_overlap_percent) == (75.0, 65.0)
    assert (item.angle_deg, item.entry, item.turnaround_m, item.capture) == (0.0, 2, 10.0, Capture.DISTANCE)
    assert item.area[1] == tuple(place(150, 40)) and len(item.planned) == 18
    manual = read(SAMPLES["survey of a manual camera"]).items[1]
    assert isinstance(manual, Survey) and manual.camera is None
    assert (manual.line_spacing_m, manual.photo_distance_m) == (25.0, 25.0)
    old = read(SAMPLES["survey of an old file"]).items[1]
    assert isinstance(old, Survey) and old.height.datum is Datum.HOME


def test_a_corridor_is_what_it_says() -> None:
    item = read(SAMPLES["corridor and survey"]).items[1]
    assert isinstance(item, Corridor)
    assert (item.width_m, item.entry, len(item.line), len(item.planned)) == (120.0, 1, 3, 18)


def test_an_item_that_was_changed_is_written_as_it_is_now() -> None:
    plan = read(SAMPLES["corridor and survey"])
    first, corridor, *others = plan.items
    assert isinstance(first, Takeoff) and isinstance(corridor, Corridor)
    changed = first.model_copy(update={"height": Height(value_m=35.0, datum=Datum.HOME)})
    wider = corridor.model_copy(update={"width_m": 80.0})
    edited = plan.model_copy(update={"items": (changed, wider, *others)})
    written = json.loads(to_qgc(edited)[0])["mission"]["items"]
    assert written[0]["params"][6] == written[0]["Altitude"] == 35
    assert written[1]["CorridorWidth"] == 80
    assert written[2:] == SAMPLES["corridor and survey"]["mission"]["items"][2:]


def test_numbers_that_would_be_there_twice_are_counted_anew() -> None:
    plan = read(SAMPLES["numbers of another program"])
    more = plan.model_copy(update={"items": (*plan.items[:2], *plan.items[1:2], plan.items[2])})
    written = json.loads(to_qgc(more)[0])["mission"]["items"]
    assert [entry["doJumpId"] for entry in written] == [1, 2, 3, 4]
    read(json.loads(to_qgc(more)[0]))


def test_a_speed_that_was_changed_is_written() -> None:
    plan = read(SAMPLES["simple items"]).model_copy(update={"cruise_speed_m_s": 9.0})
    mission = json.loads(to_qgc(plan)[0])["mission"]
    assert (mission["hoverSpeed"], mission["cruiseSpeed"]) == (9, 15)


def test_mission_planner_is_read_and_its_zeros_mean_nothing() -> None:
    plan = read(mission_planner())
    assert plan.cruise_speed_m_s is None
    assert plan.items == (
        Takeoff(height=Height(value_m=30, datum=Datum.HOME)),
        Waypoint(lat_deg=place(0, 90)[0], lon_deg=place(0, 90)[1], height=Height(value_m=40, datum=Datum.HOME)),
        ReturnHome(),
    )
    again = json.loads(to_qgc(from_json(to_json(plan), "x"))[0])
    # It numbers every item 0.
    theirs = [{**entry, "doJumpId": n} for n, entry in enumerate(mission_planner()["mission"]["items"], start=1)]
    assert again["mission"]["items"] == theirs


def test_a_mission_of_mission_planner_may_fly(tmp_path: Path) -> None:
    path = tmp_path / "field.mission"
    path.write_text(text(mission_planner()))
    assert load_plan(path).name == "field"


def made(*items: object) -> Plan:
    first = Takeoff(height=Height(value_m=30.0, datum=Datum.HOME))
    return Plan(name="made", home=Home(lat_deg=HOME[0], lon_deg=HOME[1]), items=(first, *items, ReturnHome()))  # type: ignore[arg-type]


def way(east: float, north: float, datum: Datum = Datum.AGL, speed_m_s: float | None = None) -> Waypoint:
    lat, lon = place(east, north)
    return Waypoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=60.0, datum=datum), speed_m_s=speed_m_s)


def test_heights_above_ground_are_written_over_known_ground_or_in_the_terrain_frame() -> None:
    terrain = load_terrain()
    plan = made(way(0, 300))
    known, notes = to_qgc(plan, Context(terrain=terrain))
    entry = json.loads(known)["mission"]["items"][1]
    lat, lon = place(0, 300)
    assert (entry["frame"], entry["AltitudeMode"], entry["Altitude"]) == (0, 3, 60)
    assert entry["params"][6] == pytest.approx(terrain.height_amsl_m(lat, lon) + 60.0, abs=1e-3)
    assert any("at the waypoints only" in note for note in notes)
    unknown, notes = to_qgc(plan)
    entry = json.loads(unknown)["mission"]["items"][1]
    assert (entry["frame"], entry["AltitudeMode"], entry["params"][6]) == (10, 4, 60)
    assert any("terrain frame" in note for note in notes)
    assert parse_qgc(known, "made", "k").items == parse_qgc(unknown, "made", "u").items == plan.items


def test_off_the_terrain_the_terrain_frame_is_written() -> None:
    far = Waypoint(lat_deg=10.0, lon_deg=10.0, height=Height(value_m=60.0, datum=Datum.AGL))
    entry = json.loads(to_qgc(made(far), Context(terrain=load_terrain()))[0])["mission"]["items"][1]
    assert (entry["frame"], entry["AltitudeMode"]) == (10, 4)


def test_rally_points_are_written_above_home() -> None:
    lat, lon = place(50, 50)
    heights = [Height(value_m=20.0, datum=Datum.HOME), Height(value_m=800.0, datum=Datum.AMSL)]
    heights.append(Height(value_m=20.0, datum=Datum.AGL))
    rally = tuple(RallyPoint(lat_deg=lat, lon_deg=lon, height=h) for h in heights)
    plan = made(way(0, 300, Datum.HOME)).model_copy(
        update={"rally": rally, "home": Home(lat_deg=HOME[0], lon_deg=HOME[1], alt_amsl_m=HOME[2])}
    )
    terrain = load_terrain()
    over_ground = terrain.height_amsl_m(lat, lon) + 20.0 - HOME[2]
    written, notes = to_qgc(plan, Context(terrain=terrain))
    points = [point[2] for point in json.loads(written)["rallyPoints"]["points"]]
    assert points == pytest.approx([20.0, 800.0 - HOME[2], over_ground], abs=1e-3) and not notes
    written, notes = to_qgc(plan)
    assert json.loads(written)["rallyPoints"]["points"][2][2] == 20 and "20 m agl" in notes[0]


@pytest.mark.parametrize("words", ["{", "[]", '{"mission":{"vehicleType":[]}}', '{"":{"x":NaN}}', '{"mission":7}'])
def test_words_that_somebody_broke_are_not_written(words: str) -> None:
    plan = read(SAMPLES["simple items"])
    broken = plan.items[0].model_copy(update={"as_read": words})
    edited = plan.model_copy(update={"as_read": words, "items": (broken, *plan.items[1:])})
    assert parse_qgc(to_qgc(edited)[0], "p", "again.plan").items == plan.items


def test_a_speed_of_a_waypoint_becomes_an_item_before_it() -> None:
    again = parse_qgc(to_qgc(made(way(0, 300, Datum.HOME, speed_m_s=4.0)))[0], "made", "x")
    assert again.items[1:3] == (ChangeSpeed(speed_m_s=4.0), way(0, 300, Datum.HOME))


def test_what_the_format_has_no_item_for_becomes_waypoints_and_is_told() -> None:
    lat, lon = place(0, 200)
    orbit = Orbit(lat_deg=lat, lon_deg=lon, radii_m=(40.0,), heights=(Height(value_m=50.0, datum=Datum.HOME),))
    written, notes = to_qgc(made(orbit))
    count = len(json.loads(written)["mission"]["items"]) - 2
    assert count >= 8 and f"QGroundControl has no orbit item: item 1 is written as its {count} simple items" in notes
    assert all(isinstance(step, Waypoint) for step in parse_qgc(written, "made", "x").items[1:-1])


def test_our_own_survey_is_written_with_its_lines() -> None:
    area = tuple((lat, lon) for lat, lon in (place(0, 100), place(400, 100), place(400, 400), place(0, 400)))
    hole = tuple((lat, lon) for lat, lon in (place(150, 200), place(250, 200), place(200, 300)))
    survey = Survey(
        area=area,
        holes=(hole,),
        height=Height(value_m=80.0, datum=Datum.AGL),
        camera=PlanCamera(
            sensor_width_mm=23.5,
            sensor_height_mm=15.6,
            image_width_px=6000,
            image_height_px=4000,
            focal_length_mm=16.0,
        ),
        speed_m_s=8.0,
    )
    written, notes = to_qgc(made(survey))
    again = parse_qgc(written, "made", "x").items[1]
    assert isinstance(again, Survey)
    assert (again.area, again.height, again.camera) == (
        survey.area,
        survey.height,
        survey.camera.model_copy(update={"name": "Custom Camera"}) if survey.camera else None,
    )
    assert any("holes" in note for note in notes)
    legs = [step for step in again.planned if isinstance(step, Waypoint)]
    assert len(legs) >= 8 and again.planned[0] == ChangeSpeed(speed_m_s=8.0)
    calc = json.loads(written)["mission"]["items"][1]["TransectStyleComplexItem"]["CameraCalc"]
    assert calc["AdjustedFootprintSide"] == pytest.approx(80.0 * 23.5 / 16.0 * 0.4)
    assert calc["AdjustedFootprintFrontal"] == pytest.approx(80.0 * 15.6 / 16.0 * 0.3)
    assert calc["ImageDensity"] == pytest.approx(100.0 * 80.0 * 23.5 / 16.0 / 6000)


def test_the_plan_that_ships_comes_back(tmp_path: Path) -> None:
    shipped = config_path("plans", "first_patrol.plan")
    plan = read_qgc(shipped)
    write_qgc(plan, tmp_path / "again.plan")
    assert json.loads((tmp_path / "again.plan").read_text()) == json.loads(shipped.read_text())


def test_items_after_a_complex_one_are_counted_on_from_its_simple_ones() -> None:
    after = item(20, 16, 3, [0, 0, 0, None, *place(5, 5), 50], **height(1, 50))
    assert not read(plan([takeoff(), survey(2, 1, 50), after, home_again(21)])).items[2].as_read
    assert read(plan([takeoff(), survey(2, 1, 50), {**after, "doJumpId": 3}, home_again(4)])).items[2].as_read
