"""The command line from outside: exit codes, one line on stderr, what is listed, and that help is quick to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def lenger(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lenger_bringup.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["fly", "nothing"], 2, "exercise: got 'nothing', expected one of: first_patrol"),
        (["fly", "first_patrol", "--autopilot", "inav"], 2, "--autopilot: got 'inav', expected px4 or ardupilot"),
        (["fly", "first_patrol", "--sim", "gazebo"], 3, "lenger: --sim gazebo cannot run here: "),
        (["fly", "first_patrol", "--speed", "0"], 2, "--speed: got 0.0, expected a number above 0"),
        (["fly", "first_patrol", "--seed", "-4"], 2, "--seed: got -4, expected a whole number"),
        (
            ["fly", "first_patrol", "--plan", "/nowhere.plan"],
            2,
            "--plan: got '/nowhere.plan',",
        ),
        (["up", "simm"], 2, "stack: got 'simm', expected one of sim, exercise, gazebo, hardware"),
        (["up", "sim", "speed:=x"], 2, "stack sim: speed: got 'x', expected a finite number"),
        (["debrief", "/nowhere"], 2, "debrief: DIR: got '/nowhere', expected the folder of a recorded flight"),
        (["plan", "check", "/nowhere.plan"], 2, "/nowhere.plan"),
    ],
)
def test_what_is_wrong_is_one_line_and_an_exit_code(words: list[str], code: int, line: str) -> None:
    ended = lenger(*words)
    assert ended.returncode == code
    assert line in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_a_plan_beyond_the_terrain_is_refused_before_anything_starts(tmp_path: Path) -> None:
    plan = (Path(__file__).parents[2] / "config/plans/first_patrol.plan").read_text(encoding="utf-8")
    (tmp_path / "far.plan").write_text(plan.replace("42.1", "10.1"), encoding="utf-8")
    out = tmp_path / "out"
    ended = lenger("fly", "first_patrol", "--plan", str(tmp_path / "far.plan"), "--out", str(out))
    assert ended.returncode == 2
    assert ended.stderr.startswith("lenger: far.plan: items: got '10.")
    assert "Lenger terrain: latitude" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("words", [["fly"], ["fly", "first_patrol", "--sped", "3"], ["frobnicate"]])
def test_wrong_usage_is_exit_code_2(words: list[str]) -> None:
    ended = lenger(*words)
    assert ended.returncode == 2
    assert "Error" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_lists_only_commands_that_work() -> None:
    listed = lenger("--help").stdout
    for command in ("fly", "test", "up", "exercises", "vehicle", "debrief", "doctor", "plan", "world", "fuse"):
        assert f"\n  {command} " in listed


def test_help_imports_no_numbers_and_no_ros() -> None:
    script = (
        "import sys\nimport lenger_bringup.commands\nprint({'numpy', 'rclpy', 'numba', 'pydantic'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.strip() == "set()"


def test_the_course_and_a_plan_can_be_read() -> None:
    assert "first_patrol" in lenger("exercises").stdout
    plan = Path(__file__).parents[1] / "data" / "hop.plan"
    assert lenger("plan", "check", str(plan)).returncode == 0


def test_a_stack_shows_its_arguments() -> None:
    shown = lenger("up", "hardware", "--show-args").stdout
    assert "fcu_url" in shown
    assert "endpoint" in shown


LONG = "/tmp/" + "n" * 300


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["fly", "first_patrol", "--lockstep", "--out", LONG], "--out: got"),
        (["fly", "first_patrol", "--plan", LONG], "--plan: got"),
        (["debrief", LONG], "debrief: DIR: got"),
        (["up", "sim", "--log", "/proc/nothing/log"], "--log: got '/proc/nothing/log', expected a folder that can be"),
    ],
)
def test_a_path_that_cannot_be_looked_at_is_bad_input(words: list[str], line: str) -> None:
    ended = lenger(*words)
    assert ended.returncode == 2
    assert line in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_what_the_machine_refuses_is_one_line() -> None:
    script = (
        "import lenger_bringup.cli as cli, lenger_bringup.doctor as doctor\n"
        "def full(*_): raise OSError(28, 'No space left on device', '/x/[y]')\n"
        "doctor.run = full\n"
        "import sys; sys.argv = ['lenger', 'doctor']; cli.main()"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (1, "lenger: /x/[y]: No space left on device\n")
