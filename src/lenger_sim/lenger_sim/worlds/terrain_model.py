"""The terrain as a model of the world: one heightmap to collide with, one to look at."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lenger_sim.worlds.heightmap import Heightmap
from lenger_sim.worlds.sdf_text import add, pose, vector
from lenger_sim.worlds.textures import FADE_M, file_names, layers_between

MODEL = "terrain"
MEDIA = "../media"
"""Of a world file, to where the pictures are."""


def add_terrain(world: Element, heightmap: Heightmap, picture: str, origin_amsl_m: float) -> None:
    """Add the terrain to a world.

    The model is moved, not the heightmap, since the collision ignores the heightmap's `<pos>`.

    Args:
        world: the world's element.
        heightmap: the terrain.
        picture: file name of its pixels.
        origin_amsl_m: height of the origin, to choose grass or rock by.
    """
    model = add(world, "model", name=MODEL)
    add(model, "static", "true")
    add(model, "pose", pose(*heightmap.middle_m, heightmap.lowest_m))
    link = add(model, "link", name="link")
    geometry = add(add(link, "collision", name="collision"), "geometry")
    _heightmap(geometry, picture, heightmap.collision_size_m)
    visual = add(link, "visual", name="visual")
    add(visual, "cast_shadows", "false")
    shown = _heightmap(add(visual, "geometry"), picture, heightmap.visual_size_m)
    _textures(shown, heightmap, origin_amsl_m)
    add(shown, "sampling", "1")


def _heightmap(geometry: Element, picture: str, size_m: tuple[float, float, float]) -> Element:
    box = add(geometry, "heightmap")
    add(box, "uri", f"{MEDIA}/{picture}")
    add(box, "size", vector(size_m))
    add(box, "pos", "0 0 0")
    return box


def _textures(heightmap: Element, of: Heightmap, origin_amsl_m: float) -> None:
    """Kinds of ground by height; a blend begins at a height above the lowest pixel."""
    lowest = origin_amsl_m + of.lowest_m
    layers = layers_between(lowest, lowest + of.rise_m)
    for _, texture in layers:
        one = add(heightmap, "texture")
        add(one, "size", f"{texture.size_m:g}")
        diffuse, normal = file_names(texture)
        add(one, "diffuse", f"{MEDIA}/{diffuse}")
        add(one, "normal", f"{MEDIA}/{normal}")
    for begin, _ in layers[1:]:
        blend = add(heightmap, "blend")
        add(blend, "min_height", vector((begin - lowest,), 1))
        add(blend, "fade_dist", f"{FADE_M:g}")
