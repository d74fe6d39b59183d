"""What is painted on things: numbers, letters, optotypes, the H of a pad; PNG bytes, the same in every run."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mask = NDArray[np.float64]
Rgb = tuple[int, int, int]
OVERSAMPLING = 4
GAPS = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")
"""Where a Landolt ring is open, in turns of 45 degrees counter-clockwise."""
OPTOTYPE_UNITS = 5.0
"""Height of an optotype in strokes (ISO 8596)."""


def landolt(size: int, gap: str) -> Mask:
    """Return a Landolt ring that fills a square of `size` pixels: 1 is ink (ISO 8596: stroke and gap a fifth)."""
    x, y = _grid(size)
    turn = np.pi / 4.0 * GAPS.index(gap)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    far = np.hypot(x, y)
    inked = (far <= 2.5) & (far >= 1.5) & ~((np.abs(across) < 0.5) & (along > 0.0))
    return _shrink(inked)


def tumbling_e(size: int, gap: str) -> Mask:
    """Return a tumbling E whose arms point to `gap` (one of E, N, W, S), filling a square of `size` pixels."""
    x, y = _grid(size)
    turn = np.pi / 4.0 * GAPS.index(gap)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    arms = (np.abs(across) <= 0.5) | (np.abs(across) >= 1.5)
    return _shrink(((along <= -1.5) | arms) & (np.abs(along) <= 2.5) & (np.abs(across) <= 2.5))


def text(words: str, size: int, share: float = 0.8) -> Mask:
    """Return bold text that fills `share` of a square of `size` pixels in its longer direction; 1 is ink."""
    big = size * OVERSAMPLING
    font = ImageFont.truetype(str(_font()), big)
    left, top, right, bottom = font.getbbox(words)
    letters = Image.new("L", (int(right - left) + 1, int(bottom - top) + 1), 0)
    ImageDraw.Draw(letters).text((-left, -top), words, fill=255, font=font)
    scale = share * size / max(letters.size)
    letters = letters.resize(
        (max(round(letters.width * scale), 1), max(round(letters.height * scale), 1)), Image.Resampling.BOX
    )
    sheet = Image.new("L", (size, size), 0)
    sheet.paste(letters, ((size - letters.width) // 2, (size - letters.height) // 2))
    return np.asarray(sheet, dtype=np.float64) / 255.0


def disc(size: int, outer: float, inner: float = 0.0) -> Mask:
    """Return a ring about the centre between two radii, given in shares of half the picture."""
    x, y = _grid(size)
    far = np.hypot(x, y) / 2.5
    return _shrink((far <= outer) & (far >= inner))


def block_h(size: int) -> Mask:
    """Return an H of ICAO's touchdown marking, 3 : 1.8 : 0.4 (height : width : stroke), as high as the square."""
    x, y = _grid(size)
    unit = OPTOTYPE_UNITS / 3.0
    legs = (np.abs(x) <= 0.9 * unit) & (np.abs(x) >= 0.5 * unit)
    return _shrink(legs | ((np.abs(y) <= 0.2 * unit) & (np.abs(x) <= 0.9 * unit)))


def placed(mask: Mask, size: int, centre: tuple[float, float]) -> Mask:
    """Return a smaller mask on an empty square of `size` pixels; `centre` in shares of it, from the lower left."""
    out = np.zeros((size, size))
    column = round(centre[0] * size - 0.5 * mask.shape[1])
    row = round((1.0 - centre[1]) * size - 0.5 * mask.shape[0])
    out[row : row + mask.shape[0], column : column + mask.shape[1]] = mask
    return out


def png(ground: Rgb, layers: list[tuple[Mask, Rgb]]) -> bytes:
    """Return a picture: a ground colour (sRGB) with masks painted on it in order."""
    picture = np.tile(np.array(ground, dtype=np.float64), (*layers[0][0].shape, 1))
    for mask, colour in layers:
        picture += mask[:, :, None] * (np.array(colour, dtype=np.float64) - picture)
    out = io.BytesIO()
    Image.fromarray(np.round(picture).astype(np.uint8)).save(out, format="PNG")
    return out.getvalue()


def _grid(size: int) -> tuple[Mask, Mask]:
    """Return x and y (up) in strokes from the centre of each fine pixel; the square is 5 strokes wide."""
    steps = (np.arange(size * OVERSAMPLING) + 0.5) / (size * OVERSAMPLING) * OPTOTYPE_UNITS - 0.5 * OPTOTYPE_UNITS
    x, y = np.meshgrid(steps, -steps)
    return x, y


def _shrink(fine: NDArray[np.bool_]) -> Mask:
    size = len(fine) // OVERSAMPLING
    blocks = fine.reshape(size, OVERSAMPLING, size, OVERSAMPLING)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)


@cache
def _font() -> Path:
    """Return the typeface that comes with matplotlib."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
