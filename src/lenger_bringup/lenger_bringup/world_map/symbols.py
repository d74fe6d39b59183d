"""How each kind of thing looks on a map; the legend shows the same symbols."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenger_bringup.world_map import content as kinds
from lenger_bringup.world_map.canvas import INK, PAPER, Canvas, Colour

Array = NDArray[np.float64]

GREEN, RED, BLUE, VIOLET, ORANGE = (19, 99, 61), (179, 38, 30), (44, 105, 170), (116, 52, 140), (196, 98, 16)

MARKS = {
    "home": "take-off",
    "waypoint": "waypoint",
    "pad": "landing pad",
    "mine": "mine headframe",
    "heap": "spoil heap",
    "mast": "mast",
    "unlit": "mast, unlit",
    "obstacle": "obstacle, building",
    "figure": "figure on the ground",
    "card": "target card",
    "wagon": "wagon",
    "post": "border post",
    "tree": "tree",
}
LINES = {
    kinds.BORDER: "state border",
    kinds.RIVER: "river",
    kinds.RAILWAY: "railway",
    kinds.WIRES: "power line",
    kinds.LANE: "test lane",
    kinds.MOVING: "way of a moving target",
    kinds.PLANNED: "planned line",
}
SHAPES = {
    kinds.FENCE: "fence of an exercise",
    kinds.KEEPOUT: "closed area",
    kinds.RUNWAY: "runway strip",
    kinds.INSET: "shown larger",
}
RADIUS = {"home": 10.0, "waypoint": 9.0, "pad": 8.0, "tree": 1.8, "post": 3.0, "card": 4.0, "wagon": 4.0}
"""Of a mark in pixels, for labels to keep off it."""
_OTHER_RADIUS = 7.0

_STYLE: dict[str, tuple[float, Colour, tuple[float, ...], float]] = {
    kinds.BORDER: (3.2, VIOLET, (16.0, 5.0, 3.0, 5.0), 1.5),
    kinds.RIVER: (2.6, BLUE, (), 0.8),
    kinds.WIRES: (1.4, (70, 70, 80), (), 0.6),
    kinds.LANE: (3.0, ORANGE, (), 0.8),
    kinds.MOVING: (1.8, ORANGE, (6.0, 4.0), 0.8),
    kinds.PLANNED: (2.2, (29, 39, 51), (9.0, 5.0), 1.2),
    kinds.FENCE: (3.0, GREEN, (11.0, 5.0), 1.2),
    kinds.KEEPOUT: (2.4, RED, (), 1.0),
    kinds.RUNWAY: (1.2, INK, (), 0.0),
    kinds.INSET: (1.5, INK, (), 1.0),
}


def radius(kind: str) -> float:
    """Return how far a mark reaches from its place, in pixels."""
    return RADIUS.get(kind, _OTHER_RADIUS)


def draw_line(canvas: Canvas, kind: str, points: Array) -> None:
    """Draw a line or the outline of an area."""
    if kind == kinds.RAILWAY:
        canvas.line(points, 4.0, INK)
        canvas.line(points, 2.2, PAPER, (8.0, 8.0))
        return
    width, colour, dash, halo = _STYLE[kind]
    canvas.line(points, width, colour, dash, halo)
    if kind == kinds.WIRES:
        for spot in _spread(points, 42.0):
            canvas.circle(*spot, 2.2, PAPER, (70, 70, 80), 1.2)


def fill(kind: str) -> Colour | None:
    """Return what an area is filled with."""
    return {kinds.KEEPOUT: (*RED, 60), kinds.RUNWAY: (*(120, 118, 112), 255)}.get(kind)


def draw_mark(canvas: Canvas, kind: str, x: float, y: float, label: str = "") -> None:
    """Draw a mark; a waypoint has its number in it."""
    if kind in ("home", "pad", "waypoint"):
        dark = kind == "home"
        canvas.circle(x, y, radius(kind), INK if dark else PAPER, INK, 1.6)
        text = label if kind == "waypoint" else "H"
        canvas.text(x, y + 0.3, text, 1.15 * radius(kind), PAPER if dark else INK, bold=True)
    elif kind in ("tree", "post"):
        canvas.circle(
            x,
            y,
            radius(kind),
            (70, 110, 60, 200) if kind == "tree" else PAPER,
            GREEN if kind == "tree" else VIOLET,
            0.8,
        )
    elif kind == "mine":
        canvas.text(x, y, "⚒", 21.0, INK, halo=1.2)
    elif kind == "heap":
        canvas.shape(x, y, [(-8, 5), (0, -6), (8, 5)], (122, 92, 66))
    elif kind in ("mast", "unlit"):
        canvas.shape(
            x, y, [(-5, 7), (-1, -8), (1, -8), (5, 7), (2, 7), (0, 0), (-2, 7)], INK if kind == "mast" else RED
        )
    else:
        half = 0.62 * radius(kind)
        colour = {"figure": ORANGE, "card": BLUE, "wagon": INK}.get(kind, (74, 62, 58))
        corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
        canvas.shape(x, y, [(0, -6), (6, 0), (0, 6), (-6, 0)] if kind == "figure" else corners, colour)


def _spread(points: Array, apart: float) -> list[tuple[float, float]]:
    """Places along a line, every `apart`."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.arange(0.0, along[-1], apart)
    return [(float(np.interp(s, along, points[:, 0])), float(np.interp(s, along, points[:, 1]))) for s in at]
