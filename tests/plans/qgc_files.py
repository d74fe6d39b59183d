"""Plan files in the shape QGroundControl writes, made here: a valid one, and edits of it."""

from __future__ import annotations

import copy
import json
from typing import Any

HOME = [42.1819, 69.8878, 766.4]


def item(command: int, frame: int, params: list[Any], number: int, **height: Any) -> dict[str, Any]:
    return {
        "autoContinue": True,
        "command": command,
        "doJumpId": number,
        "frame": frame,
        "params": params,
        "type": "SimpleItem",
        **height,
    }


def height(mode: int, value: float, amsl: float | None = None) -> dict[str, Any]:
    return {"AMSLAltAboveTerrain": amsl, "Altitude": value, "AltitudeMode": mode}


def valid() -> dict[str, Any]:
    """Every supported command and altitude mode, a fence and a rally point."""
    items = [
        item(22, 3, [15, 0, 0, None, 42.1819, 69.8878, 30], 1, **height(1, 30)),
        item(16, 3, [0, 0, 0, None, 42.1830, 69.8878, 40], 2, **height(1, 40)),
        item(178, 2, [1, 6.5, -1, 0, 0, 0, 0], 3),
        item(16, 0, [5, 4, 0, 90, 42.1830, 69.8890, 830], 4, **height(2, 830)),
        item(16, 0, [0, 0, 0, None, 42.1820, 69.8895, 826.5], 5, **height(3, 60, 826.5)),
        item(16, 10, [0, 0, 0, None, 42.1815, 69.8885, 50], 6, **height(4, 50)),
        item(20, 2, [0, 0, 0, 0, 0, 0, 0], 7),
    ]
    return {
        "fileType": "Plan",
        "geoFence": {
            "circles": [{"circle": {"center": [42.182, 69.888], "radius": 400.0}, "inclusion": True, "version": 1}],
            "polygons": [
                {"inclusion": False, "polygon": [[42.18, 69.88], [42.18, 69.881], [42.181, 69.88]], "version": 1}
            ],
            "version": 2,
        },
        "groundStation": "QGroundControl",
        "mission": {
            "cruiseSpeed": 15,
            "firmwareType": 12,
            "globalPlanAltitudeMode": 0,
            "hoverSpeed": 7,
            "items": items,
            "plannedHomePosition": list(HOME),
            "vehicleType": 2,
            "version": 2,
        },
        "rallyPoints": {"points": [[42.1825, 69.8880, 50]], "version": 2},
        "version": 1,
    }


def edited(path: str, value: Any) -> str:
    """Return the valid plan's text with the value at a path such as "mission.items.0.frame" replaced; ... deletes."""
    plan = copy.deepcopy(valid())
    *way, last = path.split(".")
    node: Any = plan
    for key in way:
        node = node[int(key) if isinstance(node, list) else key]
    key = int(last) if isinstance(node, list) else last
    if value is ...:
        del node[key]
    else:
        node[key] = value
    return json.dumps(plan)


def many(count: int) -> str:
    """Return a valid plan of `count` items in a zigzag."""
    plan = valid()
    first, last = plan["mission"]["items"][0], plan["mission"]["items"][-1]
    ways = [
        item(
            16, 0, [0, 0, 0, None, 42.1819 + 0.002 * (n % 2), 69.8878 + 1e-5 * n, 830.0], n + 2, **height(3, 60, 830.0)
        )
        for n in range(count - 2)
    ]
    plan["mission"]["items"] = [first, *ways, {**last, "doJumpId": count}]
    return json.dumps(plan, indent=4)
