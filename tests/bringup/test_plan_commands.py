"""`lenger plan`: what is printed, what is written, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lenger_bringup.commands import app
from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_mission.formats.losses import losses
from lenger_mission.load import read_any
from lenger_mission.pattern_request import PatternRequest

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
        assert losses(read_any(FIRST), read_any(target)) == ()


def test_convert_refuses_with_one_line_and_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.waypoints"
    bad.write_text("QGC WPL 110\n0 1 0 16 0 0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.waypoints: line 2: got '6 columns', expected 12"):
        run("convert", bad, tmp_path / "out.plan")
    with pytest.raises(InputError, match="--wpl: got 7, expected 110 or 120"):
        run("convert", FIRST, tmp_path / "out.txt", "--wpl", 7)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.waypoints"]


def test_check_says_whether_a_plan_may_fly(tmp_path: Path) -> None:
    code, text = run("check", FIRST)
    assert code == 0
    assert text.rstrip().endswith("The plan may fly.")
    code, text = run("check", FIRST, "--json", "--ceiling", 40)
    assert code == 1
    assert json.loads(text)["plan"] == "first_patrol"
    assert "ceiling" in text


def test_check_hands_every_figure_of_the_day_to_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    import lenger_mission.gate_command as gate

    asked: list[gate.GateRequest] = []

    def judge(path: str, request: gate.GateRequest, json: bool) -> int:
        asked.append(request)
        return 1

    monkeypatch.setattr(gate, "run", judge)
    words = "--wind 5 --wind-from 90 --gust 8 --temperature -5 --battery-temperature 10 --charge 0.9 --antenna 3"
    more = (
        "--take-off 2026-11-27T09:30:00Z --night --lights --station 42.1,69.9 --frequency 900 --ceiling 120 --floor 20"
    )
    assert run("check", "a.plan", *words.split(), *more.split(), "--border-buffer", 200, "--autopilot", "px4")[0] == 1
    assert run("check", "a.plan")[0] == 1
    full, bare = asked
    assert bare.stated == {}
    assert full.autopilot == "px4"
    assert full.stated == {
        "wind_m_s": 5.0,
        "wind_from_deg": 90.0,
        "gust_m_s": 8.0,
        "temperature_c": -5.0,
        "battery_c": 10.0,
        "battery_charge": 0.9,
        "take_off_utc": "2026-11-27T09:30:00Z",
        "night_allowed": True,
        "lights": True,
        "station.lat_deg": 42.1,
        "station.lon_deg": 69.9,
        "station.antenna_agl_m": 3.0,
        "station.frequency_mhz": 900.0,
        "limits.ceiling_agl_m": 120.0,
        "limits.floor_agl_m": 20.0,
        "limits.border_buffer_m": 200.0,
    }


@pytest.mark.parametrize("text", ["42", "42,69,7", "north,east", "nan,69", "91,69", "42,181"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    for words in (("check", FIRST, "--station"), ("make", "orbit", "-o", "x.plan", "--at")):
        with pytest.raises(InputError, match="expected LAT,LON in degrees"):
            run(*words, text)


def test_make_writes_a_plan_that_can_be_checked(tmp_path: Path) -> None:
    out = tmp_path / "search.plan"
    words = ("--at", "42.1819,69.8878", "--radius", 150, "--spacing", 75, "--height", 60)
    code, text = run("make", "expanding_square", *words, "-o", out)
    assert code == 0, text
    assert len(read_any(out).waypoints) > 4
    assert run("check", out)[0] == 0


def test_make_hands_on_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import lenger_mission.pattern_command as patterns

    asked: list[PatternRequest] = []
    monkeypatch.setattr(patterns, "run", lambda request: asked.append(request) or 2)
    words = "--area a.kml --feature f --at 42,69 --home 42.1,69.1 --height 60 --datum home --speed 8 --camera c"
    more = "--front-overlap 0.7 --side-overlap 0.6 --spacing 50 --width 100 --angle 30 --wind 4 --wind-from 270"
    rest = "--radius 80 --rings 2 --climb 10 --turns 3 --legs 5 --anticlockwise --vehicle hexa_7kg --zones z --flat"
    out = ("-o", "x.json", "--trust", "model", "--split")
    assert run("make", "orbit", *words.split(), *more.split(), *rest.split(), *out)[0] == 2
    assert asked == [
        PatternRequest(
            pattern="orbit", out=Path("x.json"), area=Path("a.kml"), feature="f", at=(42.0, 69.0), home=(42.1, 69.1),
            height_m=60.0, datum="home", speed_m_s=8.0, camera="c", front_overlap=0.7, side_overlap=0.6, spacing_m=50.0,
            width_m=100.0, angle_deg=30.0, wind_from_deg=270.0, wind_m_s=4.0, radius_m=80.0, rings=2, climb_m=10.0,
            turns=3.0, legs=5, clockwise=False, vehicle="hexa_7kg", zones=(Path("z"),), trust="model", flat=True,
            split=True,
        )
    ]  # fmt: skip
