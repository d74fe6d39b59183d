"""The environment variables of every Lenger process: for the script, the command line and a bare pytest run."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lenger_bringup.setup.dds import dds_environment

BOOTSTRAPPED = "_ROS_WHEELS_BOOTSTRAP_COMPLETE"  # the wheels' start-up hook re-executes Python unless this is set
DEFAULTS = {
    "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp",
    "PYTHONUNBUFFERED": "1",
}


def child_environment(
    home: Path | None = None, venv: Path | None = None, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the whole environment for a child process.

    ``home`` is the repository, ``venv`` its virtual environment (default: the running one, else ``home/.venv``),
    ``environ`` what to start from (default: ``os.environ``). A bare environment drops the paths of a ROS that is
    sourced but not used.
    """
    result = dict(os.environ if environ is None else environ)
    home = home or find_home()
    venv = venv or running_venv(home) or home / ".venv"
    if not venv.name.startswith(".venv-ros"):
        _drop_other_ros(result, venv)
        result[BOOTSTRAPPED] = "1"
    for variable, default in DEFAULTS.items():
        result.setdefault(variable, default)
    result |= dds_environment(result)
    result["LENGER_HOME"] = str(home)
    result["VIRTUAL_ENV"] = str(venv)
    _prepend(result, "PATH", [venv / "bin"])
    _prepend(result, "AMENT_PREFIX_PATH", [venv])
    _prepend(result, "CMAKE_PREFIX_PATH", [venv])
    _prepend(result, "LD_LIBRARY_PATH", [venv / "lib", *_bundled_libraries(venv)])
    if "ROS_LOG_DIR" not in result and not _writable(result.get("ROS_HOME") or result.get("HOME", "")):
        result["ROS_LOG_DIR"] = str(Path(tempfile.gettempdir(), f"lenger-ros-log-{os.getuid()}"))
    return result


def ensure(home: Path | None = None) -> None:
    """Give this process that environment; call it before rclpy is imported.

    Runs Python anew (same arguments) when ``LD_LIBRARY_PATH`` must change, since the loader reads it only at the start.
    Outside a Lenger environment, as in a colcon workspace, it sets only what is unset.
    """
    home = home or find_home()
    venv = running_venv(home)
    if venv is None:
        for variable, default in {**DEFAULTS, "LENGER_HOME": str(home)}.items():
            os.environ.setdefault(variable, default)
        os.environ.update(dds_environment(os.environ))
        return
    wanted = child_environment(home, venv)
    if _parts(wanted.get("LD_LIBRARY_PATH")) - _parts(os.environ.get("LD_LIBRARY_PATH")):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], wanted)
    os.environ.update(wanted)
    for variable in set(os.environ) - set(wanted):
        del os.environ[variable]


def find_home() -> Path:
    """Return the repository (or, installed by colcon, the folder of this package) that this code runs from."""
    return Path(__file__).resolve().parents[4]


def running_venv(home: Path) -> Path | None:
    """Return the virtual environment of this process if it is one of ``home``'s."""
    prefix = Path(sys.prefix)
    return prefix if prefix.parent == home and prefix.name.startswith(".venv") else None


def _bundled_libraries(venv: Path) -> list[Path]:
    return sorted(venv.glob("lib/python3*/site-packages/ros_*.libs"))


def _prepend(environ: dict[str, str], variable: str, paths: list[Path]) -> None:
    ours = [str(path) for path in paths]
    others = [part for part in environ.get(variable, "").split(os.pathsep) if part and part not in ours]
    environ[variable] = os.pathsep.join([*ours, *others])


def _drop_other_ros(environ: dict[str, str], venv: Path) -> None:
    prefixes = _parts(environ.pop("AMENT_PREFIX_PATH", "")) | _parts(environ.pop("CMAKE_PREFIX_PATH", ""))
    other = [prefix for prefix in prefixes if prefix != str(venv)]
    for variable in ("PYTHONPATH", "LD_LIBRARY_PATH"):
        parts = environ.get(variable, "").split(os.pathsep)
        kept = [part for part in parts if part and not any(_inside(part, prefix) for prefix in other)]
        environ[variable] = os.pathsep.join(kept)
        if not kept:
            del environ[variable]


def _inside(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def _parts(value: str | None) -> set[str]:
    return {part for part in (value or "").split(os.pathsep) if part}


def _writable(folder: str) -> bool:
    return bool(folder) and os.path.isdir(folder) and os.access(folder, os.W_OK)
