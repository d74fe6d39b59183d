"""MAVProxy as a pilot uses it: commands in, lines out."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class MavProxy:
    """A running MAVProxy; `text` is everything that it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._read = 0
        self.text = ""
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def say(self, command: str) -> None:
        """Type a command; what is printed from now on is what `expect` looks at."""
        self._read = len(self.text)
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def expect(self, pattern: str, limit_s: float = 60.0) -> re.Match[str]:
        """Wait until the pattern is printed after the last command."""
        deadline = time.monotonic() + limit_s
        pause = threading.Event()
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.search(pattern, self.text[self._read :])
            if found:
                return found
            pause.wait(0.05)
        pytest.fail(f"MAVProxy did not print {pattern!r} within {limit_s} s; it printed:\n{self.text[self._read :]}")

    def ask(self, command: str, pattern: str, limit_s: float = 60.0) -> re.Match[str]:
        """Type a command and wait for its answer."""
        self.say(command)
        return self.expect(pattern, limit_s)

    def repeat(self, command: str, pattern: str, limit_s: float = 30.0) -> None:
        """Type a command every second until its answer has the pattern."""
        deadline = time.monotonic() + limit_s
        pause = threading.Event()
        while time.monotonic() < deadline:
            self.say(command)
            pause.wait(1.0)
            if re.search(pattern, self.text[self._read :]):
                return
        self.expect(pattern, 1.0)

    def until(self, message: str, field: str, least: float, most: float, limit_s: float = 90.0) -> float:
        """Ask for a field of the newest message of a kind (`status`) until it is there and within the limits."""
        deadline = time.monotonic() + limit_s
        pause = threading.Event()
        pattern = rf"{message} \{{[^}}]*\b{field} : (-?[\d.]+)"
        value: float | None = None
        while time.monotonic() < deadline:
            self.say(f"status {message}")
            pause.wait(0.5)
            found = re.search(pattern, self.text[self._read :])
            value = float(found[1]) if found else value
            if value is not None and least <= value <= most:
                return value
        pytest.fail(f"{message}.{field} is {value}, not within {least} to {most} after {limit_s} s")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read(1):
            self.text += chunk


@contextmanager
def running_mavproxy(master: str, folder: Path) -> Iterator[MavProxy]:
    """Start MAVProxy on a link and end it after the block."""
    program = Path(sys.executable).with_name("mavproxy.py")
    process = subprocess.Popen(
        [sys.executable, "-u", str(program), f"--master={master}", f"--state-basedir={folder}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder,
    )  # fmt: skip
    try:
        yield MavProxy(process)
    finally:
        process.kill()
        process.wait(timeout=10)
