"""What lies on the ground: the runway strip and the river."""

from __future__ import annotations

from math import floor

import numpy as np
from pydantic import Field, field_validator

from lenger_sim.worlds.models import pictures
from lenger_sim.worlds.models.mesh import Mesh, Paint
from lenger_sim.worlds.models.parameters import Parameters, Place
from lenger_sim.worlds.models.ribbon import checked_line, ribbon
from lenger_sim.worlds.models.solid import Solid
from lenger_sim.worlds.parts import Part

GRAVEL, ASPHALT, PAINT = (0.33, 0.3, 0.25), (0.09, 0.09, 0.1), (0.9, 0.9, 0.9)
WATER = (0.05, 0.13, 0.16)
STRIP_TOP_M, MARK_LIFT_M, FOUNDATION_M = 0.03, 0.01, 0.5
ICAO_WIDTH_M = 18.0
"""The narrowest runway that ICAO's Annex 14 volume I gives markings for; narrower strips get them to scale."""
LAMP_EVERY_M = 60.0


class Runway(Parameters):
    """A flat strip along x, its origin in the middle; markings after ICAO's Annex 14, to scale on a narrow strip."""

    length_m: float = Field(300.0, ge=60.0, le=3000.0, description="along x")
    width_m: float = Field(15.0, ge=4.0, le=60.0, description="along y")
    designator: int = Field(ge=1, le=36, description="of the end at -x, where one lands along +x")
    asphalt: bool = Field(False, description="asphalt instead of gravel")
    lit: bool = Field(False, description="white glowing lamps along both edges")


class River(Parameters):
    """A water surface along a line; the ground below it is not changed."""

    line: tuple[Place, ...] = Field(
        min_length=2, max_length=2000, strict=False, description="the middle of the surface: x, y, z from the origin, m"
    )
    width_m: float = Field(8.0, ge=0.5, le=500.0, description="of the water")

    @field_validator("line")
    @classmethod
    def _apart(cls, points: tuple[Place, ...]) -> tuple[Place, ...]:
        return checked_line(points)


def runway(name: str, p: Runway, flavour: str) -> Part:
    """Return the strip, 3 cm above the ground, with a foundation half a metre deep."""
    solid, mesh = Solid(name), Mesh("runway")
    thick = STRIP_TOP_M + FOUNDATION_M
    ground = Paint(ASPHALT if p.asphalt else GRAVEL)
    mesh.box((p.length_m, p.width_m, thick), (0.0, 0.0, STRIP_TOP_M - 0.5 * thick), ground)
    solid.box((p.length_m, p.width_m, thick), (0.0, 0.0, STRIP_TOP_M - 0.5 * thick), None)
    _markings(mesh, p)
    solid.mesh(mesh)
    if p.lit:
        for i in range(floor(p.length_m / LAMP_EVERY_M) + 1):
            for side in (-0.5, 0.5):
                at = (-0.5 * p.length_m + i * LAMP_EVERY_M, side * p.width_m, 0.25)
                solid.sphere(0.06, at, Paint(PAINT, glow=(1.0, 0.95, 0.8)), solid=False)
    return solid.part()


def river(name: str, p: River, flavour: str) -> Part:
    """Return the water, without collision: an aircraft sinks into it."""
    solid, mesh = Solid(name), Mesh("water")
    ribbon(mesh, np.array(p.line), p.width_m, Paint(WATER))
    solid.mesh(mesh)
    return solid.part()


def _markings(mesh: Mesh, p: Runway) -> None:
    scale = min(p.width_m / ICAO_WIDTH_M, 1.0)
    z, white = STRIP_TOP_M + MARK_LIFT_M, Paint(PAINT)

    def bar(x: float, y: float, length: float, width: float) -> None:
        low, high = x - 0.5 * length, x + 0.5 * length
        left, right = y + 0.5 * width, y - 0.5 * width
        mesh.face([(low, right, z), (high, right, z), (high, left, z), (low, left, z)], white)

    end = 0.5 * p.length_m
    stripe, number_m = 1.8 * scale, 9.0 * scale
    threshold = 12.0 * scale
    for sign in (-1.0, 1.0):
        for i in range(4):  # four stripes for 18 m
            bar(sign * (end - 1.0 - 0.5 * threshold), (i - 1.5) * 2.0 * stripe, threshold, stripe)
        facing = (p.designator + (18 if sign > 0.0 else 0) - 1) % 36 + 1
        _designator(mesh, facing, sign * (end - 3.0 - threshold - 0.5 * number_m), number_m, -sign)
        bar(0.0, sign * (0.5 * p.width_m - 0.45 * scale), p.length_m - 2.0, 0.45 * scale)
    room = p.length_m - 2.0 * (threshold + number_m + 8.0)
    dash, step = 30.0 * scale, 50.0 * scale
    count = max(floor((room + step - dash) / step), 0)
    for i in range(count):
        bar((i - 0.5 * (count - 1)) * step, 0.0, dash, 0.45 * scale)


def _designator(mesh: Mesh, facing: int, x: float, size: float, ahead: float) -> None:
    """Paint a runway number that is read looking along `ahead` (1: +x, -1: -x)."""
    mask = pictures.placed(pictures.fitted(f"{facing:02d}", 250, 250), 256, (0.5, 0.5))
    picture = (f"designator_{facing:02d}.png", pictures.png((50, 50, 50), [(mask, (235, 235, 235))]))
    z, half = STRIP_TOP_M + MARK_LIFT_M, 0.5 * size
    corners = [(-half, half), (-half, -half), (half, -half), (half, half)]
    face = [(x + ahead * u, ahead * v, z) for u, v in corners]
    mesh.picture_face(face, Paint((1.0, 1.0, 1.0), picture=picture))
