"""What a stack is: typed descriptions of nodes and of the arguments that shape them, without ROS and without processes.

A stack is described once and run in two ways: by `lenger_bringup.runner` and, through
`lenger_bringup.launch_adapter`, by `ros2 launch`. Both start a node with the argument vector that `Node.command`
gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from lenger_core.errors import InputError

ParamValue = bool | int | float | str | tuple[float, ...] | tuple[str, ...]
Values = Mapping[str, bool | int | float | str]
Kind = Literal["text", "integer", "number", "truth"]

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


@dataclass(frozen=True, slots=True)
class Argument:
    """One `key:=value` of a stack. `default` is text, as typed; `choices` empty: any value of the kind."""

    name: str
    default: str
    description: str
    choices: tuple[str, ...] = ()
    kind: Kind = "text"

    def parse(self, stack: str, text: str) -> bool | int | float | str:
        """Return `text` as a value of this argument's kind.

        Raises:
            InputError: the text is not a value of this kind, or not one of the choices.
        """
        where = f"stack {stack}"
        if self.choices and text not in self.choices:
            raise InputError(where, self.name, text, "one of " + ", ".join(self.choices))
        try:
            if self.kind == "integer":
                return int(text)
            if self.kind == "number":
                return _finite(text)
        except ValueError:
            raise InputError(where, self.name, text, f"a finite {self.kind}") from None
        if self.kind == "truth":
            if text.lower() not in _TRUE + _FALSE:
                raise InputError(where, self.name, text, "true or false")
            return text.lower() in _TRUE
        return text


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


@dataclass(frozen=True, slots=True)
class Node:
    """One process of a stack: `python -m package.executable` with ROS arguments.

    `condition` names a truth argument of the stack: the node starts only where it is true; "" always.
    `flight_critical` says that the aircraft depends on the node (its death ends the mission); `stop_rank` orders the
    shutdown: lower ranks stop first and completely, so that a recorder of rank 1 still sees the end of the others.
    """

    package: str
    executable: str
    name: str
    namespace: str = ""
    parameters: tuple[tuple[str, ParamValue], ...] = ()
    remappings: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    condition: str = ""
    flight_critical: bool = False
    stop_rank: int = 0

    @property
    def module(self) -> str:
        """The Python module that is the node's entry point."""
        return f"{self.package}.{self.executable}"

    @property
    def absolute_namespace(self) -> str:
        """The namespace with its leading slash; "/" for the root."""
        return "/" + self.namespace.strip("/")

    @property
    def qualified_name(self) -> str:
        """The node's full name in the graph, such as /uav1/guard."""
        return f"{self.absolute_namespace.rstrip('/')}/{self.name}"

    def parameter_document(self) -> dict[str, Any]:
        """Return the content of the node's parameter file (ROS 2 YAML: node name, ros__parameters, values)."""
        values = {key: list(value) if isinstance(value, tuple) else value for key, value in self.parameters}
        return {self.qualified_name: {"ros__parameters": values}}

    def command(self, python: str, parameter_file: str) -> list[str]:
        """Return the argument vector, in the order in which launch_ros writes it."""
        vector = [python, "-m", self.module, *self.arguments, "--ros-args"]
        vector += ["-r", f"__node:={self.name}", "-r", f"__ns:={self.absolute_namespace}"]
        if self.parameters:
            vector += ["--params-file", parameter_file]
        for source, target in self.remappings:
            vector += ["-r", f"{source}:={target}"]
        return vector


@dataclass(frozen=True, slots=True)
class Program:
    """One process of a stack that is no node of ours: a simulator, an autopilot in it, MAVROS.

    `words` is its whole argument vector, `environment` what it gets besides that of the nodes, `folder` where it works
    and keeps its files (made for it). A program that is `done` when it ends with 0 has done its work then: that is no
    death. The rest is as for a `Node`.
    """

    name: str
    words: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    folder: Path | None = None
    flight_critical: bool = True
    stop_rank: int = 0
    done: bool = False

    def command(self, python: str, parameter_file: str) -> list[str]:
        """Return the argument vector; Python and the parameter file are for nodes."""
        return list(self.words)


@dataclass(frozen=True, slots=True)
class Stack:
    """A named set of nodes that a person starts together. `build` turns the values of the arguments into the nodes.

    `accompany` makes the programs that run beside them; they start first, in their order.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...]
    build: Callable[[Values], tuple[Node, ...]]
    accompany: Callable[[Values], tuple[Program, ...]] | None = None

    def values(self, given: Mapping[str, str]) -> Values:
        """Return every argument's value: the given text, else the default.

        Raises:
            InputError: a key that the stack does not have, or a value that it does not take.
        """
        known = {argument.name: argument for argument in self.arguments}
        for key, text in given.items():
            if key not in known:
                raise InputError(f"stack {self.name}", key, text, "one of the arguments " + ", ".join(known))
        return {name: known[name].parse(self.name, given.get(name, known[name].default)) for name in known}

    def nodes(self, given: Mapping[str, str]) -> tuple[Node, ...]:
        """Return every node of the stack for the given arguments, also those whose condition does not hold.

        Raises:
            InputError: as `values`, and whatever a stack's own content check finds.
        """
        return self.build(self.values(given))

    def started(self, given: Mapping[str, str]) -> tuple[Node, ...]:
        """Return the nodes that these arguments start: those of `nodes` whose condition holds."""
        values = self.values(given)
        return tuple(node for node in self.build(values) if not node.condition or values[node.condition])

    def programs(self, given: Mapping[str, str]) -> tuple[Program, ...]:
        """Return the programs that run beside the nodes.

        Raises:
            InputError: as `values`.
            MissingError: a program is not on this machine.
        """
        return self.accompany(self.values(given)) if self.accompany else ()


def parse_assignments(stack: str, words: Iterable[str]) -> dict[str, str]:
    """Return `key:=value` words as a dictionary; of a repeated key the last one counts, as in launch.

    Raises:
        InputError: a word without `:=`.
    """
    given: dict[str, str] = {}
    for word in words:
        key, separator, value = word.partition(":=")
        if not separator or not key:
            raise InputError(f"stack {stack}", "argument", word, "key:=value")
        given[key] = value
    return given
