"""Good plans by construction: drawn well within what rules of thumb allow, without asking the gate.

Energy by the actuator disc, sight by sampled straight rays over a flat Earth, heights by the relief around the site.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import pairwise
from math import cos, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from lenger_core.plans import ChangeSpeed, Datum, Height, RallyPoint, ReturnHome, Takeoff
from lenger_core.terrain import Terrain, load_terrain
from lenger_core.zone_model import BorderShape, CircleShape, HeightLimit, Zone, ZoneKind
from lenger_core.zone_model import Datum as ZoneDatum
from lenger_mission.plan_gate.case import Autopilot
from plan_gate.draft import Draft, Point

Array = NDArray[np.float64]
Rng = np.random.Generator

WATTS = {"quad_2kg": 270.0, "hexa_7kg": 800.0}
"""Hovering by the actuator disc with the profile's figure of merit, a quarter more."""
USABLE_WH = {"quad_2kg": 0.6 * 55.0, "hexa_7kg": 0.6 * 420.0}
"""Well under what is left at 15 degrees above the reserve."""


@cache
def ground() -> Terrain:
    """The land around Lenger as the simulator has it."""
    return load_terrain().as_ground()


def good_draft(seed: int) -> Draft:
    """Return the good plan of a seed, not yet put together."""
    rng = np.random.Generator(np.random.PCG64(seed))
    while True:
        draft = _drawn(rng)
        if draft is not None:
            return draft


def _drawn(rng: Rng) -> Draft | None:
    home = (42.1819 + rng.uniform(-0.05, 0.05), 69.8878 + rng.uniform(-0.06, 0.06))
    vehicle = str(rng.choice(list(WATTS)))
    draft = Draft(ground(), home, vehicle, [])
    places = _places(rng)
    reach = max(float(np.hypot(*place)) for place in places)
    relief = _relief(draft, reach + 200.0)
    if relief is None:
        return None
    wind = float(rng.uniform(0.0, 4.0))
    speed = float(rng.uniform(5.0, min(12.0, 13.0 - 1.7 * wind)))
    flown = _height(rng, *relief)
    if flown is None or not _affordable(draft, places, speed) or not _in_sight(draft, places, 55.0):
        return None
    height, datum = flown
    takeoff = Takeoff(height=Height(value_m=height, datum=datum))
    draft.items = [takeoff, ChangeSpeed(speed_m_s=speed)]
    draft.items += [draft.waypoint(place, height, datum, hold_s=float(rng.choice([0.0, 0.0, 5.0]))) for place in places]
    draft.items.append(ReturnHome())
    _day(rng, draft, wind)
    _surroundings(rng, draft, reach)
    return draft


def _places(rng: Rng) -> list[Point]:
    """Places of a tour, a lawn mower's lines, a ring or a line, none nearer than 60 m to the next."""
    kind, turn = int(rng.integers(4)), float(rng.uniform(0.0, 2.0 * pi))
    if kind == 0:
        angles = np.sort(rng.uniform(0.0, 2.0 * pi, int(rng.integers(3, 7))))
        raw = [(r * cos(a), r * sin(a)) for a, r in zip(angles, rng.uniform(150.0, 700.0, len(angles)), strict=True)]
    elif kind == 1:
        rows, length, gap = int(rng.integers(2, 6)), float(rng.uniform(200.0, 500.0)), float(rng.uniform(60.0, 90.0))
        raw = [(100.0 + gap * k, side * length) for k in range(rows) for side in ((0.0, 1.0) if k % 2 else (1.0, 0.0))]
    elif kind == 2:
        count, radius = int(rng.integers(6, 13)), float(rng.uniform(130.0, 300.0))
        raw = [(400.0 + radius * cos(2 * pi * k / count), radius * sin(2 * pi * k / count)) for k in range(count)]
    else:
        raw = [(200.0 + 150.0 * k, 0.0) for k in range(int(rng.integers(1, 6)))]
    turned = [(x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)) for x, y in raw]
    kept = [turned[0]]
    for place in turned[1:]:
        if np.hypot(place[0] - kept[-1][0], place[1] - kept[-1][1]) > 60.0:
            kept.append(place)
    return kept


def _relief(draft: Draft, reach_m: float) -> tuple[float, float] | None:
    """Lowest and highest ground around home against home's; None where it is too rough for a plain flight."""
    along = np.linspace(-reach_m, reach_m, 25)
    corners = [draft.geo((-reach_m, -reach_m)), draft.geo((reach_m, reach_m))]
    lat = np.interp(along, along[[0, -1]], [corners[0][0], corners[1][0]])
    lon = np.interp(along, along[[0, -1]], [corners[0][1], corners[1][1]])
    heights = draft.terrain.heights_amsl_m(*np.meshgrid(lat, lon)) - draft.ground_m
    slope = float(draft.terrain.slopes_deg(np.array(draft.home[:1]), np.array(draft.home[1:]))[0])
    steepest = float(np.abs(np.diff(heights, axis=1)).max() / (along[1] - along[0]))
    if np.ptp(heights) > 160.0 or slope > 8.0 or steepest > 0.15:
        return None
    return float(heights.min()), float(heights.max())


def _height(rng: Rng, low: float, high: float) -> tuple[float, Datum] | None:
    """A height that is 45 m or more over all ground and 135 m or less over it, or one over the ground; None where
    neither fits."""
    least, most = high + 45.0, low + 135.0
    if least < most and most > 45.0 and rng.random() < 0.6:
        return float(rng.uniform(max(least, 45.0), most)), Datum.HOME
    room = max(high - low, 0.0)
    if room > 50.0:
        return None
    # The return is level: at the height of the last place it must also fit over the lowest and the highest ground.
    return float(rng.uniform(max(60.0, 30.0 + room), min(110.0, 140.0 - room))), Datum.AGL


def _affordable(draft: Draft, places: list[Point], speed: float) -> bool:
    path = np.array([(0.0, 0.0), *places, (0.0, 0.0)])
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    seconds = length / speed + 15.0 * len(places) + 240.0
    return seconds * WATTS[draft.vehicle] / 3600.0 < USABLE_WH[draft.vehicle]


def _in_sight(draft: Draft, places: list[Point], height_m: float) -> bool:
    """Whether straight rays to and between all places pass 15 m and more over the ground; 100 samples each."""
    part = np.linspace(0.0, 1.0, 100)
    spots = [*places, *((0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])) for a, b in pairwise(places))]
    for place in spots:
        lat, lon = draft.geo(place)
        ground_m = draft.terrain.heights_amsl_m(
            draft.home[0] + part * (lat - draft.home[0]), draft.home[1] + part * (lon - draft.home[1])
        )
        ray = (ground_m[0] + 2.0) * (1.0 - part) + (ground_m[-1] + height_m) * part
        if (ray - ground_m < np.minimum(15.0, 1.0 + 60.0 * part)).any():
            return False
    return True


def _day(rng: Rng, draft: Draft, wind: float) -> None:
    noonish = datetime(2026, 1, 1, 6, tzinfo=timezone.utc) + timedelta(
        days=int(rng.integers(365)), hours=float(rng.uniform(0.0, 3.0))
    )
    draft.day = {
        "wind_m_s": wind,
        "wind_from_deg": float(rng.uniform(0.0, 360.0)),
        "temperature_c": float(rng.uniform(-5.0, 32.0)),
        "battery_c": float(rng.uniform(16.0, 32.0)),
        "take_off_utc": noonish,
        "lights": bool(rng.random() < 0.5),
    }


def _surroundings(rng: Rng, draft: Draft, reach_m: float) -> None:
    """A field to stay in with a ceiling, a zone to stay out of, a border far enough, rally points, an autopilot."""
    ceiling = HeightLimit(160.0, ZoneDatum.AGL)
    field = CircleShape(*draft.home, reach_m + 150.0)
    draft.zones.append(Zone("field", ZoneKind.INCLUSION, field, ceiling=ceiling))
    angle = float(rng.uniform(0.0, 2.0 * pi))
    out = reach_m + 300.0
    away = CircleShape(*draft.geo((out * cos(angle), out * sin(angle))), float(rng.uniform(50.0, 200.0)))
    draft.zones.append(Zone("village", ZoneKind.EXCLUSION, away))
    if rng.random() < 0.5:
        line = draft.geo((reach_m + 700.0, -3_000.0)), draft.geo((reach_m + 700.0, 3_000.0))
        draft.zones.append(Zone("border", ZoneKind.EXCLUSION, BorderShape(line, "right", 100.0)))
    if rng.random() < 0.5:
        lat, lon = draft.geo((30.0, 40.0))
        draft.rally.append(RallyPoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=50.0, datum=Datum.AGL)))
    autopilots: tuple[Autopilot, ...] = ("", "px4", "ardupilot")
    draft.autopilot = autopilots[int(rng.integers(3))]


def bearing_deg(from_: Point, to: Point) -> float:
    """Compass direction from a place to another."""
    return float(np.degrees(np.arctan2(to[0] - from_[0], to[1] - from_[1]))) % 360.0


def offset(place: Point, bearing: float, metres: float) -> Point:
    """A place so far from another."""
    return place[0] + metres * sin(radians(bearing)), place[1] + metres * cos(radians(bearing))
