"""`./lenger fly`: checks everything, flies one graded exercise on either host, and reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lenger_bringup.requests import autopilot_flavour, check_simulator, flight_folder, flight_speed
from lenger_core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from lenger_training.exercise import Exercise

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


def fly_exercise(request: FlightRequest, console: Console) -> int:
    """Fly and return the exit code: 0 passed, 1 not passed or not flown to its end, 130 interrupted.

    Raises:
        InputError: anything wrong with the request, the exercise or the plan; nothing has started then.
        MissingError: the simulator asked for is not on this machine.
    """
    speed, autopilot = flight_speed(request.speed), autopilot_flavour(request.autopilot)
    check_simulator(request.sim)
    from lenger_training.exercise import load_exercise

    exercise = load_exercise(request.exercise)
    plan_path = request.plan or exercise.plan_path
    _check_plan(plan_path)
    seed = exercise.seed if request.seed is None else _seed(request.seed)
    folder = flight_folder(request.out, exercise.name)
    if request.lockstep:
        return _fly_lockstep(exercise, plan_path, seed, autopilot, request.trainee, folder, console)
    return _fly_ros(exercise, request, plan_path, seed, speed, folder, console)


def _seed(value: int) -> int:
    if not 0 <= value < 2**31:
        raise InputError("--seed", "", value, "a whole number from 0 to 2147483647")
    return value


def _check_plan(path: Path) -> None:
    from lenger_mission.load import load_plan

    if not path.is_file():
        raise InputError("--plan", "", str(path), "a plan file that exists")
    load_plan(path)
