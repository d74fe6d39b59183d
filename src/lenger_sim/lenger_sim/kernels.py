"""All compiled kernels: what files they are made of, and each called once, so that no flight waits for a compiler."""

from __future__ import annotations

from pathlib import Path

import lenger_core
from lenger_core.kernel_cache import drop_stale as drop_stale_of

MODULES = (
    "battery",
    "contact",
    "control",
    "dynamics",
    "estimate_kernels",
    "gnss",
    "gusts",
    "rangers",
    "rotors",
    "sensors",
)
"""Modules of this package with kernels."""
CONSTANTS = ("innovation", "layout", "rigid_body", "airframe")
"""Modules whose constants are compiled into them."""
CORE = ("wind", "wind_field", "turbulence", "atmosphere")
"""Modules of lenger_core with kernels that these call."""


def drop_stale() -> bool:
    """Empty the cache of compiled kernels when a file that they are made of has changed; return whether it was."""
    folder = Path(__file__).resolve().parent
    own = [folder / f"{name}.py" for name in (*MODULES, *CONSTANTS)]
    core = Path(lenger_core.__file__).resolve().parent  # by place: importing them here would make every import slow
    return drop_stale_of(folder, [*own, *(core / f"{name}.py" for name in CORE)])


def warm() -> None:
    """Compile every kernel of this package, or load it from numba's cache, by three simulated seconds."""
    import numpy as np

    from lenger_core.terrain import load_terrain
    from lenger_core.vehicles import load_vehicle
    from lenger_sim.estimate_kernels import finite, gnss_reset
    from lenger_sim.layout import ESTIMATE, record
    from lenger_sim.settings import VehicleSettings
    from lenger_sim.vehicle import VehicleCore

    core = VehicleCore(VehicleSettings(wind_m_s=1.0), load_vehicle("quad_2kg"), load_terrain(), seed=1)
    core.step_to(3_000_000_000)
    gnss_reset(record(ESTIMATE), np.zeros(6))  # in flight only after a refused fix
    finite(core._estimator.state)  # only once the estimate has settled
