"""A command that flies campaigns, with tests/ on the path: `python -m guard_flights.campaign hostile --flights 2000`.

Two worker processes by default. Every flight is a line of the file as soon as it is over; started again with the
same file it goes on where it was, as long as the sources are the same: flights of other sources do not count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import flown_rows
from flown_rows import Row
from guard_flights import hostile, legal, report

FLIGHTS: dict[str, Callable[[int], Row]] = {"hostile": hostile.fly, "legal": legal.fly}
DESCRIBE: dict[str, Callable[[int], str]] = {"hostile": hostile.describe, "legal": legal.describe}
REPORTS: dict[str, Callable[[list[Row]], str]] = {"hostile": report.hostile, "legal": report.legal}
SHOWN_EVERY = 50


def tree() -> str:
    """Return a digest of what flies: the sources, the vehicles, and these flights."""
    return flown_rows.tree(Path(__file__).parent)


def fly_share(kind: str, seeds: Iterable[int], out: Path) -> None:
    """Fly seeds one after the other, each a line of `out`."""
    began = tree()
    with out.open("a", encoding="utf-8") as lines:
        for seed in seeds:
            row = {**FLIGHTS[kind](seed), "tree": began}
            lines.write(json.dumps(row) + "\n")
            lines.flush()


def rows_of(out: Path) -> dict[int, Row]:
    """Return the flights of these sources that a file and its shares hold, by seed; a cut-off line does not count."""
    return flown_rows.rows_in((out, *sorted(out.parent.glob(out.name + ".*"))), tree())


def run(kind: str, seeds: range, out: Path, workers: int = 2, tell: Callable[[str], None] = print) -> list[Row]:
    """Fly what `out` does not hold yet, with worker processes, telling how it goes; return all rows in order."""
    done = rows_of(out)
    left = [seed for seed in seeds if seed not in done]
    if left:
        shares = [left[index::workers] for index in range(workers)]
        processes = [_worker(kind, share, out.with_name(f"{out.name}.{i}")) for i, share in enumerate(shares) if share]
        told = 0
        while any(process.poll() is None for process in processes):
            _wait(processes)
            rows = [row for seed, row in rows_of(out).items() if seed in seeds]
            if len(rows) - told >= SHOWN_EVERY:
                told = len(rows)
                tell(report.progress(rows, len(seeds)))
        failed = [process.returncode for process in processes if process.returncode]
        if failed:
            raise RuntimeError(f"{len(failed)} workers failed; what they flew is kept in {out}.*")
    return [row for seed, row in sorted(rows_of(out).items()) if seed in seeds]


def _wait(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        try:
            process.wait(timeout=10.0)
        except subprocess.TimeoutExpired:
            return


def _worker(kind: str, seeds: list[int], out: Path) -> subprocess.Popen[bytes]:
    """Start a worker; seeds go in by the standard input."""
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, *sys.path])
    command = [sys.executable, "-m", "guard_flights.campaign", "--share", kind, "--out", str(out)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path})
    assert process.stdin is not None
    process.stdin.write(json.dumps(seeds).encode())
    process.stdin.close()
    return process


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", choices=sorted(FLIGHTS), default="hostile")
    parser.add_argument("--flights", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--seed", type=int, help="replay this one, with its events")
    parser.add_argument("--out", type=Path, default=Path("guard-flights.jsonl"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--share", choices=sorted(FLIGHTS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.nice(5)
    if given.share:
        fly_share(given.share, json.load(sys.stdin), given.out)
        return 0
    if given.seed is not None:
        print(DESCRIBE[given.kind](given.seed))
        print(json.dumps(FLIGHTS[given.kind](given.seed), indent=1))
        return 0
    rows = run(given.kind, range(given.first, given.first + given.flights), given.out, given.workers)
    print(REPORTS[given.kind](rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
