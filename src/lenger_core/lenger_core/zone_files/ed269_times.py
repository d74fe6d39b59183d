"""ED-269 applicability to time windows: daily schedules are written out day by day where they have an end."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from lenger_core.strict_json import JsonField
from lenger_core.zone_files.collecting import Collector
from lenger_core.zone_files.instants import MAX_WINDOWS, checked_window, offset_of, utc_ns_of
from lenger_core.zone_files.places import Place
from lenger_core.zone_model import TimeWindow

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MAX_DAYS = 400
MAX_PERIODS = 100
_SECOND = 1_000_000_000
_DAY = 86_400
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_EPOCH = date(1970, 1, 1)

Daily = tuple[int, int, int]  # weekday, start and end in seconds after midnight UTC of that day


def windows_of(applicability: JsonField | None, name: str, collector: Collector) -> tuple[TimeWindow, ...] | None:
    """Return when a zone holds; () is always, None never.

    A schedule without an end, or longer than 400 days, cannot be said: the zone holds all the time then, which is the
    safe side of a restriction, and a note says so.

    Raises:
        InputError: something that is no time, no day, or ends before it starts.
    """
    if applicability is None or applicability.value is None:
        return ()
    windows: list[TimeWindow] = []
    for period in applicability.elements(at_least=1, at_most=MAX_PERIODS):
        found = _period(period, name, collector)
        if found is None:
            return ()
        windows += found
    if not windows:
        return None
    if len(windows) <= MAX_WINDOWS:
        return _merged(windows)
    collector.tell(f"more than {MAX_WINDOWS} times: in force all the time between", name)
    ends = [w.end_utc_ns for w in windows]
    starts = [w.start_utc_ns for w in windows]
    return (
        TimeWindow(
            None if None in starts else min(s for s in starts if s is not None),
            None if None in ends else max(e for e in ends if e is not None),
        ),
    )


def _period(period: JsonField, name: str, collector: Collector) -> list[TimeWindow] | None:
    """Return the windows of one period, None where it is always in force."""
    permanent = period["permanent"].one_of("YES", "NO") == "YES"
    start, end = (_moment(period, field) for field in ("startDateTime", "endDateTime"))
    schedule = period.get("schedule")
    daily = _schedule(schedule) if schedule is not None and schedule.value is not None else []
    if permanent and start is None and end is None:
        if daily != []:
            collector.tell("daily times without an end are not kept, it holds all the time", name)
        return None
    if start is None and end is None:
        raise period.error("permanent YES, or a startDateTime or endDateTime", "neither")
    whole = checked_window(start, end, Place(period.where, f"{period.path}.endDateTime"))
    if daily == []:
        return [whole]
    if daily is None:
        collector.tell("daily times without a time zone are not kept, it holds all day", name)
        return [whole]
    if start is None or end is None or end - start > MAX_DAYS * _DAY * _SECOND:
        collector.tell(f"daily times over more than {MAX_DAYS} days are not kept, it holds all the time", name)
        return [whole]
    return _written_out(daily, start, end)


def _moment(period: JsonField, name: str) -> int | None:
    field = period.get(name)
    if field is None or field.value is None or field.value == "":
        return None
    return utc_ns_of(field.value, Place(field.where, field.path))


def _schedule(schedule: JsonField) -> list[Daily] | None:
    """Return the daily times, None where one of them names no time zone."""
    daily: list[Daily] = []
    zoned = True
    for entry in schedule.elements(at_most=MAX_PERIODS):
        days = [d.one_of(*DAYS, "ANY") for d in entry["day"].elements(at_least=1, at_most=8)]
        start, end = _clock(entry["startTime"]), _clock(entry["endTime"])
        if start is None or end is None:
            zoned = False
            continue
        length = (end - start - 1) % _DAY + 1  # an end that is not after the start is on the next day
        for day in DAYS if "ANY" in days else dict.fromkeys(days):
            daily.append((DAYS.index(str(day)), start, start + length))
    return daily if zoned else None


def _clock(field: JsonField) -> int | None:
    """Return a time of day in seconds after midnight UTC of the day it names; None without a time zone."""
    found = _CLOCK.fullmatch(field.text())
    if found is None:
        raise field.error("a time of day with its time zone, such as 07:30Z or 07:30:00.00+05:00")
    hours, minutes, seconds, zone = int(found[1]), int(found[2]), int(found[3] or 0), found[4]
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > _DAY:
        raise field.error("a time of day from 00:00 to 24:00")
    try:
        offset = offset_of(zone) if zone else timedelta(0)
    except ValueError as error:
        raise field.error(str(error)) from error
    return None if zone is None else hours * 3600 + minutes * 60 + seconds - int(offset.total_seconds())


def _written_out(daily: list[Daily], start_ns: int, end_ns: int) -> list[TimeWindow]:
    first = datetime.fromtimestamp(start_ns // _SECOND, timezone.utc).date() - timedelta(days=2)
    days = (end_ns - start_ns) // (_DAY * _SECOND) + 5
    windows = []
    for k in range(days):
        day = first + timedelta(days=k)
        midnight = (day - _EPOCH).days * _DAY
        for weekday, opens, closes in daily:
            begin, close = (midnight + opens) * _SECOND, (midnight + closes) * _SECOND
            if day.weekday() == weekday and begin < end_ns and close > start_ns:
                windows.append(TimeWindow(max(begin, start_ns), min(close, end_ns)))
    return list(_merged(windows))


def _merged(windows: list[TimeWindow]) -> tuple[TimeWindow, ...]:
    """Return the windows in order, those that meet or overlap as one."""
    if any(w.start_utc_ns is None or w.end_utc_ns is None for w in windows):
        return tuple(windows)
    merged: list[tuple[int, int]] = []
    for begin, close in sorted((w.start_utc_ns or 0, w.end_utc_ns or 0) for w in windows):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(close, merged[-1][1])
        else:
            merged.append((begin, close))
    return tuple(TimeWindow(*pair) for pair in merged)
