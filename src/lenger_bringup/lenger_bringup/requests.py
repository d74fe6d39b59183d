"""Checks of what a person asked for, before anything starts."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from math import isfinite
from pathlib import Path
from typing import Literal

from lenger_core.errors import InputError

MAX_SPEED = 50.0


def autopilot_flavour(text: str) -> str:
    """Return the flavour of the autopilot (InputError: one that is not there)."""
    if text not in ("px4", "ardupilot"):
        raise InputError("--autopilot", "", text, "px4 or ardupilot")
    return text


def flight_engine(text: str) -> Literal["uploaded", "streamed"]:
    """Return who flies the plan (InputError: neither of the two)."""
    if text == "uploaded":
        return "uploaded"
    if text == "streamed":
        return "streamed"
    raise InputError("--engine", "", text, "uploaded or streamed")


def check_simulator(text: str, lockstep: bool = False, world: str = "") -> None:
    """Refuse a simulator that there is not, and what does not go with it (InputError)."""
    if text not in ("embedded", "gazebo"):
        raise InputError("--sim", "", text, "embedded or gazebo")
    if text == "gazebo" and lockstep:
        raise InputError("--lockstep", "", True, "--sim embedded beside it: Gazebo runs in processes of its own")
    if text == "embedded" and world:
        raise InputError("--world", "", world, "--sim gazebo beside it: the embedded simulator has the one terrain")


def flight_speed(value: float) -> float:
    """Return simulated seconds per second (InputError: not above 0 and at most MAX_SPEED)."""
    if not isfinite(value) or not 0.0 < value <= MAX_SPEED:
        raise InputError("--speed", "", value, f"a number above 0, at most {MAX_SPEED:g}")
    return value


def claim_folder(out: Path | None, name: str, claims: ExitStack) -> Path:
    """Return the folder for a flight, made if need be and held until `claims` is closed.

    Args:
        out: what was asked for; None: a new one, runs/<time>-<name>.
        name: of the exercise.
        claims: takes the lock that keeps other flights and debriefs out.

    Raises:
        InputError: it cannot be written, another flight is under way in it, or it already holds one.
    """
    from lenger_training.flight_folder import held

    folder = (out or Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}").absolute()
    try:
        claims.enter_context(held(_writable(folder)))
    except InputError:
        if out is not None:
            raise
        folder = folder.with_name(f"{folder.name}-{os.getpid()}")
        claims.enter_context(held(_writable(folder)))
    _refuse_taken(folder)
    return folder


def _refuse_taken(folder: Path) -> None:
    for file in ("flight.mcap", "result.json"):
        if os.path.exists(folder / file):  # Path.exists raises where it may not look
            raise InputError("--out", "", str(folder), f"a folder without an earlier flight (it holds {file})")


def _writable(folder: Path) -> Path:
    _refuse_taken(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out", "", str(folder), f"a folder that can be made ({error.strerror})") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise InputError("--out", "", str(folder), "a folder that can be written")
    return folder
