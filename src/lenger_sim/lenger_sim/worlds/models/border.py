"""Border posts: striped, with a number plate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lenger_sim.worlds.models import pictures
from lenger_sim.worlds.models.mesh import Mesh, Paint
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import BLUE, CONCRETE, GREEN, RED, WHITE, YELLOW, Solid
from lenger_sim.worlds.parts import Part

HEIGHT_M, WIDE_M, DEEP_M, CAP_M = 2.06, 0.22, 0.18, 0.1
"""The common concrete post: 2.06 m above ground, 22 x 18 cm, a 10 cm pyramid on top."""
STRIPE_M = 0.25
COLOURS = {"red_green": (RED, GREEN), "blue_yellow": (BLUE, YELLOW), "red_white": (RED, WHITE)}


class BorderPost(Parameters):
    """One post; its number faces +x and -x. All borders of the exercises are fictional."""

    number: int = Field(ge=1, le=9999, description="on the plate")
    colours: Literal["red_green", "blue_yellow", "red_white"] = Field("red_green", description="of the stripes")


def border_post(name: str, p: BorderPost, flavour: str) -> Part:
    """Return the post on its concrete foot."""
    solid, mesh = Solid(name), Mesh("cap")
    stripes = COLOURS[p.colours]
    z, count = 0.06, 0
    while z < HEIGHT_M - CAP_M - 1e-6:
        high = min(STRIPE_M, HEIGHT_M - CAP_M - z)
        solid.box((DEEP_M, WIDE_M, high), (0.0, 0.0, z + 0.5 * high), Paint(stripes[count % 2]))
        z, count = z + high, count + 1
    x, y = 0.5 * DEEP_M, 0.5 * WIDE_M
    base = [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
    for i in range(4):
        mesh.face([base[i], base[(i + 1) % 4], (0.0, 0.0, HEIGHT_M)], Paint(stripes[count % 2]))
    picture = pictures.png(
        (240, 240, 235), [(pictures.placed(pictures.fitted(str(p.number), 110, 70), 128, (0.5, 0.5)), (10, 10, 10))]
    )
    plate = Paint((1.0, 1.0, 1.0), picture=("number.png", picture))
    for sign in (-1.0, 1.0):
        face = sign * (x + 0.01)
        mesh.picture_face(
            [(face, -0.1 * sign, 1.5), (face, 0.1 * sign, 1.5), (face, 0.1 * sign, 1.7), (face, -0.1 * sign, 1.7)],
            plate,
        )
    solid.mesh(mesh)
    solid.box((0.5, 0.5, 0.56), (0.0, 0.0, -0.22), Paint(CONCRETE))
    return solid.part()
