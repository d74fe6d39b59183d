"""Our properties as the texts of KML's ExtendedData, both ways."""

from __future__ import annotations

import re

from lenger_core.zone_files.collecting import MAX_HEIGHT_M, MIN_HEIGHT_M
from lenger_core.zone_files.instants import EXAMPLE, MAX_WINDOWS, checked_window, iso_of, utc_ns_of
from lenger_core.zone_files.places import Place
from lenger_core.zone_model import Datum, HeightLimit, TimeWindow

NONE = "none"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_OPEN = ".."


def number_of(text: str, low: float, high: float, place: Place, unit: str = "") -> float:
    """Return a number in [low, high]."""
    value = float(text) if _NUMBER.fullmatch(text) else float("nan")
    if not low <= value <= high:
        raise place.error(text, f"a number from {low:g} to {high:g} {unit}")
    return value


def limit_of(text: str, place: Place) -> HeightLimit | None:
    """Return the height limit that `150 agl` says; `none` is none."""
    if text.lower() == NONE:
        return None
    words = text.split()
    datums = [d.value for d in Datum]
    if len(words) != 2 or words[1].lower() not in datums:
        raise place.error(text, f"a height such as 150 agl ({', '.join(datums)}), or {NONE}")
    return HeightLimit(number_of(words[0], MIN_HEIGHT_M, MAX_HEIGHT_M, place, "m"), Datum(words[1].lower()))


def text_of_limit(limit: HeightLimit | None) -> str:
    """Return what `limit_of` reads."""
    return NONE if limit is None else f"{limit.height_m!r} {limit.datum.value}"


def windows_of_text(text: str, place: Place) -> tuple[TimeWindow, ...]:
    """Return the windows that `START/END; START/END` says, `..` for an open end; `none` is always."""
    if text.lower() == NONE:
        return ()
    parts = text.split(";")
    if len(parts) > MAX_WINDOWS:
        raise place.error(f"{len(parts)} windows", f"at most {MAX_WINDOWS}")
    windows = []
    for part in parts:
        ends = [end.strip() for end in part.split("/")]
        if len(ends) != 2:
            raise place.error(part, f"windows such as {EXAMPLE}/{_OPEN} by semicolons, or {NONE}")
        start, end = (None if e == _OPEN else utc_ns_of(e, place) for e in ends)
        windows.append(checked_window(start, end, place))
    return tuple(windows)


def text_of_windows(windows: tuple[TimeWindow, ...]) -> str:
    """Return what `windows_of_text` reads."""
    return "; ".join(f"{_moment(w.start_utc_ns)}/{_moment(w.end_utc_ns)}" for w in windows) or NONE


def _moment(utc_ns: int | None) -> str:
    return _OPEN if utc_ns is None else iso_of(utc_ns)
