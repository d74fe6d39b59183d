"""What must hold of a plan whatever it is flown over and by: the part of the gate that every reader of plans asks."""

from __future__ import annotations

from lenger_core.errors import InputError
from lenger_core.plans import Plan
from lenger_mission.plan_gate.course_legs import course_legs
from lenger_mission.plan_gate.legs_check import leg_findings
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Finding, Severity
from lenger_mission.plan_gate.structure_check import structure_findings


def check_structure(plan: Plan, limits: GateLimits | None = None) -> list[Finding]:
    """Return the findings on order, heights, commands and, of a plan of simple items, the lengths of its legs."""
    found = list(structure_findings(plan))
    if plan.is_flat:
        found += leg_findings(course_legs(plan, 1.0), limits or GateLimits())
    return found


def require(plan: Plan, where: str) -> Plan:
    """Return the plan when its structure has no error.

    Raises:
        InputError: the first error, naming the item.
    """
    for finding in check_structure(plan):
        if finding.severity is Severity.ERROR:
            field = "items" if finding.item is None else f"items[{finding.item}]"
            raise InputError(where, field, finding.value_text, f"{finding.limit_text} ({finding.code})")
    return plan
