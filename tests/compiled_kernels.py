"""Which kernels are compiled in this process, for programs that show that nothing is left to compile."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType


def kernels(*packages: ModuleType) -> dict[str, int]:
    """Return for each numba kernel of the packages how many signatures of it are compiled."""
    found: dict[str, int] = {}
    for package in packages:
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".ros" in info.name or info.name.endswith("_node"):
                continue
            for value in vars(import_module(info.name)).values():
                if hasattr(value, "signatures"):
                    found[f"{value.py_func.__module__}.{value.py_func.__name__}"] = len(value.signatures)
    return found
