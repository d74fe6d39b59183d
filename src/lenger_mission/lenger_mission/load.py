"""Plans from files and from the text of a goal: parse, then the structure gate."""

from __future__ import annotations

from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.plans import Plan, from_json, read_plan
from lenger_mission.gate import require
from lenger_mission.qgc import parse_qgc, read_qgc

FORMATS = ("qgc", "lenger")


def load_plan(path: Path) -> Plan:
    """Return a plan that may fly, from a QGroundControl `.plan` or our own `.json`.

    Raises:
        InputError: unknown ending, broken file, or a plan that cannot fly.
    """
    return require(read_any(path), str(path))


def read_any(path: Path) -> Plan:
    """Return the plan of a file by its ending, without the gate.

    Raises:
        InputError: unknown ending or broken file.
    """
    reader = {".plan": read_qgc, ".json": read_plan}.get(path.suffix.lower())
    if reader is None:
        raise InputError(str(path), "file ending", path.suffix, ".plan (QGroundControl) or .json (Lenger)")
    return reader(path)


def plan_from_text(text: str, name: str, plan_format: str) -> Plan:
    """Return a plan that may fly, from the text of a goal.

    Args:
        text: contents of a plan file.
        name: the plan's name.
        plan_format: "qgc" or "lenger"; "" means qgc.

    Raises:
        InputError: unknown format, broken text, or a plan that cannot fly.
    """
    where = f"plan {name[:80]!r}"
    if plan_format not in ("", *FORMATS):
        raise InputError(where, "plan_format", plan_format, " or ".join(FORMATS))
    plan = from_json(text, where) if plan_format == "lenger" else parse_qgc(text, name, where)
    return require(plan, where)
