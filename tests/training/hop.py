"""A short exercise over the real terrain, for flights that a test can afford: up, 150 m north-east, back, down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.zones import CircleShape, Zone, ZoneKind, ZoneSet
from lenger_training.exercise import Exercise, parse_exercise

LAT, LON, ALT = 42.1819, 69.8878, 757.0
FRAME = LocalFrame(LAT, LON, ALT)
GROUND_AMSL_M = 760.0


def hop_plan() -> Plan:
    """Return take-off to 20 m, two waypoints at 20 m above ground, return."""
    ways = []
    for east, north in ((100.0, 110.0), (20.0, 120.0)):
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        ways.append(Waypoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=20.0, datum=Datum.AGL)))
    climb = Takeoff(height=Height(value_m=20.0, datum=Datum.HOME))
    home = Home(lat_deg=LAT, lon_deg=LON, alt_amsl_m=GROUND_AMSL_M)
    return Plan(name="hop", home=home, items=(climb, *ways, ReturnHome()), cruise_speed_m_s=8.0)


def hop_exercise(folder: Path, **changes: Any) -> Exercise:
    """Return the exercise, with its zones written into `folder`."""
    circle = ZoneSet((Zone("field", ZoneKind.INCLUSION, CircleShape(LAT, LON, 400.0)),))
    (folder / "zones.geojson").write_text(circle.to_geojson(), encoding="utf-8")
    data: dict[str, Any] = {
        "title": "Hop",
        "phase": "basic",
        "goal": "up, round, down",
        "briefing": "a hop",
        "vehicle": "quad_2kg",
        "site": {"lat_deg": LAT, "lon_deg": LON, "alt_amsl_m": ALT},
        "weather": {"wind_mean_m_s": 3.0, "wind_from_deg": 250.0},
        "seed": 3,
        "plan": "hop.json",
        "zones": "zones.geojson",
        "limits": {"floor_agl_m": 8.0, "ceiling_agl_m": 80.0},
        "time_limit_s": 200,
        "rubric": [
            {"rule": "mission_completed", "points": 40},
            {"rule": "waypoint_missed", "points": 15},
            {"rule": "fence_violation", "points": 100, "hard_fail": True},
            {"rule": "crash", "points": 100, "hard_fail": True},
        ],
    }
    return parse_exercise({**data, **changes}, "hop.yaml", "hop", folder)
