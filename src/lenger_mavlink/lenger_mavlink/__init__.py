"""MAVLink: codec, links, NED/FRD conversion, mode tables and both sides of the transfer protocols."""
