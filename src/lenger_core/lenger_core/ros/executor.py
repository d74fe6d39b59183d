"""A single-threaded executor whose usual case is cheap.

rclpy's own builds a new wait set, a context per entity, a coroutine and a task for every message: 0.3 to 0.4 ms of CPU.
Here the wait set is kept while the entities stay the same, and a ready timer or subscription is called directly, which
halves that. The rest (services, clients, actions, coroutines) runs in rclpy's own tasks, and whatever is ready has its
turn: rclpy's `spin_once` hands out one at a time with subscriptions first, so that on a loaded machine a request of a
service waited for seconds, as long as there was always another message.

That takes private parts of rclpy, so it is used with the release it was written for (7.1, Jazzy) and with no other:
`executor_of` gives every other release rclpy's own executor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import metadata
from inspect import iscoroutinefunction
from typing import Any

from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.node import Node
from rclpy.subscription import Subscription

LEAN_RELEASE = "7.1."
"""The rclpy whose private parts LeanExecutor uses."""
TASK_LOOK_NS = 1_000_000
"""While a coroutine is under way, it is looked at so often."""
_AT_ONCE = 20


class PlainExecutor(SingleThreadedExecutor):
    """rclpy's executor with the face of LeanExecutor."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.add_node(node)

    def spin(self) -> None:
        """Call back until ROS shuts down; raises ExternalShutdownException then."""
        while self._context.ok() and not self._is_shutdown:
            self.spin_once()
        raise ExternalShutdownException

    def turn(self, timeout_ns: int = -1) -> bool:
        """Wait until something is ready or the time is up (-1: never), and handle what there is.

        Returns False: rclpy does not tell whether there was anything, so a bounded number of callbacks is handled here.
        """
        self.spin_once(timeout_sec=None if timeout_ns < 0 else timeout_ns / 1e9)
        for _ in range(_AT_ONCE):
            self.spin_once(timeout_sec=0.0)
        return False


def executor_of(node: Node, release: str | None = None) -> LeanExecutor | PlainExecutor:
    """Return the executor for a node.

    Args:
        node: spun by the thread that calls `spin` or `turn`.
        release: version of rclpy; None: the installed one.
    """
    lean = (release or rclpy_release()).startswith(LEAN_RELEASE)
    return LeanExecutor(node) if lean else PlainExecutor(node)


def rclpy_release() -> str:
    """Return the version of the installed rclpy, from a wheel or from a ROS installation; "" when it does not say."""
    for name in ("ros-rclpy", "rclpy"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""


class LeanExecutor(SingleThreadedExecutor):
    """Spins one node in the thread that calls `spin`. Entities may be made and destroyed only by that thread."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.add_node(node)
        self._node = node
        self._known: list[Any] = []
        self._set: Any = None
        self._direct: dict[str, list[Any]] = {}

    def spin(self) -> None:
        """Call back until ROS shuts down.

        Raises:
            ExternalShutdownException: the context was shut down, as by a signal.
        """
        while self._context.ok() and not self._is_shutdown:
            self.turn()
        raise ExternalShutdownException

    def turn(self, timeout_ns: int = -1) -> bool:
        """Wait until something is ready or the time is up (-1: never), handle it; return whether there was anything."""
        if self._tasks:  # the callbacks of a future, or a coroutine that is under way; the others go on meanwhile
            self._go_on()
        if self._tasks:
            timeout_ns = TASK_LOOK_NS if timeout_ns < 0 else min(timeout_ns, TASK_LOOK_NS)
        node = self._node
        known = [*node.subscriptions, *node.timers, *node.clients, *node.services, *node.guards, *node.waitables]
        if known != self._known:
            self._adopt(known)
        wait_set = self._fill()
        wait_set.wait(timeout_ns)
        if not self._context.ok():
            return False
        others = self._others(wait_set)
        timers = set(wait_set.get_ready_entities("timer"))
        subscriptions = set(wait_set.get_ready_entities("subscription"))
        self._call_timers(timers)
        self._call_subscriptions(subscriptions)
        for entity, take in others:
            _run(self._make_handler(entity, node, take))
        return bool(others or timers or subscriptions)

    def _adopt(self, known: list[Any]) -> None:
        """Make the wait set for these entities."""
        node, self._known = self._node, known
        self._direct = {
            "subscriptions": list(node.subscriptions),
            "timers": list(node.timers),
            "clients": list(node.clients),
            "services": list(node.services),
            "guards": [*node.guards, self._guard, self._sigint_gc],
            "waitables": list(node.waitables),
        }
        counts = _rclpy_counts(self._direct)
        self._set = _rclpy.WaitSet(*counts, self._context.handle)

    def _fill(self) -> Any:
        wait_set, kinds = self._set, self._direct
        wait_set.clear_entities()
        for entity in kinds["subscriptions"]:
            wait_set.add_subscription(entity.handle)
        for entity in kinds["timers"]:
            wait_set.add_timer(entity.handle)
        for entity in kinds["clients"]:
            wait_set.add_client(entity.handle)
        for entity in kinds["services"]:
            wait_set.add_service(entity.handle)
        for entity in kinds["guards"]:
            wait_set.add_guard_condition(entity.handle)
        for entity in kinds["waitables"]:
            entity.add_to_wait_set(wait_set)
        return wait_set

    def _others(self, wait_set: Any) -> list[tuple[Any, Callable[[Any], Any]]]:
        """Return what else is ready, each with rclpy's way to take it."""
        kinds = self._direct
        ready: list[tuple[Any, Callable[[Any], Any]]] = []
        triggered = set(wait_set.get_ready_entities("guard_condition"))
        for guard in kinds["guards"][:-2] if triggered else ():
            if guard.handle.pointer in triggered:
                ready.append((guard, self._take_guard_condition))
        ready += [(w, self._take_waitable) for w in kinds["waitables"] if w.is_ready(wait_set)]
        for kind, take in (("client", self._take_client), ("service", self._take_service)):
            pointers = set(wait_set.get_ready_entities(kind))
            ready += [(e, take) for e in kinds[f"{kind}s"] if e.handle.pointer in pointers] if pointers else []
        return ready

    def _go_on(self) -> None:
        """Let every task that is not done go on, and forget those that are."""
        with self._tasks_lock:
            tasks = list(self._tasks)
        for task, _, _ in tasks:
            if not task.executing() and not task.done():
                _run(task)
        with self._tasks_lock:
            self._tasks = [entry for entry in self._tasks if not (entry[0].done() or entry[0].cancelled())]

    def _call_timers(self, ready: set[int]) -> None:
        for timer in self._direct["timers"] if ready else ():
            if timer.handle.pointer in ready and timer.handle.is_timer_ready():
                timer.handle.call_timer()
                _call(timer.callback, ())

    def _call_subscriptions(self, ready: set[int]) -> None:
        for subscription in self._direct["subscriptions"] if ready else ():
            if subscription.handle.pointer in ready:
                taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
                if taken is not None:
                    only = subscription._callback_type is Subscription.CallbackType.MessageOnly
                    _call(subscription.callback, taken[:1] if only else taken)


def _run(task: Any) -> None:
    task()
    if task.exception() is not None:
        raise task.exception()


def _call(callback: Any, arguments: Sequence[Any]) -> None:
    if iscoroutinefunction(callback):
        raise TypeError(f"{callback} is a coroutine: timers and subscriptions of a LengerNode are plain functions")
    callback(*arguments)


def _rclpy_counts(kinds: dict[str, list[Any]]) -> list[int]:
    """Return the sizes of a wait set: subscriptions, guards, timers, clients, services, events."""
    counts = [len(kinds[kind]) for kind in ("subscriptions", "guards", "timers", "clients", "services")] + [0]
    for waitable in kinds["waitables"]:
        more = waitable.get_num_entities()
        extra = (more.num_subscriptions, more.num_guard_conditions, more.num_timers, more.num_clients)
        for place, number in enumerate((*extra, more.num_services, more.num_events)):
            counts[place] += number
    return counts
