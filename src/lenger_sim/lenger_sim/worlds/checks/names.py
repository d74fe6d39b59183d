"""Names: PX4 and the launcher find a world by the name of its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lenger_sim.worlds.checks.opened import OpenWorld


def check(world: OpenWorld) -> Iterator[str]:
    """The world's name is the file's, and no two things in it have the same."""
    name = world.world.get("name")
    if name != world.path.stem:
        yield f"the world's name is {name!r}, it must be the file's: {world.path.stem!r}"
    given = [
        element.get("name") for tag in ("model", "light", "actor", "frame") for element in world.world.findall(tag)
    ]
    given += [include.findtext("name") for include in world.world.findall("include")]
    for twice, count in sorted(Counter(n for n in given if n).items()):
        if count > 1:
            yield f"{count} things are called {twice!r}, names must differ"
    if None in given or "" in given:
        yield "something has no name"
