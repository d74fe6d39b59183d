"""`./lenger plan check`: a plan file as a table of what it will fly, and all that the gate says of it."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, radians, sin
from pathlib import Path

from rich.console import Console

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zone_files import load_zone_file
from lenger_core.zone_model import PolygonShape, ZoneKind, ZoneSet
from lenger_mission.expand import Context, expand
from lenger_mission.load import read_any
from lenger_mission.plan_gate.case import Autopilot, Case
from lenger_mission.plan_gate.checks import run_gate
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import make_course
from lenger_mission.plan_gate.day import read_day
from lenger_mission.plan_gate.table import as_json, print_report

TRUSTS = ("", "model", "ground")


@dataclass(frozen=True)
class GateRequest:
    """What a plan is to be checked against.

    Attributes:
        zones: zone files; their zones count together.
        vehicle: profile of config/vehicles.
        dem: DEM files of the ground, joined by ':'; "" for the terrain that ships.
        trust: "model": the real land may differ by the terrain's error bound; "ground": a simulator's ground; "": a
            DEM is a model, and the synthetic terrain that ships is the simulator's ground.
        autopilot: "px4", "ardupilot" or "" for not decided.
        conditions: YAML of the day; see `plan_gate.day.read_day`.
        stated: single figures of it by name.
        pictures: PNG files to draw the height profile to.
    """

    zones: tuple[Path, ...] = ()
    vehicle: str = "quad_2kg"
    dem: str = ""
    trust: str = ""
    autopilot: str = ""
    conditions: Path | None = None
    stated: Mapping[str, object] = field(default_factory=dict)
    pictures: tuple[Path, ...] = ()


def run(path: str, request: GateRequest | None = None, json: bool = False) -> int:
    """Check a plan file and print the result.

    Args:
        path: the file.
        request: what it is checked against.
        json: print one JSON object instead of tables.

    Returns:
        Exit code: 0 the plan may fly, 1 it may not, 2 a file or an option is broken (one line on stderr).
    """
    request = request or GateRequest()
    try:
        case, notes = make_case(path, request)
        report = run_gate(case)
        for picture in request.pictures:
            from lenger_mission.plan_gate.profile_picture import draw_profile  # brings matplotlib

            draw_profile(case, report, picture)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if json:
        print(jsonlib.dumps(as_json(case, report, notes), indent=2))
    else:
        print_report(Console(), case, report, notes)
    return 0 if report.may_fly else 1


def make_case(path: str, request: GateRequest) -> tuple[Case, tuple[str, ...]]:
    """Return a plan file with all that it is checked against, and notes on the zone files.

    Raises:
        InputError: a file or an option is not valid.
    """
    plan = read_any(Path(path))
    autopilot = _autopilot(request.autopilot)
    day = read_day(request.conditions, request.stated)
    profile = load_vehicle(request.vehicle)
    terrain = _terrain(request)
    files = [load_zone_file(file) for file in request.zones]
    zones = ZoneSet(tuple(zone for file in files for zone in file.zones.zones)) if files else None
    context = Context(
        terrain, _wind_en(day.conditions), profile, _keep_out(zones), plan.cruise_speed_m_s or profile.cruise_speed_m_s
    )
    expanded = expand(plan, context)
    course = make_course(plan, profile, terrain, expanded=expanded)
    notes = tuple(note for file in files for note in file.notes)
    return Case(course, zones, day.conditions, day.limits, autopilot), notes


def _autopilot(name: str) -> Autopilot:
    if name == "":
        return ""
    if name == "px4":
        return "px4"
    if name == "ardupilot":
        return "ardupilot"
    raise InputError("plan check", "autopilot", name, "px4 or ardupilot")


def _terrain(request: GateRequest) -> Terrain:
    if request.trust not in TRUSTS:
        raise InputError("plan check", "trust", request.trust, "model or ground")
    terrain = load_terrain(request.dem)
    simulated = terrain.synthetic if request.trust == "" else request.trust == "ground"
    return terrain.as_ground() if simulated else terrain


def _wind_en(conditions: Conditions) -> tuple[float, float]:
    towards = radians(conditions.wind_from_deg + 180.0)
    return conditions.wind_m_s * sin(towards), conditions.wind_m_s * cos(towards)


def _keep_out(zones: ZoneSet | None) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Return the outlines that patterns are to go around."""
    return tuple(
        zone.shape.outer
        for zone in (zones.zones if zones else ())
        if zone.kind is ZoneKind.EXCLUSION and isinstance(zone.shape, PolygonShape)
    )
