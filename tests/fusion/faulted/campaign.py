"""A command that flies the campaign, with tests/ on the path: `python -m fusion.faulted.campaign --flights 1000`.

Every flight is a line of the file as soon as it is over. Started again with the same file it goes on where it was, as
long as the sources are the same: flights of other sources do not count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import flown_rows
import lenger_core
import lenger_fusion
from fusion.faulted import report
from fusion.faulted.flights import fly
from fusion.faulted.judge import Row, missed

WORKERS = "LENGER_FAULTED_WORKERS"
OUT = "LENGER_FAULTED_ROWS"
"""Environment: how many processes fly (1 unless told), and the file of rows (that of the test, unless told)."""


def tree() -> str:
    """Return a digest of what flies: the estimator, what it stands on, and the simulated flights."""
    here = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for package in (lenger_core, lenger_fusion):
        for path in sorted(Path(package.__file__ or "").parent.rglob("*.py")):
            digest.update(path.read_bytes())
    for path in (here / "trajectory.py", here / "slow_states.py", *sorted(Path(__file__).parent.glob("*.py"))):
        if not path.name.startswith(("test_", "report", "campaign")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def flown(seeds: Iterable[int], workers: int) -> Iterator[Row]:
    """Yield rows as they come."""
    if workers <= 1:
        yield from map(fly, seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(fly, seeds)


def run(seeds: range, out: Path, workers: int = 1, tell: Callable[[str], None] = print) -> list[Row]:
    """Fly what `out` does not hold yet; return all rows in order."""
    digest = tree()
    rows = flown_rows.rows_in((out,), digest)
    with out.open("a", encoding="utf-8") as lines:
        for row in flown([seed for seed in seeds if seed not in rows], workers):
            rows[row["seed"]] = row
            lines.write(json.dumps({**row, "tree": digest}) + "\n")
            lines.flush()
            if missed(row):
                tell(f"missed: {json.dumps(row)}")
    return [row for seed, row in sorted(rows.items()) if seed in seeds]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flights", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--seed", type=int, help="fly this one and show its row")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get(OUT, "faulted-flights.jsonl")))
    parser.add_argument("--workers", type=int, default=int(os.environ.get(WORKERS, "1")))
    given = parser.parse_args()
    os.nice(5)
    if given.seed is not None:
        print(json.dumps(fly(given.seed), indent=1))
        return 0
    print(report.table(run(range(given.first, given.first + given.flights), given.out, given.workers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
