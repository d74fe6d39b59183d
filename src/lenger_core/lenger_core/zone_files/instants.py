"""Moments as ISO 8601 in UTC and as nanoseconds since 1970, exactly both ways."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from lenger_core.zone_files.places import Place
from lenger_core.zone_model import TimeWindow

MAX_WINDOWS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = 1_000_000_000
_FORM = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d(?::?\d\d)?)", re.ASCII)
EXAMPLE = "2026-03-01T06:30:00Z"


def utc_ns_of(text: object, place: Place) -> int:
    """Return a moment such as 2026-03-01T06:30:00Z, or with an offset such as +05:00, in nanoseconds since 1970.

    Raises:
        InputError: it is something else, or names no time zone.
    """
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise place.error(text, f"a moment with its time zone, such as {EXAMPLE} or 2026-03-01T11:30:00+05:00")
    day, clock, seconds, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}:{seconds or '00'}+00:00") - offset_of(zone)
    except (ValueError, OverflowError) as error:
        raise place.error(text, f"a moment that the calendar has ({error})") from error
    whole = (moment - _EPOCH) // timedelta(seconds=1)
    return whole * _SECOND + int((fraction or "0").ljust(9, "0"))


def iso_of(utc_ns: int) -> str:
    """Return a moment in nanoseconds since 1970 as text that `utc_ns_of` reads back exactly."""
    seconds, rest = divmod(utc_ns, _SECOND)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text}{fraction}Z"


def offset_of(zone: str) -> timedelta:
    """Return the offset from UTC that `Z`, `+05`, `+0530` or `-03:30` says."""
    if zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError(f"no place has the offset {zone}")
    return (-1 if zone[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def checked_window(start_utc_ns: int | None, end_utc_ns: int | None, place: Place) -> TimeWindow:
    """Return a window that has a length.

    Raises:
        InputError: it ends before it starts.
    """
    if start_utc_ns is not None and end_utc_ns is not None and end_utc_ns <= start_utc_ns:
        raise place.error(iso_of(end_utc_ns), f"an end after the start {iso_of(start_utc_ns)}")
    return TimeWindow(start_utc_ns, end_utc_ns)
