"""Maps of worlds and exercises as PNG files: `lenger world view NAME -o PNG`."""

from __future__ import annotations

from pathlib import Path

from lenger_bringup.world_map.content import MapContent, exercise_content
from lenger_bringup.world_map.sheet import draw_map
from lenger_bringup.world_map.world_content import world_content
from lenger_core.errors import InputError
from lenger_core.strict_yaml import read_yaml
from lenger_core.terrain import Terrain
from lenger_core.whole_file import replacing
from lenger_sim.worlds.spec import load_world, world_names
from lenger_training.exercise import list_exercises, load_exercise


def content_of(name: str, terrain: Terrain) -> MapContent:
    """Return the map of a world or an exercise: its name, or the path of its .yaml file.

    Raises:
        InputError: there is none of that name (the valid ones are told), or its files are wrong.
    """
    if name.endswith((".yaml", ".yml")):
        data = read_yaml(Path(name))
        if isinstance(data, dict) and "rubric" in data:
            return exercise_content(load_exercise(name), terrain)
        return world_content(load_world(name), terrain)
    if name in world_names():
        return world_content(load_world(name), terrain)
    exercises = [exercise.name for exercise in list_exercises()]
    if name in exercises:
        return exercise_content(load_exercise(name), terrain)
    valid = f"a world ({', '.join(world_names())}), an exercise ({', '.join(exercises)}), or the path of a .yaml file"
    raise InputError("map", "", name, valid)


def write_map(name: str, terrain: Terrain, out: Path) -> tuple[int, int]:
    """Draw a map into a PNG file; return its size in pixels.

    Raises:
        InputError: as `content_of`; or the file's name does not end in .png, or it cannot be written.
    """
    if out.suffix.lower() != ".png":
        raise InputError(str(out), "", out.name, "a file name that ends in .png")
    if not out.parent.is_dir():
        raise InputError(str(out), "", str(out.parent), "a folder that is there")
    picture = draw_map(content_of(name, terrain))
    with replacing(out) as part:
        picture.save(part, format="png")
    return picture.size
