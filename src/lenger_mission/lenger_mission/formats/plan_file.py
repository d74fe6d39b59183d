"""QGroundControl `.plan` files, and Mission Planner's `.mission`, which has their shape.

Format: docs.qgroundcontrol.com, "Plan File Format" (file version 1, mission 2, geoFence 2, rallyPoints 2), and what
the two programs write. Reading and writing again gives the same items, fence and rally points; what the model cannot
say, or what the format cannot say, is told in notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from lenger_core.errors import InputError
from lenger_core.plans import (
    MAX_ITEMS,
    PLAN_LIMITS,
    Complex,
    Corridor,
    Plan,
    PlanItem,
    Simple,
    Survey,
)
from lenger_core.strict_json import JsonField, parse, read_text
from lenger_core.whole_file import write_whole
from lenger_mission.expand import Context, Expanded, expand
from lenger_mission.formats.plan_fence import read_fence, read_rally, write_fence, write_rally
from lenger_mission.formats.plan_header import (
    ARDUPILOT,
    MISSION_PLANNER,
    from_mission_planner,
    head_of,
    read_head,
    read_home,
    read_speed,
    write_home,
)
from lenger_mission.formats.plan_items import read_simple, with_what_is_lost, write_simple
from lenger_mission.formats.plan_transects import read_complex, write_complex
from lenger_mission.formats.plan_walk import Ground, Walk

MAX_KEPT = 3_000_000
"""Characters of items in their file's own words that a plan keeps."""
HEADINGS = "headings at waypoints are not flown: the nose points along the track"

Written = dict[str, Any]


def read_qgc(path: Path) -> Plan:
    """Read a `.plan` file.

    Raises:
        InputError: one line naming the field, the value and what would be valid.
    """
    return parse_qgc(read_text(path, PLAN_LIMITS), path.stem, str(path))


def parse_qgc(text: str, name: str, where: str) -> Plan:
    """Return the plan of the text of a `.plan` file.

    Args:
        text: the content.
        name: the plan's name.
        where: what errors call the file.

    Raises:
        InputError: one line naming the field, the value and what would be valid.
    """
    root = parse(text, where, PLAN_LIMITS)
    loose = from_mission_planner(root)
    if not loose:
        root["fileType"].one_of("Plan")
    root["version"].one_of(1)
    mission = root["mission"]
    if not loose:
        mission["version"].one_of(2)
    firmware = mission.get("firmwareType")
    ardupilot = loose or (firmware is not None and firmware.value == ARDUPILOT)
    entries = mission["items"].elements(at_least=1, at_most=MAX_ITEMS)
    walk = Walk(read_home(mission["plannedHomePosition"]), zero_heading_is_none=ardupilot)
    items = _items(entries, walk, loose)
    polygons, circles = read_fence(root.get("geoFence"))
    rally = read_rally(root.get("rallyPoints"))
    if any(getattr(item, "heading_deg", None) is not None for item in items):
        walk.note(HEADINGS)
    if polygons or circles:
        walk.note(f"the plan's geoFence ({len(polygons)} polygons, {len(circles)} circles) is kept, not enforced")
    if rally:
        walk.note(f"the plan's {len(rally)} rally points are kept, not used")
    head = read_head(root, walk.notes)
    return Plan(
        name=name.encode("utf-8", "replace").decode("utf-8")[:200] or "plan",
        home=walk.home,
        items=items,
        cruise_speed_m_s=None if loose else read_speed(mission),
        fence_polygons=polygons,
        fence_circles=circles,
        rally=rally,
        notes=tuple(walk.notes),
        as_read=head,
    )


def write_qgc(plan: Plan, path: Path, context: Context | None = None) -> tuple[str, ...]:
    """Write a `.plan` file, replacing it in one step, and return what it could not say.

    Args:
        plan: any plan.
        path: the file.
        context: terrain, wind and vehicle for items that are yet to be planned, and for heights above ground.

    Raises:
        InputError: an item cannot be planned, or `path` is there and is no regular file.
    """
    text, notes = to_qgc(plan, context)
    write_whole(path, text)
    return notes


def to_qgc(plan: Plan, context: Context | None = None) -> tuple[str, tuple[str, ...]]:
    """Return the text of a `.plan` file, and sentences on what it could not say.

    Raises:
        InputError: an item cannot be planned.
    """
    context = context or Context()
    walk = Walk(plan.home, ground=_ground(context), zero_heading_is_none=_for_ardupilot(plan))
    written = {
        **head_of(plan, ""),
        "fileType": "Plan",
        "geoFence": {**head_of(plan, "geoFence"), **write_fence(plan)},
        "mission": {
            **head_of(plan, "mission"),
            "items": _numbered(_written(plan, walk, context)),
            "plannedHomePosition": write_home(walk),
            "version": 2,
        },
        "rallyPoints": {**head_of(plan, "rallyPoints"), **write_rally(plan, walk)},
        "version": 1,
    }
    return json.dumps(written, indent=4, sort_keys=True) + "\n", tuple(walk.notes)


def _for_ardupilot(plan: Plan) -> bool:
    return (
        head_of(plan, "mission").get("firmwareType") == ARDUPILOT
        or head_of(plan, "").get("groundStation") == MISSION_PLANNER
    )


def _ground(context: Context) -> Ground | None:
    terrain = context.terrain
    return None if terrain is None else terrain.height_amsl_m


def _items(entries: Iterator[JsonField], walk: Walk, loose: bool) -> tuple[PlanItem, ...]:
    items: list[PlanItem] = []
    seen: set[int] = set()
    kept, number = 0, 1
    for entry in entries:
        kind = entry.get("type") if loose else entry["type"]
        item: PlanItem
        if kind is not None and kind.value is not None and kind.one_of("SimpleItem", "ComplexItem") == "ComplexItem":
            item = read_complex(entry, walk)
            number += len(item.planned)
        else:
            item = _simple(entry, walk, loose, seen, number)
            number += 1
        kept += len(item.as_read)
        if kept > MAX_KEPT:
            walk.note("the plan is too long to keep all of it in its file's own words: written again it will differ")
            item = item.model_copy(update={"as_read": ""})
        items.append(item)
    return tuple(items)


def _simple(entry: JsonField, walk: Walk, loose: bool, seen: set[int], number: int) -> Simple:
    if not loose:
        jump = entry["doJumpId"].integer(1, 1_000_000)
        if jump in seen:
            raise entry["doJumpId"].error("a number that no other item has")
        seen.add(jump)
        auto = entry.get("autoContinue")
        if auto is not None and not auto.boolean():
            raise auto.error("true (waiting for a person in the middle of a mission is not supported)")
    before = walk.probe()
    item = read_simple(entry, walk)
    return with_what_is_lost(item, entry, before, number)


def _written(plan: Plan, walk: Walk, context: Context) -> list[tuple[Written, int]]:
    """Return the objects of the items, each with how many MAVLink items it stands for."""
    out: list[tuple[Written, int]] = []
    flown: Expanded | None = None
    for index, item in enumerate(plan.items):
        again = _as_read(item, walk)
        if again is not None:
            out.append((again, len(item.planned) if isinstance(item, Survey | Corridor) else 1))
        elif isinstance(item, Complex):
            flown = flown or expand(plan, context)
            flat = flown.of(index)
            if isinstance(item, Survey | Corridor):
                out.append((write_complex(item, flat, walk), len(flat)))
                continue
            walk.note(
                f"QGroundControl has no {item.type} item: item {index} is written as its {len(flat)} simple items"
            )
            out += [(written, 1) for step in flat for written in write_simple(step, walk)]
        else:
            out += [(written, 1) for written in write_simple(item, walk)]
    return out


def _as_read(item: PlanItem, walk: Walk) -> Written | None:
    """Return the object that an item was read from, and go on past it, while that still means the same item."""
    if not item.as_read:
        return None
    probe = walk.probe()
    try:
        field = parse(item.as_read, "as_read", PLAN_LIMITS)
        if isinstance(item, Complex):
            same: PlanItem = read_complex(field, probe)
        else:
            same = read_simple(field, probe)
    except InputError:
        return None
    if same != item:
        return None
    for step in item.planned if isinstance(item, Survey | Corridor) else (cast(Simple, item),):
        walk.past(step)
    return cast(Written, field.value)


def _numbered(written: Sequence[tuple[Written, int]]) -> list[Written]:
    """Return the objects with `doJumpId`: as it was read where that is not what the ground station counts (a complex
    item takes as many numbers as it has simple ones), unless a number would be there twice."""
    numbers, number = [], 1
    for _, count in written:
        numbers.append(number)
        number += count
    simple = [(n, entry) for n, (entry, _) in zip(numbers, written, strict=True) if not entry.get("complexItemType")]
    anew = len({entry.get("doJumpId", n) for n, entry in simple}) < len(simple)
    out = []
    for n, (entry, _) in zip(numbers, written, strict=True):
        read = None if anew else entry.get("doJumpId")
        out.append(entry if entry.get("complexItemType") else {**entry, "doJumpId": n if read is None else read})
    return out
