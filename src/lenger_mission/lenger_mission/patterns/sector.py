"""Sector search (VS): a wheel of spokes through the datum (IAMSAR Manual, volume II, chapter 5, and volume III).

For a target whose place is well known: the datum is passed again and again. The manual's wheel has six sectors, so that
each cross leg is as long as the radius and every turn is 120 degrees; a second search of the same place is turned by
half a sector.
"""

from __future__ import annotations

from math import asin, ceil, pi

import numpy as np

from lenger_core.errors import InputError
from lenger_mission.patterns.plane import Array, in_range, turned

SECTORS = 6
MOST_SECTORS = 90


def sectors_for(spacing_m: float, radius_m: float) -> int:
    """Return the least number of sectors whose tracks are no further apart than `spacing_m` at the rim.

    The cross leg of N sectors is the chord 2 R sin(180 degrees / N). N is 6, 10, 14, ...: an odd number of diameters,
    so that the last spoke comes home over ground that was not flown.

    Raises:
        InputError: a number out of range, or more than `MOST_SECTORS` sectors.
    """
    in_range("sector search", "spacing_m", spacing_m, 1.0, 20_000.0)
    in_range("sector search", "radius_m", radius_m, 1.0, 10_000.0)
    if spacing_m >= radius_m:
        return SECTORS
    needed = pi / asin(0.5 * spacing_m / radius_m)
    sectors = 4 * ceil((needed - 2.0) / 4.0 - 1e-9) + 2
    if sectors > MOST_SECTORS:
        least = 2.0 * radius_m * np.sin(pi / MOST_SECTORS)
        raise InputError("sector search", "spacing_m", spacing_m, f"at least {least:.4g} for that radius")
    return max(SECTORS, sectors)


def sector_search(
    radius_m: float, bearing_deg: float = 0.0, clockwise: bool = True, sectors: int = SECTORS, passes: int = 1
) -> Array:
    """Return the vertices (N, 2), east and north of the datum in metres: datum, rim, ..., datum.

    The datum is a vertex only at the start and end of a pass; between, the legs run straight through it. The length of
    a pass is N R for the spokes and N / 2 chords of 2 R sin(180 degrees / N): 9 R for six sectors.

    Args:
        radius_m: R.
        bearing_deg: of the first leg, clockwise from north.
        clockwise: turns to the right, as the manual has them.
        sectors: N, one of 6, 10, 14, ...
        passes: how often to search, each turned against the one before by half a sector (six sectors: 30 degrees).

    Raises:
        InputError: a number out of range.
    """
    in_range("sector search", "radius_m", radius_m, 1.0, 10_000.0)
    in_range("sector search", "passes", passes, 1, 10)
    if sectors % 4 != 2 or not SECTORS <= sectors <= MOST_SECTORS:
        raise InputError("sector search", "sectors", sectors, f"6, 10, 14, ... {MOST_SECTORS}")
    wheel = _wheel(radius_m, sectors)
    half = 180.0 / sectors if clockwise else -180.0 / sectors
    rounds = [turned(wheel, (bearing_deg + number * half) % 360.0, clockwise) for number in range(passes)]
    return np.concatenate([rounds[0], *(again[1:] for again in rounds[1:])])


def _wheel(radius_m: float, sectors: int) -> Array:
    """A pass with the first spoke to the north, clockwise: spokes 0, 1, 1 + N/2, 2 + N/2, 2, 3, ..., N/2."""
    half = sectors // 2
    spokes = [0]
    for diameter in range(1, half):
        far = diameter + half
        spokes += [diameter, far] if diameter % 2 else [far, diameter]
    spokes.append(half)
    angles = 2.0 * pi * np.array(spokes) / sectors
    rim = radius_m * np.column_stack([np.sin(angles), np.cos(angles)])
    return np.concatenate([np.zeros((1, 2)), rim, np.zeros((1, 2))])
