"""What the operator of a flight knows: the newest record of each topic, and what follows from them. No ROS."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot, isfinite, nan

from lenger_core.samples import (
    ExerciseStatus,
    FcuState,
    GuardStatus,
    MissionStatus,
    SimTruth,
    VehicleStatus,
)

_WINDOW_S = 3.0


@dataclass(slots=True)
class FlightPicture:
    """Newest records (None until the first), simulated time, and the realtime factor over the last seconds."""

    vehicle: VehicleStatus | None = None
    guard: GuardStatus | None = None
    mission: MissionStatus | None = None
    exercise: ExerciseStatus | None = None
    truth: SimTruth | None = None
    fcu: FcuState | None = None
    took_off_ns: int | None = None
    armed_ns: int | None = None
    _pace: list[tuple[float, int]] = field(default_factory=list)
    _first: tuple[float, int] | None = None

    def on_truth(self, record: SimTruth, wall_s: float) -> None:
        """Take the simulator's truth: it also tells simulated time, and whether the aircraft left the ground."""
        self.truth = record
        if self.took_off_ns is None and not record.on_ground and record.height_agl_m > 0.5:
            self.took_off_ns = record.t_ns
        if self.armed_ns is None and self.vehicle is not None and self.vehicle.armed:
            self.armed_ns = record.t_ns
        self._first = self._first or (wall_s, record.t_ns)
        self._pace.append((wall_s, record.t_ns))
        while wall_s - self._pace[0][0] > _WINDOW_S:
            self._pace.pop(0)

    @property
    def now_ns(self) -> int:
        """Simulated time, 0 before the simulator has spoken."""
        return self.truth.t_ns if self.truth else 0

    @property
    def elapsed_s(self) -> float:
        """Simulated seconds since arming, as the times of a result; 0 before."""
        return self.since_arming_s(self.now_ns)

    def since_arming_s(self, t_ns: int) -> float:
        """Return a simulated time in seconds since arming; 0 before."""
        return (t_ns - self.armed_ns) / 1e9 if self.armed_ns is not None else 0.0

    @property
    def realtime_factor(self) -> float:
        """Simulated seconds per wall second over the last seconds; NaN when unknown."""
        return _rate(self._pace[0], self._pace[-1]) if len(self._pace) > 1 else nan

    @property
    def mean_realtime_factor(self) -> float:
        """Simulated seconds per wall second since the simulator was first heard; NaN when unknown."""
        return _rate(self._first, self._pace[-1]) if self._first and self._pace else nan

    @property
    def airborne(self) -> bool:
        """Whether the aircraft is off the ground, by the simulator's truth."""
        return self.truth is not None and not self.truth.on_ground and self.took_off_ns is not None

    @property
    def still(self) -> bool:
        """Whether the aircraft hardly moves: below 0.7 m/s over the ground and 0.4 m/s vertically."""
        if self.truth is None:
            return False
        east, north, up = self.truth.velocity_enu_m_s
        return hypot(east, north) < 0.7 and abs(up) < 0.4

    @property
    def ready(self) -> bool:
        """Whether the autopilot can be armed and every node on the chain speaks."""
        return bool(
            self.vehicle and self.vehicle.ready and self.guard and self.mission and self.exercise and self.truth
        )

    def waiting_for(self) -> str:
        """What `ready` still lacks, in words."""
        silent = [n for n in ("truth", "vehicle", "guard", "mission", "exercise") if getattr(self, n) is None]
        if silent:
            return "the first message of " + ", ".join(silent)
        if self.vehicle is not None and not self.vehicle.ready:
            return f"the autopilot to be ready ({self.vehicle.reason or 'no reason given'})"
        return "nothing"


def _rate(first: tuple[float, int], last: tuple[float, int]) -> float:
    wall_s = last[0] - first[0]
    return (last[1] - first[1]) / 1e9 / wall_s if wall_s > 0 else nan


def percent(fraction: float) -> str:
    """Return a fraction as percent, "-" when it is not known."""
    return f"{100 * fraction:.0f} %" if isfinite(fraction) else "-"


def metres(value: float) -> str:
    """Return metres for display, "-" when not known or without bound."""
    return f"{value:.1f} m" if isfinite(value) and abs(value) < 1e5 else "-"
