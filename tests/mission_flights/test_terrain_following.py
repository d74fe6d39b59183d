"""Terrain following in the streamed engine: 60 m over the Lenger foothills at 12 m/s, judged by the simulator's truth.

`LENGER_LINES` flies only so many of the campaign's lines; flights are kept in a file (`rows.file_of`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Height, Home, Land, Plan, Takeoff, Waypoint
from lenger_core.samples import MissionPhase
from mission_flights import rows
from mission_flights.flight import ENDED, Autopilot, Day, Place, fly, ground

FOOTHILLS = (42.055, 42.145, 69.85, 70.01)
"""South, north, west, east: docs/terrain.md's 13 km by 10 km south of Lenger."""
AGL_M, SPEED_M_S = 60.0, 12.0
RMS_BAR_M, LEAST_BAR_M = 5.0, 45.0
LINES = 10
SAMPLE = 100
"""The line of the ordinary suite, a short one: beyond those of the campaign."""


@dataclass(frozen=True)
class Line:
    """A straight line over the foothills, flown there and back.

    Attributes:
        start, end: latitude and longitude, degrees.
        length_m: between them.
        day: wind to 8 m/s, 10 m above the ground, from anywhere.
    """

    start: Place
    end: Place
    length_m: float
    day: Day

    @staticmethod
    def of(seed: int, least_m: float = 1_600.0, most_m: float = 2_400.0) -> Line:
        """Return the line of a seed."""
        rng, terrain = np.random.default_rng((seed, 60)), ground()
        south, north, west, east = FOOTHILLS
        while True:
            start = float(rng.uniform(south, north)), float(rng.uniform(west, east))
            length, bearing = float(rng.uniform(least_m, most_m)), float(rng.uniform(0.0, 2.0 * pi))
            end = LocalFrame(*start, 0.0).to_geodetic(length * sin(bearing), length * cos(bearing), 0.0)[:2]
            inside = south < end[0] < north and west < end[1] < east
            if inside and float(terrain.slopes_deg(np.array(start[:1]), np.array(start[1:]))[0]) < 10.0:
                day = Day(float(rng.uniform(0.0, 8.0)), float(rng.uniform(0.0, 360.0)))
                return Line(start, end, length, day)

    def plan(self) -> Plan:
        """Take off straight up to 60 m, along the line and back at 60 m AGL, land where it began."""
        home = Home(lat_deg=self.start[0], lon_deg=self.start[1], alt_amsl_m=ground().height_amsl_m(*self.start))
        up, over = Height(value_m=AGL_M, datum=Datum.HOME), Height(value_m=AGL_M, datum=Datum.AGL)
        ways = [Waypoint(lat_deg=p[0], lon_deg=p[1], height=over, speed_m_s=SPEED_M_S) for p in (self.end, self.start)]
        return Plan(name="line", home=home, items=(Takeoff(height=up), *ways, Land()))


def follow(line: Line, seed: int, autopilot: Autopilot, vehicle: str = "quad_2kg") -> rows.Row:
    """Fly a line until the landing begins; return its heights over the ground after the climb-out, in metres."""
    made = fly(line.plan(), line.day, seed, autopilot, vehicle, until=(MissionPhase.LANDING, *ENDED))
    under_way = np.array([phase is MissionPhase.ENROUTE for phase in made.phases])
    agl = made.agl_m[under_way]
    return {
        "what": f"{autopilot}, {line.length_m:.0f} m, wind {line.day.wind_m_s:.1f} m/s",
        "ended": made.phase.name,
        "detail": made.detail,
        "rms_m": float(np.sqrt(np.mean((agl - AGL_M) ** 2))),
        "least_m": float(agl.min()),
        "most_m": float(agl.max()),
        "speed_m_s": float(np.hypot(*made.velocity_enu_m_s[under_way, :2].T).mean()),
    }


def told(row: rows.Row) -> str:
    """Return a row of the campaign."""
    return (
        f"{row['seed']:4} rms {row['rms_m']:4.2f} m, {row['least_m']:5.1f} to {row['most_m']:5.1f} m AGL, mean "
        f"{row['speed_m_s']:4.1f} m/s, {row['ended']}: {row['what']}"
    )


def held(row: rows.Row) -> bool:
    """Whether the line was flown to its end within the bar."""
    return row["ended"] == MissionPhase.LANDING.name and row["rms_m"] < RMS_BAR_M and row["least_m"] > LEAST_BAR_M


def test_a_line_over_the_foothills_is_followed_at_60_m() -> None:
    row = {"seed": SAMPLE, **follow(Line.of(SAMPLE, 250.0, 350.0), SAMPLE, "px4")}
    print(told(row))
    assert held(row), row


def campaign_line(seed: int) -> rows.Row:
    """Fly a line of the campaign; the autopilots take turns."""
    return follow(Line.of(seed), seed, "px4" if seed % 2 == 0 else "ardupilot")


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_every_line_over_the_foothills_is_followed_at_60_m() -> None:
    lines = int(os.environ.get("LENGER_LINES", LINES))
    found = rows.flown(rows.file_of("terrain"), range(lines), campaign_line)
    for row in found:
        print(told(row))
    print(f"worst rms {max(row['rms_m'] for row in found):.2f} m, least {min(row['least_m'] for row in found):.1f} m")
    assert not [row["seed"] for row in found if not held(row)]
