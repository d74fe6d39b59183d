"""How fast the lockstep flight is, and where the time goes: `python benchmarks/lockstep_speed.py [--until S]`.

Flies first_patrol twice: once for the wall and CPU time of the whole, once with a clock around every part (which costs
a little itself). CPU time is what a busy machine spoils least; wall time is what a person waits for. Grading is not in
it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import process_time

from lenger_mission.load import load_plan
from lenger_training.exercise import load_exercise
from lenger_training.lockstep import LockstepOutcome, fly_lockstep

BAR = 20.0


def main() -> int:
    """Print the figures; return 1 when the CPU time misses the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exercise", default="first_patrol")
    parser.add_argument("--until", type=float, default=None, help="simulated seconds, default: the whole flight")
    arguments = parser.parse_args()
    exercise = load_exercise(arguments.exercise)
    plan = load_plan(exercise.plan_path)

    def fly(timed: bool, until_s: float | None) -> LockstepOutcome:
        with tempfile.TemporaryDirectory() as folder:
            return fly_lockstep(exercise, plan, exercise.seed, Path(folder), until_s=until_s, timed=timed)

    fly(timed=False, until_s=5.0)  # imports and kernels
    before = process_time()
    whole = fly(timed=False, until_s=arguments.until)
    print(f"simulated {whole.simulated_s:.1f} s, score {whole.result.score:g}")
    print(f"wall: {whole.wall_s:.2f} s, {whole.realtime_factor:.1f} times real time")
    factor = whole.simulated_s / whole.cpu_s
    print(f"CPU:  {whole.cpu_s:.2f} s, {factor:.1f} times real time on one core (bar: {BAR:g})")
    print(f"with grading and debrief: {process_time() - before:.2f} s of CPU")
    timed = fly(timed=True, until_s=arguments.until)
    print("CPU by part, ms a simulated second:")
    for name, spent_s in sorted(timed.spent_s.items(), key=lambda row: -row[1]):
        print(f"  {name:10s} {1e3 * spent_s / timed.simulated_s:6.2f}")
    return 0 if factor >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
