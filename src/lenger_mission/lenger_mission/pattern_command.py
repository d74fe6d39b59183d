"""`./lenger plan make`: a pattern over the ground as a plan file."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Literal, cast

import numpy as np
from rich.console import Console

from lenger_core.errors import InputError
from lenger_core.plans import (
    CameraAction,
    Complex,
    Coverage,
    Datum,
    Home,
    Plan,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.terrain import Terrain, load_terrain, path_clearance
from lenger_core.vehicles import VehicleProfile, load_vehicle
from lenger_core.zones import ZoneKind, ZoneSet, load_zones, outline_of
from lenger_mission.expand import Context, expand
from lenger_mission.formats.convert import format_of, save_plan
from lenger_mission.pattern_item import Pattern, height_of, pattern_of
from lenger_mission.pattern_request import PatternRequest
from lenger_mission.pattern_split import BatteryPlan, battery_plans, energy_said, split_path, split_said
from lenger_mission.pattern_zones import require_legal
from lenger_mission.patterns.follow_plan import follow_plan
from lenger_mission.patterns.leg_clearance import least_clearances_m
from lenger_mission.patterns.plane import plane_about
from lenger_mission.patterns.speed_plan import with_speeds
from lenger_mission.plan_gate.conditions import Conditions

LatLon = tuple[float, float]


@dataclass(frozen=True)
class Made:
    """A plan that was made.

    Attributes:
        plan: as it is written.
        whole: the same as simple items, heights as they were asked for.
        flat: these over the ground, at speeds that the vehicle can fly.
        notes: what a person should know, one sentence each.
    """

    plan: Plan
    whole: Plan
    flat: Plan
    notes: tuple[str, ...]


def run(request: PatternRequest) -> int:
    """Make a plan, write it, and print what it is.

    Returns:
        Exit code: 0 written, 2 bad input (one line on stderr).
    """
    try:
        format_of(request.out)
        terrain, profile = ground_of(request), load_vehicle(request.vehicle)
        _require_in_range(request, profile)
        pattern = pattern_of(request)
        zones = zones_of(request)
        context = _context(request, pattern, terrain, profile, _keep_out(zones, pattern))
        made = make(request, pattern, context)
        parts = _parts(request, made, context) if request.split else ()
        notes = made.notes
        for plan in [part.plan for part in parts] if len(parts) > 1 else [made.flat]:
            notes += require_legal(request, plan, zones, profile, terrain) if zones.zones else ()
        if len(parts) > 1:
            for number, part in enumerate(parts, start=1):
                notes += save_plan(part.plan, split_path(request.out, number), context)
        else:
            notes += save_plan(made.plan, request.out, context)
        said = split_said(request.pattern, request.out, parts) if len(parts) > 1 else _said(request, made, terrain)
        if len(parts) == 1:
            said.insert(1, f"one battery flies it: {energy_said(parts[0])}")
        lines = [*said, *(f"note: {note}" for note in dict.fromkeys(notes))]
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line, markup=False)
    return 0


def make(request: PatternRequest, pattern: Pattern, context: Context) -> Made:
    """Return the plan of a pattern: take-off, the pattern, return.

    It keeps its complex items, editable, where the file's format has them; else, or where it was asked for, it is flat:
    waypoints that follow the ground, at speeds that the vehicle can fly.

    Args:
        request: what was asked for.
        pattern: its items.
        context: terrain, wind, vehicle and what to keep out of.

    Raises:
        InputError: it cannot be flown so.
    """
    assert context.terrain is not None
    assert context.profile is not None
    lat, lon = request.home or pattern.first
    home = Home(lat_deg=lat, lon_deg=lon, alt_amsl_m=round(context.terrain.height_amsl_m(lat, lon), 2))
    items = (Takeoff(height=height_of(request)), *pattern.items, ReturnHome())
    plan = Plan(name=request.out.stem or "plan", home=home, items=items, cruise_speed_m_s=request.speed_m_s)
    expanded = expand(plan, context)
    flat = follow_plan(expanded.plan, context.terrain)
    flat = with_speeds(flat, context.profile, request.wind_m_s or 0.0)
    notes = (*pattern.notes, *expanded.notes)
    return Made(flat if request.flat or not _keeps(request, pattern) else plan, expanded.plan, flat, notes)


def ground_of(request: PatternRequest) -> Terrain:
    """Return the ground of a request: the terrain that ships as the simulator's, DEM files with their error bound.

    Raises:
        InputError: no such trust, or a file is no DEM.
    """
    if request.trust not in ("", "model", "ground"):
        raise InputError("plan make", "--trust", request.trust, "model or ground")
    trust = cast('Literal["model", "ground"]', request.trust or ("model" if request.dem else "ground"))
    terrain = load_terrain(request.dem)
    return terrain if trust == "model" else terrain.as_ground()


def _keeps(request: PatternRequest, pattern: Pattern) -> bool:
    """Whether the file can hold the pattern's own items."""
    ending = request.out.suffix.lower()
    if request.zones:
        return False  # what is kept out of stands in the waypoints only
    if ending == ".plan":
        return all(isinstance(item, Coverage) and item.type in ("survey", "corridor") for item in pattern.items)
    return ending == ".json"


def _require_in_range(request: PatternRequest, profile: VehicleProfile) -> None:
    most = profile.max_speed_m_s
    checks = (
        ("--speed", request.speed_m_s, 0.1, most, f"0.1 to {most:g} m/s of {profile.name}"),
        ("--wind", request.wind_m_s, 0.0, 40.0, "0 to 40 m/s"),
        ("--wind-from", request.wind_from_deg, -360.0, 360.0, "degrees"),
    )
    for option, value, least, greatest, expected in checks:
        if value is not None and not least <= value <= greatest:
            raise InputError("plan make", option, value, expected)
    for option, place in (("--home", request.home), ("--at", request.at)):
        if place is not None and not (abs(place[0]) <= 90.0 and abs(place[1]) <= 180.0):
            raise InputError("plan make", option, place, "latitude,longitude in degrees")


def _context(
    request: PatternRequest,
    pattern: Pattern,
    terrain: Terrain,
    profile: VehicleProfile,
    keep_out: tuple[tuple[LatLon, ...], ...],
) -> Context:
    speed = request.speed_m_s if request.speed_m_s is not None else profile.cruise_speed_m_s
    wind, towards = request.wind_m_s or 0.0, radians((request.wind_from_deg or 0.0) + 180.0)
    return Context(
        terrain=terrain,
        wind_en_m_s=(wind * sin(towards), wind * cos(towards)),
        profile=profile,
        keep_out=keep_out if request.pattern == "survey" else (),
        speed_m_s=speed,
    )


def _parts(request: PatternRequest, made: Made, context: Context) -> tuple[BatteryPlan, ...]:
    """Return the flights that the batteries make of it."""
    wind = {"wind_m_s": request.wind_m_s or 0.0, "wind_from_deg": (request.wind_from_deg or 0.0) % 360.0}
    return battery_plans(made.whole, made.flat, context, Conditions(**wind))


def zones_of(request: PatternRequest) -> ZoneSet:
    """Return the zones of a request's files.

    Raises:
        InputError: a file is missing or not valid.
    """
    return ZoneSet(tuple(zone for path in request.zones for zone in load_zones(path).zones))


def _keep_out(zones: ZoneSet, pattern: Pattern) -> tuple[tuple[LatLon, ...], ...]:
    """Outlines of the exclusion zones, for the patterns that go around them."""
    frame, found = plane_about(*pattern.first), []
    for zone in zones.zones:
        if zone.kind is ZoneKind.EXCLUSION:
            outline = outline_of(zone, frame)
            for part in getattr(outline, "geoms", [outline]):
                lat, lon = frame.to_geodetic_many(np.asarray(part.exterior.coords)[:-1])
                found.append(tuple(zip(lat.tolist(), lon.tolist(), strict=True)))
    return tuple(found)


def _said(request: PatternRequest, made: Made, terrain: Terrain) -> list[str]:
    """What was made, in words."""
    flat, way = made.flat, made.flat.waypoints
    complexes = any(isinstance(item, Complex) for item in made.plan.items)
    shape = "as an item that can be edited" if complexes else "as simple waypoints"
    lines = [f"{request.pattern} -> {request.out} ({format_of(request.out)}), {shape}"]
    if all(isinstance(w, Waypoint) and w.height.datum is Datum.AMSL for w in way) and len(way) > 1:
        path = np.array([(w.lat_deg, w.lon_deg, w.height.value_m) for w in way])
        length_m = path_clearance(terrain, path).length_m
        lines.append(f"{len(way)} waypoints, {length_m / 1e3:.2f} km with the ways out and home")
        least_m = float(least_clearances_m(terrain, path).min())
        lines.append(f"least height above the ground, its error bound counted: {least_m:.1f} m")
    photos = sum(isinstance(item, CameraAction) for item in flat.items)
    if photos:
        lines.append(f"{photos} camera actions")
    lines.append(f"next: lenger plan check {request.out}")
    return lines
