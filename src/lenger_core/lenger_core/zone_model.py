"""What a zone is: kinds, shapes, heights with their datums, times. Data only; queries are in `lenger_core.zones`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lenger_core.geodesy import LocalFrame
    from lenger_core.local_zones import LocalZones

Ring = tuple[tuple[float, float], ...]


class ZoneKind(str, Enum):
    """Inclusion: stay inside. Exclusion: stay out. Approach: flight under the floor over the ground is allowed here."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"
    APPROACH = "approach"


class Datum(str, Enum):
    """What a height is measured from: mean sea level, the ground below, the WGS84 ellipsoid, or the home point."""

    AMSL = "amsl"
    AGL = "agl"
    ELLIPSOID = "ellipsoid"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class HeightLimit:
    """A floor or a ceiling of a zone: `height_m` above `datum`."""

    height_m: float
    datum: Datum

    def amsl_m(self, ground_amsl_m: float, home_amsl_m: float, undulation_m: float = math.nan) -> float:
        """Return the limit in metres above mean sea level; NaN where its datum is unknown.

        Args:
            ground_amsl_m: height of the ground below.
            home_amsl_m: height of home.
            undulation_m: height of the geoid above the ellipsoid here.
        """
        base = {
            Datum.AMSL: 0.0,
            Datum.AGL: ground_amsl_m,
            Datum.ELLIPSOID: -undulation_m,
            Datum.HOME: home_amsl_m,
        }[self.datum]
        return base + self.height_m


@dataclass(frozen=True, slots=True)
class PolygonShape:
    """An outline and its holes: rings of (lat_deg, lon_deg), the first vertex not repeated at the end."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class CircleShape:
    """A circle about a geodetic centre."""

    lat_deg: float
    lon_deg: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class CorridorShape:
    """All that lies within half of `width_m` of a line of (lat_deg, lon_deg): round at corners and ends."""

    line: Ring
    width_m: float


@dataclass(frozen=True, slots=True)
class BorderShape:
    """The far side of a border: all that lies beyond a line of (lat_deg, lon_deg), and within `buffer_m` on this side.

    The line goes on straight beyond its two ends. `beyond` says which side of it, seen along the line, is the far one.
    """

    line: Ring
    beyond: Literal["left", "right"]
    buffer_m: float


Shape = PolygonShape | CircleShape | CorridorShape | BorderShape


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When a zone is in force: UTC, integer nanoseconds since 1970; None is open on that side.

    The first nanosecond belongs to the window, the last does not.
    """

    start_utc_ns: int | None
    end_utc_ns: int | None

    def holds(self, utc_ns: int) -> bool:
        """Return whether a moment lies in the window."""
        return (self.start_utc_ns is None or self.start_utc_ns <= utc_ns) and (
            self.end_utc_ns is None or utc_ns < self.end_utc_ns
        )


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone. A floor or ceiling of None means unlimited on that side; without `windows` it is always in force.

    Where not all zones can be kept, the one with the lower `priority` is given up first.
    """

    name: str
    kind: ZoneKind
    shape: Shape
    floor: HeightLimit | None = None
    ceiling: HeightLimit | None = None
    priority: int = 0
    windows: tuple[TimeWindow, ...] = ()

    def in_force(self, utc_ns: int) -> bool:
        """Return whether the zone holds at a moment, UTC in nanoseconds since 1970."""
        return not self.windows or any(window.holds(utc_ns) for window in self.windows)


@dataclass(frozen=True, slots=True)
class ZoneSet:
    """The zones of one flight, replaced only as a whole."""

    zones: tuple[Zone, ...] = ()

    def in_frame(self, frame: LocalFrame, utc_ns: int | None = None) -> LocalZones:
        """Return the zones as planar areas in `frame` (east, north, metres): those in force at a moment, None: all.

        Raises:
            InputError: a zone has no outline in this frame; see `zone_shapes.outline_of`.
        """
        from lenger_core.local_zones import LocalZones

        return LocalZones(self if utc_ns is None else self.at(utc_ns), frame)

    def at(self, utc_ns: int) -> ZoneSet:
        """Return the zones in force at a moment, UTC in nanoseconds since 1970."""
        return ZoneSet(tuple(zone for zone in self.zones if zone.in_force(utc_ns)))

    def next_change_ns(self, utc_ns: int) -> int | None:
        """Return the first moment after `utc_ns` at which other zones may be in force; None: never again.

        A ZoneSet in a frame, made for `utc_ns`, is right until then.
        """
        later = [t for t in _bounds(self.zones) if t > utc_ns]
        return min(later, default=None)

    def to_geojson(self) -> str:
        """Return the zones as the GeoJSON text that `parse_zones` reads."""
        from lenger_core.zone_files.geojson_writer import write_geojson

        return write_geojson(self)


def _bounds(zones: Iterable[Zone]) -> list[int]:
    """Return every moment at which a window opens or closes."""
    pairs = [(w.start_utc_ns, w.end_utc_ns) for zone in zones for w in zone.windows]
    return [t for pair in pairs for t in pair if t is not None]
