"""Any log that `./lenger fuse` reads, told by its content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from lenger_core.errors import InputError
from lenger_fusion.replay.log import SensorLog

FORMATS = "a sensor-log folder (meta.json, imu.csv, gnss.csv), a PX4 .ulg, an ArduPilot .bin or an .mcap"
_ULOG, _MCAP, _DATAFLASH = b"ULog\x01\x12\x35", b"\x89MCAP", b"\xa3\x95"


def open_log(path: Path) -> SensorLog:
    """Return the log at a path.

    Raises:
        InputError: nothing there, no format that is known, or a log that is damaged or lacks IMU or receiver.
    """
    read = _reader(path)
    with np.errstate(all="ignore"):  # damaged numbers are the estimator's business: it refuses them
        return read(path)


def _reader(path: Path) -> Callable[[Path], SensorLog]:
    # Each reader brings its library: only the one that is wanted is imported.
    try:
        if path.is_dir():
            from lenger_fusion.replay.folder import read_folder

            return read_folder
        with path.open("rb") as file:
            magic = file.read(8)
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(str(path), "LOG", problem, FORMATS) from error
    if magic.startswith(_ULOG):
        from lenger_fusion.replay.ulog import read_ulog

        return read_ulog
    if magic.startswith(_MCAP):
        from lenger_fusion.replay.recording import read_recording

        return read_recording
    if magic.startswith(_DATAFLASH):
        from lenger_fusion.replay.dataflash import read_dataflash

        return read_dataflash
    raise InputError(str(path), "LOG", magic or "an empty file", FORMATS)
