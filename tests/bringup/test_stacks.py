"""The stack descriptions: their arguments, their conditions, and that every node takes the parameters it is given."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from lenger_bringup.stack_model import Node, parse_assignments
from lenger_bringup.stacks import EXERCISE, HARDWARE, SIM, STACKS, find_stack
from lenger_core.errors import InputError
from lenger_mission.load import load_plan
from lenger_training.exercise import list_exercises, load_exercise
from lenger_training.lockstep_setup import Setup

FLIGHT = {"autopilot", "guard", "mission"}
GIVEN: dict[str, dict[str, str]] = {
    "sim": {},
    "hardware": {"endpoint": "true"},
    "exercise": {"out": "runs/x"},
    "gazebo": {"out": "runs/x"},
}


def names(nodes: tuple[Node, ...]) -> set[str]:
    return {node.name for node in nodes}


def test_each_stack_starts_the_nodes_that_the_design_names() -> None:
    assert names(SIM.started({})) == FLIGHT | {"vehicle", "mavros", "fusion"}
    assert names(EXERCISE.started({"out": "x"})) == FLIGHT | {"vehicle", "mavros", "fusion", "recorder", "exercise"}
    assert names(HARDWARE.started({})) == FLIGHT | {"fusion"}
    assert names(HARDWARE.started({"endpoint": "true"})) == FLIGHT | {"fusion", "mavros"}


def test_hardware_has_no_simulation_in_it() -> None:
    for node in HARDWARE.nodes({}):
        assert node.package not in ("lenger_sim", "lenger_training")
        assert dict(node.parameters)["use_sim_time"] is False


def test_the_aircraft_depends_on_the_chain_of_command_only() -> None:
    critical = {node.name for node in EXERCISE.started({"out": "x"}) if node.flight_critical}
    assert critical == FLIGHT | {"vehicle", "mavros"}


def test_the_recorder_starts_first_and_stops_last() -> None:
    nodes = EXERCISE.started({"out": "x"})
    assert nodes[0].name == "recorder"
    assert [node.name for node in nodes if node.stop_rank > 0] == ["recorder"]


def test_a_namespace_holds_every_node() -> None:
    for name, stack in STACKS.items():
        for node in stack.nodes({**GIVEN[name], "namespace": "uav1"}):
            assert node.qualified_name == f"/uav1/{node.name}"
            assert "__ns:=/uav1" in node.command("python", "p.yaml")


@pytest.mark.parametrize("stack", STACKS)
def test_every_node_accepts_the_parameters_it_is_given(stack: str) -> None:
    for node in STACKS[stack].nodes(GIVEN[stack]):
        module = importlib.import_module(f"{node.package}.settings")
        name = node.executable.removesuffix("_node").title()
        kind = getattr(module, f"{name}NodeSettings", None) or getattr(module, f"{name}Settings")
        kind.model_validate(nested({k: v for k, v in node.parameters if k != "use_sim_time"}))


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        *path, leaf = key.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[leaf] = list(value) if isinstance(value, tuple) else value
    return tree


@pytest.mark.parametrize(
    ("stack", "word", "message"),
    [
        ("simm", "", "stack: got 'simm', expected one of sim, exercise, gazebo, hardware"),
        ("sim", "speeed:=2", "stack sim: speeed: got '2', expected one of the arguments namespace, autopilot, "),
        ("sim", "speed:=fast", "stack sim: speed: got 'fast', expected a finite number"),
        ("sim", "speed:=nan", "stack sim: speed: got 'nan', expected a finite number"),
        ("sim", "seed:=1.5", "stack sim: seed: got '1.5', expected a finite integer"),
        ("sim", "autopilot:=betaflight", "stack sim: autopilot: got 'betaflight', expected one of px4"),
        ("hardware", "endpoint:=maybe", "stack hardware: endpoint: got 'maybe', expected true or false"),
        ("sim", "speed=2", "stack sim: argument: got 'speed=2', expected key:=value"),
        ("exercise", "out:=", "stack exercise: out: got '', expected the folder for the recording, such as"),
        ("exercise", "exercise:=nothing", "exercise: got 'nothing', expected one of: "),
    ],
)
def test_a_wrong_word_is_answered_with_the_valid_ones(stack: str, word: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        find_stack(stack).nodes({**GIVEN.get(stack, {}), **parse_assignments(stack, [word] if word else [])})
    assert str(caught.value).startswith(message)


def test_the_last_of_a_repeated_key_counts() -> None:
    assert parse_assignments("sim", ["speed:=2", "speed:=3"]) == {"speed": "3"}


@pytest.mark.parametrize("stack", STACKS)
def test_every_node_runs_as_a_module(stack: str) -> None:
    for node in STACKS[stack].nodes(GIVEN[stack]):
        found = importlib.util.find_spec(node.module)
        assert found is not None, node.module
        assert found.origin is not None
        assert 'if __name__ == "__main__":\n    main()' in Path(found.origin).read_text(encoding="utf-8"), node.module


@pytest.mark.parametrize("name", [exercise.name for exercise in list_exercises()])
def test_the_lockstep_flight_gives_each_core_the_settings_of_its_node(name: str) -> None:
    exercise = load_exercise(name)
    setup = Setup.of(exercise, load_plan(exercise.plan_path), exercise.seed, "px4")
    nodes = {node.name: dict(node.parameters) for node in EXERCISE.nodes({"exercise": name, "out": "x"})}
    for part, settings in {
        "vehicle": setup.vehicle_settings(),
        "autopilot": setup.autopilot_settings(),
        "guard": setup.guard_settings(),
        "mission": setup.mission_settings(),
        "fusion": setup.fusion_settings(),
    }.items():
        given = {k: v for k, v in nested(nodes[part]).items() if k in type(settings).model_fields}
        assert type(settings).model_validate(given) == settings, part


@pytest.mark.parametrize("stack", STACKS)
def test_everybody_has_the_same_ground_and_only_simulators_are_it(stack: str) -> None:
    """On hardware the terrain is a model with an error bound; where the aircraft is simulated it is the ground."""
    files = {} if stack == "gazebo" else {"dem": "/maps/N42E069.hgt"}
    nodes = {node.name: dict(node.parameters) for node in STACKS[stack].nodes({**GIVEN[stack], **files})}
    named = [p[key] for p in nodes.values() for key in ("dem", "terrain.dem") if key in p]
    assert len(named) >= 2 and set(named) == {files.get("dem", "")}
    trust = "model" if stack == "hardware" else "ground"
    assert nodes["guard"]["terrain.trust"] == nodes["mission"]["terrain.trust"] == trust
