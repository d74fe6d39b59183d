"""`./lenger fuse` as a person calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fusion.replay.written import flown, write_folder


def lenger(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lenger_bringup.cli", "fuse", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=550, env=dict(os.environ))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("logs") / "flight", flown())


def test_one_screen_and_three_files(log: Path, tmp_path: Path) -> None:
    options = (
        "--withhold",
        "gnss:8-19",
        "--withhold",
        "baro:9-10",
        "--without",
        "flow",
        "--inject",
        "mag-bias:2-4:20ut",
    )
    done = lenger(log, "--out", "out", *options, "--set", "gate_sigma=4", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"estimate.csv", "report.json", "report.html"}
    for said in (
        "gnss:8-19",
        "last fix held",
        "mag-bias:2-4:20ut",
        "gnss_position",
        "HPL",
        "times real time",
        "coasting",
    ):
        assert said in done.stdout
    assert len(done.stdout.splitlines()) <= 40


def test_json_is_the_summary_of_the_report(log: Path, tmp_path: Path) -> None:
    done = lenger(log, "--out", "out", "--json", "--withhold", "gnss:8-19", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    summary, report = json.loads(done.stdout), json.loads((tmp_path / "out" / "report.json").read_text())
    assert summary["withheld"] == report["withheld"] and summary["integrity"] == report["integrity"]["share"]
    assert summary["estimate"]["rows"] == len((tmp_path / "out" / "estimate.csv").read_text().splitlines()) - 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--withhold", "gnss"), "--withhold"),
        (("--withhold", "imu:1-2"), "imu-gap"),
        (("--without", "gps"), "gnss or baro"),
        (("--inject", "spoof:1-2"), "spoof-step, spoof-ramp"),
        (("--class", "balloon"), "multirotor or fixed_wing"),
        (("--set", "gate_sgima=1"), "gate_sigma"),
    ],
)
def test_a_bad_option_is_one_line_and_code_2(log: Path, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    done = lenger(log, "--out", "out", *options, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr
    assert done.stderr.count("\n") == 1 and not done.stdout and not (tmp_path / "out").exists()


def test_a_bad_log_is_one_line_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "text.ulg").write_text("no log")
    for name in ("none.bin", "text.ulg"):
        done = lenger(name, "--out", "out", cwd=tmp_path)
        assert done.returncode == 2 and name in done.stderr and ".mcap" in done.stderr
        assert done.stderr.count("\n") == 1


def test_the_help_has_the_table_of_injections(tmp_path: Path) -> None:
    done = lenger("--help", cwd=tmp_path)
    assert done.returncode == 0
    for said in ("spoof-ramp:T0-T1:2m/s", "airspeed-freeze:T0-T1", "--withhold", "--without", "--json"):
        assert said in done.stdout


def test_an_interrupt_is_130_and_leaves_no_half_file(tmp_path: Path) -> None:
    long = write_folder(tmp_path / "flight", flown(120.0, 5))
    command = [sys.executable, "-m", "lenger_bringup.cli", "fuse", str(long), "--out", "out"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        part = tmp_path / "out" / ".estimate.csv.part"
        deadline, pause = time.monotonic() + 120.0, threading.Event()
        while not part.exists() and process.poll() is None and time.monotonic() < deadline:
            pause.wait(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said
    assert list((tmp_path / "out").iterdir()) == []
