"""What links over byte streams share: a bounded queue that never sends half a frame, and the wait before a retry."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable

QUEUE_BYTES = 1 << 16
READ_BYTES = 1 << 14
READS_AT_ONCE = 16


class SendQueue:
    """Bytes that the system has not taken yet, in whole writes of the caller.

    A write that does not fit is dropped whole, so that the stream holds whole frames only; a write that has begun is
    always finished on the connection where it began.

    Args:
        limit: the most bytes that wait.

    Attributes:
        dropped: writes that were dropped.
    """

    def __init__(self, limit: int = QUEUE_BYTES) -> None:
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._begun = 0
        self.dropped = 0

    def __len__(self) -> int:
        return self._size - self._begun

    def push(self, data: bytes) -> None:
        """Append a write, or drop it when there is no room."""
        if len(self) + len(data) > self._limit:
            self.dropped += 1
        elif data:
            self._waiting.append(data)
            self._size += len(data)

    def flush(self, write: Callable[[memoryview], int]) -> None:
        """Give as much to `write` as it takes.

        Args:
            write: takes bytes, returns how many it took; BlockingIOError means none. What else it raises is passed on.
        """
        while self._waiting:
            head = self._waiting[0]
            try:
                self._begun += write(memoryview(head)[self._begun :])
            except (BlockingIOError, InterruptedError):
                return
            if self._begun < len(head):
                return
            self._waiting.popleft()
            self._size -= len(head)
            self._begun = 0

    def clear(self) -> None:
        """Forget everything: the connection is gone, and with it the beginning of a begun write."""
        self.dropped += len(self._waiting)
        self._waiting.clear()
        self._size = self._begun = 0


class Backoff:
    """When to try again: after `first_ns`, then twice as long each time, at most `longest_ns`."""

    def __init__(self, first_ns: int = 250_000_000, longest_ns: int = 4_000_000_000) -> None:
        self._first_ns, self._longest_ns = first_ns, longest_ns
        self._wait_ns = first_ns
        self._due_ns = 0

    def due(self, now_ns: int) -> bool:
        """Return whether it is time for the next attempt."""
        return now_ns >= self._due_ns

    def failed(self, now_ns: int) -> None:
        """Take that an attempt failed or a connection was lost."""
        self._due_ns = now_ns + self._wait_ns
        self._wait_ns = min(2 * self._wait_ns, self._longest_ns)

    def succeeded(self) -> None:
        """Start from the shortest wait next time."""
        self._wait_ns = self._first_ns


class Connection:
    """One connected, non-blocking TCP socket with its queue. Nothing raises; `alive` tells of the end."""

    def __init__(self, connected: socket.socket, queue: SendQueue | None = None) -> None:
        self.socket = connected
        self.queue = queue if queue is not None else SendQueue()
        self.alive = True
        connected.setblocking(False)
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a peer whose power went is noticed
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
        except OSError:
            self.alive = False  # it broke between connecting and now

    def read(self) -> list[bytes]:
        """Return what has arrived, at most 256 KiB: a flood must not stop the caller."""
        pieces: list[bytes] = []
        for _ in range(READS_AT_ONCE):
            if not self.alive:
                break
            try:
                data = self.socket.recv(READ_BYTES)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                data = b""
            if not data:
                self.alive = False
                break
            pieces.append(data)
        return pieces

    def write(self, data: bytes = b"") -> None:
        """Send what waits and then `data`, as far as the system takes it now."""
        self.queue.push(data)
        if self.alive and len(self.queue):
            try:
                self.queue.flush(self.socket.send)
            except OSError:
                self.alive = False

    def close(self) -> None:
        """Close the socket and forget what waits."""
        self.alive = False
        self.queue.clear()
        self.socket.close()
