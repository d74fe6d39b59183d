"""mission_node as a real process: refusals with a reason, feedback, cancel, and what it leaves for a restart."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from lenger_interfaces.action import ExecuteMission
from rclpy.action import ActionClient
from rclpy.node import Node
from std_srvs.srv import Trigger

from lenger_core.resources import read_text
from lenger_core.ros.qos import profile
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import Command, CommandKind
from lenger_core.wire import TOPICS

pytestmark = pytest.mark.ros


class Client:
    """An operator and a listener on mission/command, spun by hand."""

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = Node("operator", context=self.context)
        self.executor = rclpy.executors.SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.action = ActionClient(self.node, ExecuteMission, "mission/execute")
        self.resume = self.node.create_client(Trigger, "mission/resume")
        self.commands: list[Command] = []
        self.feedback: list[Any] = []
        spec = TOPICS["mission/command"]
        self.node.create_subscription(
            rclpy_types(spec.ros_type),
            spec.name,
            lambda message: self.commands.append(spec.decode(message)),
            profile(spec.qos, False),
        )

    def spin(self) -> None:
        self.executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        self.action.destroy()
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


class Run:
    """One mission_node and one client."""

    def __init__(self, state_file: Path, wait: Callable[..., None]) -> None:
        self.wait = wait
        command = [sys.executable, "-m", "lenger_mission.mission_node", "--ros-args", "-p", f"state_file:={state_file}"]
        command += ["-p", "terrain.trust:=ground"]  # over the real ground, as GLOBE has it, the gate refuses the plan
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.client = Client()
        self.until(self.client.action.server_is_ready, "the action server")

    def until(self, predicate: Callable[[], bool], what: str) -> None:
        def look() -> bool:
            self.client.spin()
            return predicate()

        self.wait(look, 40.0, what)

    def goal(self, text: str, plan_format: str = "qgc") -> Any:
        request = ExecuteMission.Goal(plan_name="patrol", plan=text, plan_format=plan_format)
        sent = self.client.action.send_goal_async(request, feedback_callback=self.client.feedback.append)
        self.until(sent.done, "the goal to be taken")
        assert sent.result().accepted
        return sent.result()

    def result(self, goal: Any) -> Any:
        future = goal.get_result_async()
        self.until(future.done, "the result")
        return future.result().result

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=30)
        return self.process.returncode, out

    def close(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait(timeout=30)


@pytest.fixture
def run(ros_domain: int, tmp_path: Path, wait_until: Callable[..., None]) -> Iterator[Run]:
    made = Run(tmp_path / "mission.json", wait_until)
    yield made
    made.close()


def test_goals_are_refused_with_a_reason_and_canceled_ones_end(run: Run, tmp_path: Path) -> None:
    run.until(lambda: len(run.client.commands) >= 3, "mission/command")
    assert {command.kind for command in run.client.commands} == {CommandKind.NONE}

    plan = json.loads(read_text("plans", "first_patrol.plan"))
    plan["mission"]["items"][3]["params"][4] = 95
    refused = run.result(run.goal(json.dumps(plan)))
    assert refused.outcome == ExecuteMission.Result.REFUSED
    assert refused.message == (
        "plan 'patrol': mission.items[3].params[4]: got 95, expected a number from -90 to 90 degrees"
    )

    goal = run.goal(read_text("plans", "first_patrol.plan"))
    run.until(lambda: len(run.client.feedback) >= 2, "feedback")
    assert run.client.feedback[-1].feedback.status.detail == "the autopilot is not heard"
    second = run.result(run.goal(read_text("plans", "first_patrol.plan")))
    assert (second.outcome, second.message) == (
        ExecuteMission.Result.REFUSED,
        "mission patrol is running (preflight)",
    )

    answer = run.client.resume.call_async(Trigger.Request())
    run.until(answer.done, "mission/resume")
    assert (answer.result().success, answer.result().message) == (False, "the mission is preflight, not holding")

    canceled = goal.cancel_goal_async()
    run.until(canceled.done, "the cancel")
    end = run.result(goal)
    assert (end.outcome, end.message) == (ExecuteMission.Result.CANCELED, "canceled while preflight")

    code, out = run.stop()
    assert code == 0 and "Traceback" not in out
    assert json.loads((tmp_path / "mission.json").read_text())["stage"] == "failed"


def test_a_node_killed_in_a_mission_starts_idle_and_says_what_was_left(
    run: Run, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    run.goal(read_text("plans", "first_patrol.plan"))
    saved = tmp_path / "mission.json"
    run.until(saved.exists, "the progress file")
    run.process.kill()
    run.process.wait(timeout=30)
    again = Run(saved, wait_until)
    try:
        again.until(lambda: len(again.client.commands) >= 3, "mission/command")
        assert {command.kind for command in again.client.commands} == {CommandKind.NONE}
        _, out = again.stop()
    finally:
        again.close()
    assert "mission patrol was preflight with 0 waypoints reached; not resumed" in out
