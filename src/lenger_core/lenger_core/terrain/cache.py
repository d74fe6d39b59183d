"""Arrays that are made once and kept in files: checked when read, written whole, made again when broken."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.whole_file import replacing

Pixels = NDArray[np.float32]

_DIGEST_BYTES = 16
_CHUNK_BYTES = 1 << 20


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
        found = self.read(self.path(name), shape)
        return self._kept(name, make()) if found is None else found

    def windows(self, name: str, shape: tuple[int, int, int], make: Callable[[], Pixels]) -> Windows:
        """Return windows on an array of layers, which stays in its file where there is one."""
        stream = None if self.folder is None else checked_stream(self.path(name), shape)
        if stream is None:
            made = make() if self.folder is None else self._kept(name, make())
            stream = None if self.folder is None else checked_stream(self.path(name), shape)
            if stream is None:
                return Windows(made, shape)
        return Windows(stream, shape)

    def path(self, name: str) -> Path:
        """Return the file of an array, which need not exist."""
        return (self.folder or Path()) / f"{name}.npy"

    def has(self, name: str) -> bool:
        """Return whether there is a file of that name; what is in it is not looked at."""
        return self.folder is not None and self.path(name).is_file()

    @staticmethod
    def read(path: Path, shape: tuple[int, ...]) -> Pixels | None:
        """Return the array of a file; None where it is missing, broken or of another shape."""
        stream = checked_stream(path, shape)
        if stream is None:
            return None
        with stream:
            out = np.empty(shape, dtype=np.float32)
            return out if stream.readinto(out.data.cast("B")) == out.nbytes else None

    def _kept(self, name: str, made: Pixels) -> Pixels:
        try:
            write_checked(self.path(name), made)
        except (OSError, InputError) as error:
            self.fault = str(error)
        return made


class Windows:
    """Rectangles of an array of layers that is in memory, or in a file that was checked.

    Args:
        source: the array, or the open file, read from where it stands.
        shape: layers, rows, columns.
    """

    def __init__(self, source: Pixels | BufferedReader, shape: tuple[int, int, int]) -> None:
        self._source = source
        self._first = 0 if isinstance(source, np.ndarray) else source.tell()
        self.shape = shape

    def read(self, layer: int, rows: range, cols: range) -> Pixels:
        """Return a copy of some rows and columns of a layer.

        Raises:
            InputError: the file cannot be read any more.
        """
        source = self._source
        if isinstance(source, np.ndarray):
            return source[layer, rows.start : rows.stop, cols.start : cols.stop].copy()
        out = np.empty((len(rows), len(cols)), dtype=np.float32)
        for number, row in enumerate(rows):
            at = self._first + 4 * ((layer * self.shape[1] + row) * self.shape[2] + cols.start)
            data = os.pread(source.fileno(), 4 * len(cols), at)
            if len(data) < 4 * len(cols):
                raise InputError(str(source.name), "", "cut short while in use", "a whole file; start again")
            out[number] = np.frombuffer(data, dtype=np.float32)
        return out


def checked_stream(path: Path, shape: tuple[int, ...]) -> BufferedReader | None:
    """Return an open file of an array of that shape, at its first number; None where it is missing or not whole."""
    try:
        stream = path.open("rb")
    except OSError:
        return None
    header = _header(shape)
    left = len(header) + 4 * int(np.prod(shape))
    whole = os.fstat(stream.fileno()).st_size == left + _DIGEST_BYTES and stream.read(len(header)) == header
    digest = hashlib.blake2b(header, digest_size=_DIGEST_BYTES)
    left -= len(header)
    while whole and left > 0:
        data = stream.read(min(left, _CHUNK_BYTES))
        whole = bool(data)
        left -= len(data)
        digest.update(data)
    if not whole or stream.read() != digest.digest():
        stream.close()
        return None
    stream.seek(len(header))
    return stream


def write_checked(path: Path, array: Pixels) -> None:
    """Write an array and its digest in one step.

    Raises:
        OSError: the folder cannot be written.
        InputError: the path is something else than a file.
    """
    header, body = _header(array.shape), np.ascontiguousarray(array, dtype="<f4").data.cast("B")
    digest = hashlib.blake2b(header, digest_size=_DIGEST_BYTES)
    digest.update(body)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        replacing(path, f".{path.name}.{os.getpid()}.{threading.get_ident()}.part") as part,
        part.open("wb") as stream,
    ):
        for piece in (header, body, digest.digest()):
            stream.write(piece)


def _header(shape: tuple[int, ...]) -> bytes:
    """What NumPy writes before such an array."""
    stream = io.BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, about)
    return stream.getvalue()
