"""Arrays that are made once and kept in files: checked when read, written whole, made again when broken."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.whole_file import replacing

Pixels = NDArray[np.float32]

_DIGEST_BYTES = 16


def default_cache_dir() -> Path:
    """Return the folder for terrain that can be made again: $XDG_CACHE_HOME/lenger/terrain, else ~/.cache/..."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "lenger" / "terrain"


class ArrayCache:
    """float32 arrays as `.npy` files with a digest at their end.

    A file that is missing, short, altered or of another shape is made again. Where the folder cannot be written
    everything still works, only slower: `fault` then says why.

    Args:
        folder: made when first written to; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.fault = ""

    def get(self, name: str, shape: tuple[int, ...], make: Callable[[], Pixels]) -> Pixels:
        """Return the array of a name, read from its file or made and written to it."""
        if self.folder is None:
            return make()
        path = self.folder / f"{name}.npy"
        found = self.read(path, shape)
        if found is not None:
            return found
        made = make()
        try:
            write_checked(path, made)
        except (OSError, InputError) as error:
            self.fault = str(error)
        return made

    @staticmethod
    def read(path: Path, shape: tuple[int, ...] | None = None) -> Pixels | None:
        """Return the array of a file; None where it is missing, broken or of another shape."""
        try:
            data = path.read_bytes()
        except OSError:
            return None
        body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
        if hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest() != digest:
            return None
        array = np.load(io.BytesIO(body), allow_pickle=False)
        whole = array.dtype == np.float32 and shape in (None, array.shape)
        return array if whole else None


def write_checked(path: Path, array: Pixels) -> None:
    """Write an array and its digest in one step.

    Raises:
        OSError: the folder cannot be written.
        InputError: the path is something else than a file.
    """
    stream = io.BytesIO()
    np.save(stream, np.asarray(array, dtype=np.float32), allow_pickle=False)
    body = stream.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, f".{path.name}.{os.getpid()}.{threading.get_ident()}.part") as part:
        part.write_bytes(body + hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest())
