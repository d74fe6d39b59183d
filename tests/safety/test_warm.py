"""After `warm()` nothing is left to compile in flight: compiling for seconds, the guard would be silent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
import lenger_core, lenger_safety
from compiled_kernels import kernels
from lenger_core.terrain import warming
from lenger_safety import warm

warming.warm()
warm()
before = kernels(lenger_core, lenger_safety)
from guard_flights import hostile, legal, host
from guard_flights.stand import Stand

def more(kind, seed):
    made = (hostile.Hostile if kind == "hostile" else legal.Legal).of(seed)
    module = hostile if kind == "hostile" else legal
    def flight(world):
        result = dict(module.Flight(made, world).fly())
        now = kernels(lenger_core, lenger_safety)
        result["compiled"] = {{n: c - before.get(n, 0) for n, c in now.items() if c > before.get(n, 0)}}
        return result
    host._compile_guard = lambda world: None
    return host.fly_forked(made.stand, flight)

for kind, seed in {flights!r}:
    result = more(kind, seed)
    print("error" if "error" in result else "flown", kind, seed, result.get("error", ""), flush=True)
    for name, count in sorted(result.get("compiled", {{}}).items()):
        if name.startswith("lenger_safety") or "zone" in name or "prism" in name or "terrain" in name:
            print("compiled", name, count, flush=True)
"""
FLIGHTS = [("hostile", 3), ("hostile", 8), ("legal", 2)]


def test_no_kernel_of_the_guard_compiles_in_flight() -> None:
    program = PROGRAM.format(tests=str(Path(__file__).parents[1]), flights=FLIGHTS)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("flown") == len(FLIGHTS), done.stdout
    assert "compiled" not in done.stdout, done.stdout
