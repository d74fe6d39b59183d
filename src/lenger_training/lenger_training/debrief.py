"""debrief.html: one page, no network, that shows what was flown, what it cost, and when.

Figures are SVG written here rather than plotly: plotly's script alone is over 4 MB a page, these are about 0.3 MB with
the relief, print as they look, and one short script links them by a common cursor.
"""

from __future__ import annotations

import json
from html import escape
from importlib import resources
from math import isfinite
from string import Template
from typing import TYPE_CHECKING

import numpy as np

from lenger_core.plans import Plan
from lenger_core.terrain import Terrain
from lenger_core.zones import ZoneSet
from lenger_training.debrief_charts import charts
from lenger_training.debrief_map import FlightMap
from lenger_training.exercise import Exercise
from lenger_training.measures import Measures, measure
from lenger_training.recording import FlightRecording
from lenger_training.result import Result
from lenger_training.scoring import task_of
from lenger_training.svg import clock

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLES = 900
_SHOWN_EVENTS = 120


def rescore(folder: Path) -> Result:
    """Score the flight in a folder again and rewrite its report; see `lenger_training.flight_folder.rescore`."""
    from lenger_training import flight_folder

    return flight_folder.rescore(folder)


def render(
    result: Result,
    recording: FlightRecording,
    exercise: Exercise,
    plan: Plan | None,
    zones: ZoneSet,
    terrain: Terrain,
    trainee: str = "",
) -> str:
    """Return the page.

    Args:
        result: the official one.
        recording, exercise, plan, zones, terrain: what it was made from.
        trainee: who flew, "" when not given.
    """
    task = task_of(recording, exercise, plan, zones, terrain)
    flight = measure(recording, task)
    drawing = FlightMap(flight, task.route, zones.in_frame(task.frame), task.frame, terrain, result.deductions)
    template = Template(
        resources.files("lenger_training").joinpath("templates/debrief.html").read_text(encoding="utf-8")
    )
    return template.substitute(
        title=escape(exercise.title),
        goal=escape(exercise.goal),
        verdict="passed" if result.passed else "failed",
        verdict_text="Passed" if result.passed else "Not passed",
        score=f"{result.score:.0f}",
        ring=f"{result.score / 100 * 326.7:.1f}",
        pass_mark=f"{exercise.pass_mark:g}",
        facts=_facts(result, exercise, trainee),
        cards=_cards(result),
        map=drawing.text(),
        map_note=_map_note(drawing),
        deductions=_deductions(result),
        charts=charts(flight, recording, result),
        events=_events(result),
        metrics=_metrics(result),
        recorded=_recorded(result, recording),
        briefing="".join(f"<p>{escape(part)}</p>" for part in exercise.briefing.strip().split("\n\n")),
        data=_data(flight, drawing),
    )


def _facts(result: Result, exercise: Exercise, trainee: str) -> str:
    facts = [
        trainee,
        exercise.phase.value,
        f"{clock(result.duration_s)} min",
        exercise.vehicle,
        result.autopilot,
        result.host.started[:16].replace("T", " "),
    ]
    return " · ".join(escape(fact) for fact in facts if fact)


def _number(value: float | None, unit: str, digits: int = 1) -> str:
    if value is None or not isfinite(value):
        return "–"
    return f"{value:.{digits}f}&#8239;{unit}" if unit else f"{value:.{digits}f}"


def _cards(result: Result) -> str:
    m = result.metrics
    used, predicted = _number(m.energy_used_wh, ""), _number(m.energy_predicted_wh, "Wh")
    rows = [
        ("waypoints", f"{m.waypoints_reached}/{m.waypoints}", m.waypoints_reached == m.waypoints),
        ("outside the fence", _number(m.max_fence_violation_m, "m"), not m.max_fence_violation_m),
        ("least clearance", _number(m.min_clearance_agl_m, "m"), True),
        ("off the line", _number(m.max_cross_track_m, "m"), True),
        ("landing", _number(m.landing_distance_m, "m"), m.landing_distance_m is not None),
        (
            "guard stepped in",
            "–" if m.guard_interventions is None else f"{m.guard_interventions}×",
            not m.guard_interventions,
        ),
        ("energy / predicted", f"{used} / {predicted}", True),
    ]
    return "".join(
        f'<div class="card{"" if good else " bad"}"><b>{value}</b><span>{escape(name)}</span></div>'
        for name, value, good in rows
    )


def _map_note(drawing: FlightMap) -> str:
    return escape(drawing.ground or "Outside the terrain model: no relief.")


def _deductions(result: Result) -> str:
    if not result.deductions:
        return '<p class="clean">No deductions. Every rule of the rubric was kept.</p>'
    rows = "".join(
        f'<tr data-t="{d.t_s}" tabindex="0"><td class="num"><i>{k}</i></td><td class="num">{clock(d.t_s)}</td>'
        f"<td>{escape(d.detail)}<small>{escape(d.rule.replace('_', ' '))}</small></td>"
        f'<td class="num points">{"−" if d.points else ""}{d.points:g}</td></tr>'
        for k, d in enumerate(result.deductions, 1)
    )
    head = "<thead><tr><th></th><th>time</th><th>what</th><th>points</th></tr></thead>"
    return f'<table class="deductions">{head}<tbody>{rows}</tbody></table>'


def _events(result: Result) -> str:
    rows = "".join(
        f'<tr data-t="{e.t_s}" tabindex="0"><td class="num">{clock(e.t_s)}</td>'
        f"<td>{escape(e.kind.replace('_', ' '))}</td>"
        f"<td>{escape(e.detail)}</td></tr>"
        for e in result.events[:_SHOWN_EVENTS]
    )
    more = len(result.events) - _SHOWN_EVENTS
    note = f"<p>{more} more in result.json.</p>" if more > 0 else ""
    return f"<table><tbody>{rows}</tbody></table>{note}" if rows else "<p>No events were recorded.</p>"


def _metrics(result: Result) -> str:
    rows = []
    for name, value in result.metrics.model_dump().items():
        if name == "waypoint_times_s":
            text = ", ".join("missed" if t is None else clock(t) for t in value) or "–"
        elif isinstance(value, float):
            text = f"{value:.2f}"
        else:
            text = "–" if value in (None, "") else str(value)
        rows.append(f'<tr><td>{escape(name.replace("_", " "))}</td><td class="num">{escape(text)}</td></tr>')
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _recorded(result: Result, recording: FlightRecording) -> str:
    host = result.host
    factor = "–" if host.realtime_factor is None else f"{host.realtime_factor:.1f}"
    span = (recording.last_ns - recording.first_ns) / 1e9
    rows = [
        ("exercise", result.exercise),
        *(("plan", f"another: {e.detail}") for e in result.events if e.kind == "own_plan"),
        ("terrain", _terrain(result)),
        ("seed", str(result.seed)),
        ("autopilot", result.autopilot),
        ("flown on", host.kind or "–"),
        ("started", host.started or "–"),
        ("speed", f"{factor} × real time"),
        ("version", host.version or "–"),
        ("recording", f"{span:.0f} s" + (", cut off before its end" if recording.truncated else ", complete")),
        (
            "positions from",
            {"truth": "the simulator's truth", "estimate": "the autopilot's estimate"}.get(
                result.metrics.position_source, "nothing"
            ),
        ),
    ]
    return (
        "<table><tbody>"
        + "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in rows)
        + "</tbody></table>"
    )


def _terrain(result: Result) -> str:
    """What was flown over, and how much of it is real."""
    ground = result.terrain
    made_up = "partly invented; " if ground.synthetic else ""
    bound = ground.error_bound_m
    away = "not known at the site" if bound is None else f"the real land may be {bound:.0f} m off at the site"
    return f"{ground.name} ({made_up}{away})"


def _data(flight: Measures, drawing: FlightMap) -> str:
    """What the cursor shows, a few hundred samples; JSON that is safe inside a script element."""
    track = flight.track
    keep = np.arange(0, len(track), max(1, len(track) // _SAMPLES))

    def column(values: np.ndarray, digits: int) -> list[float | None]:
        return [round(float(v), digits) if isfinite(v) else None for v in values[keep]]

    columns = {
        "t": column(track.t_s, 2),
        "x": column(drawing.x(track.en[:, 0]), 1),
        "y": column(drawing.y(track.en[:, 1]), 1),
        "agl": column(track.agl_m, 1),
        "alt": column(track.alt_amsl_m, 1),
        "speed": column(track.speed_m_s, 1),
        "off": column(flight.cross_track_m, 1),
    }
    return json.dumps(columns, separators=(",", ":")).replace("<", "\\u003c")
