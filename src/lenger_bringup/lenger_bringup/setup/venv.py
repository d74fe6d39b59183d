"""Make the virtual environment, also where Debian's python3-venv is missing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from lenger_bringup.setup.commands import run
from lenger_bringup.setup.progress import Progress
from lenger_bringup.setup.pythons import Python

KEEP = ("setup.log",)


def make(venv: Path, python: Python, system_packages: bool, progress: Progress, environ: Mapping[str, str]) -> None:
    """Make an empty environment at ``venv``; whatever an earlier one left there goes, except the log."""
    for old in venv.iterdir() if venv.exists() else ():
        if old.name in KEEP:
            continue
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    command = [python.executable, "-m", "venv", *(["--system-site-packages"] if system_packages else [])]
    if python.ensurepip:
        run([*command, str(venv)], progress, environ, lambda line: "")
        return
    run([*command, "--without-pip", str(venv)], progress, environ, lambda line: "")
    target = venv / "lib" / "python{}.{}".format(*python.minor) / "site-packages"
    install = [python.executable, "-m", "pip", "install", "--no-input", "--target", str(target), "pip"]
    run(install, progress, environ, lambda line: "ensurepip is missing: installing pip with the system's pip")
