"""QGC WPL files as ground stations write them: what is read and refused, and the same after writing and reading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutated_texts import MAX_MEMORY_MB, QUICK, SAMPLE_CASES, campaign, memory_mb, read_or_refused, texts

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
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_mission.formats.waypoints_file import parse_waypoints, read_waypoints, to_waypoints
from lenger_mission.formats.waypoints_rows import Row, parse_rows, text_of_rows

HOME = Home(lat_deg=42.1819, lon_deg=69.8878, alt_amsl_m=766.0)


def row(number: int, command: int, *params: object, frame: int = 3, current: int = 0, auto: int = 1) -> str:
    """One row; params are the seven, or the last three."""
    values = [*([0.0] * (7 - len(params))), *params]
    return "\t".join(str(cell) for cell in (number, current, frame, command, *values, auto))


def wpl(*rows: str, version: int = 110) -> str:
    return "\n".join([f"QGC WPL {version}", *rows, ""])


HOME_ROW = row(0, 16, 42.1819, 69.8878, 766.0, frame=0, current=1)
MISSION_PLANNER = wpl(
    HOME_ROW,
    row(1, 22, 0, 0, 30.0),
    row(2, 178, 1, 6.5, 0, 0, 0, 0, 0),
    row(3, 16, 42.1830, 69.8878, 40.0),
    row(4, 16, 5.0, 4.0, 0, 90, 42.1830, 69.8890, 830.0, frame=0),
    row(5, 206, 25.0, 0, 0, 0, 0, 0, 0),
    row(6, 16, 42.1820, 69.8895, 60.0, frame=10),
    row(7, 206, 0, 0, 0, 0, 0, 0, 0),
    row(8, 19, 12.0, 0, 0, 0, 42.1815, 69.8885, 50.0),
    row(9, 20, 0, 0, 0),
)
QGC_OF_PX4 = wpl(
    row(0, 22, "15.0", "0", "0", "nan", 42.1819, 69.8878, 30, current=1),
    row(1, 16, 42.183, 69.8878, 40),
    row(2, 21, 0, 0, 0, "nan", 42.1820, 69.8880, 0),
    version=120,
)
GOOD = (MISSION_PLANNER, QGC_OF_PX4)


def read(text: str) -> Plan:
    return parse_waypoints(text, "t", "t.waypoints")


def height(value: float, datum: Datum = Datum.HOME) -> Height:
    return Height(value_m=value, datum=datum)


def test_a_file_as_mission_planner_writes_it() -> None:
    plan = read(MISSION_PLANNER)
    assert plan.home == HOME
    assert plan.items == (
        Takeoff(height=height(30.0)),
        ChangeSpeed(speed_m_s=6.5),
        Waypoint(lat_deg=42.1830, lon_deg=69.8878, height=height(40.0)),
        Waypoint(
            lat_deg=42.1830,
            lon_deg=69.8890,
            height=height(830.0, Datum.AMSL),
            hold_s=5.0,
            acceptance_radius_m=4.0,
            heading_deg=90.0,
        ),
        CameraAction(action=CameraDo.START_DISTANCE, distance_m=25.0),
        Waypoint(lat_deg=42.1820, lon_deg=69.8895, height=height(60.0, Datum.AGL)),
        CameraAction(action=CameraDo.STOP),
        Loiter(lat_deg=42.1815, lon_deg=69.8885, height=height(50.0), time_s=12.0),
        ReturnHome(),
    )
    assert plan.notes == ()


def test_a_file_without_home_is_one_of_version_120() -> None:
    plan = read(QGC_OF_PX4)
    assert plan.home == Home(lat_deg=42.1819, lon_deg=69.8878)
    assert plan.items[0].type == "takeoff" and plan.items[-1] == Land(lat_deg=42.1820, lon_deg=69.8880)
    assert any("no home" in note for note in plan.notes)


def test_the_home_row_of_a_mavros_dump_is_known_by_the_takeoff_after_it() -> None:
    plan = read(wpl(HOME_ROW, row(1, 22, 0, 0, 30), row(2, 20, 0, 0, 0), version=120))
    assert plan.home == HOME
    assert [item.type for item in plan.items] == ["takeoff", "return"]
    assert any("read as home" in note for note in plan.notes)


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_spaces_comments_empty_lines_and_line_ends(breaks: str, tmp_path: Path) -> None:
    lines = MISSION_PLANNER.replace("\t", "  ").splitlines()
    text = breaks.join(["\ufeff" + lines[0], "# by hand", "", *lines[1:], "", ""])
    (tmp_path / "a.waypoints").write_bytes(text.encode())
    assert read_waypoints(tmp_path / "a.waypoints").items == read(MISSION_PLANNER).items


def test_home_that_the_station_did_not_know_is_the_first_place() -> None:
    unknown = row(0, 16, 0, 0, 0, frame=0, current=1)
    plan = read(wpl(unknown, row(1, 22, 0, 0, 30), row(2, 16, 42.183, 69.888, 40), row(3, 20, 0, 0, 0)))
    assert plan.home == Home(lat_deg=42.183, lon_deg=69.888)
    assert any("no home" in note for note in plan.notes)
    relative = read(wpl(row(0, 16, 42.18, 69.88, 5.0), row(1, 22, 0, 0, 30)))
    assert relative.home.alt_amsl_m is None
    assert read(wpl(row(0, 16, 42.18, 69.88, 0.0, frame=0), row(1, 22, 0, 0, 30))).home.alt_amsl_m is None


def test_a_waypoint_at_zero_is_where_the_plan_has_come_to() -> None:
    there = row(1, 16, 42.183, 69.888, 40)
    plan = read(wpl(HOME_ROW, there, row(2, 16, 7, 0, 0, 0, 0, 0, 40)))
    assert plan.waypoints[1] == plan.waypoints[0].model_copy(update={"hold_s": 7.0})
    assert any("0, 0" in note for note in plan.notes)


def test_fence_and_rally_rows() -> None:
    corners = ((42.18, 69.88), (42.18, 69.89), (42.19, 69.89))
    ring = [row(k, 5001, 3, 0, 0, 0, lat, lon, 0, frame=0) for k, (lat, lon) in enumerate(corners, start=2)]
    rows = [
        row(1, 5000, 42.18, 69.88, 0),
        *ring,
        row(5, 5004, 30, 0, 0, 0, *corners[0], 0),
        row(6, 5100, *corners[1], 50),
    ]
    plan = read(wpl(HOME_ROW, *rows))
    assert plan.fence_polygons == (FencePolygon(inclusion=True, vertices=corners),)
    assert plan.fence_circles == (FenceCircle(inclusion=False, lat_deg=42.18, lon_deg=69.88, radius_m=30.0),)
    assert plan.rally[0].height == height(50.0)
    assert plan.notes == ("the fence's return point is not kept",)
    with pytest.raises(InputError, match="line 3: got 2, expected 3 vertices of the polygon that begins there"):
        read(wpl(HOME_ROW, row(1, 5002, 3, 0, 0, 0, *corners[0], 0), row(2, 5002, 3, 0, 0, 0, *corners[1], 0)))


def test_a_command_that_is_not_flown_is_kept() -> None:
    plan = read(wpl(HOME_ROW, row(1, 183, 6, 1400, 0, 0, 0, 0, 0), row(2, 20, 0, 0, 0)))
    assert plan.items[0] == Foreign(command=183, frame=3, params=(6.0, 1400.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert any("183 (servo)" in note for note in plan.notes)
    text, _ = to_waypoints(plan)
    assert read(text).items == plan.items


@pytest.mark.parametrize("version", [110, 120])
@pytest.mark.parametrize("text", GOOD)
def test_reading_writing_and_reading_again_gives_the_same(text: str, version: int) -> None:
    plan = read(text)
    written, _ = to_waypoints(plan, version)
    again = read(written)
    assert again.items == plan.items
    assert again.home == plan.home or version == 120
    assert to_waypoints(again, version)[0] == written


degrees = st.floats(-80, 80).filter(bool)
heights = st.builds(Height, value_m=st.floats(-400, 8_000), datum=st.sampled_from(Datum))
waypoints = st.builds(
    Waypoint,
    lat_deg=degrees,
    lon_deg=degrees,
    height=heights,
    acceptance_radius_m=st.none() | st.floats(0.5, 500),
    hold_s=st.floats(0, 3_600),
    heading_deg=st.none() | st.floats(0.25, 360),
)
turns = st.builds(
    Loiter,
    lat_deg=degrees,
    lon_deg=degrees,
    height=heights,
    turns=st.floats(0.01, 1_000),
    radius_m=st.floats(1, 100),
    clockwise=st.booleans(),
)
items = waypoints | turns | st.builds(ChangeSpeed, speed_m_s=st.floats(0.1, 50)) | st.just(ReturnHome())


@settings(max_examples=60)
@given(st.lists(items, min_size=1, max_size=8), st.sampled_from([110, 120]))
def test_any_plan_is_read_back_exactly(some: list[Waypoint], version: int) -> None:
    plan = Plan(name="t", home=HOME, items=(Takeoff(height=height(30.0)), *some))
    assert read(to_waypoints(plan, version)[0]).items == plan.items


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.none() | st.floats(-1e29, 1e29)] * 7), max_size=5), st.sampled_from([110, 120]))
def test_any_rows_are_read_back_exactly(params: list[tuple[float | None, ...]], version: int) -> None:
    rows = tuple(Row(n + 2, n, n == 1, 3, 16, values, True) for n, values in enumerate(params))
    assert parse_rows(text_of_rows(version, rows), "t") == (version, rows)


def test_north_is_written_as_360_because_0_is_none() -> None:
    north = Waypoint(lat_deg=42.0, lon_deg=69.0, height=height(40.0), heading_deg=0.0)
    text, _ = to_waypoints(Plan(name="t", home=HOME, items=(north, north.model_copy(update={"heading_deg": None}))))
    assert [waypoint.heading_deg for waypoint in read(text).waypoints] == [360.0, None]


def test_jumps_keep_their_target_though_the_versions_count_differently() -> None:
    rows = (row(1, 22, 0, 0, 30), row(2, 16, 42.183, 69.888, 40), row(3, 177, 2, 5, 0, 0, 0, 0, 0), row(4, 20, 0, 0, 0))
    plan = read(wpl(HOME_ROW, *rows))
    old, _ = to_waypoints(plan, 120)
    assert parse_rows(old, "t")[1][2].params[0] == 1.0
    assert read(old).items == plan.items


def test_what_the_format_cannot_say_is_told() -> None:
    orbit = Orbit(lat_deg=42.183, lon_deg=69.888, radii_m=(50.0,), heights=(height(40.0),))
    ring = FencePolygon(inclusion=True, vertices=((42.18, 69.88), (42.18, 69.89), (42.19, 69.89)))
    plan = Plan(
        name="t",
        home=HOME.model_copy(update={"alt_amsl_m": None}),
        items=(Takeoff(height=height(30.0)), orbit, ReturnHome()),
        cruise_speed_m_s=7.0,
        fence_polygons=(ring,),
    )
    text, notes = to_waypoints(plan)
    told = "\n".join(notes)
    assert re.search(r"no orbit item: item 1 is written as its \d+ rows", told)
    assert "height of home" in told and "7 m/s" in told and "fence (1 polygons" in told
    assert len(read(text).items) > 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "line 1: got 'nothing', expected 'QGC WPL 110' or 'QGC WPL 120'"),
        ("QGC WPL 100\n", "line 1: got 'QGC WPL 100'"),
        (wpl(), "rows: got 'none', expected at least one"),
        (wpl("0 1 0 16 0 0"), "line 2: got '6 columns', expected 12: number, current, frame"),
        (wpl(HOME_ROW + "\t7"), "line 2: got 'more than 12 columns'"),
        (wpl(HOME_ROW, row(2, 22, 0, 0, 30)), "line 3 column 1 (number): got 2, expected 1"),
        (wpl(row(0, 22, 42.0, 69.0, 30)), "line 2 column 4 (command): got 22, expected 16 in the first row"),
        (
            wpl(HOME_ROW, row(1, 16, "42,18", 69.0, 30)),
            "column 9 (latitude): got '42,18', expected a number with a dec",
        ),
        (wpl(HOME_ROW, row(1, 16, 142, 69.0, 30)), "line 3 column 9 (latitude): got 142.0, expected a number from -90"),
        (wpl(HOME_ROW, row(1, 16, 42, 69.0, "nan")), "line 3 column 11 (height): got None"),
        (wpl(HOME_ROW, row(1, 16, 42, 69.0, 30, frame=1)), "line 3.frame: got 1"),
        (wpl(HOME_ROW, row(1, 16, 42, 69.0, 30, auto=0)), "column 12 (autocontinue): got 0, expected 1"),
        (wpl(HOME_ROW, row(1, 178, 1, 500, 0, 0, 0, 0, 0)), "line 3 column 6 (param2): got 500.0"),
        (wpl(row(0, 16, 142, 69.0, 30)), "line 2 column 9 (latitude): got 142.0"),
        (wpl(row(0, 22, 0, 0, 30), version=120), "rows: got 'no position'"),
        (wpl(*[HOME_ROW] * 10_002), "got '10002 rows', expected at most 10001"),
    ],
)
def test_what_is_wrong_is_one_line(text: str, line: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert line in str(caught.value)
    assert str(caught.value).startswith("t.waypoints: ")


@pytest.mark.parametrize(
    "text",
    ["QGC WPL 110\n" * 90_000, wpl(HOME_ROW, "\t" * 7_000_000), wpl("9" * 7_000_000), "\n" * 7_000_000,
     wpl("0 " * 3_000_000)],
    ids=["headings", "tabs", "digits", "lines", "columns"],
)  # fmt: skip
def test_huge_files_cost_little(text: str) -> None:
    assert memory_mb(read, text) < 0.5 * MAX_MEMORY_MB


def test_the_longest_mission_is_read() -> None:
    many = wpl(HOME_ROW, *(row(n, 16, 42.0 + n * 1e-5, 69.9, 50) for n in range(1, 10_001)))
    assert len(read(many).items) == 10_000


@settings(max_examples=2 * SAMPLE_CASES, suppress_health_check=QUICK, database=None)
@given(texts(GOOD))
def test_sample_of_broken_files(text: str) -> None:
    read_or_refused(read, text)


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_campaign_of_broken_files() -> None:
    campaign(read, texts(GOOD), "QGC WPL")
