"""Checks before anything starts, the default folder, the pytest arguments, and the live lines."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from bringup.records import exercise, truth
from lenger_bringup.domains import claim_domain, free_udp_ports
from lenger_bringup.flight_picture import FlightPicture
from lenger_bringup.live import Progress
from lenger_bringup.lockstep_progress import LockstepProgress
from lenger_bringup.requests import autopilot_flavour, check_simulator, claim_folder, flight_speed
from lenger_bringup.suite import passes, pytest_arguments
from lenger_core.errors import InputError, LengerError


@pytest.mark.parametrize(
    ("check", "value", "code", "words"),
    [
        (autopilot_flavour, "inav", 2, "expected px4 or ardupilot"),
        (check_simulator, "gazbeo", 2, "embedded or gazebo"),
        (flight_speed, 0.0, 2, "a number above 0"),
        (flight_speed, float("nan"), 2, "a number above 0"),
    ],
)
def test_what_cannot_be_flown_is_refused(check: object, value: object, code: int, words: str) -> None:
    with pytest.raises(LengerError) as caught:
        check(value)  # type: ignore[operator]
    assert caught.value.exit_code == code
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_gazebo_flies_no_lockstep_and_only_gazebo_has_worlds() -> None:
    with pytest.raises(InputError, match="--lockstep: got True, expected --sim embedded beside it"):
        check_simulator("gazebo", lockstep=True)
    with pytest.raises(InputError, match="--world: got 'x', expected --sim gazebo beside it"):
        check_simulator("embedded", world="x")
    check_simulator("gazebo", world="x")


def claimed(out: Path | None, claims: ExitStack) -> Path:
    return claim_folder(out, "hop", claims)


def test_a_folder_with_a_flight_is_not_overwritten(tmp_path: Path) -> None:
    with ExitStack() as claims:
        assert claimed(tmp_path / "a" / "b", claims).is_dir()
        (tmp_path / "flight.mcap").touch()
        with pytest.raises(InputError, match="without an earlier flight"):
            claimed(tmp_path, claims)
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="a folder that can be made"):
            claimed(tmp_path / "file" / "x", claims)


def test_a_folder_in_which_a_flight_is_under_way_is_refused_until_it_ends(tmp_path: Path) -> None:
    with ExitStack() as claims:
        claimed(tmp_path, claims)
        with pytest.raises(InputError, match="no flight is under way"), ExitStack() as others:
            claimed(tmp_path, others)
    with ExitStack() as claims:
        assert claimed(tmp_path, claims) == tmp_path


def test_two_default_folders_of_one_second_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with ExitStack() as claims:
        first = claimed(None, claims)
        assert first.parent.name == "runs"
        assert first.name.endswith("-hop")
        assert claimed(None, claims) != first


def test_the_ordinary_suite_unless_marks_or_files_are_named() -> None:
    ordinary = ["-m", "not campaign and not slow"]
    assert pytest_arguments([], "T") == [*ordinary, "T"]
    assert pytest_arguments(["-x", "-k", "guard"], "T") == [*ordinary, "-x", "-k", "guard", "T"]
    assert pytest_arguments(["-m", "campaign"], "T") == ["-m", "campaign", "T"]
    assert pytest_arguments(["tests/core"], "T") == [*ordinary, "tests/core"]
    assert pytest_arguments(["tests/core/test_frames.py::test_x"], "T") == [
        *ordinary,
        "tests/core/test_frames.py::test_x",
    ]


def test_a_whole_set_is_spread_over_the_cores_but_for_what_keeps_to_the_wall_clock() -> None:
    spread = ["-n", "2", "--dist", "worksteal", "--durations=15"]
    ordinary = "(not campaign and not slow)"
    assert passes([], "T", 2) == [
        [*spread, "-m", f"{ordinary} and not ros", "T"],
        ["--durations=15", "-m", f"{ordinary} and ros", "T"],
    ]
    assert passes(["-m", "slow"], "T", 2)[1] == ["--durations=15", "-m", "(slow) and ros", "T"]
    for words in (["-m", "campaign"], ["tests/core"], ["-x"], ["-s", "-k", "guard"]):
        assert passes(words, "T", 2) == [pytest_arguments(words, "T")]
    assert passes([], "T", 1) == [pytest_arguments([], "T")]


def test_domains_and_ports_are_not_given_twice() -> None:
    with claim_domain() as first, claim_domain() as second:
        assert first != second
    assert len(set(free_udp_ports(8))) == 8


def test_plain_lines_come_at_each_step_and_every_ten_seconds() -> None:
    out, wall = io.StringIO(), [0.0]
    picture = FlightPicture(exercise=exercise(1.0))
    picture.on_truth(truth(1.0), 0.0)
    with Progress(Console(file=out, width=300), "hop", lambda: wall[0]) as progress:
        for wall[0] in (0.0, 1.0, 9.9, 10.1):
            progress.show(picture)
        progress.waiting("nothing that a log should be filled with")
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert "height above ground 60.0 m  fence margin 35.5 m  battery 87 %  score 97" in lines[0]


def test_brackets_in_a_title_are_shown_as_they_are() -> None:
    out = io.StringIO()
    console = Console(file=out, width=300, force_terminal=True, highlight=False)
    picture = FlightPicture(exercise=exercise(1.0))
    picture.on_truth(truth(1.0), 0.0)
    with Progress(console, "Hop [/x]", lambda: 0.0) as progress:
        progress.say("said [/x]")
        progress.waiting("wait [/x]")
        progress.show(picture)
    with LockstepProgress(console, "Bar [/x]", 10.0):
        pass
    for text in ("Hop", "said", "wait", "Bar"):
        assert f"{text} [/x]" in out.getvalue()
