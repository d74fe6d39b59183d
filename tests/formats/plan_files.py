"""Plan files in the shapes that ground stations write, made here from their documented keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import cos, radians
from typing import Any

HOME = [42.1819, 69.8878, 766.4013671875]
Json = dict[str, Any]

CAMERA = {
    "FixedOrientation": False,
    "FocalLength": 16,
    "FrontalOverlap": 75,
    "ImageDensity": 1.2239583333333333,
    "ImageHeight": 4000,
    "ImageWidth": 6000,
    "Landscape": True,
    "MinTriggerInterval": 1,
    "SensorHeight": 15.6,
    "SensorWidth": 23.5,
    "SideOverlap": 65,
    "ValueSetIsDistance": True,
}


def place(east_m: float, north_m: float) -> list[float]:
    lat, lon = HOME[0] + north_m / 111_120.0, HOME[1] + east_m / (111_320.0 * cos(radians(HOME[0])))
    return [round(lat, 8), round(lon, 8)]


def item(number: int, command: int, frame: int, params: list[Any], **more: Any) -> Json:
    return {
        "autoContinue": True,
        "command": command,
        "doJumpId": number,
        "frame": frame,
        "params": params,
        "type": "SimpleItem",
        **more,
    }


def height(mode: int, value: float, amsl: float | None = None) -> Json:
    return {"AMSLAltAboveTerrain": amsl, "Altitude": value, "AltitudeMode": mode}


def takeoff(number: int = 1) -> Json:
    return item(number, 22, 3, [15, 0, 0, None, *HOME[:2], 50], **height(1, 50))


def home_again(number: int) -> Json:
    return item(number, 20, 2, [0, 0, 0, 0, 0, 0, 0])


def flown_lines(first: int, frame: int, altitude: float, turn_m: float = 10.0) -> tuple[list[Json], list[list[float]]]:
    """Three lines with turnarounds, the camera on along each: items, and the points that the ground station draws."""
    items: list[Json] = []
    points: list[list[float]] = []
    for line in range(3):
        ends = [-turn_m, 0.0, 200.0, 200.0 + turn_m]
        for k, north in enumerate(ends if line % 2 == 0 else ends[::-1]):
            where = place(60.0 * line, 40.0 + north)
            points.append(where)
            items.append(item(first + len(items), 16, frame, [0, 0, 0, None, *where, altitude]))
            if k in (1, 2):
                items.append(item(first + len(items), 206, 2, [18.35 if k == 1 else 0, 0, 1, 0, 0, 0, 0]))
    return items, points


def calc(mode: int, distance: float, manual: bool = False) -> Json:
    shared = {"AdjustedFootprintFrontal": 25, "AdjustedFootprintSide": 25, "DistanceMode": mode}
    shared |= {"DistanceToSurface": distance, "version": 2}
    return {**shared, **({"CameraName": "Manual (no camera specs)"} if manual else {**CAMERA, "CameraName": "Our 24"})}


def transects(first: int, mode: int, distance: float, *, manual: bool = False, **more: Any) -> Json:
    frame, altitude = {1: (3, distance), 2: (0, 900.0), 3: (0, 831.25), 4: (10, distance)}[mode]
    items, points = flown_lines(first, frame, altitude)
    terrain = {"TerrainAdjustMaxClimbRate": 0, "TerrainAdjustMaxDescentRate": 0, "TerrainAdjustTolerance": 10}
    return {
        "CameraCalc": calc(mode, distance, manual),
        "CameraShots": 48,
        "CameraTriggerInTurnAround": False,
        "HoverAndCapture": False,
        "Items": items,
        "Refly90Degrees": False,
        "TurnAroundDistance": 10,
        "VisualTransectPoints": points,
        "version": 2,
        **(terrain if mode == 3 else {}),
        **more,
    }


def survey(first: int, mode: int, distance: float, version: int = 5, manual: bool = False, **more: Any) -> Json:
    made = {
        "TransectStyleComplexItem": transects(first, mode, distance, manual=manual, **more),
        "angle": 0,
        "complexItemType": "survey",
        "entryLocation": 2,
        "flyAlternateTransects": False,
        "polygon": [place(-30, 40), place(150, 40), place(150, 240), place(-30, 240)],
        "type": "ComplexItem",
        "version": version,
    }
    return made | ({"splitConcavePolygons": False} if version == 5 else {})


def corridor(first: int, mode: int, distance: float, manual: bool = True) -> Json:
    return {
        "CorridorWidth": 120,
        "EntryPoint": 1,
        "TransectStyleComplexItem": transects(first, mode, distance, manual=manual),
        "complexItemType": "CorridorScan",
        "polyline": [place(60, 40), place(62, 140), place(60, 240)],
        "type": "ComplexItem",
        "version": 2,
    }


def plan(items: list[Json], **more: Any) -> Json:
    mission = {
        "cruiseSpeed": 15,
        "firmwareType": 12,
        "globalPlanAltitudeMode": 1,
        "hoverSpeed": 7.5,
        "items": items,
        "plannedHomePosition": list(HOME),
        "vehicleType": 2,
        "version": 2,
    }
    return {
        "fileType": "Plan",
        "geoFence": {"circles": [], "polygons": [], "version": 2},
        "groundStation": "QGroundControl",
        "mission": {**mission, **more.pop("mission", {})},
        "rallyPoints": {"points": [], "version": 2},
        "version": 1,
        **more,
    }


def fenced(items: list[Json]) -> Json:
    """A plan with both kinds of fence shapes, a breach return point and rally points."""
    fence = {
        "breachReturn": [*place(10, 10), 55],
        "circles": [{"circle": {"center": place(0, 0), "radius": 612.5}, "inclusion": True, "version": 1}],
        "polygons": [
            {"inclusion": True, "polygon": [place(-500, -500), place(500, -500), place(0, 700)], "version": 1},
            {"inclusion": False, "polygon": [place(-90, 20), place(-40, 20), place(-40, 90)], "version": 1},
        ],
        "version": 2,
    }
    return plan(items, geoFence=fence, rallyPoints={"points": [[*place(20, -20), 30], [*place(5, 5), 0]], "version": 2})


def every_simple() -> list[Json]:
    """Every simple item that this stack knows, and some that it only keeps."""
    rows: list[tuple[int, int, list[Any], Json]] = [
        (22, 3, [15, 0, 0, None, *HOME[:2], 50], height(1, 50)),
        (178, 2, [1, 6.5, -1, 0, 0, 0, 0], {}),
        (16, 3, [0, 0, 0, None, *place(0, 100), 40.5], height(1, 40.5)),
        (16, 0, [5, 4, 0, 90, *place(100, 100), 830], height(2, 830)),
        (16, 0, [0, 0, 0, None, *place(200, 100), 826.5], height(3, 60, 826.5)),
        (16, 10, [0, 0, 0, None, *place(200, 0), 50], height(4, 50)),
        (19, 3, [30, 0, 0, None, *place(150, 0), 50], height(1, 50)),
        (18, 3, [2, 0, -25, 1, *place(150, 50), 50], height(1, 50)),
        (93, 2, [12, -1, -1, -1, 0, 0, 0], {}),
        (206, 2, [25, 0, 1, 0, 0, 0, 0], {}),
        (16, 3, [0, 0, 0, None, *place(0, 60), 50], height(1, 50)),
        (206, 2, [0, 0, 1, 0, 0, 0, 0], {}),
        (2000, 2, [0, 2.5, 0, None, None, None, None], {}),
        (2001, 2, [0, None, None, None, None, None, None], {}),
        (2000, 2, [0, 0, 1, 1, None, None, None], {}),
        (205, 2, [-45, 0, 30, 0, 0, 0, 2], {}),
        (1000, 2, [-90, 0, None, None, 0, 0, 0], {}),
        (2500, 2, [0, 0, -1, 0, 0, 0, 0], {}),
        (2501, 2, [0, 0, 0, 0, 0, 0, 0], {}),
        (530, 2, [0, 2, None, None, None, None, None], {}),
        (21, 3, [0, 0, 0, None, *place(0, 10), 0], height(1, 0)),
    ]
    return [item(n, c, f, p, **more) for n, (c, f, p, more) in enumerate(rows, start=1)]


def samples() -> Iterator[tuple[str, Json]]:
    """Named plan files."""
    yield "simple items", plan(every_simple())
    yield (
        "fence and rally points",
        fenced([takeoff(), item(2, 16, 3, [0, 0, 0, None, *place(0, 9), 50]), home_again(3)]),
    )
    for mode in (1, 2, 3, 4):
        yield f"survey, altitude mode {mode}", plan([takeoff(), survey(2, mode, 60.5), home_again(20)])
    old = survey(2, 1, 50, version=4, FollowTerrain=False, version_of_calc=1)
    calc_of_old = old["TransectStyleComplexItem"]
    calc_of_old.pop("version_of_calc")
    calc_of_old["version"] = 1
    calc_of_old["CameraCalc"] = {**calc(1, 50), "DistanceToSurfaceRelative": True, "version": 1}
    del calc_of_old["CameraCalc"]["DistanceMode"]
    yield "survey of an old file", plan([takeoff(), old, home_again(20)])
    yield "survey of a manual camera", plan([takeoff(), survey(2, 1, 50, manual=True), home_again(20)])
    both = [takeoff(), corridor(2, 1, 45), item(20, 178, 2, [1, 4, -1, 0, 0, 0, 0]), survey(21, 3, 60), home_again(39)]
    yield "corridor and survey", fenced(both)
    numbers = [{**takeoff(), "doJumpId": 7}, item(9, 16, 3, [0, 0, 0, None, *place(0, 9), 50]), home_again(12)]
    yield "numbers of another program", plan(numbers, groundStation="another program")
    apm = [takeoff(), item(2, 16, 3, [0, 0, 0, 0, *place(0, 90), 50], **height(1, 50)), home_again(3)]
    yield "ArduPilot", plan(apm, mission={"firmwareType": 3})


def mission_planner() -> Json:
    """A `.mission` file of Mission Planner: QGroundControl's shape with most of it null or zero."""
    empty = dict.fromkeys([key for key in survey(1, 1, 50) if key != "type"])
    rows = [(22, [0, 0, 0, 0, 0, 0, 30]), (16, [0, 0, 0, 0, *place(0, 90), 40]), (20, [0, 0, 0, 0, 0, 0, 0])]
    items = [
        {"autoContinue": False, "command": c, "doJumpId": 0, "frame": 3, "params": p, "type": None, **empty}
        for c, p in rows
    ]
    mission = {"cruiseSpeed": 0, "firmwareType": 0, "hoverSpeed": 0, "items": items, "plannedHomePosition": list(HOME)}
    return {
        "fileType": None,
        "geoFence": None,
        "groundStation": "MissionPlanner",
        "mission": {**mission, "vehicleType": 0, "version": 0},
        "rallyPoints": None,
        "version": 1,
    }


def text(tree: Json) -> str:
    """The text as the ground station indents it."""
    return json.dumps(tree, indent=4, sort_keys=True) + "\n"
