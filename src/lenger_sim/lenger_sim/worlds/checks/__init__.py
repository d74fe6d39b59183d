"""What must be right about a built world before Gazebo sees it. One check, one small function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lenger_core.terrain import Terrain
from lenger_sim.worlds.checks import files, heightmap, lights, names, nature, relief, systems, wind
from lenger_sim.worlds.checks.opened import CheckError, OpenWorld, open_world

Check = Callable[[OpenWorld], Iterator[str]]

CHECKS: dict[str, Check] = {
    "names": names.check,
    "files": files.check,
    "physics": systems.check_physics,
    "systems": systems.check_systems,
    "nature": nature.check,
    "lights": lights.check,
    "wind": wind.check,
    "heightmap": heightmap.check,
    "textures": heightmap.check_textures,
    "origin": relief.check_origin,
    "spawns": relief.check_spawns,
    "places": relief.check_places,
    "heights": relief.check_heights,
}
"""Every check by its name."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: which check found it, and what."""

    check: str
    text: str


def check_world(path: Path, terrain: Terrain) -> list[Finding]:
    """Return what is wrong with a world file; nothing where it is right.

    Args:
        path: `DIR/px4/NAME.sdf` or `DIR/ardupilot/NAME.sdf`, as `./lenger world build` writes it.
        terrain: the ground that it was built on.

    Raises:
        InputError: it cannot be read as a world.
    """
    world = open_world(path, terrain)
    return [Finding(name, text) for name, check in CHECKS.items() for text in _found(check, world)]


def _found(check: Check, world: OpenWorld) -> Iterator[str]:
    try:
        yield from check(world)
    except CheckError as error:
        yield str(error)
