"""A small map for a colour terminal: relief, fence and the aircraft, two pixels a letter."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from lenger_bringup.world_map.content import FENCE, KEEPOUT, PLANNED, MapContent, exercise_content
from lenger_bringup.world_map.panel import Panel
from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_training.exercise import Exercise

COLUMNS, LEAST_WIDTH = 40, 90
"""Letters across the map, and of a terminal that has room for it beside the figures."""
_FINER = 6
_COLOURS = {FENCE: (19, 99, 61), KEEPOUT: (179, 38, 30), PLANNED: (120, 124, 118)}
_AIRCRAFT, _TRAIL = (255, 0, 100), (134, 66, 158)
_UPPER_HALF = "▀"


class ConsoleMap:
    """Draws the map of an exercise with an aircraft on it.

    Raises:
        InputError: the exercise lies outside the terrain.
    """

    def __init__(self, content: MapContent) -> None:
        self._content = content
        panel = Panel(content, content.box, COLUMNS * _FINER)
        relief = panel.relief()
        rows = relief.shape[0] // (2 * _FINER) * 2
        blocks = relief[: rows * _FINER].reshape(rows, _FINER, COLUMNS, _FINER, 3)
        self._cells: NDArray[np.uint8] = blocks.mean(axis=(1, 3)).astype(np.uint8)
        self._per_cell = panel.metres_per_pixel * _FINER
        self._flown: set[tuple[int, int]] = set()
        for line in content.lines:
            self._trace(line.points, _COLOURS.get(line.kind, (60, 60, 60)))
        for shape in content.shapes:
            for rings in shape.polygons:
                for ring in rings:
                    self._trace(ring, _COLOURS.get(shape.kind, (60, 60, 60)))

    def at(self, lat_deg: float, lon_deg: float) -> Segments:
        """Return the map with the aircraft at a place and where it has been; off the map it is not shown."""
        cells = self._cells.copy()
        for place in self._flown:
            cells[place] = _TRAIL
        if math.isfinite(lat_deg) and math.isfinite(lon_deg):
            east, north, _ = self._content.land.frame.to_local(lat_deg, lon_deg, self._content.land.frame.alt_amsl_m)
            row, col = self._cell(east, north)
            if 0 <= row < cells.shape[0] and 0 <= col < COLUMNS:
                cells[row, col] = _AIRCRAFT
                self._flown.add((row, col))
        segments = []
        for upper, lower in zip(cells[0::2].tolist(), cells[1::2].tolist(), strict=True):
            segments += [Segment(_UPPER_HALF, _style(*pair)) for pair in zip(upper, lower, strict=True)]
            segments.append(Segment.line())
        return Segments(segments)

    def _cell(self, east: float, north: float) -> tuple[int, int]:
        west, _, _, top = self._content.box
        return math.floor((top - north) / self._per_cell), math.floor((east - west) / self._per_cell)

    def _trace(self, ring: NDArray[np.float64], colour: tuple[int, int, int]) -> None:
        for a, b in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
            count = max(int(math.dist(a, b) / self._per_cell * 3.0), 1)
            for share in np.linspace(0.0, 1.0, count + 1).tolist():
                row, col = self._cell(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
                if 0 <= row < self._cells.shape[0] and 0 <= col < COLUMNS:
                    self._cells[row, col] = colour


def console_map(exercise: Exercise, terrain: Terrain, console: Console) -> ConsoleMap | None:
    """Return the map of an exercise; None where the terminal lacks room or colours for it, or there is no ground."""
    if not console.is_terminal or console.color_system != "truecolor" or console.width < LEAST_WIDTH:
        return None
    try:
        return ConsoleMap(exercise_content(exercise, terrain))
    except InputError:
        return None


def _style(upper: list[int], lower: list[int]) -> Style:
    return Style(color=f"rgb({upper[0]},{upper[1]},{upper[2]})", bgcolor=f"rgb({lower[0]},{lower[1]},{lower[2]})")
