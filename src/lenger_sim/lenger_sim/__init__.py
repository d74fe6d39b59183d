"""The embedded vehicle: flight dynamics, sensors, and an autopilot that speaks MAVLink like PX4. Simulation only."""

from lenger_sim.kernels import warm

__all__ = ["warm"]
