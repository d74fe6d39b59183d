"""The rows of a `QGC WPL` text file, before anything is made of them.

Format: mavlink.io, "Mission Plain-Text File Format": a heading `QGC WPL <version>`, then a row of twelve columns for
each mission item. Ground stations write tabs, people spaces; Windows programs end lines with CR LF; lines that begin
with # and empty ones are passed over, as pymavlink does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from lenger_core.errors import InputError
from lenger_core.plans import MAX_ITEMS
from lenger_core.strict_json import Limits

VERSIONS = (110, 120)
COLUMNS = (
    "number", "current", "frame", "command", "param1", "param2", "param3", "param4", "latitude", "longitude", "height",
    "autocontinue",
)  # fmt: skip
WPL_LIMITS = Limits(8_000_000, 100_000, f"a mission of {MAX_ITEMS:,} items")
"""The containers of a text file are its lines."""
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII)
_NAN = re.compile(r"[+-]?nan", re.IGNORECASE)

Params = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        line: number of the line in the file, from 1; 0 for a row that was not read.
        number: of the item.
        current: whether the row says that the mission begins here.
        frame: MAV_FRAME.
        command: MAV_CMD.
        params: the seven parameters, the last three mostly latitude, longitude and height; None for nan.
        autocontinue: whether the mission goes on by itself.
    """

    line: int
    number: int
    current: bool
    frame: int
    command: int
    params: Params
    autocontinue: bool


def parse_rows(text: str, where: str) -> tuple[int, tuple[Row, ...]]:
    """Return the version and the rows of a file.

    Raises:
        InputError: no such heading, too many rows, or a row that is none; one line names line, column and value.
    """
    if len(text) > WPL_LIMITS.max_bytes:
        raise InputError(where, "", f"{len(text)} characters", f"at most {WPL_LIMITS.max_bytes} ({WPL_LIMITS.reason})")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > WPL_LIMITS.max_containers:
        raise InputError(where, "", f"{len(lines)} lines", f"at most {WPL_LIMITS.max_containers} ({WPL_LIMITS.reason})")
    told = [(n, line.strip()) for n, line in enumerate(lines, start=1)]
    told = [(n, line) for n, line in told if line and not line.startswith("#")]
    version = _version(told[0][1] if told else "", where)
    if len(told) - 1 > MAX_ITEMS + 1:
        raise InputError(where, "", f"{len(told) - 1} rows", f"at most {MAX_ITEMS + 1}, home with them")
    rows = tuple(_row(n, line, where) for n, line in told[1:])
    for expected, row in enumerate(rows):
        if row.number != expected:
            place = _place(row.line, 0)
            raise InputError(where, place, row.number, f"{expected}, as the order of the rows says")
    return version, rows


def text_of_rows(version: int, rows: tuple[Row, ...]) -> str:
    """Return the text of a file that `parse_rows` reads back as these rows."""
    lines = [f"QGC WPL {version}", *("\t".join(_cells(row)) for row in rows)]
    return "\n".join(lines) + "\n"


def column_of_param(index: int) -> str:
    """Return the name of the column that holds a parameter, 0 to 6."""
    return COLUMNS[4 + index]


def _version(heading: str, where: str) -> int:
    words = heading.split()
    if words[:2] != ["QGC", "WPL"] or len(words) != 3 or words[2] not in map(str, VERSIONS):
        choices = " or ".join(f"'QGC WPL {v}'" for v in VERSIONS)
        raise InputError(where, "line 1", heading[:60] or "nothing", f"{choices} (other versions: save it again)")
    return int(words[2])


def _row(line: int, text: str, where: str) -> Row:
    cells = text.split(maxsplit=len(COLUMNS))
    if len(cells) != len(COLUMNS):
        got = f"{len(cells)} columns" if len(cells) < len(COLUMNS) else f"more than {len(COLUMNS)} columns"
        raise InputError(where, f"line {line}", got, f"{len(COLUMNS)}: {', '.join(COLUMNS)}")

    def whole(column: int, high: int) -> int:
        value = _number(cells[column], where, _place(line, column))
        if value is None or not 0 <= value <= high or not value.is_integer():
            raise InputError(where, _place(line, column), cells[column], f"a whole number from 0 to {high}")
        return int(value)

    params = tuple(_number(cell, where, _place(line, k)) for k, cell in enumerate(cells[4:11], start=4))
    return Row(
        line=line,
        number=whole(0, MAX_ITEMS + 1),
        current=bool(whole(1, 1)),
        frame=whole(2, 255),
        command=whole(3, 65_535),
        params=params,
        autocontinue=bool(whole(11, 1)),
    )


def _number(cell: str, where: str, place: str) -> float | None:
    """Return the number in a cell, None for nan."""
    if _NUMBER.fullmatch(cell):
        value = float(cell)
        if abs(value) < 1e30:
            return value
    elif _NAN.fullmatch(cell):
        return None
    hint = " with a decimal point" if "," in cell else ""
    raise InputError(where, place, cell, f"a number{hint}")


def _place(line: int, column: int) -> str:
    return f"line {line} column {column + 1} ({COLUMNS[column]})"


def _cells(row: Row) -> list[str]:
    head = [str(row.number), str(int(row.current)), str(row.frame), str(row.command)]
    return [*head, *(_text(value) for value in row.params), str(int(row.autocontinue))]


def _text(value: float | None) -> str:
    """Return the shortest decimal that reads back as the same number; not all readers know exponents."""
    if value is None:
        return "nan"
    digits = format(Decimal(repr(float(value))), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
