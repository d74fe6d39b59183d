"""`./lenger test`: pytest on the checkout's tests, in a process of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence

from lenger_core.errors import MissingError
from lenger_core.resources import home

ORDINARY = "not campaign and not slow"


def pytest_arguments(words: Sequence[str], tests: str) -> list[str]:
    """Return pytest's arguments: the ordinary suite unless the words choose tests or marks themselves."""
    chosen = list(words)
    marked = any(word == "-m" or word.startswith("-m=") or (word.startswith("-m") and len(word) > 2) for word in words)
    arguments = [] if marked else ["-m", ORDINARY]
    named = any(not word.startswith("-") and _is_test_path(word) for word in words)
    return arguments + chosen + ([] if named else [tests])


def _is_test_path(word: str) -> bool:
    return word.partition("::")[0].endswith(".py") or word.startswith(("tests", "./", "/"))


def run_suite(words: Sequence[str]) -> int:
    """Run pytest and return its exit code.

    Raises:
        MissingError: pytest or the tests are not there.
    """
    tests = home() / "tests"
    if importlib.util.find_spec("pytest") is None or not tests.is_dir():
        raise MissingError("pytest or the tests folder is not here", "git clone the project, then ./lenger test")
    command = [sys.executable, "-m", "pytest", *pytest_arguments(words, str(tests))]
    return subprocess.run(command, cwd=home(), check=False).returncode
