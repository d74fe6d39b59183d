"""The shared model of Lenger: geodesy, frames, terrain, atmosphere, zones, plans, vehicles, records and ROS helpers."""
