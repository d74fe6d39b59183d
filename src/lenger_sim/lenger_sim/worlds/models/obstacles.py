"""Obstacles: a block, a chimney, a silo, a portal to fly through; unlit unless told otherwise."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from lenger_sim.worlds.models.masts import LAMP_COLOUR, LAMP_RANGE_M
from lenger_sim.worlds.models.mesh import Paint
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import CONCRETE, GREY, RUST, STEEL, Solid
from lenger_sim.worlds.parts import Part

BEAM_M = 0.4


class Obstacle(Parameters):
    """One obstacle; along x it is `length_m` deep, along y `width_m` wide."""

    form: Literal["block", "chimney", "silo", "portal"] = Field(description="what it is")
    height_m: float = Field(10.0, ge=0.5, le=200.0, description="above ground")
    width_m: float = Field(4.0, ge=0.3, le=200.0, description="along y; a round one's diameter; outside of a portal")
    length_m: float = Field(4.0, ge=0.3, le=200.0, description="along x, of a block only")
    lit: bool = Field(False, description="one red obstruction light on top")

    @model_validator(mode="after")
    def _stands(self) -> Self:
        if self.form == "portal" and self.width_m < 4.0 * BEAM_M:
            raise ValueError(f"width_m of a portal must be at least {4.0 * BEAM_M} m")
        return self


def obstacle(name: str, p: Obstacle, flavour: str) -> Part:
    """Return the obstacle, founded half a metre deep."""
    solid, deep = Solid(name), 0.5
    tall, middle = p.height_m + deep, 0.5 * (p.height_m - deep)
    if p.form == "block":
        solid.box((p.length_m, p.width_m, tall), (0.0, 0.0, middle), Paint(GREY))
    elif p.form == "chimney":
        solid.cylinder(0.5 * p.width_m, tall, (0.0, 0.0, middle), Paint(RUST))
    elif p.form == "silo":
        solid.cylinder(0.5 * p.width_m, tall, (0.0, 0.0, middle), Paint(STEEL))
    else:
        for sign in (-1.0, 1.0):
            solid.box((BEAM_M, BEAM_M, tall), (0.0, sign * 0.5 * (p.width_m - BEAM_M), middle), Paint(CONCRETE))
        solid.box((BEAM_M, p.width_m, BEAM_M), (0.0, 0.0, p.height_m - 0.5 * BEAM_M), Paint(CONCRETE))
    if p.lit:
        solid.lamp((0.0, 0.0, p.height_m + 0.15), LAMP_COLOUR, LAMP_RANGE_M)
    return solid.part()
