"""The operator of a flight as a ROS node: listens to the topics of the flight and sends the ExecuteMission goal."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Any

import rclpy
from lenger_interfaces.action import ExecuteMission
from rclpy.action import ActionClient
from rclpy.signals import SignalHandlerOptions

from lenger_bringup.flight_picture import FlightPicture
from lenger_core.ros.executor import executor_of
from lenger_core.ros.node import LengerNode
from lenger_core.settings import Settings

OUTCOMES = {
    ExecuteMission.Result.DONE: "done",
    ExecuteMission.Result.REFUSED: "refused",
    ExecuteMission.Result.ABORTED: "aborted",
    ExecuteMission.Result.CANCELED: "canceled",
}


class OperatorSettings(Settings):
    """The operator has none."""


class Operator:
    """Enter it to join the graph; `picture` is kept up to date by `spin`. Installs no signal handlers.

    Args:
        picture: filled with what is heard.
    """

    def __init__(self, picture: FlightPicture) -> None:
        self.picture = picture
        self.outcome = ""
        """How the mission ended: "", done, refused, aborted or canceled."""
        self.message = ""

    def __enter__(self) -> Operator:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node: LengerNode[OperatorSettings] = LengerNode("operator", OperatorSettings)
        for topic, field in (
            ("vehicle/status", "vehicle"),
            ("guard/status", "guard"),
            ("mission/status", "mission"),
            ("exercise/status", "exercise"),
            ("mavros/state", "fcu"),
        ):
            self._node.subscribe(topic, lambda record, field=field: setattr(self.picture, field, record))
        self._node.subscribe("sim/truth", lambda record: self.picture.on_truth(record, time.monotonic()))
        self._client = ActionClient(self._node, ExecuteMission, "mission/execute")
        self._executor = executor_of(self._node)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.destroy()
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()
        rclpy.try_shutdown()

    def spin(self, seconds: float) -> None:
        """Let `seconds` of wall time pass, then handle what has arrived: cheaper than waking up for each."""
        time.sleep(seconds)
        while self._executor.turn(0):
            pass

    def missing(self, names: set[str]) -> set[str]:
        """Return which of these nodes are not in the graph yet; "mission/execute" stands for the action server."""
        absent = names - set(self._node.get_node_names())
        return absent if self._client.server_is_ready() else absent | {"mission/execute"}

    def execute(self, plan: Path, text: str) -> None:
        """Send the goal: the operator's consent to take off. The result appears in `outcome` and `message`."""
        goal = ExecuteMission.Goal(
            plan_name=plan.stem, plan=text, plan_format="lenger" if plan.suffix.lower() == ".json" else "qgc"
        )
        self._client.send_goal_async(goal).add_done_callback(self._on_answer)

    def _on_answer(self, future: Any) -> None:
        handle = future.result()
        if not handle.accepted:
            self.outcome, self.message = "refused", "mission_node did not accept the goal"
            return
        handle.get_result_async().add_done_callback(self._on_result)

    def _on_result(self, future: Any) -> None:
        result = future.result().result
        self.outcome, self.message = OUTCOMES.get(result.outcome, "aborted"), result.message
