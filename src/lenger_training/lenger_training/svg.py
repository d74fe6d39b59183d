"""Small SVG line charts for the debrief: no script, no font, no file beside the page; crisp on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 22.0, 28.0


def ticks(low: float, high: float, count: int) -> list[float]:
    """Return about `count` round values within [low, high]."""
    span = max(high - low, 1e-9)
    raw = span / max(count, 1)
    power = 10.0 ** floor(log10(raw))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999)
    first = ceil(low / step - 1e-9)
    return [round(k * step, 9) for k in range(first, floor(high / step + 1e-9) + 1)]


def clock(t_s: float) -> str:
    """Return seconds as m:ss."""
    whole = abs(round(t_s))
    sign = "-" if t_s < 0 and whole else ""
    return f"{sign}{whole // 60}:{whole % 60:02d}"


def path_data(x: Array, y: Array) -> str:
    """Return SVG path data of a polyline; a value that is not finite breaks it."""
    parts, pen_up = [], True
    for px, py in zip(x, y, strict=True):
        if not (isfinite(px) and isfinite(py)):
            pen_up = True
            continue
        parts.append(f"{'M' if pen_up else 'L'}{px:.1f} {py:.1f}")
        pen_up = False
    return "".join(parts)


@dataclass
class TimeChart:
    """One chart over time.

    Args:
        width, height: of the drawing, in its own units (about CSS pixels).
        t_range: seconds shown.
        y_range: values shown.
        unit: of the values, at the top of the axis.
    """

    width: float
    height: float
    t_range: tuple[float, float]
    y_range: tuple[float, float]
    unit: str
    _body: list[str] = field(default_factory=list)

    def x(self, t_s: Array | float) -> Array:
        """Return the drawing's x of times."""
        t0, t1 = self.t_range
        return np.asarray(_LEFT + (np.asarray(t_s) - t0) / (t1 - t0) * (self.width - _LEFT - _RIGHT))

    def y(self, value: Array | float) -> Array:
        """Return the drawing's y of values, kept within the frame."""
        low, high = self.y_range
        inside = np.clip(np.asarray(value, dtype=float), low, high)
        return np.asarray(self.height - _BOTTOM - (inside - low) / (high - low) * (self.height - _TOP - _BOTTOM))

    def line(self, t_s: Array, values: Array, css: str, title: str = "") -> None:
        """Add a line; values that are not finite leave a gap."""
        held = np.where(np.isfinite(values), values, np.nan)
        tip = f"<title>{escape(title)}</title>" if title else ""
        self._body.append(f'<path class="{css}" d="{path_data(self.x(t_s), self.y(held))}">{tip}</path>')

    def area(self, t_s: Array, values: Array, css: str) -> None:
        """Fill from the bottom of the frame up to a line."""
        ok = np.isfinite(values)
        if not ok.any():
            return
        x, y = self.x(t_s[ok]), self.y(values[ok])
        base = self.height - _BOTTOM
        data = f"M{x[0]:.1f} {base:.1f}" + path_data(x, y).replace("M", "L", 1) + f"L{x[-1]:.1f} {base:.1f}Z"
        self._body.append(f'<path class="{css}" d="{data}"/>')

    def band(self, t0: float, t1: float, css: str, title: str) -> None:
        """Shade a time span along the bottom of the frame."""
        x0, x1 = float(self.x(max(t0, self.t_range[0]))), float(self.x(min(t1, self.t_range[1])))
        if x1 > x0:
            y = self.height - _BOTTOM - 6
            self._body.append(
                f'<rect class="{css}" x="{x0:.1f}" y="{y:.1f}" width="{x1 - x0:.1f}" height="6">'
                f"<title>{escape(title)}</title></rect>"
            )

    def below(self, value: float, css: str) -> None:
        """Shade all of the frame under a value."""
        y = float(self.y(value))
        bottom = self.height - _BOTTOM
        if bottom > y:
            self._body.append(
                f'<rect class="{css}" x="{_LEFT}" y="{y:.1f}" width="{self.width - _LEFT - _RIGHT:.1f}"'
                f' height="{bottom - y:.1f}"/>'
            )

    def mark(self, t_s: float, label: str, css: str, title: str) -> None:
        """Add a labelled upright line."""
        x = float(self.x(t_s))
        if not _LEFT - 1 <= x <= self.width - _RIGHT + 1:
            return
        self._body.append(
            f'<g class="{css}"><title>{escape(title)}</title>'
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{self.height - _BOTTOM:.1f}"/>'
            f'<text x="{x + 3:.1f}" y="{_TOP + 11:.1f}">{escape(label)}</text></g>'
        )

    def text(self) -> str:
        """Return the SVG element."""
        t0, t1 = self.t_range
        place = f'data-t0="{t0:.3f}" data-t1="{t1:.3f}" data-x0="{_LEFT}" data-x1="{self.width - _RIGHT}"'
        cursor = (
            f'<line class="cursor" x1="0" x2="0" y1="{_TOP}" y2="{self.height - _BOTTOM:.1f}" visibility="hidden"/>'
        )
        inner = "".join([*self._grid(), *self._body, cursor])
        return f'<svg class="chart" viewBox="0 0 {self.width:g} {self.height:g}" {place} role="img">{inner}</svg>'

    def _grid(self) -> list[str]:
        parts = []
        right, bottom = self.width - _RIGHT, self.height - _BOTTOM
        for value in ticks(*self.y_range, max(2, round(self.height / 45))):
            y = float(self.y(value))
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
        for t_s in _minutes(*self.t_range, max(2, round(self.width / 85))):
            x = float(self.x(t_s))
            parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
            parts.append(
                f'<text class="tick" x="{x:.1f}" y="{self.height - 10:.1f}" text-anchor="middle">{clock(t_s)}</text>'
            )
        parts.append(f'<text class="unit" x="2" y="{_TOP - 9}">{escape(self.unit)}</text>')
        return parts


def _minutes(low: float, high: float, count: int) -> list[float]:
    """Return round times of a clock."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600)
    step = next((s for s in steps if (high - low) / s <= count), 3600)
    return [float(k * step) for k in range(ceil(low / step), floor(high / step) + 1)]
