"""The embedded vehicle as a process of its own, as a user starts it, for third-party clients over real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Return a port that nobody holds now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class VehicleProcess:
    """A running vehicle; `lines` is what it has printed so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def printed(self, text: str) -> bool:
        return any(text in line for line in list(self.lines))


@contextmanager
def running_vehicle(autopilot: str, mavlink: str, speed: float = 1.0, *more: str) -> Iterator[VehicleProcess]:
    """Start `./lenger vehicle` (its module) and end it after the block.

    Args:
        autopilot: px4 or ardupilot.
        mavlink: link URLs, by commas.
        speed: simulated seconds per second.
        more: further arguments.
    """
    args = ["--autopilot", autopilot, "--mavlink", mavlink, "--speed", str(speed), *more]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "lenger_sim.standalone", *args],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    vehicle = VehicleProcess(process)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            vehicle.lines.append(line.rstrip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield vehicle
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=10)
        reader.join(timeout=10)
