"""Synthetic flights for the tests of grading: every number in them can be checked by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.samples import (
    Authority,
    Event,
    GuardLevel,
    GuardStatus,
    MissionPhase,
    MissionStatus,
    Odometry,
    SimTruth,
    Vec3,
    VehicleStatus,
)
from lenger_training.exercise import Exercise, parse_exercise
from lenger_training.recording import FlightRecording, LockstepRecorder

SITE = (42.1819, 69.8878, 757.0)
FRAME = LocalFrame(*SITE)
START_NS = 5_000_000_000
GROUND_M = 757.0
"""The synthetic ground is flat: truth says so, and grading takes the ground from truth."""

RUBRIC = [
    {"rule": "mission_completed", "points": 40},
    {"rule": "waypoint_missed", "points": 15, "max_points": 45},
    {"rule": "cross_track", "tolerance_m": 5.0, "points": 5, "max_points": 20},
    {"rule": "height_error", "tolerance_m": 5.0, "points": 4, "max_points": 20},
    {"rule": "clearance", "minimum_agl_m": 40.0, "points": 15, "max_points": 30},
    {"rule": "fence_violation", "points": 100, "hard_fail": True},
    {"rule": "landing_distance", "tolerance_m": 3.0, "points": 10},
    {"rule": "guard_intervention", "points": 5, "max_points": 20},
    {"rule": "time_limit", "points": 10},
    {"rule": "crash", "points": 100, "hard_fail": True},
]


def exercise(**changes: Any) -> Exercise:
    """Return a small valid exercise; keyword arguments replace fields of the file."""
    data: dict[str, Any] = {
        "title": "Square",
        "phase": "basic",
        "goal": "fly it",
        "briefing": "fly it well",
        "vehicle": "quad_2kg",
        "site": {"lat_deg": SITE[0], "lon_deg": SITE[1], "alt_amsl_m": SITE[2]},
        "seed": 7,
        "plan": "plans/first_patrol.plan",
        "zones": "zones/first_patrol.geojson",
        "time_limit_s": 200,
        "waypoint_radius_m": 5.0,
        "rubric": RUBRIC,
    }
    return parse_exercise({**data, **changes}, "square.yaml", "square", Path("."))


def square_plan(height_m: float = 60.0) -> Plan:
    """Return home - (100, 0) - (100, 100) - (0, 100) - home in metres east and north, at one height above home."""
    ways = []
    for east, north in ((100.0, 0.0), (100.0, 100.0), (0.0, 100.0)):
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        ways.append(Waypoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=height_m, datum=Datum.HOME)))
    climb = Takeoff(height=Height(value_m=height_m, datum=Datum.HOME))
    home = Home(lat_deg=SITE[0], lon_deg=SITE[1], alt_amsl_m=SITE[2])
    return Plan(name="square", home=home, items=(climb, *ways, ReturnHome()), cruise_speed_m_s=5.0)


@dataclass
class Flight:
    """Straight lines between (t_s, east, north, agl) knots, 10 samples a second; arms at t 0, disarms at the end."""

    knots: list[tuple[float, float, float, float]]
    interventions_at_s: list[float] = field(default_factory=list)
    crash_at_s: float | None = None
    phases: list[tuple[float, MissionPhase]] = field(default_factory=lambda: [(1.0, MissionPhase.TAKEOFF)])
    done: bool = True
    disarms: bool = True
    truth: bool = True
    events: list[tuple[float, str]] = field(default_factory=list)
    fusion_error_m: Vec3 = (0.0, 0.0, 0.0)

    def records(self) -> list[tuple[str, Any]]:
        """Return (topic, record), ordered by time."""
        rows: list[tuple[str, Any]] = [("vehicle/status", self._status(-1.0, armed=False, landed=True))]
        end = self.knots[-1][0]
        energy = 0.0
        for tick in range(round(end * 10) + 1):
            t = tick / 10
            east, north, agl = self._at(t)
            energy += 0.001
            if self.truth:
                rows.append(("sim/truth", self._truth(t, east, north, agl, energy)))
            rows.append(("vehicle/status", self._status(t, armed=not (self.disarms and t >= end), landed=agl <= 0.0)))
            ex, ey, ez = self.fusion_error_m
            position = (east + ex, north + ey, agl + ez)
            rows.append(
                ("fusion/odometry", Odometry(_ns(t), position, (0.0,) * 3, (1.0, 0.0, 0.0, 0.0), *((0.0,) * 3,) * 3))
            )
            if tick % 2 == 0:
                count = sum(at <= t for at in self.interventions_at_s)
                rows.append(("guard/status", _guard(t, count)))
        for t, phase in self.phases:
            rows.append(("mission/status", _mission(t, phase)))
        if self.done:
            rows.append(("mission/status", _mission(end, MissionPhase.DONE)))
        rows += [("events", Event(_ns(t), "test", kind, kind)) for t, kind in self.events]
        return sorted(rows, key=lambda row: row[1].t_ns)

    def recording(self) -> FlightRecording:
        """Return what a recorder would have caught."""
        by_topic: dict[str, list[Any]] = {}
        for topic, record in self.records():
            by_topic.setdefault(topic, []).append(record)
        times = [record.t_ns for _, record in self.records()]
        records = MappingProxyType({topic: tuple(rows) for topic, rows in sorted(by_topic.items())})
        return FlightRecording(records, min(times), max(times), truncated=False)

    def write(self, path: Path) -> None:
        """Write it as an MCAP file."""
        recorder = LockstepRecorder(path)
        for topic, record in self.records():
            recorder.record(topic, record, record.t_ns)
        recorder.close()

    def _at(self, t: float) -> Vec3:
        for (t0, *a), (t1, *b) in zip(self.knots, self.knots[1:], strict=False):
            if t <= t1:
                share = 0.0 if t1 == t0 else (t - t0) / (t1 - t0)
                return tuple(x + share * (y - x) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]
        return self.knots[-1][1:]

    def _truth(self, t: float, east: float, north: float, agl: float, energy: float) -> SimTruth:
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        crashed = self.crash_at_s is not None and t >= self.crash_at_s
        on_ground = agl <= 0.0 or crashed
        return SimTruth(
            _ns(t),
            lat,
            lon,
            GROUND_M + agl,
            agl,
            (0.0, 0.0, 0.0),
            (1.0, 0.0, 0.0, 0.0),
            (0.0,) * 3,
            energy,
            on_ground,
            crashed,
        )

    def _status(self, t: float, armed: bool, landed: bool) -> VehicleStatus:
        east, north, agl = self._at(max(t, 0.0))
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        return VehicleStatus(
            _ns(t), "px4", True, armed, True, landed, "OFFBOARD", Authority.LENGER, "", lat, lon, GROUND_M + agl,
            (0.0, 0.0, 0.0), 0.0, 0.5, 0.5, SITE[0], SITE[1], GROUND_M, 0.9, nan,
        )  # fmt: skip


SQUARE = [
    (0.0, 0.0, 0.0, 0.0),
    (20.0, 0.0, 0.0, 60.0),
    (40.0, 100.0, 0.0, 60.0),
    (60.0, 100.0, 100.0, 60.0),
    (80.0, 0.0, 100.0, 60.0),
    (100.0, 0.0, 0.0, 60.0),
    (130.0, 0.0, 0.0, 0.0),
    (131.0, 0.0, 0.0, 0.0),
]
"""A perfect flight of `square_plan`: 60 m at 3 m/s, four sides at 5 m/s, down at 2 m/s."""


def _ns(t: float) -> int:
    return START_NS + round(t * 1e9)


def _guard(t: float, interventions: int) -> GuardStatus:
    return GuardStatus(_ns(t), GuardLevel.NOMINAL, False, True, "", "field", 50.0, 60.0, 30.0, 5.0, interventions)


def _mission(t: float, phase: MissionPhase) -> MissionStatus:
    return MissionStatus(_ns(t), phase, "square", 0, 0, 3, 0.0, 0.0, 0.0, "")
