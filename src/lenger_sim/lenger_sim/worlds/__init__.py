"""Gazebo worlds of the Lenger terrain: each is built from one YAML file."""
