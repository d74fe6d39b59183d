"""Low-polygon trees of the foothills."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Literal

import numpy as np
from pydantic import Field

from lenger_sim.worlds.models.mesh import Colour, Mesh, Paint
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import Solid
from lenger_sim.worlds.parts import Part

BARK = (0.2, 0.14, 0.08)
ROUGHNESS = 0.12


@dataclass(frozen=True)
class _Shape:
    """Shares of the height: bare trunk, crown's half width, trunk's radius; number of blobs."""

    trunk: float
    crown: float
    stem: float
    blobs: int
    leaves: Colour
    usual_m: float


SPECIES = {
    "poplar": _Shape(0.12, 0.11, 0.014, 3, (0.1, 0.24, 0.05), 18.0),
    "elm": _Shape(0.25, 0.34, 0.022, 5, (0.09, 0.2, 0.05), 12.0),
    "apple": _Shape(0.25, 0.45, 0.03, 4, (0.13, 0.27, 0.08), 6.0),
    "juniper": _Shape(0.04, 0.28, 0.03, 2, (0.06, 0.16, 0.09), 4.0),
}
"""Pyramidal poplars stand along roads and canals; elm is the town's tree; wild apple and juniper grow uphill."""


class Tree(Parameters):
    """One tree."""

    species: Literal["poplar", "elm", "apple", "juniper"] = Field("poplar", description="which")
    height_m: float | None = Field(None, ge=1.0, le=40.0, description="usual for the species: 18, 12, 6, 4 m")
    seed: int = Field(0, ge=0, description="of its shape")


def tree(name: str, p: Tree, flavour: str) -> Part:
    """Return the tree: a trunk and a few ragged blobs; trunk and crown are collided with as cylinders."""
    shape, rng = SPECIES[p.species], np.random.default_rng(p.seed)
    height = p.height_m or shape.usual_m
    solid, mesh = Solid(name), Mesh("tree")
    bottom, wide = shape.trunk * height, shape.crown * height
    stem, middle = shape.stem * height, 0.5 * (1.0 + shape.trunk) * height
    mesh.lathe([(1.3 * stem, -0.5), (stem, 0.3), (0.4 * stem, middle)], (0.0, 0.0, 0.0), Paint(BARK), sides=7)
    tall = height - bottom
    for k in range(shape.blobs):
        tint = 0.85 + 0.3 * rng.random()
        leaves = Paint((shape.leaves[0] * tint, shape.leaves[1] * tint, shape.leaves[2] * tint))
        low = (k + 0.5) / shape.blobs
        turn, off = 2.0 * pi * rng.random(), 0.35 * wide * (1.0 - low)
        size = (wide - off) / (1.0 + ROUGHNESS)
        up = min(0.7 * tall / shape.blobs + 0.2 * tall, 0.5 * tall) / (1.0 + ROUGHNESS)
        z = min(max(bottom + low * tall, bottom + up), height - up)
        z = height - up if k == shape.blobs - 1 else z
        bumps = 1.0 + ROUGHNESS * rng.uniform(-1.0, 1.0, (5, 8))
        mesh.blob((size, size, up), (off * cos(turn), off * sin(turn), z), leaves, bumps)
    solid.mesh(mesh)
    solid.cylinder(stem, middle, (0.0, 0.0, 0.5 * middle), None)
    solid.cylinder(0.7 * wide, 0.9 * tall, (0.0, 0.0, bottom + 0.5 * tall), None)
    return solid.part()
