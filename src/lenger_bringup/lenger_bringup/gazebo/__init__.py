"""Flights in Gazebo: what they need on a machine, the processes, and how one waits until they are ready."""
