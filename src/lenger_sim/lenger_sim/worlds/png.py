"""PNG files: written without a library's dates and versions, so that the same picture is the same bytes."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from lenger_core.errors import InputError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2


def encode(picture: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Return the PNG of grey (rows, columns) of 8 or 16 bit, or of colours (rows, columns, 3) of 8 bit."""
    rows, cols = picture.shape[:2]
    colour = 2 if picture.ndim == 3 else 0
    depth = 8 * picture.dtype.itemsize
    raw = np.ascontiguousarray(picture, dtype=picture.dtype.newbyteorder(">")).reshape(rows, -1).view(np.uint8)
    # Each byte less the one above it (filter 2): what is left of a smooth picture packs well.
    lines = np.empty((rows, raw.shape[1] + 1), dtype=np.uint8)
    lines[:, 0] = _UP
    lines[0, 1:], lines[1:, 1:] = raw[0], raw[1:] - raw[:-1]
    header = struct.pack(">IIBBBBB", cols, rows, depth, colour, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 6)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def header(data: bytes) -> tuple[int, int, int, int]:
    """Return (columns, rows, bits a sample, colour type) of a PNG.

    Raises:
        ValueError: it is none.
    """
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR" or len(data) < 33:
        raise ValueError("not a PNG")
    cols, rows, depth, colour = struct.unpack(">IIBB", data[16:26])
    return int(cols), int(rows), int(depth), int(colour)


def read_grey(path: Path) -> NDArray[np.uint16]:
    """Return the values (rows, columns) of a grey PNG of 8 or 16 bit.

    Raises:
        InputError: it is missing, broken or another kind of picture.
    """
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as picture:
            values = np.array(picture)
    except OSError as error:
        reason = "not a picture" if isinstance(error, UnidentifiedImageError) else error.strerror or str(error)
        raise InputError(str(path), "", reason, "a grey PNG") from error
    except (ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(str(path), "", str(error), "a grey PNG") from error
    if values.ndim != 2 or values.dtype.kind not in "ui":
        raise InputError(str(path), "colours", picture.mode, "a grey PNG")
    return values.astype(np.uint16)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
