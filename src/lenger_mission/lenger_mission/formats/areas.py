"""Files of areas, lines and points: KML and GeoJSON, in and out. What is read is told by its content."""

from __future__ import annotations

from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.strict_json import parse, read_text
from lenger_mission.formats.areas_geojson import read_geojson_areas, write_geojson_areas
from lenger_mission.formats.areas_kml import read_kml_areas, write_kml_areas
from lenger_mission.formats.areas_model import FILE_LIMITS, AreaFeature, AreaFile, Kind

__all__ = ["AREA_ENDINGS", "AreaFeature", "AreaFile", "Kind", "load_areas", "parse_areas", "text_of_areas"]

AREA_ENDINGS = (".kml", ".geojson")
"""Of files that are written."""


def load_areas(path: Path) -> AreaFile:
    """Read a KML or GeoJSON file.

    Raises:
        InputError: missing, not text, or saying something invalid; one line names the place and what would be valid.
    """
    if path.suffix.lower() == ".kmz":
        raise InputError(str(path), "", "a KMZ archive", "the .kml file in it (unzip it)")
    return parse_areas(read_text(path, FILE_LIMITS), str(path))


def parse_areas(text: str, where: str) -> AreaFile:
    """Return the features of a text, KML where it begins with <, else GeoJSON.

    Raises:
        InputError: anything in it is invalid, or it holds no polygon, line or point.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return read_kml_areas(text, where)
    return read_geojson_areas(parse(text, where, FILE_LIMITS))


def text_of_areas(title: str, features: tuple[AreaFeature, ...], ending: str) -> str:
    """Return features as a text.

    Args:
        title: of the document.
        features: what to write.
        ending: one of `AREA_ENDINGS`.
    """
    return write_kml_areas(title, features) if ending == ".kml" else write_geojson_areas(features)
