"""QGroundControl plans: what is read, and what one line says about everything that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from qgc_files import edited, item, many, valid

from lenger_core.errors import InputError
from lenger_core.plans import ChangeSpeed, Datum, FenceCircle, Foreign, Height, Land, ReturnHome, Takeoff, Waypoint
from lenger_mission.formats.plan_file import parse_qgc
from lenger_mission.load import load_plan, plan_from_text


def read(text: str) -> Any:
    return parse_qgc(text, "t", "t.plan")


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    line = str(caught.value)
    assert "\n" not in line and len(line) < 400
    return line


def test_every_supported_thing_is_read() -> None:
    plan = read(json.dumps(valid()))
    home, sea, ground = Datum.HOME, Datum.AMSL, Datum.AGL
    assert plan.items == (
        Takeoff(height=Height(value_m=30, datum=home)),
        Waypoint(lat_deg=42.1830, lon_deg=69.8878, height=Height(value_m=40, datum=home)),
        ChangeSpeed(speed_m_s=6.5),
        Waypoint(
            lat_deg=42.1830,
            lon_deg=69.8890,
            height=Height(value_m=830, datum=sea),
            acceptance_radius_m=4.0,
            hold_s=5.0,
            heading_deg=90.0,
        ),
        Waypoint(lat_deg=42.1820, lon_deg=69.8895, height=Height(value_m=60, datum=ground)),
        Waypoint(lat_deg=42.1815, lon_deg=69.8885, height=Height(value_m=50, datum=ground)),
        ReturnHome(),
    )
    assert (plan.home.lat_deg, plan.home.lon_deg, plan.home.alt_amsl_m) == (42.1819, 69.8878, 766.4)
    assert plan.cruise_speed_m_s == 7.0
    assert plan.fence_polygons[0].vertices[2] == (42.181, 69.88) and not plan.fence_polygons[0].inclusion
    assert plan.fence_circles == (FenceCircle(inclusion=True, lat_deg=42.182, lon_deg=69.888, radius_m=400.0),)
    assert plan.rally[0].height.value_m == 50
    assert [note.split(":")[0].split(" (")[0] for note in plan.notes] == [
        "headings at waypoints are not flown",
        "the plan's geoFence",
        "the plan's 1 rally points are kept, not used",
    ]


def test_a_fixed_wing_plan_flies_its_cruise_speed() -> None:
    assert read(edited("mission.vehicleType", 1)).cruise_speed_m_s == 15.0


def test_landing_here_or_there() -> None:
    there = edited("mission.items.6", item(21, 3, [0, 0, 0, None, 42.18, 69.89, 0], 7))
    assert read(there).items[-1] == Land(lat_deg=42.18, lon_deg=69.89)
    here = edited("mission.items.6", item(21, 3, [0, 0, 0, None, 0, 0, 0], 7))
    assert read(here).items[-1] == Land()


def test_without_altitude_mode_the_frame_decides() -> None:
    plan = valid()
    for entry in plan["mission"]["items"]:
        entry.pop("AltitudeMode", None)
        entry.pop("Altitude", None)
    datums = [w.height.datum for w in read(json.dumps(plan)).waypoints]
    assert datums == [Datum.HOME, Datum.AMSL, Datum.AMSL, Datum.AGL]


BROKEN = [
    ("fileType", "Mission", ["fileType", "'Mission'", "'Plan'"]),
    ("fileType", ..., ["fileType", "missing"]),
    ("version", 3, ["version", "3", "1"]),
    ("version", True, ["version", "True", "1"]),
    ("mission", [], ["mission", "a list of 0", "an object"]),
    ("mission.version", "2", ["mission.version", "'2'", "2"]),
    ("mission.items", {}, ["mission.items", "an object", "a list"]),
    ("mission.items", [], ["mission.items", "0 elements", "1 to 10000"]),
    ("mission.items.1", 7, ["mission.items[1]", "7", "an object"]),
    ("mission.items.1.type", "Item", ["mission.items[1].type", "'Item'", "'SimpleItem'"]),
    ("mission.items.1.type", "ComplexItem", ["mission.items[1].complexItemType", "missing"]),
    ("mission.items.1.command", "16", ["mission.items[1].command", "'16'", "number"]),
    ("mission.items.1.command", 16.5, ["mission.items[1].command", "16.5", "whole number"]),
    ("mission.items.1.doJumpId", 1, ["mission.items[1].doJumpId", "1", "no other item"]),
    ("mission.items.1.autoContinue", False, ["mission.items[1].autoContinue", "False", "true"]),
    ("mission.items.1.frame", 8, ["mission.items[1].frame", "8", "3 (relative to home)"]),
    ("mission.items.1.frame", 0, ["mission.items[1].frame", "0", "AltitudeMode 1"]),
    ("mission.items.1.AltitudeMode", 9, ["mission.items[1].AltitudeMode", "9", "0 to 4"]),
    ("mission.items.1.Altitude", None, ["mission.items[1].Altitude", "None", "number"]),
    ("mission.items.1.Altitude", 55, ["mission.items[1].params[6]", "40", "55"]),
    ("mission.items.1.params", [0, 0], ["mission.items[1].params", "2 elements", "7 elements"]),
    ("mission.items.1.params.4", 95, ["mission.items[1].params[4]", "95", "-90 to 90"]),
    ("mission.items.1.params.4", None, ["mission.items[1].params[4]", "None", "-90 to 90"]),
    ("mission.items.1.params.5", "69.9", ["mission.items[1].params[5]", "'69.9'", "-180 to 180"]),
    ("mission.items.1.params.5", True, ["mission.items[1].params[5]", "True", "number"]),
    ("mission.items.1.params.5", [1], ["mission.items[1].params[5]", "a list of 1", "number"]),
    ("mission.items.1.params.6", 1e300, ["mission.items[1].params[6]", "1e+300", "9000"]),
    ("mission.items.1.params.6", float("nan"), ["mission.items[1].params[6]", "nan", "finite"]),
    ("mission.items.1.params.0", float("inf"), ["mission.items[1].params[0]", "inf", "finite"]),
    ("mission.items.1.params.0", -1, ["mission.items[1].params[0]", "-1", "0 to 3600"]),
    ("mission.items.2.params.1", 0, ["mission.items[2].params[1]", "0", "0.1 to 50"]),
    ("mission.items.2.params.0", 4, ["mission.items[2].params[0]", "4", "0 or 1 or 2 or 3"]),
    ("mission.items.4.AMSLAltAboveTerrain", "x", ["mission.items[4].AMSLAltAboveTerrain", "'x'", "number"]),
    ("mission.plannedHomePosition", ..., ["mission.plannedHomePosition", "missing"]),
    ("mission.plannedHomePosition.0", -95, ["mission.plannedHomePosition[0]", "-95", "-90 to 90"]),
    ("mission.plannedHomePosition", [1, 2], ["mission.plannedHomePosition", "2 elements", "3 elements"]),
    ("mission.hoverSpeed", -4, ["mission.hoverSpeed", "-4", "0.1"]),
    ("mission.cruiseSpeed", "fast", ["mission.cruiseSpeed", "'fast'", "number"]),
    ("geoFence.version", 1, ["geoFence.version", "1", "2"]),
    ("geoFence.polygons.0.polygon", [[1, 2]], ["geoFence.polygons[0].polygon", "1 elements", "3 to 2000"]),
    ("geoFence.polygons.0.inclusion", "yes", ["geoFence.polygons[0].inclusion", "'yes'", "true or false"]),
    ("geoFence.circles.0.circle.radius", -5, ["geoFence.circles[0].circle.radius", "-5", "0.1"]),
    ("rallyPoints.points.0.0", 91, ["rallyPoints.points[0][0]", "91", "-90 to 90"]),
]


@pytest.mark.parametrize(("path", "value", "words"), BROKEN, ids=[f"{p}={v!r}"[:50] for p, v, _ in BROKEN])
def test_a_wrong_field_is_named_with_its_value_and_what_is_valid(path: str, value: Any, words: list[str]) -> None:
    line = refusal(edited(path, value))
    assert line.startswith("t.plan: ")
    for word in words:
        assert word in line


@pytest.mark.parametrize(("command", "name"), [(82, "spline waypoint"), (183, "servo"), (177, "jump"), (17, "loiter")])
def test_a_command_that_is_not_flown_is_kept_and_stops_the_flight(command: int, name: str) -> None:
    text = edited("mission.items.1.command", command)
    plan = read(text)
    assert isinstance(plan.items[1], Foreign) and plan.items[1].command == command
    assert any(f"{command} ({name}" in note for note in plan.notes)
    with pytest.raises(InputError, match=rf"items\[1\]\.command: got '{command} \({name}"):
        plan_from_text(text, "t", "qgc")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty file"]),
        ("  \n ", ["empty file"]),
        ("{", ["line 1 column 2", "end of the file"]),
        (json.dumps(valid(), indent=2)[:700], ["line ", "column "]),
        ('{"a": 1}\n{"b": 2}', ["line 2 column 1", "Extra data"]),
        ("[" * 60_000, ["very deep nesting"]),
        ('{"a":' * 60_000, ["very deep nesting"]),
        ("[" + "[]," * 200_000 + "[]]", ["200002 nested values", "100000", "10,000 items"]),
        ("7", ["7", "an object"]),
        ("null", ["None", "an object"]),
        ('{"fileType": "Plan", "fileType": "Plan"}', ["'fileType'", "no key twice"]),
        ('{"fileType": "Plan", "version": ' + "9" * 5_000 + "}", ["version", "inf"]),
        ('{"fileType": "Plan", "version": NaN}', ["version", "nan"]),
        ('{"groundStation": [1, {"x": -Infinity}]}', ["groundStation[1].x", "-inf"]),
    ],
)
def test_broken_text(text: str, words: list[str]) -> None:
    line = refusal(text)
    for word in words:
        assert word in line


def test_a_million_items_cost_nothing(tmp_path: Path) -> None:
    small = '{"mission": {"items": [' + "{}," * 999_999 + "{}]}}"
    assert "1000001 nested values" in refusal(small) or "1000003 nested values" in refusal(small)
    numbers = '{"fileType":"Plan","version":1,"mission":{"version":2,"items":[' + "0," * 999_999 + "0]}}"
    assert "mission.items: got '1000000 elements', expected 1 to 10000 elements" in refusal(numbers)
    path = tmp_path / "big.plan"
    with path.open("wb") as file:
        file.truncate(400_000_000)  # a hole: no disk, but read whole it would cost 400 MB
    with pytest.raises(InputError, match=r"more than 8000000 bytes.*10,000 items"):
        load_plan(path)


def test_ten_thousand_items_are_read_and_one_more_is_not() -> None:
    assert len(read(many(10_000)).items) == 10_000
    assert "10001 elements" in refusal(many(10_001))


def test_files_that_are_none(tmp_path: Path) -> None:
    folder = tmp_path / "folder.plan"
    folder.mkdir()
    for path, words in (
        (folder, "a folder"),
        (tmp_path / "missing.plan", "No such file"),
        (tmp_path / "a.doc", "file ending"),
        (Path("nul\0.plan"), "readable"),
    ):
        with pytest.raises(InputError) as caught:
            load_plan(path)
        assert words in str(caught.value) and "\n" not in str(caught.value)
    latin = tmp_path / "latin.plan"
    latin.write_bytes(b'{"fileType": "\xff"}')
    with pytest.raises(InputError, match="byte 14"):
        load_plan(latin)


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "bom.plan"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(valid()).encode())
    assert load_plan(path).name == "bom"
