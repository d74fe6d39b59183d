"""The commands of `lenger zones`: check zone files and convert them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from lenger_core.zones import Zone, ZoneKind, ZoneSet

zones_app = typer.Typer(help="Check and convert zone files.", no_args_is_help=True, rich_markup_mode=None)

Kind = Annotated[
    str, typer.Option(help="What a KML placemark is that does not say its kind: inclusion, exclusion or approach.")
]


@zones_app.command("check")
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help=".geojson, .json (ED-269), .plan or .kml; content decides.")
    ],
    kind: Kind = "",
    vertices: Annotated[
        int, typer.Option(help="Room of an autopilot's fence in vertices (ArduPilot's default 69); 0: plenty.", min=0)
    ] = 69,
) -> None:
    """Print what zone files say, and what of it an autopilot's own fence will hold."""
    from lenger_core.zone_files import load_zone_file

    console, default = _console(), _kind(kind)
    read = [(path, load_zone_file(path, default)) for path in files]  # all of them, before a line is printed
    for path, found in read:
        console.print(f"{path} ({found.format}): {len(found.zones.zones)} zones", markup=False)
        console.print(_table(found.zones))
        for note in found.notes:
            console.print(f"  note: {note}", markup=False)
        for line in _fence(found.zones, vertices):
            console.print(f"  fence: {line}", markup=False)


@zones_app.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The zone file to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help=".geojson, .json (ED-269), .plan or .kml.")],
    kind: Kind = "",
) -> None:
    """Convert a zone file to the format of another ending, and say what that format cannot say."""
    from lenger_core.zone_files import format_of_ending, load_zone_file, save_zone_file

    console = _console()
    written = format_of_ending(target)
    found = load_zone_file(source, _kind(kind))
    notes = save_zone_file(found.zones, target)
    for note in (*found.notes, *notes):
        console.print(f"note: {note}", markup=False)
    console.print(f"{source} ({found.format}) -> {target} ({written}): {len(found.zones.zones)} zones", markup=False)


def _kind(text: str) -> ZoneKind | None:
    from lenger_core.errors import InputError
    from lenger_core.zones import ZoneKind

    kinds = [k.value for k in ZoneKind]
    if text and text not in kinds:
        raise InputError("lenger zones", "--kind", text, " or ".join(kinds))
    return ZoneKind(text) if text else None


def _table(zones: ZoneSet) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table("name", "kind", "shape", "vertices", "km2", "heights", "priority", "times", box=None, pad_edge=False)
    for zone in zones.zones:
        table.add_row(*(Text(cell) for cell in _row(zone)))
    return table


def _row(zone: Zone) -> tuple[str, ...]:
    from lenger_core.zone_fence import area_km2
    from lenger_core.zone_files.collecting import vertices_of
    from lenger_core.zones import BorderShape, CircleShape, CorridorShape

    shape = zone.shape
    if isinstance(shape, CircleShape):
        name = f"circle {shape.radius_m:g} m"
    elif isinstance(shape, CorridorShape):
        name = f"corridor {shape.width_m:g} m wide"
    elif isinstance(shape, BorderShape):
        name = f"{shape.beyond} of a border, {shape.buffer_m:g} m before it"
    else:
        name = "polygon" + (f", {len(shape.holes)} holes" if shape.holes else "")
    area = "without end" if isinstance(shape, BorderShape) else f"{area_km2(zone):.4g}"
    count = str(len(vertices_of(shape)))
    return zone.name, zone.kind.value, name, count, area, _heights(zone), str(zone.priority), _times(zone)


def _heights(zone: Zone) -> str:
    def said(word: str, limit: object) -> str:
        from lenger_core.zones import HeightLimit

        return f"{word} {limit.height_m:g} m {limit.datum.value}" if isinstance(limit, HeightLimit) else ""

    return ", ".join(part for part in (said("from", zone.floor), said("to", zone.ceiling)) if part) or "all"


def _times(zone: Zone) -> str:
    from lenger_core.zone_files.instants import iso_of

    if not zone.windows:
        return "always"
    first = zone.windows[0]
    start, end = (".." if t is None else iso_of(t) for t in (first.start_utc_ns, first.end_utc_ns))
    more = len(zone.windows) - 1
    return f"{start}/{end}" + (f" and {more} more" if more else "")


def _fence(zones: ZoneSet, vertices: int) -> list[str]:
    from lenger_core.errors import InputError
    from lenger_core.zone_fence import FenceCircle, fence_of

    try:
        fence = fence_of(zones, vertices)
    except InputError as error:
        return [f"the autopilot's fence cannot hold these zones: {error}"]
    circles = sum(isinstance(part, FenceCircle) for part in fence.parts)
    room = f"of {vertices}" if vertices else "with plenty of room"
    polygons = len(fence.parts) - circles
    exact = f"within {fence.error_m:.2f} m" if fence.error_m else "exact"
    return [f"{polygons} polygons and {circles} circles, {fence.vertices} items {room}, {exact}", *fence.notes]


def _console() -> Console:
    from rich.console import Console

    if sys.stdout.isatty():
        return Console(highlight=False, soft_wrap=False)
    return Console(highlight=False, soft_wrap=True, width=10_000)
