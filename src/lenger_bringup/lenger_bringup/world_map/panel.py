"""One map picture: relief, what lies on it, and its names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter
from shapely.geometry import Polygon

from lenger_bringup.world_map import content as kinds
from lenger_bringup.world_map import symbols
from lenger_bringup.world_map.canvas import Canvas, text_size
from lenger_bringup.world_map.content import Box, Line, MapContent, Mark, Shape
from lenger_bringup.world_map.labels import Room
from lenger_core.contour_labels import contour_labels
from lenger_core.relief import Picture, ReliefStyle, contour_step, relief_rgb, smooth_heights_over

Array = NDArray[np.float64]

NAME, SMALL = 14.0, 12.0
_CONTOUR = (104, 78, 52)
_GRID_STEPS_DEG = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
_GRID_LINES = 6.5
_KEEP_OFF_PX = 21
"""Height of the window about a contour's name in which nothing else may be."""


@dataclass(frozen=True)
class GridLine:
    """A line of latitude or longitude: where it is on the panel's edge (x or y in pixels), and its name."""

    at: float
    name: str
    is_latitude: bool


class Panel:
    """A map of a box of a content, `width` pixels wide.

    Raises:
        InputError: the box reaches beyond the terrain.
    """

    def __init__(self, content: MapContent, box: Box, width: int, insets: Sequence[Box] = ()) -> None:
        self.content, self.box, self._insets = content, box, insets
        self.heights, self.spacing = smooth_heights_over(content.land, *box, width)
        self.height, self.width = self.heights.shape
        self.step_m = contour_step(self.heights)
        self._canvas = Canvas(self.width, self.height)
        self._room = Room(self.width, self.height)
        self.shown: set[str] = set()

    @property
    def metres_per_pixel(self) -> float:
        """The scale."""
        return self.spacing[1]

    def pixels(self, points: Array) -> Array:
        """Return (N, 2) pixels of metres east and north (N, 2)."""
        west, _, _, north = self.box
        return np.column_stack([(points[:, 0] - west) / self.spacing[1], (north - points[:, 1]) / self.spacing[0]])

    def bar_at(self, width: float, height: float) -> float:
        """Return the left edge of a lower corner for a box of such a size, the one with fewer marks, and reserve it."""
        places = self.pixels(np.array([(m.east, m.north) for m in self.content.marks] or [(np.inf, np.inf)]))
        low = (places[:, 1] > self.height - height) & (places[:, 1] < self.height)
        left = low & (places[:, 0] > 0.0) & (places[:, 0] < width)
        right = low & (places[:, 0] > self.width - width) & (places[:, 0] < self.width)
        edge = 0.0 if left.sum() <= right.sum() else self.width - width
        self.reserve(edge + 0.5 * width, self.height - 0.5 * height, width, height)
        return edge

    def reserve(self, x: float, y: float, width: float, height: float) -> None:
        """Keep names off a box about a place: something else will be put there."""
        self._room.take(x, y, width, height)

    def draw(self, span_m: tuple[float, float] | None = None) -> Image.Image:
        """Return the picture; heights of `span_m` take the first and the last tint."""
        relief = Image.fromarray(self.relief(span_m, self.step_m))
        for line in self.grid():
            ends = (
                [(0.0, line.at), (self.width, line.at)]
                if line.is_latitude
                else [(line.at, 0.0), (line.at, self.height)]
            )
            self._canvas.line(np.array(ends), 0.8, (40, 50, 70, 85))
        shapes, lines, marks = self._on_panel()
        for shape in shapes:
            self._shape(shape)
        for drawn in lines:
            self._line(drawn)
        for inset in self._insets:
            self._frame(inset)
        for mark in sorted(marks, key=lambda m: -m.rank):
            self._mark(mark)
        self._names(shapes, lines, marks)
        self._contour_names()
        return self._canvas.over(relief)

    def relief(self, span_m: tuple[float, float] | None = None, contour_m: float = 0.0) -> Picture:
        """Return the ground alone, (height, width, 3)."""
        return relief_rgb(self.heights, self.spacing, ReliefStyle(span_m=span_m, contour_m=contour_m))

    def grid(self) -> list[GridLine]:
        """Return the lines of latitude and longitude on the panel; they are straight and level to less than a pixel."""
        west, south, east, north = self.box
        lat, lon = self.content.land.geodetic(np.array([(west, south), (east, north)]))
        step = next((s for s in _GRID_STEPS_DEG if (lon[1] - lon[0]) / s <= _GRID_LINES), _GRID_STEPS_DEG[-1])
        digits = 2 if step >= 0.01 else 3
        found = []
        for low, high, is_latitude in ((lat[0], lat[1], True), (lon[0], lon[1], False)):
            for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1):
                share = (k * step - low) / (high - low)
                at = (self.height - 1) * (1.0 - share) if is_latitude else (self.width - 1) * share
                found.append(GridLine(at, f"{k * step:.{digits}f}° {'N' if is_latitude else 'E'}", is_latitude))
        return found

    def _on_panel(self) -> tuple[list[Shape], list[Line], list[Mark]]:
        west, south, east, north = self.box
        marks = [m for m in self.content.marks if west < m.east < east and south < m.north < north]
        marks = [m for m in marks if m.kind == "tree" or not self._in_inset(np.array([(m.east, m.north)]))]
        lines = [line for line in self.content.lines if self._touches(line.points) and not self._in_inset(line.points)]
        shapes = [shape for shape in self.content.shapes if any(self._touches(rings[0]) for rings in shape.polygons)]
        self.shown |= {m.kind for m in marks} | {line.kind for line in lines} | {shape.kind for shape in shapes}
        return shapes, lines, marks

    def _touches(self, points: Array) -> bool:
        west, south, east, north = self.box
        low, high = points.min(axis=0), points.max(axis=0)
        return bool(low[0] < east and high[0] > west and low[1] < north and high[1] > south)

    def _shape(self, shape: Shape) -> None:
        for rings in shape.polygons:
            paint = symbols.fill(shape.kind)
            if paint is not None:
                self._canvas.area(self.pixels(rings[0]), paint)
            for ring in rings:
                symbols.draw_line(self._canvas, shape.kind, self.pixels(ring))
                self._room.take_line(self.pixels(ring), 5.0)

    def _line(self, line: Line) -> None:
        points = self.pixels(line.points)
        symbols.draw_line(self._canvas, line.kind, points)
        self._room.take_line(points, 6.0)

    def _frame(self, box: Box) -> None:
        west, south, east, north = box
        corners = self.pixels(np.array([(west, south), (east, south), (east, north), (west, north), (west, south)]))
        symbols.draw_line(self._canvas, kinds.INSET, corners)
        self._room.take_line(corners, 4.0)
        self.shown.add(kinds.INSET)

    def _mark(self, mark: Mark) -> None:
        ((x, y),) = self.pixels(np.array([(mark.east, mark.north)])).tolist()
        symbols.draw_mark(self._canvas, mark.kind, x, y, mark.label)
        if mark.kind != "tree":
            self._room.take(x, y, 2.0 * symbols.radius(mark.kind), 2.0 * symbols.radius(mark.kind))

    def _names(self, shapes: list[Shape], lines: list[Line], marks: list[Mark]) -> None:
        for shape in shapes:
            self._shape_name(shape)
        for mark in sorted(marks, key=lambda m: m.rank):
            if mark.label and mark.kind not in ("waypoint", "card"):
                self._mark_name(mark)
        for line in lines:
            self._line_name(line)

    def _in_inset(self, points: Array) -> bool:
        """Whether all of it is shown larger, and would only be in the way here."""
        return any(
            bool(((points > (west, south)) & (points < (east, north))).all())
            for west, south, east, north in self._insets
        )

    def _mark_name(self, mark: Mark) -> None:
        ((x, y),) = self.pixels(np.array([(mark.east, mark.north)])).tolist()
        width, height = text_size(mark.label, SMALL)
        spot = self._room.beside(x, y, symbols.radius(mark.kind), width, height)
        if spot is not None:
            self._canvas.text(*spot, mark.label, SMALL, halo=1.6)

    def _shape_name(self, shape: Shape) -> None:
        if shape.kind == kinds.RUNWAY and self.metres_per_pixel > 2.0:
            return
        colour = {kinds.FENCE: symbols.GREEN, kinds.KEEPOUT: symbols.RED}.get(shape.kind, (50, 50, 50))
        width, height = text_size(shape.label, NAME, bold=True)
        outer = Polygon(self.pixels(shape.polygons[0][0]))
        middle, (left, top, right, bottom) = outer.representative_point(), outer.bounds
        inside = [(middle.x, middle.y)] if right - left > width else []
        below = [(0.5 * (left + right), bottom + height), (0.5 * (left + right), top - height)]
        around = [(right + 0.5 * width + 6.0, 0.5 * (top + bottom)), (left - 0.5 * width - 6.0, 0.5 * (top + bottom))]
        if shape.kind == kinds.FENCE:
            inside = [(middle.x, bottom - share * (bottom - top)) for share in (0.12, 0.2, 0.3)] if inside else []
        spot = self._room.first([*inside, *below, *around], width, height)
        if spot is not None:
            self._canvas.text(*spot, shape.label, NAME, colour, bold=True, halo=1.8)

    def _line_name(self, line: Line) -> None:
        if line.kind == kinds.PLANNED:
            return
        points = self.pixels(line.points)
        inside = points[(points > 0).all(axis=1) & (points < (self.width, self.height)).all(axis=1)]
        width, height = text_size(line.label, SMALL, oblique=True)
        for share in (0.5, 0.35, 0.65, 0.2, 0.8, 0.95, 0.05):
            if not len(inside):
                return
            x, y = inside[int(share * (len(inside) - 1))].tolist()
            spot = self._room.beside(x, y, 6.0, width, height)
            if spot is not None:
                colour = symbols.BLUE if line.kind == kinds.RIVER else (50, 50, 50)
                self._canvas.text(*spot, line.label, SMALL, colour, oblique=True, halo=1.6)
                return

    def _contour_names(self) -> None:
        length, _ = text_size("0000", SMALL)
        busy = maximum_filter(self._room.busy, size=_KEEP_OFF_PX)
        for label in contour_labels(self.heights, self.step_m, length + 8.0, 150.0, busy):
            text = f"{label.height_m:g}"
            self._canvas.text(
                label.column, label.row, text, 11.0, _CONTOUR, halo=1.4, angle_deg=label.angle_deg or 0.01
            )
