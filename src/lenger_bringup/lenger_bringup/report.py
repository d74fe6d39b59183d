"""The result of a flight on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from lenger_training.result import Result

FILES = ("result.json", "debrief.html", "flight.mcap", "plan.json", "exercise.json", "log")


def print_result(result: Result, folder: Path, console: Console) -> None:
    """Print score, deductions and where the files are."""
    verdict = "[bold green]passed[/bold green]" if result.passed else "[bold red]not passed[/bold red]"
    console.print(f"{escape(result.exercise)}: {verdict}, score {result.score:.0f} of 100, {result.duration_s:.0f} s")
    if result.deductions:
        table = Table("at", "points", "rule", "why", box=None, pad_edge=False)
        for deduction in result.deductions:
            table.add_row(
                f"{deduction.t_s:.1f} s", f"-{deduction.points:g}", escape(deduction.rule), escape(deduction.detail)
            )
        console.print(table)
    print_saved(folder, console)


def print_saved(folder: Path, console: Console) -> None:
    """Print which files of the flight are there."""
    there = [name for name in FILES if (folder / name).exists()]
    console.print(f"saved in {escape(str(folder))}: {', '.join(there) or 'nothing'}", soft_wrap=True)
