"""People, cars and riders: standing, and warm for a thermal camera."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Literal

import numpy as np
from pydantic import Field

from lenger_sim.worlds.models.mesh import Mesh, Paint, Point
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import Solid
from lenger_sim.worlds.parts import Part

SKIN, COAT, TROUSERS, HORSE, OLIVE, GLASS, TYRE = (
    (0.55, 0.36, 0.25),
    (0.32, 0.1, 0.06),
    (0.08, 0.09, 0.14),
    (0.2, 0.1, 0.05),
    (0.16, 0.18, 0.1),
    (0.05, 0.07, 0.09),
    (0.02, 0.02, 0.02),
)
LANTERN = (1.0, 0.75, 0.35)
Form = Literal["person", "car", "rider"]


@dataclass(frozen=True)
class _Kind:
    """Box that is collided with (length, width, height), surface temperature, top speed that is natural."""

    hull: Point
    warm_k: float
    top_m_s: float


KINDS: dict[str, _Kind] = {
    "person": _Kind((0.5, 0.55, 1.75), 303.0, 7.0),
    "car": _Kind((4.1, 1.75, 2.0), 312.0, 30.0),
    "rider": _Kind((2.4, 0.65, 2.45), 305.0, 15.0),
}
"""A man of 1.75 m; an off-road car of 4.1 x 1.75 x 2.0 m; a horse of 1.5 m at the withers with a rider. Temperatures
are of clothed skin, of a bonnet after a drive, of a horse's coat."""


class Figure(Parameters):
    """One that stands still, facing +x."""

    form: Form = Field(description="who or what")
    lantern: bool = Field(False, description="carries a glowing lamp, for the night")


def figure(name: str, p: Figure, flavour: str) -> Part:
    """Return the figure with collision and temperature."""
    kind = KINDS[p.form]
    solid = Solid(name, kind.warm_k)
    solid.mesh(figure_mesh(p.form, p.lantern))
    solid.box(kind.hull, (0.0, 0.0, 0.5 * kind.hull[2]), None)
    return solid.part()


def figure_mesh(form: str, lantern: bool) -> Mesh:
    """Return the shape of a figure that stands on z = 0 and faces +x, within its hull."""
    mesh = Mesh(form)
    if form == "person":
        _person(mesh, (0.0, 0.0, 0.0))
        lamp = (0.2, 0.2, 0.9)
    elif form == "car":
        _car(mesh)
        lamp = (2.0, 0.0, 0.8)
    else:
        _horse(mesh)
        _person(mesh, (-0.05, 0.0, 0.68), riding=True)
        lamp = (0.15, 0.0, 1.85)
    if lantern:
        mesh.box((0.08, 0.08, 0.12), lamp, Paint(LANTERN, glow=LANTERN))
    return mesh


def _person(mesh: Mesh, at: Point, *, riding: bool = False) -> None:
    x, y, z = at
    for side in (-1.0, 1.0):
        if riding:
            mesh.box((0.16, 0.14, 0.75), (x + 0.05, y + side * 0.25, z + 0.5), Paint(TROUSERS))
        else:
            mesh.box((0.2, 0.16, 0.85), (x, y + side * 0.11, z + 0.425), Paint(TROUSERS))
        mesh.box((0.14, 0.1, 0.6), (x, y + side * 0.22, z + 1.1), Paint(COAT))
    mesh.lathe([(0.17, z + 0.8), (0.2, z + 1.2), (0.18, z + 1.42), (0.06, z + 1.5)], (x, y, 0.0), Paint(COAT), sides=8)
    mesh.blob((0.1, 0.09, 0.13), (x, y, z + 1.61), Paint(SKIN))


def _car(mesh: Mesh) -> None:
    mesh.box((4.05, 1.7, 0.7), (0.0, 0.0, 0.75), Paint(OLIVE))
    cabin = np.array([(-1.95, -0.8, 1.1), (0.75, -0.8, 1.1), (0.75, 0.8, 1.1), (-1.95, 0.8, 1.1)])
    roof = np.array([(-1.8, -0.72, 2.0), (0.4, -0.72, 2.0), (0.4, 0.72, 2.0), (-1.8, 0.72, 2.0)])
    for k in range(4):
        m = (k + 1) % 4
        mesh.face([cabin[k], cabin[m], roof[m], roof[k]], Paint(GLASS))
    mesh.face(roof, Paint(OLIVE))
    for x in (-1.25, 1.2):
        for y in (-0.75, 0.75):
            wheel = Mesh("wheel")
            wheel.lathe([(0.38, -0.11), (0.38, 0.11)], (0.0, 0.0, 0.0), Paint(TYRE), sides=14)
            mesh.add(wheel, np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), (x, y, 0.38))


def _horse(mesh: Mesh) -> None:
    coat = Paint(HORSE)
    mesh.blob((0.8, 0.28, 0.32), (0.0, 0.0, 1.15), coat)
    for x in (-0.55, 0.5):
        for y in (-0.14, 0.14):
            mesh.box((0.13, 0.11, 1.0), (x, y, 0.5), coat)
    for k in range(4):  # neck, rising forward
        mesh.box((0.28, 0.18, 0.26), (0.62 + 0.09 * k, 0.0, 1.25 + 0.14 * k), coat)
    mesh.box((0.32, 0.16, 0.2), (1.02, 0.0, 1.72), coat)
    tail = 0.25 * pi
    mesh.box((0.09, 0.09, 0.7), (-0.82 - 0.05 * cos(tail), 0.0, 1.2 - 0.35 * sin(tail)), Paint(TYRE))
