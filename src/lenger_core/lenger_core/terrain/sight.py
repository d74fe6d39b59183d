"""Lines of sight, clearance along paths, and horizons over a terrain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.terrain import horizon_kernels, sight_kernels
from lenger_core.terrain.model import Terrain
from lenger_core.terrain.radio import (
    FREE_SHARE,
    SPEED_OF_LIGHT_M_S,
    STANDARD_K,
    checked_frequency,
    checked_k,
    knife_edge_loss_db,
)
from lenger_core.terrain.raster import read_only

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Sight:
    """Rays between pairs of points; each attribute is a read-only (N,).

    Attributes:
        clearance_m: least height of the ray above the ground, negative where it is cut; Earth's bulge included.
        at_m: distance from the first point to where that is.
        sure_clearance_m: least clearance after the terrain's error bound.
        sure_at_m: distance to where that is.
        fresnel_share: least clearance as a share of the first Fresnel radius there, at most 4 (then `fresnel_at_m` is
            0): more makes no difference.
        fresnel_at_m: distance to where that is.
        distance_m: between the points, over the ellipsoid.
    """

    clearance_m: Array
    at_m: Array
    sure_clearance_m: Array
    sure_at_m: Array
    fresnel_share: Array
    fresnel_at_m: Array
    distance_m: Array

    @property
    def visible(self) -> Flags:
        """Whether nothing of the terrain model stands in the way."""
        return self.clearance_m > 0.0

    @property
    def surely_visible(self) -> Flags:
        """Whether nothing can stand in the way within the terrain's error bound."""
        return self.sure_clearance_m > 0.0

    @property
    def free(self) -> Flags:
        """Whether 0.6 of the first Fresnel zone is clear, so that the ground costs the link nothing."""
        return self.fresnel_share >= FREE_SHARE

    @property
    def diffraction_loss_db(self) -> Array:
        """Loss over the worst edge (ITU-R P.526 single knife edge): a lower estimate where several edges stand."""
        return knife_edge_loss_db(self.fresnel_share)


@dataclass(frozen=True)
class PathClearance:
    """Where a path comes closest to the ground.

    Attributes:
        clearance_m: least height above the ground.
        leg: index of the leg, from 0, on which that is.
        at_m: distance from the leg's start.
        sure_clearance_m, sure_leg, sure_at_m: the same after the terrain's error bound.
        length_m: of the whole path.
    """

    clearance_m: float
    leg: int
    at_m: float
    sure_clearance_m: float
    sure_leg: int
    sure_at_m: float
    length_m: float


def lines_of_sight(
    terrain: Terrain, one: Array, other: Array, frequency_hz: float = 2.4e9, k: float = STANDARD_K
) -> Sight:
    """Return what stands between pairs of points: exact for the bilinear surface, not sampled.

    Args:
        terrain: the ground.
        one, other: (N, 3) or (3,): latitude, longitude in degrees, height AMSL in metres.
        frequency_hz: of the link, for the Fresnel zone.
        k: effective Earth radius factor: 4/3 standard, 1 for light without refraction, infinite for a flat Earth.

    Raises:
        InputError: a ray leaves the terrain; k or the frequency is not above 0.
    """
    rays = np.concatenate(np.broadcast_arrays(points3(one), points3(other)), axis=1)
    wavelength = SPEED_OF_LIGHT_M_S / checked_frequency(frequency_hz)
    out = _rays(terrain, rays, 0.5 / checked_k(k), wavelength)
    square = out[:, sight_kernels.FRESNEL] * np.maximum(out[:, sight_kernels.LENGTH], 1e-9) / wavelength
    share = np.sign(square) * np.sqrt(np.abs(square))
    columns = (out[:, 0], out[:, 1], out[:, 2], out[:, 3], share, out[:, 5], out[:, 6])
    return Sight(*(read_only(np.ascontiguousarray(column)) for column in columns))


def path_clearance(terrain: Terrain, path: Array) -> PathClearance:
    """Return where a path comes closest to the ground: exact for the bilinear surface, not sampled.

    Args:
        terrain: the ground.
        path: (N, 3), N of at least 2: latitude, longitude in degrees, height AMSL; between them it runs over the
            ellipsoid's shortest line, and its height changes linearly with distance.

    Raises:
        InputError: the path leaves the terrain or has fewer than two points.
    """
    points = points3(path)
    if len(points) < 2:
        raise InputError("path", "points", len(points), "at least 2")
    out = _rays(terrain, np.concatenate([points[:-1], points[1:]], axis=1), 0.0, 0.0)
    leg, sure = int(np.argmin(out[:, 0])), int(np.argmin(out[:, 2]))
    worst = float(out[leg, 0]), leg, float(out[leg, 1]), float(out[sure, 2]), sure, float(out[sure, 3])
    return PathClearance(*worst, length_m=float(out[:, 6].sum()))


def horizons(
    terrain: Terrain,
    eyes: Array,
    azimuths_deg: Array,
    reach_m: float = 30_000.0,
    k: float = STANDARD_K,
    nearest_m: float = 10.0,
    raised: bool = False,
) -> tuple[Array, Array]:
    """Return (elevations in degrees, distances in metres) of the horizon, each (N, A): exact for the bilinear surface.

    Args:
        terrain: the ground.
        eyes: (N, 3) or (3,): latitude, longitude in degrees, height AMSL in metres.
        azimuths_deg: (A,) clockwise from north.
        reach_m: how far to look.
        k: effective Earth radius factor.
        nearest_m: ground nearer than this does not count.
        raised: the ground as high as its error bound allows: the highest that the horizon can be.

    Raises:
        InputError: the reach leaves the terrain, or a number is not above 0.
    """
    if not 0.0 < nearest_m < reach_m < np.inf:
        raise InputError("horizon", "reach_m", reach_m, f"more than the nearest distance, {nearest_m:g} m, and finite")
    points = points3(eyes)
    azimuths, span, bulge = (
        np.radians(np.atleast_1d(azimuths_deg).astype(float)),
        (nearest_m, reach_m),
        0.5 / checked_k(k),
    )
    bounds, lattice = terrain.error_nodes
    bounds = bounds if raised else bounds[:0]
    out: Array = terrain.surface.ask(
        lambda view, wanted: horizon_kernels.horizons(view, bounds, lattice, points, azimuths, span, bulge, wanted)
    )
    terrain.surface.refuse_nan(out[..., 0].min(axis=1), points[:, 0], points[:, 1])
    return np.degrees(np.arctan(out[..., 0])), np.ascontiguousarray(out[..., 1])


def points3(points: Array) -> Array:
    """Return points as (N, 3) float64; raises InputError for another shape or a number that is not finite."""
    out = np.ascontiguousarray(np.atleast_2d(np.asarray(points, dtype=np.float64)))
    if out.ndim != 2 or out.shape[1] != 3 or not np.isfinite(out).all():
        raise InputError("points", "", out.shape, "finite numbers of shape (N, 3): latitude, longitude, height AMSL")
    return out


def _rays(terrain: Terrain, rays: Array, bulge: float, wavelength_m: float) -> Array:
    rays = np.ascontiguousarray(rays)
    surface, (bounds, lattice) = terrain.surface, terrain.error_nodes
    out: Array = surface.ask(
        lambda view, wanted: sight_kernels.least_clearances(view, bounds, lattice, rays, bulge, wavelength_m, wanted)
    )
    surface.refuse_nan(np.where(out[:, sight_kernels.GAP] > 0.0, np.nan, 0.0), rays[:, 3], rays[:, 4])
    return out
