"""`plan check` as a person and as a script see it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from qgc_files import edited, valid

from lenger_core.resources import config_path
from lenger_mission.check import run


def test_a_table_of_what_will_fly(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(config_path("plans", "first_patrol.plan"))) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "first_patrol: 9 items, 6 waypoints, 2.21 km" in out
    assert "60 agl" in out and "42.180370" in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_json_for_scripts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.plan"
    path.write_text(json.dumps(valid()))
    assert run(str(path), json=True) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["valid"] and report["waypoints"] == 4 and len(report["rows"]) == 7 and len(report["notes"]) == 3
    assert [row["agl_m"] for row in report["rows"]][4] == 60.0


@pytest.mark.parametrize(("path", "value"), [("mission.items.0.command", 16), ("mission.items.1.params.4", 95)])
def test_a_bad_plan_is_one_line_and_exit_2(
    path: str, value: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "bad.plan"
    file.write_text(edited(path, value))
    assert run(str(file)) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "bad.plan" in err and "items[" in err


def test_a_plan_of_another_country_is_read_without_ground(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = valid()
    for entry in plan["mission"]["items"][1:6]:
        if entry["command"] == 16:
            entry["params"][4:6] = [47.3977, 8.5456]
    plan["mission"]["plannedHomePosition"] = [47.3977, 8.5456, 488]
    path = tmp_path / "zurich.plan"
    path.write_text(json.dumps(plan))
    assert run(str(path), json=True) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["ground_amsl_m"] for row in rows} == {None}


def test_the_ground_is_named_with_what_can_be_relied_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = str(config_path("plans", "first_patrol.plan"))
    assert run(plan, json=True) == 0
    ground = json.loads(capsys.readouterr().out)["terrain"]
    assert ground["synthetic"] and ground["agl"] and 50.0 < ground["clearance_m"] < 61.0
    assert ground["sure_clearance_m"] < ground["clearance_m"] - 19.0
    dem = tmp_path / "N42E069.hgt"
    np.full((1201, 1201), 780, dtype=">i2").tofile(dem)
    assert run(plan, json=True, dem=str(dem)) == 0
    ground = json.loads(capsys.readouterr().out)["terrain"]
    expected = {"name": "DEM N42E069.hgt", "synthetic": False, "error_bound_m": 16.0, "clearance_m": 60.0}
    assert expected.items() <= ground.items() and ground["sure_clearance_m"] == 44.0
    short = tmp_path / "N42E070.hgt"
    short.write_bytes(b"short")
    assert run(plan, dem=str(short)) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "size in bytes" in err


def test_a_leg_into_the_ground_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    dem = tmp_path / "N42E069.hgt"
    land = np.full((1201, 1201), 780, dtype=">i2")
    land[980:988] = 900  # a wall across the way, south of home
    land.tofile(dem)
    assert run(str(config_path("plans", "first_patrol.plan")), dem=str(dem)) == 0
    assert "runs into the ground" in capsys.readouterr().out
