"""The embedded vehicle: flight dynamics, sensors, and an autopilot that speaks MAVLink like PX4. Simulation only."""

from lenger_sim.kernels import drop_stale, warm

__all__ = ["warm"]

drop_stale()  # before the first kernel is loaded
