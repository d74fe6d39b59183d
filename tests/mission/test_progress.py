"""Progress on disk: round trip, replacement in one step, and a broken file that is reported, not believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint
from lenger_mission.keeper import Keeper
from lenger_mission.progress import Progress, digest, load, plan_file, save

PLACES = ((42.1, 69.8, 790.5), (42.0, 69.9, 800.0), (42.2, 69.7, 810.0))
PROGRESS = Progress("short", "ab" * 32, "enroute", 3, 2, "uploaded", PLACES[0], 7, 1, *PLACES[1:])


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mission.json"
    assert load(path) is None
    save(PROGRESS, path)
    assert load(path) == PROGRESS
    assert PROGRESS.unfinished
    assert [p.name for p in path.parent.iterdir()] == ["mission.json"]


@pytest.mark.parametrize("text", ["", "{", '{"version": 2}', '{"version": 1, "plan": 3}', "[" * 90])
def test_a_broken_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mission.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    assert "\n" not in str(caught.value)


UP = Height(value_m=30.0, datum=Datum.HOME)
POINT = Waypoint(lat_deg=42.19, lon_deg=69.9, height=UP)
HOME = Home(lat_deg=42.1819, lon_deg=69.8878)


def plan(name: str = "short", points: int = 2) -> Plan:
    return Plan(name=name, home=HOME, items=(Takeoff(height=UP), *([POINT] * points), ReturnHome()))


def progress(of: Plan, **said: object) -> Progress:
    return Progress(
        **{"plan": of.name, "digest": digest(of), "stage": "enroute", "item": 1, "waypoints_reached": 0, **said}
    )  # type: ignore[arg-type]


def test_what_is_resumed_is_the_plan_that_was_broken_off(tmp_path: Path) -> None:
    keeper = Keeper(str(tmp_path / "mission.json"))
    keeper.save(progress(plan()), plan())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mission.json", "mission.plan.json"]
    again = Keeper(str(tmp_path / "mission.json"))
    saved, found = again.unfinished(None)
    assert (saved, found) == (progress(plan()), plan())
    assert again.unfinished(plan())[1] == plan()
    with pytest.raises(InputError, match=r"other .* expected short"):
        again.unfinished(plan("other"))


def test_what_cannot_be_resumed_says_why_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mission.json"
    for where in ("", str(path)):
        with pytest.raises(InputError, match="no saved mission"):
            Keeper(where).unfinished(None)
    keeper = Keeper(str(path))
    keeper.save(progress(plan()), plan())
    plan_file(path).write_text(plan_file(path).read_text().replace("42.19", "42.18"))
    with pytest.raises(InputError, match="the plan that was flown"):
        Keeper(str(path)).unfinished(None)
    plan_file(path).unlink()
    with pytest.raises(InputError) as caught:
        Keeper(str(path)).unfinished(None)
    assert "mission.plan.json" in str(caught.value) and "\n" not in str(caught.value)


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    keeper = Keeper(str(tmp_path / "mission.json"))
    assert keeper.save(progress(plan()), plan()) and not keeper.save(progress(plan()), plan())
    assert keeper.save(progress(plan(), item=2), plan())
    assert keeper.due(3 * 10**9) and not keeper.due(4 * 10**9) and keeper.due(6 * 10**9)


def test_a_folder_that_cannot_be_written_is_an_error_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Keeper(str(tmp_path / "file" / "mission.json")).save(progress(plan()), plan())


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_are_progress_or_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mission.json"
    path.write_bytes(data)
    found = None
    try:
        load(path)
    except InputError as error:
        found = str(error)
    assert found is None or "\n" not in found
