"""A power line: concrete poles with cross-arms and sagging wires."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from lenger_sim.worlds.models.mesh import Mesh, Paint
from lenger_sim.worlds.models.parameters import Parameters, Place
from lenger_sim.worlds.models.ribbon import checked_line, sides
from lenger_sim.worlds.models.solid import CONCRETE, DARK, STEEL, WHITE, Solid
from lenger_sim.worlds.parts import Part

Array = NDArray[np.float64]
WIRE_R_M = 0.008
HULL_R_M = 0.03
"""Of the wires that are collided with: thicker than they look, so that no time step jumps over them."""
SEGMENTS = 8
LONGEST_SPAN_M = 400.0
INSULATOR_M = 0.25


class PowerLine(Parameters):
    """Poles at given places with three wires; unlit and thin, the worst obstacle for a low flight."""

    line: tuple[Place, ...] = Field(
        min_length=2, max_length=200, strict=False, description="the poles' feet: x, y, z from the origin, m"
    )
    height_m: float = Field(10.0, ge=5.0, le=40.0, description="of the cross-arm; 10 kV lines: about 10 m")
    arm_m: float = Field(2.2, ge=0.5, le=12.0, description="width of the cross-arm")
    sag_share: float = Field(0.02, ge=0.0, le=0.06, description="sag in the middle of a span / its length")

    @field_validator("line")
    @classmethod
    def _spans(cls, poles: tuple[Place, ...]) -> tuple[Place, ...]:
        for i, (a, b) in enumerate(zip(checked_line(poles), poles[1:], strict=False)):
            span = float(np.hypot(b[0] - a[0], b[1] - a[1]))
            if span > LONGEST_SPAN_M:
                raise ValueError(
                    f"poles {i + 1} and {i + 2} are {span:.0f} m apart, at most {LONGEST_SPAN_M:.0f} m is valid"
                )
        return poles


def power_line(name: str, p: PowerLine, flavour: str) -> Part:
    """Return poles and wires."""
    feet = np.array(p.line)
    solid, mesh, left = Solid(name), Mesh("wires"), sides(feet)
    for foot, side in zip(feet, left, strict=True):
        x, y, z = foot.tolist()
        solid.bar((x, y, z - 1.0), (x, y, z + p.height_m + 0.5), 0.13, Paint(CONCRETE))
        yaw = float(np.arctan2(side[1], side[0]))
        solid.box((p.arm_m, 0.1, 0.1), (x, y, z + p.height_m), Paint(STEEL), (0.0, 0.0, yaw))
        for share in (-0.5, 0.0, 0.5):
            at = foot + share * p.arm_m * side + np.array((0.0, 0.0, _wire_height(p, share) - 0.5 * INSULATOR_M))
            solid.cylinder(0.05, INSULATOR_M, (float(at[0]), float(at[1]), float(at[2])), Paint(WHITE), solid=False)
    for share in (-0.5, 0.0, 0.5):
        ends = feet + share * p.arm_m * left + np.array((0.0, 0.0, _wire_height(p, share)))
        for a, b in itertools.pairwise(ends):
            wire = hanging(a, b, p.sag_share)
            mesh.tube(wire, WIRE_R_M, Paint(DARK), sides=3)
            for start, end in zip(wire.tolist(), wire[1:].tolist(), strict=False):
                solid.bar((start[0], start[1], start[2]), (end[0], end[1], end[2]), HULL_R_M, None)
    solid.mesh(mesh)
    return solid.part()


def hanging(a: Array, b: Array, sag_share: float) -> Array:
    """Return a wire between two points as a parabola (a catenary to within a centimetre at such sags)."""
    along = np.linspace(0.0, 1.0, SEGMENTS + 1)[:, None]
    sag = 4.0 * sag_share * float(np.linalg.norm(b - a)) * along * (1.0 - along)
    return np.asarray(a + (b - a) * along - sag * np.array((0.0, 0.0, 1.0)), dtype=np.float64)


def _wire_height(p: PowerLine, share: float) -> float:
    """Return how high a wire is fixed: the middle one on the pole's top, the others on the arm."""
    return p.height_m + INSULATOR_M + (0.5 if share == 0.0 else 0.05)
