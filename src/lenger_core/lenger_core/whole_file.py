"""Files that are replaced in one step: whoever reads one finds the old text or the new one, never half of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lenger_core.errors import InputError


@contextmanager
def replacing(path: Path, part_name: str = "") -> Iterator[Path]:
    """Yield a place beside `path` to write to; it becomes `path` at the end of the block, or is gone where that fails.

    Args:
        path: a regular file, or nothing yet.
        part_name: name of the place beside it; "" for `.<name>.part`.

    Raises:
        InputError: `path` is something else: a folder, a device or a link would not survive being replaced.
    """
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise InputError(str(path), "", "something that is no regular file", "a file, or a name that is free")
    part = path.with_name(part_name or f".{path.name}.part")
    try:
        yield part
        os.replace(part, path)
    except BaseException:  # Ctrl-C and a full disk alike
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text file in one step; see `replacing`."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
