"""`lenger fuse`: replays a log through the estimator and says what it was worth."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from rich.console import Console

Texts = list[str] | None


class FuseCommand(TyperCommand):
    """A command whose help ends with the table of injections, which is read only then."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the table."""
        from lenger_fusion.replay.injections import usage

        with formatter.section("Injections (--inject), bearings clockwise from north, 90 unless told"):
            formatter.write_dl(usage(), col_max=52)


def fuse(
    log: Annotated[
        Path,
        typer.Argument(metavar="LOG", help="A sensor-log folder, a PX4 .ulg, an ArduPilot .bin or an .mcap recording."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for estimate.csv, report.json and report.html.")
    ],
    withhold: Annotated[
        Texts, typer.Option(metavar="SENSOR:T0-T1", help="Keep a sensor back in a window of log time; may be repeated.")
    ] = None,
    without: Annotated[Texts, typer.Option(metavar="SENSOR", help="Leave a sensor out; may be repeated.")] = None,
    inject: Annotated[
        Texts, typer.Option(metavar="NAME:T0-T1:...", help="Add a fault of the table below; may be repeated.")
    ] = None,
    airframe: Annotated[
        str, typer.Option("--class", help="multirotor, fixed_wing or ground; default: what the log says.")
    ] = "",
    changes: Annotated[
        Texts, typer.Option("--set", metavar="NAME=VALUE", help="Change a setting of the estimator; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report's summary as JSON.")] = False,
) -> None:
    """Replay a log through the estimator: estimate, report and figures, with sensors withheld and faults injected.

    SENSOR is gnss, baro, mag, airspeed, range or flow. T0 and T1 are log times in seconds; T1 may be "end".
    """
    from rich.console import Console

    from lenger_fusion.replay.fuse import fuse as run
    from lenger_fusion.replay.fuse import options_of
    from lenger_fusion.replay.report import summary_of

    options = options_of(withhold or (), without or (), inject or (), airframe, changes or ())
    started = time.monotonic()
    with _progress() as progress:
        report = run(log, out, options, progress)
    if as_json:
        print(json.dumps(summary_of(report), indent=1, allow_nan=False))
        return
    wide = sys.stdout.isatty()
    console = Console(highlight=False, soft_wrap=not wide)
    _show(report, out, time.monotonic() - started, console)


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """Yield what shows progress: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _what, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=min(max(share, 0.0), 1.0))


def _show(report: dict[str, Any], out: Path, wall_s: float, console: Console) -> None:
    """Print one screen of it."""
    from rich.table import Table
    from rich.text import Text

    log = report["log"]
    console.print(f"{log['path']}: {log['format']}, {log['duration_s']:.0f} s", markup=False)
    for title, head, rows in (
        ("", ("", ""), _facts(report)),
        ("GNSS withheld", ("window", "after", "error", "last fix held", "HPL", "VPL"), _withheld(report)),
        ("injected", ("fault", "farthest from the log's own fixes", "within HPL"), _injected(report)),
        ("innovations", ("test", "taken", "refused", "NIS median", "gate"), _tests(report)),
    ):
        if rows:
            table = Table(
                *head, box=None, pad_edge=False, show_header=any(head), title=title or None, title_justify="left"
            )
            for row in rows:
                table.add_row(*(Text(cell) for cell in row))
            console.print(table)
    for note in report["notes"]:
        console.print(f"note: {note}", markup=False)
    factor = log["duration_s"] / max(wall_s, 1e-9)
    console.print(
        f"saved in {out}: estimate.csv, report.json, report.html ({factor:.0f} times real time)", markup=False
    )


def _facts(report: dict[str, Any]) -> list[tuple[str, str]]:
    estimate, share, used = report["estimate"], report["integrity"]["share"], report["gnss_difference"]["used"]
    sensors = ", ".join(f"{name} {s['rate_hz']:.0f} Hz" for name, s in report["log"]["sensors"].items())
    rows = [("sensors", sensors), ("class", report["options"]["class"])]
    if not estimate["rows"]:
        return [*rows, ("estimate", f"none: {estimate['why']}")]
    rows.append(("estimate", f"{estimate['rows']} rows, {estimate['first_s']:.1f} to {estimate['last_s']:.1f} s"))
    rows.append(("integrity", ", ".join(f"{name} {100 * part:.1f} %" for name, part in share.items())))
    if used["fixes"]:
        flat, up = used["horizontal_m"], used["vertical_m"]
        rows.append(("to the fixes used", f"horizontal {_spread(flat)}, vertical {_spread(up)}"))
    levels = report["protection_levels"]
    rows.append(("protection levels", f"HPL {_spread(levels['hpl_m'])}, VPL {_spread(levels['vpl_m'])}"))
    return rows


def _spread(figures: dict[str, float]) -> str:
    return f"{figures['median']:.1f} / {figures['p90']:.1f} / {figures['max']:.1f} m (median, 90 %, largest)"


def _withheld(report: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (one["withheld"], f"{at['after_s']:.0f} s", *(_m(at[k]) for k in _ERRORS))
        for one in report["withheld"]
        if "at_end" in one
        for at in (*one["after"], one["at_end"])
    ]


_ERRORS = ("horizontal_m", "last_fix_held_m", "hpl_m", "vpl_m")


def _injected(report: dict[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in report["injected"]:
        found = one["difference"]
        within = f"{100 * found['within_hpl']:.1f} %" if "within_hpl" in found else "-"
        rows.append((one["injected"], _m(found.get("horizontal_m", {}).get("max")), within))
    return rows


def _tests(report: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            name,
            str(t["accepted"]),
            str(t["refused"]),
            f"{t['nis']['median']:.2f}" if t["nis"] else "-",
            f"{t['gate']:.0f}",
        )
        for name, t in report["innovations"].items()
    ]


def _m(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} m"
