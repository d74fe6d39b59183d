"""Gusts as a field: one number of the seed gives every gust, anywhere and at any time.

Isotropic turbulence whose longitudinal correlation is exp(-r / L) has Dryden's longitudinal and lateral spectra along
every straight line, and the energy spectrum E(k) = 8 sigma^2 L / pi (k L)^4 / (1 + (k L)^2)^3 (Batchelor, The Theory of
Homogeneous Turbulence, 1953). It is built here as a sum of waves that each blow across their direction (random Fourier
modes, Kraichnan 1970), with the lengths and strengths that MIL-F-8785C 3.7.3.4 (low altitude) has for a height above
ground: the waves stay the same at every height and only their amplitudes change, so that nothing jumps. The pattern is
carried by the mean wind (Taylor's hypothesis) and slowly changes on the way.
"""

from __future__ import annotations

from math import floor, log

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

TRIADS = 40
"""Three waves each, across each other, so that every one of them has the same energy along all three axes."""
LEAST_HEIGHT_M, MOST_HEIGHT_M = 3.048, 304.8
"""Between them (10 and 1,000 ft) the standard's lengths and strengths change with height."""
HEIGHTS = 33
_LONGEST_M, _SHORTEST_M = 12_000.0, 2.0
_UNSTEADY = 0.5
"""Share of an eddy's own turning rate at which it changes (Fung et al. 1992)."""

WAVE_ROWS = 8
"""Rows of a bank before the amplitudes: wave vector (3, cycles per m), cycles per s, phase in cycles, direction (3)."""


def length_m(height_m: float) -> float:
    """Return the standard's length of horizontal gusts at a height above ground; that of vertical ones is the height.

    In the standard the lengths are in feet: h / (0.177 + 0.000823 h)^1.2.
    """
    feet = min(max(height_m, LEAST_HEIGHT_M), MOST_HEIGHT_M) / 0.3048
    return 0.3048 * feet / float((0.177 + 0.000823 * feet) ** 1.2)


@njit(cache=True)
def sigmas_m_s(height_m: float, wind_20ft_m_s: float) -> tuple[float, float]:
    """Return the standard's standard deviations of horizontal and of vertical gusts at a height above ground."""
    feet = min(max(height_m, LEAST_HEIGHT_M), MOST_HEIGHT_M) / 0.3048
    up = 0.1 * wind_20ft_m_s
    return up / (0.177 + 0.000823 * feet) ** 0.4, up


def wave_bank(seed: int, carried_m_s: tuple[float, float], sigma_m_s: float) -> Array:
    """Return the waves of a seed, (WAVE_ROWS + 2 HEIGHTS, 3 TRIADS): the waves, then amplitudes by height.

    Those of horizontal gusts come before those of vertical ones.

    Args:
        seed: of the field.
        carried_m_s: velocity of the pattern, east and north.
        sigma_m_s: of horizontal gusts 50 m above ground: how fast eddies change.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    edges = np.linspace(np.log(2.0 * np.pi / _LONGEST_M), np.log(2.0 * np.pi / _SHORTEST_M), TRIADS + 1)
    wavenumber = np.exp(edges[:-1] + rng.random(TRIADS) * np.diff(edges))
    axes = _rotations(rng.random((TRIADS, 3)))
    bank = np.empty((WAVE_ROWS + 2 * HEIGHTS, 3 * TRIADS))
    k = np.repeat(wavenumber, 3)
    direction, across = axes.reshape(-1, 3), np.roll(axes, 1, axis=1).reshape(-1, 3)
    bank[0:3] = (direction * k[:, None] / (2.0 * np.pi)).T
    turning = np.sqrt(k**3 * sigma_m_s**2 * _energy(k, length_m(50.0))) / (2.0 * np.pi)
    signs = np.where(rng.random(len(k)) < 0.5, -1.0, 1.0)
    bank[3] = bank[0] * carried_m_s[0] + bank[1] * carried_m_s[1] + _UNSTEADY * turning * signs
    bank[4] = rng.random(len(k))
    bank[5:8] = across.T
    for row, height in enumerate(np.geomspace(LEAST_HEIGHT_M, MOST_HEIGHT_M, HEIGHTS)):
        for first, length in ((WAVE_ROWS, length_m(height)), (WAVE_ROWS + HEIGHTS, float(height))):
            energy = _energy(wavenumber, length) * wavenumber
            bank[first + row] = np.repeat(np.sqrt(2.0 * energy / energy.sum()), 3)
    return bank


@njit(cache=True)
def unit_gust(bank: Array, east_m: float, north_m: float, up_m: float, t_s: float, height_m: float, out: Array) -> None:
    """Fill the gust of unit variance, ENU, at a place and time and a height above ground.

    The sums are taken in a fixed order, so that every program gets the same bits.
    """
    at = log(min(max(height_m, LEAST_HEIGHT_M), MOST_HEIGHT_M) / LEAST_HEIGHT_M) * (
        (HEIGHTS - 1) / log(MOST_HEIGHT_M / LEAST_HEIGHT_M)
    )
    low = min(int(at), HEIGHTS - 2)
    share = at - low
    level, upright = WAVE_ROWS + low, WAVE_ROWS + HEIGHTS + low
    waves = np.empty((2, bank.shape[1]))
    for i in range(bank.shape[1]):
        cycles = bank[0, i] * east_m + bank[1, i] * north_m + bank[2, i] * up_m - bank[3, i] * t_s + bank[4, i]
        wave = _sine(cycles)
        waves[0, i] = wave * (bank[level, i] + share * (bank[level + 1, i] - bank[level, i]))
        waves[1, i] = wave * (bank[upright, i] + share * (bank[upright + 1, i] - bank[upright, i]))
    e = n = u = 0.0
    for i in range(bank.shape[1]):
        e += waves[0, i] * bank[5, i]
        n += waves[0, i] * bank[6, i]
        u += waves[1, i] * bank[7, i]
    out[0], out[1], out[2] = e, n, u


@njit(cache=True, inline="always")
def _sine(cycles: float) -> float:
    """Sine of whole turns, to 4e-6: a polynomial, so that the loop over the waves compiles to vector instructions."""
    q = cycles - floor(cycles + 0.5)
    quarter = 0.25 - abs(abs(q) - 0.25)
    s = quarter if q >= 0.0 else -quarter
    s2 = s * s
    return s * (6.28318530 + s2 * (-41.3417023 + s2 * (81.6052236 + s2 * (-76.7058597 + s2 * 42.0586939))))


def _energy(wavenumber: Array, length: float) -> Array:
    """Energy spectrum of unit variance."""
    x = (wavenumber * length) ** 2
    return np.asarray(8.0 * length / np.pi * x * x / (1.0 + x) ** 3)


def _rotations(uniform: Array) -> Array:
    """(N, 3, 3) rotations, every one as likely as another (Shoemake 1992), from (N, 3) numbers of 0 to 1."""
    one, two = np.sqrt(1.0 - uniform[:, 0]), np.sqrt(uniform[:, 0])
    angle, other = 2.0 * np.pi * uniform[:, 1], 2.0 * np.pi * uniform[:, 2]
    x, y, z, w = one * np.sin(angle), one * np.cos(angle), two * np.sin(other), two * np.cos(other)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
