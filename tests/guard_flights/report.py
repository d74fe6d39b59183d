"""What campaigns show, in words and markdown."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from guard_flights.truth import KINDS

Row = dict[str, Any]
CONFIDENCE = 0.95


def upper_bound(failures: int, flights: int) -> float:
    """Return the one-sided 95 % bound of the probability of failure (Clopper and Pearson 1934); 3 / n without one."""
    from scipy.stats import beta

    if flights == 0 or failures >= flights:
        return 1.0
    return float(beta.ppf(CONFIDENCE, failures + 1, flights - failures))


def breaches(rows: list[Row]) -> list[Row]:
    """Return the flights that truly were outside."""
    return [row for row in rows if "error" not in row and min(row["least_m"].values()) < 0.0]


def errors(rows: list[Row]) -> list[Row]:
    """Return the flights that the harness could not fly."""
    return [row for row in rows if "error" in row]


def stops(rows: list[Row]) -> list[tuple[float, float]]:
    """Return (true distance of the stop from the line, protection level) of head-on approaches that got up to speed."""
    return [(row["stop_m"], row["level_m"]) for row in rows if "stop_m" in row and row["fastest_m_s"] > 9.0]


def progress(rows: list[Row], of: int) -> str:
    """Return one line on how far a campaign is."""
    bad = [row["seed"] for row in (breaches(rows) if rows and "least_m" in rows[0] else disturbed(rows))]
    return f"{len(rows)} of {of} flown, failed {bad}, not flown {[row['seed'] for row in errors(rows)]}"


def hostile(rows: list[Row]) -> str:
    """Return what a hostile campaign shows."""
    flown = [row for row in rows if "error" not in row]
    out = breaches(rows)
    lines = [
        f"{len(flown)} hostile flights, seeds {flown[0]['seed']} to {flown[-1]['seed']}: {len(out)} breaches; at most "
        f"{100.0 * upper_bound(len(out), len(flown)):.3f} % of flights breach (one-sided, 95 %)",
        "",
        "| limit | worst true margin, m | median of the least margins, m | flights that came within 10 m |",
        "|---|---|---|---|",
    ]
    for kind in KINDS:
        least = np.array([row["least_m"][kind] for row in flown])
        near = least[least < 10.0]
        median = f"{np.median(near):.1f}" if len(near) else "-"
        lines.append(
            f"| {kind.replace('_', '-')} | {least.min():.2f} | {median} (of those within 10 m) | {len(near)} |"
        )
    worst = np.array([min(row["least_m"].values()) for row in flown])
    winds = np.array([row["wind_m_s"] for row in flown])
    lines += [
        "",
        f"least margin of a flight to any limit: worst {worst.min():.2f} m, median {np.median(worst):.1f} m; "
        f"strongest wind {winds.max():.1f} m/s, in 95 % of flights below {np.percentile(winds, 95):.1f} m/s",
        stop_line(rows),
        f"by manoeuvre (flights, breaches): {_by(flown, lambda row: '+'.join(sorted(row['manoeuvres'])))}",
        f"by autopilot: {_by(flown, lambda row: row['autopilot'])}; by site: {_by(flown, lambda row: row['site'])}",
        f"breaches: {[(row['seed'], row['worst'], round(row['least_m'][row['worst']], 2)) for row in out]}",
        f"not flown: {[row['seed'] for row in errors(rows)]}",
    ]
    return "\n".join(lines)


def stop_line(rows: list[Row]) -> str:
    """Return one line on the stops of head-on approaches."""
    pairs = stops(rows)
    if not pairs:
        return "no head-on approach at 10 m/s"
    at = np.array(pairs)
    spare = at[:, 0] - at[:, 1]
    return (
        f"{len(pairs)} head-on stops from 10 m/s: median {np.median(at[:, 0]):.2f} m of the line, median beyond the "
        f"protection level {np.median(spare):.2f} m (bar 3), worst {at[:, 0].min():.2f} m"
    )


def _by(rows: list[Row], name: Any) -> str:
    flown, bad = Counter(name(row) for row in rows), Counter(name(row) for row in breaches(rows))
    names = [n for n in sorted(flown) if "+" not in n]
    return ", ".join(f"{n} {flown[n]}/{bad[n]}" for n in names)


def disturbed(rows: list[Row]) -> list[Row]:
    """Return the legal flights that the guard disturbed, or that did not end well."""
    return [row for row in rows if "error" not in row and row["trouble"]]


def legal(rows: list[Row]) -> str:
    """Return what a legal campaign shows."""
    flown = [row for row in rows if "error" not in row]
    bad = disturbed(rows)
    lost = np.array([row["lost_share"] for row in flown])
    kinds = sorted({row["kind"] for row in flown})
    lines = [
        f"{len(flown)} legal flights, seeds {flown[0]['seed']} to {flown[-1]['seed']}: {len(bad)} disturbed; at most "
        f"{100.0 * upper_bound(len(bad), len(flown)):.2f} % of flights are (one-sided, 95 %)",
        f"time lost to limiting: mean {100.0 * lost.mean():.3f} %, worst flight {100.0 * lost.max():.2f} %",
        "",
        "| flight | flown | disturbed | time lost, mean and worst | least true margin, m |",
        "|---|---|---|---|---|",
    ]
    for kind in kinds:
        of = [row for row in flown if row["kind"] == kind]
        share = np.array([row["lost_share"] for row in of]) * 100.0
        least = min(min(row["least_m"].values()) for row in of)
        troubled = sum(bool(row["trouble"]) for row in of)
        lines.append(f"| {kind} | {len(of)} | {troubled} | {share.mean():.2f} %, {share.max():.2f} % | {least:.1f} |")
    lines += ["", *(f"seed {row['seed']} {row['kind']}: {row['trouble']}" for row in bad[:40])]
    lines.append(f"not flown: {[row['seed'] for row in errors(rows)]}")
    return "\n".join(lines)
