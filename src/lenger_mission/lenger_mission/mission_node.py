"""mission_node: the ExecuteMission action, mission/resume, and the mission core at 20 Hz.

rclpy 7.1 runs a suspended coroutine again and again, so an execute callback that awaits the end of a flight would
spin its executor at full CPU for the whole flight. Goals are therefore accepted, kept, and executed (a callback that
returns the result at once) only when the core says how the mission ended. Until then their status reads ACCEPTED.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lenger_interfaces.action import ExecuteMission
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from std_srvs.srv import Trigger

from lenger_core.errors import InputError
from lenger_core.ros.node import OK, WARN, LengerNode, run_node
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import MissionStatus
from lenger_core.terrain import flight_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wire import TOPICS
from lenger_mission import progress
from lenger_mission.load import plan_from_text
from lenger_mission.machine import Outcome
from lenger_mission.mission import MissionCore
from lenger_mission.report import MissionResult
from lenger_mission.settings import MissionSettings

STEP_HZ = 20.0
FEEDBACK_NS = 500_000_000


class MissionNode(LengerNode[MissionSettings]):
    """The shell around MissionCore."""

    def __init__(self) -> None:
        super().__init__("mission_node", MissionSettings)
        s = self.settings
        terrain = flight_terrain(s.terrain, s.site.lat_deg, s.site.lon_deg)
        self._core = MissionCore(s, load_vehicle(s.vehicle), terrain)
        self._goal: ServerGoalHandle | None = None
        self._feedback_ns = 0
        self._state_file = Path(self.settings.state_file) if self.settings.state_file else None
        self._saved: progress.Progress | None = None
        self._report_unfinished()
        self.subscribe("vehicle/status", self._core.on_vehicle)
        self.subscribe("fusion/odometry", self._core.on_odometry)
        self.subscribe("fusion/status", self._core.on_fusion_status)
        self.subscribe("guard/status", self._core.on_guard)
        self.create_service(Trigger, "mission/resume", self._resume)
        self._server = ActionServer(
            self,
            ExecuteMission,
            "mission/execute",
            execute_callback=self._execute_at_once,
            goal_callback=lambda _: GoalResponse.ACCEPT,
            handle_accepted_callback=self._accepted,
            cancel_callback=self._cancel,
        )
        self.advertise("mission/command")
        self.every(STEP_HZ, self._step)

    def close(self) -> None:
        """Keep the progress for the next start."""
        self._save_progress()

    def _step(self) -> None:
        now_ns = self.now_ns()
        output = self._core.step(now_ns)
        self.publish("mission/command", output.command)
        if output.status_due:
            self.publish("mission/status", output.status)
        if output.events:
            self.events(output.events)
            self._save_progress()
        self._feed_back(output.status, now_ns)
        if output.result is not None:
            self._finish(output.result)

    # ------------------------------------------------------------ the action

    def _accepted(self, goal: ServerGoalHandle) -> None:
        # A rejected goal carries no reason; so every goal is accepted, and a refusal is a result with a message.
        request = goal.request
        try:
            plan = plan_from_text(request.plan, request.plan_name or "plan", request.plan_format)
            reason = self._core.start(plan, self.now_ns())
        except InputError as error:
            reason = str(error)
        if reason is not None:
            self.get_logger().warning(f"mission refused: {reason}")
            self._conclude(goal, MissionResult(Outcome.REFUSED, reason, 0))
            return
        for note in plan.notes:
            self.get_logger().info(f"plan {plan.name}: {note}")
        self._goal = goal

    def _cancel(self, goal: ServerGoalHandle) -> CancelResponse:
        if self._goal is None or goal.goal_id != self._goal.goal_id:
            return CancelResponse.REJECT
        reason = self._core.cancel(self.now_ns())
        return CancelResponse.ACCEPT if reason is None else CancelResponse.REJECT

    def _finish(self, result: MissionResult) -> None:
        goal, self._goal = self._goal, None
        if goal is not None:
            self._conclude(goal, result)

    def _conclude(self, goal: ServerGoalHandle, result: MissionResult) -> None:
        def deliver(handle: ServerGoalHandle) -> Any:
            if handle.is_cancel_requested:
                handle.canceled()
            elif result.outcome is Outcome.DONE:
                handle.succeed()
            else:
                handle.abort()
            message = result.message
            return ExecuteMission.Result(
                outcome=result.outcome.value, message=message, waypoints_reached=result.waypoints_reached
            )

        goal.execute(deliver)

    def _execute_at_once(self, goal: ServerGoalHandle) -> Any:
        goal.abort()
        return ExecuteMission.Result(outcome=Outcome.ABORTED.value, message="executed before its mission ended")

    def _feed_back(self, status: MissionStatus, now_ns: int) -> None:
        if self._goal is None or 0 <= now_ns - self._feedback_ns < FEEDBACK_NS:
            return
        self._feedback_ns = now_ns
        message = TOPICS["mission/status"].encode(rclpy_types, status)
        self._goal.publish_feedback(ExecuteMission.Feedback(status=message))

    # ------------------------------------------------------------ resume, progress

    def _resume(self, _: Any, response: Any) -> Any:
        reason = self._core.resume(self.now_ns())
        response.success = reason is None
        response.message = reason or "resumed"
        return response

    def _save_progress(self) -> None:
        now = self._core.progress
        if self._state_file is None or now == self._saved or not now.plan:
            return
        try:
            progress.save(now, self._state_file)
        except OSError as error:
            self.diagnose("progress", WARN, f"{self._state_file} cannot be written: {error.strerror}")
            return
        self._saved = now
        self.diagnose("progress", OK, f"saved to {self._state_file}")

    def _report_unfinished(self) -> None:
        if self._state_file is None:
            return
        try:
            before = progress.load(self._state_file)
        except InputError as error:
            self.diagnose("progress", WARN, str(error))
            return
        if before is not None and before.unfinished:
            reached = f"{before.waypoints_reached} waypoints reached"
            text = f"mission {before.plan} was {before.stage} with {reached}; not resumed"
            self.diagnose("restart", WARN, text)
            self.get_logger().warning(text)


def main() -> None:
    """Run the node."""
    run_node(MissionNode)


if __name__ == "__main__":
    main()
