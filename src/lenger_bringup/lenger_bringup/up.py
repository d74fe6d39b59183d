"""`./lenger up STACK`: runs a stack until Ctrl-C, or until the aircraft's chain of command breaks."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lenger_bringup.interrupts import Interrupts
from lenger_bringup.runner import Runner
from lenger_bringup.sessions import MARK
from lenger_bringup.stack_model import Node, Program, parse_assignments
from lenger_bringup.stacks import find_stack
from lenger_core.errors import InputError

INTERRUPTED = 130


def show_arguments(stack_name: str, console: Console) -> None:
    """Print the arguments of a stack (InputError: no such stack)."""
    stack = find_stack(stack_name)
    table = Table("argument", "default", "choices", "meaning", box=None, pad_edge=False)
    for argument in stack.arguments:
        table.add_row(argument.name, argument.default, " ".join(argument.choices), argument.description)
    console.print(f"{stack.name}: {stack.description}")
    console.print(table)


def run_stack(stack_name: str, words: Sequence[str], log: Path | None, console: Console) -> int:
    """Run a stack; return 130 after Ctrl-C, 1 when a flight-critical node died.

    Raises:
        InputError: no such stack, an argument that it refuses, or a log folder that cannot be made.
        MissingError: a program of the stack is not on this machine. Nothing has started in either case.
    """
    stack = find_stack(stack_name)
    given = parse_assignments(stack.name, words)
    nodes: list[Node | Program] = [*stack.programs(given), *stack.started(given)]
    log_dir = (log or Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-{stack.name}" / "log").absolute()
    _make_log_folder(log_dir)
    where = escape(str(log_dir))
    runner = Runner(log_dir, {**os.environ, MARK: f"{stack.name}-{os.getpid()}"})
    with Interrupts() as interrupts:
        try:
            runner.start(nodes)
            console.print(f"{stack.name}: {', '.join(node.name for node in nodes)}; logs in {where}; Ctrl-C ends it")
            code = _watch(runner, nodes, interrupts, console)
        finally:
            asked = interrupts.count
            runner.stop(hastened=lambda: interrupts.count - asked)
        console.print(f"{stack.name}: every process has ended")
    return code


def _make_log_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--log", "", str(folder), f"a folder that can be made ({error.strerror})") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError("--log", "", str(folder), "a folder that can be written")


def _watch(runner: Runner, nodes: Sequence[Node | Program], interrupts: Interrupts, console: Console) -> int:
    critical = {node.name for node in nodes if node.flight_critical}
    while not interrupts.wait(0.1):
        for death in runner.deaths():
            console.print(f"{death.name} {death.cause}; its log: {death.log}", markup=False)
            if death.name in critical:
                return 1
        if not runner.alive():
            return 1
    return INTERRUPTED
