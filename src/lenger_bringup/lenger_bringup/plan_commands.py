"""The commands of `lenger plan`: check, convert and make plan files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

plan_app = typer.Typer(help="Check, convert and make plan files.", no_args_is_help=True, rich_markup_mode=None)

Dem = Annotated[
    list[Path] | None, typer.Option("--dem", help="DEM files (.hgt, .tif) or a folder of them; may be repeated.")
]


@plan_app.command("check")
def plan_check(
    plan: Annotated[str, typer.Argument(help="A plan file: QGroundControl .plan, or our own .json.")],
    dem: Dem = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a plan before it flies."""
    from lenger_bringup.ground import joined_dem
    from lenger_mission.check import run

    raise typer.Exit(run(plan, json=as_json, dem=joined_dem(dem)))


@plan_app.command("convert")
def plan_convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help=".plan, .json, .waypoints, .txt (QGC WPL), .mission, .kml or .geojson.")
    ],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help=".plan, .json, .waypoints, .txt (QGC WPL), .kml or .geojson.")
    ],
    dem: Dem = None,
    wpl: Annotated[int, typer.Option(help="Version of a QGC WPL file: 110 with home, 120 without.")] = 110,
) -> None:
    """Convert a plan file to the format of another ending, and say what that format cannot say."""
    from rich.console import Console

    from lenger_bringup.ground import joined_dem
    from lenger_mission.formats.convert import convert

    done = convert(source, target, joined_dem(dem), wpl)
    console = Console(highlight=False, soft_wrap=True)
    for note in done.notes:
        console.print(f"note: {note}", markup=False)
    console.print(f"{source} ({done.read}) -> {target} ({done.written}): {done.what}", markup=False)
