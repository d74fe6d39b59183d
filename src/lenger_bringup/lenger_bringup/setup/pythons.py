"""Choose the Python interpreter, and check the compiler, before anything is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lenger_bringup.setup.errors import SetupError

NAMES = ("python3", "python3.12", "python3.11", "python3.13", "python3.10", "/usr/bin/python3")
SUPPORTED = ((3, 10), (3, 13))
PROBE = """
import importlib.util, json, os, sys, sysconfig
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({
    "executable": getattr(sys, "_base_executable", sys.executable),
    "version": "%d.%d.%d" % sys.version_info[:3],
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "ensurepip": has("ensurepip") and has("venv"),
    "pip": has("pip") and has("venv"),
}))
"""


@dataclass(frozen=True)
class Python:
    """One interpreter: path, version, and whether it has C headers, ``ensurepip`` and a ``pip`` of its own."""

    executable: str
    version: str
    headers: bool
    ensurepip: bool
    pip: bool

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)

    @property
    def package(self) -> str:
        """Name of its Debian package, for a command that mends something."""
        return "python{}.{}".format(*self.minor) if not self.executable.endswith("python3") else "python3"


def probe(name: str) -> Python | None:
    """Ask an interpreter what it has; None when it does not run."""
    try:
        done = subprocess.run([name, "-c", PROBE], capture_output=True, text=True, timeout=30)
        return Python(**json.loads(done.stdout)) if done.returncode == 0 else None
    except (OSError, ValueError, TypeError, subprocess.TimeoutExpired):
        return None


def candidates(wanted: str = "") -> list[Python]:
    """Return the supported interpreters of this machine, the wanted or running one first."""
    names = [wanted] if wanted else [sys.executable, *NAMES]
    found: dict[str, Python] = {}
    for name in names:
        python = probe(name)
        if python and SUPPORTED[0] <= python.minor <= SUPPORTED[1]:
            found.setdefault(os.path.realpath(python.executable), python)
    return list(found.values())


def choose(pythons: Iterable[Python]) -> Python:
    """Return the first that has headers and a way to install packages; raise what the best of them lacks."""
    pythons = list(pythons)
    if not pythons:
        raise SetupError("no Python 3.10 to 3.13 runs here", "sudo apt-get install python3 python3-venv python3-dev")
    best = max(pythons, key=lambda python: (python.headers, python.ensurepip, python.pip))
    if not (best.ensurepip or best.pip):
        lack = f"Python {best.version} ({best.executable}) has neither ensurepip nor pip to make a virtual environment"
        raise SetupError(lack, f"sudo apt-get install {best.package}-venv")
    if not best.headers:
        lack = f"Python {best.version} ({best.executable}) has no Python.h, which the message packages need"
        raise SetupError(lack, f"sudo apt-get install {best.package}-dev")
    return best


def check_compilers(which: Callable[[str], str | None] = shutil.which, environ: dict[str, str] | None = None) -> None:
    """Raise when no C or no C++ compiler is on the path."""
    environ = dict(os.environ) if environ is None else environ
    for variable, names in (("CC", ("cc", "gcc", "clang")), ("CXX", ("c++", "g++", "clang++"))):
        wanted = environ.get(variable, "").split()[:1]
        if not any(which(name) for name in (wanted or names)):
            language = "C" if variable == "CC" else "C++"
            raise SetupError(f"no {language} compiler found ({', '.join(wanted or names)})", "sudo apt-get install g++")
