"""result.json: the official outcome of one flight."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Deduction(_Record):
    """Points lost, by which rule and when. `t_s` counts from arming."""

    t_s: float
    rule: str
    points: float
    detail: str


class TimelineEvent(_Record):
    """One thing worth a line in the debrief. `t_s` counts from arming."""

    t_s: float
    kind: str
    detail: str


class Metrics(_Record):
    """What was measured; null where it could not be (fence, clearance and errors need the simulator's truth)."""

    max_fence_violation_m: float | None = None
    min_clearance_agl_m: float | None = None
    max_cross_track_m: float | None = None
    max_height_error_m: float | None = None
    fusion_rms_m: float | None = None
    energy_used_wh: float | None = None
    energy_predicted_wh: float | None = None
    energy_note: str = ""
    guard_interventions: int | None = None
    waypoints: int = 0
    waypoints_reached: int = 0
    waypoint_times_s: tuple[float | None, ...] = ()
    landing_distance_m: float | None = None
    distance_flown_m: float | None = None
    max_height_agl_m: float | None = None
    battery_remaining: float | None = None
    position_source: str = "none"


class Host(_Record):
    """Where and how fast it was flown; nothing else of a result may depend on it."""

    realtime_factor: float | None = None
    wall_s: float | None = None
    started: str = ""
    version: str = ""
    kind: str = ""


class Ground(_Record):
    """The terrain that was flown over.

    Attributes:
        name: its source.
        synthetic: whether detail of it was invented.
        error_bound_m: how far it may be from the real land at the site; null outside the terrain. A simulated flight
            over it knows no such error.
    """

    name: str
    synthetic: bool
    error_bound_m: float | None


class Result(_Record):
    """result.json."""

    exercise: str
    passed: bool
    score: float
    duration_s: float
    seed: int
    autopilot: str
    deductions: tuple[Deduction, ...]
    events: tuple[TimelineEvent, ...]
    metrics: Metrics
    terrain: Ground
    host: Host
