"""Mend the CMake files of the ROS wheels: they name the Python and NumPy headers of the machine that built them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lenger_bringup.setup.commands import run
from lenger_bringup.setup.progress import Progress

ASK = "import numpy, sysconfig; print(sysconfig.get_path('include')); print(numpy.get_include())"
NUMPY = re.compile(r"/[^;\"\s]*/site-packages/numpy/(?:_core|core)/include")
PYTHON = re.compile(r"/[^;\"\s]*/cp3\d+-cp3\d+/include/python3\.\d+")


def mend(venv: Path, progress: Progress, environ: Mapping[str, str]) -> int:
    """Rewrite the exported include paths for this interpreter; return the number of files changed."""
    answer = run([str(venv / "bin" / "python"), "-c", ASK], progress, environ, lambda line: "")
    python, numpy = answer[-2:]
    changed = 0
    for path in venv.glob("share/*/cmake/*rosidl_generator_pyExport.cmake"):
        text = path.read_text()
        new = rewrite(text, python, numpy)
        if new != text:
            path.write_text(new)
            changed += 1
    progress.log(f"{changed} CMake files now name {python} and {numpy}")
    return changed


def rewrite(text: str, python: str, numpy: str) -> str:
    """Replace the builder's include folders by ours."""
    return PYTHON.sub(lambda _: python, NUMPY.sub(lambda _: numpy, text))
