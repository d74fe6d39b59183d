"""What `plan make` is asked for as items of a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from pydantic import ValidationError

from lenger_core.errors import InputError
from lenger_core.plans import (
    Capture,
    Complex,
    Corridor,
    Datum,
    Height,
    Orbit,
    Perimeter,
    PlanCamera,
    Search,
    SearchKind,
    Survey,
)
from lenger_mission.formats.areas import Kind, load_areas
from lenger_mission.formats.areas_model import AreaFeature
from lenger_mission.pattern_request import PATTERNS, PatternRequest
from lenger_mission.patterns.camera import Camera, load_camera

LatLon = tuple[float, float]
Value = TypeVar("Value")

SEARCH_OVERLAP = 0.2
FRONT_OVERLAP, SIDE_OVERLAP = 0.7, 0.6
MOST_RINGS = 50


@dataclass(frozen=True)
class Pattern:
    """A pattern as a plan has it.

    Attributes:
        items: complex items, flown in this order.
        first: a place of the pattern, where home is taken to be when nothing else says it.
        notes: what a person should know, one sentence each.
    """

    items: tuple[Complex, ...]
    first: LatLon
    notes: tuple[str, ...] = ()


def pattern_of(request: PatternRequest) -> Pattern:
    """Return the items that a request asks for.

    Raises:
        InputError: something is missing or out of range; the message names the option.
    """
    if request.pattern not in PATTERNS:
        raise InputError("plan make", "pattern", request.pattern, f"one of {', '.join(PATTERNS)}")
    try:
        return _MAKERS[request.pattern](request)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"plan make {request.pattern}", field, first.get("input"), first["msg"]) from error


def height_of(request: PatternRequest) -> Height:
    """Return the height of flight.

    Raises:
        InputError: there is none, or its datum is none.
    """
    if request.datum not in {datum.value for datum in Datum}:
        raise InputError("plan make", "--datum", request.datum, " or ".join(datum.value for datum in Datum))
    value = needed(request, "--height", request.height_m, "metres")
    if not 0.0 < value <= 9_000.0:
        raise InputError("plan make", "--height", value, "above 0, at most 9000 m")
    return Height(value_m=value, datum=Datum(request.datum))


def needed(request: PatternRequest, option: str, value: Value | None, expected: str) -> Value:
    """Return a value that the pattern cannot do without; raises InputError where it is missing."""
    if value is None:
        raise InputError(f"plan make {request.pattern}", option, value, expected)
    return value


def _survey(request: PatternRequest) -> Pattern:
    area = _feature(request, Kind.AREA)
    item = Survey(area=area.outline, holes=area.holes, angle_deg=request.angle_deg, **_coverage(request))
    return Pattern((item,), area.outline[0])


def _corridor(request: PatternRequest) -> Pattern:
    line = _feature(request, Kind.LINE)
    width = needed(request, "--width", request.width_m, "metres")
    return Pattern((Corridor(line=line.outline, width_m=width, **_coverage(request)),), line.outline[0])


def _perimeter(request: PatternRequest) -> Pattern:
    area = _feature(request, Kind.AREA)
    laps = 1 if request.turns is None else ceil(request.turns - 1e-9)
    inset = request.spacing_m or 0.0
    camera = None if not request.camera else _plan_camera(load_camera(request.camera))
    item = Perimeter(
        area=area.outline,
        inset_m=inset,
        laps=laps,
        clockwise=request.clockwise,
        height=height_of(request),
        camera=camera,
        capture=Capture.DISTANCE if camera else Capture.NONE,
        speed_m_s=request.speed_m_s,
        **_overlaps(request),
    )
    notes = ("an area's holes are no part of its perimeter",) if area.holes else ()
    return Pattern((item,), area.outline[0], notes)


def _search(request: PatternRequest) -> Pattern:
    kind, height = SearchKind(request.pattern), height_of(request)
    at, area, radius = request.at, None, request.radius_m
    spacing = request.spacing_m if request.spacing_m is not None else _seen_spacing_m(request, height)
    if kind in (SearchKind.CREEPING_LINE, SearchKind.PARALLEL_TRACK):
        area = _feature(request, Kind.AREA).outline
    else:
        at = needed(request, "--at", at, "latitude,longitude of the datum")
    if kind is not SearchKind.SECTOR:
        spacing = needed(request, "--spacing", spacing, "metres between tracks, or a --camera")
    if kind is SearchKind.EXPANDING_SQUARE and radius is None and request.legs is not None and spacing is not None:
        radius = (max(1, ceil((request.legs - 1) / 4)) + 0.5) * spacing
    if area is None:
        radius = needed(request, "--radius", radius, "metres from the datum")
    item = Search(
        kind=kind,
        height=height,
        lat_deg=None if at is None else at[0],
        lon_deg=None if at is None else at[1],
        area=area,
        leg_spacing_m=spacing,
        radius_m=radius,
        bearing_deg=request.angle_deg if request.angle_deg is not None else _into_wind(request, area is None),
        clockwise=request.clockwise,
        speed_m_s=request.speed_m_s,
    )
    first = area[0] if area is not None else at
    assert first is not None
    return Pattern((item,), first)


def _orbit(request: PatternRequest) -> Pattern:
    at = needed(request, "--at", request.at, "latitude,longitude of the centre")
    radius = needed(request, "--radius", request.radius_m, "metres")
    base, count = height_of(request), 1 if request.rings is None else request.rings
    if not 1 <= count <= MOST_RINGS:
        raise InputError("plan make orbit", "--rings", request.rings, f"1 to {MOST_RINGS}")
    wider, higher = request.spacing_m or 0.0, request.climb_m or 0.0
    if count > 1 and wider == 0.0 and higher == 0.0:
        raise InputError("plan make orbit", "--rings", count, "--spacing or --climb between the rings, too")
    items = tuple(
        Orbit(
            lat_deg=at[0],
            lon_deg=at[1],
            radii_m=(radius + number * wider,),
            heights=(Height(value_m=base.value_m + number * higher, datum=base.datum),),
            turns=1.0 if request.turns is None else request.turns,
            clockwise=request.clockwise,
            start_bearing_deg=request.angle_deg,
            speed_m_s=request.speed_m_s,
        )
        for number in range(count)
    )
    return Pattern(items, at)


_MAKERS: dict[str, Callable[[PatternRequest], Pattern]] = {
    "survey": _survey,
    "corridor": _corridor,
    "perimeter": _perimeter,
    **{kind.value: _search for kind in SearchKind},
    "orbit": _orbit,
}


def _feature(request: PatternRequest, kind: Kind) -> AreaFeature:
    path = needed(request, "--area", request.area, f"a KML or GeoJSON file with the {kind.value}")
    return load_areas(path).the_one(kind, request.feature)


def _coverage(request: PatternRequest) -> dict[str, Any]:
    """The fields that survey and corridor share."""
    camera = None
    if request.camera:
        camera = _plan_camera(load_camera(request.camera))
    elif request.spacing_m is None:
        needed(request, "--camera", None, "a camera of config/cameras, or --spacing")
    return {
        "height": height_of(request),
        "camera": camera,
        "line_spacing_m": request.spacing_m,
        "capture": Capture.DISTANCE if camera else Capture.NONE,
        "speed_m_s": request.speed_m_s,
        **_overlaps(request),
    }


def _overlaps(request: PatternRequest) -> dict[str, Any]:
    front = FRONT_OVERLAP if request.front_overlap is None else request.front_overlap
    side = SIDE_OVERLAP if request.side_overlap is None else request.side_overlap
    return {"frontal_overlap_percent": 100.0 * front, "side_overlap_percent": 100.0 * side}


def _plan_camera(camera: Camera) -> PlanCamera:
    return PlanCamera(
        name=camera.title,
        sensor_width_mm=camera.sensor_width_mm,
        sensor_height_mm=camera.sensor_height_mm,
        image_width_px=camera.image_width_px,
        image_height_px=camera.image_height_px,
        focal_length_mm=camera.focal_length_mm,
        landscape=camera.long_side == "across",
        min_trigger_interval_s=camera.min_interval_s,
    )


def _seen_spacing_m(request: PatternRequest, height: Height) -> float | None:
    """The swath of a camera, less the overlap: the sweep width of a search by camera. Above ground only."""
    if not request.camera:
        return None
    if height.datum is not Datum.AGL:
        raise InputError(
            f"plan make {request.pattern}", "--camera", request.camera, "--datum agl with it, or --spacing"
        )
    side = SEARCH_OVERLAP if request.side_overlap is None else request.side_overlap
    return load_camera(request.camera).spacing_m(height.value_m, side)


def _into_wind(request: PatternRequest, about_datum: bool) -> float | None:
    """The first leg about a datum runs into the wind."""
    return request.wind_from_deg if about_datum else None
