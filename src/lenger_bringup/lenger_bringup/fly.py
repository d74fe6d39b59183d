"""`./lenger fly`: checks everything, flies one graded exercise on either host, and reports."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.markup import escape

from lenger_bringup import __version__
from lenger_bringup.ground import joined_dem, ready_ground
from lenger_bringup.report import print_result, print_saved
from lenger_bringup.requests import autopilot_flavour, check_simulator, claim_folder, flight_engine, flight_speed
from lenger_core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from lenger_bringup.ros_flight import FlightEnd
    from lenger_core.plans import Plan
    from lenger_core.terrain import Terrain
    from lenger_training.exercise import Exercise
    from lenger_training.lockstep import Newest
    from lenger_training.result import Result

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class FlightRequest:
    """What a person asked for; nothing checked yet. None: the exercise's own."""

    exercise: str
    plan: Path | None = None
    autopilot: str = "px4"
    sim: str = "embedded"
    speed: float = 1.0
    seed: int | None = None
    lockstep: bool = False
    trainee: str = ""
    out: Path | None = None
    world: str = ""
    dem: tuple[Path, ...] = ()
    engine: str = "streamed"


def fly_exercise(request: FlightRequest, console: Console) -> int:
    """Fly and return the exit code: 0 passed, 1 not passed or not flown to its end, 130 interrupted.

    Raises:
        InputError: anything wrong with the request, the exercise or the plan; nothing has started then.
        MissingError: the simulator asked for is not on this machine.
    """
    speed, autopilot = flight_speed(request.speed), autopilot_flavour(request.autopilot)
    engine = flight_engine(request.engine)
    check_simulator(request.sim, request.lockstep, request.world)
    from lenger_training.exercise import load_exercise

    exercise = load_exercise(request.exercise)
    plan_path = (request.plan or exercise.plan_path).absolute()
    plan = _plan(plan_path)
    seed = exercise.seed if request.seed is None else _seed(request.seed)
    dem = joined_dem(request.dem)
    ground = ready_ground(dem, exercise.site.lat_deg, exercise.site.lon_deg, console)
    _check_place(exercise, plan, plan_path, ground)
    if request.sim == "gazebo":
        _check_gazebo(exercise, autopilot, request, dem)
    with ExitStack() as claims:
        folder = claim_folder(request.out, exercise.name, claims)
        checked = CheckedFlight(exercise, plan, plan_path, folder, speed, seed, autopilot, request.trainee, dem, engine)
        try:
            return _fly_lockstep(checked, console) if request.lockstep else _fly_ros(checked, request, console, ground)
        except KeyboardInterrupt:
            _tidy(folder)
            if (folder / "flight.mcap").exists():
                console.print("interrupted; `./lenger debrief` grades what was flown")
            print_saved(folder, console)
            return INTERRUPTED


def _check_gazebo(exercise: Exercise, autopilot: str, request: FlightRequest, dem: str) -> None:
    """Find now what the flight would lack: programs, a world that holds the start, faults that Gazebo has not."""
    from lenger_bringup.gazebo.install import find_tools
    from lenger_bringup.gazebo.place import place_of
    from lenger_bringup.gazebo.prepare import check_embedded_only
    from lenger_bringup.machine import Machine

    place_of(_exercise_words(request.exercise), request.world, dem)
    check_embedded_only(exercise)
    find_tools(Machine(), autopilot)


def _check_place(exercise: Exercise, plan: Plan, plan_path: Path, ground: Terrain) -> None:
    """Find now what a node would find after everything started: vehicle, zones, ground under the plan."""
    from lenger_core.vehicles import load_vehicle
    from lenger_core.zones import load_zones
    from lenger_training.route import LocalRoute
    from lenger_training.scoring import site_frame

    load_vehicle(exercise.vehicle)
    load_zones(exercise.zones_path)
    try:
        LocalRoute.of(plan, site_frame(exercise), ground, exercise.site.alt_amsl_m)
    except InputError as error:
        raise InputError(plan_path.name, "items", error.value, f"{error.where}: {error.expected}") from error


@dataclass(frozen=True, slots=True)
class CheckedFlight:
    """A request in which everything was found to be right."""

    exercise: Exercise
    plan: Plan
    plan_path: Path
    folder: Path
    speed: float
    seed: int
    autopilot: str
    trainee: str
    dem: str
    engine: Literal["uploaded", "streamed"]


def _tidy(folder: Path) -> None:
    """Remove what was being written when the interrupt came: files are written beside their place, then moved."""
    for path in folder.glob(".*"):
        if path.suffix in (".part", ".repair"):
            path.unlink()


def _seed(value: int) -> int:
    if not 0 <= value < 2**31:
        raise InputError("--seed", "", value, "a whole number from 0 to 2147483647")
    return value


def _plan(path: Path) -> Plan:
    from lenger_mission.load import load_plan

    if not os.path.isfile(path):  # Path.is_file raises where it may not look
        raise InputError("--plan", "", str(path), "a plan file that exists")
    return load_plan(path)


def _fly_ros(flight: CheckedFlight, request: FlightRequest, console: Console, ground: Terrain) -> int:
    from lenger_bringup.console_map import console_map
    from lenger_bringup.ros_flight import FlightOrder, fly_ros
    from lenger_training.flight_folder import prepare_flight

    prepare_flight(
        flight.folder, flight.exercise, flight.plan, flight.seed, flight.autopilot, flight.trainee, flight.dem
    )
    order = FlightOrder(
        title=flight.exercise.title,
        exercise=_exercise_words(request.exercise),
        plan=flight.plan_path,
        plan_text=flight.plan_path.read_text(encoding="utf-8-sig"),
        folder=flight.folder,
        speed=flight.speed,
        seed=flight.seed,
        autopilot=flight.autopilot,
        time_limit_s=flight.exercise.time_limit_s,
        dem=flight.dem,
        engine=flight.engine,
        ground=console_map(flight.exercise, ground, console),
    )
    if request.sim == "embedded":
        return _report(flight, fly_ros(order, console), console)
    from lenger_bringup.gazebo.fly import gazebo_launch

    launch = gazebo_launch(order, request.world, console)
    return _report(flight, fly_ros(order, console, launch), console)


def _exercise_words(text: str) -> str:
    """The name of an exercise, or the absolute path of its file: processes may work elsewhere."""
    named = Path(text)
    return str(named.absolute()) if named.suffix else text


def _fly_lockstep(flight: CheckedFlight, console: Console) -> int:
    """Fly in this process; the recording is whole whenever this ends, also by Ctrl-C."""
    from lenger_bringup.interrupts import Interrupts
    from lenger_bringup.lockstep_progress import LockstepProgress
    from lenger_training.lockstep import fly_lockstep

    shown = LockstepProgress(console, flight.exercise.title, flight.exercise.time_limit_s)
    with Interrupts() as interrupts, shown as progress:

        def show(newest: Newest) -> None:
            if interrupts:  # between two turns: never in the middle of a message
                raise KeyboardInterrupt
            progress.show(newest)

        outcome = fly_lockstep(
            flight.exercise,
            flight.plan,
            flight.seed,
            flight.folder,
            flight.autopilot,
            show,
            trainee=flight.trainee,
            version=__version__,
            dem=flight.dem,
            engine=flight.engine,
        )
    if outcome.ended:
        console.print(f"[bold]{escape(outcome.ended)}[/bold]")
    print_result(outcome.result, flight.folder, console)
    pace = f"{outcome.realtime_factor:.0f} times real time"
    console.print(f"{outcome.simulated_s:.0f} s simulated in {outcome.wall_s:.1f} s: {pace}")
    return 0 if outcome.result.passed and not outcome.ended else 1


def _report(flight: CheckedFlight, end: FlightEnd, console: Console) -> int:
    """Grade what was recorded, print it, and return the exit code."""
    if end.text:
        console.print(f"[bold]{escape(end.text)}[/bold]")
    if end.interrupted and not end.took_off:
        print_saved(flight.folder, console)
        return INTERRUPTED
    result = _finish(flight, end)
    print_result(result, flight.folder, console)
    if end.interrupted:
        return INTERRUPTED
    return 0 if result.passed and end.complete else 1


def _finish(flight: CheckedFlight, end: FlightEnd) -> Result:
    from lenger_training.flight_folder import finish_flight
    from lenger_training.result import Host

    host = Host(
        realtime_factor=round(end.realtime_factor, 2) if isfinite(end.realtime_factor) else None,
        wall_s=round(end.wall_s, 1),
        started=end.started,
        version=__version__,
        kind="ros",
    )
    return finish_flight(
        flight.folder,
        flight.exercise,
        plan=flight.plan,
        seed=flight.seed,
        autopilot=flight.autopilot,
        host=host,
        died=end.died,
        ended="" if end.complete else end.text,
        trainee=flight.trainee,
        dem=flight.dem,
    )
