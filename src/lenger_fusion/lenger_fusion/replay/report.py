"""report.json: what was read, done and found, in plain values."""

from __future__ import annotations

import numpy as np

from lenger_core.samples import Integrity
from lenger_fusion.replay.compare import of_injected, of_withheld, spread, summary
from lenger_fusion.replay.log import SensorLog
from lenger_fusion.replay.outcome import Outcome
from lenger_fusion.replay.stream import seconds
from lenger_fusion.replay.watch import SLOW_STATES, Tests, Watch

Values = dict[str, object]
_SUMMARY = (
    "log", "options", "estimate", "innovations", "gnss_difference", "withheld", "injected", "protection_levels",
    "biases", "notes",
)  # fmt: skip


def report_of(outcome: Outcome) -> Values:
    """Return the whole report. Every number in it is finite; what is not known is null or absent."""
    found, options = outcome.found, outcome.options
    every = np.ones(len(found.stamps_ns), dtype=bool) if found is not None else None
    return {
        "log": _log(outcome.log),
        "options": {
            "withhold": [str(one) for one in options.withheld],
            "without": list(options.without),
            "inject": [str(one) for one in options.injected],
            "class": outcome.airframe,
            "set": list(options.changes),
        },
        "settings": outcome.settings.model_dump(mode="json"),
        "notes": list(outcome.notes),
        "estimate": _estimate(outcome),
        "integrity": {"share": _shares(outcome), "timeline": _timeline(outcome.watch)},
        "events": [
            {"t_s": round(seconds(e.t_ns), 3), "kind": e.kind, "detail": e.detail} for e in outcome.watch.events
        ],
        "innovations": {name: _tests(tests) for name, tests in sorted(outcome.watch.tests.items())},
        "refused_at_the_door": {k: v for k, v in outcome.refused.items() if not k.endswith(" refused")},
        "gnss_difference": {
            "used": summary(found, found.used) if found is not None else {"fixes": 0},
            "all": summary(found, every) if found is not None and every is not None else {"fixes": 0},
        },
        "withheld": of_withheld(found, options.withheld) if found is not None else [],
        "injected": of_injected(found, options.injected) if found is not None else [],
        "protection_levels": _levels(outcome),
        "biases": _biases(outcome.watch),
    }


def summary_of(report: Values) -> Values:
    """Return what `--json` prints: the report without its settings, its events and its timeline."""
    short = {name: report[name] for name in _SUMMARY}
    integrity = report["integrity"]
    assert isinstance(integrity, dict)
    return {**short, "integrity": integrity["share"]}


def _log(log: SensorLog) -> Values:
    start_s, end_s = log.span_s()
    sensors = {
        stream.sensor: {
            "samples": len(stream.t_ns),
            "rate_hz": round(stream.rate_hz(), 2),
            "first_s": round(seconds(int(stream.t_ns.min())), 3),
            "last_s": round(seconds(int(stream.t_ns.max())), 3),
        }
        for stream in log.streams
    }
    return {
        "path": str(log.path),
        "format": log.kind,
        "zero": log.zero,
        "start_s": round(start_s, 3),
        "end_s": round(end_s, 3),
        "duration_s": round(end_s - start_s, 3),
        "vehicle": log.meta.vehicle,
        "mag_usable": log.meta.mag_usable,
        "heading_deg": log.meta.heading_deg,
        "sensors": sensors,
    }


def _estimate(outcome: Outcome) -> Values:
    estimate, last = outcome.estimate, outcome.watch.last
    if not len(estimate):
        return {"rows": 0, "why": last.reason if last is not None else "no IMU sample was taken"}
    return {
        "rows": len(estimate),
        "first_s": round(seconds(int(estimate.t_ns[0])), 3),
        "last_s": round(seconds(int(estimate.t_ns[-1])), 3),
        "share_of_imu": round(len(estimate) / outcome.log.count("imu"), 4),
        "gnss_used": round(float(np.mean(estimate.gnss_used)), 4),
        "origin": None
        if outcome.frame is None
        else {
            "lat_deg": outcome.frame.lat_deg,
            "lon_deg": outcome.frame.lon_deg,
            "alt_amsl_m": outcome.frame.alt_amsl_m,
        },
    }


def _shares(outcome: Outcome) -> dict[str, float]:
    """Share of the log's time by integrity."""
    spans: dict[Integrity, int] = {}
    for stretch in outcome.watch.timeline:
        spans[stretch.integrity] = spans.get(stretch.integrity, 0) + stretch.end_ns - stretch.start_ns
    whole = sum(spans.values())
    return {state.name.lower(): round(span / whole, 4) if whole else 0.0 for state, span in sorted(spans.items())}


def _timeline(watch: Watch) -> list[Values]:
    return [
        {
            "from_s": round(seconds(s.start_ns), 1),
            "to_s": round(seconds(s.end_ns), 1),
            "integrity": s.integrity.name.lower(),
            "reason": s.reason,
            **({"last_reason": s.last_reason} if s.last_reason != s.reason else {}),
        }
        for s in watch.timeline
    ]


def _tests(tests: Tests) -> Values:
    nis = np.array(tests.nis)
    nis = nis[np.isfinite(nis)]
    figures = {name: round(value, 3) for name, value in spread(nis).items()} if len(nis) else None
    return {
        "accepted": tests.accepted,
        "refused": tests.refused,
        "nis": figures,
        "nis_mean_accepted": _mean([n for n, ok in zip(tests.nis, tests.passed, strict=True) if ok]),
        "gate": round(tests.limit, 3),
    }


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None


def _levels(outcome: Outcome) -> Values:
    if not len(outcome.estimate):
        return {}
    return {"hpl_m": spread(outcome.estimate.hpl_m), "vpl_m": spread(outcome.estimate.vpl_m)}


def _biases(watch: Watch) -> Values:
    """Of the filter's newest state."""
    sound = [row for _, row in watch.biases if all(abs(v) < 1e9 for v in row)]
    if not sound:
        return {}
    last = sound[-1]
    parts = [(name, [round(v, digits) for v in last[a:b]]) for name, a, b, digits in SLOW_STATES]
    return {name: values if len(values) > 1 else values[0] for name, values in parts}
