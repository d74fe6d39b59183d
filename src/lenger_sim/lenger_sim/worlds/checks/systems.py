"""Physics and plugins."""

from __future__ import annotations

from collections.abc import Iterator

from lenger_sim.worlds.checks.opened import OpenWorld, number
from lenger_sim.worlds.systems import LISTED, STEP_S, library


def check_physics(world: OpenWorld) -> Iterator[str]:
    """One physics, with the flavour's step, and bullet to find collisions with the heightmap."""
    found = world.world.findall("physics")
    if len(found) != 1:
        yield f"there are {len(found)} <physics>, it must be one"
        return
    detector = (found[0].findtext("dart/collision_detector") or "").strip()
    if detector != "bullet":
        shown = detector or "missing"
        yield f"<dart><collision_detector> is {shown}, it must be bullet: things fall through the ground otherwise"
    step, wanted = number(found[0], "max_step_size"), STEP_S[world.flavour]
    if abs(step - wanted) > 1e-9:
        yield f"<max_step_size> is {step:g}, for {world.flavour} it must be {wanted:g}"


def check_systems(world: OpenWorld) -> Iterator[str]:
    """No plugin in a world for PX4; all that are needed in one for ArduPilot."""
    plugins = [plugin.get("filename", "") for plugin in world.world.findall("plugin")]
    wanted = [library(system) for system in LISTED[world.flavour]]
    if not wanted and plugins:
        yield f"the plugin {plugins[0]} switches off the systems that PX4 starts the server with: there must be none"
        return
    for name in wanted:
        if name not in plugins:
            yield f"the plugin {name} is missing"
    for name in sorted({plugin for plugin in plugins if plugins.count(plugin) > 1}):
        yield f"the plugin {name} is there more than once"
