"""Speeds and acceptance radii of a flat plan that the vehicle can fly: corners, climbs and descents."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from lenger_core.plans import ChangeSpeed, Complex, Datum, Height, Land, Loiter, Plan, ReturnHome, Simple, Waypoint
from lenger_core.vehicles import VehicleProfile
from lenger_mission.patterns.corner_speed import EFFORT, CornerPlan, agility_of, corner_plan
from lenger_mission.patterns.plane import plane_about

Array = NDArray[np.float64]
LatLon = tuple[float, float]

STEP_M_S = 0.5
"""Speeds are whole steps, rounded down: each change is one item more in an autopilot's mission."""

LEAST_M_S = 0.5
LEAST_ACCEPTANCE_M = 1.0
"""An autopilot that is off by this much still finds its waypoint."""

_HERE_M = 0.05


@dataclass(frozen=True)
class _Leg:
    """One leg: its item, where it ends, its wanted speed, the height AMSL there, whether it ends in a stop."""

    index: int
    place: LatLon
    wanted_m_s: float
    amsl_m: float | None
    stop: bool


def with_speeds(plan: Plan, profile: VehicleProfile, wind_m_s: float = 0.0, cut_m: float = 2.0) -> Plan:
    """Return the plan with a speed on each leg that the vehicle reaches, and acceptance radii that hold the corners.

    A leg is no faster than its corners and its length allow, nor than the climb or descent along it; where the height
    above sea level is not known (above ground) that is left to whoever follows the ground. A corner's acceptance radius
    is where its arc begins, so that an autopilot which turns there cuts no more than `cut_m`.

    Args:
        plan: flat; its speeds are the wanted ones, without any the profile's cruise speed.
        profile: of the vehicle.
        wind_m_s: head wind to plan for.
        cut_m: how far inside a corner the track may pass.

    Raises:
        InputError: a speed that the vehicle cannot fly against the wind.
    """
    legs = _legs(plan, profile)
    if not legs:
        return plan
    plane = plane_about(plan.home.lat_deg, plan.home.lon_deg)
    places = np.array([(plan.home.lat_deg, plan.home.lon_deg), *(leg.place for leg in legs)])
    line = plane.to_local_many(places[:, 0], places[:, 1])
    corners = _corners(line, legs, plan, profile, wind_m_s, cut_m)
    steep = _climb_limits(line, legs, plan.home.alt_amsl_m, profile)
    speeds = np.where(_on_the_spot(line), inf, np.minimum(corners.leg_m_s, steep))
    found = {leg.index: (leg, _rounded(float(s), leg.wanted_m_s)) for leg, s in zip(legs, speeds, strict=True)}
    leads = {leg.index: float(lead) for leg, lead in zip(legs, corners.lead_m[1:], strict=True)}
    return plan.model_copy(update={"items": tuple(_written(plan, found, leads))})


def _legs(plan: Plan, profile: VehicleProfile) -> list[_Leg]:
    """The legs, up to the first landing."""
    speed = plan.cruise_speed_m_s or profile.cruise_speed_m_s
    home, legs = (plan.home.lat_deg, plan.home.lon_deg), []
    for index, item in enumerate(plan.items):
        if isinstance(item, ChangeSpeed):
            speed = item.speed_m_s
        elif isinstance(item, Waypoint):
            speed = item.speed_m_s or speed
            amsl = _amsl(item.height, plan)
            legs.append(_Leg(index, (item.lat_deg, item.lon_deg), speed, amsl, item.hold_s > 0.0))
        elif isinstance(item, Loiter):
            legs.append(_Leg(index, (item.lat_deg, item.lon_deg), speed, _amsl(item.height, plan), True))
        elif isinstance(item, ReturnHome | Land):
            there = isinstance(item, Land) and item.lat_deg is not None and item.lon_deg is not None
            if there or isinstance(item, ReturnHome):
                place = (item.lat_deg or 0.0, item.lon_deg or 0.0) if isinstance(item, Land) else home
                legs.append(_Leg(index, place, speed, legs[-1].amsl_m if legs else None, True))
            break
    return legs


def _amsl(height: Height, plan: Plan) -> float | None:
    if height.datum is Datum.HOME:
        return None if plan.home.alt_amsl_m is None else plan.home.alt_amsl_m + height.value_m
    return height.value_m if height.datum is Datum.AMSL else None


def _corners(
    line: Array, legs: list[_Leg], plan: Plan, profile: VehicleProfile, wind_m_s: float, cut_m: float
) -> CornerPlan:
    wanted = np.array([leg.wanted_m_s for leg in legs])
    known = [leg.amsl_m for leg in legs if leg.amsl_m is not None]
    agility = agility_of(profile, float(wanted.max()), wind_m_s, max([plan.home.alt_amsl_m or 0.0, *known]))
    stops = np.array([True, *(leg.stop for leg in legs)])
    here = _on_the_spot(line)
    stops[:-1] |= here
    stops[1:] |= here
    return corner_plan(line, wanted, agility, cut_m, stops)


def _on_the_spot(line: Array) -> NDArray[np.bool_]:
    """Which legs (N-1,) only climb or descend."""
    return np.asarray(np.linalg.norm(np.diff(line, axis=0), axis=1) < _HERE_M)


def _climb_limits(line: Array, legs: list[_Leg], home_amsl_m: float | None, profile: VehicleProfile) -> Array:
    """The speed over the ground (N-1,) at which a leg's rise or fall takes the vehicle's climb or descent speed."""
    heights = [home_amsl_m, *(leg.amsl_m for leg in legs)]
    heights[0] = heights[1]  # the take-off climbs on the spot
    rise = np.diff(np.array([np.nan if h is None else h for h in heights]))
    run = np.maximum(np.linalg.norm(np.diff(line, axis=0), axis=1), 1e-3)
    most = np.where(rise > 0.0, EFFORT * profile.max_climb_m_s, EFFORT * profile.max_descent_m_s)
    limit = most * run / np.maximum(np.abs(rise), 1e-9)
    return np.asarray(np.where(np.isfinite(limit), limit, inf))


def _rounded(speed_m_s: float, wanted_m_s: float) -> float:
    if speed_m_s > wanted_m_s - 1e-6:
        return wanted_m_s
    return max(LEAST_M_S, floor(speed_m_s / STEP_M_S + 1e-9) * STEP_M_S)


def _written(plan: Plan, found: dict[int, tuple[_Leg, float]], leads: dict[int, float]) -> list[Simple | Complex]:
    """The items, a speed wherever it changes; before what has no speed of its own, the wanted one again."""
    now = plan.cruise_speed_m_s
    items: list[Simple | Complex] = []
    item: Simple | Complex
    for index, item in enumerate(plan.items):
        if isinstance(item, ChangeSpeed):
            now = item.speed_m_s
        elif index in found:
            leg, speed = found[index]
            if isinstance(item, Waypoint):
                radius = item.acceptance_radius_m
                if radius is None and leads[index] > 0.0:
                    radius = round(max(leads[index], LEAST_ACCEPTANCE_M), 1)
                new = None if speed == now else speed
                item = item.model_copy(update={"speed_m_s": new, "acceptance_radius_m": radius})
                now = speed
            elif now is not None and now != leg.wanted_m_s:
                now = leg.wanted_m_s
                items.append(ChangeSpeed(speed_m_s=now))
        items.append(item)
    return items
