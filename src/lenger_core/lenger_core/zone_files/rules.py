"""What a shape must be, whatever file it comes from: refused or put right, with a reason each.

The table of these rules is in docs/zones.md. Coordinates are degrees, latitude first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from shapely.geometry import LineString, Polygon
from shapely.validation import explain_validity

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_files.places import MAX_VERTICES, Place
from lenger_core.zone_model import BorderShape, CircleShape, CorridorShape, PolygonShape, Ring, Zone, ZoneKind
from lenger_core.zone_shapes import outline_of

MAX_LATITUDE_DEG = 89.0
MAX_SPAN_DEG = 3.0
MIN_AREA_M2 = 1.0
MAX_RADIUS_M = 100_000.0
MAX_WIDTH_M = 20_000.0
MAX_LINE = 200
"""Points of a corridor's or border's line: a wide buffer around thousands of corners takes seconds."""
SAME_PLACE_M = 0.01
"""Corners nearer to each other are one; a spike narrower than this has no inside."""
_M_PER_DEG = 111_195.0

Point = tuple[float, float]


def checked_position(lat_deg: float, lon_deg: float, place: Place) -> Point:
    """Return a position that is one.

    Raises:
        InputError: out of range or not finite; it says so when latitude and longitude look swapped.
    """
    if abs(lat_deg) <= MAX_LATITUDE_DEG and abs(lon_deg) <= 180.0:
        return lat_deg, lon_deg
    swapped = abs(lon_deg) <= MAX_LATITUDE_DEG and abs(lat_deg) <= 180.0
    hint = "; latitude and longitude look swapped" if swapped else ""
    field, value, bound = (
        (".lon", lon_deg, 180.0) if abs(lat_deg) <= MAX_LATITUDE_DEG else (".lat", lat_deg, MAX_LATITUDE_DEG)
    )
    raise place.at(field).error(value, f"a number from -{bound:g} to {bound:g} degrees{hint}")


def checked_polygon(rings: Sequence[Sequence[Point]], place: Place, notes: list[str]) -> PolygonShape:
    """Return a polygon of rings whose first position is not repeated at the end; the first ring is the outline.

    Raises:
        InputError: too few corners, too wide, self-crossing, too small, or a hole that is not inside.
    """
    if not rings:
        raise place.error("no rings", "an outline, and holes if there are any")
    kept = [_ring(ring, place.at(f"[{i}]"), notes) for i, ring in enumerate(rings)]
    _check_outline(kept, place)
    return PolygonShape(kept[0], tuple(kept[1:]))


def opened(ring: Sequence[Point], place: Place) -> Sequence[Point]:
    """Return a ring that a format wants closed without its last position, which repeats the first.

    Raises:
        InputError: it is not closed: a corner may be missing, and nobody but the writer knows which.
    """
    if len(ring) < 4:
        raise place.error(f"{len(ring)} positions", "at least 4, the last the same as the first")
    if ring[0] != ring[-1]:
        raise place.at(f"[{len(ring) - 1}]").error(ring[-1], f"a closed ring that ends at its first position {ring[0]}")
    return ring[:-1]


def checked_circle(lat_deg: float, lon_deg: float, radius_m: float, place: Place) -> CircleShape:
    """Return a circle of 1 m to 100 km that does not reach the antimeridian or a pole."""
    if not 1.0 <= radius_m <= MAX_RADIUS_M:
        raise place.error(radius_m, f"a radius from 1 to {MAX_RADIUS_M:g} m")
    lat, lon = checked_position(lat_deg, lon_deg, place)
    reach_deg = radius_m / (_M_PER_DEG * math.cos(math.radians(lat)))
    if abs(lon) + reach_deg >= 180.0 or abs(lat) + radius_m / _M_PER_DEG > MAX_LATITUDE_DEG:
        raise place.error(
            f"{radius_m:g} m about {lat:.6f}, {lon:.6f}", "a circle that reaches no pole and not 180 degrees"
        )
    return CircleShape(lat, lon, float(radius_m))


def checked_corridor(line: Sequence[Point], width_m: float, place: Place, notes: list[str]) -> CorridorShape:
    """Return a corridor of 1 m to 20 km width."""
    if not 1.0 <= width_m <= MAX_WIDTH_M:
        raise place.error(width_m, f"a width from 1 to {MAX_WIDTH_M:g} m")
    return CorridorShape(checked_line(line, place, notes), float(width_m))


def checked_border(line: Sequence[Point], beyond: str, buffer_m: float, place: Place, notes: list[str]) -> BorderShape:
    """Return a border whose line, drawn out straight beyond its ends, does not cross itself."""
    if not 0.0 <= buffer_m <= MAX_WIDTH_M:
        raise place.error(buffer_m, f"a buffer from 0 to {MAX_WIDTH_M:g} m")
    if beyond not in ("left", "right"):
        raise place.error(beyond, "'left' or 'right'")
    shape = BorderShape(checked_line(line, place, notes), "left" if beyond == "left" else "right", float(buffer_m))
    lat, lon = shape.line[0]
    if not LineString(_flat(shape.line, shape.line[0])).is_simple:
        raise place.error("a line that crosses itself", "a border that does not")
    try:
        outline_of(Zone("border", ZoneKind.EXCLUSION, shape), LocalFrame(lat, lon, 0.0, 0.0))
    except InputError as error:
        raise place.error(error.value, error.expected) from error
    return shape


def _ring(points: Sequence[Point], place: Place, notes: list[str]) -> Ring:
    if len(points) > MAX_VERTICES:
        raise place.error(f"{len(points)} positions", f"at most {MAX_VERTICES}")
    if len(points) < 3:
        raise place.error(f"{len(points)} corners", "at least 3")
    _check_span(points, place)
    kept, doubles, spikes = _cleaned(points)
    _tell(doubles, spikes, place, notes)
    if len(kept) < 3:
        raise place.error(f"{len(set(points))} different corners without an inside", "at least 3 that span an area")
    return tuple(points[k] for k in kept)


def checked_line(points: Sequence[Point], place: Place, notes: list[str], at_most: int = MAX_LINE) -> Ring:
    """Return a line of two points or more without doubles; it may cross itself.

    Raises:
        InputError: too many points, too few different ones, or too wide.
    """
    if len(points) > at_most:
        raise place.error(f"{len(points)} positions", f"at most {at_most} along a line")
    kept: list[Point] = []
    flat = _flat(points, points[0]) if points else []
    last = -1
    for k, point in enumerate(points):
        if last < 0 or math.dist(flat[last], flat[k]) >= SAME_PLACE_M:
            kept.append(point)
            last = k
    if len(kept) < 2:
        raise place.error(f"{len(kept)} different points", "at least 2")
    _check_span(kept, place)
    _tell(len(points) - len(kept), 0, place, notes)
    return tuple(kept)


def _tell(doubles: int, spikes: int, place: Place, notes: list[str]) -> None:
    if doubles:
        notes.append(f"{place.path}: {doubles} corners in the place of the one before were left out")
    if spikes:
        notes.append(f"{place.path}: {spikes} spikes without an inside were cut off")


def _check_span(points: Sequence[Point], place: Place) -> None:
    for name, values in (("latitude", [p[0] for p in points]), ("longitude", [p[1] for p in points])):
        span = max(values) - min(values)
        if span > 180.0:
            expected = f"at most {MAX_SPAN_DEG:g}; a zone across the antimeridian must be two, split there"
            raise place.error(f"{name}s {span:.4g} degrees apart", expected)
        if span > MAX_SPAN_DEG:
            raise place.error(f"{name}s {span:.3g} degrees apart", f"at most {MAX_SPAN_DEG:g} (no antimeridian)")


def _flat(points: Sequence[Point], origin: Point) -> list[Point]:
    """Return positions as (east, north) in metres, near enough for checks of a shape."""
    lat0, lon0 = origin
    scale = math.cos(math.radians(lat0)) * _M_PER_DEG
    return [((lon - lon0) * scale, (lat - lat0) * _M_PER_DEG) for lat, lon in points]


def _cleaned(points: Sequence[Point]) -> tuple[list[int], int, int]:
    """Return the corners to keep, and how many doubles and spikes are left out; linear in their number."""
    flat = _flat(points, points[0])
    kept: list[int] = []
    doubles = spikes = 0
    for k in range(len(flat)):
        while len(kept) > 1 and _is_spike(flat[kept[-2]], flat[kept[-1]], flat[k]):
            kept.pop()
            spikes += 1
        if kept and math.dist(flat[kept[-1]], flat[k]) < SAME_PLACE_M:
            doubles += 1
        else:
            kept.append(k)
    first = 0  # the same where the end meets the beginning
    while len(kept) - first > 2:
        a, b, c, d = (flat[i] for i in (kept[-2], kept[-1], kept[first], kept[first + 1]))
        if math.dist(b, c) < SAME_PLACE_M:
            kept.pop()
            doubles += 1
        elif _is_spike(a, b, c):
            kept.pop()
            spikes += 1
        elif _is_spike(b, c, d):
            first += 1
            spikes += 1
        else:
            break
    return kept[first:], doubles, spikes


def _is_spike(a: Point, tip: Point, c: Point) -> bool:
    """Return whether the outline turns back on itself at `tip`."""
    ux, uy, vx, vy = tip[0] - a[0], tip[1] - a[1], c[0] - tip[0], c[1] - tip[1]
    longer = max(math.hypot(ux, uy), math.hypot(vx, vy))
    return ux * vx + uy * vy < 0.0 and abs(ux * vy - uy * vx) < SAME_PLACE_M * longer


def _check_outline(rings: Sequence[Ring], place: Place) -> None:
    """Refuse an outline that crosses itself, is empty, or has a hole that is not inside."""
    lat0, lon0 = rings[0][0]
    flat = [_flat(ring, rings[0][0]) for ring in rings]
    polygon = Polygon(flat[0], flat[1:])
    if not polygon.is_valid:
        reason, _, spot = explain_validity(polygon).partition("[")
        numbers = re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", spot)
        at = ""
        if len(numbers) >= 2:
            east, north = float(numbers[0]), float(numbers[1])
            lon = lon0 + east / (math.cos(math.radians(lat0)) * _M_PER_DEG)
            at = f" at {lat0 + north / _M_PER_DEG:.6f}, {lon:.6f}"
        raise place.error(
            f"{reason.strip().lower()}{at}", "an outline that does not cross itself, with its holes inside"
        )
    if polygon.area < MIN_AREA_M2:
        raise place.error(f"{polygon.area:.3g} m2", f"an area of at least {MIN_AREA_M2:g} m2")
