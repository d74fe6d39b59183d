"""Seeded missions for the energy prediction: a site, a plan that the gate lets fly, the day, and the wrong forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from pathlib import Path

import numpy as np

from lenger_core.atmosphere import temperature_k
from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import ChangeSpeed, Datum, Height, Home, Land, Plan, PlanItem, ReturnHome, Takeoff, Waypoint
from lenger_core.plans.own_json import write_plan
from lenger_core.terrain import load_globe
from lenger_mission.gate_command import GateRequest, make_case
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.checks import run_gate
from lenger_mission.plan_gate.flight import Flight
from mission_flights.flight import CEILING_AGL_M, Autopilot, Day, Engine, Place, ground, profile_of

Rng = np.random.Generator
Path2 = list[tuple[float, float]]

WIND_OFF_M_S, DIRECTION_OFF_DEG, TEMPERATURE_OFF_K = 2.0, 5.0, 5.0
"""By how much the forecast is wrong, each with a random sign."""
LOWEST_M, HIGHEST_M = 750.0, 3_500.0
STRONGEST_M_S = 10.0
"""Of the mean wind where it is flown: two thirds of what the vehicles fly, beyond which the gate lets nothing fly."""
BOX = (41.95, 42.35, 69.75, 70.55)
"""South, north, west, east of where the sites lie."""
SITE_WITHIN_M = 25.0
SHORTEST_S, LONGEST_S = 180.0, 900.0
DRAWS = 400
"""A plan is drawn so often before the seed is given up."""


@dataclass(frozen=True)
class Mission:
    """A seed's mission.

    Attributes:
        seed: of all of it.
        kind: one of KINDS.
        autopilot, vehicle, engine: what flies.
        plan: what is flown.
        day: the true weather.
        case: the plan with the forecast, as the gate is asked before the flight.
        strongest_m_s: strongest mean wind that the plan truly meets.
        drawn: how many plans were drawn until the gate let one fly.
    """

    seed: int
    kind: str
    autopilot: Autopilot
    vehicle: str
    engine: Engine
    plan: Plan
    day: Day
    case: Case
    strongest_m_s: float
    drawn: int

    @property
    def predicted_wh(self) -> float:
        """The gate's prediction."""
        return float(Flight(self.case.course, self.case.conditions).used_wh[-1])

    @property
    def true_day_wh(self) -> float:
        """What the gate would have predicted with a forecast that is right."""
        true = {
            "wind_m_s": self.day.wind_m_s,
            "wind_from_deg": self.day.wind_from_deg,
            "temperature_c": _celsius(self.case.course.home[2], self.day),
        }
        return float(Flight(self.case.course, self.case.conditions.model_copy(update=true)).used_wh[-1])

    def describe(self) -> str:
        """Return the mission in words."""
        c, d = self.case.conditions, self.day
        return (
            f"{self.autopilot} {self.vehicle} {self.engine} {self.kind}, home {self.case.course.home[2]:.0f} m, "
            f"wind to {self.strongest_m_s:.1f} m/s, at 10 m {d.wind_m_s:.1f} from {d.wind_from_deg:.0f} "
            f"(forecast {c.wind_m_s:.1f} from {c.wind_from_deg:.0f}), {d.isa_offset_k:+.0f} K to ISA"
        )


def mission_of(seed: int, folder: Path, scale: float = 1.0) -> Mission:
    """Return the mission of a seed.

    Args:
        seed: home is one of 30 steps from 750 m to 3,500 m high, the strongest wind one of 30 to 10 m/s, and
            autopilots and engines take turns.
        folder: for the plan file that the gate reads.
        scale: of the plans; 1: flights of 3 to 15 minutes as the gate sees them.

    Raises:
        LookupError: no plan was found that the gate lets fly.
    """
    rng = np.random.default_rng((seed, 6))
    autopilot: Autopilot = ("px4", "ardupilot")[seed % 2]  # type: ignore[assignment]
    vehicle = "hexa_7kg" if seed % 5 == 4 else "quad_2kg"
    engine: Engine = ("streamed", "uploaded")[seed // 2 % 2]  # type: ignore[assignment]
    height = LOWEST_M + (HIGHEST_M - LOWEST_M) * (seed % 30) / 29.0
    strongest = STRONGEST_M_S * (11 * seed % 30) / 29.0
    offset = float(rng.uniform(-15.0, 15.0))
    for drawn in range(1, DRAWS + 1):
        home = site(rng, height)
        kind = tuple(KINDS)[int(rng.integers(len(KINDS)))]
        blows_from, signs = float(rng.uniform(0.0, 360.0)), rng.choice((-1.0, 1.0), 3)
        plan = draw(rng, kind, home, vehicle, scale)
        if plan is None:
            continue
        file = folder / f"mission-{seed}.json"
        write_plan(plan, file)
        day = Day(strongest / _over_10m(file, vehicle, blows_from), blows_from, offset)
        case, _ = make_case(str(file), _forecast(vehicle, autopilot, day, signs, ground().height_amsl_m(*home)))
        if scale * SHORTEST_S <= case.course.duration_s <= LONGEST_S and run_gate(case).may_fly:
            return Mission(seed, kind, autopilot, vehicle, engine, plan, day, case, strongest, drawn)
    raise LookupError(f"seed {seed}: no plan may fly at {height:.0f} m")


def _over_10m(file: Path, vehicle: str, blows_from: float) -> float:
    """Return the strongest mean wind that a plan meets over that 10 m above flat ground."""
    stated = {"wind_m_s": 1.0, "wind_from_deg": blows_from}
    case, _ = make_case(str(file), GateRequest(vehicle=vehicle, trust="ground", stated=stated))
    return float(Flight(case.course, case.conditions).air.speed_m_s.max())


def _forecast(vehicle: str, autopilot: str, day: Day, signs: np.ndarray, home_amsl_m: float) -> GateRequest:
    wind = day.wind_m_s + WIND_OFF_M_S * float(signs[0])
    stated = {
        "wind_m_s": wind if wind >= 0.0 else day.wind_m_s + WIND_OFF_M_S,
        "wind_from_deg": (day.wind_from_deg + DIRECTION_OFF_DEG * float(signs[1])) % 360.0,
        "temperature_c": _celsius(home_amsl_m, day) + TEMPERATURE_OFF_K * float(signs[2]),
        "limits.ceiling_agl_m": CEILING_AGL_M,
    }
    return GateRequest(vehicle=vehicle, trust="ground", autopilot=autopilot, stated=stated)


def _celsius(alt_amsl_m: float, day: Day) -> float:
    return temperature_k(alt_amsl_m, day.isa_offset_k) - 273.15


def site(rng: Rng, height_amsl_m: float) -> Place:
    """Return a place of about that height that one can take off from."""
    globe, terrain = load_globe(), ground()
    while True:
        lat, lon = float(rng.uniform(*BOX[:2])), float(rng.uniform(*BOX[2:]))
        if abs(globe.height_amsl_m(lat, lon) - height_amsl_m) > 150.0:
            continue
        level = abs(terrain.height_amsl_m(lat, lon) - height_amsl_m) <= SITE_WITHIN_M
        if level and float(terrain.slopes_deg(np.array([lat]), np.array([lon]))[0]) < 12.0:
            return round(lat, 6), round(lon, 6)


# ------------------------------------------------------------ plans


def _turned(points: Path2, turn_rad: float) -> Path2:
    c, s = cos(turn_rad), sin(turn_rad)
    return [(c * e - s * n, s * e + c * n) for e, n in points]


def _patrol(rng: Rng) -> Path2:
    """A round of waypoints about a centre beside home."""
    count, size = int(rng.integers(3, 8)), float(rng.uniform(150.0, 900.0))
    angles = np.sort(rng.uniform(0.0, 2.0 * pi, count))
    return [(size * (1.0 + 0.9 * cos(a)), size * 0.9 * sin(a)) for a in angles]


def _survey(rng: Rng) -> Path2:
    """Rows to and fro beside home."""
    rows, apart, long = int(rng.integers(3, 9)), float(rng.uniform(20.0, 60.0)), float(rng.uniform(120.0, 500.0))
    begin = float(rng.uniform(50.0, 400.0))
    ends = [[(begin, k * apart), (begin + long, k * apart)][:: 1 if k % 2 == 0 else -1] for k in range(rows)]
    return [point for row in ends for point in row]


def _there_and_back(rng: Rng) -> Path2:
    """Out to a place, by a bend, and back the same way."""
    far = float(rng.uniform(400.0, 2_200.0))
    return [(0.5 * far, float(rng.uniform(-0.2, 0.2)) * far), (far, 0.0)]


def _delivery(rng: Rng) -> Path2:
    """One way, with the landing at its end."""
    return [(float(rng.uniform(500.0, 3_500.0)), 0.0)]


KINDS: dict[str, Callable[[Rng], Path2]] = {
    "patrol": _patrol,
    "survey": _survey,
    "there and back": _there_and_back,
    "delivery": _delivery,
}


def draw(rng: Rng, kind: str, home: Place, vehicle: str, scale: float) -> Plan | None:
    """Return a random plan of a kind, None where it leaves the land or comes too near to it or too far from it."""
    terrain, base = ground(), ground().height_amsl_m(*home)
    frame = LocalFrame(*home, base)
    path = _turned([(scale * e, scale * n) for e, n in KINDS[kind](rng)], float(rng.uniform(-pi, pi)))
    if max(hypot(e, n) for e, n in path) > 4_500.0:
        return None
    places = [frame.to_geodetic(e, n, 0.0)[:2] for e, n in path]
    datum = (Datum.AGL, Datum.AGL, Datum.AMSL, Datum.HOME)[int(rng.integers(4))]
    agl = float(rng.uniform(40.0, 40.0 + 70.0 * scale))
    try:
        grounds = [terrain.height_amsl_m(*place) for place in places]
    except InputError:
        return None
    level = max([base, *grounds]) + agl
    cruise = profile_of(vehicle).cruise_speed_m_s
    items: list[PlanItem] = [Takeoff(height=Height(value_m=round(agl, 1), datum=Datum.HOME))]
    if rng.random() < 0.5:
        items.append(ChangeSpeed(speed_m_s=round(float(rng.uniform(0.6, 1.3)) * cruise, 1)))
    for place, below in zip(places, grounds, strict=True):
        up = agl + float(rng.uniform(-10.0, 10.0))
        heights = {Datum.AGL: up, Datum.AMSL: max(below + up, level - 60.0), Datum.HOME: level - base}
        hold = float(rng.choice((0.0, 0.0, 0.0, 5.0, 20.0)))
        height = Height(value_m=round(heights[datum], 1), datum=datum)
        items.append(Waypoint(lat_deg=place[0], lon_deg=place[1], height=height, hold_s=hold))
    lands = Land(lat_deg=places[-1][0], lon_deg=places[-1][1])
    items.append(lands if kind == "delivery" else ReturnHome())
    return Plan(name=f"{kind}", home=Home(lat_deg=home[0], lon_deg=home[1], alt_amsl_m=base), items=tuple(items))
