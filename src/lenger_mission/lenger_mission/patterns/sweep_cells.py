"""Boustrophedon cells: groups of neighbouring runs that are flown up and down without leaving off.

A cell ends where the lines split or meet, as in Choset's decomposition (2000), here at the resolution of the lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenger_mission.patterns.sweep import Run, turned

Array = NDArray[np.float64]

VARIANTS = 4
"""Ways to fly a cell: from the first or from the last line, and its first line forth or back."""


def cells_of(runs: list[Run], bearing_deg: float) -> list[Array]:
    """Return the cells of a family of runs, each (R, 2, 2): ends of its runs, east and north, from line to line."""
    along = np.array([run.ends_en_m for run in runs]).reshape(-1, 2, 2) @ turned(bearing_deg)[0]
    by_line: dict[int, list[int]] = {}
    for index, run in enumerate(runs):
        by_line.setdefault(run.line, []).append(index)
    above: list[list[int]] = [[] for _ in runs]
    below: list[list[int]] = [[] for _ in runs]
    for index, run in enumerate(runs):
        for other in by_line.get(run.line + 1, []):
            if along[index, 0] < along[other, 1] and along[other, 0] < along[index, 1]:
                above[index].append(other)
                below[other].append(index)
    cells: list[list[int]] = []
    cell_of: dict[int, list[int]] = {}
    for index in range(len(runs)):  # by rising line, so what lies below is done
        under = below[index]
        if len(under) == 1 and len(above[under[0]]) == 1:
            cell = cell_of[under[0]]
        else:
            cell = []
            cells.append(cell)
        cell.append(index)
        cell_of[index] = cell
    return [np.array([runs[i].ends_en_m for i in cell]) for cell in cells]


def cell_points(cell: Array, variant: int) -> Array:
    """Return the (2 R, 2) ends of a cell's runs in the order in which a variant, 0 to 3, flies them."""
    rows = cell[::-1].copy() if variant & 2 else cell.copy()
    first_back = variant & 1
    rows[1 - first_back :: 2] = rows[1 - first_back :: 2, ::-1]
    return np.asarray(rows.reshape(-1, 2))
