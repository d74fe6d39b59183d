"""Install the pinned Python packages and put the repository's own packages on the import path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lenger_bringup.setup.commands import run
from lenger_bringup.setup.errors import SetupError
from lenger_bringup.setup.layout import PYTHON_PACKAGES
from lenger_bringup.setup.progress import Progress

# In a full ROS these stay as the system has them: ROS was compiled against them or imports them.
SYSTEM_OWNED = re.compile(r"(numpy|setuptools|empy|lark|lark-parser|pyyaml|catkin-pkg|colcon-.*)")


def install(venv: Path, requirements: Path, progress: Progress, environ: Mapping[str, str]) -> None:
    """Install one list of pins, with the machine's own pip settings."""
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--no-input", "--no-deps", "--progress-bar", "off"]
    try:
        run([*pip, "-r", str(requirements)], progress, environ, describe)
    except SetupError as error:
        advice = "check the network and pip's settings (python3 -m pip config list), then give the same command again"
        raise SetupError(f"{requirements.name}: {error.what}", advice) from error


def install_missing(venv: Path, lists: list[Path], progress: Progress, environ: Mapping[str, str]) -> None:
    """Install what a full ROS lacks of the lists."""
    listing = run([str(venv / "bin/python"), "-m", "pip", "list", "--format=freeze"], progress, environ, lambda _: "")
    installed = {_name(line) for line in listing if "==" in line}
    wanted = venv / "missing.txt"
    pins = [line for path in lists for line in path.read_text().splitlines()]
    wanted.write_text("\n".join(missing(pins, installed)) + "\n")
    install(venv, wanted, progress, environ)


def missing(requirements: list[str], installed: set[str]) -> list[str]:
    """Return the pins to install over a full ROS: all but those that the system owns and has."""
    pins = [line for line in requirements if line.strip() and not line.startswith("#")]
    return [pin for pin in pins if not (SYSTEM_OWNED.fullmatch(_name(pin)) and _name(pin) in installed)]


def describe(line: str) -> str:
    """Turn a line of pip into a few words."""
    word = line.strip().split()
    if line.lstrip().startswith("Downloading "):
        return f"downloading {_wheel(word[1])} {' '.join(word[2:])}"
    if line.startswith(("Collecting ", "Processing ")):
        return f"finding {_wheel(word[1])}"
    if line.startswith("Installing collected packages"):
        return f"installing {line.count(',') + 1} packages"
    if line.lstrip().startswith("Building wheel for "):
        return f"building {word[3]}"
    return ""


def add_import_paths(home: Path, site_packages: Path) -> None:
    """Write ``lenger.pth``, which puts each package folder of ``src/`` on the import path."""
    lines = [str(home / "src" / name) for name in PYTHON_PACKAGES]
    (site_packages / "lenger.pth").write_text("\n".join(lines) + "\n")


def _name(requirement: str) -> str:
    return re.split(r"[=<>!~; \[]", requirement.strip(), maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def _wheel(word: str) -> str:
    file = word.rsplit("/", 1)[-1]
    return "-".join(file.split("-")[:2]) if file.endswith((".whl", ".metadata")) else file.replace("==", " ")
