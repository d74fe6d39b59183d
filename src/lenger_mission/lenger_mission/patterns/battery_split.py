"""A long track in several flights, each with enough in the battery to come home from anywhere on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w, usable_wh
from lenger_core.errors import InputError
from lenger_core.vehicles import VehicleProfile
from lenger_mission.patterns.sweep import Flags
from lenger_mission.patterns.sweep_direction import FlightCost
from lenger_mission.patterns.sweep_route import Router

Array = NDArray[np.float64]

MAX_SORTIES = 200
_PIECE_M = 100.0
_MOST_PIECES = 20_000
_WORTH = 0.9
"""A flight ends with a line, where that is not more than a tenth less than it could fly."""


@dataclass(frozen=True)
class FlightDay:
    """What flies, and in what.

    Attributes:
        profile: the vehicle, with the reserve that its battery keeps.
        speed_m_s: over the ground, where the wind lets it.
        wind_en_m_s: where the wind blows to.
        isa_offset_k: of the air's temperature.
        charge: state of charge at take-off, 0 to 1.
        cell_k: temperature of the battery; NaN: warm.
        share: of the energy down to the reserve that flights may take.
    """

    profile: VehicleProfile
    speed_m_s: float
    wind_en_m_s: tuple[float, float] = (0.0, 0.0)
    isa_offset_k: float = 0.0
    charge: float = 1.0
    cell_k: float = float("nan")
    share: float = 1.0

    def legs_wh(self, points_m: Array) -> Array:
        """Return (N - 1,) energies of the legs between points (N, 3) east, north, AMSL, corners flown as stops.

        Raises:
            InputError: the wind is too strong.
        """
        step = np.diff(np.asarray(points_m, float), axis=0)
        if not len(step):
            return np.zeros(0)
        run = np.hypot(step[:, 0], step[:, 1])
        way = np.where(run[:, None] > 1e-6, step[:, :2] / np.maximum(run, 1e-6)[:, None], [1.0, 0.0])
        flies = run > 1e-6
        cost = FlightCost(self.speed_m_s, self.wind_en_m_s, self.profile, float(points_m[:, 2].mean()))
        wanted = np.where(flies, cost.ground_speeds_m_s(np.where(flies[:, None], way, self._downwind)), np.inf)
        fastest = np.where(step[:, 2] > 0.0, self.profile.max_climb_m_s, self.profile.max_descent_m_s)
        time = np.maximum(run / wanted, np.abs(step[:, 2]) / fastest)
        safe = np.maximum(time, 1e-9)
        air = way * (run / safe)[:, None] - np.array(self.wind_en_m_s)
        density = density_kg_m3(float(points_m[:, 2].mean()), self.isa_offset_k)
        power = power_w(self.profile, density, np.hypot(air[:, 0], air[:, 1]), step[:, 2] / safe)
        return np.asarray(power * time / 3600.0 + _turns_wh(way, run, cost))

    @property
    def usable_wh(self) -> float:
        """What a flight may take: down to the reserve, and its share of that."""
        return self.share * usable_wh(self.profile, self.charge, self.cell_k)

    @property
    def _downwind(self) -> Array:
        wind = np.array(self.wind_en_m_s)
        speed = float(np.hypot(*wind))
        return wind / speed if speed > 0.0 else np.array([1.0, 0.0])


@dataclass(frozen=True)
class Sortie:
    """One flight of several; arrays are read-only.

    Attributes:
        points_m: (K, 3) east, north, AMSL: its part of the track.
        photo: (K - 1,) whether the camera works.
        out_en_m, home_en_m: (W, 2) the ways from home to the first point and from the last one home.
        energy_wh: of the whole flight.
    """

    points_m: Array
    photo: Flags
    out_en_m: Array
    home_en_m: Array
    energy_wh: float


def split_by_battery(
    points_m: Array, photo: Flags, home_m: Array, day: FlightDay, router: Router | None = None
) -> tuple[Sortie, ...]:
    """Return the flights that a track takes, each as long as its battery lets it come home after.

    The ways from and to home are level at the height of the place where they meet the track, straight or by the router.

    Args:
        points_m: (N, 3) east, north, AMSL, N of at least 2.
        photo: (N - 1,) whether the camera works along each leg.
        home_m: (3,) east, north, AMSL.
        day: vehicle and weather.
        router: of legal ways; None: straight.

    Raises:
        InputError: a part of the track lies too far from home for any flight, the wind is too strong, or more than
            `MAX_SORTIES` flights.
    """
    return split_nodes(*_cut(np.asarray(points_m, float), np.asarray(photo, bool)), home_m, day, router)


def split_nodes(
    nodes: Array, on: Flags, home_m: Array, day: FlightDay, router: Router | None = None
) -> tuple[Sortie, ...]:
    """Return the flights of a track that changes between two of them at one of its points only.

    Args:
        nodes: (N, 3) east, north, AMSL, near to each other.
        on: (N - 1,) whether the camera works.
        home_m, day, router: see `split_by_battery`; raises what that raises.
    """
    spent = np.concatenate([[0.0], np.cumsum(day.legs_wh(nodes))])
    ways = [_way(home_m, node, router) for node in nodes]
    out = np.array([_way_wh(home_m, way, node, day, outward=True) for way, node in zip(ways, nodes, strict=True)])
    back = np.array([_way_wh(home_m, way, node, day, outward=False) for way, node in zip(ways, nodes, strict=True)])
    sorties: list[Sortie] = []
    first = 0
    while first < len(nodes) - 1:
        last = _last(first, out[first] + spent - spent[first] + back, on, day, home_m, nodes)
        energy = float(out[first] + spent[last] - spent[first] + back[last])
        part = slice(first, last + 1)
        sorties.append(_sortie(nodes[part], on[first:last], ways[first], ways[last][::-1], energy))
        if len(sorties) > MAX_SORTIES:
            raise InputError("battery", "flights", f"more than {MAX_SORTIES}", "a shorter track")
        first = last
    return tuple(sorties)


def _last(first: int, total: Array, on: Flags, day: FlightDay, home: Array, nodes: Array) -> int:
    """Return the node at which a flight leaves the track that it joined at `first`."""
    # It must be able to turn home everywhere, so it ends before the first node from which it could not.
    short = np.flatnonzero(total[first:] > day.usable_wh)
    reach = first + int(short[0]) - 1 if len(short) else len(nodes) - 1
    if reach <= first:
        far = f"{np.hypot(*(nodes[first, :2] - home[:2])) / 1000.0:.2f} km from home"
        needs = f"there and back takes {total[min(first + 1, len(nodes) - 1)]:.0f} Wh"
        raise InputError("battery", "track", f"{far}: {needs}", f"at most {day.usable_wh:.0f} Wh a flight")
    if reach == len(nodes) - 1:
        return reach
    ends = [i for i in range(reach, first, -1) if on[i - 1] and not on[i]]
    flown = total - total[first]
    good = [i for i in ends if flown[i] >= _WORTH * flown[reach]]
    return good[0] if good else reach


def _cut(points: Array, photo: Flags) -> tuple[Array, Flags]:
    """Return the track in pieces of at most 100 m, or fewer longer ones where it is very long."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    piece = max(_PIECE_M, float(lengths.sum()) / _MOST_PIECES)
    nodes, on = [points[:1]], [np.zeros(0, bool)]
    for start, end, length, flag in zip(points[:-1], points[1:], lengths, photo, strict=True):
        count = max(int(np.ceil(length / piece)), 1)
        nodes.append(start + (np.arange(1, count + 1) / count)[:, None] * (end - start))
        on.append(np.full(count, flag))
    return np.vstack(nodes), np.concatenate(on)


def _way(home: Array, node: Array, router: Router | None) -> Array:
    return np.array([home[:2], node[:2]]) if router is None else router.way(home[:2], node[:2])


def _way_wh(home: Array, way: Array, node: Array, day: FlightDay, outward: bool) -> float:
    """Return the energy of the way between home and a node: straight up or down at home, level for the rest."""
    level = np.column_stack([way, np.full(len(way), node[2])])
    whole = np.vstack([np.append(home[:2], home[2]), level])
    return float(day.legs_wh(whole if outward else whole[::-1]).sum())


def _turns_wh(way: Array, run: Array, cost: FlightCost) -> Array:
    """Return (N - 1,) what stopping at the corner after each leg costs, as a share of how far it turns."""
    turn = np.zeros(len(way))
    if len(way) > 1:
        straight = np.clip(np.einsum("ij,ij->i", way[:-1], way[1:]), -1.0, 1.0)
        turn[:-1] = np.minimum(1.0, 1.0 - straight) * ((run[:-1] > 1e-6) & (run[1:] > 1e-6))
    return np.asarray(turn * cost.turn / 3600.0)


def _sortie(points: Array, photo: Flags, out: Array, back: Array, energy_wh: float) -> Sortie:
    made = Sortie(points.copy(), photo.copy(), out, back.copy(), energy_wh)
    for array in (made.points_m, made.photo, made.out_en_m, made.home_en_m):
        array.setflags(write=False)
    return made
