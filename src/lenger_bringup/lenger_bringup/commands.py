"""The commands of `lenger`. Each imports what it needs when it runs: help and doctor answer at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lenger_bringup.fuse_command import FuseCommand, fuse
from lenger_bringup.plan_commands import plan_app
from lenger_bringup.world_commands import world_app
from lenger_bringup.zone_commands import zones_app
from lenger_core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="lenger",
    help="Lenger: plan, fly, guard and grade UAV missions over the Lenger terrain.",
    epilog="Exit codes: 0 done or passed, 1 flight or check failed, 2 bad input, 3 something missing, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(plan_app, name="plan")
app.add_typer(world_app, name="world")
app.add_typer(zones_app, name="zones")
app.command("fuse", cls=FuseCommand)(fuse)

PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def fly(
    exercise: Annotated[str, typer.Argument(help="Name of an exercise, or the path of its YAML file.")],
    plan: Annotated[Path | None, typer.Option(help="Fly this plan instead of the exercise's own.")] = None,
    autopilot: Annotated[str, typer.Option(help="px4 or ardupilot.")] = "px4",
    sim: Annotated[str, typer.Option(help="embedded or gazebo.")] = "embedded",
    speed: Annotated[float, typer.Option(help="Simulated seconds per second.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Seed of noise and wind; default: the exercise's own.")] = None,
    engine: Annotated[
        str, typer.Option(help="Who flies the plan: uploaded (the autopilot) or streamed (setpoints).")
    ] = "streamed",
    lockstep: Annotated[
        bool, typer.Option("--lockstep", help="One process, no middleware, as fast as it goes.")
    ] = False,
    trainee: Annotated[str, typer.Option(help="Name for the debrief.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder of the flight; default: runs/<time>-<exercise>.")] = None,
    world: Annotated[
        str, typer.Option(help="With --sim gazebo: fly in this world; default: the one that holds the exercise.")
    ] = "",
    dem: Annotated[
        list[Path] | None, typer.Option(help="DEM files (.hgt, .tif) or a folder of them to fly over; may be repeated.")
    ] = None,
) -> None:
    """Fly one graded exercise."""
    from lenger_bringup.fly import FlightRequest, fly_exercise

    request = FlightRequest(
        exercise, plan, autopilot, sim, speed, seed, lockstep, trainee, out, world, tuple(dem or ()), engine
    )
    raise typer.Exit(fly_exercise(request, _console()))


@app.command(context_settings=PASS_THROUGH)
def test(context: typer.Context) -> None:
    """Run the test suite; further words go to pytest (-m campaign: the long statistical runs)."""
    from lenger_bringup.suite import run_suite

    raise typer.Exit(run_suite(context.args))


@app.command()
def up(
    stack: Annotated[str, typer.Argument(help="sim, exercise, gazebo or hardware.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="key:=value ...")] = None,
    show_args: Annotated[bool, typer.Option("--show-args", help="List the stack's arguments and end.")] = False,
    log: Annotated[Path | None, typer.Option(help="Folder for the logs; default: runs/<time>-<stack>/log.")] = None,
) -> None:
    """Run a stack until Ctrl-C, with the same arguments as `ros2 launch`."""
    from lenger_bringup.up import run_stack, show_arguments

    if show_args:
        show_arguments(stack, _console())
        return
    raise typer.Exit(run_stack(stack, arguments or [], log, _console()))


@app.command()
def exercises() -> None:
    """List the course."""
    from rich.markup import escape
    from rich.table import Table

    from lenger_training.exercise import list_exercises

    table = Table("name", "phase", "title", "goal", box=None, pad_edge=False)
    for exercise in list_exercises():
        table.add_row(exercise.name, exercise.phase.value, escape(exercise.title), escape(exercise.goal))
    _console().print(table)


@app.command()
def vehicle(
    autopilot: Annotated[str, typer.Option(help="px4 or ardupilot.")] = "px4",
    mavlink: Annotated[
        str, typer.Option(help="Links by commas: udp://127.0.0.1:14550 (a station there), tcp://:5760 (wait for some).")
    ] = "",
    airframe: Annotated[str, typer.Option("--vehicle", help="A profile of config/vehicles.")] = "quad_2kg",
    speed: Annotated[float, typer.Option(help="Simulated seconds per second.")] = 1.0,
    home: Annotated[str, typer.Option(help="LAT,LON of the take-off point.")] = "",
) -> None:
    """Run the embedded vehicle alone, for any ground station."""
    from lenger_bringup.requests import autopilot_flavour
    from lenger_sim.standalone import run

    raise typer.Exit(
        run(
            autopilot=autopilot_flavour(autopilot),
            mavlink=mavlink,
            speed=speed,
            home=home,
            vehicle=airframe,
            console=_console(),
        )
    )


@app.command()
def debrief(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a recorded flight.")]) -> None:
    """Score a recorded flight again and rewrite its report."""
    from lenger_bringup.report import print_result
    from lenger_training.flight_folder import rescore

    if not os.path.isdir(folder):  # Path.is_dir raises where it may not look
        raise InputError("debrief", "DIR", str(folder), "the folder of a recorded flight")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise InputError("debrief", "DIR", str(folder), "a folder that can be read and written")
    result = rescore(folder)
    print_result(result, folder, _console())
    raise typer.Exit(0 if result.passed else 1)


@app.command()
def doctor(
    fcu_url: Annotated[str, typer.Argument(help="With --fix-params: the autopilot, as MAVROS writes its URL.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    fix_params: Annotated[
        bool, typer.Option("--fix-params", help="Compare an autopilot with the failsafe contract; ask, then write.")
    ] = False,
    autopilot: Annotated[str, typer.Option(help="With --fix-params: px4 or ardupilot.")] = "px4",
    vehicle: Annotated[str, typer.Option(help="With --fix-params: whose contract.")] = "quad_2kg",
    yes: Annotated[bool, typer.Option("--yes", help="With --fix-params: write without asking.")] = False,
) -> None:
    """Say what this machine can and cannot run, and why."""
    if fix_params:
        from lenger_bringup import fix_params as fixing
        from lenger_bringup.requests import autopilot_flavour

        url = fcu_url or fixing.DEFAULT_URL
        raise typer.Exit(fixing.run(_console(), autopilot_flavour(autopilot), vehicle, url, yes))
    if fcu_url:
        raise InputError("doctor", "FCU_URL", fcu_url, "--fix-params beside it")
    from lenger_bringup.doctor import run

    raise typer.Exit(run(_console(), as_json))


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
