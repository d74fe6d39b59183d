"""The map of a debrief: relief, fence, planned line, waypoints, and the track coloured by height."""

from __future__ import annotations

from html import escape
from itertools import pairwise

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain
from lenger_core.zones import LocalZones, ZoneKind
from lenger_training.measures import Measures
from lenger_training.relief import Relief, View, relief_of
from lenger_training.result import Deduction
from lenger_training.route import LocalRoute
from lenger_training.svg import clock, path_data, ticks

Array = NDArray[np.float64]

WIDTH = 720.0
_COLOURS = 9
_MARGIN = 0.06


class FlightMap:
    """Draws one map.

    Args:
        flight: what was flown.
        route: what was to be flown, None without a plan.
        zones: the fence.
        frame: of the site.
        terrain: what was flown over.
        deductions: numbered from 1 in the order of the table.
    """

    def __init__(
        self,
        flight: Measures,
        route: LocalRoute | None,
        zones: LocalZones,
        frame: LocalFrame,
        terrain: Terrain,
        deductions: tuple[Deduction, ...],
    ) -> None:
        self._flight, self._route, self._zones, self._deductions = flight, route, zones, deductions
        self.view = self._bounds()
        self.scale = WIDTH / self.view.width_m
        self.height = self.view.height_m * self.scale
        self._relief: Relief | None = relief_of(terrain, frame, self.view, *self._drawn_later())

    def x(self, east: Array | float) -> Array:
        """Return the drawing's x of metres east."""
        return np.asarray((np.asarray(east) - self.view.west) * self.scale)

    def y(self, north: Array | float) -> Array:
        """Return the drawing's y of metres north."""
        return np.asarray((self.view.north - np.asarray(north)) * self.scale)

    @property
    def ground(self) -> str | None:
        """What the background shows and where it is from, None without relief."""
        if self._relief is None:
            return None
        return f"Contours every {self._relief.step_m:g} m. Relief: {self._relief.source}."

    def text(self) -> str:
        """Return the SVG element."""
        parts = [
            *self._background(),
            *self._fence(),
            *self._plan(),
            *self._track(),
            *self._points(),
            *self._marks(),
            *self._furniture(),
        ]
        return (
            f'<svg class="map" viewBox="0 0 {WIDTH:g} {self.height:.0f}" role="img" aria-label="Map of the flight">'
            + "".join(parts)
            + '<g class="plane" visibility="hidden"><circle r="8"/></g></svg>'
        )

    def _bounds(self) -> View:
        """Everything with a border, at least 400 m wide and about 6:5."""
        points = [self._flight.track.en]
        points += [self._route.en] if self._route is not None else []
        points += [
            np.array(area.outline.bounds).reshape(2, 2) for area in self._zones.areas if area.kind is ZoneKind.INCLUSION
        ]
        every = np.vstack([p for p in points if len(p)]) if any(len(p) for p in points) else np.zeros((1, 2))
        low, high = every.min(axis=0), every.max(axis=0)
        centre, size = (low + high) / 2, np.maximum((high - low) * (1 + 2 * _MARGIN), 400.0)
        size = np.maximum(size, np.array([size[1] * 0.8, size[0] * 0.72]))
        (west, south), (east, north) = centre - size / 2, centre + size / 2
        return View(float(west), float(south), float(east), float(north))

    def _background(self) -> list[str]:
        if self._relief is None:
            return [f'<rect class="nowhere" width="{WIDTH:g}" height="{self.height:.0f}"/>']
        size = f'width="{WIDTH:g}" height="{self.height:.0f}"'
        parts = [f'<image href="data:image/jpeg;base64,{self._relief.jpeg}" {size} preserveAspectRatio="none"/>']
        for label in self._relief.labels:
            x, y = float(self.x(label.east)), float(self.y(label.north))
            turn = f'transform="translate({x:.0f} {y:.0f}) rotate({-label.angle_deg:.0f})"'
            parts.append(f'<text class="contourlabel" y="4" {turn}>{label.height_m:g}</text>')
        return parts

    def _drawn_later(self) -> tuple[list[Array], list[Array]]:
        """Lines and areas, in metres, that labels of the relief must leave alone; the plates are areas too."""
        track = self._flight.track
        flown = np.flatnonzero(track.airborne)
        lines = [track.en[flown[:: max(1, len(flown) // 900)]]]
        areas: list[Array] = []
        if self._route is not None:
            lines.append(self._route.en)
        for area in self._zones.areas:
            rings = [np.asarray(polygon.exterior.coords) for polygon in _polygons(area.outline)]
            (lines if area.kind is ZoneKind.INCLUSION else areas).extend(rings)
        for left, top, right, bottom in (
            (0.0, self.height - 54.0, WIDTH / 4.0 + 40.0, self.height),
            (WIDTH - 250.0, self.height - 54.0, WIDTH, self.height),
            (WIDTH - 54.0, 0.0, WIDTH, 74.0),
        ):
            corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
            areas.append(np.array([self.view.west, self.view.north]) + corners * (1.0, -1.0) / self.scale)
        return lines, areas

    def _fence(self) -> list[str]:
        parts = []
        for area in self._zones.areas:
            css = "fence" if area.kind is ZoneKind.INCLUSION else "keepout"
            data = "".join(self._ring(polygon) for polygon in _polygons(area.outline))
            parts.append(f'<path class="{css}" d="{data}"><title>{escape(area.name)}</title></path>')
            if area.kind is ZoneKind.EXCLUSION:
                spot = area.outline.representative_point()
                place = f'x="{float(self.x(spot.x)):.0f}" y="{float(self.y(spot.y)):.0f}"'
                parts.append(f'<text class="zonename" {place}>{escape(area.name)}</text>')
        return parts

    def _ring(self, polygon: Polygon) -> str:
        rings = [polygon.exterior, *polygon.interiors]
        return "".join(path_data(self.x(c[:, 0]), self.y(c[:, 1])) + "Z" for c in (np.asarray(r.coords) for r in rings))

    def _plan(self) -> list[str]:
        if self._route is None:
            return []
        en = self._route.en
        return [f'<path class="planned" d="{path_data(self.x(en[:, 0]), self.y(en[:, 1]))}"/>']

    def _track(self) -> list[str]:
        """The track in pieces of one colour each; a dark edge below keeps it readable on any ground."""
        track = self._flight.track
        flown = np.flatnonzero(track.airborne)
        if len(flown) < 2:
            return []
        keep = flown[:: max(1, len(flown) // 900)]
        x, y, alt = self.x(track.en[keep, 0]), self.y(track.en[keep, 1]), track.alt_amsl_m[keep]
        low, high = self._heights()
        colour = np.clip(((alt - low) / (high - low) * _COLOURS).astype(int), 0, _COLOURS - 1)
        parts = [f'<path class="trackedge" d="{path_data(x, y)}"/>']
        starts = [0, *(np.flatnonzero(np.diff(colour)) + 1), len(keep)]
        for first, end in pairwise(starts):
            piece = slice(first, min(end + 1, len(keep)))
            parts.append(
                f'<path class="track" stroke="{_colour(int(colour[first]))}" d="{path_data(x[piece], y[piece])}"/>'
            )
        return parts

    def _points(self) -> list[str]:
        if self._route is None:
            return []
        parts = []
        home = self._route.en[0]
        hx, hy = float(self.x(home[0])), float(self.y(home[1]))
        parts.append(
            f'<g class="home"><title>take-off</title><circle cx="{hx:.1f}" cy="{hy:.1f}" r="13"/>'
            f'<text x="{hx:.1f}" y="{hy + 6:.1f}">H</text></g>'
        )
        for k, (point, visit) in enumerate(zip(self._route.en[1:-1], self._flight.visits, strict=True), 1):
            px, py = float(self.x(point[0])), float(self.y(point[1]))
            missed = "" if visit.sample is not None else " missed"
            when = clock(float(self._flight.track.t_s[visit.sample])) if visit.sample is not None else "missed"
            parts.append(
                f'<g class="waypoint{missed}"><title>waypoint {k}: {when}</title>'
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="13"/>'
                f'<text x="{px:.1f}" y="{py + 6:.1f}">{k}</text></g>'
            )
        return parts

    def _marks(self) -> list[str]:
        """Where each deduction that has a moment in the air happened."""
        track = self._flight.track
        parts = []
        for k, deduction in enumerate(self._deductions, 1):
            if not len(track) or not track.t_s[0] <= deduction.t_s <= track.t_s[-1]:
                continue
            i = int(np.argmin(np.abs(track.t_s - deduction.t_s)))
            px, py = float(self.x(track.en[i, 0])), float(self.y(track.en[i, 1]))
            parts.append(
                f'<g class="deduction"><title>{escape(deduction.detail)}</title>'
                f'<path d="M{px:.1f} {py:.1f}l-10 -26h20z"/><text x="{px:.1f}" y="{py - 14:.1f}">{k}</text></g>'
            )
        return parts

    def _heights(self) -> tuple[float, float]:
        """The lowest and highest the aircraft flew, to whole 10 m AMSL."""
        track = self._flight.track
        alt = track.alt_amsl_m[track.airborne] if track.airborne.any() else np.zeros(1)
        return float(np.floor(alt.min() / 10) * 10), float(np.floor(alt.max() / 10) * 10 + 10)

    def _furniture(self) -> list[str]:
        """North arrow, scale bar and the key of the colours, each on a light plate."""
        low, high = self._heights()
        bar_m = max(ticks(0.0, self.view.width_m / 4.0, 2))
        bar = bar_m * self.scale
        bottom = self.height - 16
        label = f"{bar_m:g} m" if bar_m < 1000 else f"{bar_m / 1000:g} km"
        arrow_x, arrow_y = WIDTH - 34, 20
        key_x = WIDTH - 250
        swatches = "".join(
            f'<rect x="{key_x + 12 + 24 * k}" y="{bottom - 12:.0f}" width="24" height="10" fill="{_colour(k)}"/>'
            for k in range(_COLOURS)
        )
        return [
            f'<g class="plate"><rect x="12" y="{bottom - 38:.0f}" width="{bar + 28:.0f}" height="44" rx="5"/>'
            f'<path class="bar" d="M26 {bottom - 10:.0f}v7h{bar:.1f}v-7"/>'
            f'<text x="{26 + bar / 2:.0f}" y="{bottom - 16:.0f}" text-anchor="middle">{label}</text></g>',
            f'<g class="plate"><rect x="{arrow_x - 20}" y="{arrow_y - 8}" width="40" height="62" rx="5"/>'
            f'<path class="arrow" d="M{arrow_x} {arrow_y - 2}l10 30l-10 -7l-10 7z"/>'
            f'<text x="{arrow_x}" y="{arrow_y + 48}" text-anchor="middle">N</text></g>',
            f'<g class="plate"><rect x="{key_x}" y="{bottom - 38:.0f}" width="240" height="44" rx="5"/>{swatches}'
            f'<text x="{key_x + 12}" y="{bottom - 19:.0f}">{low:g}</text>'
            f'<text x="{key_x + 120}" y="{bottom - 19:.0f}" text-anchor="middle">height</text>'
            f'<text x="{key_x + 228}" y="{bottom - 19:.0f}" text-anchor="end">{high:g} m</text></g>',
        ]


def _polygons(outline: Polygon | MultiPolygon) -> list[Polygon]:
    return list(outline.geoms) if isinstance(outline, MultiPolygon) else [outline]


def _colour(index: int) -> str:
    return str(to_hex(colormaps["plasma"](0.9 - 0.85 * index / (_COLOURS - 1))))
