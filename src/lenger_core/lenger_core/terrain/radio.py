"""Radio over terrain: the formulas of ITU-R P.526-15 and P.530 that a link check needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError

Array = NDArray[np.float64]

SPEED_OF_LIGHT_M_S = 299_792_458.0

STANDARD_K = 4.0 / 3.0
"""Effective Earth radius factor of the standard atmosphere (ITU-R P.310)."""

FREE_SHARE = 0.6
"""Share of the first Fresnel radius that must be clear for free-space propagation (ITU-R P.530, 2.2.2)."""


def fresnel_radius_m(to_one_m: Array, to_other_m: Array, frequency_hz: float) -> Array:
    """Return the first Fresnel radius sqrt(lambda d1 d2 / (d1 + d2)) (ITU-R P.526-15, equation 2).

    Args:
        to_one_m, to_other_m: distances to the two antennas, of any common shape.
        frequency_hz: above 0.
    """
    wavelength = SPEED_OF_LIGHT_M_S / checked_frequency(frequency_hz)
    one, other = np.asarray(to_one_m), np.asarray(to_other_m)
    return np.sqrt(wavelength * one * other / np.maximum(one + other, 1e-9))


def earth_bulge_m(to_one_m: Array, to_other_m: Array, earth_radius_m: float, k: float = STANDARD_K) -> Array:
    """Return how far the Earth bulges into the line between two antennas: d1 d2 / (2 k a) (ITU-R P.526-15, 3)."""
    return np.asarray(np.asarray(to_one_m) * np.asarray(to_other_m) / (2.0 * checked_k(k) * earth_radius_m))


def knife_edge_loss_db(fresnel_shares: Array) -> Array:
    """Return the diffraction loss over a single edge (ITU-R P.526-15, equation 31), 0 where there is none.

    Args:
        fresnel_shares: clearance over the edge as a share of the first Fresnel radius, negative where the edge stands
            into the ray: nu = -sqrt(2) times it.
    """
    nu = -np.sqrt(2.0) * np.asarray(fresnel_shares, dtype=float)
    inside = np.maximum(nu, -0.78)
    loss = 6.9 + 20.0 * np.log10(np.sqrt((inside - 0.1) ** 2 + 1.0) + inside - 0.1)
    return np.where(nu > -0.78, loss, 0.0)


def checked_k(k: float) -> float:
    """Return an effective Earth radius factor; raises InputError unless it is above 0 (infinity: a flat Earth)."""
    if not k > 0.0:
        raise InputError(
            "line of sight", "k", k, "an effective Earth radius factor above 0, 4/3 in a standard atmosphere"
        )
    return k


def checked_frequency(frequency_hz: float) -> float:
    """Return a frequency; raises InputError unless it is finite and above 0."""
    if not 0.0 < frequency_hz < np.inf:
        raise InputError("line of sight", "frequency_hz", frequency_hz, "a frequency above 0 Hz")
    return frequency_hz
