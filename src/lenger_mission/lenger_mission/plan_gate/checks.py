"""The gate: every check on one plan, in order, and what each said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lenger_mission.plan_gate.autopilot_check import autopilot_findings
from lenger_mission.plan_gate.border_check import border_findings
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.distance_check import distance_findings
from lenger_mission.plan_gate.landing_check import landing_findings
from lenger_mission.plan_gate.legs_check import leg_findings
from lenger_mission.plan_gate.model import CheckResult, Finding, GateReport, Severity, ranked, warning
from lenger_mission.plan_gate.physics import physics_results
from lenger_mission.plan_gate.return_check import return_findings
from lenger_mission.plan_gate.structure_check import structure_findings
from lenger_mission.plan_gate.terrain_check import ceiling_findings, clearance_findings, off_terrain_findings
from lenger_mission.plan_gate.zones_check import fence_findings, zone_findings

NOT_A_COURSE = "the plan's structure must be mended first"
TOO_LONG = "the plan's distances must be mended first"
MOST_LENGTH_M = 2_000_000.0
"""Of a course that is looked at closely: beyond it only the distances are told."""


@dataclass(frozen=True)
class Check:
    """One check in space.

    Attributes:
        name: shown to people.
        run: returns the findings.
        skipped: why it cannot be made of a case, "" when it can.
        close: whether it looks at the course sample by sample.
    """

    name: str
    run: Callable[[Case], Iterator[Finding]]
    skipped: Callable[[Case], str] = lambda case: ""
    close: bool = True


def _without_zones(case: Case) -> str:
    return "no zone file was given (--zones)" if case.zones is None else ""


def _without_borders(case: Case) -> str:
    return _without_zones(case) or ("" if case.borders else "the zone file has no border")


def _without_fence(case: Case) -> str:
    plan = case.course.plan
    return "" if plan.fence_polygons or plan.fence_circles else "the plan carries no fence"


def _without_ground(case: Case) -> str:
    return "" if np.isfinite(case.course.ground_amsl_m).any() else "nothing is known of the ground"


CHECKS: tuple[Check, ...] = (
    Check("legs", lambda case: leg_findings(case.course.legs, case.limits), close=False),
    Check("distances", distance_findings, close=False),
    Check("terrain known", lambda case: _terrain(case)),
    Check("clearance", clearance_findings, _without_ground),
    Check("ceiling", ceiling_findings, _without_ground),
    Check("zones", zone_findings, _without_zones),
    Check("plan's fence", fence_findings, _without_fence),
    Check("border", border_findings, _without_borders),
    Check("landing", landing_findings),
    Check("native return", return_findings, _without_ground),
    Check("autopilot", autopilot_findings),
)
"""The checks in space, in the order in which they are told; those of the vehicle and the day follow."""


def run_gate(case: Case) -> GateReport:
    """Return what every check says of a plan.

    A plan whose structure is broken flies no course, and of one of thousands of kilometres the distances say enough:
    nothing else is looked at then.
    """
    plan = case.course.plan
    structure = CheckResult("structure", ranked(structure_findings(plan)))
    if structure.severity is Severity.ERROR:
        rest = [CheckResult(check.name, skipped=NOT_A_COURSE) for check in CHECKS]
        return GateReport(plan.name, (structure, *rest))
    results = [structure]
    too_long = float(case.course.length_m.sum()) > MOST_LENGTH_M
    for check in CHECKS:
        reason = TOO_LONG if too_long and check.close else check.skipped(case)
        results.append(CheckResult(check.name, () if reason else ranked(check.run(case)), reason))
    if not too_long:
        results += physics_results(case.course, case.conditions)
    return GateReport(plan.name, tuple(results))


def _terrain(case: Case) -> Iterator[Finding]:
    """Tell where the ground is not known, and where it was invented for simulation."""
    yield from off_terrain_findings(case)
    terrain = case.course.terrain
    if terrain.synthetic:
        sentence = "The ground is synthetic, for simulation; an aircraft needs a measured terrain (--dem FILE)."
        yield warning("synthetic_ground", None, terrain.name, "a measured terrain", "", sentence)
