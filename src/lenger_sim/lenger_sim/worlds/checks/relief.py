"""The surface that Gazebo collides with against the terrain, and what stands on it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_sim.worlds.checks.opened import CheckError, OpenWorld, pose_of
from lenger_sim.worlds.world import SPAWN, ground_note, plain

Array = NDArray[np.float64]

ORIGIN_OFF_M = 0.2
HEIGHT_OFF_M = 0.5
POINTS = 1000
SPAWN_HIGHEST_M = 110.0
BURIED_M = 2.0
SEED = 20261126


def check_origin(world: OpenWorld) -> Iterator[str]:
    """The ground under the origin is at z = 0."""
    heights = world.surface_m(np.zeros(1), np.zeros(1))
    if np.abs(heights).max() > ORIGIN_OFF_M:
        off = float(heights.flat[int(np.argmax(np.abs(heights)))])
        yield f"the ground under the origin is at {off:.2f} m, it must be 0 within {ORIGIN_OFF_M:g} m"


def check_spawns(world: OpenWorld) -> Iterator[str]:
    """There are start poses; they are upright, above the ground and not far above it."""
    spawns = [f for f in world.world.findall("frame") if f.get("name", "").startswith(SPAWN)]
    if not spawns:
        yield f"no start pose: a <frame> whose name begins with {SPAWN}"
    for frame in spawns:
        x, y, z, roll, pitch, _ = pose_of(frame)
        above = z - float(world.surface_m(np.array([x]), np.array([y])).max())
        if not 0.0 <= above <= SPAWN_HIGHEST_M or roll or pitch:
            valid = f"upright and 0 to {SPAWN_HIGHEST_M:g} m"
            yield f"{frame.get('name')} is {above:.2f} m above the ground, it must be {valid}"
        yield from _beyond(world, frame.get("name", ""), x, y)


def check_places(world: OpenWorld) -> Iterator[str]:
    """What stands in the world stands on the heightmap, and not below it."""
    for include in world.world.findall("include"):
        name = include.findtext("name") or ""
        x, y, z, *_ = pose_of(include)
        below = float(world.surface_m(np.array([x]), np.array([y])).min()) - z
        if below > BURIED_M:
            yield f"{name} is {below:.2f} m below the ground"
        yield from _beyond(world, name, x, y)


def check_heights(world: OpenWorld) -> Iterator[str]:
    """At random points the surface is as high as the terrain says."""
    built_on = ground_note(world.text)
    if built_on and built_on != plain(world.terrain.name):
        yield f"it was built on {built_on!r} and is checked against {world.terrain.name!r}: give the same --dem"
        return
    worst, (east, north) = height_error_m(world, POINTS)
    if worst > HEIGHT_OFF_M:
        place = f"at {east:.0f} m east, {north:.0f} m north"
        yield f"{place} the surface is {worst:.2f} m off the terrain, it must be at most {HEIGHT_OFF_M:g} m"


def height_error_m(world: OpenWorld, points: int, seed: int = SEED) -> tuple[float, tuple[float, float]]:
    """Return the largest difference between surface and terrain at random points, and where (east, north)."""
    x, y, half = world.span_m
    east, north = np.random.default_rng(seed).uniform(-half, half, (2, points)) + np.array([[x], [y]])
    try:
        wanted = world.ground.heights_m(east, north)
    except InputError as error:
        raise CheckError(f"the heightmap reaches beyond the terrain {world.terrain.name}") from error
    off = np.abs(world.surface_m(east, north) - wanted).max(axis=0)
    at = int(np.argmax(off))
    return float(off[at]), (float(east[at]), float(north[at]))


def _beyond(world: OpenWorld, name: str, east_m: float, north_m: float) -> Iterator[str]:
    x, y, half = world.span_m
    if max(abs(east_m - x), abs(north_m - y)) > half:
        yield f"{name} is at {east_m:.0f} m east, {north_m:.0f} m north: beyond the heightmap"
