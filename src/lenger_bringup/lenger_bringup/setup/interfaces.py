"""Build the interface packages with colcon into the virtual environment."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from lenger_bringup.setup.commands import run
from lenger_bringup.setup.layout import COMPAT
from lenger_bringup.setup.progress import Progress

CMAKE = Path(__file__).parent / "cmake"
NINJA_STEP = re.compile(r"^\[(\d+)/(\d+)\]")


def build(home: Path, venv: Path, names: tuple[str, ...], progress: Progress, environ: Mapping[str, str]) -> None:
    """Build the packages ``names``; files of an earlier build go first, so that a removed message does not linger."""
    work = venv / "interfaces"
    _remove_installed(work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    settings = {
        "AMENT_PREFIX_PATH": _joined(venv, environ.get("AMENT_PREFIX_PATH", "")),
        "CMAKE_PREFIX_PATH": _joined(venv, environ.get("CMAKE_PREFIX_PATH", "")),
        "COLCON_HOME": str(work / "colcon"),
        "MAKEFLAGS": f"-j{os.cpu_count() or 2}",  # else colcon adds a load limit: one job on a busy machine
    }
    run(command(home, venv, work, names), progress, {**environ, **settings}, describe, cwd=work)
    for folder in work.glob("build/*"):
        _keep_only_manifest(folder)


def command(home: Path, venv: Path, work: Path, names: tuple[str, ...]) -> list[str]:
    """Return the colcon command."""
    python = venv / "bin" / "python"
    sources = [home / "src" / ("compat" if name in COMPAT else "") / name for name in names]
    return [
        *(str(python), "-m", "colcon", "--log-base", str(work / "log"), "build", "--merge-install"),
        *("--install-base", str(venv), "--build-base", str(work / "build"), "--parallel-workers", "2"),
        *("--event-handlers", "console_direct+", "console_stderr-", "--base-paths", *map(str, sources)),
        *("--cmake-args", "-GNinja", "-DBUILD_TESTING=OFF", f"-DPython3_EXECUTABLE={python}", "-Wno-dev"),
        *(f"-Drosidl_default_generators_DIR={CMAKE}", "-DCMAKE_BUILD_TYPE=Release"),
        *("-DCMAKE_C_FLAGS_RELEASE=-O1", "-DCMAKE_CXX_FLAGS_RELEASE=-O1"),
    ]


def describe(line: str) -> str:
    """Turn a line of colcon or ninja into a few words."""
    if line.startswith(("Starting >>>", "Finished <<<")):
        return f"{line.split()[0].lower()} {line.split()[2]}"
    step = NINJA_STEP.match(line)
    return f"building {step[1]} of {step[2]}" if step else ""


def _joined(first: Path, rest: str) -> str:
    return os.pathsep.join([str(first), *(part for part in rest.split(os.pathsep) if part and part != str(first))])


def _remove_installed(work: Path) -> None:
    for manifest in work.glob("build/*/install_manifest.txt"):
        for name in manifest.read_text().splitlines():
            Path(name).unlink(missing_ok=True)


def _keep_only_manifest(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name == "install_manifest.txt":
            continue
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
