"""CPU and memory of every process of a flight with the whole ROS graph.

    .venv/bin/python benchmarks/graph_cost.py [--exercise NAME] [--speed N]

Prints a table (Markdown): CPU seconds per simulated second while en route, as percent of one core, and resident memory
at its largest. Simulated time waits for the nodes on a busy machine, so the share is of simulated time, not the wall's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from lenger_bringup.runner import MARK

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Fly, sample, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exercise", default="first_patrol")
    parser.add_argument("--speed", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = ["fly", options.exercise, "--speed", options.speed, "--out", str(out)]
        flight = subprocess.Popen(
            [sys.executable, "-m", "lenger_bringup.cli", *command], stdout=subprocess.PIPE, text=True
        )
        flown = threading.Event()
        reader = threading.Thread(target=_follow, args=(flight, flown))
        reader.start()
        samples = _sample(flight, out.name, flown)
        reader.join()
        code = flight.wait()
        host = json.loads((out / "result.json").read_text())["host"]
    factor = host["realtime_factor"] or float("nan")
    samples = {name: (share / factor, resident_mb) for name, (share, resident_mb) in samples.items()}
    _print(samples, options.speed, factor, code)


def _follow(flight: subprocess.Popen[str], flown: threading.Event) -> None:
    """Pass the flight's output on; `flown` is set while it is in the air."""
    assert flight.stdout is not None
    for line in flight.stdout:
        sys.stderr.write(line)
        if "phase enroute" in line:
            flown.set()
        elif "phase landing" in line:
            flown.clear()


def _sample(flight: subprocess.Popen[str], name: str, flown: threading.Event) -> dict[str, tuple[float, float]]:
    """Return by process: (CPU seconds per wall second while en route, greatest resident MB)."""
    mark = f"{MARK}={name}-{flight.pid}".encode()
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    memory: dict[str, float] = {}
    begin_s = end_s = 0.0
    pause = threading.Event()
    while flight.poll() is None:
        pause.wait(0.5)
        if not flown.is_set():
            continue
        end_s = _uptime_s()
        begin_s = begin_s or end_s
        for process, (cpu_s, resident_mb) in _processes(flight.pid, mark).items():
            first.setdefault(process, cpu_s)
            last[process] = cpu_s
            memory[process] = max(memory.get(process, 0.0), resident_mb)
    span_s = max(end_s - begin_s, 1e-9)
    return {process: ((last[process] - first[process]) / span_s, memory[process]) for process in last}


def _uptime_s() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])


def _processes(operator: int, mark: bytes) -> dict[str, tuple[float, float]]:
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            ours = mark in (entry / "environ").read_bytes().split(b"\0")
            if not ours and int(entry.name) != operator:
                continue
            words = (entry / "cmdline").read_bytes().split(b"\0")
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        name = next((w.decode().removeprefix("__node:=") for w in words if w.startswith(b"__node:=")), "operator")
        cpu_s = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
        found[name] = (cpu_s, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
    return found


def _print(samples: dict[str, tuple[float, float]], speed: str, factor: float, code: int) -> None:
    print("| process | CPU, % of one core | memory, MB |\n|---|---|---|")
    for name, (share, resident_mb) in sorted(samples.items(), key=lambda row: -row[1][0]):
        print(f"| {name} | {100 * share:.1f} | {resident_mb:.0f} |")
    total = [sum(column) for column in zip(*samples.values(), strict=True)]
    print(f"| **all** | **{100 * total[0]:.1f}** | **{total[1]:.0f}** |")
    print(f"\nspeed {speed}, realtime factor {factor}, exit code {code}")


if __name__ == "__main__":
    main()
