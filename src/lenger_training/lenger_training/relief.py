"""The background of a debrief's map: shaded relief with height tints and contour lines, and the labels of the lines."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lenger_core.contour_labels import contour_labels
from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.relief import ReliefStyle, contour_step, relief_rgb, smooth_heights_over
from lenger_core.terrain import LocalTerrain, Terrain

Array = NDArray[np.float64]

_COLUMNS = 1080
_QUALITY = 82
"""Of the JPEG: with it and `_COLUMNS` the picture of the roughest ground takes about 0.3 MB of a debrief."""
_LABEL_LENGTH, _LABELS_APART = 0.045, 0.16
"""In widths of the map."""
_ROOM_PX = 40
"""Between the middle of a line and a label."""


@dataclass(frozen=True)
class View:
    """The rectangle of a map in metres east and north of the site."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width_m(self) -> float:
        """East to west."""
        return self.east - self.west

    @property
    def height_m(self) -> float:
        """North to south."""
        return self.north - self.south


@dataclass(frozen=True)
class HeightLabel:
    """A height written on a contour line: metres AMSL, where (east and north), and how far counter-clockwise turned."""

    height_m: float
    east: float
    north: float
    angle_deg: float


@dataclass(frozen=True)
class Relief:
    """The picture of one view.

    Attributes:
        jpeg: base64 of the picture, north up, filling the view.
        labels: of its contour lines, best places first.
        step_m: between contour lines.
        source: the terrain's name.
    """

    jpeg: str
    labels: tuple[HeightLabel, ...]
    step_m: float
    source: str


def relief_of(
    terrain: Terrain, frame: LocalFrame, view: View, lines: Sequence[Array] = (), areas: Sequence[Array] = ()
) -> Relief | None:
    """Return the relief of a view, None where it reaches beyond the terrain model.

    Args:
        terrain: what is shown.
        frame: of the site.
        view: the map.
        lines: (N, 2) m east and north, of what is drawn later: labels stay off them.
        areas: likewise the outlines of areas, in which there are no labels.
    """
    try:
        land = LocalTerrain(terrain, frame)
        heights, spacing = smooth_heights_over(land, view.west, view.south, view.east, view.north, _COLUMNS)
    except InputError:
        return None
    step = contour_step(heights)
    picture = relief_rgb(heights, spacing, ReliefStyle(contour_m=step))
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, format="jpeg", quality=_QUALITY, optimize=True, subsampling=0)
    labels = tuple(
        HeightLabel(
            label.height_m, view.west + label.column * spacing[1], view.north - label.row * spacing[0], label.angle_deg
        )
        for label in contour_labels(
            heights, step, _LABEL_LENGTH * _COLUMNS, _LABELS_APART * _COLUMNS, _busy(view, picture.shape, lines, areas)
        )
    )
    return Relief(base64.b64encode(buffer.getvalue()).decode(), labels, step, terrain.name)


def _busy(view: View, shape: tuple[int, ...], lines: Sequence[Array], areas: Sequence[Array]) -> NDArray[np.bool_]:
    mask = Image.new("1", (shape[1], shape[0]))
    draw = ImageDraw.Draw(mask)
    corner, scale = np.array([view.west, view.north]), np.array([1.0, -1.0]) * (shape[1] - 1) / view.width_m
    for drawn, is_area in [*((line, False) for line in lines), *((area, True) for area in areas)]:
        if len(drawn) < 2:
            continue
        points = [(float(x), float(y)) for x, y in (drawn - corner) * scale]
        if is_area:
            draw.polygon(points, fill=1)
        draw.line([*points, points[0]] if is_area else points, fill=1, width=_ROOM_PX)
    return np.asarray(mask)
