"""All compiled kernels, called once: what set-up does so that no flight waits for the compiler."""

from __future__ import annotations


def warm() -> None:
    """Compile every kernel of this package, or load it from numba's cache, by three simulated seconds."""
    from lenger_core.terrain import load_terrain
    from lenger_core.vehicles import load_vehicle
    from lenger_sim.settings import VehicleSettings
    from lenger_sim.vehicle import VehicleCore

    core = VehicleCore(VehicleSettings(), load_vehicle("quad_2kg"), load_terrain(), seed=1)
    core.step_to(3_000_000_000)
