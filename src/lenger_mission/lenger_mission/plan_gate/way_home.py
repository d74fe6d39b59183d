"""The way home from places of a course: how long it takes and what it costs, against the wind and over the ground.

It is flown as a safe return flies where nothing is in the way: up to a height that clears home and the ground between,
straight home at cruise speed or as fast as the wind allows, and down. What the way around a zone adds is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.energy import power_w
from lenger_mission.plan_gate.air import air_at, densities_kg_m3
from lenger_mission.plan_gate.course import runs_m
from lenger_mission.plan_gate.course_ground import ground_of
from lenger_mission.plan_gate.course_speed import Pace, landing_time_s
from lenger_mission.plan_gate.flight import Flight

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOWEST_M_S = 0.5
"""Slower over the ground is not coming home."""
_GROUND_POINTS = 25
_AIR_POINTS = 7


@dataclass(frozen=True)
class WaysHome:
    """The ways home from K places.

    Attributes:
        energy_wh: (K,) infinite where the wind does not let the vehicle come home.
        time_s: (K,).
        distance_m: (K,).
        height_amsl_m: (K,) at which it flies.
        speed_m_s: (K,) slowest speed over the ground that the wind leaves; negative or -inf where it is carried away.
    """

    energy_wh: Array
    time_s: Array
    distance_m: Array
    height_amsl_m: Array
    speed_m_s: Array


def ways_home(flight: Flight, samples: Ints) -> WaysHome:
    """Return the ways home from samples (K,) of a course."""
    lat, lon = flight.course.lat_deg[samples], flight.course.lon_deg[samples]
    alt, pace = flight.alt_amsl_m[samples], Pace.of(flight.profile)
    height = _heights(flight, lat, lon, alt)
    home = flight.course.home
    both = np.column_stack([lat, np.full(len(lat), home[0])]), np.column_stack([lon, np.full(len(lon), home[1])])
    distance = runs_m(both[0].ravel(), both[1].ravel())[::2]
    cruise_w, speed = _cruise(flight, lat, lon, height)
    slowest = speed.min(axis=1) if len(speed) else np.zeros(0)
    able = (slowest >= SLOWEST_M_S) | (distance < 1.0)
    shares = 1.0 / np.maximum(speed, SLOWEST_M_S)
    cruise_s = distance * shares.mean(axis=1)
    cruise_j = distance * (cruise_w * shares).mean(axis=1)
    climb_s = np.maximum(height - alt, 0.0) / pace.climb_m_s
    density = densities_kg_m3(height, flight.conditions.isa_offset_k(flight.home_amsl_m))
    climb_w = power_w(flight.profile, density, 0.0, pace.climb_m_s)
    hover_w = power_w(flight.profile, density, 0.0, 0.0)
    down_s = np.array([landing_time_s(float(drop), pace) for drop in height - flight.home_amsl_m])
    joule = cruise_j + climb_w * climb_s + hover_w * down_s
    return WaysHome(
        np.where(able, joule / 3600.0, np.inf), np.where(able, cruise_s + climb_s + down_s, np.inf), distance, height,
        slowest,
    )  # fmt: skip


def _heights(flight: Flight, lat: Array, lon: Array, alt: Array) -> Array:
    """(K,) heights of the ways home: no lower than the place, clear of home and of the ground between."""
    lats, lons = _between(flight, lat, lon, np.linspace(0.0, 1.0, _GROUND_POINTS))
    ground = ground_of(flight.course.terrain, lats.ravel(), lons.ravel())
    top = np.nan_to_num(ground.height_amsl_m + ground.error_m, nan=flight.home_amsl_m).reshape(lats.shape)
    margins = flight.conditions.margins
    over = top.max(axis=1, initial=-np.inf) + margins.return_clearance_m
    least = flight.home_amsl_m + margins.return_height_home_m
    return np.asarray(np.maximum(np.maximum(alt, over), least))


def _cruise(flight: Flight, lat: Array, lon: Array, height: Array) -> tuple[Array, Array]:
    """(K, P) power and speed over the ground at points of the ways home; a speed under 0 is a way backward."""
    parts = (np.arange(_AIR_POINTS) + 0.5) / _AIR_POINTS
    lats, lons = _between(flight, lat, lon, parts)
    level = np.repeat(height[:, None], _AIR_POINTS, axis=1)
    home = flight.course.home
    air = air_at(
        flight.course.terrain, flight.conditions, flight.home_amsl_m, lats.ravel(), lons.ravel(), level.ravel()
    )
    east = (home[1] - lon) * np.cos(np.radians(home[0]))
    way = np.column_stack([east, home[0] - lat])
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-12)
    way = np.repeat(way / length[:, None], _AIR_POINTS, axis=0)
    tail = (air.wind_enu_m_s[:, :2] * way).sum(axis=1)
    cross = air.wind_enu_m_s[:, 0] * way[:, 1] - air.wind_enu_m_s[:, 1] * way[:, 0]
    speed = np.minimum(flight.profile.cruise_speed_m_s, fastest_m_s(flight.profile.max_speed_m_s, tail, cross))
    through = np.hypot(np.maximum(speed, 0.0) - tail, cross)
    watts = power_w(flight.profile, air.density_kg_m3, through, np.maximum(-air.wind_enu_m_s[:, 2], 0.0))
    return watts.reshape(lats.shape), speed.reshape(lats.shape)


def fastest_m_s(airspeed_m_s: float, tail_m_s: Array, cross_m_s: Array) -> Array:
    """Return the fastest speed along a track with an airspeed, -inf where the wind across it is stronger.

    The wind triangle: tail + sqrt(airspeed^2 - cross^2).

    Args:
        airspeed_m_s: that can be flown.
        tail_m_s: wind along the track, negative against it.
        cross_m_s: wind across it.
    """
    left = airspeed_m_s**2 - np.asarray(cross_m_s) ** 2
    return np.where(left >= 0.0, tail_m_s + np.sqrt(np.maximum(left, 0.0)), -np.inf)


def _between(flight: Flight, lat: Array, lon: Array, parts: Array) -> tuple[Array, Array]:
    """(K, P) points on the straight ways home at parts (P,) of them."""
    home = flight.course.home
    return lat[:, None] + (home[0] - lat)[:, None] * parts, lon[:, None] + (home[1] - lon)[:, None] * parts
