"""The shape of the land between GLOBE's cells: synthetic valleys and ridges, seeded, that keep the cells' means.

GLOBE gives one height for every 0.9 km. Its heights are joined smoothly, roughened where the land is rough, and
drained: water finds its way over the whole area and cuts valleys along it, while the mean over each cell is held to
GLOBE's height. The result follows the real relief from a kilometre up, and is invented below. Flow over the real relief
takes the Badam its true way: from its source past Lenger, along the reservoir and Shymkent, to its mouth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from lenger_core.terrain import drainage_kernels as drainage
from lenger_core.terrain.noise_kernels import fractal_field
from lenger_core.terrain.pins import EAST_M_PER_DEG, NORTH_M_PER_DEG, Bump

Array = NDArray[np.float64]
Pixels = NDArray[np.float32]

STEPS = 6
"""Steps of the landform's lattice to one of GLOBE's: 5 arc seconds, 154 m by 115 m."""

SPACING_NORTH_M = NORTH_M_PER_DEG * 5.0 / 3600.0
SPACING_EAST_M = EAST_M_PER_DEG * 5.0 / 3600.0


@dataclass(frozen=True)
class LandformSettings:
    """How the land is shaped. Part of the terrain's identity: changing one changes every height.

    Attributes:
        seed: of the noise.
        mean_tolerance_m: how far a cell's mean may leave GLOBE's height: GLOBE's own noise on the plain.
        roughness: height of the noise, as a share of the relief of the neighbouring cells.
        noise_spacing: of the noise's first octave, lattice steps.
        incision: K dt of the stream-power law.
        steps: incision steps, first along the first drainage, then along the one that these have made.
        creep: share of a height that soil creep moves to its neighbours' mean in a step.
        steepest: highest slope along the water's way, rise over run.
        hold_m, hold_share: how far the detail may leave the smooth land: metres, plus a share of the relief.
    """

    seed: int = 1878
    mean_tolerance_m: float = 5.0
    roughness: float = 0.3
    noise_spacing: float = 10.0
    incision: float = 0.08
    steps: tuple[int, int] = (10, 4)
    creep: float = 0.15
    steepest: float = 1.2
    hold_m: float = 9.0
    hold_share: float = 0.6


@dataclass(frozen=True)
class Landform:
    """Shaped heights on the 5 arc second lattice, and the relief that sizes finer detail.

    Attributes:
        height_m: (rows, columns), row 0 in the north.
        relief_m: height range over 3 x 3 of GLOBE's cells, interpolated.
        drained_m2: area that drains through each node.
    """

    height_m: Pixels
    relief_m: Pixels
    drained_m2: Pixels


def shape_land(globe: Array, bumps: Iterable[Bump], settings: LandformSettings) -> Landform:
    """Return the land's shape.

    Args:
        globe: (rows, columns) heights, row 0 in the north.
        bumps: what published summits need beyond GLOBE, added to its heights.
        settings: how to shape.
    """
    relief = np.maximum(upsample(_smooth(maximum_filter(globe, 3) - minimum_filter(globe, 3))), 0.0)
    height = upsample(_smooth(globe))
    raised = np.zeros_like(height)
    for bump in bumps:
        bump.add_to(raised, SPACING_NORTH_M, SPACING_EAST_M)
    means = globe + cell_means(raised)
    height += raised
    del raised
    for _ in range(2):
        height += _lift(means, height, settings)
    noise = fractal_field(*height.shape, settings.noise_spacing, 4, 0.55, settings.seed)
    noise *= np.maximum(relief - 15.0, 4.0) * settings.roughness
    height += noise
    del noise
    for steps in settings.steps:
        height, order, to, area = _carve(height, means, relief, steps, settings)
    height = _open_valleys(height, order, to, relief)
    height = _hold(height, upsample(_smooth(means)), settings.hold_m + settings.hold_share * relief)
    drained = area.reshape(height.shape) * np.float32(SPACING_NORTH_M * SPACING_EAST_M)
    return Landform(height.astype(np.float32), relief.astype(np.float32), drained.astype(np.float32))


def upsample(values: Array) -> Array:
    """Return values between nodes, STEPS times finer, by cubic convolution (Keys 1981): through the nodes, C1."""
    return np.ascontiguousarray(_upsample_rows(np.ascontiguousarray(_upsample_rows(values).T)).T)


def cell_means(values: Array) -> Array:
    """Return the means of fine values over the cells about the coarse nodes; the edge is mirrored."""
    return np.ascontiguousarray(_means_of_rows(np.ascontiguousarray(_means_of_rows(values).T)).T)


def _carve(
    height: Array, means: Array, relief: Array, steps: int, settings: LandformSettings
) -> tuple[Array, NDArray[np.int32], NDArray[np.int32], Pixels]:
    """Return (heights, order, receivers, drained cells) after some incision steps along the drainage of `height`."""
    filled, order = drainage.flood(height)
    to = drainage.receivers(filled, SPACING_NORTH_M, SPACING_EAST_M)
    del filled
    area = drainage.drained_area(order, to)
    strength = np.minimum(1.0, 0.1 + relief / 250.0)
    strength *= settings.incision * SPACING_NORTH_M
    for _ in range(steps):
        drainage.incise(height, order, to, area, strength, settings.steepest, SPACING_NORTH_M, SPACING_EAST_M)
        height = drainage.diffuse(height, settings.creep)
        height += _lift(means, height, settings)
    return height, order, to, area


def _open_valleys(height: Array, order: NDArray[np.int32], to: NDArray[np.int32], relief: Array) -> Array:
    """Return heights whose rivers run downhill where a few metres of cutting do it, with banks no steeper than fits.

    Where GLOBE's means close a gorge by hundreds of metres, cutting through would be wrong by as much: there the water
    stays dammed.
    """
    cut = height.reshape(-1).copy()
    drainage.breach(cut, order, to)
    opened = np.maximum(cut.reshape(height.shape), height - (3.0 + 0.12 * relief))
    bank = 0.10 + 0.90 * np.minimum(1.0, relief / 500.0)
    drainage.limit_slopes(opened, bank, SPACING_NORTH_M, SPACING_EAST_M)
    return np.asarray(drainage.diffuse(opened, 0.3))


def _hold(height: Array, smooth: Array, limit: Array) -> Array:
    """Heights whose distance from the smooth land stays below a limit: a plain stays one."""
    off = height - smooth
    off /= limit
    root = off * off
    root += 1.0
    np.sqrt(root, out=root)
    off *= limit
    off /= root
    off += smooth
    return off


def _lift(means: Array, height: Array, settings: LandformSettings) -> Array:
    """What brings the cells' means back to within the tolerance: the uplift against which the rivers cut."""
    off = means - cell_means(height)
    return upsample(off - np.clip(off, -settings.mean_tolerance_m, settings.mean_tolerance_m))


def _smooth(values: Array) -> Array:
    """Cubic B-spline weights (1 4 1) / 6 both ways: GLOBE's stripes are lost, its means are restored later."""
    p = np.pad(values, 1, mode="edge")
    rows = (p[:-2] + 4.0 * p[1:-1] + p[2:]) / 6.0
    return np.asarray((rows[:, :-2] + 4.0 * rows[:, 1:-1] + rows[:, 2:]) / 6.0)


def _upsample_rows(a: Array) -> Array:
    n = a.shape[0]
    p = np.concatenate([2.0 * a[:1] - a[1:2], a, 2.0 * a[-1:] - a[-2:-1]])
    out = np.empty(((n - 1) * STEPS + 1, a.shape[1]))
    for k in range(STEPS):
        w = cubic_weights(k / STEPS)
        out[k::STEPS][: n - 1] = w[0] * p[: n - 1] + w[1] * p[1:n] + w[2] * p[2 : n + 1] + w[3] * p[3 : n + 2]
    out[-1] = a[-1]
    return out


def cubic_weights(t: float) -> tuple[float, float, float, float]:
    """Return the weights of the four nodes about a point `t` of the way from the second to the third."""
    return (
        t * (t * (1.0 - 0.5 * t) - 0.5),
        t * t * (1.5 * t - 2.5) + 1.0,
        t * (t * (2.0 - 1.5 * t) + 0.5),
        t * t * (0.5 * t - 0.5),
    )


def _means_of_rows(a: Array) -> Array:
    n, half = (a.shape[0] - 1) // STEPS + 1, STEPS // 2
    p = np.concatenate([a[half:0:-1], a, a[-2 : -half - 2 : -1]])
    out = 0.5 * p[0::STEPS][:n] + 0.5 * p[STEPS::STEPS][:n]
    for k in range(1, STEPS):
        out = out + p[k::STEPS][:n]
    return np.asarray(out / STEPS)
