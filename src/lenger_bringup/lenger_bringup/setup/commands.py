"""Run one command of the set-up: its lines go to the log and to a callback; an interrupt takes its children along."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lenger_bringup.setup.errors import SetupError
from lenger_bringup.setup.progress import Progress

GRACE_S = 5.0


def run(
    command: Sequence[str],
    progress: Progress,
    environ: Mapping[str, str],
    describe: Callable[[str], str],
    cwd: Path | None = None,
) -> list[str]:
    """Run to the end and return the output's lines; ``describe`` turns a line into a note or an empty string.

    Raises SetupError with the last telling line when the command fails.
    """
    progress.log("$ " + " ".join(command))
    process = subprocess.Popen(
        command, env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        lines = _follow(process, progress, describe)
        code = process.wait()
    except BaseException:
        stop(process)
        raise
    if code:
        program = " ".join(Path(word).name for word in command[:3])
        raise SetupError(f"{program} failed ({code}): {telling(lines)}; log: {progress.log_path}")
    return lines


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started: interrupt first, kill after a grace period (a second Ctrl-C waits too)."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for number in (signal.SIGINT, signal.SIGKILL):
            os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
    except ProcessLookupError:
        pass  # nothing of it is left
    finally:
        signal.signal(signal.SIGINT, before)


def telling(lines: Sequence[str]) -> str:
    """Return the last line that names an error, else the last line."""
    full = [line.strip() for line in lines if line.strip()]
    errors = [line for line in full if "error" in line.lower() and "file:" not in line.lower()]
    return (errors or full or ["no output"])[-1]


def _follow(process: subprocess.Popen[bytes], progress: Progress, describe: Callable[[str], str]) -> list[str]:
    assert process.stdout is not None
    descriptor, pending, lines = process.stdout.fileno(), b"", list[str]()
    while True:
        if not select.select([descriptor], [], [], 1.0)[0]:
            progress.tick()
            continue
        data = os.read(descriptor, 65536)
        *whole, pending = (pending + data).split(b"\n")
        if not data and pending:
            whole, pending = [pending], b""
        for raw in whole:
            line = raw.decode(errors="replace").rstrip()
            lines.append(line)
            progress.log(line)
            note = describe(line)
            if note:
                progress.note(note)
        if not data:
            return lines
