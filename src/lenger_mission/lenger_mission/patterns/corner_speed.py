"""How fast a vehicle takes the corners of a line, and what that leaves for the legs between them.

A corner is flown as the arc that is tangent to both legs and passes `cut_m` inside the corner; its radius r allows the
speed sqrt(a r), a the lateral acceleration that the vehicle has left (tilt, less what drag and wind take of it).
Between corners speeds follow v1^2 = v0^2 + 2 a s, so a short leg between slow corners has a low speed of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, sqrt, tan

import numpy as np
from numpy.typing import NDArray

from lenger_core import atmosphere
from lenger_core.errors import InputError
from lenger_core.vehicles import VehicleProfile
from lenger_mission.patterns.plane import in_range

Array = NDArray[np.float64]

GRAVITY_M_S2 = 9.80665
EFFORT = 0.8
"""Share of the profile's accelerations that a plan uses."""

CRAWL_M_S = 0.5
"""Speed at which a reversal counts as taken without a stop."""

_STRAIGHT_RAD = 1e-3


@dataclass(frozen=True)
class Agility:
    """What a vehicle has for changes of velocity, m/s2, all above 0: speeding up, braking, turning."""

    accel_m_s2: float
    brake_m_s2: float
    lateral_m_s2: float


@dataclass(frozen=True)
class CornerPlan:
    """Speeds along a line of N vertices; arrays are read-only.

    Attributes:
        corner_m_s: (N,) speed at each vertex; at the ends and stops 0.
        radius_m: (N,) of the arc there: infinite where the line is straight, 0 at reversals, stops and ends.
        lead_m: (N,) how far before the vertex the arc begins, and behind it ends.
        leg_m_s: (N-1,) the highest speed that is reached on each leg.
        duration_s: of the whole line, from standing to standing.
    """

    corner_m_s: Array
    radius_m: Array
    lead_m: Array
    leg_m_s: Array
    duration_s: float


def agility_of(
    profile: VehicleProfile, speed_m_s: float, wind_m_s: float = 0.0, alt_amsl_m: float = 0.0, effort: float = EFFORT
) -> Agility:
    """Return what the vehicle has left at a speed over the ground, in head wind, at a height (standard atmosphere).

    Tilt gives g tan(tilt) in all; drag along the track takes its part (at right angles), the profile's own limit caps
    the rest.

    Raises:
        InputError: the drag takes all of the tilt: the vehicle cannot fly that fast into that wind.
    """
    tilt = GRAVITY_M_S2 * tan(radians(profile.max_tilt_deg))
    density = atmosphere.density_kg_m3(alt_amsl_m)
    drag = 0.5 * density * profile.drag_area_m2 * (speed_m_s + wind_m_s) ** 2 / profile.mass_kg
    if drag >= tilt:
        most = sqrt(2.0 * tilt * profile.mass_kg / (density * profile.drag_area_m2))
        raise InputError(
            profile.name, "speed through the air in m/s", round(speed_m_s + wind_m_s, 1), f"below {most:.1f}"
        )
    lateral = min(profile.max_accel_m_s2, sqrt(tilt**2 - drag**2))
    return Agility(effort * profile.max_accel_m_s2, effort * profile.max_brake_m_s2, effort * lateral)


def cornering_radius_m(speed_m_s: float, lateral_m_s2: float) -> float:
    """Return the radius of the tightest turn at a speed: v^2 / a."""
    return speed_m_s**2 / lateral_m_s2


def circling_speed_m_s(radius_m: float, lateral_m_s2: float) -> float:
    """Return the highest speed on a circle: sqrt(a r)."""
    return sqrt(lateral_m_s2 * radius_m)


def corner_plan(
    line_m: Array,
    wanted_m_s: float | Array,
    agility: Agility,
    cut_m: float = 2.0,
    stops: NDArray[np.bool_] | None = None,
) -> CornerPlan:
    """Return the speeds at the corners and on the legs of a line.

    Args:
        line_m: (N, 2) or (N, 3) vertices in metres, N of at least 2; corners are those of the map.
        wanted_m_s: over the ground, where nothing slows down; one for all legs, or (N-1,).
        agility: of the vehicle.
        cut_m: how far inside a corner the arc may pass.
        stops: (N,) vertices where the vehicle stops; at both ends it does anyway.

    Raises:
        InputError: a number out of range or fewer than two vertices.
    """
    in_range("corner speed", "cut_m", cut_m, 0.05, 500.0)
    line = np.asarray(line_m, dtype=np.float64)
    if line.ndim != 2 or line.shape[1] not in (2, 3) or len(line) < 2 or not np.isfinite(line).all():
        raise InputError("corner speed", "line", line.shape, "finite numbers of shape (N, 2), N of at least 2")
    wanted = np.broadcast_to(np.asarray(wanted_m_s, dtype=np.float64), len(line) - 1)
    for speed in (float(wanted.min()), float(wanted.max())):
        in_range("corner speed", "wanted_m_s", speed, 0.1, 50.0)
    steps = np.diff(line[:, :2], axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    radius, lead = _arcs(steps, lengths, cut_m)
    cap = np.sqrt(agility.lateral_m_s2 * np.minimum(radius, 1e9))
    cap[1:-1] = np.minimum(np.maximum(cap[1:-1], CRAWL_M_S), np.minimum(wanted[:-1], wanted[1:]))
    if stops is not None:
        cap[stops], radius[stops], lead[stops] = 0.0, 0.0, 0.0
    runs = np.maximum(lengths - lead[:-1] - lead[1:], 0.0)
    corner = _reachable(cap, runs, agility)
    top = _tops(corner, runs, wanted, agility)
    arcs = 2.0 * np.arctan2(lead, radius) * np.where(np.isfinite(radius), radius, 0.0)
    duration = _duration_s(corner, top, runs, arcs, agility)
    for array in (corner, radius, lead, top):
        array.setflags(write=False)
    return CornerPlan(corner, radius, lead, top, duration)


def _arcs(steps: Array, lengths: Array, cut_m: float) -> tuple[Array, Array]:
    """Radius (N,) and lead (N,) of the arc at each vertex: cut = r (1 / cos(half) - 1), lead = r tan(half)."""
    radius, lead = np.zeros(len(steps) + 1), np.zeros(len(steps) + 1)
    before, after = steps[:-1], steps[1:]
    turn = np.arctan2(
        np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]), np.einsum("ij,ij->i", before, after)
    )
    half = 0.5 * turn
    straight, back = half < _STRAIGHT_RAD, half > 0.5 * np.pi - _STRAIGHT_RAD
    bent = np.where(straight | back, 0.5, half)
    wide = cut_m * np.cos(bent) / (1.0 - np.cos(bent))
    room = 0.5 * np.minimum(lengths[:-1], lengths[1:])
    leads = np.minimum(wide * np.tan(bent), room)
    radius[1:-1] = np.where(straight, np.inf, np.where(back, 0.0, leads / np.tan(bent)))
    lead[1:-1] = np.where(straight | back, 0.0, leads)
    return radius, lead


def _reachable(cap: Array, runs: Array, agility: Agility) -> Array:
    """Lower speeds at vertices until each can be reached from its neighbours."""
    speed = cap.copy()
    speed[0] = speed[-1] = 0.0
    for i in range(len(runs)):
        speed[i + 1] = min(speed[i + 1], sqrt(speed[i] ** 2 + 2.0 * agility.accel_m_s2 * runs[i]))
    for i in range(len(runs) - 1, -1, -1):
        speed[i] = min(speed[i], sqrt(speed[i + 1] ** 2 + 2.0 * agility.brake_m_s2 * runs[i]))
    return speed


def _tops(corner: Array, runs: Array, wanted_m_s: Array, agility: Agility) -> Array:
    """Return the highest speed on each leg (N-1,): where speeding up meets braking, or what is wanted."""
    a, b = agility.accel_m_s2, agility.brake_m_s2
    meet = np.sqrt((b * corner[:-1] ** 2 + a * corner[1:] ** 2 + 2.0 * a * b * runs) / (a + b))
    return np.asarray(np.minimum(wanted_m_s, np.maximum(meet, np.maximum(corner[:-1], corner[1:]))))


def _duration_s(corner: Array, top: Array, runs: Array, arcs: Array, agility: Agility) -> float:
    a, b = agility.accel_m_s2, agility.brake_m_s2
    up, down = (top**2 - corner[:-1] ** 2) / (2.0 * a), (top**2 - corner[1:] ** 2) / (2.0 * b)
    cruise = np.maximum(runs - up - down, 0.0) / np.maximum(top, 1e-9)
    straight = (top - corner[:-1]) / a + (top - corner[1:]) / b + cruise
    return float(straight.sum() + (arcs / np.maximum(corner, 1e-9))[1:-1].sum())
