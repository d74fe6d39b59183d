"""`./lenger test`: pytest on the checkout's tests, in processes of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence

from lenger_core.errors import MissingError
from lenger_core.resources import home

ORDINARY = "not campaign and not slow"
SLOW = "slow"
"""The other set that is run whole; campaigns are named one by one."""

_PLUGIN = "xdist"
_SLOWEST = "--durations=15"


def pytest_arguments(words: Sequence[str], tests: str) -> list[str]:
    """Return pytest's arguments: the ordinary suite unless the words choose tests or marks themselves."""
    chosen = list(words)
    marked = any(word == "-m" or word.startswith("-m=") or (word.startswith("-m") and len(word) > 2) for word in words)
    arguments = [] if marked else ["-m", ORDINARY]
    named = any(not word.startswith("-") and _is_test_path(word) for word in words)
    return arguments + chosen + ([] if named else [tests])


def passes(words: Sequence[str], tests: str, cores: int) -> list[list[str]]:
    """Return the argument lists of the pytest runs that these words ask for.

    A whole set (no words, or `-m slow`) is run twice: what only computes, on all `cores`; then what
    starts real ROS processes (mark `ros`), alone on the machine, since those keep to the wall clock. Any other words
    go to one run as they are.
    """
    marks = {(): ORDINARY, ("-m", SLOW): SLOW}.get(tuple(words))
    if marks is None or cores < 2:
        return [pytest_arguments(words, tests)]
    spread = ["-n", str(cores), "--dist", "worksteal", _SLOWEST]
    return [
        [*spread, *pytest_arguments(["-m", f"({marks}) and not ros"], tests)],
        [_SLOWEST, *pytest_arguments(["-m", f"({marks}) and ros"], tests)],
    ]


def _is_test_path(word: str) -> bool:
    return word.partition("::")[0].endswith(".py") or word.startswith(("tests", "./", "/"))


def run_suite(words: Sequence[str]) -> int:
    """Run pytest, every pass of it, and return the first exit code that is not 0.

    Raises:
        MissingError: pytest or the tests are not there.
    """
    tests = home() / "tests"
    if importlib.util.find_spec("pytest") is None or not tests.is_dir():
        raise MissingError("pytest or the tests folder is not here", "git clone the project, then ./lenger test")
    cores = len(os.sched_getaffinity(0)) if importlib.util.find_spec(_PLUGIN) is not None else 1
    codes = [_pytest(arguments) for arguments in passes(words, str(tests), cores)]
    return next((code for code in codes if code != 0), 0)


def _pytest(arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=home(), check=False).returncode
