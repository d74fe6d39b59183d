"""Where the files that ship with Lenger are: config/, launch/, worlds/ and the message definitions."""

from __future__ import annotations

import os
from pathlib import Path

from lenger_core.errors import MissingError


def home() -> Path:
    """Return the folder that holds config/, launch/ and worlds/.

    LENGER_HOME if set; else the checkout this file lies in; else share/lenger_bringup of a ROS workspace.

    Raises:
        MissingError: none of them exists.
    """
    named = os.environ.get("LENGER_HOME")
    checkout = Path(__file__).resolve().parents[3]
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    shares = [Path(prefix) / "share" / "lenger_bringup" for prefix in prefixes if prefix]
    for folder in ([Path(named)] if named else []) + [checkout, *shares]:
        if (folder / "config").is_dir():
            return folder
    raise MissingError("the config folder of Lenger was not found", "export LENGER_HOME=<the checkout>")


def config_path(*parts: str) -> Path:
    """Return the path of a file under config/ (which may not exist)."""
    return home().joinpath("config", *parts)


def read_text(*parts: str) -> str:
    """Return the text of a file under config/."""
    return config_path(*parts).read_text(encoding="utf-8")
