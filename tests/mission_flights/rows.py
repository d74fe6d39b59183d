"""Flights that a campaign has flown already: a line of a file each, valid for the sources that flew them.

A campaign of an hour can so be broken off and go on where it was; flights of other sources do not count.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from flown_rows import Row, rows_in, tree


def file_of(campaign: str) -> Path:
    """Return the file of a campaign, in the folder LENGER_MISSION_FLIGHTS, default the system's temporary one."""
    return Path(os.environ.get("LENGER_MISSION_FLIGHTS", tempfile.gettempdir())) / f"mission-{campaign}.jsonl"


def flown(out: Path, seeds: Iterable[int], fly: Callable[[int], Row]) -> list[Row]:
    """Return the row of every seed, flying those that the file does not hold.

    Args:
        out: the file.
        seeds: in order.
        fly: flies one; what it returns can be written as JSON.
    """
    flown_by = tree(Path(__file__).parent)
    known = rows_in((out,), flown_by)
    out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for seed in seeds:
        if seed not in known:
            known[seed] = {"seed": seed, "tree": flown_by, **fly(seed)}
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(known[seed]) + "\n")
        rows.append(known[seed])
    return rows
