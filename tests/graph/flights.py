"""Real flights for the tests of the graph: `lenger fly` as a process, and what can be seen of it from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lenger_bringup.sessions import MARK

HOP = Path(__file__).parents[1] / "data" / "hop.yaml"
NODES = ("vehicle", "mavros", "autopilot", "guard", "mission", "fusion", "recorder", "exercise")


class Flight:
    """`lenger fly` of an exercise, started; `out` gets its files, `console` what it prints.

    `maps` are the memory maps of its processes by node name, after `note_maps`.
    """

    def __init__(self, out: Path, *words: str, exercise: str = str(HOP)) -> None:
        self.out = out
        self.maps: dict[str, str] = {}
        out.mkdir(parents=True, exist_ok=True)
        self._console = out.with_name(out.name + ".console")
        command = [sys.executable, "-m", "lenger_bringup.cli", "fly", exercise, "--out", str(out), *words]
        environment = {key: value for key, value in os.environ.items() if key not in ("ROS_DOMAIN_ID", MARK)}
        with self._console.open("wb") as sink:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, env=environment
            )

    @property
    def console(self) -> str:
        return self._console.read_text(encoding="utf-8", errors="replace")

    def until(self, seen: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Wait until something is seen, or fail with what the flight has printed."""
        deadline, pause = time.monotonic() + timeout_s, threading.Event()
        while not seen():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.end()
                pytest.fail(f"never saw {what}; the flight printed:\n{self.console}")
            pause.wait(0.02)

    def until_prints(self, words: str, timeout_s: float = 120.0) -> None:
        self.until(lambda: words in self.console, timeout_s, repr(words))

    def wait(self, timeout_s: float = 240.0) -> int:
        """Return the exit code."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.end()
            pytest.fail(f"still flying after {timeout_s} s; it printed:\n{self.console}")

    def end(self) -> None:
        """Make sure that nothing goes on, whatever the test found."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def processes(self) -> dict[int, str]:
        """Return the living processes of this run: process id and node name ("" for one that is no node yet)."""
        mark = f"{MARK}={self.out.name}-{self.process.pid}".encode()
        return {pid: name for pid in _pids() if (name := _name(pid, mark)) is not None}

    def note_maps(self) -> None:
        self.maps = {name: Path(f"/proc/{pid}/maps").read_text() for pid, name in self.processes().items()}

    def pid_of(self, node: str) -> int:
        return next(pid for pid, name in self.processes().items() if name == node)

    def starve(self, node: str, wall_s: float) -> None:
        """Give a process no processor for a while, as a loaded machine may."""
        pid, begin = self.pid_of(node), time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        try:
            self.until(lambda: time.monotonic() - begin > wall_s, wall_s + 60.0, f"{wall_s} s without {node}")
        finally:
            os.kill(pid, signal.SIGCONT)

    def result(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.out / "result.json").read_text())
        return loaded


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _name(pid: int, mark: bytes) -> str | None:
    """The node's name, None when the process is not of this run or has ended."""
    try:
        if mark not in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            return None
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((word.decode().removeprefix("__node:=") for word in words if word.startswith(b"__node:=")), "")


def messages(recording: Path) -> int:
    """Return how many messages a recording holds, read by the MCAP library, which checks its sums."""
    from mcap.reader import make_reader

    with recording.open("rb") as file:
        return sum(1 for _ in make_reader(file, validate_crcs=True).iter_messages())
