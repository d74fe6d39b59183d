"""Both launchers start the same processes: argument vectors, parameters, conditions, declared arguments."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lenger_bringup.stack_model import Node
from lenger_bringup.stacks import STACKS
from lenger_core.errors import InputError
from lenger_core.resources import home

GIVEN: dict[str, list[dict[str, str]]] = {
    "sim": [{}, {"speed": "3.0", "namespace": "uav1", "seed": "7"}],
    "hardware": [{}, {"endpoint": "true", "fcu_url": "udp://:14540@"}],
    "exercise": [{"out": "runs/x"}, {"out": "runs/a b", "speed": "2"}],
}
CASES = [(stack, given) for stack, several in GIVEN.items() for given in several]
PLACE = "PARAMETERS"


def description(stack: str) -> Any:
    path = home() / "launch" / f"{stack}.launch.py"
    spec = importlib.util.spec_from_file_location(f"{stack}_launch", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


def launched(stack: str, given: dict[str, str], folder: Path) -> dict[str, tuple[list[str], Any]]:
    """Let `launch` start the stack with `true` in place of each program; return vectors and parameters by node name."""
    from launch.actions import RegisterEventHandler, SetLaunchConfiguration
    from launch.event_handlers import OnProcessStart

    from launch import LaunchContext, LaunchDescription, LaunchService

    seen: dict[str, tuple[list[str], Any]] = {}

    def note(event: Any, context: LaunchContext) -> None:
        vector = list(event.cmd)
        assert vector.pop(0) == "env", "the prefix"
        vector.pop(0)
        file = vector[vector.index("--params-file") + 1]
        name = next(word for word in vector if word.startswith("__node:=")).removeprefix("__node:=")
        seen[name] = ([PLACE if word == file else word for word in vector], yaml.safe_load(Path(file).read_text()))

    service = LaunchService(noninteractive=True)
    # `env true python -m ...` ends at once: the vector is what launch made, the node itself does not run
    service.include_launch_description(
        LaunchDescription(
            [
                *[SetLaunchConfiguration(key, value) for key, value in given.items()],
                SetLaunchConfiguration("launch-prefix", "env true"),
                RegisterEventHandler(OnProcessStart(on_start=note)),
                description(stack),
            ]
        )
    )
    assert service.run() == 0
    return seen


def own(node: Node) -> tuple[list[str], Any]:
    return node.command(sys.executable, PLACE), node.parameter_document()


@pytest.mark.parametrize(("stack", "given"), CASES)
def test_both_launchers_make_the_same_argument_vectors(stack: str, given: dict[str, str], tmp_path: Path) -> None:
    ours = {node.name: own(node) for node in STACKS[stack].started(given)}
    assert launched(stack, given, tmp_path) == ours


@pytest.mark.parametrize("stack", STACKS)
def test_the_launch_file_declares_the_arguments_of_the_stack(stack: str) -> None:
    declared = {a.name: (a.default_value[0].text, a.choices) for a in description(stack).get_launch_arguments()}
    assert declared == {a.name: (a.default, list(a.choices) or None) for a in STACKS[stack].arguments}


def test_a_wrong_value_ends_the_launch_with_the_valid_ones() -> None:
    from launch.actions import OpaqueFunction

    from launch import LaunchContext

    context = LaunchContext()
    context.launch_configurations.update({a.name: a.default for a in STACKS["sim"].arguments}, speed="fast")
    (function,) = [entity for entity in description("sim").entities if isinstance(entity, OpaqueFunction)]
    with pytest.raises(InputError, match="stack sim: speed: got 'fast', expected a finite number"):
        function.execute(context)
