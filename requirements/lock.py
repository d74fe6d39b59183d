#!/usr/bin/env python3
"""Pin requirements: ``lock.py PYTHON310 PYTHON311 ...`` writes ``*.txt`` from the ``*.in`` beside it.

Each interpreter resolves each list with its own pip (``--dry-run --report``), bound to what the lists before it chose.
Equal answers become one line; different ones get an environment marker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
LISTS = ("base", "ros", "dev", "build")
ALONE = {"noble": "3.12"}  # lists for one Python, not bound to the others
SKIPPED = {"opencv-python", "quantized-mesh-tile", "vtk"}  # MAVProxy's map and 3-D windows: 500 MB that no test opens
HEADER = "# Written by requirements/lock.py from {name}.in for Python {versions}. Do not edit.\n"


def python_version(python: str) -> str:
    """Return ``major.minor`` of an interpreter."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def resolve(python: str, source: Path, bound: dict[str, str]) -> dict[str, str]:
    """Return {package: version} that pip of this interpreter would install for one list."""
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "bound.txt")
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in bound.items()))
        report = Path(folder, "report.json")
        command = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        subprocess.run([*command, "--report", report, "-c", constraints, "-r", source], check=True)
        found = json.loads(report.read_text())["install"]
    pins = {item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"] for item in found}
    return {name: version for name, version in pins.items() if name not in SKIPPED}


def lines(answers: dict[str, dict[str, str]]) -> list[str]:
    """Merge {python: {package: version}} into requirement lines, with markers only where the answers differ."""
    merged: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for python, pins in answers.items():
        for name, version in pins.items():
            merged[name][version].append(python)
    result = []
    for name in sorted(merged):
        for version, pythons in merged[name].items():
            marker = "" if len(pythons) == len(answers) else " ; " + _marker(pythons, list(answers))
            result.append(f"{name}=={version}{marker}")
    return result


def _marker(pythons: list[str], every: list[str]) -> str:
    """Return the shortest environment marker for a set of Python versions."""
    if pythons == every[: len(pythons)]:
        return f"python_version <= '{pythons[-1]}'" if len(pythons) > 1 else f"python_version == '{pythons[0]}'"
    if pythons == every[-len(pythons) :]:
        return f"python_version >= '{pythons[0]}'"
    return " or ".join(f"python_version == '{python}'" for python in pythons)


def main(pythons: list[str]) -> None:
    """Write every list."""
    by_version = {python_version(python): python for python in pythons}
    order = sorted(by_version, key=lambda text: int(text.split(".")[1]))
    chosen: dict[str, dict[str, str]] = {version: {} for version in order}
    for name in LISTS:
        answers = {}
        for version in order:
            pins = resolve(by_version[version], HERE / f"{name}.in", chosen[version])
            answers[version] = {key: value for key, value in pins.items() if key not in chosen[version]}
            chosen[version].update(pins)
        write(name, answers)
    for name, version in ALONE.items():
        if version in by_version:
            write(name, {version: resolve(by_version[version], HERE / f"{name}.in", {})})


def write(name: str, answers: dict[str, dict[str, str]]) -> None:
    """Write one list of pins."""
    header = HEADER.format(name=name, versions=", ".join(answers))
    (HERE / f"{name}.txt").write_text(header + "\n".join(lines(answers)) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
