"""Geofence zones: where the aircraft may be and where it may not.

The legal space is the union of the inclusion zones (everywhere, when there is none) without the exclusion zones, each
between its floor and its ceiling. Here is what others use: the model (`zone_model`), the planar form for queries
(`local_zones`), and reading files.
"""

from __future__ import annotations

from pathlib import Path

from lenger_core import zone_kernels
from lenger_core.kernel_cache import drop_stale
from lenger_core.local_zones import Area, LocalZones, ZoneMargin
from lenger_core.zone_model import (
    BorderShape,
    CircleShape,
    CorridorShape,
    Datum,
    HeightLimit,
    PolygonShape,
    Ring,
    Shape,
    TimeWindow,
    Zone,
    ZoneKind,
    ZoneSet,
)
from lenger_core.zone_shapes import CHORD_ERROR_M, outline_of

__all__ = [
    "CHORD_ERROR_M",
    "Area",
    "BorderShape",
    "CircleShape",
    "CorridorShape",
    "Datum",
    "HeightLimit",
    "LocalZones",
    "PolygonShape",
    "Ring",
    "Shape",
    "TimeWindow",
    "Zone",
    "ZoneKind",
    "ZoneMargin",
    "ZoneSet",
    "load_zones",
    "outline_of",
    "parse_zones",
    "warm",
]

_HERE = Path(__file__).parent
drop_stale(_HERE, [_HERE / "zone_kernels.py", _HERE / "prism_kernels.py"])  # before the first kernel is loaded


def load_zones(path: str | Path) -> ZoneSet:
    """Read a zone file: GeoJSON, ED-269, `.plan` or KML; `zone_files.load_zone_file` also gives the notes on it.

    Raises:
        InputError: the file is missing, is not text, or says something invalid; the message names the feature and the
        field.
    """
    from lenger_core.zone_files import load_zone_file

    return load_zone_file(Path(path)).zones


def parse_zones(text: str, where: str) -> ZoneSet:
    """Return the zones in the text of a zone file; `where` names its source in errors.

    Raises:
        InputError: anything in the text is invalid; nothing of it is used then.
    """
    from lenger_core.zone_files import parse_zone_file

    return parse_zone_file(text, where).zones


def warm() -> None:
    """Compile the kernels into numba's cache, so that no flight waits for it."""
    zone_kernels.warm()
