"""EUROCAE ED-269 (chapter 8): UAS geographical zones as JSON, bare or in the wrapping of national publications.

ED-269 only restricts, so every zone becomes an exclusion. What it says beyond geometry, heights and times is for
people: it is told, not kept.
"""

from __future__ import annotations

from lenger_core.strict_json import JsonField
from lenger_core.zone_files.collecting import (
    MAX_HEIGHT_M,
    MIN_HEIGHT_M,
    Collector,
    checked_limits,
    printable,
    raised_floor,
)
from lenger_core.zone_files.ed269_times import windows_of
from lenger_core.zone_files.geojson_reader import position, rings_of
from lenger_core.zone_files.places import MAX_ZONES, Place, ZoneFile
from lenger_core.zone_files.rules import checked_circle, checked_polygon
from lenger_core.zone_model import Datum, HeightLimit, Shape, Zone, ZoneKind

PRIORITIES = {"PROHIBITED": 30, "REQ_AUTHORISATION": 20, "CONDITIONAL": 10}
METRES = {"M": 1.0, "FT": 0.3048}
DATUMS = {"AGL": Datum.AGL, "AMSL": Datum.AMSL, "WGS84": Datum.ELLIPSOID}
_MAX_VOLUMES = 100
_FOR_PEOPLE = ("message", "restrictionConditions", "otherReasonInfo")
_UNRESTRICTED = "NO_RESTRICTION"


def read_ed269(root: JsonField) -> ZoneFile:
    """Return the zones of an ED-269 file: a list of UASZoneVersion, or an object that has one as `features`,
    `UASZoneList` or `UASZoneVersion`.

    Raises:
        InputError: anything in it is invalid; nothing of it is used then.
    """
    collector = Collector(root.where, "ed269")
    listed = root
    if isinstance(root.value, dict):
        key = next(k for k in ("UASZoneList", "UASZoneVersion", "features") if k in root.value)
        listed = root[key]
    for entry in listed.elements(at_least=1, at_most=MAX_ZONES):
        _zone(entry, collector)
    return collector.file()


def _zone(entry: JsonField, collector: Collector) -> None:
    identifier = printable(entry["identifier"].text())
    titled = entry.get("name")
    name = printable(titled.text()) if titled is not None and titled.value is not None else ""
    name = name or identifier
    restriction = str(entry["restriction"].one_of(*PRIORITIES, _UNRESTRICTED))
    if restriction == _UNRESTRICTED:
        collector.tell("NO_RESTRICTION limits nothing and is left out", name)
        return
    if restriction != "PROHIBITED":
        collector.tell(f"{restriction} cannot be judged here: kept out of", name)
    for field in _FOR_PEOPLE:
        if (said := entry.get(field)) is not None and said.value not in (None, "", []):
            collector.tell(f"its {field} is for people to read and is not kept", name)
    windows = windows_of(entry.get("applicability"), name, collector)
    if windows is None:
        collector.tell("no day of its schedule lies between its start and end: left out", name)
        return
    volumes = list(entry["geometry"].elements(at_least=1, at_most=_MAX_VOLUMES))
    for volume in volumes:
        free = collector.free_name(name)
        place = Place(volume.where, f"{volume.path} '{free}'")
        floor, ceiling = _limits(volume, free, collector)
        checked_limits(floor, ceiling, place.at(" lowerLimit"))
        shape = _shape(volume, place, collector)
        zone = Zone(free, ZoneKind.EXCLUSION, shape, floor, ceiling, PRIORITIES[restriction], windows)
        collector.add(zone, place)


def _limits(volume: JsonField, name: str, collector: Collector) -> tuple[HeightLimit | None, HeightLimit | None]:
    floor = _limit(volume, "lower")
    ceiling = _limit(volume, "upper")
    if ceiling is not None and ceiling.height_m > MAX_HEIGHT_M:
        collector.tell(f"a ceiling above {MAX_HEIGHT_M:g} m is none", name)
        ceiling = None
    if floor is not None:
        floor = raised_floor(HeightLimit(max(floor.height_m, MIN_HEIGHT_M), floor.datum))
    return floor, ceiling


def _limit(volume: JsonField, side: str) -> HeightLimit | None:
    field = volume.get(f"{side}Limit")
    if field is None or field.value is None:
        return None
    # Some publications write a million for "no limit".
    height = field.number(-1e5 if side == "lower" else MIN_HEIGHT_M, 1e7) * _metres(volume)
    if side == "lower" and height > MAX_HEIGHT_M:
        raise field.error(f"at most {MAX_HEIGHT_M:g} m")
    datum = volume[f"{side}VerticalReference"].one_of(*DATUMS)
    return HeightLimit(height, DATUMS[str(datum)])


def _metres(volume: JsonField) -> float:
    return METRES[str(volume["uomDimensions"].one_of(*METRES))]


def _shape(volume: JsonField, place: Place, collector: Collector) -> Shape:
    projection = volume["horizontalProjection"]
    at = place.at(" horizontalProjection")
    if projection["type"].one_of("Polygon", "Circle") == "Polygon":
        at = at.at(".coordinates")
        return checked_polygon(rings_of(projection["coordinates"], at), at, collector.notes)
    lat, lon = position(projection["center"], at.at(".center"))
    return checked_circle(lat, lon, projection["radius"].number(0.1, 1e6) * _metres(volume), at.at(".radius"))
