"""The estimator's settings for a log: what the log says about itself, the airframe class, and what the user sets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from pydantic import ValidationError

from lenger_core.errors import InputError
from lenger_core.settings import input_error
from lenger_fusion.replay.log import VEHICLES, LogMeta
from lenger_fusion.settings import FusionSettings

_YEARS = (1990.0, 2040.0)


def settings_for(
    meta: LogMeta, airframe: str = "", changes: Sequence[str] = ()
) -> tuple[FusionSettings, str, tuple[str, ...]]:
    """Return the settings, the airframe class, and notes about what of the log's description they have no field for.

    Args:
        meta: what the log says.
        airframe: one of `VEHICLES` in place of what the log says; "" for that.
        changes: NAME=VALUE of single settings, which count before everything else.

    Raises:
        InputError: an unknown class or setting, or a value out of bounds.
    """
    if airframe and airframe not in VEHICLES:
        raise InputError("--class", "", airframe, " or ".join(VEHICLES))
    chosen = airframe or meta.vehicle or VEHICLES[0]
    notes: list[str] = []
    values: dict[str, object] = {"use_magnetometer": meta.mag_usable, "watch_gnss": True}
    values["use_drag"] = chosen == VEHICLES[0]
    if meta.gnss_latency_s is not None:
        values["gnss_latency_s"] = meta.gnss_latency_s
    if meta.year is not None and _YEARS[0] <= meta.year <= _YEARS[1]:
        values["magnetic_year"] = meta.year
    if chosen != VEHICLES[0]:
        notes.append(f"class {chosen}: as a multirotor, but without rotor drag")
    if meta.heading_deg is not None:
        notes.append("heading_deg of the log is not used")
    stated = dict(_change(text) for text in changes)
    try:
        return FusionSettings.model_validate(_nested({**values, **stated})), chosen, tuple(notes)
    except ValidationError as error:
        raise input_error("--set", error) from error


def _change(text: str) -> tuple[str, object]:
    """Return (name, value) of NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError("--set", "", text, "NAME=VALUE, such as gate_sigma=4")
    if name.split(".")[0] not in FusionSettings.model_fields:
        near = get_close_matches(name, FusionSettings.model_fields, n=6, cutoff=0.2)
        raise InputError(
            "--set", "name", name, f"a field of FusionSettings{', such as ' * bool(near)}{', '.join(near)}"
        )
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
    except RecursionError as error:
        raise InputError("--set", name, value, "a number, true, false or a word") from error


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    """Return {"a": {"b": 1}} of {"a.b": 1}."""
    tree: dict[str, object] = {}
    for name, value in flat.items():
        head, dot, rest = name.partition(".")
        if not dot:
            tree[head] = value
            continue
        inner = tree.setdefault(head, {})
        if isinstance(inner, dict):
            inner.update(_nested({rest: value}))
    return tree
