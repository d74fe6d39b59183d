"""Flights that a campaign has flown already: a line of a file each, valid for the sources that flew them.

A campaign of an hour can so be broken off and go on where it was; flights of other sources do not count.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import lenger_mission

Row = dict[str, Any]


@lru_cache(maxsize=1)
def tree() -> str:
    """Return a digest of what flies: the sources, the vehicles, and these flights."""
    source = Path(lenger_mission.__file__).parents[2]
    places = (source, source.parent / "config" / "vehicles", Path(__file__).parent)
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(p for p in place.rglob("*") if p.suffix in (".py", ".yaml")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


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
    known = _read(out)
    rows = []
    for seed in seeds:
        if seed not in known:
            known[seed] = {"seed": seed, "tree": tree(), **fly(seed)}
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(known[seed]) + "\n")
        rows.append(known[seed])
    return rows


def _read(out: Path) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for line in out.read_text(encoding="utf-8").splitlines() if out.exists() else ():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:  # cut off in the middle of writing
            continue
        if row.get("tree") == tree():
            rows[int(row["seed"])] = row
    return rows
