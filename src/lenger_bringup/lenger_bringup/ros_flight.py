"""One flight with the whole ROS graph: starts the exercise stack, is its operator, watches for deaths, and stops it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lenger_bringup.deaths import DeathWatch
from lenger_bringup.domains import claim_domain, free_udp_ports
from lenger_bringup.flight_picture import FlightPicture
from lenger_bringup.interrupts import Interrupts
from lenger_bringup.live import Progress
from lenger_bringup.runner import Runner
from lenger_bringup.sessions import MARK
from lenger_bringup.setup.dds import dds_environment
from lenger_bringup.stack_model import Node
from lenger_bringup.stacks import EXERCISE

if TYPE_CHECKING:
    from rich.console import Console

    from lenger_bringup.console_map import ConsoleMap
    from lenger_bringup.fly_node import Operator

READY_WITHIN_S = 120.0
SILENT_WALL_S = 30.0
LAST_WORDS_S = 0.5
"""Wall time between the end and the shutdown, for what is still on its way to the recorder."""
_TURN_S = 0.05


@dataclass(frozen=True, slots=True)
class FlightOrder:
    """A flight that was checked and may start. `time_limit_s` is simulated."""

    title: str
    exercise: str
    plan: Path
    plan_text: str
    folder: Path
    speed: float
    seed: int
    autopilot: str
    time_limit_s: float
    dem: str = ""
    engine: str = "streamed"
    ground: ConsoleMap | None = None


@dataclass(frozen=True, slots=True)
class FlightEnd:
    """How it ended. `complete`: to its end, with every process alive; `text` says what happened else."""

    complete: bool
    text: str = ""
    interrupted: bool = False
    died: tuple[str, ...] = ()
    took_off: bool = False
    started: str = ""
    wall_s: float = 0.0
    realtime_factor: float = float("nan")


class Launch(Protocol):
    """How the processes of a flight come up."""

    @property
    def names(self) -> set[str]:
        """The nodes that must be in the graph before it takes off."""

    @property
    def ready_within_s(self) -> float:
        """Wall time until the autopilot can be armed, once everything has started."""

    @property
    def spared(self) -> frozenset[str]:
        """Processes whose death before take-off is only told."""

    def begin(self, runner: Runner) -> None:
        """Start what needs nothing else; from the main thread."""

    def finish(
        self, runner: Runner, operator: Operator, interrupts: Interrupts, progress: Progress
    ) -> FlightEnd | None:
        """Start the rest, each when what it needs is there; return an end when that fails."""


@dataclass(slots=True)
class EmbeddedLaunch:
    """The embedded vehicle's processes need no order: all start at once."""

    nodes: tuple[Node, ...]
    ready_within_s: float = READY_WITHIN_S
    spared: frozenset[str] = frozenset()

    @property
    def names(self) -> set[str]:
        """Every node."""
        return {node.name for node in self.nodes}

    def begin(self, runner: Runner) -> None:
        """Start everything."""
        runner.start(self.nodes)

    def finish(
        self, runner: Runner, operator: Operator, interrupts: Interrupts, progress: Progress
    ) -> FlightEnd | None:
        """Nothing is left to start."""
        return None


@contextmanager
def own_domain() -> Iterator[None]:
    """Give this process and its children a ROS domain of their own, unless the person has chosen one."""
    with ExitStack() as held:
        if not os.environ.get("ROS_DOMAIN_ID"):
            os.environ["ROS_DOMAIN_ID"] = str(held.enter_context(claim_domain()))
            held.callback(os.environ.pop, "ROS_DOMAIN_ID", None)
        os.environ.update(dds_environment(os.environ))
        yield


def fly_ros(order: FlightOrder, console: Console, launch: Launch | None = None) -> FlightEnd:
    """Fly and return how it ended; when this returns or raises, no process of the flight is left.

    Args:
        order: what is flown.
        console: for progress.
        launch: brings the processes up; None: those of the embedded vehicle.
    """
    with ExitStack() as held:
        interrupts = held.enter_context(Interrupts())
        held.enter_context(own_domain())
        started, begin_s = time.strftime("%Y-%m-%dT%H:%M:%S%z"), time.monotonic()
        picture = FlightPicture()
        runner = Runner(order.folder / "log", {**os.environ, MARK: f"{order.folder.name}-{os.getpid()}"})
        try:
            launch = launch or EmbeddedLaunch(EXERCISE.started(_arguments(order)))
            launch.begin(runner)
            end = _operate(order, launch, runner, picture, interrupts, console)
        finally:
            asked = interrupts.count
            runner.stop(hastened=lambda: interrupts.count - asked)
        if interrupts and not end.interrupted:
            end = replace(end, complete=False, interrupted=True, text=end.text or "interrupted while ending")
    return replace(
        end,
        took_off=picture.took_off_ns is not None,
        started=started,
        wall_s=time.monotonic() - begin_s,
        realtime_factor=picture.mean_realtime_factor,
    )


def stack_arguments(order: FlightOrder) -> dict[str, str]:
    """Return the arguments that every stack of a flight takes."""
    return {
        "exercise": order.exercise,
        "plan": str(order.plan),
        "out": str(order.folder),
        "speed": str(order.speed),
        "seed": str(order.seed),
        "autopilot": order.autopilot,
        "dem": order.dem,
        "engine": order.engine,
    }


def _arguments(order: FlightOrder) -> dict[str, str]:
    vehicle_port, endpoint_port = free_udp_ports(2)
    return {**stack_arguments(order), "vehicle_port": str(vehicle_port), "endpoint_port": str(endpoint_port)}


def _operate(
    order: FlightOrder,
    launch: Launch,
    runner: Runner,
    picture: FlightPicture,
    interrupts: Interrupts,
    console: Console,
) -> FlightEnd:
    from lenger_bringup.fly_node import Operator  # rclpy takes a moment: the nodes start meanwhile

    with Operator(picture) as operator, Progress(console, order.title, time.monotonic, order.ground) as progress:
        flight = _Flight(order, launch, runner, operator, interrupts, progress)
        end = launch.finish(runner, operator, interrupts, progress) or flight.wait_ready() or flight.fly()
        return replace(end, died=end.died or flight.died)


@dataclass(slots=True)
class _Flight:
    order: FlightOrder
    launch: Launch
    runner: Runner
    operator: Operator
    interrupts: Interrupts
    progress: Progress
    died: tuple[str, ...] = ()
    _watches: list[DeathWatch] = field(default_factory=list)
    _ended_ns: int | None = None
    _heard: tuple[float, int] = (0.0, 0)

    @property
    def picture(self) -> FlightPicture:
        return self.operator.picture

    def wait_ready(self) -> FlightEnd | None:
        """Wait until every node is in the graph and the autopilot can be armed; return an end when that fails."""
        deadline = time.monotonic() + self.launch.ready_within_s
        while True:
            self.operator.spin(_TURN_S)
            if self.interrupts:
                return FlightEnd(False, "interrupted before take-off", interrupted=True)
            if deaths := [death for death in self.runner.deaths() if death.name not in self.launch.spared]:
                self.died = tuple(death.name for death in deaths)
                return FlightEnd(
                    False, f"{deaths[0].name} {deaths[0].cause} before take-off: {_last_line(deaths[0].log)}"
                )
            absent = self.operator.missing(self.launch.names)
            lacking = "the node " + ", ".join(sorted(absent)) if absent else self.picture.waiting_for()
            if not absent and self.picture.ready:
                return None
            if time.monotonic() > deadline:
                return FlightEnd(False, f"not ready after {self.launch.ready_within_s:.0f} s: waiting for {lacking}")
            self.progress.waiting(lacking)

    def fly(self) -> FlightEnd:
        """Send the goal and follow the flight to its end."""
        self.progress.say(f"{self.order.title}: every node is up, taking off")
        self.operator.execute(self.order.plan, self.order.plan_text)
        while True:
            self.operator.spin(_TURN_S)
            if self.interrupts:
                return FlightEnd(False, f"interrupted at {self.picture.elapsed_s:.1f} s", interrupted=True)
            self._note_deaths()
            self.progress.show(self.picture)
            if end := self._death_end() or self._natural_end() or self._stalled():
                self.operator.spin(LAST_WORDS_S)
                return end

    def _note_deaths(self) -> None:
        for death in self.runner.deaths():
            watch = DeathWatch(death.name, self.picture.now_ns, self.picture.airborne)
            self._watches.append(watch)
            self.died += (death.name,)
            then = "the flight goes on" if watch.goes_on else "watching what the others do"
            self.progress.say(f"{death.name} died at {self.picture.elapsed_s:.1f} s ({death.cause}): {then}")

    def _death_end(self) -> FlightEnd | None:
        for watch in self._watches:
            outcome = watch.outcome(self.picture)
            if outcome is not None:
                verdict = "" if outcome.as_designed else " (NOT what the table of deaths promises)"
                return FlightEnd(False, f"{self._died(watch)}: {outcome.text}{verdict}")
        return None

    def _died(self, watch: DeathWatch) -> str:
        return f"{watch.name} died at {self.picture.since_arming_s(watch.at_ns):.1f} s"

    def _natural_end(self) -> FlightEnd | None:
        """The mission has its outcome and the grader has finished, or had ten simulated seconds to."""
        exercise, outcome = self.picture.exercise, self.operator.outcome
        over = self.picture.elapsed_s > self.order.time_limit_s + 120.0
        if not outcome and not over and not (exercise and exercise.finished):
            return None
        if self._ended_ns is None:
            self._ended_ns = self.picture.now_ns
        graded = "exercise" in self.runner.alive() and exercise is not None and exercise.finished
        waited_s = (self.picture.now_ns - self._ended_ns) / 1e9
        if not (graded and (outcome or waited_s > 5.0)) and waited_s < 10.0 and outcome != "refused":
            return None
        return self._judged(outcome)

    def _judged(self, outcome: str) -> FlightEnd:
        lost = ", ".join(self._died(watch) for watch in self._watches)
        if lost:
            return FlightEnd(False, f"{lost}: the flight went on, the mission ended {outcome or 'without a result'}")
        if outcome and outcome != "done":
            return FlightEnd(False, f"the mission was {outcome}: {self.operator.message}")
        return FlightEnd(True, "" if outcome else "the exercise ended before the mission did")

    def _stalled(self) -> FlightEnd | None:
        """Simulated time has stood still for long: nothing will happen any more."""
        wall_s, last_ns = self._heard
        if self.picture.now_ns != last_ns or wall_s == 0.0:
            self._heard = (time.monotonic(), self.picture.now_ns)
            return None
        if time.monotonic() - wall_s < SILENT_WALL_S:
            return None
        return FlightEnd(False, f"the simulation has been silent for {SILENT_WALL_S:.0f} s")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"see {log}"
