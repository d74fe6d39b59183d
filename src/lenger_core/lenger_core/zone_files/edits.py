"""Zones edited in flight: all of an edit or nothing of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

from lenger_core.errors import InputError
from lenger_core.zone_files import parse_zone_file
from lenger_core.zone_files.collecting import MAX_NAME, listed, vertices_of
from lenger_core.zone_files.places import MAX_VERTICES, MAX_ZONES
from lenger_core.zone_model import ZoneKind, ZoneSet


class ZoneOperation(str, Enum):
    """What is done to the zones; the values of `operation` in guard/set_zones.

    REPLACE: the zones of the text take the place of all. MERGE: each of them takes the place of the one of its name,
    or is added. WITHDRAW: the named zones go; the text is a JSON list of names, or one name.
    """

    REPLACE = "replace"
    MERGE = "merge"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class ZoneEdit:
    """What an edit leads to.

    Attributes:
        zones: all zones after it.
        notes: what was normalised in the text, or could not be kept.
        added, changed, withdrawn: names.
    """

    zones: ZoneSet
    notes: tuple[str, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def said(self) -> str:
        """Return the edit in words."""
        parts = (("added", self.added), ("changed", self.changed), ("withdrawn", self.withdrawn))
        return "; ".join(f"{word}: {listed(list(names))}" for word, names in parts if names) or "nothing changed"


def edit_zones(current: ZoneSet, operation: str, text: str, where: str = "guard/set_zones") -> ZoneEdit:
    """Return the zones after an edit; `current` is not touched.

    Args:
        current: all zones now.
        operation: replace, merge or withdraw; "" is replace.
        text: a zone file's text; for withdraw a JSON list of names, or one name.
        where: what errors call the request.

    Raises:
        InputError: an unknown operation, anything invalid in the text, a name that no zone has, too many zones, or a
            withdrawal of the last inclusion: without one, everywhere would be legal.
    """
    choices = [o.value for o in ZoneOperation]
    if operation not in ("", *choices):
        raise InputError(where, "operation", operation, " or ".join(choices))
    if operation == ZoneOperation.WITHDRAW.value:
        return _withdrawn(current, _names(text, where), where)
    found = parse_zone_file(text, where)
    zones = found.zones if operation != ZoneOperation.MERGE.value else _merged(current, found.zones, where)
    before, after = ({z.name: z for z in each.zones} for each in (current, zones))
    return ZoneEdit(
        zones,
        found.notes,
        tuple(name for name in after if name not in before),
        tuple(name for name, zone in after.items() if name in before and before[name] != zone),
        tuple(name for name in before if name not in after),
    )


def _merged(current: ZoneSet, new: ZoneSet, where: str) -> ZoneSet:
    """Put each new zone in the place of the one of its name, or at the end."""
    zones = {z.name: z for z in current.zones} | {z.name: z for z in new.zones}
    vertices = sum(len(vertices_of(z.shape)) for z in zones.values())
    if len(zones) > MAX_ZONES or vertices > MAX_VERTICES:
        expected = f"at most {MAX_ZONES} zones and {MAX_VERTICES} vertices"
        raise InputError(where, "zones", f"{len(zones)} zones with {vertices} vertices together", expected)
    made = ZoneSet(tuple(zones.values()))
    _check_inclusions(current, made, where)
    return made


def _withdrawn(current: ZoneSet, names: list[str], where: str) -> ZoneEdit:
    known = [z.name for z in current.zones]
    for name in names:
        if name not in known:
            raise InputError(where, "name", name, f"a zone in force: {listed(known) or 'there is none'}")
    zones = ZoneSet(tuple(z for z in current.zones if z.name not in names))
    _check_inclusions(current, zones, where)
    return ZoneEdit(zones, (), withdrawn=tuple(dict.fromkeys(names)))


def _check_inclusions(before: ZoneSet, after: ZoneSet, where: str) -> None:
    """Refuse that the last inclusion goes unsaid: the legal space would grow to the whole world."""
    fenced, still = (any(z.kind is ZoneKind.INCLUSION for z in zones.zones) for zones in (before, after))
    if fenced and not still:
        expected = "at least one inclusion that stays (replace all zones to fly without)"
        raise InputError(where, "zones", "no inclusion left", expected)


def _names(text: str, where: str) -> list[str]:
    """Return the names that a text lists."""
    if not text.lstrip().startswith("["):
        names = [text.strip()]
    else:
        try:
            names = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(where, "names", text, "a JSON list of names, or one name") from error
    if not names or len(names) > MAX_ZONES or not all(isinstance(n, str) and 1 <= len(n) <= MAX_NAME for n in names):
        raise InputError(where, "names", names, f"1 to {MAX_ZONES} names of zones, each 1 to {MAX_NAME} characters")
    return names
