"""Fingerprints, resuming, and the lock."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from fake_home import BARE, PYTHON, make_current, make_home, make_progress

from lenger_bringup.setup import layout, program
from lenger_bringup.setup.layout import Plan

SOURCE = Path(program.__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "a home")


def fingerprints(home: Path, plan: Plan = BARE, python: str = PYTHON) -> dict[str, str]:
    return {stage.name: stage.fingerprint for stage in layout.stages(home, plan, python)}


def changed_by(home: Path, path: str) -> set[str]:
    before = fingerprints(home)
    with (home / path).open("a") as file:
        file.write("# changed\n")
    after = fingerprints(home)
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("path", "stages"),
    [
        ("requirements/base.txt", {"base"}),
        ("requirements/ros.txt", {"ros", "wheels", "interfaces"}),
        ("requirements/build.txt", {"build", "interfaces"}),
        ("src/lenger_interfaces/msg/Thing.msg", {"interfaces"}),
        ("src/lenger_core/lenger_core/warm.py", {"kernels"}),
    ],
)
def test_a_change_repeats_its_stage_and_those_that_build_on_it(home: Path, path: str, stages: set[str]) -> None:
    assert changed_by(home, path) == stages


def test_a_new_or_renamed_message_repeats_the_build(home: Path) -> None:
    before = fingerprints(home)
    message = home / "src" / "lenger_interfaces" / "msg" / "Thing.msg"
    message.rename(message.with_name("Other.msg"))
    assert fingerprints(home)["interfaces"] != before["interfaces"]


def test_a_moved_folder_another_python_or_another_ros_repeats_everything(home: Path, tmp_path: Path) -> None:
    before = fingerprints(home)
    elsewhere = make_home(tmp_path / "elsewhere")
    for other in (fingerprints(elsewhere), fingerprints(home, python="3.12.2")):
        assert not set(before.values()) & set(other.values())


def test_a_finished_set_up_is_current_until_something_changes(home: Path) -> None:
    venv = make_current(home)
    assert layout.is_current(home, venv, PYTHON, "")
    assert not layout.is_current(home, venv, "3.12.2", "")
    assert not layout.is_current(home, venv, PYTHON, "jazzy")
    (home / "requirements" / "dev.txt").write_text("pytest==8\n")
    assert not layout.is_current(home, venv, PYTHON, "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stages": 3}', '{"mode": "bare", "build": "x"}'])
def test_a_damaged_state_file_means_not_current(home: Path, text: str) -> None:
    venv = make_current(home)
    (venv / layout.STATE_FILE).write_text(text)
    assert not layout.is_current(home, venv, PYTHON, "")


class FakeWork:
    """Notes which stages run; the stage ``stop_at`` is interrupted."""

    def __init__(self, place: Path, stop_at: str = "") -> None:
        self.place, self.plan, self.stop_at, self.ran = place, BARE, stop_at, list[str]()
        self.python = type("P", (), {"version": PYTHON})
        self.progress, self.stream = make_progress(place)

    def __getattr__(self, name: str):
        def step() -> None:
            if name == self.stop_at:
                raise KeyboardInterrupt
            self.ran.append(name)

        return step


def test_an_interrupted_set_up_says_what_is_kept_and_goes_on_from_there(home: Path) -> None:
    venv = home / ".venv"
    venv.mkdir()
    stages = layout.stages(home, BARE, PYTHON)
    first = FakeWork(venv, stop_at="ros")
    with pytest.raises(KeyboardInterrupt):
        program.run_stages(stages, first, "")
    assert first.ran == ["venv", "base"]
    assert "interrupted in step 3 of 9 (ROS 2 Jazzy wheels); 2 finished steps are kept" in first.stream.getvalue()
    second = FakeWork(venv)
    program.run_stages(stages, second, "")
    assert second.ran == ["ros", "dev", "build", "wheels", "interfaces", "paths", "kernels"]
    assert layout.is_current(home, venv, PYTHON, "")


def test_a_new_environment_repeats_what_was_installed_into_the_old_one(home: Path) -> None:
    venv = make_current(home)
    state = layout.done_stages(layout.read_state(venv))
    state["venv"] = "other"
    layout.write_state(venv, BARE, PYTHON, state, "")
    work = FakeWork(venv)
    program.run_stages(layout.stages(home, BARE, PYTHON), work, "")
    assert work.ran == [stage.name for stage in layout.stages(home, BARE, PYTHON)]


def test_a_second_set_up_waits_for_the_first_and_then_has_nothing_to_do(home: Path) -> None:
    version = "{}.{}.{}".format(*sys.version_info[:3])
    make_current(home, python=version)
    code = (
        "import sys; from pathlib import Path; from lenger_bringup.setup import program, ros;"
        "print(program.set_up(Path(sys.argv[1]), ros.decide('', False, lambda n: False), ''))"
    )
    with (home / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-c", code, str(home)],
            cwd=SOURCE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stderr is not None
        assert "another set-up of this folder is under way" in second.stderr.readline()
        assert second.poll() is None
    output, errors = second.communicate(timeout=30)
    assert (second.returncode, output.strip(), errors) == (0, str(home / ".venv"), "")
