"""docs/bridge.md's table of plugins says exactly what the endpoint offers, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.fcu import Fcu
from lenger_bridge.endpoint_service_specs import SERVED

DOCS = Path(__file__).parents[2] / "docs" / "bridge.md"


def table() -> list[list[str]]:
    text = DOCS.read_text(encoding="utf-8").split("<!-- plugins -->")[1].split("<!-- end -->")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    """Return the names of a cell, `root/{a,b}` expanded."""
    out: list[str] = []
    for name in re.findall(r"`([^`]+)`", cell):
        root, brace, rest = name.partition("{")
        parts = rest.rstrip("}").split(",") if brace else [""]
        out += [root + part for part in parts]
    return [name if name.startswith("/") else f"mavros/{name}" for name in out]


def column(index: int) -> list[str]:
    return [name for row in table() for name in names(row[index])]


def test_topics_out() -> None:
    core = Fcu().core
    told = column(1)
    assert len(told) == len(set(told))
    offered = {*core.records, *(stream.topic for stream in core.streams), "/diagnostics", "/tf_static"}
    assert set(told) == offered


def test_topics_in() -> None:
    told = column(2)
    assert len(told) == len(set(told))
    assert set(told) == {entry.topic for entry in Fcu().core.inputs}


def test_services() -> None:
    told = column(3)
    assert len(told) == len(set(told))
    assert set(told) == {spec.name for spec in SERVED}


def test_what_is_not_there_has_a_reason() -> None:
    for row in table():
        assert len(row) == 5, row
        offers = any(row[1:4])
        assert offers or row[4], f"{row[0]}: neither offered nor explained"
