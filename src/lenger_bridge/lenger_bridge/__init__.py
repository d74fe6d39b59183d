"""The bridge to the autopilot: the core over MAVROS's topics and services, and the embedded MAVROS endpoint."""
