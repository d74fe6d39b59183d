"""Cards with optotypes, letters and symbols of a given size, to measure what a camera resolves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from lenger_sim.worlds.models import pictures
from lenger_sim.worlds.models.mesh import Mesh, Paint
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import STEEL, WHITE, Solid
from lenger_sim.worlds.parts import Part

PICTURE = 512
MARGIN = 1.6
"""Height of the card in heights of what is on it."""
SIDE = 0.6
"""What is left white beside wide text, left and right together, in its heights."""
SQUARE_DIRECTIONS = ("E", "N", "W", "S")


class TargetCard(Parameters):
    """A white card with one black symbol; upright it faces +x, flat it is read looking along +x.

    Landolt ring and tumbling E are optotypes: their gap is a fifth of `height_m` (ISO 8596).
    """

    symbol: Literal["landolt", "tumbling_e", "text"] = Field(description="what is on the card")
    height_m: float = Field(ge=0.02, le=5.0, description="height of the symbol")
    gap: Literal["E", "NE", "N", "NW", "W", "SW", "S", "SE"] = Field(
        "E", description="where ring or E is open, E = to the right as read"
    )
    text: str = Field("", pattern=r"^[A-Z0-9]{0,2}$", description="one or two letters or digits, for symbol text")
    upright: bool = Field(True, description="on two posts, or flat on the ground")
    clearance_m: float = Field(0.5, ge=0.0, le=10.0, description="lower edge above ground when upright")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.symbol == "text") != bool(self.text):
            raise ValueError("text must be given with symbol text, and only with it")
        if self.symbol == "tumbling_e" and self.gap not in SQUARE_DIRECTIONS:
            raise ValueError(f"gap of a tumbling_e must be one of {', '.join(SQUARE_DIRECTIONS)}")
        return self


def target_card(name: str, p: TargetCard, flavour: str) -> Part:
    """Return the card on its posts, or on the ground."""
    mesh, solid, mask = Mesh("card"), Solid(name), symbol(p)
    edge = MARGIN * p.height_m
    width = edge * _columns(mask) / PICTURE
    half, paint = 0.5 * width, Paint((1.0, 1.0, 1.0), picture=("card.png", card_picture(mask)))
    back = Paint(WHITE)
    if p.upright:
        low, high = p.clearance_m, p.clearance_m + edge
        front = [(0.01, -half, low), (0.01, half, low), (0.01, half, high), (0.01, -half, high)]
        behind = [(-0.01, y, z) for _, y, z in reversed(front)]
        for y in (-half, half):
            solid.bar((-0.03, y, -0.3), (-0.03, y, high), 0.02, Paint(STEEL))
        solid.box((0.02, width, edge), (0.0, 0.0, 0.5 * (low + high)), None)
    else:
        tall = 0.5 * edge
        front = [(-tall, half, 0.03), (-tall, -half, 0.03), (tall, -half, 0.03), (tall, half, 0.03)]
        behind = [(x, y, -0.1) for x, y, _ in reversed(front)]
        solid.box((edge, width, 0.13), (0.0, 0.0, -0.035), None)
    mesh.picture_face(front, paint)
    mesh.face(behind, back)
    for i in range(4):
        j = (i + 1) % 4
        mesh.face([behind[3 - i], behind[3 - j], front[j], front[i]], back)
    solid.mesh(mesh)
    return solid.part()


def symbol(p: TargetCard) -> pictures.Mask:
    """Return what is on the card, as high as it is on a picture of PICTURE rows."""
    size = round(PICTURE / MARGIN)
    if p.symbol == "text":
        return pictures.text(p.text, size)
    return (pictures.landolt if p.symbol == "landolt" else pictures.tumbling_e)(size, p.gap)


def card_picture(mask: pictures.Mask) -> bytes:
    """Return the card's face, square or as wide as its text needs."""
    layer = pictures.placed(mask, (PICTURE, _columns(mask)), (0.5, 0.5))
    return pictures.png((242, 242, 240), [(layer, (8, 8, 8))])


def _columns(mask: pictures.Mask) -> int:
    rows, columns = mask.shape
    return max(PICTURE, int(columns + round(SIDE * rows)))
