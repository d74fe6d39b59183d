"""`./lenger fly --sim gazebo`: from a flight that was checked to the launch that brings it up."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn

from lenger_bringup.gazebo.bring_up import GazeboLaunch
from lenger_bringup.gazebo.prepare import prepare
from lenger_bringup.gazebo.programs import contract, programs
from lenger_bringup.ros_flight import FlightOrder, stack_arguments
from lenger_bringup.sessions import orphans
from lenger_bringup.stacks import GAZEBO

if TYPE_CHECKING:
    from rich.console import Console


def gazebo_launch(order: FlightOrder, world: str, console: Console) -> GazeboLaunch:
    """Build what is not built, choose ports, and return what brings the flight up.

    Raises:
        MissingError: a program is not on this machine, or a port is taken.
        InputError: no world holds the exercise's start, or a folder cannot be written.
    """
    end_orphans(console)
    given = {**stack_arguments(order), "world": world}
    columns = (TextColumn("building the world: {task.description}"), BarColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=1.0)
        flight = prepare(
            GAZEBO.values(given), lambda text, share: shown.update(task, description=text, completed=share)
        )
    console.print(f"Gazebo: world {flight.world}, {flight.model}, {_ports(order.autopilot, flight.ports.mavros)}")
    named = {program.name: program for program in (*programs(flight), contract(flight))}
    return GazeboLaunch(flight, named, GAZEBO.started(given), dict(os.environ))


def _ports(autopilot: str, port: int) -> str:
    return f"{autopilot} on UDP port {port}, a ground station on 14550"


def end_orphans(console: Console) -> None:
    """End what is left of flights whose own `./lenger fly` was killed: it would hold ports, and answer to ours."""
    for pid, name in orphans().items():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            console.print(f"ended {name} ({pid}), left over from a flight that was killed", markup=False)
