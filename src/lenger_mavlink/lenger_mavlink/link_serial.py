"""Serial links: a USB or UART port that may be pulled out and come back."""

from __future__ import annotations

import contextlib
import os
import select
import termios
from collections.abc import Callable

import serial  # type: ignore[import-untyped]

from lenger_core.errors import MissingError
from lenger_mavlink.link_clock import monotonic_ns
from lenger_mavlink.link_stream import READ_BYTES, READS_AT_ONCE, Backoff, SendQueue

_LOST = select.EPOLLERR | select.EPOLLHUP
_FAILURES = (OSError, ValueError, termios.error)  # SerialException is an OSError


class SerialLink:
    """A serial port, opened again when it was lost; `receive` drives that, so call it regularly.

    Args:
        device: path of the device; a link under /dev/serial/by-id keeps its name when the port is plugged in again.
        baud: bits per second; USB ports ignore it.
        flow_control: RTS/CTS.
        clock: monotonic time in nanoseconds.

    Attributes:
        stream: True: what is received is pieces of a stream.
        openings: how often the port was opened.

    Raises:
        MissingError: the port cannot be opened at the start.
    """

    stream = True

    def __init__(
        self,
        device: str,
        baud: int = 57_600,
        flow_control: bool = False,
        clock: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._device, self._baud, self._flow_control = device, baud, flow_control
        self._clock = clock
        self._backoff = Backoff(longest_ns=1_000_000_000)
        self._queue = SendQueue()
        self._unsent = 0
        self._epoll = select.epoll()
        self.openings = 0
        try:
            self._port: serial.Serial | None = self._open()
        except _FAILURES as error:
            self._epoll.close()
            raise MissingError(
                f"the serial port {device} of a MAVLink link cannot be opened ({error})",
                "plug the autopilot in, correct the path, or add the user to the group dialout",
            ) from error

    @property
    def dropped(self) -> int:
        """Writes that were dropped."""
        return self._unsent + self._queue.dropped

    @property
    def connected(self) -> bool:
        """Whether the port is open now."""
        return self._port is not None

    def peers(self) -> tuple[str, ...]:
        """Return the device while it is open."""
        return (self._device,) if self.connected else ()

    def receive_from(self) -> list[tuple[str, bytes]]:
        """Return what has arrived, as `receive`, with the device's path."""
        return [(self._device, data) for data in self.receive()]

    def receive(self) -> list[bytes]:
        """Return the pieces that have arrived; open the port again when it was lost. Never raises, never blocks."""
        if self._epoll.closed:
            return []
        if self._port is None:
            self._reopen()
        if self._port is None:
            return []
        pieces, lost = self._read(self._port.fileno())
        if lost:
            self._lose()
        else:
            self.send(b"")
        return pieces

    def send(self, data: bytes, peer: str | None = None) -> None:
        """Send whole frames, or drop them when the port is lost or has no room. Never raises, never blocks."""
        if self._port is None or (peer is not None and peer != self._device):
            self._unsent += bool(data)
            return
        self._queue.push(data)
        descriptor = self._port.fileno()
        try:
            self._queue.flush(lambda view: os.write(descriptor, view))
            self._epoll.modify(descriptor, select.EPOLLIN | (select.EPOLLOUT if len(self._queue) else 0))
        except OSError:
            self._lose()

    def fileno(self) -> int:
        """Return a descriptor that is readable when something has arrived, the same for the link's whole life."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None
        self._epoll.close()

    def _open(self) -> serial.Serial:
        port = serial.Serial(self._device, self._baud, timeout=0, rtscts=self._flow_control, exclusive=True)
        self._epoll.register(port.fileno(), select.EPOLLIN)
        self.openings += 1
        return port

    def _reopen(self) -> None:
        now_ns = self._clock()
        if not self._backoff.due(now_ns):
            return
        try:
            self._port = self._open()
            self._backoff.succeeded()
        except _FAILURES:
            self._backoff.failed(now_ns)

    def _read(self, descriptor: int) -> tuple[list[bytes], bool]:
        """Return what is there, and whether the port is lost: an empty read alone says only that nothing is there."""
        pieces: list[bytes] = []
        try:
            lost = any(events & _LOST for _, events in self._epoll.poll(0))
            for _ in range(READS_AT_ONCE):
                data = os.read(descriptor, READ_BYTES)
                if not data:
                    break
                pieces.append(data)
        except (BlockingIOError, InterruptedError):
            lost = False  # nothing more is there
        except OSError:
            lost = True
        return pieces, lost

    def _lose(self) -> None:
        self._queue.clear()
        if self._port is not None:
            with contextlib.suppress(*_FAILURES):
                self._port.close()
            self._port = None
        self._backoff.failed(self._clock())
