"""The tests that docs/ardupilot.md names are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "ardupilot.md"


def test_every_line_of_the_table_names_a_test_that_exists_or_says_why_not() -> None:
    table = DOCS.read_text(encoding="utf-8").split("## Behaviour, line by line")[1].split("## Left out")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| behaviour")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_copter_*.py"))
    tests = re.findall(r"^def test_(\w+)", code, re.MULTILINE)
    assert len(rows) >= 35
    for row in rows:
        last = row.rstrip("| ").split("|")[-1]
        names = [
            name for name in re.findall(r"`([\w/]+)\.*`", last) if "/" not in name and not name.startswith("test_")
        ]
        for name in names:
            assert any(test.startswith(name) for test in tests), name
        assert names or "`" in last or last.strip() in ("-", "same", "all of the above"), row
