"""The plan from above: course, zones and what is wrong where, metres east and north of home."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from shapely.geometry import MultiPolygon, Polygon, box

from lenger_core.local_zones import Area
from lenger_core.zone_model import ZoneKind, ZoneSet
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.model import GateReport, Severity

_COLOURS = {ZoneKind.INCLUSION: "#2e7d32", ZoneKind.EXCLUSION: "#e53935", ZoneKind.APPROACH: "#1565c0"}


def draw_map(axes: Axes, case: Case, report: GateReport) -> None:
    """Draw the course and the zones that come into view."""
    points = case.course.points_m[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.1 * float(np.max(high - low)) + 50.0
    view = box(*(low - room), *(high + room))
    for area in _areas(case):
        _draw_area(axes, area, view)
    axes.plot(points[:, 0], points[:, 1], color="#111111", linewidth=1.2)
    axes.plot(0.0, 0.0, "^", color="#1565c0", markersize=8)
    wrong = {f.item for f in report.findings if f.severity is Severity.ERROR and f.item is not None}
    at = [int(span[1]) for leg, span in zip(case.course.legs, case.course.spans, strict=True) if leg.item in wrong]
    axes.plot(points[at, 0], points[at, 1], "X", color="#c62828", markersize=6)
    for rally in case.course.plan.rally:
        east, north = case.course.frame.to_local_many(np.array([rally.lat_deg]), np.array([rally.lon_deg]))[0]
        axes.plot(east, north, "s", color="#6a1b9a", markersize=5)
    axes.set_ylim(low[1] - room, high[1] + room)
    axes.set(xlabel="m east of home", ylabel="m north")
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(alpha=0.3)


def _areas(case: Case) -> tuple[Area, ...]:
    if case.zones is None:
        return ()
    borders = ZoneSet(case.borders).in_frame(case.course.frame).areas if case.borders else ()
    return (*case.local_zones.areas, *case.local_zones.approaches, *borders)


def _draw_area(axes: Axes, area: Area, view: Polygon) -> None:
    seen = area.outline.intersection(view)
    for part in seen.geoms if isinstance(seen, MultiPolygon) else (seen,):
        if not isinstance(part, Polygon) or part.is_empty:
            continue
        east, north = np.asarray(part.exterior.coords)[:, :2].T
        colour = _COLOURS[area.kind]
        axes.fill(east, north, facecolor=colour, alpha=0.08 if area.kind is ZoneKind.INCLUSION else 0.25)
        axes.plot(east, north, color=colour, linewidth=0.8)
