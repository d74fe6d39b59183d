"""The gate that every push must pass beside the tests: ruff's rules, ruff's format, mypy (strict on the cores)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=["rules", "format", "types"],
)
def test_the_tree_is_clean(command: tuple[str, ...]) -> None:
    result = subprocess.run([sys.executable, "-m", *command], cwd=HOME, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
