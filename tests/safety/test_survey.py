"""The survey's rows against a slow oracle: whatever straight way keeps to the rows is legal at every point of it."""

from __future__ import annotations

from math import cos, hypot, inf, pi, sin, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import load_globe, load_terrain
from lenger_core.zones import Datum, HeightLimit, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_safety.estimate import Estimate
from lenger_safety.limiter import project
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import LimitKind, Surveyor

ORIGIN = (42.1819, 69.8878, 757.0)
FRAME = LocalFrame(*ORIGIN)
TERRAIN = load_terrain().as_ground()
REACH_M = 70.0
LATENCY_S, BRAKE_M_S2 = 0.5, 2.4
SETTINGS = GuardSettings()
FREE = GuardSettings(floor_agl_m=0.0, ceiling_agl_m=5000.0)
IN, OUT, APPROACH = ZoneKind.INCLUSION, ZoneKind.EXCLUSION, ZoneKind.APPROACH


def ground_m(e, n, u=None):
    """The ground in the frame's third axis under a point of it; of the ground itself by default."""
    if u is None:
        u = ground_m(e, n, ground_m(e, n, 0.0))
    lat, lon, _ = FRAME.to_geodetic(e, n, u)
    return TERRAIN.height_amsl_m(lat, lon) - ORIGIN[2]


def zone(name, kind, outline, low=None, high=None, datum=Datum.AGL):
    ring = tuple(FRAME.to_geodetic(e, n, 0.0)[:2] for e, n in outline)
    base = ORIGIN[2] if datum is Datum.AMSL else 0.0
    limits = (None if h is None else HeightLimit(h + base, datum) for h in (low, high))
    return Zone(name, kind, PolygonShape(ring), *limits)


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north)]


def surveyor(zones, chosen=SETTINGS, terrain=TERRAIN):
    return Surveyor(chosen, ZoneSet(zones).in_frame(FRAME), terrain, REACH_M, LATENCY_S, BRAKE_M_S2)


def estimate(position, velocity=(0.0, 0.0, 0.0), hpl=0.0, vpl=0.0):
    return Estimate("fusion", tuple(map(float, position)), tuple(map(float, velocity)), hpl, vpl, 0.0)


def stop_m(closing, speed):
    return max(0.0, closing) * (LATENCY_S + speed / (2.0 * BRAKE_M_S2))


# ------------------------------------------------------------ oracle


class World:
    """Zones and heights, judged point by point."""

    def __init__(self, zones, chosen, home):
        self.home, self.chosen = home, chosen
        self.zones = [(z, Polygon([FRAME.to_local(*p, ORIGIN[2])[:2] for p in z.shape.outer])) for z in zones]

    def _holds(self, z, outline, e, n, u, ground, floors=True):
        low = -inf if z.floor is None or not floors else z.floor.amsl_m(ground, self.home[2]) - ORIGIN[2]
        high = inf if z.ceiling is None else z.ceiling.amsl_m(ground, self.home[2]) - ORIGIN[2]
        return low <= u <= high and outline.contains(Point(e, n))

    def legal(self, e, n, u):
        ground = ground_m(e, n, u)
        agl, amsl = u - ground, ground + ORIGIN[2]
        near = hypot(e - self.home[0], n - self.home[1]) <= self.chosen.approach_radius_m
        near = near or any(self._holds(z, o, e, n, u, amsl) for z, o in self.zones if z.kind is APPROACH)
        inside = [(z, o) for z, o in self.zones if z.kind is IN]
        within = not inside or any(
            self._holds(z, o, e, n, u, amsl, not (near and z.floor is not None and z.floor.datum is Datum.AGL))
            for z, o in inside
        )
        out = any(self._holds(z, o, e, n, u, amsl) for z, o in self.zones if z.kind is OUT)
        low = agl >= self.chosen.floor_agl_m or near
        # In an approach level ground is for landing on, and no limit.
        return within and not out and low and (agl >= 0.0 or near) and agl <= self.chosen.ceiling_agl_m


stars = st.lists(st.floats(15.0, 90.0), min_size=4, max_size=8)
places = st.tuples(st.floats(-90.0, 90.0), st.floats(-90.0, 90.0))
bands = st.sampled_from(
    [(None, None), (None, 40.0), (None, 60.0), (20.0, None), (20.0, 70.0), (35.0, 50.0), (30.0, 90.0)]
)
kinds = st.sampled_from([IN, IN, OUT, OUT, APPROACH])
zone_lists = st.lists(
    st.tuples(kinds, stars, places, bands, st.sampled_from([Datum.AMSL, Datum.AGL])), min_size=1, max_size=6
)
SPOTS = ((0.0, 0.0), (0.0, -800.0), (5200.0, -3600.0), (11000.0, -14800.0))
"""The field, the slope south of it, and mountains."""


@given(zone_lists, st.sampled_from(SPOTS), st.floats(16.0, 70.0), st.integers(0, 2**31))
@settings(max_examples=100, deadline=None)
def test_every_straight_way_that_keeps_to_the_rows_is_legal(drawn, spot, height, seed):
    zones = []
    for i, (kind, radii, place, (low, high), datum) in enumerate(drawn):
        base = ground_m(*spot) if datum is Datum.AMSL else 0.0
        step = 2.0 * pi / len(radii)
        outline = [
            (spot[0] + place[0] + r * cos(k * step), spot[1] + place[1] + r * sin(k * step))
            for k, r in enumerate(radii)
        ]
        shifted = (None if h is None else h + base for h in (low, high))
        zones.append(zone(f"{kind.value} {i}", kind, outline, *shifted, datum))
    home = (spot[0] + 60.0, spot[1], ground_m(spot[0] + 60.0, spot[1]))
    world = World(zones, SETTINGS, home)
    here = (*spot, ground_m(*spot) + height)
    # Nearer to a surface over twisted ground than its twist, the rows hold to first order only.
    on_a_limit = not all(world.legal(*spot, here[2] + step) for step in (-3.0, -0.05, 0.0, 0.05, 3.0))
    if on_a_limit or any(o.boundary.distance(Point(spot)) < 0.01 for _, o in world.zones):
        return
    rng = np.random.default_rng(seed)
    asked = surveyor(tuple(zones))
    for _ in range(12):
        way = rng.normal(size=3) * (1.0, 1.0, rng.choice([0.05, 0.3, 1.0]))
        way *= rng.uniform(5.0, REACH_M) / np.linalg.norm(way)
        wanted = tuple(way / np.linalg.norm(way) * rng.uniform(0.5, 15.0))
        around = asked.survey(estimate(here, wanted if rng.random() < 0.5 else (0, 0, 0)), wanted, home, floor=True)
        along = around.rows[:, :3] @ way
        if len(along):  # as far as the rows allow
            share = np.min(np.where(along > 1e-9, around.rows[:, 3] / np.maximum(along, 1e-9), inf))
            way *= min(1.0, max(0.0, share))
        for share in np.linspace(0.0, 1.0 - 1e-4, 60):
            point = tuple(np.array(here) + share * way)
            assert world.legal(*point), (point, around.limits)


@given(st.sampled_from(SPOTS[1:]), st.floats(1.0, 120.0), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_without_zones_rough_ground_is_met_by_no_straight_way(spot, height, seed):
    rng = np.random.default_rng(seed)
    spot = tuple(np.array(spot) + rng.uniform(-600.0, 600.0, 2))
    here = (*spot, ground_m(*spot) + height)
    asked = surveyor((), FREE)
    for _ in range(10):
        way = rng.normal(size=3) * (1.0, 1.0, 0.4)
        way *= REACH_M / np.linalg.norm(way)
        around = asked.survey(estimate(here), tuple(way / 7.0), None, floor=True)
        along = around.rows[:, :3] @ way
        share = np.min(np.where(along > 1e-9, around.rows[:, 3] / np.maximum(along, 1e-9), inf), initial=inf)
        way *= min(1.0, share)
        for part in np.linspace(0.0, 1.0 - 1e-4, 40):
            e, n, u = np.array(here) + part * way
            assert u >= ground_m(e, n, u) - 2e-3


# ------------------------------------------------------------ not timid


def limited(around, wanted, speed=None):
    """Metres that are missing for the wanted velocity: the least slack of the rows."""
    speed = sqrt(sum(w * w for w in wanted)) if speed is None else speed
    return min((row[3] - stop_m(float(row[:3] @ wanted), speed) for row in around.rows), default=inf)


@pytest.mark.parametrize("height", [40.0, 60.0, 100.0])
@pytest.mark.parametrize("east", [-60.0, -39.0, -10.0, 0.0, 30.0, 39.5, 60.0])
def test_crossing_over_home_at_height_is_not_limited(east, height):
    here = (east, 0.0, ground_m(east, 0.0) + height)
    pad = zone("pad", APPROACH, box(-50.0, -20.0, 20.0, 20.0), None, 80.0)
    for zones in ((), (pad,)):
        around = surveyor(zones).survey(
            estimate(here, (15.0, 0.0, 0.0), 3.0, 3.0), (15.0, 0.0, 0.0), (0.0, 0.0, ground_m(0, 0)), floor=True
        )
        assert limited(around, (15.0, 0.0, 0.0)) > 10.0


def test_low_in_the_approach_the_rim_is_the_limit_and_high_the_floor():
    home = (0.0, 0.0, ground_m(0.0, 0.0))
    asked = surveyor(())
    low = asked.survey(estimate((10.0, 0.0, home[2] + 3.0), hpl=2.0, vpl=3.0), (2.0, 0.0, 0.0), home, floor=True)
    assert [lim.name for lim in low.limits if lim.kind in ("floor", "ground")] == ["approach cylinder"]
    assert low.floor_m == pytest.approx(28.0, abs=0.01)
    assert limited(low, (1.0, 0.0, 0.0)) > 20.0
    high = asked.survey(estimate((10.0, 0.0, home[2] + 60.0), hpl=2.0, vpl=3.0), (9.0, 0.0, 0.0), home, floor=True)
    assert "approach cylinder" not in [lim.name for lim in high.limits]
    down = asked.survey(estimate((0.0, 0.0, home[2] + 25.0)), (0.0, 0.0, -2.0), home, floor=True)
    assert limited(down, (0.0, 0.0, -2.0)) > 10.0


def test_an_approach_zone_lifts_the_floor_and_agl_floors_inside_it_only():
    field = zone("field", IN, box(-500, -500, 500, 500), 20.0, 120.0)
    pad = zone("pad", APPROACH, box(200, -30, 260, 30), None, 50.0)
    home = (-300.0, 0.0, ground_m(-300.0, 0.0))
    asked = surveyor((field, pad))
    inside = asked.survey(estimate((230.0, 0.0, ground_m(230.0, 0.0) + 4.0)), (0.0, 0.0, -0.5), home, floor=True)
    assert inside.floor_m == pytest.approx(30.0, abs=0.05)
    assert {lim.name for lim in inside.limits if lim.kind == "floor"} == {"pad"}
    outside = asked.survey(estimate((150.0, 0.0, ground_m(150.0, 0.0) + 4.0)), (0.0, 0.0, -0.5), home, floor=True)
    assert outside.floor_m == pytest.approx(-16.0, abs=0.05)
    assert {lim.name for lim in outside.limits if lim.kind == "floor" and lim.distance_m < 0.0} == {"ground", "field"}


def test_takeoff_and_landing_have_no_floor_and_no_ground():
    field = zone("field", IN, box(-500, -500, 500, 500), 20.0, 120.0)
    around = surveyor((field,)).survey(estimate((0.0, 0.0, ground_m(0, 0) + 0.2)), None, None, floor=False)
    assert not {lim.kind for lim in around.limits} & {"floor", "ground"}
    assert around.floor_m == around.ground_m == inf


def steps():
    """To the west up to 100 m, to the east from 40 m to 60 m."""
    west = zone("west", IN, box(-200, -100, 0, 100), None, 100, Datum.AMSL)
    return (west, zone("east", IN, box(-20, -100, 200, 100), 40, 60, Datum.AMSL))


@pytest.mark.parametrize("velocity", [(12.0, 0.0, 0.0), (-12.0, 0.0, 0.0)])
def test_from_prism_to_prism_at_a_common_height_nothing_limits(velocity):
    asked = surveyor(steps(), FREE)
    for east in np.linspace(-100.0, 100.0, 41):
        around = asked.survey(estimate((east, 0.0, 50.0), velocity), velocity, None, floor=True)
        assert limited(around, velocity) > 5.0


def test_a_low_keep_out_is_flown_over_and_a_high_one_under_without_being_limited():
    low = zone("low", OUT, box(-20, -20, 20, 20), None, 40, Datum.AMSL)
    high = zone("high", OUT, box(60, -20, 90, 20), 62, None, Datum.AMSL)
    asked = surveyor((low, high), FREE)
    for east in np.linspace(-100.0, 150.0, 51):
        around = asked.survey(estimate((east, 0.0, 50.0), (12.0, 0.0, 0.0)), (12.0, 0.0, 0.0), None, floor=True)
        assert limited(around, (12.0, 0.0, 0.0)) > 5.0


@given(st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_nobody_climbs_out_of_one_prism_while_leaving_the_other(seed):
    """A point mass without lag that flies what the rows allow, wanting anything."""
    rng = np.random.default_rng(seed)
    keep_out = zone("mast", OUT, box(60, -30, 90, 40), None, 52, Datum.AMSL)
    zones = (*steps(), keep_out)
    asked, world = surveyor(zones, FREE), World(zones, FREE, (1e6, 0.0, 0.0))
    position, velocity = np.array([-30.0, 0.0, 50.0]), np.zeros(3)
    wanted = np.zeros(3)
    visited = set()
    for step in range(400):
        if step % 25 == 0:
            wanted = rng.normal(size=3) * (9.0, 6.0, 3.0) + (6.0 if position[0] < 40.0 else -6.0, 0.0, 0.0)
        around = asked.survey(estimate(position, velocity), tuple(wanted), None, floor=True)
        most = np.maximum(0.0, around.rows[:, 3] - 0.2) / (LATENCY_S + 18.0 / (2.0 * BRAKE_M_S2))
        kept, *found = project(wanted, np.ascontiguousarray(np.column_stack((around.rows[:, :3], most))))
        velocity = np.array(found) if kept else np.zeros(3)
        position = position + 0.1 * velocity
        assert world.legal(*position), (position, around.limits)
        visited.add((bool(position[0] > 0.0), bool(position[2] > 60.0)))
    assert (True, True) not in visited


def test_rough_ground_far_enough_below_does_not_limit():
    """Level flight over the mountains, 25 m above every cell on the way."""
    asked = surveyor((), FREE)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        e, n = rng.uniform(8000.0, 14000.0), rng.uniform(-17000.0, -9000.0)
        heading = rng.uniform(0.0, 2.0 * pi)
        way = np.array([cos(heading), sin(heading)])
        top = max(
            ground_m(e + s * way[0] + x, n + s * way[1] + y)
            for s in range(-20, 80, 8)
            for x in (-25, 0, 25)
            for y in (-25, 0, 25)
        )
        velocity = (12.0 * way[0], 12.0 * way[1], 0.0)
        around = asked.survey(estimate((e, n, top + 15.0), velocity, 1.0, 2.0), velocity, None, floor=True)
        assert limited(around, velocity) > 3.0


def test_over_a_slope_the_surface_is_followed_closely():
    """Along the slope, 4 m above the floor: neither the floor nor the ground limits; into the slope the floor does."""
    asked = surveyor((), SETTINGS)
    e, n = 5200.0, -3600.0
    here = (e, n, ground_m(e, n) + SETTINGS.floor_agl_m + 4.0)
    slope = np.array([ground_m(e + 20, n) - ground_m(e - 20, n), ground_m(e, n + 20) - ground_m(e, n - 20)]) / 40.0
    assert np.linalg.norm(slope) > 0.05
    across = np.array([-slope[1], slope[0]]) / np.linalg.norm(slope)
    along = asked.survey(estimate(here, (*(5.0 * across), 0.0)), (*(5.0 * across), 0.0), None, floor=True)
    assert limited(along, (*(5.0 * across), 0.0)) > 0.0
    up = 14.0 * slope / np.linalg.norm(slope)
    into = asked.survey(estimate(here, (*up, 0.0)), (*up, 0.0), None, floor=True)
    assert limited(into, (*up, 0.0)) < 0.0
    slower = 5.0 * slope / np.linalg.norm(slope)
    assert limited(into, (*slower, 5.0 * float(np.linalg.norm(slope)) + 1.0)) > 0.0


# ------------------------------------------------------------ what it says


def test_arrays_and_names_belong_together_and_cannot_be_written():
    field = Zone(
        "field", IN, PolygonShape(tuple(FRAME.to_geodetic(*p, 0.0)[:2] for p in box(-40, -40, 40, 40))), priority=7
    )
    around = surveyor((field,)).survey(estimate((0.0, 0.0, ground_m(0, 0) + 30.0)), None, None, floor=True)
    assert len(around.rows) == len(around.kinds) == len(around.sources) == len(around.priorities)
    assert np.allclose(np.linalg.norm(around.rows[:, :3], axis=1), 1.0)
    fence = [i for i, kind in enumerate(around.kinds) if kind == LimitKind.FENCE]
    assert len(fence) == 4
    assert {around.name_of(i) for i in fence} == {"field"}
    assert set(around.priorities[fence]) == {7}
    assert around.horizontal_m == pytest.approx(40.0, abs=0.01)
    assert around.nearest_zone == "field"
    with pytest.raises(ValueError, match="read-only"):
        around.rows[0, 0] = 2.0


def test_the_edge_of_the_terrain_model_is_a_wall():
    south = load_globe().surface.bounds_deg()[0]
    frame = LocalFrame(south + 30.0 / 111_000.0, 69.8878, 757.0)
    terrain = load_globe().as_ground()
    asked = Surveyor(FREE, ZoneSet().in_frame(frame), terrain, REACH_M)
    up = terrain.height_amsl_m(frame.lat_deg, frame.lon_deg) - 757.0 + 300.0
    around = asked.survey(estimate((0.0, 0.0, up)), (0.0, -5.0, 0.0), None, floor=True)
    walls = [lim for lim in around.limits if lim.kind == "ground" and lim.normal[1] < -0.99]
    assert min(lim.distance_m for lim in walls) == pytest.approx(30.0, abs=0.5)
    assert around.ground is not None
    beyond = asked.survey(estimate((0.0, -60.0, up)), None, None, floor=True)
    assert beyond.ground is None
    tube = asked.margins_along(np.array([[0.0, 0.0, up], [0.0, -60.0, up]]), np.ones(2), np.ones(2), None, floor=True)
    assert tube.all_m()[0] > 0.0
    assert tube.all_m()[1] == -inf


@given(zone_lists, st.sampled_from(SPOTS), st.floats(16.0, 70.0), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_a_tube_with_a_margin_is_legal_all_through(drawn, spot, height, seed):
    rng = np.random.default_rng(seed)
    zones = []
    for i, (kind, radii, place, (low, high), datum) in enumerate(drawn):
        base = ground_m(*spot) if datum is Datum.AMSL else 0.0
        step = 2.0 * pi / len(radii)
        outline = [
            (spot[0] + place[0] + r * cos(k * step), spot[1] + place[1] + r * sin(k * step))
            for k, r in enumerate(radii)
        ]
        zones.append(
            zone(f"{kind.value} {i}", kind, outline, *(None if h is None else h + base for h in (low, high)), datum)
        )
    home = (spot[0] + 60.0, spot[1], ground_m(spot[0] + 60.0, spot[1]))
    world = World(zones, SETTINGS, home)
    here, way = np.array([*spot, ground_m(*spot) + height]), rng.normal(size=3) * (25.0, 25.0, 6.0)
    points = here + np.linspace(0.0, 1.0, 24)[:, None] * way
    radii = rng.uniform(0.1, 6.0, (24, 2))
    tube = surveyor(tuple(zones)).margins_along(points, radii[:, 0], radii[:, 1], home, floor=True)
    for point, (rh, rv), margin in zip(points, radii, tube.all_m(), strict=True):
        if margin < 0.02:
            continue
        for _ in range(8):
            angle, reach, rise = rng.uniform(0.0, 2.0 * pi), rh * rng.uniform(0.5, 1.0), rng.uniform(-rv, rv)
            e, n, u = point[0] + reach * cos(angle), point[1] + reach * sin(angle), point[2] + rise
            assert world.legal(e, n, u), (point, rh, rv, margin, tube.least())
