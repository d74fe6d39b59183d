"""The height profile of a plan as a picture: ground with its error bound, course, zones, and what is wrong where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.local_zones import Area
from lenger_core.zone_model import HeightLimit, ZoneKind
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.model import Finding, GateReport, Severity
from lenger_mission.plan_gate.picture_map import draw_map

Array = NDArray[np.float64]

SIZE_IN, DPI = (13.0, 8.0), 110
MOST_DRAWN = 6_000
"""Samples of the course: more of them is finer than the picture."""
MOST_NUMBERS = 40
_MARKS = {Severity.ERROR: ("#c62828", "X"), Severity.WARNING: ("#ef6c00", "v")}


def draw_profile(case: Case, report: GateReport, path: Path) -> None:
    """Write the picture as PNG.

    Args:
        case: what was checked.
        report: what the gate said.
        path: ending in .png.

    Raises:
        InputError: another ending, or a path that cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise InputError(str(path), "ending", path.suffix, ".png")
    figure = Figure(figsize=SIZE_IN, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    profile, plan = figure.subplots(2, 1, height_ratios=[3, 2])
    verdict = "may fly" if report.may_fly else f"may not fly: {len(report.errors)} errors"
    figure.suptitle(f"{case.course.plan.name}: {verdict}", parse_math=False)
    _draw(profile, case, report)
    draw_map(plan, case, report)
    try:
        figure.savefig(path)
    except OSError as error:
        raise InputError(str(path), "", error.strerror or str(error), "a place to write to") from error


def drawn(case: Case) -> NDArray[np.int64]:
    """Return the indices of the samples that are drawn: all, or the ends of the legs and some between."""
    count = len(case.course.lat_deg)
    if count <= MOST_DRAWN:
        return np.arange(count)
    even = np.linspace(0, count - 1, MOST_DRAWN).astype(np.int64)
    return np.unique(np.concatenate([even, case.course.spans.ravel()]))


def _draw(axes: Axes, case: Case, report: GateReport) -> None:
    course, at = case.course, drawn(case)
    x, ground = course.distance_m[at] / 1000.0, course.ground_amsl_m[at]
    bound = course.ground_error_m[at]
    low, high = _range(case, at)
    axes.fill_between(x, low, ground, color="#8d6e63", alpha=0.8, linewidth=0, label="ground")
    if np.nanmax(bound, initial=0.0) > 0.0:
        axes.fill_between(x, ground, ground + bound, color="#bcaaa4", alpha=0.8, linewidth=0, label="its error bound")
    axes.plot(x, ground + bound + case.limits.floor_agl_m, color="#6d4c41", linewidth=0.7, linestyle=":", label="floor")
    ceiling = ground - bound + case.limits.ceiling_agl_m
    axes.plot(x, ceiling, color="#1565c0", linewidth=0.8, linestyle="--", label="ceiling")
    for area in case.local_zones.areas if case.zones is not None else ():
        _draw_zone(axes, case, area, at, (low, high))
    axes.plot(x, course.alt_amsl_m[at], color="#111111", linewidth=1.4, label="course")
    _number(axes, case, report)
    axes.set(xlim=(0.0, max(float(x[-1]), 1e-3)), ylim=(low, high), xlabel="distance flown, km", ylabel="m AMSL")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right", fontsize=8, ncols=4)


def _range(case: Case, at: NDArray[np.int64]) -> tuple[float, float]:
    course = case.course
    both = np.concatenate([course.alt_amsl_m[at], course.ground_amsl_m[at] + course.ground_error_m[at]])
    both = both[np.isfinite(both)]
    if not len(both):
        return 0.0, 100.0
    low, high = float(both.min()), float(both.max())
    return low - 0.15 * (high - low) - 20.0, high + 0.45 * (high - low) + 30.0


def _draw_zone(axes: Axes, case: Case, area: Area, at: NDArray[np.int64], view: tuple[float, float]) -> None:
    """Shade an exclusion where the course passes over, under or through it in plan."""
    course = case.course
    points = course.points_m[at]
    inside = shapely.contains_xy(area.outline, points[:, 0], points[:, 1])
    if area.kind is not ZoneKind.EXCLUSION or not inside.any():
        return
    low = _limits(case, area.floor, at, view[0])
    high = _limits(case, area.ceiling, at, view[1])
    x = course.distance_m[at] / 1000.0
    axes.fill_between(x, low, high, where=inside, color="#e53935", alpha=0.25, linewidth=0)
    first = int(np.argmax(inside))
    axes.annotate(
        area.name, (x[first], min(high[first], view[1])), fontsize=7, color="#b71c1c", va="top", parse_math=False
    )


def _limits(case: Case, limit: HeightLimit | None, at: NDArray[np.int64], unlimited: float) -> Array:
    course = case.course
    if limit is None:
        return np.full(len(at), unlimited)
    heights = [
        limit.amsl_m(float(ground), course.home[2], course.frame.undulation_m) for ground in course.ground_amsl_m[at]
    ]
    return np.asarray(np.nan_to_num(np.array(heights), nan=unlimited))


def worst_of_items(report: GateReport) -> dict[int, Finding]:
    """Return the worst finding of each item that has an error or a warning."""
    found: dict[int, Finding] = {}
    for finding in report.findings:
        if finding.item is None or finding.severity is Severity.NOTE:
            continue
        if finding.item not in found or finding.severity is Severity.ERROR:
            found[finding.item] = finding
    return found


def _number(axes: Axes, case: Case, report: GateReport) -> None:
    """Write item numbers on the course, and mark those with a finding."""
    course, worst = case.course, worst_of_items(report)
    ends = {leg.item: int(span[1]) for leg, span in zip(course.legs, course.spans, strict=True)}
    every = max(1, len(ends) // MOST_NUMBERS)
    for number, (item, sample) in enumerate(ends.items()):
        where = (course.distance_m[sample] / 1000.0, course.alt_amsl_m[sample])
        if not np.isfinite(where[1]):
            continue
        if number % every == 0:
            axes.annotate(str(item), where, xytext=(0, 5), textcoords="offset points", fontsize=7, ha="center")
        if item in worst:
            colour, mark = _MARKS[worst[item].severity]
            axes.plot(*where, mark, color=colour, markersize=7)
