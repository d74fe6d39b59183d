"""Pictures of the ground, drawn from a seed: they tile without a seam and come with their normal maps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenger_sim.worlds import png

Array = NDArray[np.float64]
Colour = tuple[float, float, float]

SIDE = 512
MOST_TEXTURES = 4
"""What Gazebo's ogre2 renderer takes."""


@dataclass(frozen=True)
class Texture:
    """How one kind of ground looks.

    Attributes:
        name: of its files.
        size_m: side of the square that one picture covers.
        dark, light: colours of its hollows and its tops, 0 to 1.
        spots: a colour that covers `share` of it in patches: tufts, stones.
        share: of the ground that the spots cover.
        grain: exponent of the roughness: 1 fine gravel, 2 soft mounds.
        bump_m: height of the unevenness that the normal map shows.
        seed: of all that.
    """

    name: str
    size_m: float
    dark: Colour
    light: Colour
    spots: Colour
    share: float
    grain: float
    bump_m: float
    seed: int


STEPPE = Texture("steppe", 48.0, (0.37, 0.34, 0.19), (0.58, 0.53, 0.33), (0.38, 0.39, 0.22), 0.30, 1.0, 0.20, 11)
MEADOW = Texture("meadow", 48.0, (0.27, 0.33, 0.15), (0.45, 0.48, 0.25), (0.46, 0.45, 0.27), 0.22, 1.1, 0.25, 12)
SCREE = Texture("scree", 36.0, (0.34, 0.31, 0.27), (0.57, 0.53, 0.47), (0.40, 0.41, 0.28), 0.20, 0.8, 0.25, 13)
ROCK = Texture("rock", 60.0, (0.31, 0.30, 0.29), (0.60, 0.58, 0.55), (0.68, 0.68, 0.68), 0.08, 1.3, 0.60, 14)

LAYERS: tuple[tuple[float, Texture], ...] = ((-1e4, STEPPE), (1100.0, MEADOW), (2300.0, SCREE), (3000.0, ROCK))
"""Height above sea level from which each kind of ground begins, lowest first."""

FADE_M = 150.0
"""Over which one kind passes into the next."""


def layers_between(low_amsl_m: float, high_amsl_m: float) -> list[tuple[float, Texture]]:
    """Return those kinds of ground, and where they begin above sea level, that a range of heights has."""
    ends = [begin for begin, _ in LAYERS[1:]] + [float("inf")]
    return [
        (begin, t) for (begin, t), end in zip(LAYERS, ends, strict=True) if begin < high_amsl_m and end > low_amsl_m
    ]


def file_names(texture: Texture) -> tuple[str, str]:
    """Return the names of the picture and of the normal map."""
    return f"ground_{texture.name}.png", f"ground_{texture.name}_normal.png"


@lru_cache(maxsize=2 * MOST_TEXTURES)
def files(texture: Texture) -> dict[str, bytes]:
    """Return the picture and the normal map of a kind of ground, by file name."""
    rng = np.random.default_rng(texture.seed)
    height = noise(rng, texture.grain, 2.0)
    patches = noise(rng, 1.6, 5.0)
    cover = np.clip((patches - np.quantile(patches, 1.0 - texture.share)) / 0.6 + 0.5, 0.0, 1.0)[..., None]
    tone = np.clip(0.5 + 0.28 * height, 0.0, 1.0)[..., None]
    ground = np.array(texture.dark) + tone * (np.array(texture.light) - np.array(texture.dark))
    ground += cover * (np.array(texture.spots) * (0.75 + 0.5 * tone) - ground)
    picture = np.clip(np.rint(ground * 255.0), 0, 255).astype(np.uint8)
    one, other = file_names(texture)
    step = texture.size_m / SIDE
    return {one: png.encode(picture), other: png.encode(normal_map(height * texture.bump_m / 3.0, step))}


def noise(rng: np.random.Generator, exponent: float, lowest: float) -> Array:
    """Return (SIDE, SIDE) noise of mean 0 and deviation 1 that tiles, its amplitude falling by frequency^-exponent.

    Args:
        rng: where it comes from.
        exponent: how smooth it is.
        lowest: waves to a side below which there is none, so that the tiling is not seen from afar.
    """
    along = np.fft.fftfreq(SIDE, 1.0 / SIDE)
    frequency = np.hypot(along[:, None], along[: SIDE // 2 + 1][None, :])
    # One third-party transform is not the next one's to the last bit, so what comes out is rounded to a fixed grid.
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE, SIDE)))
    spectrum *= np.where(frequency >= lowest, np.maximum(frequency, 1.0) ** -exponent, 0.0)
    field = np.fft.irfft2(spectrum, s=(SIDE, SIDE))
    return np.asarray(np.rint((field - field.mean()) / field.std() * 4096.0) / 4096.0)


def normal_map(height_m: Array, step_m: float) -> NDArray[np.uint8]:
    """Return the normal map (SIDE, SIDE, 3) of a height field that tiles: red to the right, green up the picture."""
    right = (np.roll(height_m, -1, axis=1) - np.roll(height_m, 1, axis=1)) / (2.0 * step_m)
    up = (np.roll(height_m, 1, axis=0) - np.roll(height_m, -1, axis=0)) / (2.0 * step_m)
    normal = np.stack([-right, -up, np.ones_like(right)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.asarray(np.rint(normal * 127.0 + 128.0), dtype=np.uint8)
