"""Exercises, recording, scoring, debrief, and the lockstep flight."""
