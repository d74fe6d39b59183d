"""Each executor serves topics, timers, services, clients and actions, and ends when ROS does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.ros, pytest.mark.parametrize("release", ["7.1.6", "9.1.2"])]


@pytest.fixture
def node(ros_domain: int) -> Iterator[Any]:
    import rclpy
    from rclpy.node import Node

    rclpy.init(args=[])
    made = Node("under_test")
    yield made
    made.destroy_node()
    rclpy.try_shutdown()


def test_topics_timers_services_and_actions_are_served(node: Any, wait_until: Any, release: str) -> None:
    from lenger_interfaces.action import ExecuteMission
    from rclpy.action import ActionClient, ActionServer
    from std_msgs.msg import String
    from std_srvs.srv import Trigger

    from lenger_core.ros.executor import executor_of

    heard: list[str] = []
    answers: list[bool] = []
    outcomes: list[str] = []

    def trigger(request: Any, response: Any) -> Any:
        response.success = True
        return response

    def execute(handle: Any) -> Any:
        handle.succeed()
        return ExecuteMission.Result(message="flown")

    def goal_answered(future: Any) -> None:
        future.result().get_result_async().add_done_callback(lambda f: outcomes.append(f.result().result.message))

    publisher = node.create_publisher(String, "words", 10)
    node.create_subscription(String, "words", lambda message: heard.append(message.data), 10)
    node.create_timer(0.01, lambda: publisher.publish(String(data="x")))
    node.create_service(Trigger, "ask", trigger)
    server = ActionServer(node, ExecuteMission, "mission", execute)
    client, goals = node.create_client(Trigger, "ask"), ActionClient(node, ExecuteMission, "mission")
    executor = executor_of(node, release)

    def served() -> bool:
        executor.turn(10_000_000)
        return bool(len(heard) > 20 and answers and outcomes)

    def met() -> bool:
        executor.turn(10_000_000)
        return bool(client.service_is_ready() and goals.server_is_ready())

    wait_until(met)
    client.call_async(Trigger.Request()).add_done_callback(lambda f: answers.append(f.result().success))
    goals.send_goal_async(ExecuteMission.Goal()).add_done_callback(goal_answered)
    wait_until(served, what="every kind of callback")
    assert answers == [True]
    assert outcomes == ["flown"]
    server.destroy()
    goals.destroy()


def test_a_service_has_its_turn_although_there_is_always_another_message(
    node: Any, wait_until: Any, release: str
) -> None:
    """As on a loaded machine: whenever one message was handled the next one is there."""
    from std_msgs.msg import String
    from std_srvs.srv import Trigger

    from lenger_core.ros.executor import executor_of

    topics = [f"words{i}" for i in range(3)]
    publishers = {topic: node.create_publisher(String, topic, 10) for topic in topics}
    heard: list[str] = []
    answers: list[int] = []

    def hear(message: Any) -> None:
        heard.append(message.data)
        publishers[message.data].publish(message)

    for topic in topics:
        node.create_subscription(String, topic, hear, 10)
    node.create_service(Trigger, "ask", lambda _request, response: response)
    client = node.create_client(Trigger, "ask")
    executor = executor_of(node, release)

    def flooded() -> bool:
        executor.turn(10_000_000)
        return client.service_is_ready() and len(heard) > 30

    for topic in topics:
        for _ in range(3):
            publishers[topic].publish(String(data=topic))
    wait_until(flooded)
    asked = len(heard)
    client.call_async(Trigger.Request()).add_done_callback(lambda _future: answers.append(len(heard) - asked))

    def answered() -> bool:
        executor.turn(10_000_000)
        return bool(answers) or len(heard) > asked + 10_000

    wait_until(answered)
    assert answers, "10,000 messages were handled and the service was not"
    assert answers[0] < 500


def test_it_ends_when_ros_shuts_down(node: Any, release: str) -> None:
    import rclpy
    from rclpy.executors import ExternalShutdownException

    from lenger_core.ros.executor import executor_of

    threading.Timer(0.2, rclpy.shutdown).start()
    with pytest.raises(ExternalShutdownException):
        executor_of(node, release).spin()


def test_an_error_in_a_callback_is_not_swallowed(node: Any, release: str) -> None:
    from lenger_core.ros.executor import executor_of

    node.create_timer(0.01, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        executor_of(node, release).spin()


def test_the_lean_one_is_for_the_release_it_was_written_for(node: Any, release: str) -> None:
    from lenger_core.ros.executor import LeanExecutor, executor_of

    assert isinstance(executor_of(node, release), LeanExecutor) == release.startswith("7.1.")
