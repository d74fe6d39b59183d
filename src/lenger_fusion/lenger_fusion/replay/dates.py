"""Calendar years of log times, without a clock."""

from __future__ import annotations

_UNIX_2000_S = 946_684_800.0
_GPS_EPOCH_UNIX_S = 315_964_800.0
"""1980-01-06. Leap seconds do not matter to a magnetic year."""
_YEAR_S = 365.2425 * 86400.0
_WEEK_S = 7.0 * 86400.0


def year_of_unix_us(unix_us: float) -> float:
    """Return the decimal year of microseconds since 1970, within some hours."""
    return 2000.0 + (unix_us * 1e-6 - _UNIX_2000_S) / _YEAR_S


def year_of_gps(week: float, week_ms: float) -> float:
    """Return the decimal year of a GPS week and the milliseconds in it."""
    return year_of_unix_us((_GPS_EPOCH_UNIX_S + week * _WEEK_S + week_ms * 1e-3) * 1e6)
