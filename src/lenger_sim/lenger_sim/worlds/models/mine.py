"""Landmarks of the old coal town: headframe, spoil heap, the railway's track and wagons."""

from __future__ import annotations

import itertools
from math import cos, pi, sin

import numpy as np
from pydantic import Field, field_validator

from lenger_sim.worlds.models.mesh import Mesh, Paint, ring
from lenger_sim.worlds.models.parameters import Parameters, Place
from lenger_sim.worlds.models.ribbon import Array, between, checked_line, ribbon, sides, walked
from lenger_sim.worlds.models.solid import CONCRETE, DARK, RUST, STEEL, Solid
from lenger_sim.worlds.parts import Part

GAUGE_M = 1.52
"""Of the railways of the former Soviet Union."""
SLEEPER_EVERY_M = 0.6
SLEEPER = (0.23, 2.7, 0.18)
RAIL_HIGH_M, RAIL_WIDE_M = 0.18, 0.07
BALLAST_M = 0.3
BED_M, SHOULDER_M = 3.4, 0.9
"""Width of the ballast on top, and how far its slopes reach beyond."""
BALLAST, SPOIL = (0.32, 0.3, 0.28), (0.12, 0.11, 0.1)
REPOSE_DEG = 35.0
"""Angle of repose of loose shale."""


class Headframe(Parameters):
    """A winding tower: four legs, back struts towards -x, two sheaves."""

    height_m: float = Field(
        28.0, ge=10.0, le=60.0, description="of the sheaves' axle; coal mines of the 1950s: 25 to 35 m"
    )


class SpoilHeap(Parameters):
    """A conical heap of mine waste at its angle of repose."""

    height_m: float = Field(25.0, ge=3.0, le=80.0, description="of the top")
    seed: int = Field(0, ge=0, description="of its gullies")


class RailTrack(Parameters):
    """A broad-gauge track along a line."""

    line: tuple[Place, ...] = Field(
        min_length=2, max_length=500, strict=False, description="the foot of the ballast: x, y, z from the origin, m"
    )

    @field_validator("line")
    @classmethod
    def _short(cls, points: tuple[Place, ...]) -> tuple[Place, ...]:
        line = np.array(checked_line(points))
        length = float(np.hypot(*np.diff(line[:, :2], axis=0).T).sum())
        if length > 2000.0:
            raise ValueError(f"the track must not be longer than 2000 m, it is {length:.0f}")
        return points


class RailWagon(Parameters):
    """A four-axle open wagon along x, its wheels on rails 0.48 m above the ground."""

    loaded: bool = Field(True, description="with coal")


def headframe(name: str, p: Headframe, flavour: str) -> Part:
    """Return the tower; its shaft is at the origin."""
    solid, mesh, steel = Solid(name), Mesh("frame"), Paint(RUST)
    foot, head = 0.16 * p.height_m, 0.06 * p.height_m
    levels = [p.height_m * share for share in (0.0, 0.35, 0.65, 0.88, 1.0)]
    frames = [(foot + (head - foot) * z / p.height_m) * ring(2.0**0.5, 4) + np.array((0.0, 0.0, z)) for z in levels]
    for low, high in itertools.pairwise(frames):
        for k in range(4):
            m = (k + 1) % 4
            mesh.tube(np.array([low[k], high[k]]), 0.18, steel)
            for a, b in ((low[k], high[m]), (low[m], high[k]), (high[k], high[m])):
                mesh.tube(np.array([a, b]), 0.1, steel)
        wide = float(np.abs(low[:, :2]).max()) * 2.0**0.5
        tall = float(high[0, 2] - low[0, 2])
        solid.box((wide, wide, tall), (0.0, 0.0, float(low[0, 2]) + 0.5 * tall), None, (0.0, 0.0, 0.25 * pi))
    for y in (-1.0, 1.0):
        strut = ((-0.55 * p.height_m, 2.0 * y, 0.0), (-0.3, 1.2 * y, p.height_m))
        solid.bar(*strut, 0.25, steel)
    solid.box((2.4 * head + 1.0, 2.4 * head + 1.0, 0.3), (0.0, 0.0, p.height_m - 1.6), steel)
    for y in (-0.8, 0.8):
        solid.cylinder(1.5, 0.25, (0.0, y, p.height_m), Paint(DARK), (0.5 * pi, 0.0, 0.0))
    solid.box((6.0, 5.0, 4.0), (0.0, 0.0, 2.0), Paint(CONCRETE))
    solid.mesh(mesh)
    return solid.part()


def spoil_heap(name: str, p: SpoilHeap, flavour: str) -> Part:
    """Return the heap; one landed on is collided with as a mesh."""
    rng, count = np.random.default_rng(p.seed), 24
    radius = p.height_m / np.tan(np.radians(REPOSE_DEG))
    gullies = rng.uniform(0.88, 1.0, count).tolist()
    mesh = Mesh("heap")
    rows = []
    for share in (1.0, 0.66, 0.33, 0.05):
        turns = [2.0 * pi * k / count for k in range(count)]
        far = [radius * share * (1.0 - (1.0 - g) * (1.0 if share > 0.1 else 0.0)) for g in gullies]
        z = p.height_m * (1.0 - share) if share < 1.0 else -1.0
        rows.append([(f * cos(t), f * sin(t), z) for f, t in zip(far, turns, strict=True)])
    for low, high in itertools.pairwise(rows):
        for k in range(count):
            m = (k + 1) % count
            mesh.face([low[k], low[m], high[m]], Paint(SPOIL))
            mesh.face([low[k], high[m], high[k]], Paint(SPOIL))
    for k in range(count):
        mesh.face([rows[-1][k], rows[-1][(k + 1) % count], (0.0, 0.0, p.height_m)], Paint(SPOIL))
    solid = Solid(name)
    solid.mesh(mesh, solid=True)
    return solid.part()


def rail_track(name: str, p: RailTrack, flavour: str) -> Part:
    """Return ballast, sleepers and rails; the rail heads are 0.48 m above the points."""
    line, mesh, solid = np.array(p.line), Mesh("track"), Solid(name)
    left = sides(line)

    def edge(to_the_left_m: float, up_m: float) -> Array:
        moved: Array = line + to_the_left_m * left + np.array((0.0, 0.0, up_m))
        return moved

    head = BALLAST_M + RAIL_HIGH_M
    ribbon(mesh, line, BED_M, Paint(BALLAST), BALLAST_M)
    top, foot = 0.5 * BED_M, 0.5 * BED_M + SHOULDER_M
    between(mesh, edge(top, BALLAST_M), edge(foot, -0.1), Paint(BALLAST))
    between(mesh, edge(-foot, -0.1), edge(-top, BALLAST_M), Paint(BALLAST))
    for rail in (-0.5 * (GAUGE_M + RAIL_WIDE_M), 0.5 * (GAUGE_M + RAIL_WIDE_M)):
        right, far = rail - 0.5 * RAIL_WIDE_M, rail + 0.5 * RAIL_WIDE_M
        between(mesh, edge(right, head), edge(far, head), Paint(STEEL))
        between(mesh, edge(far, head), edge(far, BALLAST_M), Paint(STEEL))
        between(mesh, edge(right, BALLAST_M), edge(right, head), Paint(STEEL))
    for (x, y, z), heading in walked(line, SLEEPER_EVERY_M):
        mesh.box(SLEEPER, (x, y, z + BALLAST_M - 0.5 * SLEEPER[2] + 0.03), Paint(CONCRETE), heading)
    solid.mesh(mesh)
    for a, b in itertools.pairwise(line):
        _bed(solid, a, b)
    return solid.part()


def rail_wagon(name: str, p: RailWagon, flavour: str) -> Part:
    """Return the wagon: 13.9 m over the couplers, 3.1 m wide, 3.5 m above the rail, as the gondolas of the region."""
    solid, rail = Solid(name), BALLAST_M + RAIL_HIGH_M
    length, width = 12.8, 3.1
    solid.box((length, width, 0.2), (0.0, 0.0, rail + 1.3), Paint(RUST))
    for y in (-1.0, 1.0):
        solid.box((length, 0.1, 2.1), (0.0, y * (0.5 * width - 0.05), rail + 2.45), Paint(RUST))
    for x in (-1.0, 1.0):
        solid.box((0.1, width, 2.1), (x * (0.5 * length - 0.05), 0.0, rail + 2.45), Paint(RUST))
        solid.box((0.55, 0.3, 0.3), (x * (0.5 * length + 0.275), 0.0, rail + 1.06), Paint(DARK))
        for axle in (-0.925, 0.925):
            for y in (-0.5, 0.5):
                at = (x * 4.325 + axle, y * GAUGE_M, rail + 0.475)
                solid.cylinder(0.475, 0.13, at, Paint(DARK), (0.5 * pi, 0.0, 0.0))
    if p.loaded:
        solid.box((length - 0.2, width - 0.2, 1.8), (0.0, 0.0, rail + 2.3), Paint((0.03, 0.03, 0.03)))
    return solid.part()


def _bed(
    solid: Solid,
    a: Array,
    b: Array,
) -> None:
    """Add what is collided with between two points: the ballast as one box that climbs with the line."""
    along, middle = b - a, 0.5 * (a + b)
    flat = float(np.hypot(along[0], along[1]))
    turn = (0.0, -float(np.arctan2(along[2], flat)), float(np.arctan2(along[1], along[0])))
    thick = BALLAST_M + RAIL_HIGH_M
    centre = (float(middle[0]), float(middle[1]), float(middle[2]) + 0.5 * thick)
    solid.box((float(np.linalg.norm(along)), BED_M, thick), centre, None, turn)
