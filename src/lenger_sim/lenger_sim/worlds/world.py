"""A world file: everything put together for one flavour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import radians
from xml.etree.ElementTree import Comment, Element

from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.heightmap import Heightmap
from lenger_sim.worlds.lights import add_light
from lenger_sim.worlds.nature import add_nature
from lenger_sim.worlds.placing import Placement
from lenger_sim.worlds.sdf_text import VERSION, add, document, pose
from lenger_sim.worlds.spec import WorldSpec
from lenger_sim.worlds.systems import add_physics, add_systems
from lenger_sim.worlds.terrain_model import add_terrain

SPAWN = "spawn_"
"""Prefix of the frames that are start poses."""

_NOTE = " {title}. Built by ./lenger world build: edit the world's YAML, not this. Ground: {ground} "


@dataclass(frozen=True)
class Instance:
    """A model of the models' folder, standing somewhere."""

    folder: str
    at: Placement


def world_sdf(
    spec: WorldSpec, flavour: str, ground: SiteGround, heightmap: Heightmap, picture: str, things: Sequence[Instance]
) -> bytes:
    """Return the world file of a flavour.

    Args:
        spec: the world.
        flavour: one of `layout.FLAVOURS`.
        ground: the terrain about its origin.
        heightmap: the terrain's pixels.
        picture: file name of them.
        things: what stands in it.

    Raises:
        InputError: a spawn is outside the terrain.
    """
    root = Element("sdf", version=VERSION)
    root.append(Comment(_NOTE.format(title=plain(spec.title), ground=plain(ground.land.terrain.name))))
    world = add(root, "world", name=spec.name)
    add_physics(world, flavour)
    add_systems(world, flavour)
    frame = ground.frame
    add_nature(world, frame.lat_deg, frame.lon_deg, frame.alt_amsl_m, spec.air)
    add_light(world, spec.light, spec.sun)
    add_terrain(world, heightmap, picture, frame.alt_amsl_m)
    for thing in things:
        include = add(world, "include")
        add(include, "uri", f"model://{thing.folder}")
        add(include, "name", thing.at.name)
        add(include, "pose", pose(thing.at.east_m, thing.at.north_m, thing.at.up_m, thing.at.yaw_rad))
    for spawn in spec.spawns:
        east, north = spawn.at_m
        up = ground.height_m(east, north) + spawn.above_ground_m
        add(
            add(world, "frame", name=SPAWN + spawn.name),
            "pose",
            pose(east, north, up, radians(90.0 - spawn.heading_deg)),
        )
    return document(root)


def ground_note(text: str) -> str:
    """Return the name of the terrain that a world file says it was built on; "" where it does not."""
    found = re.search(r"<!--.{0,1000}? Ground: (.{0,400}?) -->", text, re.DOTALL)
    return found.group(1) if found else ""


def plain(text: str) -> str:
    """Return a text as an XML comment may hold it, on one line."""
    return re.sub(r"-{2,}", "-", " ".join(text.split())).strip("- ")
