"""The table of a campaign."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta

from fusion.faulted.faults import CLASSES
from fusion.faulted.judge import ALERT_LIMIT_M, Row, missed

CONFIDENCE = 0.95
_HEAD = (
    "| class | flights | missed | beyond a level unflagged, s | by at most level, up, m | beyond while flagged, s | "
    "worst error level, up, m | flagged | time to flag, median, worst, s | available |"
)
COUNTED = {kind.name: kind.counted for kind in CLASSES}


def upper_bound(failures: int, flights: int) -> float:
    """Return the one-sided 95 % bound of the probability of failure (Clopper and Pearson 1934)."""
    if flights == 0 or failures >= flights:
        return 1.0
    return float(beta.ppf(CONFIDENCE, failures + 1, flights - failures))


def counted(rows: list[Row]) -> list[Row]:
    """Return the flights whose fault had to be noticed."""
    return [row for row in rows if COUNTED[row["kind"]]]


def median_hpl_m(rows: list[Row]) -> float:
    """Return the median over flights of the median HPL before the fault."""
    return float(np.median([row["hpl_m"] for row in rows]))


def availability(rows: list[Row], key: str = "available") -> float:
    """Return the mean share of time with an HPL below the alert limit."""
    return float(np.mean([row[key] for row in rows]))


def _line(name: str, rows: list[Row]) -> str:
    bad = [row for row in rows if missed(row)]
    times = [row["flag_s"] for row in rows if row["flag_s"] is not None]
    when = f"{np.median(times):.1f}, {max(times):.1f}" if times else "-"

    def worst(key: str) -> float:
        return float(max(row[key] for row in rows))

    return (
        f"| {name}{'' if COUNTED[name] else ' (not counted)'} | {len(rows)} | {len(bad)} | "
        f"{worst('unflagged_s'):.1f} | "
        f"{worst('excess_h_m'):.1f}, {worst('excess_v_m'):.1f} | {worst('beyond_flagged_s'):.0f} | "
        f"{worst('worst_h_m'):.1f}, {worst('worst_v_m'):.1f} | "
        f"{len(times)} | {when} | {100 * availability(rows):.1f} % |"
    )


def table(rows: list[Row]) -> str:
    """Return the summary and the table by class, in markdown."""
    must = counted(rows)
    bad = [row for row in must if missed(row)]
    false_s, calm_s = (sum(row[key] for row in rows) for key in ("flagged_before_s", "before_s"))
    lines = [
        f"{len(rows)} flights, {len(must)} with faults that count or none: {len(bad)} missed, seeds "
        f"{[row['seed'] for row in bad]}; at most {100 * upper_bound(len(bad), len(must)):.2f} % are (one-sided, 95 %)",
        f"before the faults: median HPL {median_hpl_m(rows):.1f} m, VPL {np.median([r['vpl_m'] for r in rows]):.1f} m, "
        f"HPL below {ALERT_LIMIT_M:.0f} m for {100 * availability(rows, 'available_nominal'):.2f} % of the time, "
        f"flagged for {false_s:.0f} s of {calm_s:.0f} s; HPL below {ALERT_LIMIT_M:.0f} m for "
        f"{100 * availability(must):.2f} % of all the time of flights that count",
        "",
        _HEAD,
        "|---" * (_HEAD.count("|") - 1) + "|",
    ]
    for kind in CLASSES:
        of_kind = [row for row in rows if row["kind"] == kind.name]
        if of_kind:
            lines.append(_line(kind.name, of_kind))
    return "\n".join(lines)
