"""ROS domains and UDP ports that nobody else on this machine uses, so that two flights at once do not meet."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lenger_core.errors import MissingError

_FIRST, _LAST = 1, 100
"""Domains above 101 collide with the ephemeral ports of Linux (ROS 2 documentation, The ROS_DOMAIN_ID)."""


@contextmanager
def claim_domain() -> Iterator[int]:
    """Hold a free ROS domain: an advisory lock keeps other Lenger runs out, a port check those of other programs.

    Raises:
        MissingError: all of them are taken.
    """
    start = os.getpid()
    for offset in range(_LAST):
        domain = _FIRST + (start + offset) % _LAST
        with ExitStack() as held:
            lock = held.enter_context(_lock_path(domain).open("a"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            if not _unused(domain):
                continue
            yield domain
            return
    raise MissingError("every ROS domain from 1 to 100 is in use", "export ROS_DOMAIN_ID=<one that is free>")


def free_udp_ports(count: int) -> list[int]:
    """Return `count` different UDP ports that were free on the loopback interface a moment ago."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _lock_path(domain: int) -> Path:
    return Path(tempfile.gettempdir()) / f"lenger-domain-{os.getuid()}-{domain}.lock"


def _unused(domain: int) -> bool:
    """Whether no DDS participant of this domain listens here: discovery port of participant 0 (RTPS 9.6.1.1)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", 7400 + 250 * domain + 10))
        except OSError:
            return False
    return True
