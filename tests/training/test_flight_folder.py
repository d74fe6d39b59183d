"""The folder of a flight: complete after grading, honest about what is broken, and graded again to the same result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lenger_core.errors import InputError
from lenger_core.plans import write_plan
from lenger_training.flight_folder import finish_flight, held, prepare_flight, rescore
from lenger_training.result import Host, Result
from training import flights
from training.flights import SQUARE, Flight, square_plan
from training.hop import hop_exercise

HOST = Host(realtime_factor=2.0, wall_s=3.0, started="2026-01-01T00:00:00+00:00", version="1", kind="lockstep")


def finish(folder: Path, **changes: object) -> Result:
    exercise = hop_exercise(folder, rubric=flights.RUBRIC, time_limit_s=200, waypoint_radius_m=5.0)
    return finish_flight(folder / "out", exercise, plan=square_plan(), seed=7, autopilot="px4", host=HOST, **changes)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    Flight(SQUARE, events=[(40.0, "waypoint_reached")]).write(tmp_path / "out" / "flight.mcap")
    return tmp_path


def test_all_files_are_there_and_no_other(folder: Path) -> None:
    result = finish(folder)
    out = folder / "out"
    assert {f.name for f in out.iterdir()} == {
        "result.json",
        "debrief.html",
        "flight.mcap",
        "plan.json",
        "exercise.json",
    }
    assert Result.model_validate_json((out / "result.json").read_text()) == result
    assert result.passed and result.host == HOST


def test_scoring_again_gives_the_same_bytes(folder: Path) -> None:
    finish(folder)
    out = folder / "out"
    before = (out / "result.json").read_bytes(), (out / "debrief.html").read_bytes()
    for _ in range(3):
        rescore(out)
        assert ((out / "result.json").read_bytes(), (out / "debrief.html").read_bytes()) == before


def test_scoring_again_needs_neither_the_exercise_nor_its_files(folder: Path) -> None:
    first = finish(folder)
    (folder / "zones.geojson").unlink()
    moved = folder / "moved"
    (folder / "out").rename(moved)
    assert rescore(moved) == first


def test_the_page_asks_for_nothing_from_outside(folder: Path) -> None:
    finish(folder)
    page = (folder / "out" / "debrief.html").read_text()
    assert "http://" not in page and "https://" not in page and "src=" not in page
    assert "$" not in page.replace("$ref", "")
    assert len(page) < 600_000


def test_texts_of_the_exercise_and_of_events_cannot_become_markup(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    Flight(SQUARE, events=[(1.0, "</script><script>alert(1)</script>")]).write(out / "flight.mcap")
    exercise = hop_exercise(tmp_path, title="<img onerror=x>", goal="a & b", briefing="<b>$title</b>")
    finish_flight(out, exercise, plan=square_plan(), seed=7, autopilot="px4", host=HOST, trainee="<i>T</i>")
    page = (out / "debrief.html").read_text()
    for hostile in ("<img onerror", "<script>alert", "<b>$title", "<i>T"):
        assert hostile not in page
    assert "&lt;b&gt;$title" in page


def test_a_truncated_recording_is_repaired_and_said_so(folder: Path) -> None:
    path = folder / "out" / "flight.mcap"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    result = finish(folder, died=["recorder"])
    assert not result.passed
    assert {"recording_truncated", "process_died"} <= {e.kind for e in result.events}


@pytest.mark.parametrize("ended", ["interrupted at 12 s"])
def test_without_a_recording_there_is_still_an_honest_result(tmp_path: Path, ended: str) -> None:
    result = finish(tmp_path, ended=ended)
    out = tmp_path / "out"
    assert (result.passed, result.duration_s) == (False, 0.0)
    assert any(d.rule == "broken_off" and d.detail == ended for d in result.deductions)
    assert (out / "debrief.html").is_file() and json.loads((out / "result.json").read_text())["passed"] is False


def test_a_flight_killed_before_grading_can_still_be_scored(folder: Path) -> None:
    exercise = hop_exercise(folder, rubric=flights.RUBRIC)
    prepare_flight(folder / "out", exercise, square_plan(), 7, "px4")
    result = rescore(folder / "out")
    assert result.exercise == "hop" and not result.passed
    assert any(d.rule == "broken_off" for d in result.deductions)
    assert finish(folder).passed and rescore(folder / "out").passed


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("nothing", "no flight.mcap"),
        ("sheet", "exercise.json"),
        ("sheet text", "exercise.json"),
        ("plan", "plan.json"),
        ("recording", "MCAP"),
    ],
)
def test_a_folder_that_is_no_flight_is_one_clear_line(folder: Path, broken: str, words: str) -> None:
    finish(folder)
    out = folder / "out"
    if broken == "nothing":
        out = folder / "elsewhere"
    elif broken == "sheet":
        (out / "exercise.json").unlink()
    elif broken == "sheet text":
        (out / "exercise.json").write_text('{"name": 3')
    elif broken == "plan":
        (out / "plan.json").write_text("{}")
    else:
        (out / "flight.mcap").write_bytes(b"not a recording at all")
    with pytest.raises(InputError, match=words) as caught:
        rescore(out)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("another", [True, False])
def test_another_plan_than_the_exercises_is_told(folder: Path, another: bool) -> None:
    own = square_plan(61.0 if another else 60.0)
    write_plan(own.model_copy(update={"name": "other name"}), folder / "hop.json")
    expected = ["square"] if another else []
    for result in (finish(folder), rescore(folder / "out")):
        assert [e.detail for e in result.events if e.kind == "own_plan"] == expected
    assert ("another: square" in (folder / "out" / "debrief.html").read_text()) is another


def test_nobody_grades_or_flies_in_a_folder_while_a_flight_is_under_way(folder: Path) -> None:
    """A debrief would repair, that is replace, the recording that the recorder still writes."""
    finish(folder)
    out = folder / "out"
    live = out / "flight.mcap"
    live.write_bytes(live.read_bytes()[:-20])
    before = live.stat().st_ino
    with held(out):
        with pytest.raises(InputError, match="no flight is under way"):
            rescore(out)
        with pytest.raises(InputError, match="no flight is under way"), held(out):
            pass
        assert live.stat().st_ino == before
        finish(folder)
    assert rescore(out).passed is True
