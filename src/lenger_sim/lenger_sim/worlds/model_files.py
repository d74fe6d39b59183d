"""The models of a world: each part's folder with its model.sdf, model.config and what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from lenger_core.errors import InputError
from lenger_sim.worlds.layout import FLAVOURS
from lenger_sim.worlds.parts import Part
from lenger_sim.worlds.sdf_text import VERSION, add, document

VEHICLE = "vehicle"
"""The kind of our aircraft."""

PartMaker = Callable[[str, str, Mapping[str, object], str], Part]
"""Makes a part of a kind, by name, with parameters, for a flavour."""


def made_by_flavour(
    make: PartMaker, kind: str, name: str, parameters: Mapping[str, object], flavours: tuple[str, ...]
) -> dict[str, Part]:
    """Return a part for each flavour; where the flavours differ, so do the parts' names (and their folders).

    Only vehicles differ, so only they are made more than once.

    Raises:
        InputError: the kind or one of its parameters is wrong.
    """
    wanted = [flavour for flavour in FLAVOURS if flavour in flavours]
    if kind == VEHICLE:
        return {flavour: make(kind, f"{name}_{flavour}", parameters, flavour) for flavour in wanted}
    return dict.fromkeys(wanted, make(kind, name, parameters, wanted[0]))


def model_files(part: Part) -> dict[PurePosixPath, bytes]:
    """Return the files of a part's folder, by their path below the models' folder.

    Raises:
        InputError: a file of the part would lie outside its folder or take the place of model.sdf.
    """
    folder = PurePosixPath(part.name)
    root = Element("sdf", version=VERSION)
    root.append(deepcopy(part.model))
    files = {folder / "model.config": _config(part.name), folder / "model.sdf": document(root)}
    for name, content in part.files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or folder / path in files:
            raise InputError(f"model {part.name}", "files", name, "a path of its own below the model's folder")
        files[folder / path] = content
    return files


def _config(name: str) -> bytes:
    model = Element("model")
    add(model, "name", name)
    add(model, "version", "1.0")
    add(model, "sdf", "model.sdf", version=VERSION)
    add(model, "description", "Part of Lenger's training worlds; built by ./lenger world build.")
    return document(model)
