"""Running commands: their notes, their failures, and that an interrupt leaves no child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_home import make_progress

from lenger_bringup.setup import commands, interfaces, packages, wheels
from lenger_bringup.setup.errors import SetupError

SOURCE = Path(commands.__file__).parents[2]


def test_output_goes_to_the_log_and_lines_come_back_whole(tmp_path: Path) -> None:
    progress, _ = make_progress(tmp_path)
    lines = commands.run(["sh", "-c", "printf 'one\\ntw'; printf 'o\\nthree'"], progress, os.environ, lambda line: "")
    assert lines == ["one", "two", "three"]
    assert "one\ntwo\nthree\n" in (tmp_path / "setup.log").read_text()


def test_a_failure_names_the_telling_line_and_the_log(tmp_path: Path) -> None:
    progress, _ = make_progress(tmp_path)
    script = "echo 'ERROR: No matching distribution found for x==1'; echo hint; exit 1"
    with pytest.raises(SetupError, match=r"No matching distribution found for x==1.*setup\.log"):
        commands.run(["sh", "-c", script], progress, os.environ, lambda line: "")


def test_an_interrupt_ends_the_command_and_what_it_started(tmp_path: Path) -> None:
    code = (
        "import io, os, sys; from pathlib import Path; from lenger_bringup.setup import commands, progress;"
        "p = progress.Progress(1, sys.stderr, Path(sys.argv[1])); say = lambda line: print(line, flush=True) or '';"
        "commands.run(['sh', '-c', 'sleep 300 & echo child $!; wait'], p, os.environ, say)"
    )
    outer = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "log")], cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert outer.stdout is not None
    child = int(outer.stdout.readline().split()[1])
    outer.send_signal(signal.SIGINT)
    outer.communicate(timeout=30)
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("  Downloading numpy-2.4.6-cp311-cp311-manylinux.whl (16.6 MB)", "downloading numpy-2.4.6 (16.6 MB)"),
        ("Collecting scipy==1.17.1 (from -r base.txt (line 3))", "finding scipy 1.17.1"),
        ("Processing /some/where/rich-15.0.0-py3-none-any.whl (from -r x)", "finding rich-15.0.0"),
        ("Installing collected packages: a, b, c", "installing 3 packages"),
        ("  Building wheel for empy (setup.py): started", "building empy"),
        ("Requirement already satisfied: pip", ""),
    ],
)
def test_a_line_of_pip_becomes_a_few_words(line: str, note: str) -> None:
    assert packages.describe(line) == note


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("Starting >>> mavros_msgs", "starting mavros_msgs"),
        ("Finished <<< tf2_msgs [5.1s]", "finished tf2_msgs"),
        ("[12/180] Building C object x.o", "building 12 of 180"),
        ("-- Installing: somewhere", ""),
    ],
)
def test_a_line_of_colcon_becomes_a_few_words(line: str, note: str) -> None:
    assert interfaces.describe(line) == note


@pytest.mark.parametrize("core", ["core", "_core"])
@pytest.mark.parametrize("minor", [10, 11, 12, 13])
def test_the_wheel_builders_include_folders_are_replaced(core: str, minor: int) -> None:
    root = f"/opt/python/cp3{minor}-cp3{minor}"
    numpy = f"{root}/lib/python3.{minor}/site-packages/numpy/{core}/include"
    text = f'INTERFACE_INCLUDE_DIRECTORIES "${{_IMPORT_PREFIX}}/include;{root}/include/python3.{minor};{numpy}"'
    wanted = 'INTERFACE_INCLUDE_DIRECTORIES "${_IMPORT_PREFIX}/include;/a b/inc;/c/np"'
    assert wheels.rewrite(text, "/a b/inc", "/c/np") == wanted
    assert wheels.rewrite(wanted, "/a b/inc", "/c/np") == wanted


def test_over_a_full_ros_what_it_was_compiled_against_stays() -> None:
    pins = ["# comment", "numpy==1.26.4", "PyYAML==6.0.3", "scipy==1.17.1", "pytest==8.4.2", "", "colcon-core==0.21"]
    left = packages.missing(pins, {"numpy", "pyyaml", "colcon-core", "pytest"})
    assert left == ["scipy==1.17.1", "pytest==8.4.2"]
    assert packages.missing(pins, set()) == [pin for pin in pins if pin and not pin.startswith("#")]
