"""What `plan check` prints: the items, what each check said, and the verdict; as tables or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.checks import NOT_A_COURSE, TOO_LONG
from lenger_mission.plan_gate.model import CheckResult, GateReport, Severity
from lenger_mission.plan_gate.rows import Row, rows_of
from lenger_mission.plan_gate.terrain_check import clearances

MOST_ROWS = 400
"""Items that the table shows; JSON has all."""
MOST_FINDINGS = 6
"""Of one check in the table; JSON has all."""
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "green"}


def as_json(case: Case, report: GateReport, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return everything as plain data.

    Args:
        case: what was checked.
        report: what the gate said.
        notes: of the files that were read.
    """
    course = case.course
    return {
        "plan": course.plan.name,
        **report.as_json(),
        "items": len(course.plan.items),
        "flown_items": len(course.flat.items),
        "waypoints": len(course.flat.waypoints),
        "length_m": round(float(course.length_m.sum()), 1),
        "duration_s": round(course.duration_s, 1),
        "vehicle": course.profile.name,
        "autopilot": case.autopilot or None,
        "notes": [*course.flat.notes, *notes],
        "assumed": list(case.conditions.assumed()),
        "terrain": _terrain(case),
        "rows": [asdict(row) for row in rows_of(course)],
    }


def _terrain(case: Case) -> dict[str, Any]:
    """Return the ground below the plan: its name, how far it can be trusted, and the least clearances."""
    course = case.course
    owner, low, sure = clearances(course, np.zeros(len(course.lat_deg), dtype=bool))
    known = bool(np.isfinite(course.ground_error_m).all())
    out = {
        "name": course.terrain.name,
        "synthetic": course.terrain.synthetic,
        "trust": course.terrain.trust,
        "error_bound_m": round(float(course.ground_error_m.max()), 1) if known else None,
    }
    if not len(low) or not known:
        return {**out, "clearance_m": None, "clearance_item": None, "sure_clearance_m": None}
    worst = int(np.argmin(low))
    figures = round(float(low[worst]), 1), int(owner[worst]), round(float(sure.min()), 1)
    return {**out, **dict(zip(("clearance_m", "clearance_item", "sure_clearance_m"), figures, strict=True))}


def print_report(console: Console, case: Case, report: GateReport, notes: tuple[str, ...] = ()) -> None:
    """Print the tables and the verdict."""
    course = case.course
    console.print(_items(case))
    console.print(_checks(report))
    for note in [*course.flat.notes, *notes]:
        console.print(f"note: {note}", highlight=False, markup=False)
    for sentence in case.conditions.assumed():
        console.print(f"assumed: {sentence}", highlight=False, markup=False)
    trust = "the simulator's ground" if course.terrain.trust == "ground" else "a model with its error bound"
    console.print(f"terrain: {course.terrain.name}, as {trust}", highlight=False, markup=False)
    if report.may_fly:
        console.print("The plan may fly.")
    else:
        count = len(report.errors)
        console.print(f"The plan may not fly: {count} error{'s' if count > 1 else ''}.", style="bold red")


def _items(case: Case) -> Table:
    course = case.course
    length = float(course.length_m.sum())
    shown = f"{len(course.plan.items)} items, {len(course.flat.waypoints)} waypoints, {length / 1000:.2f} km"
    title = f"{escape(course.plan.name)}: {shown}"
    table = Table(title=title, box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("item", "type", "latitude", "longitude", "height", "ground", "AGL", "leg m", "m/s"):
        table.add_column(heading, justify="left" if heading == "type" else "right", no_wrap=True)
    rows = list(rows_of(course))
    for row in rows[:MOST_ROWS]:
        table.add_row(*_cells(row))
    if len(rows) > MOST_ROWS:
        table.add_row("...", f"{len(rows) - MOST_ROWS} more")
    return table


def _cells(row: Row) -> tuple[str, ...]:
    height = "-" if row.height_m is None else f"{row.height_m:g} {row.datum}"
    return (
        str(row.item), row.type, _text(row.lat_deg, 6), _text(row.lon_deg, 6), height,
        _text(row.ground_amsl_m, 1), _text(row.agl_m, 1), _text(row.leg_m, 0), _text(row.speed_m_s, 1),
    )  # fmt: skip


def _checks(report: GateReport) -> Table:
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("check", "result", "what was found"):
        table.add_column(heading, overflow="fold")
    for result in report.results:
        table.add_row(result.name, *_verdict(result))
        for finding in result.findings[1:MOST_FINDINGS]:
            style = _STYLES[finding.severity]
            table.add_row("", f"[{style}]{finding.severity.value}[/]", escape(finding.sentence))
        if len(result.findings) > MOST_FINDINGS:
            table.add_row("", "", f"and {len(result.findings) - MOST_FINDINGS} more (--json lists them)")
    return table


def _verdict(result: CheckResult) -> tuple[str, str]:
    """Return a check's result and its first sentence."""
    if result.skipped:
        return "-" if result.skipped in (NOT_A_COURSE, TOO_LONG) else "not made", escape(result.skipped)
    if result.severity is None:
        return "[green]ok[/]", ""
    first, style = result.findings[0], _STYLES[result.severity]
    word = "ok" if result.severity is Severity.NOTE else result.severity.value
    return f"[{style}]{word}[/]", escape(first.sentence)


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
