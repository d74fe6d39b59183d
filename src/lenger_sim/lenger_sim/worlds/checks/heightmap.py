"""The heightmap: what Gazebo needs to make the terrain of it that is meant."""

from __future__ import annotations

from collections.abc import Iterator

from lenger_core.errors import InputError
from lenger_sim.worlds import png
from lenger_sim.worlds.checks.opened import OpenWorld, number, numbers, pose_of, size_of, text_of
from lenger_sim.worlds.heightmap import FULL
from lenger_sim.worlds.textures import MOST_TEXTURES

LEAST_PIXELS = 513


def check(world: OpenWorld) -> Iterator[str]:
    """Square, 2^n + 1 pixels of 16 bit over the full range, not moved, the same for collision and sight."""
    model, collision = world.heightmaps["collision"]
    looked_at, visual = world.heightmaps["visual"]
    if (model.findtext("static") or "").strip().lower() not in ("true", "1"):
        yield "the terrain is not static: it would fall"
    if looked_at is not model or text_of(collision, "uri") != text_of(visual, "uri"):
        yield "what is collided with and what is looked at are not the same model and picture"
    for box in (collision, visual):
        if any(numbers(box.findtext("pos") or "0 0 0", "<pos> of the heightmap", 3)):
            yield f"<pos> of the heightmap is {text_of(box, 'pos')}, it must be 0: the collision ignores it"
        if box.find("sampling") is not None and number(box, "sampling") != 1.0:
            yield f"<sampling> is {text_of(box, 'sampling')}, it must be 1"
    if any(pose_of(model)[3:]):
        yield "the terrain is turned: its <pose> may only move it"
    yield from _picture(world)
    yield from _sizes(world)


def check_textures(world: OpenWorld) -> Iterator[str]:
    """At most four textures, each with picture and normal map, one blend less than textures, at rising heights."""
    _, box = world.heightmaps["visual"]
    textures, blends = box.findall("texture"), box.findall("blend")
    if not 1 <= len(textures) <= MOST_TEXTURES:
        yield f"there are {len(textures)} textures, it must be 1 to {MOST_TEXTURES}"
    if len(blends) != max(0, len(textures) - 1):
        yield f"there are {len(blends)} blends for {len(textures)} textures, it must be one less"
    for texture in textures:
        text_of(texture, "diffuse"), text_of(texture, "normal")
        if number(texture, "size") <= 0.0:
            yield f"a texture's <size> is {text_of(texture, 'size')}, it must be above 0"
    begins = [number(blend, "min_height") for blend in blends]
    if begins != sorted(begins):
        yield "the blends' <min_height> do not rise"


def _picture(world: OpenWorld) -> Iterator[str]:
    _, box = world.heightmaps["collision"]
    path = world.beside(text_of(box, "uri"))
    try:
        cols, rows, bits, colour = png.header(path.read_bytes()[:64])
    except (OSError, ValueError, InputError):
        yield f"{path} is not there or no PNG"
        return
    if cols != rows or (cols - 1) & (cols - 2) or cols < LEAST_PIXELS:
        yield f"{path.name} has {cols} x {rows} pixels, it must be a square of 2^n + 1, at least {LEAST_PIXELS}"
    if bits != 16 or colour != 0:
        yield f"{path.name} has {bits} bits and colour type {colour}, it must be 16 bits of grey"
        return
    low, high = int(world.pixels.min()), int(world.pixels.max())
    if (low, high) != (0, FULL):
        yield f"{path.name} reaches from {low} to {high}, it must be 0 to {FULL}: Gazebo divides by the brightest pixel"


def _sizes(world: OpenWorld) -> Iterator[str]:
    """Physics takes size / pixels for a cell, the renderer size / (pixels - 1)."""
    solid, seen = (size_of(world.heightmaps[kind][1]) for kind in ("collision", "visual"))
    count = len(world.pixels)
    if abs(solid[2] - seen[2]) > 1e-6:
        yield f"the collision is {solid[2]:g} m high and the visual {seen[2]:g} m"
    if abs(solid[0] - solid[1]) > 1e-6 or abs(seen[0] - seen[1]) > 1e-6:
        yield "the heightmap is not square on the ground"
    if abs(solid[0] / count - seen[0] / (count - 1)) > 1e-4:
        yield (
            f"the collision's cells are {solid[0] / count:.4f} m and the visual's {seen[0] / (count - 1):.4f} m: the "
            f"collision's <size> must be one cell more than the visual's"
        )
