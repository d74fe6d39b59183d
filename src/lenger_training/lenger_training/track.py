"""Where the aircraft was: the arrays that every measure is taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Track:
    """Where the aircraft was.

    Attributes:
        t_s: (N,) seconds from arming.
        en: (N, 2) m in the site's frame.
        alt_amsl_m, agl_m, speed_m_s: (N,); speed is over the ground, horizontal.
        airborne: (N,).
        source: "truth", "estimate" (the autopilot's, on hardware), or "none".
    """

    t_s: Array
    en: Array
    alt_amsl_m: Array
    agl_m: Array
    speed_m_s: Array
    airborne: Mask
    source: str

    def __len__(self) -> int:
        return len(self.t_s)
