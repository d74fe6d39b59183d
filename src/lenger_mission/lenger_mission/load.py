"""Plans from files and from the text of a goal: parse, expand to what can be flown, then the structure gate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.plans import Plan, from_json, read_plan
from lenger_mission.expand import Context, flyable
from lenger_mission.formats.plan_file import parse_qgc, read_qgc
from lenger_mission.formats.waypoints_file import parse_waypoints, read_waypoints
from lenger_mission.plan_gate.structure import require

FORMATS = ("qgc", "lenger", "waypoints")

_READERS: dict[str, Callable[[Path], Plan]] = {
    ".plan": read_qgc,
    ".mission": read_qgc,
    ".waypoints": read_waypoints,
    ".txt": read_waypoints,
    ".json": read_plan,
}


def load_plan(path: Path, context: Context | None = None) -> Plan:
    """Return a plan that may fly, from a file of any format: flat, of simple items.

    Args:
        path: the file.
        context: terrain, wind and vehicle that areas, searches and orbits are planned with.

    Raises:
        InputError: unknown ending, broken file, or a plan that cannot fly.
    """
    return require(flyable(read_any(path), str(path), context).plan, str(path))


def read_any(path: Path) -> Plan:
    """Return the plan of a file by its ending, without the gate and not expanded.

    Raises:
        InputError: unknown ending or broken file.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        endings = ".plan (QGroundControl), .waypoints or .mission (Mission Planner) or .json (Lenger)"
        raise InputError(str(path), "file ending", path.suffix, endings)
    return reader(path)


def plan_from_text(text: str, name: str, plan_format: str) -> Plan:
    """Return a plan that may fly, from the text of a goal.

    Args:
        text: contents of a plan file.
        name: the plan's name.
        plan_format: "qgc", "lenger" or "waypoints"; "" means qgc.

    Raises:
        InputError: unknown format, broken text, or a plan that cannot fly.
    """
    where = f"plan {name[:80]!r}"
    if plan_format not in ("", *FORMATS):
        raise InputError(where, "plan_format", plan_format, " or ".join(FORMATS))
    if plan_format == "lenger":
        plan = from_json(text, where)
    elif plan_format == "waypoints":
        plan = parse_waypoints(text, name, where)
    else:
        plan = parse_qgc(text, name, where)
    return require(flyable(plan, where).plan, where)
