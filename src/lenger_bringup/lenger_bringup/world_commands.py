"""The commands of `lenger world`: build and check Gazebo worlds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from lenger_core.terrain import Terrain

world_app = typer.Typer(help="Build, check and draw Gazebo worlds.", no_args_is_help=True, rich_markup_mode=None)

Dem = Annotated[
    list[Path] | None,
    typer.Option("--dem", help="Own DEM file (.hgt or GeoTIFF) instead of Lenger's terrain; repeatable."),
]


@world_app.command("build")
def build(
    name: Annotated[str, typer.Argument(help="A world of worlds/, or the path of a .yaml file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the built worlds.")],
    dem: Dem = None,
) -> None:
    """Build a world for PX4 and for ArduPilot; files that are right already are not touched."""
    from lenger_sim.worlds.builder import build_world
    from lenger_sim.worlds.layout import FLAVOURS, WorldFiles
    from lenger_sim.worlds.models import part_of
    from lenger_sim.worlds.spec import load_world

    spec, console = load_world(name), _console()
    with _Progress(console, spec.name) as progress:
        progress.show("terrain", 0.0)
        built = build_world(spec, _terrain(dem), out, part_of, progress.show)
    files = ", ".join(str(WorldFiles(out, spec.name).sdf(flavour)) for flavour in FLAVOURS)
    changed = f"{len(built.written)} files written, {built.unchanged} were right already"
    console.print(f"{spec.name}: {changed}: {files}", markup=False)


@world_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="DIR/px4/NAME.sdf or DIR/ardupilot/NAME.sdf.")],
    dem: Dem = None,
) -> None:
    """Check a built world: what Gazebo would stumble over, and the ground against the terrain."""
    from lenger_sim.worlds.checks import CHECKS, check_world

    console = _console()
    findings = check_world(file, _terrain(dem))
    for finding in findings:
        console.print(f"{finding.check}: {finding.text}", markup=False)
    if not findings:
        console.print(f"{file}: right ({len(CHECKS)} checks)", markup=False)
    raise typer.Exit(1 if findings else 0)


@world_app.command("view")
def view(
    name: Annotated[str, typer.Argument(help="A world of worlds/, an exercise, or the path of a .yaml file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PNG", help="The picture to write.")],
    dem: Dem = None,
) -> None:
    """Draw a map: relief, contour lines, fences, border, pads, landmarks and obstacles."""
    from lenger_bringup.world_view import write_map

    width, height = write_map(name, _terrain(dem), out)
    _console().print(f"{out}: {width} x {height} pixels", markup=False)


class _Progress:
    """A bar in a terminal, nothing elsewhere."""

    def __init__(self, console: Console, title: str) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[text]}")
        self._bar = Progress(
            *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
        )
        self._task = self._bar.add_task(title, total=1.0, text="")

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, text: str, share: float) -> None:
        """Show what is being done and what share of the whole is done."""
        self._bar.update(self._task, completed=share, text=text)


def _terrain(dem: list[Path] | None) -> Terrain:
    """The ground: Lenger's, or that of one's own files."""
    if dem:
        from lenger_core.terrain.dem import dem_terrain

        return dem_terrain(dem)
    from lenger_core.terrain import lenger_terrain

    return lenger_terrain()


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
