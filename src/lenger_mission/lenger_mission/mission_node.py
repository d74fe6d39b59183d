"""mission_node: the ExecuteMission action, the operator's services, and the mission core at 20 Hz.

rclpy 7.1 runs a suspended coroutine again and again, so an execute callback that awaits the end of a flight would
spin its executor at full CPU for the whole flight. Goals are therefore accepted, kept, and executed (a callback that
returns the result at once) only when the core says how the mission ended. Until then their status reads ACCEPTED.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenger_interfaces.action import ExecuteMission
from lenger_interfaces.srv import JumpToItem, ReplanMission, UploadItems
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from std_srvs.srv import Trigger

from lenger_core.errors import InputError
from lenger_core.plans import Plan
from lenger_core.ros.node import OK, WARN, LengerNode, run_node
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import MissionStatus
from lenger_core.terrain import flight_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wire import TOPICS
from lenger_mavlink.mission_items import MissionItem
from lenger_mission.keeper import Keeper
from lenger_mission.load import plan_from_text
from lenger_mission.mission import MissionCore
from lenger_mission.report import MissionResult
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import ACTIVE, Outcome

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
        self._upload_number = 0
        self._keeper = Keeper(s.state_file)
        self._report_unfinished()
        self.subscribe("vehicle/status", self._core.on_vehicle)
        self.subscribe("fusion/odometry", self._core.on_odometry)
        self.subscribe("fusion/status", self._core.on_fusion_status)
        self.subscribe("guard/status", self._core.on_guard)
        self.subscribe("mavros/mission/reached", self._core.on_reached)
        self.subscribe("mavros/mission/waypoints", self._core.on_mission)
        self._uploader = self.create_client(UploadItems, "autopilot/upload")
        for name in ("pause", "resume", "skip", "abort"):
            self.create_service(Trigger, f"mission/{name}", self._asked(getattr(self._core, name), name))
        self.create_service(JumpToItem, "mission/jump", self._jump)
        self.create_service(ReplanMission, "mission/replan", self._replan)
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
        for trigger in output.camera:
            self.publish("mission/camera", trigger)
        if output.events:
            self.events(output.events)
        if output.events or self._keeper.due(now_ns):
            self._save_progress()
        if output.upload is not None:
            self._hand_over(output.upload)
        self._feed_back(output.status, now_ns)
        if output.result is not None:
            self._finish(output.result)

    # ------------------------------------------------------------ the action

    def _accepted(self, goal: ServerGoalHandle) -> None:
        # A rejected goal carries no reason; so every goal is accepted, and a refusal is a result with a message.
        try:
            plan, reason = self._begin(goal.request)
        except InputError as error:
            plan, reason = None, str(error)
        if reason is not None or plan is None:
            self.get_logger().warning(f"mission refused: {reason}")
            self._conclude(goal, MissionResult(Outcome.REFUSED, str(reason), 0))
            return
        for note in plan.notes:
            self.get_logger().info(f"plan {plan.name}: {note}")
        self._goal = goal

    def _begin(self, request: Any) -> tuple[Plan | None, str | None]:
        """Begin what a goal asks for; return the plan, and why it is refused.

        Raises:
            InputError: the plan, or what was saved of it, is broken.
        """
        now_ns = self.now_ns()
        if self._goal is not None and self._core.stage not in ACTIVE:
            return None, "the mission before is just ending: send the goal again"
        given = plan_from_text(request.plan, request.plan_name or "plan", request.plan_format) if request.plan else None
        if not request.resume:
            if given is None:
                return None, "the goal has no plan"
            return given, self._core.start(given, now_ns, request.engine, request.start_item)
        saved, plan = self._keeper.unfinished(given)
        return plan, self._core.resume_saved(saved, plan, now_ns)

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

    # ------------------------------------------------------------ services

    def _asked(self, request: Callable[[int], str | None], done: str) -> Callable[[Any, Any], Any]:
        """Return the callback of a service that asks the core for something."""

        def callback(_: Any, response: Any) -> Any:
            return _answered(response, request(self.now_ns()), f"{done}: done")

        return callback

    def _jump(self, request: Any, response: Any) -> Any:
        reason = self._core.jump(request.item, self.now_ns())
        return _answered(response, reason, f"to item {request.item}")

    def _replan(self, request: Any, response: Any) -> Any:
        try:
            plan = plan_from_text(request.plan, request.plan_name or "plan", request.plan_format)
            reason = self._core.replan(plan, self.now_ns(), request.start_item)
        except InputError as error:
            reason = str(error)
        return _answered(response, reason, "another plan is flown")

    def _hand_over(self, items: tuple[MissionItem, ...]) -> None:
        """Ask autopilot_node to upload a list."""
        self._upload_number += 1
        number = self._upload_number
        if not self._uploader.service_is_ready():
            self._core.on_uploaded(False, "autopilot_node does not offer autopilot/upload", self.now_ns())
            return
        waypoint = rclpy_types("mavros_msgs/msg/Waypoint")
        rows = [
            waypoint(
                frame=i.frame, command=i.command, autocontinue=i.autocontinue, param1=i.param1, param2=i.param2,
                param3=i.param3, param4=i.param4, x_lat=i.x_lat_deg, y_long=i.y_lon_deg, z_alt=i.z_alt_m,
            )
            for i in items
        ]  # fmt: skip
        request = UploadItems.Request(kind=UploadItems.Request.MISSION, items=rows)

        def answered(future: Any) -> None:
            if number == self._upload_number:  # the answer to an earlier list says nothing of this one
                response = future.result()
                told = (response.success, response.message) if response else (False, "the service call failed")
                self._core.on_uploaded(*told, self.now_ns())

        self._uploader.call_async(request).add_done_callback(answered)

    # ------------------------------------------------------------ progress

    def _save_progress(self) -> None:
        try:
            where = self._keeper.save(self._core.progress, self._core.plan)
        except (InputError, OSError) as error:
            self.diagnose("progress", WARN, f"{self._keeper.path} cannot be written: {error}")
            return
        if where:
            self.diagnose("progress", OK, f"saved to {where}")

    def _report_unfinished(self) -> None:
        try:
            before = self._keeper.load()
        except InputError as error:
            self.diagnose("progress", WARN, str(error))
            return
        if before is not None and before.unfinished:
            reached = f"{before.waypoints_reached} waypoints reached"
            text = f"mission {before.plan} was {before.stage} with {reached}; not resumed: it waits for consent"
            self.diagnose("restart", WARN, text)
            self.get_logger().warning(text)


def _answered(response: Any, reason: str | None, done: str) -> Any:
    response.success, response.message = reason is None, reason or done
    return response


def main() -> None:
    """Run the node."""
    run_node(MissionNode)


if __name__ == "__main__":
    main()
