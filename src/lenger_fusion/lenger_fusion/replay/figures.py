"""Figures of a replay, as SVG: each once for wide screens and paper and once for phones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import StringIO
from math import inf
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from lenger_core.samples import Integrity
from lenger_fusion.replay.outcome import Outcome
from lenger_fusion.replay.stream import Array, seconds, times_s

COLOURS = {
    Integrity.NOMINAL: "#2e7d32",
    Integrity.DEGRADED: "#f9a825",
    Integrity.COASTING: "#ef6c00",
    Integrity.SPOOFING: "#c62828",
    Integrity.JAMMING: "#6a1b9a",
    Integrity.ALIGNING: "#90a4ae",
}
INK, GNSS, BARO, FAINT = "#0d47a1", "#00897b", "#8d6e63", "#b0bec5"
WITHHELD, INJECTED = "#607d8b", "#e53935"
_TIME = "log time, s"
_AXIS = ("#1565c0", "#ef6c00", "#6a1b9a")
_POINTS = 1500
_WIDE_IN, _NARROW_IN = 10.5, 3.9
_SILENT = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_DPI = 170
"""Of clouds of dots, which are pictures in the SVG: thousands of elements would make the page ten times as large."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lenger",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
Draw = Callable[[Figure, Outcome], None]


def figures(outcome: Outcome) -> Iterator[tuple[str, str, str, str]]:
    """Yield title, note, wide and narrow SVG of each figure that there is something to show in."""
    for title, note, height_in, draw, shown in _FIGURES:
        if shown(outcome):
            yield title, note, _svg(outcome, draw, _WIDE_IN, height_in), _svg(outcome, draw, _NARROW_IN, height_in)


def _svg(outcome: Outcome, draw: Draw, width_in: float, height_in: float) -> str:
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure, outcome)
        text = StringIO()
        figure.savefig(text, format="svg", dpi=_DPI, metadata=_SILENT)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    return re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", re.sub(r' height="[^"]*"', "", svg, count=1), count=1)


def thinned(*columns: Array) -> list[Array]:
    """Return columns (N,) as at most some 1,500 points each."""
    step = max(1, -(-len(columns[0]) // _POINTS))
    return [column[::step] for column in columns]


def _time_axis(axes: Axes, outcome: Outcome, ylabel: str, top: float = 1.0) -> None:
    """Set the log's span and shade what was withheld and injected, from the bottom to `top` of the axes."""
    start_s, end_s = outcome.log.span_s()
    parts = [(one.window, WITHHELD) for one in outcome.options.withheld]
    parts += [(one.window, INJECTED) for one in outcome.options.injected]
    for window, colour in parts:
        axes.axvspan(
            max(window.start_s, start_s), end_s if window.end_s == inf else min(window.end_s, end_s), 0.0, top,
            color=colour, alpha=0.13 if top == 1.0 else 1.0, linewidth=0.0,
        )  # fmt: skip
    axes.set_xlim(start_s, end_s if end_s > start_s else start_s + 1.0)
    axes.set_ylabel(ylabel)
    axes.grid(True, color="#eceff1")


def _legend(figure: Figure, axes: Axes) -> None:
    """Name the lines of some axes below the figure, where they cover no data."""
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=3 if figure.get_figwidth() > 6.0 else 1,
        frameon=False, markerscale=2.0,
    )  # fmt: skip


def _track(figure: Figure, outcome: Outcome) -> None:
    axes = figure.subplots()
    estimate, frame = outcome.estimate, outcome.frame
    if outcome.found is not None and len(outcome.found.places_m):
        held = outcome.found.places_m[~outcome.found.used]
        axes.plot(
            held[:, 0],
            held[:, 1],
            ".",
            markersize=4,
            rasterized=True,
            color=WITHHELD,
            label="log's own fixes, withheld or changed",
        )
    if frame is not None:
        given = outcome.seen.places(frame)
        axes.plot(given[:, 1], given[:, 2], ".", markersize=3, rasterized=True, color=GNSS, label="fixes as given")
    east, north, state = thinned(*estimate.position_m[:, :2].T, estimate.integrity.astype(np.float64))
    axes.plot(east, north, "-", linewidth=0.8, color=FAINT)
    for integrity, colour in COLOURS.items():
        chosen = state == integrity
        if chosen.any():
            axes.plot(
                east[chosen],
                north[chosen],
                ".",
                markersize=2.5,
                rasterized=True,
                color=colour,
                label=f"estimate, {integrity.name.lower()}",
            )
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel("east, m")
    axes.set_ylabel("north, m")
    axes.grid(True, color="#eceff1")
    _legend(figure, axes)


def _height(figure: Figure, outcome: Outcome) -> None:
    axes = figure.subplots()
    estimate, frame = outcome.estimate, outcome.frame
    assert frame is not None
    t_s, up, std = thinned(times_s(estimate.t_ns), estimate.position_m[:, 2] + frame.alt_amsl_m, estimate.std_m[:, 2])
    baro, given = outcome.seen.baro_heights(), outcome.seen.places(frame)
    if len(baro):
        # Pressure altitude knows changes only: it is levelled to the estimate's first row.
        level = up[0] - float(np.interp(t_s[0], baro[:, 0], baro[:, 1]))
        axes.plot(*thinned(baro[:, 0], baro[:, 1] + level), "-", linewidth=0.8, color=BARO, label="barometer, levelled")
    axes.plot(*thinned(given[:, 0], given[:, 3]), ".", markersize=3, rasterized=True, color=GNSS, label="GNSS as given")
    axes.fill_between(t_s, up - std, up + std, color=INK, alpha=0.15, linewidth=0.0)
    axes.plot(t_s, up, "-", linewidth=1.2, color=INK, label="estimate")
    _time_axis(axes, outcome, "height, m amsl")
    axes.set_xlabel(_TIME)
    _legend(figure, axes)


def _innovations(figure: Figure, outcome: Outcome) -> None:
    sensors = sorted(outcome.watch.tests)
    rows = np.atleast_1d(figure.subplots(len(sensors), 1, sharex=True))
    for axes, sensor in zip(rows, sensors, strict=True):
        tests = outcome.watch.tests[sensor]
        t_s, ratio, passed = times_s(np.array(tests.t_ns)), np.array(tests.ratio), np.array(tests.passed)
        axes.plot(*thinned(t_s[passed], ratio[passed]), ".", markersize=2, rasterized=True, color=INK)
        axes.plot(t_s[~passed], np.minimum(ratio[~passed], 3.0), "x", markersize=3, rasterized=True, color=INJECTED)
        axes.axhline(1.0, color="#37474f", linewidth=0.8, linestyle="--")
        axes.set_ylim(0.0, 3.1 if (ratio[~passed] > 1.5).any() else 1.6)
        _time_axis(axes, outcome, "")
        axes.set_title(
            f"{sensor.replace('_', ' ')}: {tests.accepted} taken, {tests.refused} refused",
            fontsize=9,
            loc="left",
            pad=2,
        )
    rows[-1].set_xlabel(_TIME)


def _biases(figure: Figure, outcome: Outcome) -> None:
    rows = figure.subplots(2, 1, sharex=True)
    t_s = times_s(np.array([t for t, _ in outcome.watch.biases]))
    values = np.array([row for _, row in outcome.watch.biases])
    for axes, part, unit in (
        (rows[0], np.degrees(values[:, :3]), "gyro, deg/s"),
        (rows[1], values[:, 3:6], "accel, m/s²"),
    ):
        for k, axis in enumerate("xyz"):
            axes.plot(*thinned(t_s, part[:, k]), "-", linewidth=1.0, color=_AXIS[k], label=axis)
        _time_axis(axes, outcome, unit)
    rows[-1].set_xlabel(_TIME)
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)


def _protection(figure: Figure, outcome: Outcome) -> None:
    rows = figure.subplots(2, 1, sharex=True)
    estimate, found = outcome.estimate, outcome.found
    assert found is not None
    pairs = (
        (estimate.hpl_m, found.horizontal_m, "horizontal, m"),
        (estimate.vpl_m, np.abs(found.error_m[:, 2]), "vertical, m"),
    )
    for axes, (level, error, label) in zip(rows, pairs, strict=True):
        axes.plot(*thinned(times_s(estimate.t_ns), level), "-", linewidth=1.2, color=INK, label="protection level")
        known = np.isfinite(error)
        for chosen, colour, name in (
            (found.used, GNSS, "to fixes used"),
            (~found.used, INJECTED, "to fixes withheld or changed"),
        ):
            if (chosen & known).any():
                axes.plot(
                    found.t_s[chosen & known],
                    error[chosen & known],
                    ".",
                    markersize=2.5,
                    rasterized=True,
                    color=colour,
                    label=name,
                )
        axes.set_yscale("symlog", linthresh=5.0)
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.set_ylim(bottom=0.0)
        _time_axis(axes, outcome, label)
    rows[-1].set_xlabel(_TIME)
    _legend(figure, rows[0])


def _integrity(figure: Figure, outcome: Outcome) -> None:
    axes = figure.subplots()
    for stretch in outcome.watch.timeline:
        start_s = seconds(stretch.start_ns)
        axes.broken_barh(
            [(start_s, seconds(stretch.end_ns) - start_s)], (0.25, 1.0), color=COLOURS[stretch.integrity], linewidth=0.0
        )
    axes.set_ylim(0.0, 1.25)
    _time_axis(axes, outcome, "", top=0.15)
    axes.set_yticks([])
    axes.set_xlabel(_TIME)
    states = sorted({stretch.integrity for stretch in outcome.watch.timeline})
    keys: list[Patch | Line2D] = [Patch(color=COLOURS[state], label=state.name.lower()) for state in states]
    if outcome.options.withheld:
        keys.append(Patch(color=WITHHELD, label="withheld"))
    if outcome.options.injected:
        keys.append(Patch(color=INJECTED, label="injected"))
    figure.legend(
        handles=keys, loc="outside lower center", ncols=8 if figure.get_figwidth() > 6.0 else 3, frameon=False
    )


def _has_rows(outcome: Outcome) -> bool:
    return len(outcome.estimate) > 1 and outcome.frame is not None and outcome.found is not None


_FIGURES: tuple[tuple[str, str, float, Draw, Callable[[Outcome], bool]], ...] = (
    (
        "Integrity", "Over log time. What was withheld is grey, what was injected red, here and in the figures below.",
        1.5, _integrity, lambda outcome: bool(outcome.watch.timeline),
    ),
    ("Track", "About the origin, north is up.", 5.5, _track, _has_rows),
    ("Height", "With one sigma of the estimate.", 3.6, _height, _has_rows),
    (
        "Protection levels", "With the estimate's actual difference to the log's own fixes at their own time.",
        4.8, _protection, _has_rows,
    ),
    (
        "Innovations", "Square root of each test's NIS over its gate. Crosses were refused; beyond 3 they stand at 3.",
        6.5, _innovations, lambda outcome: bool(outcome.watch.tests),
    ),
    ("Biases", "Body axes, forward, left, up.", 4.0, _biases, lambda outcome: len(outcome.watch.biases) > 1),
)  # fmt: skip
