"""What the gate says of a plan: findings, and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

Value = float | str


class Severity(str, Enum):
    """How bad a finding is: an error stops the plan, a warning is shown, a note is a figure worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that the gate says of a plan.

    Attributes:
        code: short and stable, snake_case.
        item: index into the plan's items, None when it is the whole plan's.
        value: what was found.
        limit: what would be valid.
        unit: of value and limit where they are numbers; "" where they are words.
        severity: error, warning or note.
        sentence: for a person, with its full stop.
    """

    code: str
    item: int | None
    value: Value
    limit: Value
    unit: str
    severity: Severity
    sentence: str

    @property
    def value_text(self) -> str:
        """The value with its unit."""
        return _text(self.value, self.unit)

    @property
    def limit_text(self) -> str:
        """The limit with its unit."""
        return _text(self.limit, self.unit)


def _text(value: Value, unit: str) -> str:
    if isinstance(value, str):
        return value
    shown = f"{value:.0f}" if abs(value) >= 100.0 else f"{value:.3g}"
    return f"{shown} {unit}".rstrip()


@dataclass(frozen=True)
class CheckResult:
    """What one check said.

    Attributes:
        name: of the check.
        findings: worst first.
        skipped: why it could not be made; "" when it was.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    skipped: str = ""

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings, None without any."""
        return worst(self.findings)


@dataclass(frozen=True)
class GateReport:
    """All that the gate said of a plan, in the order of the checks."""

    plan: str
    results: tuple[CheckResult, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every check."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops the plan."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def may_fly(self) -> bool:
        """Whether no check found an error."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        checks = [
            {"check": r.name, "skipped": r.skipped, "severity": r.severity.value if r.severity else None}
            for r in self.results
        ]
        return {"valid": self.may_fly, "checks": checks, "findings": [asdict(f) for f in self.findings]}


_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the worst severity of findings, None without any."""
    return min((finding.severity for finding in findings), key=_ORDER.__getitem__, default=None)


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first, otherwise in their order."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def error(code: str, item: int | None, value: Value, limit: Value, unit: str, sentence: str) -> Finding:
    """Return a finding that stops the plan."""
    return Finding(code, item, value, limit, unit, Severity.ERROR, sentence)


def warning(code: str, item: int | None, value: Value, limit: Value, unit: str, sentence: str) -> Finding:
    """Return a finding that is shown and stops nothing."""
    return Finding(code, item, value, limit, unit, Severity.WARNING, sentence)


def note(code: str, item: int | None, value: Value, limit: Value, unit: str, sentence: str) -> Finding:
    """Return a figure worth knowing when all is well."""
    return Finding(code, item, value, limit, unit, Severity.NOTE, sentence)
