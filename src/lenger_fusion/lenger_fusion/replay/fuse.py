"""`./lenger fuse`: a log through the estimator, with what was withheld and injected, to a folder of results."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.whole_file import replacing, write_whole
from lenger_fusion import warm
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.compare import Reference, differences
from lenger_fusion.replay.configure import settings_for
from lenger_fusion.replay.estimate import Estimate, EstimateWriter
from lenger_fusion.replay.injections import injected, parse_injection
from lenger_fusion.replay.log import LogMeta, SensorLog
from lenger_fusion.replay.open_log import open_log
from lenger_fusion.replay.outcome import Options, Outcome, Seen
from lenger_fusion.replay.replay import replay
from lenger_fusion.replay.report import report_of
from lenger_fusion.replay.stream import seconds, times_s
from lenger_fusion.replay.watch import Watch
from lenger_fusion.replay.window import Window
from lenger_fusion.replay.withhold import kept, parse_withhold, parse_without

ESTIMATE, REPORT, PAGE = "estimate.csv", "report.json", "report.html"
Progress = Callable[[str, float], None]
"""Told what is being done, and which share of it is."""


def _silent(_what: str, _share: float) -> None:
    return


def options_of(
    withhold: Sequence[str],
    without: Sequence[str],
    inject: Sequence[str],
    airframe: str = "",
    changes: Sequence[str] = (),
) -> Options:
    """Return the options of a command line. Raises InputError that names what would be valid."""
    return Options(
        tuple(parse_withhold(text) for text in withhold),
        tuple(dict.fromkeys(parse_without(text) for text in without)),
        tuple(parse_injection(text) for text in inject),
        airframe,
        tuple(changes),
    )


def fuse(path: Path, out: Path, options: Options, progress: Progress = _silent) -> dict[str, object]:
    """Replay a log; write estimate.csv, report.json and report.html to a folder, and return the report.

    Args:
        path: a log that `open_log` reads.
        out: a folder, made where it is absent.
        options: what to withhold and inject, and the settings.
        progress: told how far it is.

    Raises:
        InputError: the log, an option or the folder is no good; nothing is written then.
    """
    progress("reading", 0.0)
    settings_for(LogMeta(), options.airframe, options.changes)  # before a long log is read
    log = open_log(path)
    _make(out)
    outcome = run_log(log, out / ESTIMATE, options, progress)
    progress("report", 0.0)
    report = report_of(outcome)
    write_whole(out / REPORT, json.dumps(report, indent=1, allow_nan=False) + "\n")
    from lenger_fusion.replay.page import page_of  # brings matplotlib

    write_whole(out / PAGE, page_of(outcome, report))
    progress("report", 1.0)
    return report


def run_log(log: SensorLog, target: Path, options: Options, progress: Progress = _silent) -> Outcome:
    """Replay a log, write its estimate.csv, and return everything that was found.

    Raises:
        InputError: an option that does not fit.
    """
    settings, airframe, notes = settings_for(log.meta, options.airframe, options.changes)
    warm()
    core, watch, reference, seen = FusionCore(settings), Watch(), Reference(), Seen()
    start_s, end_s = log.span_s()

    def advance(t_ns: int) -> None:
        progress("replaying", (seconds(t_ns) - start_s) / max(end_s - start_s, 1e-9))

    stream = injected(reference.tap(log.samples()), options.injected)
    with replacing(target) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        writer = EstimateWriter(file)
        replay(core, seen.tap(kept(stream, options.withheld, options.without)), writer, watch, advance)
        estimate = writer.whole()
    found = None
    if core.frame is not None:
        found = differences(reference, estimate, core.frame, settings.gnss_latency_s, _touched(options))
    told = (*log.notes, *notes, *_idle(log, options), *_unanswered(log, estimate, watch, options))
    refused = {name: count for name, count in core.counts().items() if count}
    return Outcome(log, options, settings, airframe, estimate, watch, seen, core.frame, found, refused, told)


def _touched(options: Options) -> list[Window]:
    """Windows in which the estimator had not the log's own fixes."""
    windows = [one.window for one in options.withheld if one.sensor == "gnss"]
    windows += [one.window for one in options.injected if one.kind.sensor == "gnss"]
    return windows + [Window(float("-inf"), float("inf"))] * ("gnss" in options.without)


def _idle(log: SensorLog, options: Options) -> list[str]:
    """Options that changed nothing, because the log has no such sensor or ends before: said, not refused."""
    start_s, end_s = log.span_s()
    notes = [f"--without {sensor}: the log has no such sensor" for sensor in options.without if not log.count(sensor)]
    parts = [(str(one), one.sensor, one.window) for one in options.withheld]
    parts += [(str(one), one.kind.sensor, one.window) for one in options.injected]
    for text, sensor, window in parts:
        if not log.count(sensor):
            notes.append(f"{text}: the log has no {sensor}")
        elif window.start_s > end_s or window.end_s <= start_s:
            notes.append(f"{text}: outside of the log, which goes from {start_s:.1f} to {end_s:.1f} s")
    return notes


def _unanswered(log: SensorLog, estimate: Estimate, watch: Watch, options: Options) -> list[str]:
    """Windows of the log before or after all rows: there was no estimate that could have been wrong."""
    start_s, end_s = log.span_s()
    times = [(str(one), one.window) for one in options.withheld]
    times += [(str(one), one.window) for one in options.injected]
    inside = [(text, window) for text, window in times if window.start_s <= end_s and window.end_s > start_s]
    if not len(estimate):
        return [f"{text}: there was no estimate" for text, _ in inside]
    first_s, last_s = times_s(estimate.t_ns[[0, -1]]).tolist()
    why = watch.timeline[0].last_reason
    before = ", ".join(text for text, window in inside if window.end_s <= first_s)
    after = ", ".join(text for text, window in inside if window.start_s > last_s)
    notes = [f"{before}: too early, the estimate began at {first_s:.1f} s ({why})"] if before else []
    return notes + ([f"{after}: too late, the estimate ended at {last_s:.1f} s"] if after else [])


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError("--out", str(out), problem, "a folder, or a place where one can be made") from error
