"""Which way the lines of a survey run: what flying them costs in wind, and the directions worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, degrees, radians, sin

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.errors import InputError
from lenger_core.vehicles import VehicleProfile
from lenger_mission.patterns.sweep import Region, Run, sweep_runs

Array = NDArray[np.float64]

_STEP_DEG, _FINE_STEP_DEG = 15.0, 5.0
_MANY_LINES = 60
"""With more lines than that a line more or less makes no difference: bearings are looked at in coarse steps."""
_MOST_EDGES = 12
_LEAST_GROUND_M_S = 0.5
_PLAIN_ACCEL_M_S2 = 2.0
"""Without a vehicle a turn costs the time of a stop and a start at this."""


@dataclass(frozen=True)
class FlightCost:
    """What a metre and a turn cost, in joules with a vehicle, else in seconds.

    Attributes:
        speed_m_s: over the ground, where the wind lets the vehicle.
        wind_en_m_s: where the wind blows to, east and north.
        profile: the vehicle; None: only time counts.
        alt_amsl_m: height of flight, for the density of the air.
    """

    speed_m_s: float = 10.0
    wind_en_m_s: tuple[float, float] = (0.0, 0.0)
    profile: VehicleProfile | None = None
    alt_amsl_m: float = 1_000.0

    def __post_init__(self) -> None:
        if not 0.0 < self.speed_m_s <= 50.0:
            raise InputError("survey", "speed_m_s", self.speed_m_s, "above 0 to 50 m/s")

    def ground_speeds_m_s(self, direction_en: Array) -> Array:
        """Return (N,) speeds over the ground along unit vectors (N, 2): what is wanted, or what the wind leaves.

        Raises:
            InputError: the wind is too strong to fly there.
        """
        along, across = self._wind(direction_en)
        if self.profile is None:
            return np.full(len(along), self.speed_m_s)
        fastest = self.profile.max_speed_m_s
        most = along + np.sqrt(np.maximum(fastest**2 - across**2, 0.0))
        if (np.abs(across) >= fastest).any() or most.min() < _LEAST_GROUND_M_S:
            wind = f"{np.hypot(*self.wind_en_m_s):.1f} m/s of wind"
            raise InputError("survey", "wind", wind, f"less than the {fastest:g} m/s that {self.profile.name} flies")
        return np.asarray(np.minimum(most, self.speed_m_s))

    def per_metre(self, direction_en: Array) -> Array:
        """Return (N,) cost of a metre over the ground along unit vectors (N, 2)."""
        speed = self.ground_speeds_m_s(direction_en)
        if self.profile is None:
            return np.asarray(1.0 / speed)
        along, across = self._wind(direction_en)
        air = density_kg_m3(self.alt_amsl_m)
        return np.asarray(power_w(self.profile, air, np.hypot(speed - along, across), 0.0) / speed)

    @property
    def turn(self) -> float:
        """Cost of a corner in which the vehicle stops: the time that slowing down and speeding up lose."""
        if self.profile is None:
            return self.speed_m_s / _PLAIN_ACCEL_M_S2
        lost = 0.5 * self.speed_m_s * (1.0 / self.profile.max_accel_m_s2 + 1.0 / self.profile.max_brake_m_s2)
        wind = float(np.hypot(*self.wind_en_m_s))
        return lost * float(power_w(self.profile, density_kg_m3(self.alt_amsl_m), wind, 0.0))

    def of_track(self, points_en_m: Array) -> float:
        """Return the cost of flying a polyline (N, 2), stopping at each corner."""
        step = np.diff(points_en_m, axis=0)
        length = np.hypot(*step.T)
        step, length = step[length > 1e-6], length[length > 1e-6]
        if not len(step):
            return 0.0
        return float(length @ self.per_metre(step / length[:, None])) + self.turn * (len(step) - 1)

    def of_runs(self, runs: list[Run], bearing_deg: float) -> float:
        """Return about what runs cost, flown forth and back in turn, with a hop between neighbours."""
        along = np.array([[sin(radians(bearing_deg)), cos(radians(bearing_deg))]])
        across = np.array([[-along[0, 1], along[0, 0]]])
        ends = np.array([run.ends_en_m for run in runs])
        hops = float(np.hypot(*(ends[1:].mean(axis=1) - ends[:-1].mean(axis=1)).T).sum()) if len(runs) > 1 else 0.0
        both = self.per_metre(np.vstack([along, -along])).mean()
        aside = self.per_metre(np.vstack([across, -across])).mean()
        length = float(np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum())
        return length * float(both) + hops * float(aside) + 2.0 * self.turn * max(len(runs) - 1, 0)

    def _wind(self, direction_en: Array) -> tuple[Array, Array]:
        """Return the wind along directions (N, 2), positive from behind, and across them."""
        d, (e, n) = np.asarray(direction_en, float), self.wind_en_m_s
        return d[:, 0] * e + d[:, 1] * n, d[:, 0] * n - d[:, 1] * e


def best_bearings_deg(
    target: Region,
    flyable: Region,
    spacing_m: float,
    end_m: float,
    cost: FlightCost,
    count: int,
    spare_m2: float = 0.0,
) -> list[float]:
    """Return the bearings, 0 to below 180, whose lines cost least, the cheapest first.

    Looked at are those of the area's hull (over a convex area the fewest lines lie along one of its edges), of its own
    long edges, along and across the wind, and every 5 or 15 degrees.

    Raises:
        InputError: the wind is too strong for the vehicle along every bearing.
    """
    judged: list[tuple[float, float]] = []
    refused: InputError | None = None
    west, south, east, north = target.bounds
    coarse = max(east - west, north - south) / spacing_m > _MANY_LINES
    spare_m2 = 0.0 if coarse else spare_m2
    for bearing in _candidates_deg(target, cost.wind_en_m_s, _STEP_DEG if coarse else _FINE_STEP_DEG):
        runs = sweep_runs(target, flyable, bearing, spacing_m, end_m, spare_m2, trim=False)
        if not runs:
            continue
        try:
            judged.append((cost.of_runs(runs, bearing), bearing))
        except InputError as error:
            refused = error
    if not judged:
        raise refused or InputError("survey", "area", "no line that is legal", "an area wider than the clearance")
    return [bearing for _, bearing in sorted(judged)][:count]


def _candidates_deg(target: Region, wind: tuple[float, float], step_deg: float) -> list[float]:
    edges = [np.diff(np.asarray(target.convex_hull.exterior.coords), axis=0)]
    edges += [np.diff(np.asarray(part.exterior.coords), axis=0) for part in shapely.get_parts(target)]
    found = list(np.arange(0.0, 180.0, step_deg))
    for steps in edges:
        longest = steps[np.argsort(-np.hypot(*steps.T))][:_MOST_EDGES]
        found += [degrees(np.arctan2(e, n)) for e, n in longest]
    if any(wind):
        along = degrees(np.arctan2(*wind))
        found += [along, along + 90.0]
    return sorted({round(float(b) % 180.0, 2) % 180.0 for b in found})
