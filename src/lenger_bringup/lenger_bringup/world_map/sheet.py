"""The whole sheet: the map in its frame of coordinates, and beside it what one needs to read it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from lenger_bringup.world_map import symbols
from lenger_bringup.world_map.canvas import INK, PAPER, SOFT, Canvas, text_size
from lenger_bringup.world_map.content import MapContent
from lenger_bringup.world_map.panel import Panel
from lenger_core.relief import tint

MAP, SIDE, EDGE, TOP, FOOT, GAP = 1400, 500, 62, 86, 62, 26
INSET_ABOVE = 30
_BAR_STEPS_M = (50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
_LEAST_RISE_M = 600.0
_NOTE = "For training only, not for navigation."


def draw_map(content: MapContent) -> Image.Image:
    """Return the map sheet of a content.

    Raises:
        InputError: it reaches beyond the terrain.
    """
    main = Panel(content, content.box, MAP, [box for _, box in content.insets])
    details = [(title, Panel(content, box, SIDE)) for title, box in content.insets]
    low, high = float(main.heights.min()), float(main.heights.max())
    span = (low, max(high, low + _LEAST_RISE_M))
    sheet = Image.new("RGB", (EDGE + MAP + GAP + SIDE + GAP, TOP + main.height + FOOT), PAPER)
    ink = Canvas(*sheet.size)
    main.reserve(MAP - 34.0, 48.0, 68.0, 96.0)  # the north arrow
    bar = main.bar_at(250.0, 60.0)
    sheet.paste(main.draw(span), (EDGE, TOP))
    _head(ink, content)
    _frame(ink, main, EDGE, TOP, names=True)
    _north(ink, EDGE + MAP - 34.0, TOP + 12.0)
    _bar(ink, main, EDGE + bar + 22.0, TOP + main.height - 20.0, MAP / 6.0)
    x, y, shown = EDGE + MAP + GAP, TOP, set(main.shown)
    for title, detail in details:
        bar = detail.bar_at(190.0, 52.0)
        sheet.paste(detail.draw(span), (x, y + INSET_ABOVE))
        ink.text(x, y + 14.0, title, 16.0, anchor="lm", bold=True)
        _frame(ink, detail, x, y + INSET_ABOVE, names=False)
        _bar(ink, detail, x + bar + 18.0, y + INSET_ABOVE + detail.height - 16.0, SIDE / 3.5)
        shown |= detail.shown
        y += INSET_ABOVE + detail.height + 16
    below = _legend(ink, shown, x, y + 16.0)
    _tints(ink, main, span, x, below + 14.0)
    _notes(ink, content.notes, x, below + 140.0)
    _foot(ink, content, main, TOP + main.height + 40.0)
    return ink.over(sheet)


def _head(ink: Canvas, content: MapContent) -> None:
    ink.text(EDGE, 32.0, content.title, 28.0, anchor="lm", bold=True)
    frame = content.land.frame
    site = f"origin {frame.lat_deg:.4f}° N {frame.lon_deg:.4f}° E, {frame.alt_amsl_m:.0f} m"
    ink.text(EDGE, 62.0, f"{content.subtitle}; {site}", 15.0, SOFT, anchor="lm")


def _frame(ink: Canvas, panel: Panel, x: float, y: float, names: bool) -> None:
    """A line around a panel; outside of it the names of the grid's lines."""
    corners = [(0, 0), (panel.width, 0), (panel.width, panel.height), (0, panel.height), (0, 0)]
    ink.line(np.array(corners) + np.array([x, y]), 1.6, INK)
    if not names:
        return
    for line in panel.grid():
        if line.is_latitude and 40.0 < line.at < panel.height - 40.0:
            ink.text(x - 14.0, y + line.at, line.name, 12.0, SOFT, angle_deg=90.0)
        elif not line.is_latitude and 40.0 < line.at < panel.width - 40.0:
            ink.text(x + line.at, y + panel.height + 14.0, line.name, 12.0, SOFT)


def _north(ink: Canvas, x: float, y: float) -> None:
    ink.area(np.array([(x - 22, y - 4), (x + 22, y - 4), (x + 22, y + 74), (x - 22, y + 74)]), (*PAPER, 215))
    ink.area(np.array([(x, y + 2), (x + 13, y + 44), (x, y + 34)]), INK)
    ink.area(np.array([(x, y + 2), (x - 13, y + 44), (x, y + 34)]), (150, 152, 156))
    ink.text(x, y + 60.0, "N", 18.0, bold=True)


def _bar(ink: Canvas, panel: Panel, x: float, y: float, longest: float) -> None:
    """A scale bar of two black and two white parts, its lower left corner at x, y."""
    per = panel.metres_per_pixel
    whole = max((s for s in _BAR_STEPS_M if s / per <= longest), default=_BAR_STEPS_M[0])
    quarter = whole / per / 4.0
    name = f"{whole:g} m" if whole < 1000.0 else f"{whole / 1000.0:g} km"
    box = [(x - 12, y - 34), (x + 4 * quarter + 40, y - 34), (x + 4 * quarter + 40, y + 8), (x - 12, y + 8)]
    ink.area(np.array(box), (*PAPER, 215))
    for k in range(4):
        left = x + k * quarter
        ring = np.array([(left, y - 8), (left + quarter, y - 8), (left + quarter, y), (left, y), (left, y - 8)])
        ink.area(ring, PAPER if k % 2 else INK)
        ink.line(ring, 1.0, INK)
    ink.text(x, y - 20.0, "0", 12.0)
    ink.text(x + 4.0 * quarter, y - 20.0, name, 12.0)


def _legend(ink: Canvas, shown: set[str], x: float, y: float) -> float:
    """The symbols that are on the map, in two columns; return where it ends."""
    ink.text(x, y, "Legend", 16.0, anchor="lm", bold=True)
    kinds = [
        *(
            (symbols.draw_line, kind, name)
            for kind, name in {**symbols.SHAPES, **symbols.LINES}.items()
            if kind in shown
        ),
        *((symbols.draw_mark, kind, name) for kind, name in symbols.MARKS.items() if kind in shown),
    ]
    rows = -(-len(kinds) // 2)
    for k, (draw, kind, name) in enumerate(kinds):
        left, top = x + (k // rows) * SIDE / 2.0, y + 28.0 + (k % rows) * 24.0
        if draw is symbols.draw_line:
            ends = np.array([(left + 2.0, top), (left + 36.0, top)])
            paint = symbols.fill(kind)
            if paint is not None or kind == "inset":
                ends = np.array(
                    [
                        (left + 4, top - 7),
                        (left + 34, top - 7),
                        (left + 34, top + 7),
                        (left + 4, top + 7),
                        (left + 4, top - 7),
                    ]
                )
                ink.area(ends, paint or PAPER)
            symbols.draw_line(ink, kind, ends)
        else:
            symbols.draw_mark(ink, kind, left + 19.0, top, "1")
        ink.text(left + 48.0, top, name, 13.0, anchor="lm")
    return y + 28.0 + rows * 24.0


def _tints(ink: Canvas, panel: Panel, span: tuple[float, float], x: float, y: float) -> None:
    """The colours of heights, as far as they are on the map."""
    low, high = float(panel.heights.min()), float(panel.heights.max())
    ink.text(x, y, "Height above sea level", 16.0, anchor="lm", bold=True)
    count, width = 120, SIDE - 40.0
    for k in range(count):
        shade = tint(np.array(low + (high - low) * (k + 0.5) / count), *span) * 0.93
        left = x + k * width / count
        ring = np.array(
            [(left, y + 20), (left + width / count + 0.6, y + 20), (left + width / count + 0.6, y + 42), (left, y + 42)]
        )
        red, green, blue = (int(c) for c in shade)
        ink.area(ring, (red, green, blue))
    ink.line(np.array([(x, y + 20), (x + width, y + 20), (x + width, y + 42), (x, y + 42), (x, y + 20)]), 1.0, INK)
    for share in (0.0, 0.5, 1.0):
        anchor = {0.0: "lm", 0.5: "mm", 1.0: "rm"}[share]
        ink.text(x + share * width, y + 56.0, f"{low + share * (high - low):.0f} m", 13.0, anchor=anchor)
    ink.text(x, y + 82.0, f"Contour lines every {panel.step_m:g} m, every fifth bold.", 13.0, SOFT, anchor="lm")


def _notes(ink: Canvas, notes: Sequence[str], x: float, y: float) -> None:
    """Paragraphs, broken into lines as wide as the column; what does not fit is left out."""
    for note in notes:
        for line in _broken(note, 14.0, SIDE):
            if y > ink.height - FOOT - 20.0:
                return
            ink.text(x, y, line, 14.0, anchor="lm")
            y += 21.0
        y += 10.0


def _broken(text: str, size: float, width: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_size(longer, size)[0] <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _foot(ink: Canvas, content: MapContent, main: Panel, y: float) -> None:
    """Where the ground is from, and what of it is invented."""
    terrain = content.land.terrain
    invented = " Detail finer than about 1 km is synthetic, not surveyed." if terrain.synthetic else ""
    text = " ".join(part for part in (f"Ground: {terrain.name}.{invented}", _NOTE, content.credit) if part)
    size = 13.0
    while text_size(text, size)[0] > ink.width - EDGE - GAP and size > 9.0:
        size -= 0.5
    ink.text(EDGE, y, text, size, SOFT, anchor="lm")
