"""The ground that a person asked for: DEM files on the command line, and the wait for what is made only once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lenger_core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from lenger_core.terrain import Terrain

DEM_ENDINGS = (".hgt", ".tif", ".tiff")
_OPTION = "--dem"


def spread_dem(words: Sequence[str]) -> list[str]:
    """Return command line words in which `--dem A.hgt B.hgt` became `--dem A.hgt --dem B.hgt`: shells expand *.hgt."""
    out: list[str] = []
    after = False
    for word in words:
        one_more = after and out[-1] != _OPTION and word.lower().endswith(DEM_ENDINGS) and not word.startswith("-")
        if one_more:
            out.append(_OPTION)
        else:
            after = word == _OPTION or word.startswith(f"{_OPTION}=") or (after and out[-1] == _OPTION)
        out.append(word)
    return out


def joined_dem(files: Sequence[Path] | None) -> str:
    """Return DEM files as nodes take them: absolute, one string, "" where there are none.

    Raises:
        InputError: there is no such file, a folder without any, or a name that cannot be joined.
    """
    from lenger_core.terrain import dem_files

    for file in files or ():
        if os.pathsep in str(file):
            raise InputError(_OPTION, "", str(file), f"a path without {os.pathsep!r}")
        if not os.path.exists(file):
            raise InputError(_OPTION, "", str(file), f"a file {', '.join(DEM_ENDINGS)} or a folder that exists")
    found = dem_files(os.pathsep.join(str(file) for file in files or ()))
    return os.pathsep.join(str(path) for path in found)


def ready_ground(dem: str, lat_deg: float, lon_deg: float, console: Console | None) -> Terrain:
    """Return the terrain, with what lies around a site made and kept, and say so where that takes seconds.

    Raises:
        InputError: a file is no DEM.
    """
    from lenger_core.terrain import AROUND_SITE_M, detail_is_made, load_terrain

    if console is not None and not dem and not detail_is_made():
        console.print("making the detail of Lenger's terrain, once on this machine: about ten seconds")
    terrain = load_terrain(dem)
    terrain.prefetch(lat_deg, lon_deg, AROUND_SITE_M)
    return terrain
