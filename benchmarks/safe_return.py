"""What a safe return costs: `.venv/bin/python benchmarks/safe_return.py [scenes] [questions]`.

Scenes are those of the tests: one inclusion, 29 keep-outs, Lenger's terrain. For each the time until the graph and its
tree stand, the longest slice of work, and a question's time, all in CPU time. The peer is an exact visibility graph by
shapely and scipy on the same outlines over flat ground, in the same run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "safety"))

from returns.oracles import ExactGraph
from returns.scenes import HPL_M, VPL_M, Scene, points_in, scene

from lenger_core.samples import Vec3
from lenger_safety import warm
from lenger_safety.returns.plan import Asked


def answer(made: Scene, position: Vec3) -> list[float]:
    """Ask and work; return the CPU time of every slice in ms."""
    made.planner.ask(Asked(position, made.home, (0.0, 0.0, 0.0), 1.0, 20.0, HPL_M, VPL_M))
    slices = []
    while made.planner.busy:
        begin = time.thread_time_ns()
        made.planner.work()
        slices.append((time.thread_time_ns() - begin) / 1e6)
    return slices


def measure(seed: int, flat: bool, questions: int) -> tuple[float, float, float, float]:
    """Return build time, longest slice of the build, median question and longest slice of a question in ms."""
    made = scene(seed, flat)
    places = points_in(made.free, np.random.default_rng(seed), questions)
    positions = [(float(e), float(n), made.ground_m(float(e), float(n)) + 60.0) for e, n in places]
    build = answer(made, positions[0])
    asked = [answer(made, position) for position in positions]
    longest = max(max(slices) for slices in asked)
    return sum(build), max(build), float(np.median([sum(slices) for slices in asked])), longest


def peer(seed: int, questions: int) -> tuple[float, float]:
    """Return build time and median question of the exact graph in ms."""
    made = scene(seed, flat=True)
    places = points_in(made.free, np.random.default_rng(seed), questions)
    begin = time.thread_time_ns()
    graph = ExactGraph(made.free, HPL_M + 2.5, (0.0, 0.0))
    built, asked = time.thread_time_ns(), []
    for e, n in places:
        start = time.thread_time_ns()
        graph.length_m((float(e), float(n)))
        asked.append((time.thread_time_ns() - start) / 1e6)
    return (built - begin) / 1e6, float(np.median(asked))


def main() -> int:
    """Print the table."""
    scenes = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    questions = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    warm()
    measure(0, False, 2)
    heads = ("build ms", 10), ("slice", 8), ("question", 10), ("slice", 8), ("peer build", 12), ("question", 10)
    print(f"{'scene':<12}" + "".join(f"{name:>{width}}" for name, width in (*heads, ("ratio", 8))))
    for seed in range(scenes):
        for flat in (False, True):
            ours = measure(seed, flat, questions)
            line = f"{seed} {'flat' if flat else 'terrain':<10}" + "".join(
                f"{value:>{width}.1f}" for value, width in zip(ours, (10, 8, 10, 8), strict=True)
            )
            if flat:
                theirs = peer(seed, questions)
                line += f"{theirs[0]:>12.0f}{theirs[1]:>10.1f}{theirs[0] / ours[0]:>8.1f}"
            print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
