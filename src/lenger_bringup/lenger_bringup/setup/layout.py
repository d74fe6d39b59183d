"""What a set-up consists of: the plan for this machine, its stages, and their fingerprints."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

STATE_FILE = "lenger.json"
PYTHON_PACKAGES = (
    "lenger_core",
    "lenger_mavlink",
    "lenger_mission",
    "lenger_fusion",
    "lenger_safety",
    "lenger_bridge",
    "lenger_sim",
    "lenger_training",
    "lenger_bringup",
)
COMPAT = ("geographic_msgs", "tf2_msgs", "mavros_msgs")
INTERFACES = (*COMPAT, "lenger_interfaces")


@dataclass(frozen=True)
class Plan:
    """What to install on this machine.

    ``mode`` is ``bare`` (ROS from PyPI wheels) or ``full`` (the sourced ROS ``ros_distro``); ``build`` lists the
    interface packages to build.
    """

    mode: str
    ros_distro: str
    build: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Name of the virtual environment: one for each kind of ROS, so that sourcing ROS or not wipes nothing."""
        return ".venv" if self.mode == "bare" else f".venv-ros-{self.ros_distro}"


@dataclass(frozen=True)
class Stage:
    """One resumable step; ``fingerprint`` covers its inputs and everything that it builds on."""

    name: str
    title: str
    fingerprint: str


def stages(home: Path, plan: Plan, python: str) -> list[Stage]:
    """Return the steps of a plan in order; ``python`` is the version (``3.11.7``) of the environment's interpreter."""
    requirements, setup = home / "requirements", Path(__file__).parent
    root = _digest([f"{home}\n{python}\n{plan.mode}\n{plan.ros_distro}"], [setup / "venv.py"])
    result = [Stage("venv", "virtual environment", root)]

    def add(name: str, title: str, inputs: list[Path], *after: str) -> str:
        result.append(Stage(name, title, _digest([root, *after], inputs)))
        return result[-1].fingerprint

    install = setup / "packages.py"
    if plan.mode == "bare":
        add("base", "Python packages", [requirements / "base.txt", install])
        ros = add("ros", "ROS 2 Jazzy wheels", [requirements / "ros.txt", install])
        add("dev", "test tools", [requirements / "dev.txt", install])
        tools = add("build", "build tools", [requirements / "build.txt", install])
        tools += add("wheels", "CMake paths of the wheels", [setup / "wheels.py"], ros)
    else:
        lists = [requirements / f"{name}.txt" for name in full_lists(python)]
        tools = add("base", "Python packages", [*lists, install])
    if plan.build:
        sources = _files(home / "src" / "lenger_interfaces", home / "src" / "compat", setup / "cmake")
        add("interfaces", "interface packages", [*sources, setup / "interfaces.py"], tools, *plan.build)
    add("paths", "import paths", [setup / "packages.py"], *PYTHON_PACKAGES)
    warm = home / "src" / "lenger_core" / "lenger_core" / "warm.py"
    if warm.exists():
        add("kernels", "compiled kernels", [warm])
    return result


def full_lists(python: str) -> tuple[str, ...]:
    """Return the lists to install over a full ROS: those pinned beside Ubuntu 24.04's NumPy, where it is that one."""
    return ("noble",) if python.startswith("3.12.") else ("base", "dev", "build")


def read_state(venv: Path) -> dict[str, object]:
    """Return what the environment's state file says; empty when absent or unreadable."""
    try:
        state = json.loads((venv / STATE_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(venv: Path, plan: Plan, python: str, done: dict[str, str], seen_distro: str) -> None:
    """Replace the state file atomically."""
    state = {
        "mode": plan.mode,
        "ros_distro": plan.ros_distro,
        "build": list(plan.build),
        "python": python,
        "seen_distro": seen_distro,
        "stages": done,
    }
    draft = venv / (STATE_FILE + ".part")
    draft.write_text(json.dumps(state, indent=1) + "\n")
    os.replace(draft, venv / STATE_FILE)


def done_stages(state: dict[str, object]) -> dict[str, str]:
    """Return {stage: fingerprint} of a state."""
    done = state.get("stages")
    return {str(key): str(value) for key, value in done.items()} if isinstance(done, dict) else {}


def recorded_plan(state: dict[str, object]) -> Plan | None:
    """Return the plan that a state was made for."""
    build = state.get("build")
    if not isinstance(build, list) or "mode" not in state:
        return None
    return Plan(str(state["mode"]), str(state.get("ros_distro", "")), tuple(str(name) for name in build))


def is_current(home: Path, venv: Path, python: str, seen_distro: str) -> bool:
    """Whether the environment is complete, was made for this folder and Python, and under the same ``ROS_DISTRO``."""
    state = read_state(venv)
    plan = recorded_plan(state)
    if plan is None or state.get("seen_distro") != seen_distro or state.get("python") != python:
        return False
    done = done_stages(state)
    return all(done.get(stage.name) == stage.fingerprint for stage in stages(home, plan, python))


def _files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def _digest(texts: list[str], files: list[Path]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
