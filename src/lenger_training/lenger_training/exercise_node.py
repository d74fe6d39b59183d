"""exercise_node: the provisional score, live. An observer: nothing in the air depends on it."""

from __future__ import annotations

from pathlib import Path

from lenger_core.ros.node import LengerNode, run_node
from lenger_core.terrain import load_terrain
from lenger_core.zones import load_zones
from lenger_mission.load import load_plan
from lenger_training.exercise import load_exercise
from lenger_training.exercise_core import ExerciseCore
from lenger_training.settings import ExerciseSettings


class ExerciseNode(LengerNode[ExerciseSettings]):
    """The shell of `ExerciseCore`."""

    def __init__(self) -> None:
        super().__init__("exercise", ExerciseSettings)
        exercise = load_exercise(self.settings.exercise)
        plan = load_plan(Path(self.settings.plan) if self.settings.plan else exercise.plan_path)
        self._core = ExerciseCore(exercise, plan, load_zones(exercise.zones_path), load_terrain(self.settings.dem))
        self.subscribe("sim/truth", self._core.on_truth)
        self.subscribe("vehicle/status", self._core.on_vehicle)
        self.subscribe("guard/status", self._core.on_guard)
        self.subscribe("mission/status", self._core.on_mission)
        self.every(2.0, self._step)

    def _step(self) -> None:
        output = self._core.step(self.now_ns())
        self.publish("exercise/status", output.status)
        self.events(output.events)


def main() -> None:
    """Run the node."""
    run_node(ExerciseNode)


if __name__ == "__main__":
    main()
