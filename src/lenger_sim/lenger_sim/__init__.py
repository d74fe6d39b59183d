"""Flight dynamics, sensors, and the embedded vehicle that speaks MAVLink."""
