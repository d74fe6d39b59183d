"""`./lenger plan check`: a plan file as a table of what it will fly, and what is wrong with it."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from lenger_core.errors import InputError
from lenger_core.plans import ChangeSpeed, Height, Plan, Takeoff, Waypoint
from lenger_core.terrain import Terrain, load_terrain
from lenger_mission.clearance import GroundReport, ground_under
from lenger_mission.gate import check_plan, leg_lengths_m, require
from lenger_mission.load import read_any


@dataclass(frozen=True)
class Row:
    """One item as it will fly; heights in metres, None where they are not known."""

    item: int
    type: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    height_m: float | None = None
    datum: str | None = None
    ground_amsl_m: float | None = None
    agl_m: float | None = None
    leg_m: float | None = None
    speed_m_s: float | None = None


def run(path: str, json: bool = False, dem: str = "") -> int:
    """Check a plan file and print the result.

    Args:
        path: the file.
        json: print one JSON object instead of a table.
        dem: DEM files of the ground, joined by ':'; "" for the terrain that ships.

    Returns:
        Exit code: 0 the plan may fly, 2 it or a DEM file is broken (one line on stderr).
    """
    try:
        plan = read_any(Path(path))
        require(plan, path)
        terrain = load_terrain(dem)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    rows, ground = list(_rows(plan, terrain)), ground_under(plan, terrain)
    if json:
        print(jsonlib.dumps(_report(plan, rows, ground), indent=2))
    else:
        _print_table(plan, rows, ground)
    return 0


def _rows(plan: Plan, terrain: Terrain) -> Iterator[Row]:
    places = [(plan.home.lat_deg, plan.home.lon_deg), *((w.lat_deg, w.lon_deg) for w in plan.waypoints)]
    ground = _grounds(places, terrain)
    home_ground = ground[0]
    legs = [float(length) for length in leg_lengths_m(plan)]
    speed, leg = plan.cruise_speed_m_s, 0
    for index, item in enumerate(plan.items):
        if isinstance(item, ChangeSpeed):
            speed = item.speed_m_s
            yield Row(index, item.type, speed_m_s=speed)
        elif isinstance(item, Waypoint):
            speed = item.speed_m_s or speed
            below = ground[leg + 1]
            agl = _agl(item.height, below, home_ground)
            height = (item.height.value_m, item.height.datum.value)
            yield Row(index, item.type, item.lat_deg, item.lon_deg, *height, below, agl, legs[leg], speed)
            leg += 1
        elif isinstance(item, Takeoff):
            agl = _agl(item.height, home_ground, home_ground)
            place = (plan.home.lat_deg, plan.home.lon_deg)
            yield Row(index, item.type, *place, item.height.value_m, item.height.datum.value, home_ground, agl)
        else:
            yield Row(index, item.type, leg_m=legs[leg] if leg < len(legs) else None, speed_m_s=speed)


def _grounds(places: list[tuple[float, float]], terrain: Terrain) -> list[float | None]:
    try:
        heights = terrain.heights_amsl_m(*np.asarray(places).T)
    except InputError:
        # A plan for another region can still be read; only its clearances cannot be shown.
        return [None] * len(places)
    return [round(float(height), 2) for height in heights]


def _agl(height: Height, ground: float | None, home: float | None) -> float | None:
    if ground is None or home is None:
        return height.value_m if height.datum.value == "agl" else None
    return round(height.amsl_m(ground, home) - ground, 2)


def _report(plan: Plan, rows: list[Row], ground: GroundReport) -> dict[str, Any]:
    return {
        "plan": plan.name,
        "valid": True,
        "items": len(plan.items),
        "waypoints": len(plan.waypoints),
        "length_m": round(float(leg_lengths_m(plan).sum()), 1),
        "findings": [asdict(finding) for finding in check_plan(plan)],
        "notes": list(plan.notes),
        "terrain": asdict(ground),
        "rows": [asdict(row) for row in rows],
    }


def _print_table(plan: Plan, rows: list[Row], ground: GroundReport) -> None:
    length = float(leg_lengths_m(plan).sum())
    title = f"{plan.name}: {len(plan.items)} items, {len(plan.waypoints)} waypoints, {length / 1000:.2f} km"
    table = Table(title=title, box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("item", "type", "latitude", "longitude", "height", "ground", "AGL", "leg m", "m/s"):
        table.add_column(heading, justify="left" if heading == "type" else "right", no_wrap=True)
    for row in rows:
        height = "-" if row.height_m is None else f"{row.height_m:g} {row.datum}"
        table.add_row(
            str(row.item), row.type, _text(row.lat_deg, 6), _text(row.lon_deg, 6), height,
            _text(row.ground_amsl_m, 1), _text(row.agl_m, 1), _text(row.leg_m, 0), _text(row.speed_m_s, 1),
        )  # fmt: skip
    console = Console()
    console.print(table)
    for finding in check_plan(plan):
        console.print(f"{finding.severity.value}: {finding.sentence}", highlight=False)
    for note in plan.notes:
        console.print(f"note: {note}", highlight=False)
    for sentence in ground.sentences():
        console.print(sentence, highlight=False)
    console.print("The plan may fly.")


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
