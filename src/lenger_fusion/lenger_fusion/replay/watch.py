"""What is seen of the estimator while a log runs through it: innovations, integrity, biases, events."""

from __future__ import annotations

from dataclasses import dataclass, field

from lenger_core.samples import Event, FusionStatus, Integrity
from lenger_fusion.filter import ErrorStateFilter, Gate

SLOW_STATES = (
    ("gyro_rad_s", 0, 3, 6), ("accel_m_s2", 3, 6, 5), ("baro_m", 6, 7, 3), ("wind_en_m_s", 7, 9, 2),
    ("drag_per_s", 9, 10, 4), ("ground_m", 10, 11, 2), ("flow_scale", 11, 12, 4), ("thrust_tilt_m_s2", 12, 14, 4),
)  # fmt: skip
"""Name, from, to and digits of what stands behind position, velocity and attitude in the state of
`lenger_fusion.kernels`."""
_POSE = 10
_UNSEEN = (0, 0)


@dataclass
class Tests:
    """The innovation tests of one sensor.

    Attributes:
        accepted, refused: how many.
        t_ns, ratio, passed: of each test that was seen; the ratio is sqrt(NIS / limit), so that the gate is at 1.
        nis: of each.
        limit: the newest gate.
    """

    accepted: int = 0
    refused: int = 0
    limit: float = 0.0
    t_ns: list[int] = field(default_factory=list)
    nis: list[float] = field(default_factory=list)
    ratio: list[float] = field(default_factory=list)
    passed: list[bool] = field(default_factory=list)


@dataclass
class Stretch:
    """A time of one integrity: first and newest reason."""

    start_ns: int
    end_ns: int
    integrity: Integrity
    reason: str
    last_reason: str


class Watch:
    """Looks at the filter after each IMU sample, and keeps what the report shows."""

    def __init__(self) -> None:
        self.tests: dict[str, Tests] = {}
        self.timeline: list[Stretch] = []
        self.events: list[Event] = []
        self.biases: list[tuple[int, tuple[float, ...]]] = []
        self.last: FusionStatus | None = None
        self._filter: ErrorStateFilter | None = None
        self._seen: dict[str, tuple[int, int]] = {}

    def look(self, t_ns: int, core_filter: ErrorStateFilter | None) -> None:
        """Take the innovation tests since the last look. Of several of one sensor at once the newest NIS is kept."""
        if core_filter is None:
            return
        if core_filter is not self._filter:
            self._filter, self._seen = core_filter, {}
        seen = self._seen
        for name, gate in core_filter.gates.items():
            before = seen.get(name, _UNSEEN)
            if gate.accepted != before[0] or gate.rejected != before[1]:
                self._note(t_ns, name, gate, before)
                seen[name] = (gate.accepted, gate.rejected)

    def _note(self, t_ns: int, name: str, gate: Gate, seen: tuple[int, int]) -> None:
        accepted, refused = gate.accepted - seen[0], gate.rejected - seen[1]
        if not (accepted or refused):
            return
        tests = self.tests.setdefault(name, Tests())
        tests.accepted += accepted
        tests.refused += refused
        tests.limit = gate.limit
        tests.t_ns.append(t_ns)
        tests.nis.append(gate.nis)
        tests.ratio.append((max(gate.nis, 0.0) / gate.limit) ** 0.5 if gate.limit > 0.0 else 0.0)
        tests.passed.append(gate.nis <= gate.limit)

    def settle(self, status: FusionStatus, core_filter: ErrorStateFilter | None) -> None:
        """Take the estimator's word on itself, ten times a second."""
        self.last = status
        newest = self.timeline[-1] if self.timeline else None
        if newest is not None:
            newest.end_ns = status.t_ns
        if newest is None or newest.integrity is not status.integrity:
            self.timeline.append(Stretch(status.t_ns, status.t_ns, status.integrity, status.reason, status.reason))
        elif status.reason:
            newest.last_reason = status.reason
        if core_filter is not None:
            self.biases.append((status.t_ns, tuple(core_filter.x[_POSE:].tolist())))
