"""Makes a flight in Gazebo ready to start: everything is looked for, built and chosen; nothing runs yet."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lenger_bringup.gazebo.install import find_tools
from lenger_bringup.gazebo.place import build_place, place_of
from lenger_bringup.gazebo.ports import claim_ports
from lenger_bringup.gazebo.programs import Flight, has_display, write_files
from lenger_bringup.machine import Machine
from lenger_bringup.stack_model import Values
from lenger_core.errors import InputError
from lenger_core.terrain.load import dem_files

FOLDER = "gazebo"
"""Below the flight's folder: the autopilot's files, its own log, parameters."""


def check_embedded_only(exercise: object) -> None:
    """Refuse an exercise that injects faults: only the embedded vehicle has them.

    Raises:
        InputError: names the faults.
    """
    faults = [str(getattr(fault, "kind", fault)) for fault in getattr(exercise, "faults", ())]
    if faults:
        name = getattr(exercise, "name", "")
        raise InputError(
            f"exercise {name}", "faults", ", ".join(faults), "none with --sim gazebo: fly it with --sim embedded"
        )


def prepare(
    values: Values, tell: Callable[[str, float], None] = lambda text, share: None, machine: Machine | None = None
) -> Flight:
    """Return the flight for the arguments of the stack `gazebo`.

    Args:
        values: exercise, out, autopilot, speed, seed, world, window, namespace.
        tell: is told how the building of the world goes.
        machine: where programs and ports are looked for; None: this one.

    Raises:
        MissingError: a program is not there, or a port is taken.
        InputError: the exercise, the world, or a folder is wrong.
    """
    from lenger_training.exercise import load_exercise

    looked_at = machine or Machine()
    exercise, autopilot = load_exercise(str(values["exercise"])), str(values["autopilot"])
    check_embedded_only(exercise)
    tools = find_tools(looked_at, autopilot)
    dem = str(values["dem"])
    place = place_of(str(values["exercise"]), str(values["world"]), dem)
    window = values["window"] == "true" or (values["window"] == "auto" and has_display(looked_at.environ))
    files = build_place(place, dem, exercise.vehicle, autopilot, camera=has_display(looked_at.environ), tell=tell)
    flight = Flight(
        tools=tools,
        files=files,
        place=place,
        autopilot=autopilot,
        vehicle=exercise.vehicle,
        speed=float(values["speed"]),
        seed=exercise.seed if values["seed"] == -1 else int(values["seed"]),
        air=(exercise.weather.wind_mean_m_s, exercise.weather.wind_from_deg, exercise.weather.turbulence),
        ports=claim_ports(looked_at, autopilot),
        partition=f"lenger-{os.getpid()}",
        folder=Path(str(values["out"])).absolute() / FOLDER,
        window=window,
        namespace=str(values["namespace"]),
        dem=dem_files(dem),
    )
    write_files(flight)
    return flight
