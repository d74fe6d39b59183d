"""Cost of one guard cycle: `.venv/bin/python benchmarks/guard_cycle.py [steps]`.

First a whole step of the core with both estimates, over the zones of first_patrol. Then a table of the question
"how far, and which way, to the nearest line" on the same segments, by our kernel and by shapely's STRtree.
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
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import LocalZones, PolygonShape, Zone, ZoneKind, ZoneSet, load_zones
from lenger_safety import warm
from lenger_safety.guard import GuardCore
from lenger_safety.settings import GuardSettings

SITE = (42.1819, 69.8878, 757.0)
FRAME = LocalFrame(*SITE)


def percentiles(call: Callable[[int], object], count: int) -> tuple[float, float]:
    """Return the median and the 99th percentile of a call's duration in microseconds."""
    durations = np.empty(count)
    for i in range(count):
        start = time.perf_counter_ns()
        call(i)
        durations[i] = time.perf_counter_ns() - start
    median, p99 = np.percentile(durations, (50, 99)) / 1000.0
    return float(median), float(p99)


def cycle(count: int) -> tuple[float, float]:
    """Return the cost of a step: inputs of both estimates are given beforehand, as the node's callbacks do."""
    terrain = load_terrain().as_ground()
    zones = load_zones(config_path("zones", "first_patrol.geojson"))
    core = GuardCore(GuardSettings(), load_vehicle("quad_2kg"), zones, terrain)
    durations = np.empty(count)
    for i in range(count):
        now = (i + 1) * 50_000_000
        east, north = 100.0 + 60.0 * cos(i / 200.0), -330.0 + 60.0 * sin(i / 200.0)
        lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
        height = terrain.height_amsl_m(lat, lon) + 60.0
        speed = (8.0 * cos(i / 50.0), 8.0 * sin(i / 50.0), 0.2)
        flying = ("px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "")
        core.on_vehicle(VehicleStatus(now, *flying, lat, lon, height, speed, 0.0, 1.0, 1.0, *SITE, 1.0, 16.0))
        quat, ones = (1.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        core.on_odometry(Odometry(now, (east, north, height - SITE[2]), speed, quat, (0.0, 0.0, 0.0), ones, ones))
        core.on_fusion_status(FusionStatus(now, Integrity.NOMINAL, "", *SITE, lat, lon, height, 4.0, 4.0, ones, True))
        core.on_command(Command(now, "mission", i, 0.5, CommandKind.VELOCITY, speed, consent_ns=now), now)
        start = time.perf_counter_ns()
        core.step(now)
        durations[i] = time.perf_counter_ns() - start
    median, p99 = np.percentile(durations, (50, 99)) / 1000.0
    return float(median), float(p99)


def star(corners: int, radius_m: float, east: float, north: float, seed: int) -> PolygonShape:
    """Return a concave outline with that many corners."""
    rng = np.random.default_rng(seed)
    radii = radius_m * rng.uniform(0.8, 1.0, corners)
    ring = []
    for k, radius in enumerate(radii):
        angle = 2.0 * pi * k / corners
        ring.append(FRAME.to_geodetic(east + radius * cos(angle), north + radius * sin(angle), 0.0)[:2])
    return PolygonShape(tuple(ring))


def zone_table(corners: int, keep_outs: int) -> LocalZones:
    """Return an inclusion of that many corners with 12-corner keep-outs in it."""
    rng = np.random.default_rng(1)
    zones = [Zone("in", ZoneKind.INCLUSION, star(corners, 5000.0, 0.0, 0.0, 1))]
    for k in range(keep_outs):
        east, north = rng.uniform(-3000.0, 3000.0, 2)
        zones.append(Zone(f"out {k}", ZoneKind.EXCLUSION, star(12, 80.0, float(east), float(north), k + 2)))
    return ZoneSet(tuple(zones)).in_frame(FRAME)


def compare(name: str, zones: LocalZones, count: int) -> None:
    """Print both costs of the nearest line, on the same segments and points."""
    rng = np.random.default_rng(3)
    queries = rng.uniform(-3500.0, 3500.0, (count, 2))
    lines = linestrings(zones.edges.reshape(-1, 2, 2))
    tree = STRtree(lines)
    geometries = points(queries)
    tree.nearest(geometries[0])
    ours = percentiles(lambda i: zones.margin(float(queries[i, 0]), float(queries[i, 1])), count)
    theirs = percentiles(lambda i: lines[tree.nearest(geometries[i])].distance(geometries[i]), count)
    for i in range(min(count, 200)):
        expected = lines[tree.nearest(geometries[i])].distance(geometries[i])
        assert abs(abs(zones.margin(*map(float, queries[i])).margin_m) - expected) < 1e-6
    print(
        f"{name:<34}{len(zones.edges):>7}{ours[0]:>10.1f}{ours[1]:>9.1f}{theirs[0]:>12.1f}{theirs[1]:>9.1f}"
        f"{theirs[0] / ours[0]:>8.2f}"
    )


def main() -> int:
    """Print both tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    warm()
    median, p99 = cycle(count)
    print(f"guard step, two estimates, first_patrol: median {median:.0f} us, p99 {p99:.0f} us ({count} steps)")
    print(f"\n{'nearest line, us':<34}{'lines':>7}{'median':>10}{'p99':>9}{'STRtree':>12}{'p99':>9}{'ratio':>8}")
    first = load_zones(config_path("zones", "first_patrol.geojson")).in_frame(FRAME)
    compare("first_patrol", first, count)
    compare("100 corners, 3 keep-outs", zone_table(100, 3), count)
    compare("10,000 corners, 100 keep-outs", zone_table(10_000, 100), max(200, count // 10))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
