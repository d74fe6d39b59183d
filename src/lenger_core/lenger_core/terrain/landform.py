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

from lenger_core.terrain import drainage_kernels as drainage
from lenger_core.terrain import landform_kernels as fields
from lenger_core.terrain.globe import globe_relief
from lenger_core.terrain.pins import EAST_M_PER_DEG, NORTH_M_PER_DEG, Bump

Array = NDArray[np.float64]
Pixels = NDArray[np.float32]
Ways = NDArray[np.uint8]

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


def shape_land(globe: Array, bumps: Iterable[Bump], settings: LandformSettings) -> Pixels:
    """Return the land's shape on the 5 arc second lattice, (2, rows, columns), row 0 in the north.

    Layer 0 are heights; layer 1 is the area that drains through each node, m2. Nothing else of that size is in memory
    at a time but the drainage (5 bytes a node).

    Args:
        globe: (rows, columns) heights, row 0 in the north.
        bumps: what published summits need beyond GLOBE, added to its heights.
        settings: how to shape.
    """
    land = np.zeros((2, *((n - 1) * STEPS + 1 for n in globe.shape)), dtype=np.float32)
    height, other = land
    relief = relief_of(globe)
    for bump in bumps:
        bump.add_to(other, SPACING_NORTH_M, SPACING_EAST_M)
    means = globe + fields.cell_means(other, STEPS)
    height += other
    fields.add_fine(height, padded(_smooth(globe)), STEPS)
    for _ in range(2):
        _lift(means, height, settings)
    fields.roughen(height, relief, STEPS, settings.roughness, settings.noise_spacing, settings.seed)
    way = np.empty(height.shape, dtype=np.uint8)
    order = np.empty(0, dtype=np.int32)
    for steps in settings.steps:
        del order  # before the next is made
        order = _carve(height, other, way, means, relief, steps, settings)
    _open_valleys(height, other, order, way, relief)
    fields.hold(height, padded(_smooth(means)), relief, STEPS, settings.hold_m, settings.hold_share)
    drainage.drained_area(order, way, other)
    other *= np.float32(SPACING_NORTH_M * SPACING_EAST_M)
    return land


def relief_of(globe: Array) -> Array:
    """Return the height range over 3 x 3 of GLOBE's cells, smooth, padded for `landform_kernels`."""
    return padded(_smooth(globe_relief(globe)))


def upsample(values: Array) -> Pixels:
    """Return values between nodes, STEPS times finer, by cubic convolution (Keys 1981): through the nodes, C1."""
    out = np.zeros([(n - 1) * STEPS + 1 for n in values.shape], dtype=np.float32)
    fields.add_fine(out, padded(values), STEPS)
    return out


def padded(values: Array) -> Array:
    """Return a coarse field with one node more all around, in line with the two next to it."""
    rows = np.concatenate([2.0 * values[:1] - values[1:2], values, 2.0 * values[-1:] - values[-2:-1]])
    first, last = 2.0 * rows[:, :1] - rows[:, 1:2], 2.0 * rows[:, -1:] - rows[:, -2:-1]
    return np.ascontiguousarray(np.concatenate([first, rows, last], axis=1), dtype=np.float64)


def _carve(
    height: Pixels, strength: Pixels, way: Ways, means: Array, relief: Array, steps: int, settings: LandformSettings
) -> NDArray[np.int32]:
    """Cut some incision steps into the land along its drainage, which is left in `way` and returned in order."""
    order = drainage.flood(height, strength, way)
    drainage.steepest_ways(strength, way, SPACING_NORTH_M, SPACING_EAST_M)
    drainage.drained_area(order, way, strength)
    fields.erodibility(strength, relief, STEPS, settings.incision * SPACING_NORTH_M)
    for _ in range(steps):
        drainage.incise(height, order, way, strength, settings.steepest, SPACING_NORTH_M, SPACING_EAST_M)
        drainage.diffuse(height, settings.creep)
        _lift(means, height, settings)
    return np.asarray(order)


def _open_valleys(height: Pixels, cut: Pixels, order: NDArray[np.int32], way: Ways, relief: Array) -> None:
    """Let rivers run downhill where a few metres of cutting do it, with banks no steeper than fits.

    Where GLOBE's means close a gorge by hundreds of metres, cutting through would be wrong by as much: there the water
    stays dammed.
    """
    cut[:] = height
    drainage.breach(cut, order, way)
    fields.cut_at_most(height, cut, relief, STEPS)
    drainage.limit_slopes(height, relief, STEPS, SPACING_NORTH_M, SPACING_EAST_M)
    drainage.diffuse(height, 0.3)


def _lift(means: Array, height: Pixels, settings: LandformSettings) -> None:
    """Bring the cells' means back to within the tolerance: the uplift against which the rivers cut."""
    off = means - fields.cell_means(height, STEPS)
    lift = off - np.clip(off, -settings.mean_tolerance_m, settings.mean_tolerance_m)
    fields.add_fine(height, padded(lift), STEPS)


def _smooth(values: Array) -> Array:
    """Cubic B-spline weights (1 4 1) / 6 both ways: GLOBE's stripes are lost, its means are restored later."""
    p = np.pad(values, 1, mode="edge")
    rows = (p[:-2] + 4.0 * p[1:-1] + p[2:]) / 6.0
    return np.asarray((rows[:, :-2] + 4.0 * rows[:, 1:-1] + rows[:, 2:]) / 6.0)
