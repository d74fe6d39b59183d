"""A repository and a machine that hold just what the set-up looks at."""

from __future__ import annotations

import io
from pathlib import Path

from lenger_bringup.setup import layout
from lenger_bringup.setup.layout import INTERFACES, Plan
from lenger_bringup.setup.progress import Progress

BARE = Plan("bare", "", INTERFACES)
PYTHON = "3.12.1"


def make_home(folder: Path) -> Path:
    """Write the inputs of the stages below a folder."""
    for name in ("base", "ros", "dev", "build", "noble"):
        path = folder / "requirements" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}-package==1.0\n")
    message = folder / "src" / "lenger_interfaces" / "msg" / "Thing.msg"
    message.parent.mkdir(parents=True)
    message.write_text("float64 x\n")
    warm = folder / "src" / "lenger_core" / "lenger_core" / "warm.py"
    warm.parent.mkdir(parents=True)
    warm.write_text("")
    return folder


def make_current(home: Path, plan: Plan = BARE, distro: str = "", python: str = PYTHON) -> Path:
    """Write the state of a finished set-up and return the environment's folder."""
    venv = home / plan.folder
    venv.mkdir(exist_ok=True)
    done = {stage.name: stage.fingerprint for stage in layout.stages(home, plan, python)}
    layout.write_state(venv, plan, python, done, distro)
    return venv


def make_progress(folder: Path) -> tuple[Progress, io.StringIO]:
    """A progress display that writes into memory."""
    stream = io.StringIO()
    return Progress(9, stream, folder / "setup.log"), stream
