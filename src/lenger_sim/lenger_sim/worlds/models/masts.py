"""Masts: a free-standing lattice tower, a guyed mast; lit or, as obstacles that nobody reported, unlit."""

from __future__ import annotations

import itertools
from math import ceil, cos, pi, sin

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from lenger_sim.worlds.models.mesh import Mesh, Paint, Point, ring
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import CONCRETE, RED, STEEL, WHITE, Solid
from lenger_sim.worlds.parts import Part

Array = NDArray[np.float64]
LAMP_COLOUR, LAMP_RANGE_M = (1.0, 0.05, 0.02), 60.0
BANDS = 7
"""Alternating red and white bands over the height, red at both ends (ICAO Annex 14 volume I, 6.2.3)."""
LAMP_EVERY_M = 45.0
"""Levels of obstruction lights are at most this far apart (ICAO Annex 14 volume I, 6.2.4)."""
HULL_GROWTH = 2.0**0.5


class LatticeMast(Parameters):
    """A free-standing square tower."""

    height_m: float = Field(45.0, ge=8.0, le=200.0, description="to its top; telephone towers here: 30 to 70 m")
    lit: bool = Field(True, description="red obstruction lights")
    painted: bool = Field(True, description="red and white bands; false: bare steel")


class GuyedMast(Parameters):
    """A slender mast held by guys in three directions; their wires reach far out and are hard to see."""

    height_m: float = Field(60.0, ge=10.0, le=250.0, description="to its top")
    guy_share: float = Field(0.6, ge=0.3, le=1.0, description="of the height, from the foot to the anchors")
    guy_levels: int = Field(3, ge=1, le=6, description="levels at which guys hold it")
    lit: bool = Field(True, description="red obstruction lights")
    painted: bool = Field(True, description="red and white bands; false: bare steel")


def lattice_mast(name: str, p: LatticeMast, flavour: str) -> Part:
    """Return the tower: a tenth of its height wide at the foot."""
    solid = Solid(name)
    foot, head = 0.05 * p.height_m, 0.4
    _lattice(solid, p.height_m, foot, head, p.painted)
    solid.box((2.6 * foot, 2.6 * foot, 0.7), (0.0, 0.0, -0.25), Paint(CONCRETE))
    for k, z in enumerate((0.86 * p.height_m, 0.93 * p.height_m)):  # two panel antennas, as telephone towers carry
        turn = 0.25 * pi + k * 2.0
        reach = head + 0.9
        solid.box((0.25, 0.4, 2.0), (reach * cos(turn), reach * sin(turn), z), Paint(WHITE), (0.0, 0.0, turn))
    if p.lit:
        _lamps(solid, p.height_m)
    return solid.part()


def guyed_mast(name: str, p: GuyedMast, flavour: str) -> Part:
    """Return the mast, its guys and anchors."""
    solid = Solid(name)
    half = max(0.006 * p.height_m, 0.15)
    _lattice(solid, p.height_m, half, half, p.painted)
    for k in range(3):
        turn = 2.0 * pi * k / 3.0
        out = p.guy_share * p.height_m
        anchor = (out * cos(turn), out * sin(turn), 0.3)
        solid.box((1.0, 1.0, 0.9), (anchor[0], anchor[1], -0.1), Paint(CONCRETE))
        for level in range(1, p.guy_levels + 1):
            top = 0.96 * p.height_m * level / p.guy_levels
            solid.bar(anchor, (half * cos(turn), half * sin(turn), top), 0.012, Paint(STEEL))
    if p.lit:
        _lamps(solid, p.height_m)
    return solid.part()


def _lattice(solid: Solid, height: float, foot: float, head: float, painted: bool) -> None:
    """Add a square lattice that narrows from `foot` to `head` (half widths); it is collided with as stacked boxes."""
    mesh = Mesh("lattice")
    panels = max(BANDS * ceil(height / (BANDS * 4.0 * max(foot, 0.5))), BANDS)
    heights = [height * k / panels for k in range(panels + 1)]
    frames: list[Array] = []
    for z in heights:
        half = foot + (head - foot) * z / height
        frames.append(half * ring(2.0**0.5, 4) @ _EIGHTH + np.array((0.0, 0.0, z)))
    leg = 0.05 + 0.0008 * height
    for k, (low, high) in enumerate(itertools.pairwise(frames)):
        colour = (RED, WHITE)[(k * BANDS // panels) % 2] if painted else STEEL
        _panel(mesh, low, high, leg, Paint(colour))
        if k % max(panels // BANDS, 1) == 0:
            above = frames[min(k + panels // BANDS, panels)]
            wide, tall = 2.0 * float(np.abs(low[:, :2]).max()), float(above[0, 2] - low[0, 2])
            solid.box((wide, wide, tall), (0.0, 0.0, float(low[0, 2]) + 0.5 * tall), None)
    solid.mesh(mesh)


_EIGHTH = np.array([[cos(pi / 4), sin(pi / 4), 0.0], [-sin(pi / 4), cos(pi / 4), 0.0], [0.0, 0.0, 1.0]])


def _panel(mesh: Mesh, low: Array, high: Array, leg: float, paint: Paint) -> None:
    for k in range(4):
        m = (k + 1) % 4
        mesh.tube(np.array([low[k], high[k]]), leg, paint)
        mesh.tube(np.array([low[k], high[m]]), 0.5 * leg, paint, sides=3)
        mesh.tube(np.array([high[k], high[m]]), 0.5 * leg, paint, sides=3)


def _lamps(solid: Solid, height: float) -> None:
    levels = max(ceil(height / LAMP_EVERY_M), 1)
    for level in range(1, levels + 1):
        at: Point = (0.0, 0.0, height * level / levels + (0.2 if level == levels else 0.0))
        solid.lamp(at, LAMP_COLOUR, LAMP_RANGE_M, radius=0.2)
