"""Fixtures for the whole suite: ROS domains that no other test uses, and waiting on a predicate instead of sleeping."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lenger_bringup.domains import claim_domain

sys.path.append(str(Path(__file__).parent))  # modules that folders share; importlib mode gives them no path

# Nothing here passes or fails by the clock: the first call of a compiled kernel, or a busy machine, is slow.
# The ordinary suite is one fixed sample, so that a push is judged by its change; the campaigns draw seeds of their own.
settings.register_profile("lenger", deadline=None, derandomize=True)
settings.load_profile("lenger")


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A ROS domain of this test's own, in the environment of the test and of the processes it starts."""
    with claim_domain() as domain:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        yield domain


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """A function `wait_until(predicate, timeout_s=30.0, what="")` that fails the test when the time is up."""
    return _wait_until


def _wait_until(predicate: Callable[[], bool], timeout_s: float = 30.0, what: str = "") -> None:
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not predicate():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_s} s for {what or predicate}")
        pause.wait(0.02)
