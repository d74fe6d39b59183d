"""Zones as a reader finds them: limits of number, names, and what there is to tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenger_core.zone_files.places import MAX_VERTICES, MAX_ZONES, Place, ZoneFile
from lenger_core.zone_model import CircleShape, Datum, HeightLimit, PolygonShape, Shape, Zone, ZoneSet

MAX_NAME = 80
MIN_HEIGHT_M, MAX_HEIGHT_M = -1_000.0, 20_000.0
MAX_PRIORITY = 1_000
FAR_KM = 100.0
_NAMES_SHOWN = 5
_EARTH_KM = 6371.0


class Collector:
    """Gathers the zones of one file.

    Args:
        where: the file or message.
        file_format: geojson, ed269, plan or kml.
    """

    def __init__(self, where: str, file_format: str) -> None:
        self.where = where
        self.notes: list[str] = []
        self._format = file_format
        self._zones: dict[str, Zone] = {}
        self._vertices = 0
        self._told: dict[str, list[str]] = {}

    def place(self, path: str) -> Place:
        """Return a place in this file."""
        return Place(self.where, path)

    def add(self, zone: Zone, place: Place) -> None:
        """Take a zone.

        Raises:
            InputError: its name is taken, or there are too many zones or vertices.
        """
        if zone.name in self._zones:
            raise place.at(".name").error(zone.name, "a name that no other zone has")
        if len(self._zones) >= MAX_ZONES:
            raise place.error(f"more than {MAX_ZONES} zones", f"at most {MAX_ZONES}")
        self._vertices += len(vertices_of(zone.shape))
        if self._vertices > MAX_VERTICES:
            raise place.error(f"{self._vertices} vertices so far", f"at most {MAX_VERTICES} in all")
        self._zones[zone.name] = zone

    def free_name(self, wanted: str) -> str:
        """Return a name that no zone has: the wanted one, or with a number after it, which is told."""
        name = printable(wanted)[:MAX_NAME] or "zone"
        if name not in self._zones:
            return name
        number = 2
        while (other := f"{name[: MAX_NAME - 7]} ({number})") in self._zones:
            number += 1
        self.tell("names that another zone has got a number", other)
        return other

    def tell(self, text: str, name: str) -> None:
        """Note something that may hold for many zones: one line for all of them."""
        self._told.setdefault(text, []).append(name)

    def file(self) -> ZoneFile:
        """Return what was gathered."""
        zones = tuple(self._zones.values())
        told = (f"{text}: {listed(names)}" for text, names in self._told.items())
        return ZoneFile(ZoneSet(zones), (*self.notes, *told, *_far_ones(zones)), self._format)


def printable(text: str) -> str:
    """Return a text as one line of printable characters."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def listed(names: list[str]) -> str:
    """Return names by commas, the first few of many."""
    rest = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def vertices_of(shape: Shape) -> tuple[tuple[float, float], ...]:
    """Return all positions (lat_deg, lon_deg) that a shape is made of."""
    if isinstance(shape, PolygonShape):
        return tuple(p for ring in (shape.outer, *shape.holes) for p in ring)
    if isinstance(shape, CircleShape):
        return ((shape.lat_deg, shape.lon_deg),)
    return shape.line


def checked_limits(floor: HeightLimit | None, ceiling: HeightLimit | None, place: Place) -> None:
    """Refuse a floor that is not below the ceiling where both are above the same datum."""
    if floor and ceiling and floor.datum is ceiling.datum and floor.height_m >= ceiling.height_m:
        raise place.error(floor.height_m, f"less than the ceiling's {ceiling.height_m} m {ceiling.datum.value}")


def raised_floor(limit: HeightLimit) -> HeightLimit | None:
    """Return a floor of a foreign file, None for one on the ground or below, which limits nothing."""
    return None if limit.datum is Datum.AGL and limit.height_m <= 0.0 else limit


def _far_ones(zones: tuple[Zone, ...]) -> list[str]:
    """Tell of zones far from all others; one whose latitude and longitude are swapped is usually far away."""
    if len(zones) < 2:
        return []
    places = np.array([vertices_of(z.shape)[0] for z in zones])
    apart = _km_between(places, places)
    np.fill_diagonal(apart, np.inf)
    nearest, swapped = apart.min(axis=1), _km_between(places[:, ::-1], places)
    np.fill_diagonal(swapped, np.inf)
    notes = []
    for k in np.flatnonzero(nearest > FAR_KM):
        text = f"zone '{zones[k].name}' lies {nearest[k]:.0f} km from the nearest other zone"
        near = float(swapped[k].min())
        if near < FAR_KM:
            text += f"; with latitude and longitude swapped it would lie {near:.0f} km from one: is that what is meant?"
        notes.append(text)
    return notes


def _km_between(a_deg: NDArray[np.float64], b_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, M) great-circle distances in km."""
    a, b = (
        np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
        for lat, lon in (np.radians(a_deg).T, np.radians(b_deg).T)
    )
    distances: NDArray[np.float64] = _EARTH_KM * np.arccos(np.clip(a @ b.T, -1.0, 1.0))
    return distances
