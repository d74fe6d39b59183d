"""`lenger plan`: what is printed, what is written, and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lenger_bringup.commands import app
from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_mission.formats.convert import read_plan_file
from lenger_mission.formats.losses import losses

FIRST = config_path("plans", "first_patrol.plan")


def run(*words: object) -> tuple[int, str]:
    """Return the exit code of a command and what it prints; its refusals are raised."""
    ended = CliRunner().invoke(app, ["plan", *map(str, words)], catch_exceptions=False)
    return ended.exit_code, ended.output


@pytest.mark.parametrize("ending", ["json", "plan", "waypoints", "txt", "kml", "geojson"])
def test_convert_writes_by_ending_and_says_what_became_of_it(ending: str, tmp_path: Path) -> None:
    target = tmp_path / f"out.{ending}"
    code, text = run("convert", FIRST, target)
    assert code == 0
    assert text.splitlines()[-1].startswith(f"{FIRST} (QGroundControl) -> {target} (")
    if ending in ("kml", "geojson"):
        assert "note: a map shows where a plan flies" in text
    else:
        assert losses(read_plan_file(FIRST), read_plan_file(target)) == ()


def test_convert_refuses_with_one_line_and_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.waypoints"
    bad.write_text("QGC WPL 110\n0 1 0 16 0 0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.waypoints: line 2: got '6 columns', expected 12"):
        run("convert", bad, tmp_path / "out.plan")
    with pytest.raises(InputError, match="--wpl: got 7, expected 110 or 120"):
        run("convert", FIRST, tmp_path / "out.txt", "--wpl", 7)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.waypoints"]
