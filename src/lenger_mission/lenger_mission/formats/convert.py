"""Plan and map files from one format to another, by their endings, with a report of what the target cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lenger_core.errors import InputError
from lenger_core.plans import Complex, Datum, Plan, from_json, to_json
from lenger_core.terrain import Terrain, load_terrain
from lenger_core.whole_file import write_whole
from lenger_mission.expand import Context, expand
from lenger_mission.formats.areas import AREA_ENDINGS, load_areas, text_of_areas
from lenger_mission.formats.areas_of_plan import features_of_plan
from lenger_mission.formats.losses import losses
from lenger_mission.formats.plan_file import parse_qgc, to_qgc
from lenger_mission.formats.waypoints_file import parse_waypoints, to_waypoints
from lenger_mission.formats.waypoints_rows import VERSIONS
from lenger_mission.load import read_any

FORMATS = {
    ".plan": "QGroundControl",
    ".json": "Lenger",
    ".waypoints": "QGC WPL",
    ".txt": "QGC WPL",
    ".kml": "KML map",
    ".geojson": "GeoJSON map",
}
"""What is read and written, by ending."""
READ_ONLY = {".mission": "Mission Planner"}

Said = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did.

    Attributes:
        read, written: the formats.
        what: what the source holds, such as "12 items".
        notes: what the source says that is not carried over, and what the target cannot say, one sentence each.
    """

    read: str
    written: str
    what: str
    notes: tuple[str, ...]


def convert(source: Path, target: Path, dem: str = "", version: int = 110) -> Conversion:
    """Read one file and write the other; nothing is written where anything is wrong.

    Args:
        source: a plan file or a map.
        target: the file to write, or to replace.
        dem: DEM files of the ground, joined by the path separator; "" for the terrain that ships.
        version: of a QGC WPL file that is written.

    Raises:
        InputError: an ending that says no format, a broken source, a map to be made a plan, or no place to write to.
    """
    written, read = format_of(target), format_of(source, FORMATS | READ_ONLY)
    if version not in VERSIONS:
        raise InputError("plan convert", "--wpl", version, " or ".join(map(str, VERSIONS)))
    if source.suffix.lower() not in AREA_ENDINGS:
        plan = read_any(source)
        notes = save_plan(plan, target, context_of(plan, dem), version)
        return Conversion(read, written, f"{len(plan.items)} items", _once((*plan.notes, *notes)))
    found = load_areas(source)
    if target.suffix.lower() not in AREA_ENDINGS:
        expected = "a plan; a map has no items to fly: `lenger plan make PATTERN --area FILE -o PLAN` makes them"
        raise InputError(str(source), "file ending", source.suffix, expected)
    _write(target, text_of_areas(source.stem, found.features, target.suffix.lower()))
    return Conversion(read, written, f"{len(found.features)} features", found.notes)


def format_of(path: Path, formats: Mapping[str, str] = FORMATS) -> str:
    """Return the name of the format that a path's ending says, of those that are written or of others.

    Raises:
        InputError: it says none of them.
    """
    found = formats.get(path.suffix.lower())
    if found is None:
        choices = ", ".join(f"{ending} ({name})" for ending, name in formats.items())
        raise InputError(str(path), "file ending", path.suffix, choices)
    return found


def save_plan(plan: Plan, path: Path, context: Context | None = None, version: int = 110) -> tuple[str, ...]:
    """Write a plan in the format of the path's ending, replacing the file in one step.

    The text is read back before it is written: whatever differs is told too.

    Args:
        plan: any plan.
        path: the file.
        context: terrain, wind and vehicle for items that the format can only hold as what they are flown as.
        version: of a QGC WPL file.

    Returns:
        What the format cannot say, one sentence each.

    Raises:
        InputError: an ending that says no format, an item that cannot be planned, or no place to write to.
    """
    text, notes = text_of_plan(plan, path, context, version)
    _write(path, text)
    return notes


def text_of_plan(plan: Plan, path: Path, context: Context | None = None, version: int = 110) -> Said:
    """Return the text that `save_plan` writes, and what the format cannot say.

    Raises:
        InputError: an ending that says no format, or an item that cannot be planned.
    """
    written = format_of(path)
    if written == "Lenger":
        return to_json(plan), losses(plan, from_json(to_json(plan), str(path)))
    if path.suffix.lower() in AREA_ENDINGS:
        features, notes = features_of_plan(plan, context)
        return text_of_areas(plan.name, features, path.suffix.lower()), notes
    if written == "QGC WPL":
        text, notes = to_waypoints(plan, version, context)
        wanted, again = expand(plan, context).plan, parse_waypoints(text, plan.name, str(path))
        if version == 120:
            again = again.model_copy(update={"home": plan.home})  # told already
    else:
        text, notes = to_qgc(plan, context)
        wanted, again = _as_qgc_holds(plan, context), parse_qgc(text, plan.name, str(path))
    return text, _once((*notes, *losses(wanted, again)))


def context_of(plan: Plan, dem: str = "") -> Context:
    """Return the context to write a plan with: the terrain where the plan needs it and lies on it.

    Raises:
        InputError: a file is no DEM.
    """
    needs = any(isinstance(item, Complex) or _is_agl(item) for item in plan.items)
    if not needs:
        return Context()
    terrain = load_terrain(dem)
    return Context(terrain=terrain if _lies_on(plan, terrain) else None)


def _is_agl(item: object) -> bool:
    height = getattr(item, "height", None)
    return height is not None and height.datum is Datum.AGL


def _lies_on(plan: Plan, terrain: Terrain) -> bool:
    places = [(plan.home.lat_deg, plan.home.lon_deg)]
    for item in plan.items:
        lat, lon = getattr(item, "lat_deg", None), getattr(item, "lon_deg", None)
        if lat is not None and lon is not None:
            places.append((lat, lon))
        places += getattr(item, "area", None) or ()
        places += getattr(item, "line", None) or ()
    lats, lons = zip(*places, strict=True)
    try:
        terrain.heights_amsl_m(np.array(lats), np.array(lons))
    except InputError:
        return False
    return True


def _as_qgc_holds(plan: Plan, context: Context | None) -> Plan:
    """Return the plan with the items that `.plan` has no complex item for as the simple ones that they are flown as."""
    if all(not isinstance(item, Complex) or item.type in ("survey", "corridor") for item in plan.items):
        return plan
    flat = expand(plan, context)
    items: list[object] = []
    for index, item in enumerate(plan.items):
        kept = item.type in ("survey", "corridor") or not isinstance(item, Complex)
        items += [item] if kept else flat.of(index)
    return plan.model_copy(update={"items": tuple(items)})


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise InputError(str(path), "", error.strerror or str(error), "a place to write to") from error


def _once(notes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
