"""What a plan that is made or checked calls, called once: kernels that compile then keep a person waiting for a minute.

Kernels are compiled anew for every mixture of array layouts, and those come from all parts of the core. So a small plan
is made and checked rather than each kernel called with arrays that look like the real ones.
"""

from __future__ import annotations

import numpy as np

from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Survey, Takeoff
from lenger_core.terrain import load_globe
from lenger_core.vehicles import load_vehicle
from lenger_core.zone_model import Datum as ZoneDatum
from lenger_core.zone_model import HeightLimit, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mission.expand import Context, expand
from lenger_mission.patterns.follow_plan import follow_plan
from lenger_mission.patterns.leg_clearance import least_clearances_m
from lenger_mission.patterns.speed_plan import with_speeds
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.checks import run_gate
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import make_course

_LAT, _LON = 42.18, 69.88


def plan() -> None:
    """Make a survey round a keep-out zone over the ground, and check it in wind and among zones."""
    profile = load_vehicle("quad_2kg")
    model = load_globe()
    hole = _square(0.0, 2e-4)
    for terrain in (model.as_ground(), model):
        home = Home(lat_deg=_LAT, lon_deg=_LON, alt_amsl_m=terrain.height_amsl_m(_LAT, _LON))
        height = Height(value_m=60.0, datum=Datum.AGL)
        area = Survey(area=_square(0.0, 1e-3), height=height, line_spacing_m=30.0)
        made = Plan(name="warm", home=home, items=(Takeoff(height=height), area, ReturnHome()))
        flat = expand(made, Context(terrain, (3.0, 1.0), profile, (hole,))).plan
        flat = with_speeds(follow_plan(flat, terrain), profile, 3.0)
        line = [(w.lat_deg, w.lon_deg, w.height.value_m) for w in flat.waypoints]
        least_clearances_m(terrain, np.array(line))
        run_gate(Case(make_course(flat, profile, terrain), _zones(hole), Conditions(wind_m_s=3.0)))


def _square(off_deg: float, half_deg: float) -> tuple[tuple[float, float], ...]:
    corners = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
    return tuple((_LAT + off_deg + n * half_deg, _LON + off_deg + e * half_deg) for n, e in corners)


def _zones(hole: tuple[tuple[float, float], ...]) -> ZoneSet:
    return ZoneSet(
        (
            Zone("in", ZoneKind.INCLUSION, PolygonShape(_square(0.0, 5e-3)), ceiling=HeightLimit(140.0, ZoneDatum.AGL)),
            Zone("out", ZoneKind.EXCLUSION, PolygonShape(hole)),
            Zone("over", ZoneKind.EXCLUSION, PolygonShape(_square(1e-3, 2e-4)), floor=HeightLimit(90.0, ZoneDatum.AGL)),
        )
    )
