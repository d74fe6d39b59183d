"""The commands of `lenger plan`: check, convert and make plan files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

plan_app = typer.Typer(help="Check, convert and make plan files.", no_args_is_help=True, rich_markup_mode=None)


@plan_app.command("check")
def plan_check(
    plan: Annotated[str, typer.Argument(help="A plan file: QGroundControl .plan, or our own .json.")],
    dem: Annotated[
        list[Path] | None, typer.Option(help="DEM files (.hgt, .tif) or a folder of them; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a plan before it flies."""
    from lenger_bringup.ground import joined_dem
    from lenger_mission.check import run

    raise typer.Exit(run(plan, json=as_json, dem=joined_dem(dem)))
