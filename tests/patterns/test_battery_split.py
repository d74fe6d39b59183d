"""Splitting by battery: nothing is lost, every flight comes home from everywhere, and none is needlessly short."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from shapely.geometry import box

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.errors import InputError
from lenger_core.vehicles import load_vehicle
from lenger_mission.patterns.battery_split import FlightDay, split_by_battery
from lenger_mission.patterns.sweep_route import Router

Array = NDArray[np.float64]

QUAD = load_vehicle("quad_2kg")
HOME = np.array([0.0, 0.0, 800.0])
DAY = FlightDay(QUAD, 8.0)


def lawn(lines: int, length_m: float = 1_000.0) -> tuple[Array, NDArray[np.bool_]]:
    """Lines up and down, 40 m apart, at 860 m; the camera is on along them."""
    ends = [(40.0 * i, y) for i in range(lines) for y in ((0.0, length_m) if i % 2 == 0 else (length_m, 0.0))]
    points = np.column_stack([np.array(ends) + 100.0, np.full(len(ends), 860.0)])
    return points, np.arange(len(points) - 1) % 2 == 0


def test_a_level_leg_takes_power_times_time() -> None:
    level = np.array([[0.0, 0.0, 1_000.0], [800.0, 0.0, 1_000.0]])
    watts = float(power_w(QUAD, density_kg_m3(1_000.0), 8.0 + 3.0, 0.0))
    against = FlightDay(QUAD, 8.0, (-3.0, 0.0)).legs_wh(level)
    assert against == pytest.approx([watts * 100.0 / 3600.0])


def test_a_climb_takes_its_time() -> None:
    up = np.array([[0.0, 0.0, 800.0], [0.0, 0.0, 890.0]])
    watts = float(power_w(QUAD, density_kg_m3(845.0), 0.0, QUAD.max_climb_m_s))
    assert DAY.legs_wh(up) == pytest.approx([watts * 90.0 / QUAD.max_climb_m_s / 3600.0])


@pytest.mark.parametrize("wind", [(0.0, 0.0), (5.0, -3.0)])
def test_the_flights_are_the_track_and_each_comes_home(wind: tuple[float, float]) -> None:
    day = FlightDay(QUAD, 8.0, wind)
    points, photo = lawn(24)
    sorties = split_by_battery(points, photo, HOME, day)
    assert len(sorties) >= 2
    for before, after in pairwise(sorties):
        assert after.points_m[0] == pytest.approx(before.points_m[-1]), "goes on where the last one left off"
    flown = sum(float(np.linalg.norm(np.diff(s.points_m, axis=0), axis=1).sum()) for s in sorties)
    assert flown == pytest.approx(float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()))
    for sortie in sorties:
        track = sortie.points_m
        along = np.cumsum(legs_wh(day, track))
        out = legs_wh(day, np.array([HOME, np.append(HOME[:2], track[0, 2]), track[0]])).sum()
        for spent, point in zip(along, track[1:], strict=True):
            home = legs_wh(day, np.array([point, np.append(HOME[:2], point[2]), HOME])).sum()
            assert out + spent + home <= day.usable_wh + 0.5, "from everywhere on it"


def legs_wh(day: FlightDay, points: Array) -> Array:
    """Power times time of each leg by itself, corners left out: less than what is planned with."""
    return np.array([day.legs_wh(np.array(leg))[0] for leg in pairwise(points)])


def test_no_flight_but_the_last_is_needlessly_short() -> None:
    points, photo = lawn(24)
    sorties = split_by_battery(points, photo, HOME, DAY)
    for sortie in sorties[:-1]:
        assert sortie.energy_wh >= 0.85 * DAY.usable_wh
    assert sum(s.energy_wh for s in sorties) / DAY.usable_wh > len(sorties) - 1.5


def test_a_short_track_is_one_flight_as_it_was() -> None:
    points, photo = lawn(2)
    (sortie,) = split_by_battery(points, photo, HOME, DAY)
    assert sortie.points_m[[0, -1]] == pytest.approx(points[[0, -1]])
    assert sortie.photo.any() and not sortie.photo.all()


def test_cold_and_a_half_charge_take_more_flights() -> None:
    points, photo = lawn(24)
    counts = [
        len(split_by_battery(points, photo, HOME, day))
        for day in (DAY, FlightDay(QUAD, 8.0, cell_k=265.0), FlightDay(QUAD, 8.0, charge=0.7))
    ]
    assert counts[1] > counts[0] and counts[2] > counts[0]


def test_ways_home_lead_round_zones() -> None:
    space = box(-100.0, -100.0, 1_500.0, 1_500.0).difference(box(20.0, 20.0, 90.0, 1_000.0))
    points, photo = lawn(4)
    (sortie,) = split_by_battery(points, photo, HOME, DAY, Router(space))
    assert len(sortie.out_en_m) > 2
    assert sortie.out_en_m[0] == pytest.approx(HOME[:2]) and sortie.home_en_m[-1] == pytest.approx(HOME[:2])


def test_a_track_beyond_reach_is_refused() -> None:
    points, photo = lawn(2)
    with pytest.raises(InputError, match="km from home"):
        split_by_battery(points + np.array([30_000.0, 0.0, 0.0]), photo, HOME, DAY)
