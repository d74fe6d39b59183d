"""What a flight was, measured once from its recording; the rubric's rules only read it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import MissionPhase, MissionStatus
from lenger_core.terrain import Terrain
from lenger_core.zones import ZoneSet
from lenger_training.fence_violation import fence_violation
from lenger_training.recording import FlightRecording
from lenger_training.route import LocalRoute
from lenger_training.track import Mask, Track

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Visit:
    """One waypoint: the sample of closest approach inside the radius (None: missed), and the closest distance ever."""

    sample: int | None
    closest_m: float


@dataclass(frozen=True)
class Measures:
    """One flight, measured. Arrays are (N,), aligned with `track`; NaN where a measure does not apply."""

    track: Track
    visits: tuple[Visit, ...]
    planned_amsl_m: Array
    """Planned height at the nearest place of the route, while airborne."""
    cross_track_m: Array
    height_error_m: Array
    """Signed: positive above the planned height; between the first and the last waypoint reached."""
    clearance_m: Array
    """Height above ground between the first and the last waypoint reached."""
    fence_violation_m: Array
    """How deep outside the legal space; 0 inside."""
    duration_s: float
    landed: bool
    flew: bool
    crashed_s: float | None
    landing_distance_m: float | None
    guard_interventions: int | None
    intervention_times_s: tuple[float, ...]
    mission: MissionStatus | None
    """The last mission status, None when no mission node was recorded or none was ever started."""
    mission_done: bool
    time_limit_s: float
    zero_ns: int


@dataclass(frozen=True)
class Task:
    """What a flight is measured against.

    Attributes:
        frame: the site's.
        route: what was to be flown, None when there is no valid plan.
        zones: the fence.
        radius_m: a waypoint counts when it was passed within this distance, horizontally.
        home_amsl_m: base of zone heights above home.
        time_limit_s: from the first arming to the last disarming.
        terrain: what it was flown over.
    """

    frame: LocalFrame
    route: LocalRoute | None
    zones: ZoneSet
    radius_m: float
    home_amsl_m: float
    time_limit_s: float
    terrain: Terrain


def measure(recording: FlightRecording, task: Task) -> Measures:
    """Measure a flight; `recording` needs those of `TOPICS_NEEDED` that exist."""
    zero = _zero_ns(recording)
    track = _track(recording, task, zero)
    visits = _visits(track, task.route, task.radius_m) if task.route is not None else ()
    en_route = _between_waypoints(track, visits)
    off, planned = _off_route(track, task.route, visits)
    mission = _mission(recording.of("mission/status"))
    interventions = [(g.t_ns, g.interventions) for g in recording.of("guard/status")]
    landed = _landed(recording, track)
    return Measures(
        track=track,
        visits=visits,
        planned_amsl_m=planned,
        cross_track_m=off,
        height_error_m=np.where(en_route, track.alt_amsl_m - planned, np.nan),
        clearance_m=np.where(en_route, track.agl_m, np.nan),
        fence_violation_m=fence_violation(track, task.zones.in_frame(task.frame), task.home_amsl_m, en_route),
        duration_s=_duration_s(recording, zero),
        landed=landed,
        flew=bool(track.airborne.any()),
        crashed_s=next((_seconds(t.t_ns, zero) for t in recording.of("sim/truth") if t.crashed), None),
        landing_distance_m=_landing_distance(track, task.route) if landed else None,
        guard_interventions=interventions[-1][1] - interventions[0][1] if interventions else None,
        intervention_times_s=_rises(interventions, zero),
        mission=mission,
        mission_done=any(s.phase is MissionPhase.DONE for s in recording.of("mission/status")),
        time_limit_s=task.time_limit_s,
        zero_ns=zero,
    )


TOPICS_NEEDED = (
    "sim/truth",
    "vehicle/status",
    "mission/status",
    "guard/status",
    "fusion/odometry",
    "fusion/status",
    "mavros/statustext/recv",
    "mavros/battery",
    "events",
)


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Return (first, one past last) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _seconds(t_ns: int, zero_ns: int) -> float:
    return round((t_ns - zero_ns) / 1e9, 3)


def _zero_ns(recording: FlightRecording) -> int:
    """Arming, or where it never armed, the first message."""
    return next((s.t_ns for s in recording.of("vehicle/status") if s.armed), recording.first_ns)


def _duration_s(recording: FlightRecording, zero: int) -> float:
    """From the first arming to the disarming after the last one, or to the end of the recording.

    Disarming on the way does not stop the clock: who lands in between still takes that time.
    """
    statuses = [s for s in recording.of("vehicle/status") if s.t_ns >= zero]
    if not statuses or not statuses[0].armed:
        return 0.0
    last = max(k for k, s in enumerate(statuses) if s.armed)
    return _seconds(statuses[last + 1].t_ns if last + 1 < len(statuses) else recording.last_ns, zero)


def _track(recording: FlightRecording, task: Task, zero: int) -> Track:
    truths = recording.of("sim/truth")
    if truths:
        airborne, agl = [not t.on_ground for t in truths], [t.height_agl_m for t in truths]
        return _assemble(truths, task, zero, airborne, "truth", agl)
    estimates = [s for s in recording.of("vehicle/status") if np.isfinite((s.lat_deg, s.lon_deg, s.alt_amsl_m)).all()]
    estimates = [s for s in estimates if (s.lat_deg, s.lon_deg) != (0.0, 0.0)]
    airborne = [s.armed and not s.landed for s in estimates]
    return _assemble(estimates, task, zero, airborne, "estimate" if estimates else "none", None)


def _assemble(rows: Any, task: Task, zero: int, airborne: list[bool], source: str, agl: list[float] | None) -> Track:
    lat, lon, alt = (np.array([getattr(r, k) for r in rows], dtype=float) for k in ("lat_deg", "lon_deg", "alt_amsl_m"))
    en = task.frame.to_local_many(lat, lon) if len(lat) else np.zeros((0, 2))
    speed = np.array([np.hypot(r.velocity_enu_m_s[0], r.velocity_enu_m_s[1]) for r in rows], dtype=float)
    height = np.array(agl, dtype=float) if agl is not None else alt - _ground(task.terrain, lat, lon)
    t_s = np.array([(r.t_ns - zero) / 1e9 for r in rows], dtype=float)
    return Track(t_s, en, alt, height, speed, np.array(airborne, dtype=bool), source)


def _ground(terrain: Terrain, lat: Array, lon: Array) -> Array:
    """Ground heights, NaN outside the terrain model."""
    inside = terrain.has(lat, lon)
    out = np.full(len(lat), np.nan)
    out[inside] = terrain.heights_amsl_m(lat[inside], lon[inside])
    return out


def _visits(track: Track, route: LocalRoute, radius_m: float) -> tuple[Visit, ...]:
    """Waypoints in order: each is looked for only after the one reached before it."""
    visits, start = [], 0
    for point in route.en[1:-1]:
        distance = np.hypot(*(track.en[start:] - point).T)
        distance[~track.airborne[start:]] = np.inf
        closest = float(distance.min()) if len(distance) else float("inf")
        inside = runs(distance <= radius_m)
        if not inside:
            visits.append(Visit(None, closest))
            continue
        first, end = inside[0]
        sample = first + int(np.argmin(distance[first:end]))
        visits.append(Visit(start + sample, float(distance[sample])))
        start += sample
    return tuple(visits)


def _between_waypoints(track: Track, visits: tuple[Visit, ...]) -> Mask:
    """From the first to the last waypoint reached."""
    reached = [v.sample for v in visits if v.sample is not None]
    mask = np.zeros(len(track), dtype=bool)
    if reached:
        mask[reached[0] : reached[-1] + 1] = True
    return mask & track.airborne


def _off_route(track: Track, route: LocalRoute | None, visits: tuple[Visit, ...]) -> tuple[Array, Array]:
    """(N,) cross-track error and (N,) planned height, both NaN on the ground or without a route.

    Between two nodes reached one after the other, only the legs between them count; a waypoint missed lies between.
    """
    off, planned = np.full(len(track), np.nan), np.full(len(track), np.nan)
    if route is None or not len(track):
        return off, planned
    ground = track.alt_amsl_m - track.agl_m
    marks = [
        (0, 0),
        *((k + 1, v.sample) for k, v in enumerate(visits) if v.sample is not None),
        (len(visits) + 1, len(track)),
    ]
    for (node, begin), (next_node, end) in pairwise(marks):
        if end > begin:
            off[begin:end], planned[begin:end] = route.off_track(
                track.en[begin:end], ground[begin:end], node, next_node
            )
    off[~track.airborne] = np.nan
    planned[~track.airborne] = np.nan
    return off, planned


def _landing_distance(track: Track, route: LocalRoute | None) -> float | None:
    if route is None or not len(track):
        return None
    return float(np.hypot(*(track.en[-1] - route.en[-1])))


def _landed(recording: FlightRecording, track: Track) -> bool:
    """On the ground and disarmed at the end."""
    statuses = recording.of("vehicle/status")
    disarmed = bool(statuses) and not statuses[-1].armed
    return disarmed and len(track) > 0 and not track.airborne[-1]


def _mission(statuses: tuple[MissionStatus, ...]) -> MissionStatus | None:
    return statuses[-1] if any(s.phase is not MissionPhase.IDLE for s in statuses) else None


def _rises(counts: list[tuple[int, int]], zero: int) -> tuple[float, ...]:
    """One time for every count that was added after the first message."""
    times: list[float] = []
    for (_, before), (t_ns, after) in pairwise(counts):
        times += [_seconds(t_ns, zero)] * max(0, after - before)
    return tuple(times)
