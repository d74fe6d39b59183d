"""Rows of flights in files, one JSON object a line: a campaign that was broken off goes on with what they hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import lenger_core

Row = dict[str, Any]


@lru_cache(maxsize=4)
def tree(flights: Path) -> str:
    """Return a digest of what flies: the sources, the vehicles, and the flights' own folder."""
    source = Path(lenger_core.__file__).parents[2]
    digest = hashlib.sha256()
    for place in (source, source.parent / "config" / "vehicles", flights):
        for path in sorted(p for p in place.rglob("*") if p.suffix in (".py", ".yaml")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def rows_in(files: Iterable[Path], flown_by: str) -> dict[int, Row]:
    """Return the rows by seed that these sources flew (`tree`); a line that was cut off does not count."""
    rows: dict[int, Row] = {}
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            if row.get("tree") == flown_by:
                rows[int(row["seed"])] = row
    return rows
