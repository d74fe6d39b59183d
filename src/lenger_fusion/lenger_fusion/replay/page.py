"""report.html: one page without network that shows what a replay found; printed and at phone width too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from string import Template
from typing import Any

from lenger_core.samples import Integrity
from lenger_fusion.replay.figures import COLOURS, figures
from lenger_fusion.replay.outcome import Outcome
from lenger_fusion.settings import FusionSettings

_SHOWN = 200
_NOTHING = "–"


def page_of(outcome: Outcome, report: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        outcome: the replay.
        report: what `report_of` made of it.
    """
    text = resources.files("lenger_fusion.replay").joinpath("templates/report.html").read_text(encoding="utf-8")
    log, estimate = report["log"], report["estimate"]
    facts = [log["format"], f"{log['duration_s']:.0f} s", report["options"]["class"], f"log time 0 is {log['zero']}"]
    return Template(text).substitute(
        title=escape(f"Replay of {outcome.log.path.name}"),
        facts=escape(" · ".join(facts)),
        notes="".join(f'<p class="note">{escape(note)}</p>' for note in report["notes"])
        + ("" if estimate["rows"] else f'<p class="note">No estimate: {escape(estimate["why"])}.</p>'),
        cards=_cards(report),
        withheld=_withheld(report) + _injected(report),
        figures="".join(_figure(*figure) for figure in figures(outcome)),
        read=_read(log),
        innovations=_innovations(report["innovations"]),
        timeline=_timeline(report["integrity"]["timeline"]),
        events=_events(report["events"]),
        settings=_settings(outcome.settings),
    )


def _figure(title: str, note: str, wide: str, narrow: str) -> str:
    caption = f"<figcaption>{escape(title)}<small>{escape(note)}</small></figcaption>"
    return f'<figure>{caption}<div class="wide">{wide}</div><div class="narrow">{narrow}</div></figure>'


def _cards(report: Mapping[str, Any]) -> str:
    estimate, used = report["estimate"], report["gnss_difference"]["used"]
    share, levels = report["integrity"]["share"], report["protection_levels"]
    flat = used.get("horizontal_m", {})
    cards = [
        (f"{100 * estimate.get('share_of_imu', 0.0):.1f} %", "of IMU samples with an estimate"),
        (f"{100 * share.get('nominal', 0.0):.1f} %", "of the time nominal"),
        (_metres(flat.get("p90")), "to the fixes used, horizontal, 90 %"),
        (_metres(levels.get("hpl_m", {}).get("median")), "HPL, median"),
        (_metres(levels.get("vpl_m", {}).get("median")), "VPL, median"),
    ]
    return "".join(f'<div class="card"><b>{value}</b><span>{escape(name)}</span></div>' for value, name in cards)


def _withheld(report: Mapping[str, Any]) -> str:
    rows = [
        (one["withheld"], f"{at['after_s']:.0f} s{' (end)' if last else ''}", *_errors(at))
        for one in report["withheld"]
        if "at_end" in one
        for at, last in [*((at, False) for at in one["after"]), (one["at_end"], True)]
    ]
    if not rows:
        return ""
    head = ("window", "after", "horizontal", "last fix held", "HPL", "vertical", "VPL")
    return f'<section><h2>Withheld GNSS</h2><div class="scroll">{_table(head, rows, 1)}</div></section>'


def _errors(at: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_metres(at[k]) for k in ("horizontal_m", "last_fix_held_m", "hpl_m", "vertical_m", "vpl_m"))


def _injected(report: Mapping[str, Any]) -> str:
    rows = []
    for one in report["injected"]:
        found = one["difference"]
        flat, up = found.get("horizontal_m", {}), found.get("vertical_m", {})
        within = _NOTHING if "within_hpl" not in found else f"{100 * found['within_hpl']:.1f} %"
        rows.append((one["injected"], one["does"], _metres(flat.get("max")), within, _metres(up.get("max"))))
    if not rows:
        return ""
    head = ("fault", "does", "farthest from the fixes", "within HPL", "in height")
    return f'<section><h2>Injected</h2><div class="scroll">{_table(head, rows, 2)}</div></section>'


def _read(log: Mapping[str, Any]) -> str:
    rows = [
        (name, str(s["samples"]), f"{s['rate_hz']:.1f} Hz", f"{s['first_s']:.1f} to {s['last_s']:.1f} s")
        for name, s in log["sensors"].items()
    ]
    return _table(("sensor", "samples", "rate", "log time"), rows, 1)


def _innovations(tests: Mapping[str, Any]) -> str:
    rows = [
        (
            name.replace("_", " "), str(t["accepted"]), str(t["refused"]),
            *((f"{t['nis']['median']:.2f}", f"{t['nis']['p90']:.2f}") if t["nis"] else (_NOTHING, _NOTHING)),
            f"{t['gate']:.0f}",
        )
        for name, t in tests.items()
    ]  # fmt: skip
    return _table(("test", "taken", "refused", "NIS median", "90 %", "gate"), rows, 1)


def _timeline(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = [
        (f"{r['from_s']:.1f} to {r['to_s']:.1f} s", r["integrity"], r.get("last_reason") or r["reason"] or _NOTHING)
        for r in rows[:_SHOWN]
    ]
    body = "".join(
        f'<tr><td class="num">{when}</td><td class="one"><span class="dot" '
        f'style="background:{COLOURS[Integrity[state.upper()]]}"></span>{state}</td><td>{escape(why)}</td></tr>'
        for when, state, why in shown
    )
    return f"<table><tbody>{body}</tbody></table>{_more(len(rows))}"


def _events(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = [
        (f"{r['t_s']:.1f} s", r["kind"].removeprefix("fusion_").replace("_", " "), r["detail"]) for r in rows[:_SHOWN]
    ]
    body = "".join(
        f'<tr><td class="num">{when}</td><td class="one">{escape(kind)}</td><td>{escape(detail)}</td></tr>'
        for when, kind, detail in shown
    )
    return f"<table><tbody>{body}</tbody></table>{_more(len(rows))}"


def _more(count: int) -> str:
    return f"<p>{count - _SHOWN} more in report.json.</p>" if count > _SHOWN else ""


def _settings(settings: FusionSettings) -> str:
    default = FusionSettings().model_dump()
    rows = [(name, str(value)) for name, value in settings.model_dump().items() if value != default[name]]
    return _table(("setting", "value"), rows, 1) if rows else "<p>None.</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int) -> str:
    """A table whose first `words` columns are text, the rest numbers."""
    css = [' class="one"' if k == 0 else "" if k < words else ' class="num"' for k in range(len(head))]
    top = "".join(f"<th{c}>{escape(name)}</th>" for c, name in zip(css, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{c}>{escape(cell)}</td>" for c, cell in zip(css, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _metres(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.1f} m"
