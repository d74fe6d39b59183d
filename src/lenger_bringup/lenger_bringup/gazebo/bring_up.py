"""Brings up a flight in Gazebo: world, clock, aircraft, our nodes, autopilot, MAVROS, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from lenger_bringup.flight_picture import FlightPicture
from lenger_bringup.gazebo.client import GazeboClient
from lenger_bringup.gazebo.heartbeat import HeartbeatListener
from lenger_bringup.gazebo.programs import (
    BRIDGE,
    CONTRACT,
    MAVROS,
    SERVER,
    SITL,
    SPAWN,
    WIND,
    WINDOW,
    Flight,
    gz_environment,
)
from lenger_bringup.gazebo.readiness import Step, wait_for
from lenger_bringup.interrupts import Interrupts
from lenger_bringup.live import Progress
from lenger_bringup.ros_flight import FlightEnd
from lenger_bringup.runner import Runner
from lenger_bringup.stack_model import Node, Program

WORLD_S, CLOCK_S, MODEL_S, HEARTBEAT_S, CONTRACT_S, CONNECTED_S = 300.0, 30.0, 90.0, 60.0, 120.0, 60.0
READY_S = 300.0
"""Wall time that each step may take. Software rendering and a first start that fills shader caches are slow.
The last is for the estimator: ArduCopter takes 42 simulated seconds, and a busy machine is slower than real time."""
SPIN_S = 0.05


class Ears(Protocol):
    """What hears the ROS graph: the operator."""

    picture: FlightPicture

    def spin(self, seconds: float) -> None:
        """Let time pass and hear what comes."""


@dataclass(frozen=True, slots=True)
class GazeboLaunch:
    """The processes of one flight.

    Attributes:
        flight: what its programs are told.
        programs: by name, as `programs.programs` makes them.
        nodes: our own, in their order.
        environ: of this process.
        clock: wall seconds.
    """

    flight: Flight
    programs: Mapping[str, Program]
    nodes: tuple[Node, ...]
    environ: Mapping[str, str]
    ready_within_s: float = READY_S
    spared: frozenset[str] = frozenset({WINDOW})
    clock: Callable[[], float] = time.monotonic

    def begin(self, runner: Runner) -> None:
        """Start the server and its window."""
        runner.start(self.programs[name] for name in (SERVER, WINDOW) if name in self.programs)

    def finish(self, runner: Runner, operator: Ears, interrupts: Interrupts, progress: Progress) -> FlightEnd | None:
        """Wait for one thing after the other and start the next; return None when MAVROS has the autopilot."""
        failed = wait_for(
            self._steps(runner, interrupts, operator), runner, interrupts, progress, self.spared, self.clock
        )
        return FlightEnd(False, failed.text, interrupted=failed.interrupted, died=failed.died) if failed else None

    @property
    def names(self) -> set[str]:
        """Our nodes, and MAVROS's."""
        return {node.name for node in self.nodes} | {MAVROS}

    def _steps(self, runner: Runner, interrupts: Interrupts, ears: Ears) -> Iterator[Step]:
        flight = self.flight
        environment = {**self.environ, **dict(gz_environment(flight, self.environ))}
        client = GazeboClient(flight.tools.gz, flight.world, environment, stop=lambda: bool(interrupts))
        yield Step(f"the world {flight.world} to load", SERVER, WORLD_S, client.world_loaded)
        yield Step("Gazebo's clock to run", SERVER, CLOCK_S, _runs(client.clock_ns))
        yield Step(
            f"the aircraft {flight.model} to stand in the world",
            SPAWN,
            MODEL_S,
            lambda: SPAWN not in runner.alive(),  # a failure is a death, and noticed as such
            begin=lambda: runner.start([self.programs[SPAWN]]),
        )
        yield Step(
            "the truth and the clock from ros_gz_bridge",
            BRIDGE,
            CONNECTED_S,
            _heard(ears, lambda picture: picture.truth is not None),
            begin=lambda: runner.start([self.programs[WIND], self.programs[BRIDGE], *self.nodes]),
        )
        yield self._heartbeat(runner)
        yield Step(
            f"the failsafe contract of {flight.vehicle} to be met",
            CONTRACT,
            CONTRACT_S,
            lambda: CONTRACT not in runner.alive(),
            begin=lambda: runner.start([self.programs[CONTRACT]]),
        )
        yield Step(
            "MAVROS to be connected to the autopilot",
            MAVROS,
            CONNECTED_S,
            _heard(ears, lambda picture: picture.fcu is not None and picture.fcu.connected),
            begin=lambda: runner.start([self.programs[MAVROS]]),
        )

    def _heartbeat(self, runner: Runner) -> Step:
        ports, name = self.flight.ports, self.flight.autopilot
        listener = HeartbeatListener(ports.mavros, name, ports.system)
        return Step(
            f"the first heartbeat of {name} on UDP port {ports.mavros}",
            SITL,
            HEARTBEAT_S,
            listener.heard,
            begin=lambda: runner.start([self.programs[SITL]]),
            end=listener.close,
            hint=lambda: f"heard {listener.stranger} instead" if listener.stranger else "",
        )


def _heard(ears: Ears, true: Callable[[FlightPicture], bool]) -> Callable[[], bool]:
    def look() -> bool:
        ears.spin(SPIN_S)
        return true(ears.picture)

    return look


def _runs(clock_ns: Callable[[], int | None]) -> Callable[[], bool]:
    """Whether two looks at a clock show that it goes on."""
    seen: list[int] = []

    def look() -> bool:
        now_ns = clock_ns()
        if now_ns is not None:
            seen.append(now_ns)
        return len(seen) > 1 and seen[-1] > seen[0]

    return look
