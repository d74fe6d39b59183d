"""What stands for the middleware in a lockstep flight: topics with a latency, timers, and parts that can die."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import thread_time_ns
from typing import Any

from lenger_training.event_queue import EventQueue
from lenger_training.recording import LockstepRecorder

Input = Callable[[Any, int], None]
"""Takes a record and the time of its arrival."""
Tick = Callable[[int], None]

RECORDER = "recorder"


@dataclass(frozen=True)
class Timer:
    """Calls `tick(now_ns)` every `period_ns`, first at `phase_ns`: real processes do not tick together either."""

    period_ns: int
    phase_ns: int
    tick: Tick


@dataclass(frozen=True)
class Part:
    """What one process is in the ROS graph: what it listens to, and its timers."""

    name: str
    inputs: Mapping[str, Input]
    timers: tuple[Timer, ...] = ()


@dataclass(frozen=True)
class Latencies:
    """How long each edge takes, nanoseconds. The defaults are what the ROS graph of wheels shows on two busy cores."""

    topic_ns: int = 1_000_000
    """DDS on one machine: half 0.3 ms, 1 in 100 0.9 ms when idle."""
    topics: Mapping[str, int] = field(default_factory=dict)
    """Exceptions by topic."""

    def of(self, topic: str) -> int:
        """Return the latency of a topic."""
        return self.topics.get(topic, self.topic_ns)


DEFAULT_LATENCIES = Latencies()


class Bus:
    """Carries records between parts. A topic that begins with "~" is a private edge (bytes, services): not recorded.

    Args:
        queue: simulated time.
        recorder: takes every record at the moment of publication, None for none.
        latencies: of the edges.
        timed: whether to add up the CPU time of each part.
    """

    def __init__(
        self, queue: EventQueue, recorder: LockstepRecorder | None, latencies: Latencies, timed: bool = False
    ) -> None:
        self.newest: dict[str, Any] = {}
        """The last record of every topic."""
        self.spent_ns: dict[str, int] = {}
        """CPU time by part, where `timed`: wall time would charge a part for what else runs on the machine."""
        self._queue, self._recorder, self._latencies, self._timed = queue, recorder, latencies, timed
        self._routes: dict[str, list[Callable[[Any], None]]] = {}
        self._dead: set[str] = set()
        self._nested_ns = 0

    def add(self, parts: Iterable[Part]) -> None:
        """Connect parts and start their timers."""
        for part in parts:
            for topic, call in part.inputs.items():
                self._routes.setdefault(topic, []).append(partial(self._deliver, part.name, call))
            for timer in part.timers:
                self._queue.at(timer.phase_ns, partial(self._tick, part.name, timer))

    def publish(self, topic: str, record: Any) -> None:
        """Send a record to all who listen, and to the recorder."""
        now_ns = self._queue.now_ns
        self.newest[topic] = record
        if self._recorder is not None and topic[0] != "~" and RECORDER not in self._dead:
            self._enter(RECORDER, self._recorder.record, topic, record, now_ns)
        due_ns = now_ns + self._latencies.of(topic)
        for call in self._routes.get(topic, ()):
            self._queue.at(due_ns, call, record)

    def kill(self, name: str) -> None:
        """Let a part neither hear nor tick any more, as a process that was killed."""
        self._dead.add(name)

    def _deliver(self, name: str, call: Input, record: Any) -> None:
        if name not in self._dead:
            self._enter(name, call, record, self._queue.now_ns)

    def _tick(self, name: str, timer: Timer, _: None) -> None:
        if name not in self._dead:
            self._queue.at(self._queue.now_ns + timer.period_ns, partial(self._tick, name, timer))
            self._enter(name, timer.tick, self._queue.now_ns)

    def _enter(self, name: str, call: Callable[..., None], *arguments: Any) -> None:
        if not self._timed:
            call(*arguments)
            return
        outside, self._nested_ns = self._nested_ns, 0
        begin = thread_time_ns()
        call(*arguments)
        whole = thread_time_ns() - begin
        self.spent_ns[name] = self.spent_ns.get(name, 0) + whole - self._nested_ns
        self._nested_ns = outside + whole
