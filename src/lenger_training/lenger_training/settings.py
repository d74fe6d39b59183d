"""Settings of the nodes that record and grade."""

from __future__ import annotations

from pydantic import Field

from lenger_core.settings import Settings


class RecorderSettings(Settings):
    """recorder_node."""

    out: str = Field("", description="folder that gets flight.mcap; refused when it already holds one")


class ExerciseSettings(Settings):
    """exercise_node."""

    exercise: str = Field("first_patrol", description="name of an exercise, or the path of its YAML file")
    plan: str = Field("", description="plan file that is flown; empty: the exercise's own")
    dem: str = Field("", description="DEM files or folders of them, joined by ':'; empty: the terrain that ships")
