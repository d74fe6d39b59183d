"""Lines, areas and letters on a transparent picture, drawn large and made smaller so that edges are smooth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import hypot
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Array = NDArray[np.float64]
Colour = tuple[int, int, int] | tuple[int, int, int, int]

FINER = 2
"""How much larger is drawn."""
PAPER, INK, SOFT = (252, 251, 247), (38, 42, 48), (96, 100, 106)


@cache
def font(size: float, bold: bool = False, oblique: bool = False) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which comes with matplotlib, so that every machine writes the same."""
    style = {(True, False): "-Bold", (False, True): "-Oblique", (True, True): "-BoldOblique"}.get((bold, oblique), "")
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{style}.ttf"
    return ImageFont.truetype(str(path), size)


def text_size(text: str, size: float, bold: bool = False, oblique: bool = False) -> tuple[float, float]:
    """Return width and height of a text's box in pixels; the height is that of capitals and descenders."""
    return font(size * FINER, bold, oblique).getlength(text) / FINER, 1.15 * size


class Canvas:
    """A transparent picture of a size in pixels; every place and width is given in those."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGBA", (width * FINER, height * FINER))
        self._draw = ImageDraw.Draw(self._image)

    def over(self, below: Image.Image) -> Image.Image:
        """Return an opaque picture of the same size with this one on it."""
        small = self._image.resize((self.width, self.height), Image.Resampling.BOX)
        return Image.alpha_composite(below.convert("RGBA"), small).convert("RGB")

    def area(self, points: Array, fill: Colour) -> None:
        """Fill a polygon (N, 2)."""
        if len(points) >= 3:
            self._draw.polygon(self._scaled(points), fill=fill)

    def line(self, points: Array, width: float, colour: Colour, dash: Sequence[float] = (), halo: float = 0.0) -> None:
        """Draw a line (N, 2), in dashes and gaps of given lengths, with a light edge."""
        if len(points) < 2:
            return
        if halo:
            self._line(points, width + 2.0 * halo, (*PAPER, 170))
        for piece in dashes(points, dash) if dash else (points,):
            self._line(piece, width, colour)

    def circle(
        self, x: float, y: float, radius: float, fill: Colour | None, edge: Colour = INK, width: float = 1.5
    ) -> None:
        """Draw a disc with an edge."""
        box = [FINER * v for v in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, fill=fill, outline=edge, width=round(width * FINER))

    def shape(
        self, x: float, y: float, corners: Sequence[tuple[float, float]], fill: Colour, edge: Colour = PAPER
    ) -> None:
        """Draw a symbol given by its corners about a place."""
        points = np.asarray(corners, dtype=np.float64) + np.array([x, y])
        self.area(points, fill)
        self._line(np.vstack([points, points[:1]]), 1.2, edge)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: Colour = INK,
        anchor: str = "mm",
        bold: bool = False,
        oblique: bool = False,
        halo: float = 0.0,
        angle_deg: float = 0.0,
    ) -> None:
        """Write; `anchor` as in Pillow, `angle_deg` counter-clockwise (then about the middle)."""
        face, stroke = font(size * FINER, bold, oblique), round(halo * FINER)
        paint = {"font": face, "fill": colour, "stroke_width": stroke, "stroke_fill": (*PAPER, 215)}
        if not angle_deg:
            self._draw.text((x * FINER, y * FINER), text, anchor=anchor, **paint)  # type: ignore[arg-type]
            return
        reach = int(face.getlength(text)) // 2 + 3 * stroke + round(size * FINER)
        piece = Image.new("RGBA", (2 * reach, 2 * reach))
        ImageDraw.Draw(piece).text((reach, reach), text, anchor="mm", **paint)  # type: ignore[arg-type]
        turned = piece.rotate(angle_deg, Image.Resampling.BICUBIC)
        self._image.alpha_composite(turned, (max(round(x * FINER) - reach, 0), max(round(y * FINER) - reach, 0)))

    def _line(self, points: Array, width: float, colour: Colour) -> None:
        self._draw.line(self._scaled(points), fill=colour, width=max(round(width * FINER), 1), joint="curve")

    def _scaled(self, points: Array) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in np.asarray(points) * FINER]


def dashes(points: Array, pattern: Sequence[float]) -> list[Array]:
    """Return the pieces of a line that are drawn: pattern of lengths drawn, left out, drawn ..."""
    pieces: list[list[tuple[float, float]]] = []
    k, left, on = 0, pattern[0], True
    current = [(float(points[0][0]), float(points[0][1]))]
    for a, b in pairwise(points):
        length, done = hypot(b[0] - a[0], b[1] - a[1]), 0.0
        while length - done > left:
            done += left
            spot = a + (b - a) * (done / length)
            here = (float(spot[0]), float(spot[1]))
            if on:
                pieces.append([*current, here])
            k, on = (k + 1) % len(pattern), not on
            current, left = [here], pattern[k]
        left -= length - done
        current.append((float(b[0]), float(b[1])))
    if on and len(current) > 1:
        pieces.append(current)
    return [np.asarray(piece) for piece in pieces]
