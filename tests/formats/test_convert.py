"""Conversion between plan and map files: what arrives, what is told, and that nothing is lost without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.plans import (
    CameraAction,
    CameraDo,
    ChangeSpeed,
    Datum,
    FenceCircle,
    FencePolygon,
    Foreign,
    Height,
    Home,
    Land,
    Loiter,
    Orbit,
    Plan,
    PlanItem,
    RallyPoint,
    ReturnHome,
    Takeoff,
    Waypoint,
    from_json,
    to_json,
    write_plan,
)
from lenger_core.resources import config_path
from lenger_mission.formats.areas import Kind, load_areas
from lenger_mission.formats.convert import convert, save_plan, text_of_plan
from lenger_mission.formats.losses import losses
from lenger_mission.formats.waypoints_file import parse_waypoints
from lenger_mission.load import read_any

FIRST = config_path("plans", "first_patrol.plan")
PLANS = (".plan", ".json", ".waypoints", ".txt")
RING = ((42.18, 69.88), (42.18, 69.89), (42.19, 69.89))


def height(value: float, datum: Datum = Datum.HOME) -> Height:
    return Height(value_m=value, datum=datum)


def waypoint(**changes: Any) -> Waypoint:
    return Waypoint(lat_deg=42.183, lon_deg=69.888, height=height(40.0)).model_copy(update=changes)


def plan_of(*items: PlanItem, **more: Any) -> Plan:
    home = Home(lat_deg=42.1819, lon_deg=69.8878, alt_amsl_m=766.0)
    return Plan(name="p", home=home, items=(Takeoff(height=height(30.0)), *items), **more)


RICH = plan_of(
    waypoint(heading_deg=90.0, hold_s=4.0, acceptance_radius_m=3.0),
    CameraAction(action=CameraDo.START_DISTANCE, distance_m=20.0),
    waypoint(lat_deg=42.186, height=height(830.0, Datum.AMSL)),
    CameraAction(action=CameraDo.STOP),
    ChangeSpeed(speed_m_s=4.0),
    Loiter(lat_deg=42.185, lon_deg=69.889, height=height(50.0), turns=2.0, radius_m=30.0),
    Foreign(command=183, frame=2, params=(6.0, 1400.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
    Land(lat_deg=42.182, lon_deg=69.888),
    fence_polygons=(FencePolygon(inclusion=True, vertices=RING),),
    fence_circles=(FenceCircle(inclusion=False, lat_deg=42.18, lon_deg=69.88, radius_m=100.0),),
    rally=(RallyPoint(lat_deg=42.18, lon_deg=69.88, height=height(20.0)),),
)


@pytest.mark.parametrize("ending", PLANS)
def test_every_plan_format_carries_the_items(ending: str, tmp_path: Path) -> None:
    source, target, back = tmp_path / "a.json", tmp_path / f"b{ending}", tmp_path / "c.json"
    write_plan(RICH, source)
    there = convert(source, target)
    assert there.what == "9 items"
    convert(target, back)
    again = read_any(back)
    assert losses(RICH, again) == ()
    told = " ".join(there.notes)
    for word in ("fence", "rally"):
        assert (word in told) == (ending in (".waypoints", ".txt"))
    if ending in (".plan", ".json"):
        assert (again.fence_polygons, again.fence_circles) == (RICH.fence_polygons, RICH.fence_circles)
        assert again.rally == RICH.rally


@pytest.mark.parametrize("ending", PLANS)
def test_the_first_patrol_goes_everywhere_and_back(ending: str, tmp_path: Path) -> None:
    target, back = tmp_path / f"b{ending}", tmp_path / "back.plan"
    convert(FIRST, target)
    convert(target, back)
    assert losses(read_any(FIRST), read_any(back)) == ()


@pytest.mark.parametrize("ending", [".kml", ".geojson"])
def test_a_plan_on_a_map(ending: str, tmp_path: Path) -> None:
    source, target = tmp_path / "a.json", tmp_path / f"b{ending}"
    write_plan(RICH, source)
    told = convert(source, target).notes
    found = load_areas(target)
    by_name = {feature.name: feature for feature in found.features}
    assert by_name["home"].outline == ((42.1819, 69.8878),)
    assert by_name["track"].outline[0] == (42.1819, 69.8878) and by_name["track"].outline[-1] == (42.182, 69.888)
    assert by_name["3 waypoint"].heights_m == (830.0,)
    assert by_name["1 waypoint"].heights_m == (806.0,) and by_name["1 waypoint"].datum is Datum.AMSL
    assert by_name["fence polygon 1"].outline == RING
    assert by_name["fence circle 1"].kind is Kind.AREA and len(by_name["fence circle 1"].outline) == 72
    assert by_name["rally 1"].kind is Kind.POINT
    assert any("no program makes the plan of it again" in note for note in told)
    assert any("camera, change_speed, foreign, takeoff" in note for note in told)
    if ending == ".geojson":
        features = json.loads(target.read_text(encoding="utf-8"))["features"]
        point = next(f for f in features if f["properties"]["name"] == "1 waypoint")
        assert point["properties"]["hold_s"] == 4.0 and point["properties"]["height_above"] == "home"


def test_a_circle_on_a_map_is_as_far_as_its_radius() -> None:
    circle = FenceCircle(inclusion=True, lat_deg=42.18, lon_deg=69.88, radius_m=1_000.0)
    from pyproj import Geod

    from lenger_mission.formats.areas_of_plan import features_of_plan

    features, _ = features_of_plan(plan_of(ReturnHome(), fence_circles=(circle,)))
    corners = next(f for f in features if f.name == "fence circle 1").outline
    for lat, lon in corners:
        assert Geod(ellps="WGS84").inv(69.88, 42.18, lon, lat)[2] == pytest.approx(1_000.0, rel=0.005)


def test_maps_become_maps_but_no_plans(tmp_path: Path) -> None:
    source = tmp_path / "a.geojson"
    ring = [[lon, lat] for lat, lon in (*RING, RING[0])]
    source.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")
    done = convert(source, tmp_path / "b.kml")
    assert (done.read, done.written, done.what) == ("GeoJSON map", "KML map", "1 features")
    assert load_areas(tmp_path / "b.kml").features[0].outline == RING
    with pytest.raises(InputError, match=r"got '\.geojson', expected a plan; .*lenger plan make"):
        convert(source, tmp_path / "b.plan")
    assert not (tmp_path / "b.plan").exists()


def test_patterns_become_what_they_are_flown_as_and_it_is_told(tmp_path: Path) -> None:
    orbit = Orbit(lat_deg=42.183, lon_deg=69.888, radii_m=(50.0,), heights=(height(40.0),))
    plan = plan_of(orbit, ReturnHome())
    for ending in (".plan", ".waypoints"):
        notes = save_plan(plan, tmp_path / f"a{ending}")
        assert any("orbit" in note and "item 1" in note for note in notes)
        assert not any("not the same" in note or "items where" in note for note in notes), notes
    assert save_plan(plan, tmp_path / "a.json") == ()
    assert read_any(tmp_path / "a.json").items == plan.items


def test_heights_above_ground_survive_where_the_terrain_is_not_known(tmp_path: Path) -> None:
    low = height(60.0, Datum.AGL)
    far = Plan(
        name="far",
        home=Home(lat_deg=-30.0, lon_deg=20.0),
        items=(Takeoff(height=height(30.0)), waypoint(lat_deg=-30.01, lon_deg=20.0, height=low), ReturnHome()),
    )
    source = tmp_path / "far.json"
    write_plan(far, source)
    for ending in PLANS:
        notes = convert(source, tmp_path / f"b{ending}").notes
        assert read_any(tmp_path / f"b{ending}").waypoints[0].height == low
        assert ending == ".json" or any("terrain frame" in note for note in notes)


changes = st.fixed_dictionaries(
    {},
    optional={
        "height": st.builds(Height, value_m=st.floats(-400, 8_000), datum=st.sampled_from([Datum.AMSL, Datum.HOME])),
        "speed_m_s": st.floats(0.1, 50),
        "acceptance_radius_m": st.floats(0.1, 500),
        "hold_s": st.floats(0, 3_600),
        "heading_deg": st.floats(-360, 360),
    },
)


@settings(max_examples=30)
@given(st.lists(changes, min_size=1, max_size=5), st.sampled_from([".plan", ".waypoints", ".json"]))
def test_nothing_is_lost_without_a_word(some: list[dict[str, Any]], ending: str) -> None:
    """Every format has every field of a waypoint, and the report by reading back agrees."""
    plan = plan_of(*(waypoint(lat_deg=42.183 + 1e-3 * k, **change) for k, change in enumerate(some)), ReturnHome())
    text, notes = text_of_plan(plan, Path(f"a{ending}"))
    assert not [note for note in notes if "not the same" in note or "items where" in note]
    if ending == ".waypoints":
        assert losses(plan, parse_waypoints(text, "p", "a")) == ()


def test_losses_names_field_and_item_and_counts() -> None:
    before = plan_of(*(waypoint(lat_deg=42.1 + k / 100, hold_s=5.0) for k in range(6)), ReturnHome())
    after = plan_of(*(waypoint(lat_deg=42.1 + k / 100) for k in range(6)), ReturnHome())
    assert losses(before, after) == ("waypoint: hold_s is not the same in the file (item 1, 2, 3 and 3 more)",)
    assert losses(before, plan_of(ReturnHome())) == ("the file has 2 items where the plan has 8",)
    assert losses(before, before) == ()
    fast = plan_of(waypoint(speed_m_s=5.0))
    assert losses(fast, plan_of(ChangeSpeed(speed_m_s=5.0), waypoint())) == ()
    slow = plan_of(waypoint(acceptance_radius_m=2.0))
    told = "waypoint: acceptance_radius_m is left open in the plan and fixed in the file (item 1)"
    assert losses(plan_of(waypoint()), slow) == (told,)
    low = before.model_copy(update={"home": before.home.model_copy(update={"alt_amsl_m": None})})
    assert losses(before, low) == ("the height of home is lost",)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("a.json", "b.shp"), r"b\.shp: file ending: got '\.shp', expected \.plan \(QGroundControl\), \.json"),
        (("a.shp", "b.plan"), r"a\.shp: file ending: got '\.shp', expected .*\.mission \(Mission Planner\)"),
        (("none.json", "b.plan"), "none.json: got 'No such file or directory'"),
        (("a.json", "no/b.plan"), "a place to write to"),
        (("a.json", "folder.plan"), "folder.plan: got 'something that is no regular file'"),
        (("a.json", "b.mission"), r"got '\.mission'"),
    ],
)
def test_what_is_wrong_is_one_line_and_writes_nothing(
    words: tuple[str, str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_plan(RICH, Path("a.json"))
    Path("folder.plan").mkdir()
    with pytest.raises(InputError, match=line):
        convert(Path(words[0]), Path(words[1]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "folder.plan"]


def test_only_versions_that_exist_are_written(tmp_path: Path) -> None:
    write_plan(RICH, tmp_path / "a.json")
    with pytest.raises(InputError, match="--wpl: got 100, expected 110 or 120"):
        convert(tmp_path / "a.json", tmp_path / "b.waypoints", version=100)
    convert(tmp_path / "a.json", tmp_path / "b.waypoints", version=120)
    assert (tmp_path / "b.waypoints").read_text(encoding="utf-8").startswith("QGC WPL 120\n")
    assert from_json(to_json(RICH), "x") == RICH
