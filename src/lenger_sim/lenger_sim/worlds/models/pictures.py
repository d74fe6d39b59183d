"""What is painted on things: numbers, letters, optotypes, the H of a pad; PNG bytes, the same in every run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lenger_sim.worlds.png import encode

Mask = NDArray[np.float64]
Rgb = tuple[int, int, int]
OVERSAMPLING = 4
GAPS = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")
"""Where a Landolt ring is open, in turns of 45 degrees counter-clockwise."""
OPTOTYPE_UNITS = 5.0
"""Height of an optotype in strokes (ISO 8596)."""


@cache
def landolt(size: int, gap: str) -> Mask:
    """Return a Landolt ring that fills a square of `size` pixels: 1 is ink (ISO 8596: stroke and gap a fifth)."""
    x, y = _grid(size)
    turn = np.pi / 4.0 * GAPS.index(gap)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    far = np.hypot(x, y)
    inked = (far <= 2.5) & (far >= 1.5) & ~((np.abs(across) < 0.5) & (along > 0.0))
    return _shrink(inked)


@cache
def tumbling_e(size: int, gap: str) -> Mask:
    """Return a tumbling E whose arms point to `gap` (one of E, N, W, S), filling a square of `size` pixels."""
    x, y = _grid(size)
    turn = np.pi / 4.0 * GAPS.index(gap)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    arms = (np.abs(across) <= 0.5) | (np.abs(across) >= 1.5)
    return _shrink(((along <= -1.5) | arms) & (np.abs(along) <= 2.5) & (np.abs(across) <= 2.5))


def text(words: str, height: int) -> Mask:
    """Return bold text exactly `height` pixels high, and as wide as it is; 1 is ink."""
    font = ImageFont.truetype(str(_font()), 2 * OVERSAMPLING * height)
    left, top, right, bottom = font.getbbox(words)
    letters = Image.new("L", (round(right - left), round(bottom - top)), 0)
    ImageDraw.Draw(letters).text((-left, -top), words, fill=255, font=font)
    width = max(round(letters.width * height / letters.height), 1)
    return np.asarray(letters.resize((width, height), Image.Resampling.BOX), dtype=np.float64) / 255.0


def fitted(words: str, width: int, height: int) -> Mask:
    """Return bold text as large as it fits into so many pixels."""
    mask = text(words, height)
    return mask if mask.shape[1] <= width else text(words, max(height * width // mask.shape[1], 1))


@cache
def disc(size: int, outer: float, inner: float = 0.0) -> Mask:
    """Return a ring about the centre between two radii, given in shares of half the picture."""
    x, y = _grid(size)
    far = np.hypot(x, y) / 2.5
    return _shrink((far <= outer) & (far >= inner))


@cache
def block_h(size: int) -> Mask:
    """Return an H of ICAO's touchdown marking, 3 : 1.8 : 0.4 (height : width : stroke), as high as the square."""
    x, y = _grid(size)
    unit = OPTOTYPE_UNITS / 3.0
    legs = (np.abs(x) <= 0.9 * unit) & (np.abs(x) >= 0.5 * unit)
    return _shrink(legs | ((np.abs(y) <= 0.2 * unit) & (np.abs(x) <= 0.9 * unit)))


def placed(mask: Mask, size: int | tuple[int, int], centre: tuple[float, float]) -> Mask:
    """Return a smaller mask on an empty picture of `size` (rows, columns; one number: a square).

    `centre` is in shares of it, right and up from the lower left.
    """
    rows, columns = (size, size) if isinstance(size, int) else size
    out = np.zeros((rows, columns))
    column = round(centre[0] * columns - 0.5 * mask.shape[1])
    row = round((1.0 - centre[1]) * rows - 0.5 * mask.shape[0])
    out[row : row + mask.shape[0], column : column + mask.shape[1]] = mask
    return out


def png(ground: Rgb, layers: list[tuple[Mask, Rgb]]) -> bytes:
    """Return a picture: a ground colour (sRGB) with masks painted on it in order."""
    picture = np.tile(np.array(ground, dtype=np.float64), (*layers[0][0].shape, 1))
    for mask, colour in layers:
        picture += mask[:, :, None] * (np.array(colour, dtype=np.float64) - picture)
    return encode(np.round(picture).astype(np.uint8))


def _grid(size: int) -> tuple[Mask, Mask]:
    """Return x and y (up) in strokes from the centre of each fine pixel; the square is 5 strokes wide."""
    steps = (np.arange(size * OVERSAMPLING) + 0.5) / (size * OVERSAMPLING) * OPTOTYPE_UNITS - 0.5 * OPTOTYPE_UNITS
    x, y = np.meshgrid(steps, -steps)
    return x, y


def _shrink(fine: NDArray[np.bool_]) -> Mask:
    size = len(fine) // OVERSAMPLING
    blocks = fine.reshape(size, OVERSAMPLING, size, OVERSAMPLING)
    share = np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)
    share.flags.writeable = False  # it is kept for the next picture
    return share


@cache
def _font() -> Path:
    """Return the typeface that comes with matplotlib."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
