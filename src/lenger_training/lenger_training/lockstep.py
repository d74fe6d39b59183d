"""The lockstep flight: every core of the exercise stack in one process and one thread, in simulated time.

Same seed, same machine: same flight. What a person sees of it (recording, result, debrief) is made by the same code as
for a flight of the ROS graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from lenger_core import warm
from lenger_core.plans import Plan
from lenger_core.samples import ExerciseStatus, MissionPhase, MissionStatus, VehicleStatus
from lenger_training.event_queue import EventQueue
from lenger_training.exercise import Exercise
from lenger_training.flight_folder import RECORDING, finish_flight, prepare_flight
from lenger_training.lockstep_bus import DEFAULT_LATENCIES, Bus, Latencies
from lenger_training.lockstep_parts import all_parts
from lenger_training.lockstep_setup import Engine, Setup
from lenger_training.recording import LockstepRecorder
from lenger_training.result import Host, Result

TURN_NS = 500_000_000
"""Between looks at whether the flight is over, and calls of `progress`."""
SETTLE_NS = 3_000_000_000
OVERTIME_NS = 180_000_000_000
READY_WITHIN_NS = 120_000_000_000

Newest = Mapping[str, Any]
"""The newest record of every topic, by relative name."""


@dataclass(frozen=True)
class Kill:
    """Kills one part (its process name) at a simulated time."""

    t_s: float
    part: str


@dataclass(frozen=True)
class LockstepOutcome:
    """How a lockstep flight went.

    Attributes:
        result: the official one.
        folder: where its files are.
        simulated_s, wall_s, cpu_s: how long it took; grading is not in it.
        ended: why it ended otherwise than by itself, "" when it did.
        spent_s: CPU time by part, where it was asked for.
        newest: the last record of every topic.
    """

    result: Result
    folder: Path
    simulated_s: float
    wall_s: float
    cpu_s: float
    ended: str
    spent_s: Mapping[str, float]
    newest: Newest

    @property
    def realtime_factor(self) -> float:
        """Simulated seconds per wall second."""
        return self.simulated_s / self.wall_s if self.wall_s > 0 else 0.0


def fly_lockstep(
    exercise: Exercise,
    plan: Plan,
    seed: int,
    out_dir: Path,
    autopilot: str = "px4",
    progress: Callable[[Newest], None] | None = None,
    *,
    kills: Sequence[Kill] = (),
    until_s: float | None = None,
    latencies: Latencies = DEFAULT_LATENCIES,
    timed: bool = False,
    trainee: str = "",
    version: str = "",
    dem: str = "",
    engine: Engine = "streamed",
) -> LockstepOutcome:
    """Fly an exercise, record it, grade it, and write its folder.

    Args:
        exercise, plan, seed, autopilot, trainee, version: what is flown, by whom, and with which version of this.
        out_dir: folder for the files; made if need be.
        progress: called twice a simulated second, between turns, with the newest records; the place to break off from.
        kills: parts that die.
        until_s: simulated time at which to stop, None for the flight's own end.
        latencies: of the edges between parts.
        timed: whether to add up the CPU time of each part.
        dem, engine: DEM files to fly over, "" for the terrain that ships; who flies the plan.

    Raises:
        InputError: vehicle or zones of the exercise are not valid, or files that are no DEM.
        KeyboardInterrupt: with the recording finished; `finish_flight` grades it.
    """
    setup = Setup.of(exercise, plan, seed, autopilot, dem, engine)
    prepare_flight(out_dir, exercise, plan, seed, autopilot, trainee, dem)
    warm.main()
    recorder = LockstepRecorder(out_dir / RECORDING)
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    begin, begin_cpu = perf_counter(), process_time()
    try:
        queue = EventQueue()
        bus = Bus(queue, recorder, latencies, timed)
        bus.add(all_parts(setup, bus))
        for kill in kills:
            queue.at(int(kill.t_s * 1e9), bus.kill, kill.part)
        ended = _run(queue, bus, exercise, until_s, progress)
    finally:
        recorder.close()
    wall_s, cpu_s, simulated_s = perf_counter() - begin, process_time() - begin_cpu, queue.now_ns / 1e9
    host = Host(
        realtime_factor=round(simulated_s / wall_s, 2),
        wall_s=round(wall_s, 2),
        started=started,
        version=version,
        kind="lockstep",
    )
    result = finish_flight(
        out_dir,
        exercise,
        plan=plan,
        seed=seed,
        autopilot=autopilot,
        host=host,
        died=[kill.part for kill in kills if kill.t_s <= simulated_s],
        ended=ended,
        trainee=trainee,
        dem=dem,
    )
    spent = {name: ns / 1e9 for name, ns in sorted(bus.spent_ns.items())}
    return LockstepOutcome(result, out_dir, simulated_s, wall_s, cpu_s, ended, spent, dict(bus.newest))


def _run(
    queue: EventQueue, bus: Bus, exercise: Exercise, until_s: float | None, progress: Callable[[Newest], None] | None
) -> str:
    """Let time pass until the flight is over; return why it ended otherwise than by itself."""
    limit_ns = int(exercise.time_limit_s * 1e9) + OVERTIME_NS if until_s is None else int(until_s * 1e9)
    over_ns: int | None = None
    while queue.now_ns < limit_ns:
        queue.run(min(queue.now_ns + TURN_NS, limit_ns))
        if progress is not None:
            progress(bus.newest)
        if not _over(bus.newest, queue.now_ns):
            over_ns = None
        elif over_ns is None:
            over_ns = queue.now_ns
        elif queue.now_ns - over_ns >= SETTLE_NS:
            return ""
    return f"stopped at {limit_ns / 1e9:.0f} s of simulated time"


def _over(newest: Newest, now_ns: int) -> bool:
    """Whether nothing more will happen: graded to the end, on the ground without a mission, or never ready."""
    exercise: ExerciseStatus | None = newest.get("exercise/status")
    mission: MissionStatus | None = newest.get("mission/status")
    vehicle: VehicleStatus | None = newest.get("vehicle/status")
    if exercise is not None and exercise.finished:
        return True
    if vehicle is None or not vehicle.armed:
        ended = mission is not None and mission.phase in (MissionPhase.DONE, MissionPhase.FAILED)
        return ended or (now_ns > READY_WITHIN_NS and (exercise is None or exercise.elapsed_s == 0.0))
    return False
