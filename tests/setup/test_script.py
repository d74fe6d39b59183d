"""The `lenger` script itself, with stand-ins for Python."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout"
    (folder / "src/lenger_bringup/lenger_bringup").mkdir(parents=True)
    shutil.copy(ROOT / "lenger", folder)
    shutil.copytree(
        ROOT / "src/lenger_bringup/lenger_bringup/setup",
        folder / "src/lenger_bringup/lenger_bringup/setup",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder


def run(checkout: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "lenger"), *words], env={"PATH": "/usr/bin:/bin", **environ}, capture_output=True, text=True
    )


def stand_in(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_a_python_it_says_so_in_one_line_and_exits_3(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    for name in ("sh", "readlink", "env"):
        tools.mkdir(exist_ok=True)
        (tools / name).symlink_to(shutil.which(name) or name)
    stand_in(tools / "python3", 'case "$*" in -V) echo Python 3.8.10;; *) exit 1;; esac')
    script = (checkout / "lenger").read_text().replace("/usr/bin/python3", "/nonexistent/python3")
    (checkout / "lenger").write_text(script)
    done = run(checkout, "--help", PATH=str(tools))
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "python3 is: Python 3.8.10" in done.stderr
    assert "sudo apt-get install python3 python3-venv python3-dev" in done.stderr


def test_an_existing_environment_is_entered_at_once(checkout: Path) -> None:
    stand_in(checkout / ".venv/bin/python", 'printf "<%s>" "$@"')
    done = run(checkout, "plan", "check", "a b.plan", "")
    entry = checkout / "src/lenger_bringup/lenger_bringup/setup/__main__.py"
    wanted = f"<-S><{entry}><--venv><{checkout}/.venv><plan><check><a b.plan><>"
    assert (done.returncode, done.stdout) == (0, wanted)


def test_a_link_to_the_script_finds_the_checkout(checkout: Path, tmp_path: Path) -> None:
    stand_in(checkout / ".venv/bin/python", 'echo "$4"')
    link = tmp_path / "bin" / "lenger"
    link.parent.mkdir()
    link.symlink_to(checkout / "lenger")
    done = subprocess.run([str(link)], capture_output=True, text=True, cwd="/")
    assert done.stdout.strip() == f"{checkout}/.venv"


def test_a_sourced_ros_prefers_its_own_environment(checkout: Path) -> None:
    for name in (".venv", ".venv-ros-jazzy"):
        stand_in(checkout / name / "bin/python", 'echo "$4"')
    assert run(checkout, ROS_DISTRO="jazzy").stdout.strip().endswith("/.venv-ros-jazzy")
    assert run(checkout).stdout.strip().endswith("/.venv")


def test_a_missing_compiler_exits_3_before_anything_is_made(checkout: Path) -> None:
    done = run(checkout, "--help", LENGER_PYTHON=sys.executable, CXX="no-such-compiler")
    assert done.returncode == 3
    assert "no C++ compiler found (no-such-compiler)" in done.stderr
    assert "apt-get install g++" in done.stderr
    assert not (checkout / ".venv").exists()


def test_when_nothing_changed_it_adds_less_than_a_second() -> None:
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("these tests do not run from the environment that ./lenger made")
    environ = {name: value for name, value in os.environ.items() if name != "ROS_DISTRO"}
    begin = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([str(ROOT / "lenger"), "--help"], env=environ, capture_output=True, text=True)
    assert done.returncode == 0
    assert "setting up" not in done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin < 1.0, "CPU time: other work does not count"
