"""Gives a pytest run its environment before any test imports rclpy (named in pyproject.toml)."""

from lenger_bringup.setup.environment import ensure

ensure()
