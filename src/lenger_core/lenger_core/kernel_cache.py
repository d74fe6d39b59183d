"""Keeps numba's cache honest: numba recompiles a kernel when its own file changes, but not when a kernel or a constant
that it takes from another file does. Without this an edited battery would fly on with the old one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

MARK = "kernels.stamp"


def drop_stale(folder: Path, sources: Iterable[Path]) -> bool:
    """Empty a package's kernel cache when one of the sources is not the one that it was compiled from.

    Args:
        folder: the package, whose `__pycache__` holds the cache.
        sources: every file that its kernels are made of.

    Returns:
        Whether the cache was emptied. A folder that cannot be written is left alone: nothing is cached there either.
    """
    stamp = "\n".join(f"{path.name} {os.stat(path).st_mtime_ns} {os.stat(path).st_size}" for path in sorted(sources))
    cache = folder / "__pycache__"
    mark = cache / MARK
    try:
        if mark.is_file() and mark.read_text(encoding="utf-8") == stamp:
            return False
        for file in [*cache.glob("*.nbi"), *cache.glob("*.nbc")]:
            file.unlink(missing_ok=True)
        cache.mkdir(exist_ok=True)
        part = cache / f".{MARK}.{os.getpid()}"
        part.write_text(stamp, encoding="utf-8")
        os.replace(part, mark)
    except OSError:
        return False
    return True
