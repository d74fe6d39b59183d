"""Which processes on this machine belong to a run: by session, and by a mark in their environment. Linux only."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

MARK = "LENGER_RUN"
"""Environment variable that names the run; every process of a run carries it, so a leftover can be recognised. It ends
with a dash and the process id of the runner."""
_PROC = Path("/proc")


def left_of(sessions: Collection[int], mark: str) -> list[int]:
    """Return the processes that still live in one of the sessions, or carry this mark, other than this one.

    A process that moved into a group of its own is still in its session (setpgid(2)); one that left the session too has
    kept its environment.
    """
    others = [pid for pid in _pids() if pid != os.getpid()]
    return [pid for pid in others if _session(pid) in sessions or (mark and mark_of(pid) == mark)]


def orphans() -> dict[int, str]:
    """Return the processes of runs whose runner is no more: process id, and what it runs.

    Those of containers are left alone: their process ids mean nothing out here.
    """
    found, here = {}, _namespace("self")
    for pid in _pids():
        runner = mark_of(pid).rpartition("-")[2]
        if runner.isdigit() and _namespace(str(pid)) == here and not (_PROC / runner).exists():
            found[pid] = _name(pid)
    return found


def mark_of(pid: int) -> str:
    """Return the mark of a process, "" without one (another user's process shows none)."""
    prefix = f"{MARK}=".encode()
    try:
        variables = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    return next((v[len(prefix) :].decode(errors="replace") for v in variables if v.startswith(prefix)), "")


def without_own_libraries(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program from elsewhere: without the library folders of our own Python environment.

    With ROS from wheels they hold libraries of the same names as those that the program was built against.
    """
    result = dict(environment)
    if paths := result.get("LD_LIBRARY_PATH"):
        own = Path(sys.prefix)
        kept = [path for path in paths.split(os.pathsep) if path and own not in (Path(path), *Path(path).parents)]
        result["LD_LIBRARY_PATH"] = os.pathsep.join(kept)
    return result


def _pids() -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def _namespace(pid: str) -> str:
    try:
        return os.readlink(_PROC / pid / "ns" / "pid")
    except OSError:
        return ""


def _session(pid: int) -> int:
    """The session of a living process; 0 for a zombie, which waits for its parent only."""
    try:
        state, _, _, session = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:4]
    except (OSError, ValueError):
        return 0
    return 0 if state == "Z" else int(session)


def _name(pid: int) -> str:
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return "?"
    return Path(words[0].decode(errors="replace")).name or "?"
