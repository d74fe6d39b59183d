"""Autopilots' body axes to FLU, and what their optical flow means in the sensor-log layout."""

from __future__ import annotations

import numpy as np

from lenger_fusion.replay.stream import Array
from lenger_mavlink.ned import frd_to_flu as _to_flu

_SIGNS = np.array(_to_flu((1.0, 1.0, 1.0)))
"""The change of body axes is a sign for each axis."""


def body(values: Array) -> Array:
    """Return (N, 3) body FLU of vectors on an autopilot's forward, right and down axes."""
    return np.asarray(values * _SIGNS)


def flow(seen: Array, gyro: Array) -> Array:
    """Return (N, 4) of the layout, flow x and y and gyro x and y, of (N, 2) rates about forward and right.

    PX4 and ArduPilot count flow by the turn of the sensor that would look like it, so that flow minus gyro is what
    motion over the ground adds; the layout counts the flow the other way, and their sum is that (PX4's
    SensorOpticalFlow.msg, ArduPilot's AP_OpticalFlow.h: "a RH rotation about a sensor axis produces a positive rate";
    both autopilots' filters flip the sign, too).
    """
    signs = _SIGNS[:2]
    return np.column_stack([-seen * signs, gyro * signs])
