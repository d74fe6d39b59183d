"""The official score: from the recording, the exercise and the plan alone. The same input always gives the same."""

from __future__ import annotations

from math import isfinite

import numpy as np

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan
from lenger_core.terrain import Terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import ZoneSet
from lenger_training.energy import predict_wh
from lenger_training.exercise import Exercise
from lenger_training.measures import Measures, Task, measure
from lenger_training.recording import FlightRecording
from lenger_training.result import Deduction, Ground, Host, Metrics, Result, TimelineEvent
from lenger_training.route import LocalRoute

_NO_HOST = Host()
_WARNING = 4
"""MAV_SEVERITY: status texts at least this severe are events."""


def site_frame(exercise: Exercise) -> LocalFrame:
    """Return the local frame of an exercise's site."""
    return LocalFrame(exercise.site.lat_deg, exercise.site.lon_deg, exercise.site.alt_amsl_m)


def task_of(
    recording: FlightRecording, exercise: Exercise, plan: Plan | None, zones: ZoneSet, terrain: Terrain
) -> Task:
    """Return what a flight is measured against; home is where the recording says it was."""
    homes = [s.home_alt_amsl_m for s in recording.of("vehicle/status") if isfinite(s.home_alt_amsl_m)]
    home = homes[-1] if homes else exercise.site.alt_amsl_m
    frame = site_frame(exercise)
    route = LocalRoute.of(plan, frame, terrain, home) if plan is not None else None
    return Task(frame, route, zones, exercise.waypoint_radius_m, home, exercise.time_limit_s, terrain)


def score_flight(
    recording: FlightRecording,
    exercise: Exercise,
    plan: Plan | None,
    zones: ZoneSet,
    terrain: Terrain,
    *,
    seed: int,
    autopilot: str,
    host: Host = _NO_HOST,
    died: tuple[str, ...] = (),
    ended: str = "",
    own_plan: str = "",
) -> Result:
    """Return the official result of a flight.

    Args:
        recording: what was recorded, perhaps truncated.
        exercise: what was flown, with its rubric.
        plan: what was to be flown, None when there was no valid plan.
        zones: the exercise's zones.
        terrain: what it was flown over.
        seed, autopilot, host: of the flight; copied into the result.
        died: names of processes that ended before they should.
        ended: why the flight did not come to its own end, "" when it did; such a flight does not pass.
        own_plan: name of the plan, where another than the exercise's was flown.
    """
    task = task_of(recording, exercise, plan, zones, terrain)
    flight = measure(recording, task)
    deductions = [d for rule in exercise.rubric for d in rule.judge(flight)]
    deductions.sort(key=lambda d: d.t_s)
    short = _route_too_short(task, exercise)
    hard_fail = bool(short) or any(rule.hard_fail and rule.judge(flight) for rule in exercise.rubric)
    deductions += short + _broken_off(flight, died, ended)
    score = round(max(0.0, 100.0 - sum(d.points for d in deductions)), 2)
    return Result(
        exercise=exercise.name,
        passed=score >= exercise.pass_mark and not hard_fail and not died and not ended and flight.flew,
        score=score,
        duration_s=flight.duration_s,
        seed=seed,
        autopilot=autopilot,
        deductions=tuple(deductions),
        events=_events(recording, flight, died, ended, own_plan),
        metrics=_metrics(recording, flight, exercise, _predicted(task, exercise, plan)),
        terrain=_ground(terrain, exercise),
        host=host,
    )


def _ground(terrain: Terrain, exercise: Exercise) -> Ground:
    try:
        bound = _rounded(terrain.error_m(exercise.site.lat_deg, exercise.site.lon_deg))
    except InputError:
        bound = None
    return Ground(name=terrain.name, synthetic=terrain.synthetic, error_bound_m=bound)


def _route_too_short(task: Task, exercise: Exercise) -> list[Deduction]:
    """A plan of one's own is welcome, but not one that leaves the exercise out."""
    least = exercise.min_route_m
    if least is None or task.route is None or (length := task.route.length_m()) >= least:
        return []
    detail = f"the plan's route is {length:.0f} m long, at least {least:g} m is asked for"
    return [Deduction(t_s=0.0, rule="route_too_short", points=100.0, detail=detail)]


def _broken_off(flight: Measures, died: tuple[str, ...], ended: str) -> list[Deduction]:
    """Lines that cost no points: they say why a flight that may have scored does not pass."""
    t_s = _end_s(flight)
    lines = [("process_died", f"{name} died during the flight") for name in died]
    lines += [("broken_off", ended)] if ended else []
    return [Deduction(t_s=t_s, rule=rule, points=0.0, detail=detail) for rule, detail in lines]


def _events(
    recording: FlightRecording, flight: Measures, died: tuple[str, ...], ended: str, own_plan: str
) -> tuple[TimelineEvent, ...]:
    zero = flight.zero_ns
    rows = [((e.t_ns - zero) / 1e9, e.kind, e.detail) for e in recording.of("events")]
    texts = [s for s in recording.of("mavros/statustext/recv") if s.severity <= _WARNING]
    rows += [((s.t_ns - zero) / 1e9, "autopilot_warning", s.text) for s in texts]
    rows += [(d.t_s, d.rule, d.detail) for d in _broken_off(flight, died, ended)]
    if own_plan:
        rows.append((0.0, "own_plan", own_plan))
    if recording.truncated:
        rows.append((_end_s(flight), "recording_truncated", "the recorder was stopped before it could finish its file"))
    events = [TimelineEvent(t_s=round(t, 3), kind=kind, detail=detail) for t, kind, detail in rows]
    return tuple(sorted(events, key=lambda e: (e.t_s, e.kind, e.detail)))


def _end_s(flight: Measures) -> float:
    return round(float(flight.track.t_s[-1]), 3) if len(flight.track) else flight.duration_s


def _metrics(
    recording: FlightRecording, flight: Measures, exercise: Exercise, predicted: tuple[float | None, str]
) -> Metrics:
    track, truth = flight.track, flight.track.source == "truth"
    times = tuple(None if v.sample is None else round(float(track.t_s[v.sample]), 3) for v in flight.visits)
    batteries = [b.remaining for b in recording.of("mavros/battery") if isfinite(b.remaining)]
    return Metrics(
        max_fence_violation_m=_peak(flight.fence_violation_m) if truth else None,
        min_clearance_agl_m=_lowest(flight.clearance_m) if truth else None,
        max_cross_track_m=_peak(flight.cross_track_m) if truth else None,
        max_height_error_m=_peak(np.abs(flight.height_error_m)) if truth else None,
        fusion_rms_m=_fusion_rms(recording, exercise, flight) if truth else None,
        energy_used_wh=_energy_used(recording),
        energy_predicted_wh=predicted[0],
        energy_note=predicted[1],
        guard_interventions=flight.guard_interventions,
        waypoints=len(flight.visits),
        waypoints_reached=sum(v.sample is not None for v in flight.visits),
        waypoint_times_s=times,
        landing_distance_m=_rounded(flight.landing_distance_m),
        distance_flown_m=_distance(flight),
        max_height_agl_m=_peak(track.agl_m),
        battery_remaining=_rounded(batteries[-1] if batteries else None),
        position_source=track.source,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else round(float(value), 3)


def _peak(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return _rounded(float(finite.max())) if len(finite) else None


def _lowest(values: np.ndarray) -> float | None:
    lowest = _peak(-values)
    return None if lowest is None else -lowest


def _distance(flight: Measures) -> float | None:
    en = flight.track.en[flight.track.airborne]
    return _rounded(float(np.hypot(*np.diff(en, axis=0).T).sum())) if len(en) > 1 else None


def _energy_used(recording: FlightRecording) -> float | None:
    truths = recording.of("sim/truth")
    return _rounded(truths[-1].energy_used_wh - truths[0].energy_used_wh) if truths else None


def _predicted(task: Task, exercise: Exercise, plan: Plan | None) -> tuple[float | None, str]:
    """The energy the plan should take in Wh, or why that is not known."""
    if task.route is None or plan is None:
        return None, "no plan to predict from"
    try:
        vehicle = load_vehicle(exercise.vehicle)
    except InputError as error:
        return None, str(error)
    return _rounded(predict_wh(task.route, vehicle, plan.cruise_speed_m_s, exercise.weather.isa_offset_k)), ""


def _fusion_rms(recording: FlightRecording, exercise: Exercise, flight: Measures) -> float | None:
    """3-D RMS of fusion/odometry against the truth at the same stamps, while airborne."""
    odometry = recording.of("fusion/odometry")
    if not odometry or not len(flight.track):
        return None
    t_s = np.array([(o.t_ns - flight.zero_ns) / 1e9 for o in odometry])
    estimate = np.array([o.position_enu_m for o in odometry])
    track = flight.track
    true = np.column_stack([track.en, track.alt_amsl_m - exercise.site.alt_amsl_m])
    there = np.column_stack([np.interp(t_s, track.t_s, true[:, k]) for k in range(3)])
    airborne = np.interp(t_s, track.t_s, track.airborne.astype(float)) > 0.5
    if not airborne.any():
        return None
    shift = _origin_shift(recording, exercise)
    return _rounded(float(np.sqrt(((estimate + shift - there)[airborne] ** 2).sum(axis=1).mean())))


def _origin_shift(recording: FlightRecording, exercise: Exercise) -> np.ndarray:
    """Where fusion's origin lies in the site's frame; frames some kilometres apart turn by less than 1e-3 rad."""
    status = next(iter(recording.of("fusion/status")), None)
    if status is None or (status.origin_lat_deg, status.origin_lon_deg) == (0.0, 0.0):
        return np.zeros(3)
    return np.array(
        site_frame(exercise).to_local(status.origin_lat_deg, status.origin_lon_deg, status.origin_alt_amsl_m)
    )
