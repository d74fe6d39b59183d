"""Waiting step by step until something is ready, with words for what is waited for and for what did not come."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from lenger_bringup.interrupts import Interrupts
from lenger_bringup.live import Progress
from lenger_bringup.runner import Runner

LAST_LINES = 5
LONGEST_LINE = 300
TURN_S = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must come true.

    Attributes:
        what: what is waited for, in words that follow "waiting for".
        process: whose log tells more when it does not come.
        within_s: wall time that it may take.
        done: whether it has come; may take a moment, and is asked again and again.
        begin: done first, such as starting processes.
        end: done afterwards, also when it did not come.
        hint: what else to say when it did not come; "" nothing.
    """

    what: str
    process: str
    within_s: float
    done: Callable[[], bool]
    begin: Callable[[], None] = lambda: None
    end: Callable[[], None] = lambda: None
    hint: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class NotReady:
    """Why the steps ended early: in words, whether by the person, and which processes died."""

    text: str
    interrupted: bool = False
    died: tuple[str, ...] = ()


def wait_for(
    steps: Iterable[Step],
    runner: Runner,
    interrupts: Interrupts,
    progress: Progress,
    spared: Collection[str] = (),
    clock: Callable[[], float] = time.monotonic,
) -> NotReady | None:
    """Go through the steps in their order; return None when all have come, else why not.

    Every process of the runner must live meanwhile: a death ends the waiting at once, but one of the `spared` is only
    told.
    """
    for step in steps:
        begin_s = clock()
        step.begin()
        try:
            failure = _wait(step, runner, interrupts, progress, spared, clock)
        finally:
            step.end()
        if failure is not None:
            return failure
        progress.say(f"{step.what}: yes, after {clock() - begin_s:.1f} s")
    return None


def _wait(
    step: Step,
    runner: Runner,
    interrupts: Interrupts,
    progress: Progress,
    spared: Collection[str],
    clock: Callable[[], float],
) -> NotReady | None:
    deadline = clock() + step.within_s
    while True:
        progress.waiting(step.what)
        done = step.done()
        if interrupts:
            return NotReady("interrupted before take-off", interrupted=True)
        if failure := _death(step, runner, progress, spared):
            return failure
        if done:
            return None
        if clock() > deadline:
            hint = step.hint()
            return NotReady(
                f"waited {step.within_s:.0f} s for {step.what}{': ' + hint if hint else ''}; "
                + last_lines(runner.log(step.process))
            )
        interrupts.wait(TURN_S)


def _death(step: Step, runner: Runner, progress: Progress, spared: Collection[str]) -> NotReady | None:
    deaths = runner.deaths()
    for death in deaths:
        if death.name in spared:
            progress.say(f"{death.name} {death.cause}: going on without it; its log: {death.log}")
    fatal = [death for death in deaths if death.name not in spared]
    if not fatal:
        return None
    first = fatal[0]
    text = f"{first.name} {first.cause} while waiting for {step.what}; {last_lines(first.log)}"
    return NotReady(text, died=tuple(death.name for death in fatal))


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    """Return the name of a log and its last lines, each on a line of its own."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    lines = [line.rstrip()[:LONGEST_LINE] for line in text.splitlines() if line.strip()][-count:]
    return "\n  ".join([f"{log} ends:" if lines else f"{log} is empty", *lines])
