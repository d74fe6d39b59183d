"""Our own versioned JSON of a plan.

Version 2 has every item of the model; version 1 knew takeoff, waypoint, change_speed, return and land, in the same
words, and is still read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from lenger_core.plans.base import MAX_ITEMS, PlanModel
from lenger_core.plans.plan import Plan
from lenger_core.settings import input_error
from lenger_core.strict_json import Limits, parse, read_text
from lenger_core.whole_file import write_whole

FORMAT = "lenger-plan"
VERSION: Final = 2
PLAN_LIMITS = Limits(8_000_000, 100_000, f"a plan of {MAX_ITEMS:,} items")
"""Of other programs' plan files."""
_OWN_LIMITS = Limits(12_000_000, 150_000, f"a plan of {MAX_ITEMS:,} items")


class _File(PlanModel):
    format: Literal["lenger-plan"]
    version: Literal[1, 2]
    plan: Plan


def to_json(plan: Plan) -> str:
    """Return the plan in our own JSON, format `lenger-plan`, version 2."""
    return _File(format="lenger-plan", version=VERSION, plan=plan).model_dump_json(indent=2) + "\n"


def from_json(text: str, where: str) -> Plan:
    """Return the plan of our own JSON, of any version.

    Raises:
        InputError: broken, of another format or version, or out of range.
    """
    root = parse(text, where, _OWN_LIMITS)
    root["format"].one_of(FORMAT)
    root["version"].one_of(1, VERSION)
    try:
        return _File.model_validate_json(text).plan
    except ValidationError as error:
        raise input_error(where, error) from error


def write_plan(plan: Plan, path: Path) -> None:
    """Write our own JSON, replacing the file in one step.

    Raises:
        InputError: `path` is there and is no regular file.
    """
    write_whole(path, to_json(plan))


def read_plan(path: Path) -> Plan:
    """Read our own JSON.

    Raises:
        InputError: the file or its content is not valid.
    """
    return from_json(read_text(path, _OWN_LIMITS), str(path))
