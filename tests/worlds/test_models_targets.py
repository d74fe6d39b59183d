"""Targets that move: where they are when, the same in the script that Gazebo plays and in `place_at`."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, hypot, pi
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.models.ribbon import checked_line
from lenger_sim.worlds.models.targets import MovingTarget, target_track
from lenger_sim.worlds.models.tracks import CORNER_RAD, SPEED_SPREAD, STEP_S, Key, place_at, track

SQUARE = ((0.0, 0.0, 0.0), (60.0, 0.0, 2.0), (60.0, 40.0, 3.0), (0.0, 40.0, 0.0))


def spots() -> st.SearchStrategy[list[tuple[float, float, float]]]:
    metres = st.integers(-3000, 3000).map(lambda decimetres: 0.1 * decimetres)
    apart = st.lists(st.tuples(metres, metres, metres), min_size=2, max_size=6)
    return apart.filter(lambda line: all(hypot(b[0] - a[0], b[1] - a[1]) > 0.1 for a, b in pairwise([*line, line[0]])))


def away(points: np.ndarray, line: list[tuple[float, float, float]]) -> np.ndarray:
    """Distance of each point from a line of legs."""
    best = np.full(len(points), np.inf)
    for a, b in pairwise(np.array(line)):
        share = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(points - a - share[:, None] * (b - a), axis=1))
    return best


@settings(max_examples=40)
@given(spots(), st.floats(0.5, 20.0), st.booleans(), st.floats(0.0, 30.0), st.integers(0, 2**31))
def test_it_stays_on_its_line_keeps_its_speed_and_comes_back(
    line: list[tuple[float, float, float]], speed: float, loop: bool, pause: float, seed: int
) -> None:
    keys = track(line, speed, loop=loop, pause_s=pause, seed=seed)
    closed = [*line, line[0]] if loop and len(line) > 2 else line
    places = np.array([(key.x, key.y, key.z) for key in keys])
    times = np.array([key.t_s for key in keys])
    assert times[0] == 0.0 and (np.diff(times) > 0.0).all()
    assert np.abs(places[0] - places[-1]).max() < 1e-9
    assert away(places, closed).max() < 1e-6
    assert all(np.abs(places - corner).max(axis=1).min() < 1e-6 for corner in np.array(line))
    far, took = np.linalg.norm(np.diff(places, axis=0), axis=1), np.diff(times)
    going = far > 0.0
    # times are whole milliseconds
    assert (far[going] <= (1.0 + SPEED_SPREAD) * speed * (took[going] + 0.001) + 1e-9).all()
    assert (far[going] >= (1.0 - SPEED_SPREAD) * speed * (took[going] - 0.001) - 1e-9).all()
    assert (took[going] <= STEP_S + 0.001).all()


def test_it_stops_only_where_the_line_bends_and_looks_where_it_goes() -> None:
    dense = [(x, 0.0, 0.02 * x) for x in range(0, 101, 5)] + [(100.0, y, 2.0) for y in range(5, 51, 5)]
    keys = track(dense, 2.0, loop=False, pause_s=4.0, seed=3)
    stops = [(a, b) for a, b in pairwise(keys) if (a.x, a.y, a.z) == (b.x, b.y, b.z)]
    assert {(a.x, a.y) for a, _ in stops} <= {(0.0, 0.0), (100.0, 0.0), (100.0, 50.0)}
    assert len(stops) == 4  # the bend twice, each end once
    for a, b in stops:
        assert abs((b.yaw - a.yaw + pi) % (2.0 * pi) - pi) > CORNER_RAD
        assert 0.5 <= b.t_s - a.t_s <= 4.0 + 2.0 + 1e-3
    for a, b in pairwise(keys):
        if (a.x, a.y) != (b.x, b.y):
            assert b.yaw == pytest.approx(atan2(b.y - a.y, b.x - a.x), abs=1e-9)
            assert b.pitch == pytest.approx(-atan2(b.z - a.z, hypot(b.x - a.x, b.y - a.y)), abs=1e-9)


def test_the_seed_is_all_that_is_random() -> None:
    first, again, other = (track(SQUARE, 3.0, loop=True, pause_s=5.0, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    starts = {track(SQUARE, 3.0, loop=True, pause_s=0.0, seed=seed)[0].x for seed in range(20)}
    assert starts == {0.0, 60.0}


def test_where_it_is_at_a_time_is_what_the_script_says() -> None:
    p = MovingTarget(form="rider", line=checked_line(SQUARE), speed_m_s=3.0, loop=True, pause_s=5.0, seed=4)
    actor = part_of("moving_target", "rider_1", p.model_dump(), "px4").model
    keys = target_track(p)
    waypoints = list(actor.iter("waypoint"))
    assert len(waypoints) == len(keys)
    for waypoint, key in zip(waypoints, keys, strict=True):
        at = [float(word) for word in waypoint.findtext("pose", "").split()]
        assert float(waypoint.findtext("time", "")) == pytest.approx(key.t_s, abs=1e-9)
        assert at == pytest.approx([key.x, key.y, key.z, 0.0, key.pitch, key.yaw], abs=1e-6)
        inside = place_at(keys, key.t_s) if key.t_s < keys[-1].t_s else place_at(keys, 0.0)
        assert inside == pytest.approx((key.x, key.y, key.z), abs=1e-9)
    assert place_at(keys, 7.3 + 5.0 * keys[-1].t_s) == pytest.approx(place_at(keys, 7.3), abs=1e-6)


def test_gazebos_spline_leaves_the_line_by_a_tenth_of_a_step_at_most() -> None:
    for speed in (1.4, 12.0):
        keys = track(SQUARE, speed, loop=True, pause_s=4.0, seed=1)
        worst = 0.0
        for i, (a, b) in enumerate(pairwise(keys)):
            before, after = keys[max(i - 1, 0)], keys[min(i + 2, len(keys) - 1)]
            for share in np.linspace(0.0, 1.0, 9):
                seen = catmull_rom(before, a, b, after, float(share))
                real = place_at(keys, min(a.t_s + float(share) * (b.t_s - a.t_s), keys[-1].t_s - 1e-6))
                worst = max(worst, float(np.linalg.norm(seen - np.array(real))))
        assert worst < 0.1 * STEP_S * speed * (1.0 + SPEED_SPREAD)


def catmull_rom(before: Key, a: Key, b: Key, after: Key, t: float) -> np.ndarray:
    p0, p1, p2, p3 = (np.array((key.x, key.y, key.z)) for key in (before, a, b, after))
    m1, m2 = 0.5 * (p2 - p0), 0.5 * (p3 - p1)
    out = (2 * t**3 - 3 * t**2 + 1) * p1 + (t**3 - 2 * t**2 + t) * m1
    return np.asarray(out + (3 * t**2 - 2 * t**3) * p2 + (t**3 - t**2) * m2)


def test_a_person_stays_upright_on_a_slope_and_a_car_does_not() -> None:
    slope = [(0.0, 0.0, 0.0), (20.0, 0.0, 8.0)]

    def pitches(form: str) -> set[float]:
        actor: Element = part_of("moving_target", "it", {"form": form, "line": slope}, "px4").model
        return {round(float(w.findtext("pose", "").split()[4]), 3) for w in actor.iter("waypoint")}

    assert pitches("person") == {0.0}
    assert pitches("car") == {-0.381, 0.381}


def test_its_bounds_hold_all_of_its_way() -> None:
    part = part_of("moving_target", "it", {"form": "car", "line": SQUARE, "speed_m_s": 8.0}, "px4")
    assert part.radius_m >= hypot(60.0, 40.0) + 2.05
    assert part.height_m >= 3.0 + 2.0
    assert part.radius_m <= hypot(60.0, 40.0) + 4.0 and part.height_m <= 3.0 + 4.0
