"""Compile every numba kernel once, so that no flight waits for a compiler: `python -m lenger_core.warm`."""

from __future__ import annotations

import importlib
import importlib.util
import sys

PACKAGES = (
    "lenger_core.zones",
    "lenger_core.terrain",
    "lenger_fusion",
    "lenger_safety",
    "lenger_mission",
    "lenger_sim",
    "lenger_training",
)


def main() -> int:
    """Call `warm()` of each package that has one; return the number of packages that failed."""
    failed = 0
    for name in PACKAGES:
        if importlib.util.find_spec(name.split(".")[0]) is None:
            continue
        try:
            warm = getattr(importlib.import_module(name), "warm", None)
            if warm is not None:
                warm()
        except Exception as error:  # a kernel that does not compile must name its package, and the others still compile
            print(f"{name}: kernels did not compile: {error!r}", file=sys.stderr)
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
