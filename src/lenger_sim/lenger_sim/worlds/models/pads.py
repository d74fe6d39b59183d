"""Numbered landing pads."""

from __future__ import annotations

from math import cos, pi, sin

from pydantic import Field

from lenger_sim.worlds.models import pictures
from lenger_sim.worlds.models.mesh import Mesh, Paint
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import CONCRETE, GREEN, Solid
from lenger_sim.worlds.parts import Part

TOP_M = 0.04
FOUNDATION_M = 0.3
PICTURE = 512
LAMPS = 8


class LandingPad(Parameters):
    """A square slab with a ring, an H of ICAO's proportions and a number; the H is read looking along +x."""

    number: int = Field(ge=0, le=999, description="painted below the H")
    size_m: float = Field(3.0, ge=0.5, le=30.0, description="edge; 3 m takes both our airframes with an error of 1 m")
    lit: bool = Field(False, description="green glowing lamps around the edge, for the night")


def landing_pad(name: str, p: LandingPad, flavour: str) -> Part:
    """Return a pad whose top is 4 cm above the ground."""
    half = 0.5 * p.size_m
    mesh = Mesh("pad")
    face = Paint((1.0, 1.0, 1.0), picture=("pad.png", pad_picture(p.number)))
    # the picture's top lies towards +x, so that it is read by an aircraft that comes in along +x
    corners = [(-half, half, TOP_M), (-half, -half, TOP_M), (half, -half, TOP_M), (half, half, TOP_M)]
    mesh.picture_face(corners, face)
    bottom = [(x, y, -FOUNDATION_M) for x, y, _ in corners]
    for i in range(4):
        j = (i + 1) % 4
        mesh.face([bottom[i], bottom[j], corners[j], corners[i]], Paint(CONCRETE))
    solid = Solid(name)
    solid.mesh(mesh)
    thick = TOP_M + FOUNDATION_M
    solid.box((p.size_m, p.size_m, thick), (0.0, 0.0, TOP_M - 0.5 * thick), None)
    for lamp in range(LAMPS if p.lit else 0):
        turn = 2.0 * pi * (lamp + 0.5) / LAMPS
        at = (0.48 * p.size_m * cos(turn), 0.48 * p.size_m * sin(turn), TOP_M + 0.02)
        solid.sphere(0.03, at, Paint(GREEN, glow=(0.1, 1.0, 0.2)), solid=False)
    return solid.part()


def pad_picture(number: int) -> bytes:
    """Return the pad's face: white ring and H on dark asphalt, the number in yellow."""
    height = round(0.46 * PICTURE)
    layers = [
        (pictures.disc(PICTURE, 0.98, 0.9), (235, 235, 230)),
        (pictures.placed(pictures.block_h(height), PICTURE, (0.5, 0.58)), (235, 235, 230)),
        (
            pictures.placed(
                pictures.fitted(str(number), round(0.3 * PICTURE), round(0.17 * PICTURE)), PICTURE, (0.5, 0.2)
            ),
            (245, 200, 20),
        ),
    ]
    return pictures.png((52, 54, 56), layers)
