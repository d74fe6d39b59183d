"""The charts of a debrief over time: height against the ground, margins, speed, distance off the line, battery."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import MissionPhase
from lenger_training.measures import Measures
from lenger_training.recording import FlightRecording
from lenger_training.result import Result
from lenger_training.svg import TimeChart, clock

Array = NDArray[np.float64]

_POINTS = 700
_FAR_M = 120.0
"""Margins beyond this are drawn at the edge of the chart: what matters is near zero."""

Draw = Callable[[float], TimeChart | None]


def charts(flight: Measures, recording: FlightRecording, result: Result) -> str:
    """Return every chart as a figure, drawn once for wide screens and paper and once for phones."""
    figures: list[tuple[str, str, bool, Draw]] = [
        ("Height above the ground", _HEIGHT_KEY, True, lambda w: _height(flight, recording, result, w)),
        ("Margins the guard saw", _MARGIN_KEY, True, lambda w: _margins(flight, recording, w)),
        ("Ground speed", "", False, lambda w: _speed(flight, w)),
        ("Off the planned line", "", False, lambda w: _off_line(flight, w)),
        ("Battery", "", False, lambda w: _battery(flight, recording, w)),
    ]
    return "".join(_figure(title, key, full, draw) for title, key, full, draw in figures)


_HEIGHT_KEY = (
    '<span class="k flown">flown</span><span class="k plan">planned</span><span class="k ground">ground</span>'
)
_MARGIN_KEY = '<span class="k m0">fence</span><span class="k m1">floor</span><span class="k m2">ceiling</span>'


def _figure(title: str, key: str, full: bool, draw: Draw) -> str:
    css = "full" if full else "third"
    wide, narrow = draw(1080.0 if full else 350.0), draw(350.0)
    if wide is None or narrow is None:
        return f'<figure class="{css}"><figcaption>{title}</figcaption><p>Not recorded.</p></figure>'
    body = f'<div class="wide">{wide.text()}</div><div class="narrow">{narrow.text()}</div>' if full else wide.text()
    return f'<figure class="{css}"><figcaption>{title}{key}</figcaption>{body}</figure>'


def _span(flight: Measures) -> tuple[float, float]:
    """From just before arming to just after the end."""
    t_s = flight.track.t_s
    end = max(flight.duration_s, 1.0) if flight.duration_s else float(t_s[-1]) if len(t_s) else 1.0
    begin = max(-3.0, float(t_s[0])) if len(t_s) else 0.0
    return begin, max(end + 3.0, begin + 1.0)


def _thin(flight: Measures) -> NDArray[np.int64]:
    begin, end = _span(flight)
    inside = np.flatnonzero((flight.track.t_s >= begin) & (flight.track.t_s <= end))
    return inside[:: max(1, len(inside) // _POINTS)]


def _height(flight: Measures, recording: FlightRecording, result: Result, width: float) -> TimeChart | None:
    track, keep = flight.track, _thin(flight)
    if not len(keep):
        return None
    t_s, alt = track.t_s[keep], track.alt_amsl_m[keep]
    ground, planned = alt - track.agl_m[keep], flight.planned_amsl_m[keep]
    low = float(np.nanmin(np.concatenate([ground, alt])))
    high = float(np.nanmax(np.concatenate([alt, planned])))
    chart = TimeChart(
        width, 270.0, _span(flight), (low - 0.15 * (high - low) - 4, high + 0.12 * (high - low) + 4), "m amsl"
    )
    chart.area(t_s, ground, "ground")
    chart.line(t_s, planned, "planned")
    chart.line(t_s, alt, "flown")
    for k, visit in enumerate(flight.visits, 1):
        if visit.sample is not None:
            when = float(track.t_s[visit.sample])
            chart.mark(when, str(k), "visit", f"waypoint {k} at {clock(when)}")
    for k, deduction in enumerate(result.deductions, 1):
        chart.mark(deduction.t_s, f"▼{k}", "fault", deduction.detail)
    _phases(chart, recording, flight)
    return chart


def _phases(chart: TimeChart, recording: FlightRecording, flight: Measures) -> None:
    statuses = recording.of("mission/status")
    changes = [s for k, s in enumerate(statuses) if k == 0 or s.phase is not statuses[k - 1].phase]
    for status, following in zip(changes, [*changes[1:], None], strict=False):
        begin = (status.t_ns - flight.zero_ns) / 1e9
        end = (following.t_ns - flight.zero_ns) / 1e9 if following is not None else chart.t_range[1]
        if status.phase is not MissionPhase.IDLE:
            name = status.phase.name.lower()
            chart.band(begin, end, f"phase {name}", f"{name}, {clock(begin)} to {clock(end)}")


def _margins(flight: Measures, recording: FlightRecording, width: float) -> TimeChart | None:
    statuses = recording.of("guard/status")
    if not statuses:
        return None
    statuses = statuses[:: max(1, len(statuses) // _POINTS)]
    t_s = np.array([(s.t_ns - flight.zero_ns) / 1e9 for s in statuses])
    names = ("horizontal_margin_m", "floor_margin_m", "ceiling_margin_m")
    rows = [np.array([_bounded(getattr(s, name)) for s in statuses]) for name in names]
    begin, end = _span(flight)
    seen = (t_s >= begin) & (t_s <= end)
    values = np.concatenate([row[seen] for row in rows])
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    chart = TimeChart(width, 210.0, (begin, end), (min(-5.0, float(values.min()) - 3), float(values.max()) + 8), "m")
    chart.below(0.0, "beyond")
    for k, row in enumerate(rows):
        chart.line(t_s[seen], row[seen], f"margin m{k}", names[k].replace("_", " "))
    return chart


def _bounded(value: float) -> float:
    return min(value, _FAR_M) if isfinite(value) else np.nan


def _speed(flight: Measures, width: float) -> TimeChart | None:
    keep = _thin(flight)
    if not len(keep):
        return None
    speed = flight.track.speed_m_s[keep]
    chart = TimeChart(width, 190.0, _span(flight), (0.0, max(2.0, float(speed.max()) * 1.15)), "m/s")
    chart.line(flight.track.t_s[keep], speed, "flown")
    return chart


def _off_line(flight: Measures, width: float) -> TimeChart | None:
    keep = _thin(flight)
    off = flight.cross_track_m[keep]
    if not np.isfinite(off).any():
        return None
    chart = TimeChart(width, 190.0, _span(flight), (0.0, max(3.0, float(np.nanmax(off)) * 1.15)), "m")
    chart.line(flight.track.t_s[keep], off, "flown")
    return chart


def _battery(flight: Measures, recording: FlightRecording, width: float) -> TimeChart | None:
    rows = [
        ((b.t_ns - flight.zero_ns) / 1e9, b.remaining * 100)
        for b in recording.of("mavros/battery")
        if isfinite(b.remaining)
    ]
    rows = rows or [
        ((s.t_ns - flight.zero_ns) / 1e9, s.battery_remaining * 100)
        for s in recording.of("vehicle/status")
        if isfinite(s.battery_remaining)
    ]
    begin, end = _span(flight)
    table = np.array([row for row in rows if begin <= row[0] <= end])
    if not len(table):
        return None
    table = table[:: max(1, len(table) // _POINTS)]
    low = max(0.0, float(table[:, 1].min()) - 10.0)
    chart = TimeChart(width, 190.0, (begin, end), (low, 102.0), "%")
    chart.line(table[:, 0], table[:, 1], "flown")
    return chart
