"""Files: everything that the world and its models refer to is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from lenger_core.vehicles import vehicle_names
from lenger_sim.worlds.checks.opened import MODEL_URI, OpenWorld

REFERRING = ("uri", "filename", "diffuse", "normal", "albedo_map", "normal_map", "emissive_map", "light_map")
"""Elements whose text can be a file; colours are also called `diffuse`."""


def check(world: OpenWorld) -> Iterator[str]:
    """Every file that is referred to is there, and so are the vehicles that can be spawned."""
    for include in world.world.iter("include"):
        uri = (include.findtext("uri") or "").strip()
        folder = world.files.models / uri.removeprefix(MODEL_URI)
        missing = [name for name in ("model.config", "model.sdf") if not (folder / name).is_file()]
        if not uri.startswith(MODEL_URI):
            yield f"<include> {uri!r}: it must begin with {MODEL_URI}"
        elif missing:
            yield f"<include> {uri!r}: no {', '.join(missing)} in {folder}"
        elif folder.name not in world.models:
            yield f"<include> {uri!r}: its model.sdf is no XML"
    yield from _referred(world, world.world, world.path)
    for name, element in world.models.items():
        yield from _referred(world, element, world.files.models / name / "model.sdf")
    for profile in vehicle_names():
        model = world.files.vehicle(profile, world.flavour)
        if not model.is_file():
            yield f"the vehicle {profile} is missing: {model}"


def _referred(world: OpenWorld, element: Element, source: Path) -> Iterator[str]:
    for tag in REFERRING:
        for one in element.iter(tag):
            uri = (one.text or "").strip()
            if _is_file(uri) and not _path(world, uri, source).is_file():
                yield f"{source.name} of {source.parent.name} refers to {uri}, which is not there"


def _path(world: OpenWorld, uri: str, source: Path) -> Path:
    return world.beside(uri) if uri.startswith(MODEL_URI) else source.parent / uri.removeprefix("file://")


def _is_file(uri: str) -> bool:
    """Whether a text is the name of a file, and neither a colour nor the folder of an included model."""
    name = uri.rsplit("/", 1)[-1]
    return "." in name and not any(character.isspace() for character in uri)
