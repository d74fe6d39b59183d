"""What zones say of a pattern that was made: the gate's own check, before anything is written."""

from __future__ import annotations

from lenger_core.errors import InputError
from lenger_core.plans import Plan
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.zone_model import ZoneSet
from lenger_mission.pattern_request import PatternRequest
from lenger_mission.plan_gate.border_check import border_findings
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.course import make_course
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.zones_check import zone_findings

_MOST_NOTES = 3


def zone_breaches(flat: Plan, zones: ZoneSet, profile: VehicleProfile, terrain: Terrain) -> list[str]:
    """Return what a flat plan does that zones forbid, one sentence for each item; the ways out and home count, too.

    Zones with time windows count always.
    """
    case = Case(make_course(flat, profile, terrain), zones)
    found = [*zone_findings(case), *border_findings(case)]
    return [
        finding.sentence.removeprefix(f"On the way to item {finding.item} ")
        for finding in found
        if finding.severity is Severity.ERROR
    ]


def require_legal(
    request: PatternRequest, flat: Plan, zones: ZoneSet, profile: VehicleProfile, terrain: Terrain
) -> tuple[str, ...]:
    """Return what a person should know of a pattern among zones, and refuse one that they forbid.

    A survey goes around keep-out zones by itself; where its ways out and home do not, that is a note.

    Raises:
        InputError: a leg of another pattern, or on the way to it, is not legal; the message names the zone.
    """
    said = zone_breaches(flat, zones, profile, terrain)
    if not said:
        return ()
    if request.pattern == "survey":
        return (*said[:_MOST_NOTES], *([f"{len(said) - _MOST_NOTES} more such legs"] if said[_MOST_NOTES:] else []))
    where = f"plan make {request.pattern}: {said[0].rstrip('.')}"
    legs = f"{len(said)} such leg{'' if len(said) == 1 else 's'}"
    raise InputError(where, "--zones", legs, "another place, size, height or --home; only a survey goes around zones")
