"""The day and the limits of a check, as a person states them: a YAML file, and single figures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lenger_core.errors import InputError
from lenger_core.settings import input_error
from lenger_core.strict_yaml import read_yaml
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.limits import GateLimits


@dataclass(frozen=True)
class Day:
    """What a plan is checked for beside vehicle, ground and zones."""

    conditions: Conditions = field(default_factory=Conditions)
    limits: GateLimits = field(default_factory=GateLimits)


def read_day(path: Path | None, stated: Mapping[str, object]) -> Day:
    """Return the day of a file, with single figures over it.

    Args:
        path: YAML with the fields of `Conditions`, and those of `GateLimits` under `limits`; None: none.
        stated: figures by name, dotted where nested (`station.lat_deg`, `limits.ceiling_agl_m`).

    Raises:
        InputError: the file or a figure is not valid.
    """
    where = "conditions" if path is None else str(path)
    tree = {} if path is None else read_yaml(path)
    if not isinstance(tree, dict):
        raise InputError(where, "", type(tree).__name__, "names and values, as wind_m_s: 5")
    for name, value in stated.items():
        _put(tree, name.split("."), value, where)
    limits = tree.pop("limits", {})
    try:
        return Day(Conditions.model_validate(tree), GateLimits.model_validate(limits))
    except ValidationError as error:
        raise input_error(where, error) from error


def _put(tree: dict[Any, Any], names: list[str], value: object, where: str) -> None:
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise InputError(where, name, type(tree).__name__, "names and values")
    tree[names[-1]] = value
