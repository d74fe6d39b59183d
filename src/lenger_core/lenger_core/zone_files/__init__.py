"""Zone files of four formats to one model, and out again: GeoJSON, EUROCAE ED-269, QGroundControl `.plan`, KML.

What each format can say is in docs/zones.md. What a file says and the model cannot, or the model says and a format
cannot, is told as a note.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.strict_json import JsonField, parse, read_text
from lenger_core.whole_file import write_whole
from lenger_core.zone_files.ed269_reader import read_ed269
from lenger_core.zone_files.ed269_writer import write_ed269
from lenger_core.zone_files.geojson_reader import read_geojson
from lenger_core.zone_files.geojson_writer import write_geojson
from lenger_core.zone_files.kml_reader import read_kml
from lenger_core.zone_files.kml_writer import write_kml
from lenger_core.zone_files.places import FILE_LIMITS, ZoneFile
from lenger_core.zone_files.qgc import read_plan_fence, write_plan_fence
from lenger_core.zone_model import ZoneKind, ZoneSet

__all__ = [
    "ENDINGS",
    "ZoneFile",
    "dump_zone_file",
    "format_of_ending",
    "load_zone_file",
    "parse_zone_file",
    "save_zone_file",
    "write_geojson",
]

ENDINGS = {".geojson": "geojson", ".plan": "plan", ".kml": "kml", ".json": "ed269"}
"""What the ending of a file that is written says; what is read is told by its content."""

_WRITERS: dict[str, Callable[[ZoneSet], tuple[str, tuple[str, ...]]]] = {
    "geojson": lambda zones: (write_geojson(zones), ()),
    "plan": write_plan_fence,
    "kml": write_kml,
    "ed269": write_ed269,
}


def load_zone_file(path: str | Path, default_kind: ZoneKind | None = None) -> ZoneFile:
    """Read a zone file of any format.

    Args:
        path: the file.
        default_kind: what a KML placemark is that does not say its kind.

    Raises:
        InputError: the file is missing, is not text, or says something invalid; one line names the place, the value
            and what would be valid.
    """
    path = Path(path)
    if path.suffix.lower() == ".kmz":
        raise InputError(str(path), "", "a KMZ archive", "the .kml file in it (unzip it)")
    return parse_zone_file(read_text(path, FILE_LIMITS), str(path), default_kind)


def parse_zone_file(text: str, where: str, default_kind: ZoneKind | None = None) -> ZoneFile:
    """Return what a zone file's text says; its format is told by the content.

    Args:
        text: the content.
        where: what errors call it.
        default_kind: what a KML placemark is that does not say its kind.

    Raises:
        InputError: anything in the text is invalid; nothing of it is used then.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return read_kml(text, where, default_kind)
    root = parse(text, where, FILE_LIMITS)
    if _is_plan(root):
        return read_plan_fence(root)
    return read_ed269(root) if _is_ed269(root) else read_geojson(root)


def dump_zone_file(zones: ZoneSet, file_format: str) -> tuple[str, tuple[str, ...]]:
    """Return zones as the text of a format, and notes on what the format cannot say.

    Raises:
        InputError: no such format.
    """
    if file_format not in _WRITERS:
        raise InputError("zones", "format", file_format, " or ".join(_WRITERS))
    return _WRITERS[file_format](zones)


def save_zone_file(zones: ZoneSet, path: Path) -> tuple[str, ...]:
    """Write zones in the format of the path's ending; return notes on what the format cannot say.

    Raises:
        InputError: an ending that says no format, or a path that cannot be written.
    """
    text, notes = dump_zone_file(zones, format_of_ending(path))
    try:
        write_whole(path, text)
    except OSError as error:
        raise InputError(str(path), "", error.strerror or str(error), "a place to write to") from error
    return notes


def format_of_ending(path: Path) -> str:
    """Return the format that a path's ending says.

    Raises:
        InputError: it says none.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        choices = ", ".join(f"{e} ({f})" for e, f in ENDINGS.items())
        raise InputError(str(path), "ending", path.suffix, choices)
    return ENDINGS[ending]


def _is_plan(root: JsonField) -> bool:
    return isinstance(root.value, dict) and "fileType" in root.value


def _is_ed269(root: JsonField) -> bool:
    """Return whether a tree looks like ED-269: a list of zones, alone or wrapped, that is no FeatureCollection."""
    if isinstance(root.value, list):
        return True
    if not isinstance(root.value, dict) or "type" in root.value:
        return False
    return any(key in root.value for key in ("UASZoneList", "UASZoneVersion", "features"))
