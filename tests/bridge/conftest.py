"""Leaves the message classes as the other tests expect them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.fcu import UNCHECKED


@pytest.fixture(scope="module", autouse=True)
def _turn_field_checks_back() -> Iterator[None]:
    """Undo `checked_types`: rosidl's check of a float32 refuses the largest one, which others send."""
    yield
    for name, switch in UNCHECKED.items():
        module: Any = sys.modules[name]
        module.ros_python_check_fields = switch
    UNCHECKED.clear()
