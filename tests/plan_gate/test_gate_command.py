"""`plan check` as a person and as a script see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lenger_core.plans import Plan, to_json
from lenger_core.resources import config_path
from lenger_mission.gate_command import GateRequest, run
from plan_gate.scene import out_and_back, plan_of, waypoint

PATROL = str(config_path("plans", "first_patrol.plan"))
ZONES = config_path("zones", "first_patrol.geojson")


def written(plan: Plan, folder: Path) -> str:
    path = folder / "made.json"
    path.write_text(to_json(plan))
    return str(path)


def dem(folder: Path, land: np.ndarray) -> str:
    path = folder / "N42E069.hgt"
    land.astype(">i2").tofile(path)
    return str(path)


def checked(capsys: pytest.CaptureFixture[str], path: str, request: GateRequest | None = None) -> tuple[int, Any]:
    code = run(path, request, json=True)
    return code, json.loads(capsys.readouterr().out)


def test_a_table_of_what_will_fly(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PATROL, GateRequest(zones=(ZONES,))) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "first_patrol: 9 items, 6 waypoints, 2.21 km" in out
    assert "60 agl" in out and "42.180370" in out and "The plan may fly." in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_json_for_scripts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, report = checked(capsys, PATROL, GateRequest(zones=(ZONES,)))
    assert code == 0 and report["valid"] and report["waypoints"] == 6 and len(report["rows"]) == 9
    assert [row["agl_m"] for row in report["rows"]][4] == 60.0
    assert {"check", "skipped", "severity"} == set(report["checks"][0])
    assert {"code", "item", "value", "limit", "unit", "severity", "sentence"} == set(report["findings"][0])
    assert report["terrain"]["synthetic"] and report["terrain"]["trust"] == "ground"


def test_a_plan_that_may_not_fly_is_exit_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(plan_of(waypoint(1000.0, 0.0, 400.0)), tmp_path)
    code, report = checked(capsys, path)
    assert code == 1 and not report["valid"]
    assert "ceiling_agl" in {f["code"] for f in report["findings"] if f["severity"] == "error"}
    assert run(path) == 1
    assert "The plan may not fly" in capsys.readouterr().out


def test_a_broken_structure_is_told_like_the_rest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = out_and_back(500.0)
    code, report = checked(capsys, written(plan.model_copy(update={"items": plan.items[1:]}), tmp_path))
    assert code == 1 and [f["code"] for f in report["findings"]] == ["no_takeoff"]


@pytest.mark.parametrize(
    "change",
    [
        {"vehicle": "zeppelin"},
        {"autopilot": "inav"},
        {"trust": "blind"},
        {"dem": "/nowhere/N42E069.hgt"},
        {"zones": (Path("/nowhere.geojson"),)},
        {"conditions": Path("/nowhere.yaml")},
        {"stated": {"wind_m_s": -3.0}},
        {"stated": {"limits.ceiling_agl_m": 1.0}},
        {"stated": {"wind_m_s": 1.0, "wind_m_s.east": 3.0}},
        {"pictures": (Path("profile.jpg"),)},
    ],
)
def test_what_is_broken_is_one_line_and_exit_2(change: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PATROL, GateRequest(**change)) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1


def test_a_bad_plan_file_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tree = json.loads(Path(PATROL).read_text())
    tree["mission"]["items"][2]["params"][4] = 95
    file = tmp_path / "bad.plan"
    file.write_text(json.dumps(tree))
    assert run(str(file)) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "bad.plan" in err and "items[" in err


def test_a_plan_of_another_country_is_read_without_ground(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = to_json(out_and_back(500.0)).replace("42.", "47.").replace("69.", "8.")
    path = tmp_path / "zurich.json"
    path.write_text(text)
    code, report = checked(capsys, str(path))
    assert code == 1 and {row["ground_amsl_m"] for row in report["rows"]} == {None}
    assert "off_terrain" in {f["code"] for f in report["findings"]}


def test_a_dem_is_a_model_with_an_error_bound(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    level = dem(tmp_path, np.full((1201, 1201), 780))
    code, report = checked(capsys, PATROL, GateRequest(dem=level))
    expected = {"name": "DEM N42E069.hgt", "synthetic": False, "trust": "model", "error_bound_m": 16.0}
    assert expected.items() <= report["terrain"].items()
    assert report["terrain"]["clearance_m"] == 60.0 and report["terrain"]["sure_clearance_m"] == 44.0 and code == 0
    _, ground = checked(capsys, PATROL, GateRequest(dem=level, trust="ground"))
    assert ground["terrain"]["sure_clearance_m"] == 60.0
    code, synthetic = checked(capsys, PATROL, GateRequest(trust="model"))
    assert code == 1 and "terrain_clearance" in {f["code"] for f in synthetic["findings"]}


def test_a_leg_into_the_ground_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    land = np.full((1201, 1201), 780)
    land[990:994] = 900  # a wall across the way, south of home
    code, report = checked(
        capsys, written(plan_of(waypoint(0.0, -1000.0)), tmp_path), GateRequest(dem=dem(tmp_path, land))
    )
    assert code == 1 and "terrain_hit" in {f["code"] for f in report["findings"]}
    assert report["terrain"]["clearance_m"] < 0.0


def test_the_day_comes_from_a_file_and_from_options(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    day = tmp_path / "day.yaml"
    day.write_text("wind_m_s: 3.0\nlimits: {ceiling_agl_m: 50.0}\nstation: {antenna_agl_m: 4.0}\n")
    code, report = checked(capsys, PATROL, GateRequest(conditions=day))
    assert code == 1 and "ceiling_agl" in {f["code"] for f in report["findings"]}
    code, _ = checked(capsys, PATROL, GateRequest(conditions=day, stated={"limits.ceiling_agl_m": 150.0}))
    assert code == 0
    day.write_text("wnd_m_s: 3.0\n")
    assert run(PATROL, GateRequest(conditions=day)) == 2
    assert "wnd_m_s" in capsys.readouterr().err


def test_a_picture_shows_ground_course_and_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def colours(path: str, name: str, request: GateRequest) -> np.ndarray:
        out = tmp_path / name
        run(path, GateRequest(zones=request.zones, pictures=(out,)), json=True)
        capsys.readouterr()
        with Image.open(out) as image:
            return np.asarray(image.convert("RGB")).reshape(-1, 3).astype(int)

    red = np.array([0xC6, 0x28, 0x28])
    good = colours(PATROL, "good.png", GateRequest(zones=(ZONES,)))
    bad = colours(written(plan_of(waypoint(1000.0, 0.0, 400.0)), tmp_path), "bad.png", GateRequest(zones=(ZONES,)))
    reds = [int((np.abs(picture - red).max(axis=1) < 12).sum()) for picture in (good, bad)]
    assert reds[0] == 0 and reds[1] > 20
    assert len(np.unique(good, axis=0)) > 50
