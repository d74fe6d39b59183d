"""Ctrl-C as a count that the main loop reads, so that an interrupt never lands in the middle of something."""

from __future__ import annotations

import select
import signal
import socket
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Counts SIGINT, SIGTERM and SIGHUP while it is entered; restores the handlers on leaving. Main thread only."""

    def __init__(self) -> None:
        self.count = 0
        self._previous: dict[signal.Signals, Any] = {}
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)

    def __enter__(self) -> Interrupts:
        self._previous = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def __bool__(self) -> bool:
        return self.count > 0

    def wait(self, seconds: float) -> bool:
        """Return whether an interrupt has come, after at most `seconds`."""
        if not self.count:
            select.select([self._reader], [], [], seconds)
        return self.count > 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        with suppress(BlockingIOError):  # the pipe is full: whoever waits is awake already
            self._writer.send(b"x")
