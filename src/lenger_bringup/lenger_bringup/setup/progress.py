"""Show what the set-up does: one live line on a terminal, one line for each stage elsewhere, everything in the log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TextIO


class Progress:
    """Progress of numbered stages on ``stream``, with the commands' output in the file ``log``."""

    def __init__(self, total: int, stream: TextIO, log: Path) -> None:
        self.total = total
        self.stream = stream
        self.log_path = log
        self._log = log.open("a")
        self._live = stream.isatty()
        self._start = self._stage_start = time.monotonic()
        self._head = self._note = ""

    def stage(self, number: int, title: str) -> None:
        """Begin a stage."""
        self._stage_start = time.monotonic()
        self._head, self._note = f"[{number}/{self.total}] {title}", ""
        self.log(f"=== {time.strftime('%Y-%m-%d %H:%M:%S')} {self._head}")
        if self._live:
            self.tick()
        else:
            self._write(f"{self._head} ...\n")

    def note(self, text: str) -> None:
        """Say what is being downloaded or built."""
        self._note = text
        self.tick()

    def tick(self) -> None:
        """Redraw the live line."""
        if self._live:
            line = f"{self._head}  {self._clock(self._start)}  {self._note}"
            self._write(f"\r\033[K{line[: _columns() - 1]}")

    def done(self) -> None:
        """End a stage."""
        line = f"{self._head}: {time.monotonic() - self._stage_start:.0f} s\n"
        self._write(f"\r\033[K{line}" if self._live else line)

    def say(self, text: str) -> None:
        """Print one whole line."""
        self._write(f"\r\033[K{text}\n" if self._live else f"{text}\n")

    def log(self, line: str) -> None:
        """Add a line to the log file."""
        self._log.write(line + "\n")
        self._log.flush()

    def total_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._start

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()

    @staticmethod
    def _clock(start: float) -> str:
        return "{}:{:02d}".format(*divmod(int(time.monotonic() - start), 60))


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns
