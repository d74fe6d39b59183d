"""Cost of one guard cycle: `.venv/bin/python benchmarks/guard_cycle.py [steps]`.

First whole steps of the core with both estimates: over the zones of first_patrol, and over an inclusion of 10,000
vertices with 100 exclusions and terrain, one after the other, and then every 50 ms as in flight: only there has the
thread of the return planner the time that its answers are expected in, which the steps in a row wait for. Then the
geometry of such a cycle by itself: the survey of limits, the margins of 32 predicted points in three dimensions, and,
for comparison, shapely's STRtree that only finds the nearest of the same segments to the same 33 points. Last a table
of that one question. CPU time stands beside wall time: a machine with other work to do shows only in the latter. It is
that of the step's own thread: what the return planner has GEOS do beside the steps while it draws in a large outline is
not in it (see `lenger_safety.returns.slices`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from math import cos, pi, sin

import numpy as np
from shapely import STRtree, linestrings, points

from lenger_core.geodesy import LocalFrame
from lenger_core.resources import config_path
from lenger_core.samples import (
    Authority,
    Command,
    CommandKind,
    FusionStatus,
    Integrity,
    Odometry,
    VehicleStatus,
)
from lenger_core.terrain import AROUND_SITE_M, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import LocalZones, PolygonShape, Zone, ZoneKind, ZoneSet, load_zones
from lenger_safety import warm
from lenger_safety.estimate import Estimate
from lenger_safety.guard import GuardCore
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor

SITE = (42.1819, 69.8878, 757.0)
FRAME = LocalFrame(*SITE)
PREDICTED = 32

Call = Callable[[int], object]


class Durations:
    """Wall and CPU time of calls, in microseconds."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def take(self, call: Callable[[], object]) -> None:
        """Call once."""
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        call()
        self.cpu.append((time.thread_time_ns() - cpu) / 1e3)
        self.wall.append((time.perf_counter_ns() - wall) / 1e3)

    def median(self) -> float:
        """Return the median of the CPU time."""
        return float(np.median(self.cpu))

    def text(self) -> str:
        """Return medians and 99th percentiles."""
        (w50, w99), (c50, c99) = (np.percentile(d, (50, 99)) for d in (self.wall, self.cpu))
        return f"wall {w50:7.0f} {w99:7.0f}   CPU {c50:7.0f} {c99:7.0f}"


def timed(call: Call, count: int) -> Durations:
    """Return the durations of a call for 0 to count - 1, after one that does not count."""
    call(0)
    durations = Durations()
    for i in range(count):
        durations.take(lambda i=i: call(i))
    return durations


def cycle(zones: ZoneSet, count: int, centre: tuple[float, float], radius_m: float, every_s: float = 0.0) -> Durations:
    """Return the cost of steps on a circle. The inputs are given beforehand, as the node's callbacks do."""
    terrain = load_terrain().as_ground()
    terrain.prefetch(SITE[0], SITE[1], AROUND_SITE_M)
    core = GuardCore(GuardSettings(), load_vehicle("quad_2kg"), zones, terrain)
    durations, began = Durations(), time.perf_counter()
    for i in range(count + 1):
        time.sleep(max(0.0, began + i * every_s - time.perf_counter()))
        now = (i + 1) * 50_000_000
        turn = 0.5 * i / radius_m
        east, north = centre[0] + radius_m * cos(turn), centre[1] + radius_m * sin(turn)
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        height = terrain.height_amsl_m(lat, lon) + 60.0
        speed = (-10.0 * sin(turn), 10.0 * cos(turn), 0.2)
        flying = ("px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "")
        core.on_vehicle(VehicleStatus(now, *flying, lat, lon, height, speed, 0.0, 1.0, 1.0, *SITE, 1.0, 16.0))
        quat, ones = (1.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        core.on_odometry(Odometry(now, (east, north, height - SITE[2]), speed, quat, (0.0, 0.0, 0.0), ones, ones))
        core.on_fusion_status(FusionStatus(now, Integrity.NOMINAL, "", *SITE, lat, lon, height, 4.0, 4.0, ones, True))
        core.on_command(Command(now, "mission", i, 0.5, CommandKind.VELOCITY, speed, consent_ns=now), now)
        if i == 0:
            core.step(now)
        else:
            durations.take(lambda now=now: core.step(now))
    return durations


def geometry(zones: LocalZones, count: int) -> None:
    """Print the cost of the geometry of a cycle, and of the tree that finds the nearest segments only."""
    terrain = load_terrain().as_ground()
    terrain.prefetch(SITE[0], SITE[1], AROUND_SITE_M)
    surveyor = Surveyor(GuardSettings(), zones, terrain, 70.0)
    rng = np.random.default_rng(3)
    home, states, tubes = (0.0, 0.0, 3.0), [], []
    for _ in range(count):
        east, north = rng.uniform(-3500.0, 3500.0, 2)
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        heading = rng.uniform(0.0, 2.0 * pi)
        velocity = (12.0 * cos(heading), 12.0 * sin(heading), 0.0)
        place = (float(east), float(north), terrain.height_amsl_m(lat, lon) + 60.0 - SITE[2])
        states.append(Estimate("fusion", place, velocity, 2.0, 2.0, 0.05))
        tubes.append(np.array(place) + np.linspace(0.0, 4.5, PREDICTED)[:, None] * np.array(velocity))
    radii = np.linspace(2.0, 6.0, PREDICTED), np.linspace(2.0, 4.0, PREDICTED)
    tree = STRtree(linestrings(zones.edges.reshape(-1, 2, 2)))
    asked = [points(np.vstack((s.position_m, tube))[:, :2]) for s, tube in zip(states, tubes, strict=True)]

    def both(i: int) -> object:
        around = surveyor.survey(states[i], states[i].velocity_m_s, home, floor=True)
        return around, surveyor.margins_along(tubes[i], *radii, home, floor=True)

    one = timed(lambda i: surveyor.survey(states[i], states[i].velocity_m_s, home, floor=True), count)
    two = timed(both, count)
    peer = timed(lambda i: tree.query_nearest(asked[i], return_distance=True, all_matches=False), count)
    print(f"survey of limits, one estimate                    {one.text()}")
    print(f"survey and margins of {PREDICTED} points in 3-D, terrain  {two.text()}")
    print(f"STRtree, nearest segments to the same {PREDICTED + 1} points  {peer.text()}")
    print(f"STRtree / ours: {peer.median() / two.median():.1f}")


def star(corners: int, radius_m: float, east: float, north: float, seed: int) -> PolygonShape:
    """Return a concave outline with that many corners."""
    rng = np.random.default_rng(seed)
    radii = radius_m * rng.uniform(0.8, 1.0, corners)
    ring = []
    for k, radius in enumerate(radii):
        angle = 2.0 * pi * k / corners
        ring.append(FRAME.to_geodetic(east + radius * cos(angle), north + radius * sin(angle), 0.0)[:2])
    return PolygonShape(tuple(ring))


def zone_set(corners: int, keep_outs: int) -> ZoneSet:
    """Return an inclusion of that many corners with 12-corner keep-outs in it."""
    rng = np.random.default_rng(1)
    zones = [Zone("in", ZoneKind.INCLUSION, star(corners, 5000.0, 0.0, 0.0, 1))]
    for k in range(keep_outs):
        east, north = rng.uniform(-3000.0, 3000.0, 2)
        zones.append(Zone(f"out {k}", ZoneKind.EXCLUSION, star(12, 80.0, float(east), float(north), k + 2)))
    return ZoneSet(tuple(zones))


def compare(name: str, zones: LocalZones, count: int) -> None:
    """Print both costs of the nearest line to one point, on the same segments and points."""
    rng = np.random.default_rng(3)
    queries = rng.uniform(-3500.0, 3500.0, (count, 2))
    lines = linestrings(zones.edges.reshape(-1, 2, 2))
    tree, geometries = STRtree(lines), points(queries)
    ours = timed(lambda i: zones.margin(float(queries[i, 0]), float(queries[i, 1])), count)
    theirs = timed(lambda i: lines[tree.nearest(geometries[i])].distance(geometries[i]), count)
    for i in range(min(count, 200)):
        expected = lines[tree.nearest(geometries[i])].distance(geometries[i])
        assert abs(abs(zones.margin(*map(float, queries[i])).margin_m) - expected) < 1e-6
    print(f"{name:<34}{len(zones.edges):>7}   {ours.text()}   STRtree {theirs.text()}")


def main() -> int:
    """Print all tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    warm()
    first, large = load_zones(config_path("zones", "first_patrol.geojson")), zone_set(10_000, 100)
    print("microseconds: median and 99th percentile")
    print(f"guard step, two estimates, first_patrol           {cycle(first, count, (100.0, -330.0), 60.0).text()}")
    print(f"guard step, 10,000 vertices, 100 exclusions       {cycle(large, count, (0.0, 0.0), 2000.0).text()}")
    slow = cycle(large, min(count, 1500), (0.0, 0.0), 2000.0, every_s=0.05)
    print(f"the same, a step every 50 ms                      {slow.text()}")
    print("\nthe geometry alone, 10,000 vertices and 100 exclusions")
    geometry(large.in_frame(FRAME), min(count, 1000))
    print("\nnearest line to one point           lines")
    compare("first_patrol", first.in_frame(FRAME), count)
    compare("100 corners, 3 keep-outs", zone_set(100, 3).in_frame(FRAME), count)
    compare("10,000 corners, 100 keep-outs", large.in_frame(FRAME), max(200, count // 10))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
