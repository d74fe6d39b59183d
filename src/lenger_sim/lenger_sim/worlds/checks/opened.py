"""A world file opened for the checks: its elements, the numbers in them, and the files beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_sim.worlds import png
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.heightmap import collision_heights_m
from lenger_sim.worlds.layout import FLAVOURS, WorldFiles

Array = NDArray[np.float64]
Size = tuple[float, float, float]

MOST_BYTES = 20_000_000
MODEL_URI = "model://"


class CheckError(Exception):
    """Something that a check needs is missing or no number: a finding of that check."""


@dataclass(frozen=True)
class OpenWorld:
    """A world file and what lies about it."""

    path: Path
    text: str
    world: Element
    terrain: Terrain

    @property
    def flavour(self) -> str:
        """The flavour, which is the name of the file's folder."""
        return self.path.parent.name

    @property
    def files(self) -> WorldFiles:
        """Where the files of its build are."""
        return WorldFiles(self.path.parent.parent, self.path.stem)

    @cached_property
    def ground(self) -> SiteGround:
        """The terrain about its spherical coordinates."""
        place = self.world.find("spherical_coordinates")
        if place is None:
            raise CheckError("no <spherical_coordinates>")
        lat, lon = number(place, "latitude_deg"), number(place, "longitude_deg")
        try:
            return SiteGround.at(self.terrain, lat, lon)
        except InputError as error:
            raise CheckError(
                f"latitude_deg {lat:g}, longitude_deg {lon:g} is outside the terrain {self.terrain.name}"
            ) from error

    @cached_property
    def heightmaps(self) -> dict[str, tuple[Element, Element]]:
        """The model and the `<heightmap>` of the terrain, by whether it is collided with or looked at."""
        found: dict[str, tuple[Element, Element]] = {}
        for model in self.world.findall("model"):
            for kind in ("collision", "visual"):
                for box in model.findall(f"link/{kind}/geometry/heightmap"):
                    if kind in found:
                        raise CheckError(f"more than one heightmap to be a {kind}")
                    found[kind] = (model, box)
        for kind in ("collision", "visual"):
            if kind not in found:
                raise CheckError(f"no heightmap to be a {kind}")
        return found

    @cached_property
    def pixels(self) -> NDArray[np.uint16]:
        """The pixels of the heightmap that is collided with."""
        _, box = self.heightmaps["collision"]
        try:
            pixels = png.read_grey(self.beside(text_of(box, "uri")))
        except InputError as error:
            raise CheckError(str(error)) from error
        if pixels.shape[0] != pixels.shape[1] or len(pixels) < 2:
            raise CheckError(f"the heightmap has {pixels.shape[1]} x {pixels.shape[0]} pixels, it must be a square")
        return pixels

    def surface_m(self, east_m: Array, north_m: Array) -> Array:
        """Return z (2, N) of what Gazebo collides with, by either diagonal of a cell."""
        model, box = self.heightmaps["collision"]
        x, y, z, *_ = pose_of(model)
        return np.stack(collision_heights_m(self.pixels, size_of(box), east_m - x, north_m - y)) + z

    @property
    def span_m(self) -> tuple[float, float, float]:
        """Middle, east and north, and half of the side of what Gazebo collides with."""
        model, box = self.heightmaps["collision"]
        x, y, *_ = pose_of(model)
        count = len(self.pixels)
        return x, y, min(size_of(box)[:2]) * (count - 1) / count / 2

    def beside(self, uri: str) -> Path:
        """Return the file of a URI: of the models' folder, or relative to the world file."""
        if uri.startswith(MODEL_URI):
            return self.files.models / uri.removeprefix(MODEL_URI)
        return self.path.parent / uri.removeprefix("file://")

    @cached_property
    def models(self) -> dict[str, Element]:
        """The included models' own elements, by folder; those that cannot be read are left out (a check of its own)."""
        found = {}
        for include in self.world.iter("include"):
            folder = (include.findtext("uri") or "").strip().removeprefix(MODEL_URI)
            try:
                found[folder] = fromstring((self.files.models / folder / "model.sdf").read_bytes())
            except (OSError, ParseError, ValueError):
                continue
        return found


def open_world(path: Path, terrain: Terrain) -> OpenWorld:
    """Return the world of a file.

    Raises:
        InputError: it cannot be read, is no XML, has no single world, or lies in a folder that is no flavour.
    """
    path = path.absolute()  # its folder is the flavour, wherever one is
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(str(path), "", error.strerror or str(error), "a world file") from error
    if len(raw) > MOST_BYTES:
        raise InputError(str(path), "", f"{len(raw)} bytes", f"a world file of at most {MOST_BYTES}")
    try:
        text = raw.decode("utf-8")
        root = fromstring(text)
    except (ParseError, ValueError) as error:
        raise InputError(str(path), "", str(error), "an SDF world file") from error
    worlds = root.findall("world")
    if root.tag != "sdf" or len(worlds) != 1:
        raise InputError(str(path), f"<{root.tag}>", f"{len(worlds)} worlds", "<sdf> with one <world>")
    if path.parent.name not in FLAVOURS:
        valid = " or ".join(f"DIR/{flavour}/NAME.sdf" for flavour in FLAVOURS)
        raise InputError(str(path), "folder", path.parent.name, valid)
    return OpenWorld(path, text, worlds[0], terrain)


def text_of(parent: Element, tag: str) -> str:
    """Return the text of a child; a CheckError where there is none."""
    text = (parent.findtext(tag) or "").strip()
    if not text:
        raise CheckError(f"<{parent.tag}> without a <{tag}>")
    return text


def numbers(text: str, what: str, count: int) -> list[float]:
    """Return so many finite numbers; a CheckError where there are not."""
    words = re.split(r"\s+", text.strip())
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    if len(values) != count or not all(isfinite(value) for value in values):
        raise CheckError(f"{what} is {text.strip()!r}, it must be {count} number{'s' if count > 1 else ''}")
    return values


def number(parent: Element, tag: str) -> float:
    """Return the number in a child; a CheckError where there is none."""
    return numbers(text_of(parent, tag), f"<{tag}>", 1)[0]


def pose_of(element: Element) -> list[float]:
    """Return x, y, z, roll, pitch, yaw of an element: zeros without a pose."""
    name = element.get("name") or element.findtext("name") or element.tag
    return numbers(element.findtext("pose") or "0 0 0 0 0 0", f"<pose> of {name}", 6)


def size_of(heightmap: Element) -> Size:
    """Return the `<size>` of a heightmap; a CheckError where it is not three numbers above 0."""
    x, y, z = numbers(text_of(heightmap, "size"), "<size> of the heightmap", 3)
    if min(x, y, z) <= 0.0:
        raise CheckError(f"<size> of the heightmap is {x:g} {y:g} {z:g}, it must be above 0")
    return x, y, z
