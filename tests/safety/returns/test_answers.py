"""What the planner says where a plain way does not exist: from outside, shut in, in the wind, and how it is flown."""

from __future__ import annotations

from dataclasses import replace
from math import dist, hypot

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from lenger_core.samples import Vec3
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import CircleShape, Datum, HeightLimit, Zone, ZoneKind, ZoneSet
from lenger_safety.returns.follower import ReturnFollower
from lenger_safety.returns.plan import Asked
from lenger_safety.returns.planner import ReturnPlanner
from lenger_safety.surroundings import Surveyor

from .oracles import faults
from .scenes import HPL_M, VPL_M, Scene, points_in, ring, scene
from .scenes import _shape as shape_of


def made_of(*areas: tuple[str, ZoneKind, Polygon], base: Scene | None = None, extra: tuple[Zone, ...] = ()) -> Scene:
    """A flat scene of these areas."""
    base = base or scene(0, flat=True, keep_outs=0)
    frame = base.zones.frame
    zones = ZoneSet((*(Zone(name, kind, shape_of(frame, area)) for name, kind, area in areas), *extra))
    local = zones.in_frame(frame)
    surveyor = Surveyor(base.settings, local, base.terrain, 100.0)
    planner = ReturnPlanner(base.settings, load_vehicle("quad_2kg"), local, base.terrain, surveyor)
    inside = shapely.union_all([area for _, kind, area in areas if kind is ZoneKind.INCLUSION])
    outside = shapely.union_all([area for _, kind, area in areas if kind is ZoneKind.EXCLUSION])
    return replace(base, zones=local, planner=planner, free=shapely.difference(inside, outside))


FIELD = ("field", ZoneKind.INCLUSION, shapely.box(-500.0, -500.0, 500.0, 500.0))

MAST = Polygon([(e + 200.0, n) for e, n in ring(60.0, 24)])


def test_from_outside_the_shortest_way_in_comes_first() -> None:
    made = made_of(FIELD)
    plan = made.ask((540.0, 100.0, 60.0)).plan
    assert plan is not None
    assert plan.way_in >= 1
    entry = plan.waypoints[plan.way_in]
    assert 490.0 < entry[0] < 500.0 - HPL_M
    assert entry[1] == pytest.approx(100.0, abs=1.0)
    assert faults(made, plan.waypoints[plan.way_in :]) == []


def test_from_beside_a_line_the_way_first_leads_off_it() -> None:
    made = made_of(FIELD, ("mast", ZoneKind.EXCLUSION, MAST))
    plan = made.ask((200.0 + 60.0 + HPL_M + 0.5, 0.0, 60.0)).plan
    assert plan is not None
    off = [hypot(p[0] - 200.0, p[1]) for p in plan.waypoints[: plan.way_in + 1]]
    assert off == sorted(off)
    assert faults(made, plan.waypoints) == []


def test_from_inside_a_keep_out_the_way_leads_out_of_it_first() -> None:
    made = made_of(FIELD, ("mast", ZoneKind.EXCLUSION, MAST))
    plan = made.ask((245.0, 0.0, 60.0)).plan
    assert plan is not None
    out = plan.waypoints[plan.way_in]
    assert hypot(out[0] - 200.0, out[1]) > 60.0 + HPL_M
    assert dist(plan.waypoints[0][:2], out[:2]) < 60.0 - 45.0 + HPL_M + 6.0
    assert faults(made, plan.waypoints[plan.way_in :]) == []


def test_shut_in_it_says_so_and_offers_a_place_to_land() -> None:
    made = made_of(FIELD, ("wall north", ZoneKind.EXCLUSION, shapely.box(-499.9, 200.0, 499.9, 260.0)))
    answer = made.ask((0.0, 400.0, 60.0))
    assert answer.plan is None
    assert "no way leads to home" in answer.no_way
    assert answer.landing is None  # level ground: here is as good as anywhere
    near_the_wall = made.ask((0.0, 262.0, 60.0))
    assert near_the_wall.plan is None
    assert near_the_wall.landing is not None
    assert faults(made, near_the_wall.landing.waypoints[near_the_wall.landing.way_in :]) == []


def test_no_room_for_the_protection_level() -> None:
    made = made_of(("slit", ZoneKind.INCLUSION, shapely.box(-4.0, -200.0, 4.0, 200.0)))
    answer = made.ask((0.0, 100.0, 60.0))
    assert answer.plan is None
    assert answer.no_way


def test_an_approach_is_a_place_to_return_to() -> None:
    base = scene(0, flat=True, keep_outs=0)
    lat, lon, _ = base.zones.frame.to_geodetic(0.0, 450.0, 0.0)
    pad = Zone("north pad", ZoneKind.APPROACH, CircleShape(lat, lon, 20.0), ceiling=HeightLimit(40.0, Datum.AGL))
    made = made_of(FIELD, ("wall", ZoneKind.EXCLUSION, shapely.box(-499.9, 200.0, 499.9, 260.0)), extra=(pad,))
    plan = made.ask((50.0, 350.0, 60.0)).plan
    assert plan is not None
    assert plan.target == "north pad"


def test_wind_costs_by_direction_and_may_be_too_strong() -> None:
    made = made_of(FIELD)
    still = made.ask((400.0, 0.0, 60.0)).plan
    against = made.ask((400.0, 0.0, 60.0), (9.0, 0.0, 0.0)).plan
    behind = made.ask((400.0, 0.0, 60.0), (-9.0, 0.0, 0.0)).plan
    assert still is not None and against is not None and behind is not None
    assert max(still.energy_wh, behind.energy_wh) < against.energy_wh
    assert against.time_s > still.time_s >= behind.time_s
    answer = made.ask((400.0, 0.0, 60.0), (25.0, 0.0, 0.0))
    assert answer.plan is None
    assert "wind" in answer.no_way


def test_zones_that_change_are_a_new_planner_and_its_answer_differs() -> None:
    free = made_of(FIELD).ask((400.0, 0.0, 60.0)).plan
    walled = made_of(FIELD, ("wall", ZoneKind.EXCLUSION, shapely.box(150.0, -260.0, 200.0, 300.0))).ask(
        (400.0, 0.0, 60.0)
    )
    assert free is not None and walled.plan is not None
    assert walled.plan.length_m > free.length_m + 50.0


def test_levels_that_grow_keep_the_way_further_off() -> None:
    made = made_of(FIELD, ("mast", ZoneKind.EXCLUSION, MAST))
    off = []
    for level in (2.0, 12.0):
        made.planner.ask(Asked((400.0, 0.0, 60.0), made.home, (0.0, 0.0, 0.0), 1.0, 20.0, level, VPL_M))
        while made.planner.busy:
            made.planner.work()
        assert made.planner.plan is not None
        line = shapely.LineString([p[:2] for p in made.planner.plan.waypoints])
        off.append(line.distance(shapely.Point(200.0, 0.0)) - 60.0)
    assert off[0] > 2.0
    assert off[1] > 12.0


def fly(made: Scene, start: Vec3, seconds: float = 600.0) -> tuple[list[Vec3], Vec3]:
    """A point mass with the airframe's acceleration flies the plan; return its track and the end of the plan."""
    plan = made.ask(start).plan
    assert plan is not None
    profile = load_vehicle("quad_2kg")
    follower = ReturnFollower(plan, profile)
    position, velocity, dt = np.array(start), np.zeros(3), 0.05
    track = [start]
    for _ in range(int(seconds / dt)):
        wanted = np.array(follower.velocity(tuple(position), tuple(velocity), dt))
        change = (wanted - velocity) / 0.4
        size = np.linalg.norm(change)
        velocity = velocity + change * dt * min(1.0, profile.max_accel_m_s2 / max(size, 1e-9))
        position = position + velocity * dt
        track.append(tuple(position.tolist()))
        if hypot(*(position[:2] - plan.waypoints[-1][:2])) < 1.0 and np.linalg.norm(velocity) < 0.5:
            break
    return track, plan.waypoints[-1]


@pytest.mark.parametrize("seed", [1, 4])
def test_the_follower_stays_legal_and_arrives(seed: int) -> None:
    made = scene(seed)
    for east, north in points_in(made.free, np.random.default_rng(seed), 2):
        up = made.ground_m(east, north) + 60.0
        track, end = fly(made, (float(east), float(north), up))
        assert hypot(track[-1][0] - end[0], track[-1][1] - end[1]) < 1.5
        assert faults(made, tuple(track[::10])) == []
