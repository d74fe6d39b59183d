"""Small lands and plans for the gate's physics."""

from __future__ import annotations

from functools import cache
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.grid import LatLonGrid
from lenger_core.plans import Datum, Height, Home, Plan, PlanItem, ReturnHome, Takeoff, Waypoint
from lenger_core.terrain import Terrain
from lenger_core.vehicles import load_vehicle
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import make_course
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, Severity

Array = NDArray[np.float64]

HOME = (42.18, 69.88)
STEP_DEG = 0.001
"""Of the lands' lattice: 111 m to the north, 83 m to the east."""


def land(heights: Array, error_m: float = 0.0) -> Terrain:
    """Heights on a lattice of (401, 401), home at its node (220, 180)."""
    grid = LatLonGrid("land", heights, HOME[0] + 220 * STEP_DEG, HOME[1] - 180 * STEP_DEG, -STEP_DEG, STEP_DEG)
    south, west, north, east = grid.bounds_deg()
    bound = LatLonGrid("bound", np.full((2, 2), error_m), south, west, north - south, east - west)
    return Terrain("land", False, grid, bound)


@cache
def flat(height_m: float = 700.0, error_m: float = 0.0) -> Terrain:
    """Level ground."""
    return land(np.full((401, 401), height_m), error_m)


@cache
def wall(height_m: float, east_m: float = 1000.0, base_m: float = 700.0) -> Terrain:
    """Level ground with a wall from south to north, one node thick, about so far east of home."""
    heights = np.full((401, 401), base_m)
    heights[:, 180 + round(east_m / (111_320.0 * STEP_DEG * cos(radians(HOME[0]))))] += height_m
    return land(heights)


@cache
def ridge(height_m: float, half_length_m: float = 600.0, east_m: float = 2000.0, base_m: float = 700.0) -> Terrain:
    """A round ridge from south to north over level ground, its crest so far east of home (Witch of Agnesi)."""
    east = (np.arange(401) - 180) * 111_320.0 * STEP_DEG * cos(radians(HOME[0]))
    heights = base_m + height_m / (1.0 + ((east - east_m) / half_length_m) ** 2)
    return land(np.tile(heights, (401, 1)))


def place(east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude of a place about home."""
    lat, lon, _ = LocalFrame(*HOME, 700.0).to_geodetic(east_m, north_m, 0.0)
    return lat, lon


def waypoint(
    east_m: float,
    north_m: float,
    height_m: float = 60.0,
    datum: Datum = Datum.HOME,
    speed_m_s: float | None = None,
    hold_s: float = 0.0,
) -> Waypoint:
    """A waypoint at a place about home."""
    lat, lon = place(east_m, north_m)
    height = Height(value_m=height_m, datum=datum)
    return Waypoint(lat_deg=lat, lon_deg=lon, height=height, speed_m_s=speed_m_s, hold_s=hold_s)


def plan_of(*items: PlanItem, takeoff_m: float = 60.0, cruise_m_s: float | None = None) -> Plan:
    """Take off, the items, return."""
    start = Takeoff(height=Height(value_m=takeoff_m, datum=Datum.HOME))
    home = Home(lat_deg=HOME[0], lon_deg=HOME[1])
    return Plan(name="test", home=home, items=(start, *items, ReturnHome()), cruise_speed_m_s=cruise_m_s)


def out_and_back(distance_m: float, bearing_deg: float = 90.0, height_m: float = 60.0) -> Plan:
    """To a place and home again."""
    east, north = distance_m * sin(radians(bearing_deg)), distance_m * cos(radians(bearing_deg))
    return plan_of(waypoint(east, north, height_m), takeoff_m=height_m)


def flight_of(
    plan: Plan, conditions: Conditions | None = None, terrain: Terrain | None = None, vehicle: str = "quad_2kg"
) -> Flight:
    """A plan on a day, over level ground if nothing else is said."""
    return Flight(make_course(plan, load_vehicle(vehicle), terrain or flat()), conditions or Conditions())


def of(findings: list[Finding], code: str, severity: Severity = Severity.ERROR) -> list[Finding]:
    """The findings of a code and a severity."""
    return [finding for finding in findings if finding.code == code and finding.severity is severity]
