"""Uploads that somebody asks autopilot_node for: mission, fence and rally points, one at a time, read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lenger_bridge.dialects import Dialect
from lenger_bridge.item_check import item_problem
from lenger_bridge.requests import Reply, Request
from lenger_bridge.upload import NAMES, Upload
from lenger_bridge.vehicle_state import VehicleState
from lenger_mavlink.transfer_client import MissionItem, MissionType


@dataclass(frozen=True, slots=True)
class UploadResult:
    """How an upload went.

    Attributes:
        ticket: of the caller.
        kind: which list.
        success: the autopilot holds exactly this list.
        message: why not, one line; "" on success.
        count: items that it holds now, as far as is known.
    """

    ticket: int
    kind: MissionType
    success: bool
    message: str
    count: int


class Uploads:
    """Runs one upload at a time and remembers which mission the autopilot is known to hold.

    Args:
        dialect: the autopilot family.
        state: what MAVROS says, kept by the owner.
    """

    def __init__(self, dialect: Dialect, state: VehicleState) -> None:
        self._dialect, self._state = dialect, state
        self._job: Upload | None = None
        self._ticket = 0
        self._pending: Request | None = None
        self._results: list[tuple[UploadResult, Upload]] = []
        self._mission: tuple[MissionItem, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether an upload is under way."""
        return self._job is not None

    def mission_problem(self, item: int) -> str:
        """Return why the mission must not be started at `item` (-1: where it stands), "" when nothing forbids it."""
        if self.busy:
            return "an upload is under way"
        if not self._mission:
            return "no mission was uploaded and read back through autopilot_node since the link came up"
        if item >= len(self._mission):
            return f"item {item}, expected 0 to {len(self._mission) - 1}"
        return ""

    def reset(self, reason: str) -> None:
        """End what is under way: the link was lost, and the autopilot may be another one now."""
        self._mission = ()
        if self._job is not None:
            self._end(f"{NAMES[self._job.kind]} upload interrupted: {reason}")

    def offer(
        self, ticket: int, kind: MissionType, items: tuple[MissionItem, ...], fence: tuple[MissionItem, ...]
    ) -> str:
        """Start an upload, or return the reason for refusing it.

        Args:
            ticket: comes back in the result.
            kind: which list.
            items: numbered from 0 without ArduPilot's home; empty clears.
            fence: the fence that holds; no waypoint may lie outside.
        """
        name = NAMES[kind]
        problem = self._refusal(kind) or item_problem(kind, items, fence)
        if problem:
            return f"{name} upload refused: {problem}"
        self._job, self._ticket = Upload(self._dialect, kind, items), ticket
        if kind is MissionType.MISSION:
            self._mission = ()
        return ""

    def _refusal(self, kind: MissionType) -> str:
        if not self._state.connected:
            return "not connected to the autopilot"
        if self.busy:
            return "another upload is under way"
        if kind is not MissionType.MISSION and self._state.armed:
            return "the aircraft is armed (ArduPilot lands when its fence moves in flight)"
        mode = self._dialect.mission_settles[0]
        if self._state.armed and self._state.mode == mode:
            return f"the aircraft flies its mission ({mode})"
        return ""

    def step(self, take_id: Callable[[], int]) -> Request | None:
        """Return the next request, None when there is none now."""
        if self._job is None or self._pending is not None:
            return None
        if self._state.armed and self._job.kind is not MissionType.MISSION and not self._job.begun:
            self._end(f"{NAMES[self._job.kind]} upload given up: the aircraft was armed before it began")
            return None
        self._pending = self._job.next(take_id)
        return self._pending

    def on_reply(self, reply: Reply) -> bool:
        """Take a reply; return whether it was one of ours."""
        if self._pending is None or reply.request_id != self._pending.request_id:
            return False
        self._pending = None
        if self._job is not None:
            self._job.take(reply)
            if self._job.done:
                self._end(self._job.problem)
        return True

    def take_results(self) -> tuple[tuple[UploadResult, Upload], ...]:
        """Return and forget what ended since the last call."""
        results, self._results = self._results, []
        return tuple(results)

    def _end(self, problem: str) -> None:
        job, self._job, self._pending = self._job, None, None
        if job is None:
            return
        if job.kind is MissionType.MISSION and not problem:
            self._mission = job.items
        self._results.append((UploadResult(self._ticket, job.kind, not problem, problem, job.held), job))
