"""QGroundControl's complex items Survey and CorridorScan (`TransectStyleComplexItem`).

Such an item holds both what was asked for (area, overlaps, angle) and the simple items that the ground station planned
from it. Both are read: the latter become `planned`, and are what is flown. Format: docs.qgroundcontrol.com, "Plan File
Format"; survey versions 4 and 5, corridor version 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, cos, degrees, radians
from typing import Any

from lenger_core.plans import (
    MAX_ITEMS,
    MAX_VERTICES,
    CameraAction,
    CameraDo,
    Capture,
    Corridor,
    Coverage,
    Datum,
    Simple,
    Survey,
    Waypoint,
)
from lenger_core.strict_json import JsonField
from lenger_mission.formats.plan_camera_calc import read_camera_calc, write_camera_calc
from lenger_mission.formats.plan_fence import read_lat_lon
from lenger_mission.formats.plan_heights import tidy
from lenger_mission.formats.plan_items import dumped, read_simple, write_simple
from lenger_mission.formats.plan_walk import Walk

Written = dict[str, Any]


def read_complex(field: JsonField, walk: Walk) -> Survey | Corridor:
    """Return the item of a ComplexItem object, and go on past it.

    Raises:
        InputError: another complex item, or a broken one: the field, the value and what would be valid.
    """
    kind = field["complexItemType"]
    item = _survey(field, walk) if kind.one_of("survey", "CorridorScan") == "survey" else _corridor(field, walk)
    words = {key: value for key, value in field.value.items() if key != "doJumpId"}
    return item.model_copy(update={"as_read": dumped(words)})


def _survey(field: JsonField, walk: Walk) -> Survey:
    field["version"].one_of(4, 5)
    alternate = field.get("flyAlternateTransects")
    split = field.get("splitConcavePolygons")
    if split is not None:
        split.boolean()
    shared = _shared(field["TransectStyleComplexItem"], walk)
    return Survey(
        **shared,
        area=tuple(read_lat_lon(vertex) for vertex in field["polygon"].elements(3, MAX_VERTICES)),
        angle_deg=field["angle"].number(-360, 360, "degrees"),
        entry=field["entryLocation"].integer(0, 3),
        crosswise=field["TransectStyleComplexItem"]["Refly90Degrees"].boolean(),
        alternate=alternate is not None and alternate.boolean(),
    )


def _corridor(field: JsonField, walk: Walk) -> Corridor:
    field["version"].one_of(2)
    return Corridor(
        **_shared(field["TransectStyleComplexItem"], walk),
        line=tuple(read_lat_lon(vertex) for vertex in field["polyline"].elements(2, MAX_VERTICES)),
        width_m=field["CorridorWidth"].number(0, 10_000, "m"),
        entry=field["EntryPoint"].integer(0, 3),
    )


def _shared(field: JsonField, walk: Walk) -> dict[str, Any]:
    version, follow, planned = field.get("version"), field.get("FollowTerrain"), field.get("Items")
    if version is not None:
        version.one_of(1, 2)
    calc = read_camera_calc(field["CameraCalc"], follow is not None and follow.boolean())
    capture = Capture.HOVER if field["HoverAndCapture"].boolean() else Capture.DISTANCE
    return {
        "height": calc.height,
        "camera": calc.camera,
        "frontal_overlap_percent": calc.frontal_overlap_percent,
        "side_overlap_percent": calc.side_overlap_percent,
        "line_spacing_m": calc.line_spacing_m,
        "photo_distance_m": calc.photo_distance_m,
        "capture": capture if calc.photos else Capture.NONE,
        "photos_in_turns": field["CameraTriggerInTurnAround"].boolean(),
        "turnaround_m": field["TurnAroundDistance"].number(0, 1_000, "m"),
        "planned": () if planned is None else _planned(planned, walk),
    }


def _planned(field: JsonField, walk: Walk) -> tuple[Simple, ...]:
    return tuple(read_simple(entry, walk) for entry in field.elements(at_most=MAX_ITEMS))


def write_complex(item: Survey | Corridor, flat: Sequence[Simple], walk: Walk) -> Written:
    """Return the ComplexItem object of an item, and go on past it.

    Args:
        item: survey or corridor.
        flat: the simple items that it is flown as.
        walk: where the plan has come to.
    """
    transects = _write_transects(item, flat, walk)
    if isinstance(item, Corridor):
        return {
            "CorridorWidth": tidy(item.width_m),
            "EntryPoint": item.entry or 0,
            "TransectStyleComplexItem": transects,
            "complexItemType": "CorridorScan",
            "polyline": [list(vertex) for vertex in item.line],
            "type": "ComplexItem",
            "version": 2,
        }
    if item.holes:
        walk.note(
            "a survey's holes are in its planned lines only: QGroundControl would plan over them after an edit there"
        )
    return {
        "TransectStyleComplexItem": transects,
        "angle": tidy(_angle_deg(flat) if item.angle_deg is None else item.angle_deg),
        "complexItemType": "survey",
        "entryLocation": item.entry or 0,
        "flyAlternateTransects": item.alternate,
        "polygon": [list(vertex) for vertex in item.area],
        "splitConcavePolygons": False,
        "type": "ComplexItem",
        "version": 5,
    }


def _write_transects(item: Coverage, flat: Sequence[Simple], walk: Walk) -> Written:
    mode = {Datum.HOME: 1, Datum.AMSL: 2, Datum.AGL: 4 if walk.ground is None else 3}[item.height.datum]
    points = [[w.lat_deg, w.lon_deg] for w in flat if isinstance(w, Waypoint)]
    items = [_bare(written) for step in flat for written in write_simple(step, walk)]
    written: Written = {
        "CameraCalc": write_camera_calc(item, mode, item.capture is not Capture.NONE),
        "CameraShots": 0,
        "CameraTriggerInTurnAround": item.photos_in_turns,
        "HoverAndCapture": item.capture is Capture.HOVER,
        "Items": items,
        "Refly90Degrees": isinstance(item, Survey) and item.crosswise,
        "TurnAroundDistance": tidy(item.turnaround_m),
        "VisualTransectPoints": points,
        "version": 2,
    }
    if mode == 3:
        written |= {"TerrainAdjustMaxClimbRate": 0, "TerrainAdjustMaxDescentRate": 0, "TerrainAdjustTolerance": 10}
    return written


def _bare(written: Written) -> Written:
    # Inside a complex item the ground station writes what goes to the autopilot, without its own three heights.
    return {key: value for key, value in written.items() if "Alt" not in key}


def _angle_deg(flat: Sequence[Simple]) -> float:
    """Return the direction of the first leg that takes photos, degrees clockwise from north, else of the first leg."""
    last: Waypoint | None = None
    first, photos = 0.0, False
    for item in flat:
        if isinstance(item, CameraAction):
            photos = item.action in (CameraDo.START_DISTANCE, CameraDo.START_TIME)
        elif isinstance(item, Waypoint):
            if last is not None:
                north, east = item.lat_deg - last.lat_deg, item.lon_deg - last.lon_deg
                first = round(degrees(atan2(east * cos(radians(item.lat_deg)), north)) % 360.0, 3)
                if photos:
                    break
            last = item
    return first
