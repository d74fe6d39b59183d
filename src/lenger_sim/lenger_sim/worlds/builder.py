"""Building a world: all of its files are made in memory, then those that differ from what is there are replaced."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.vehicles import vehicle_names
from lenger_core.whole_file import replacing
from lenger_sim.worlds import png, textures
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.heightmap import Heightmap, sample
from lenger_sim.worlds.layout import FLAVOURS, WorldFiles
from lenger_sim.worlds.model_files import VEHICLE, PartMaker, made_by_flavour, model_files
from lenger_sim.worlds.placing import Placement, follows_line, line_points, places
from lenger_sim.worlds.spec import Light, PartSpec, WorldSpec
from lenger_sim.worlds.world import Instance, world_sdf

Progress = Callable[[str, float], None]
"""Told what is being done and what share of the whole is done."""

Files = dict[Path, bytes]

LINE = "line"
"""The parameter of the kinds that follow a line over the ground."""
_WRONG_PLACE = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENOENT,
    errno.EISDIR,
    errno.ENAMETOOLONG,
)

NUMBER = "number"
"""The parameter that `number_from` fills."""


@dataclass(frozen=True)
class Built:
    """What a build did: the files that it wrote, and how many were right already."""

    written: tuple[Path, ...]
    unchanged: int


def build_world(
    spec: WorldSpec, terrain: Terrain, folder: Path, make: PartMaker, progress: Progress | None = None
) -> Built:
    """Build both flavours of a world into a folder.

    The same world, terrain and program give the same bytes, and a file that has them already is not touched. Each file
    is replaced in one step, the world files last: who starts a world finds all that it refers to.

    Args:
        spec: the world.
        terrain: its ground.
        folder: made where it is missing; see `layout.WorldFiles`.
        make: makes the parts.
        progress: is told how it goes.

    Raises:
        InputError: something of the world is wrong, or the folder cannot be written.
        OSError: the disk is full.
    """
    tell = progress or (lambda text, share: None)
    _usable(folder)
    tell("heights", 0.0)
    files = _made(spec, terrain, WorldFiles(folder, spec.name), make, tell)
    tell("files", 0.85)
    written = []
    for i, (path, content) in enumerate(files.items()):
        if write_changed(path, content):
            written.append(path)
        tell("files", 0.85 + 0.15 * (i + 1) / len(files))
    return Built(tuple(written), len(files) - len(written))


def write_changed(path: Path, content: bytes) -> bool:
    """Write a file in one step unless it holds that already; return whether it was written.

    Raises:
        InputError: the folder cannot be written, or the path is no file.
        OSError: the disk is full.
    """
    try:
        if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise _refusal(path, error) from error
    return True


def _usable(folder: Path) -> None:
    """Refuse a folder that cannot be written, before the work rather than after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(path: Path, error: OSError) -> Exception:
    """What a person should read: a wrong folder is their input, anything else (a full disk) is the machine's."""
    if error.errno in _WRONG_PLACE:
        return InputError(str(path), "", error.strerror or str(error), "a folder that can be written")
    return OSError(error.errno, error.strerror or str(error), str(path))


def _made(spec: WorldSpec, terrain: Terrain, where: WorldFiles, make: PartMaker, tell: Progress) -> Files:
    try:
        ground = SiteGround.at(terrain, spec.origin.lat_deg, spec.origin.lon_deg)
        heightmap = sample(ground, spec.ground, lambda share: tell("heights", 0.35 * share))
    except InputError as error:
        raise InputError(f"world {spec.name}", f"ground ({error.where})", error.value, error.expected) from error
    tell("pixels", 0.35)
    files: Files = {where.heightmap: png.encode(heightmap.pixels)}
    tell("textures", 0.5)
    for name, content in _pictures(heightmap, ground).items():
        files[where.heightmap.parent / name] = content
    tell("models", 0.6)
    things: dict[str, list[Instance]] = {flavour: [] for flavour in FLAVOURS}
    for path, content in _vehicles(spec, ground, make).items():
        files[where.models / path] = content
    for number, part in enumerate(spec.parts):
        for path, content in _add_part(spec, number, part, ground, make, things).items():
            files[where.models / path] = content
    tell("worlds", 0.8)
    for flavour in FLAVOURS:
        picture = where.heightmap.name
        files[where.sdf(flavour)] = world_sdf(spec, flavour, ground, heightmap, picture, things[flavour])
    return files


def _pictures(heightmap: Heightmap, ground: SiteGround) -> dict[str, bytes]:
    lowest = ground.frame.alt_amsl_m + heightmap.lowest_m
    files: dict[str, bytes] = {}
    for _, texture in textures.layers_between(lowest, lowest + heightmap.rise_m):
        files |= textures.files(texture)
    return files


def _add_part(
    spec: WorldSpec,
    number: int,
    part: PartSpec,
    ground: SiteGround,
    make: PartMaker,
    things: dict[str, list[Instance]],
) -> dict[PurePosixPath, bytes]:
    """Add the instances of a part to what stands in the flavours; return its files."""
    files: dict[PurePosixPath, bytes] = {}
    try:
        for name, parameters, spots in _models(part, ground):
            by_flavour = made_by_flavour(make, part.kind, f"{spec.name}_{name}", parameters, part.flavours)
            for flavour, made in by_flavour.items():
                files |= model_files(made)
                things[flavour] += [Instance(made.name, spot) for spot in spots]
    except InputError as error:
        field = f"parts.{number} ({part.kind} {part.name})" + (f": {error.field}" if error.field else "")
        raise InputError(f"world {spec.name}", field, error.value, error.expected) from error
    return files


def _models(part: PartSpec, ground: SiteGround) -> Iterator[tuple[str, Mapping[str, object], list[Placement]]]:
    """The name, parameters and places of each model of a part: one, or one for each number."""
    spots = places(part, ground)
    if part.number_from is None:
        yield part.name, _parameters(part, ground), spots
        return
    if NUMBER in part.parameters:
        raise InputError("part", NUMBER, part.parameters[NUMBER], "no such parameter: number_from says which")
    for i, spot in enumerate(spots):
        yield spot.name, {**_parameters(part, ground), NUMBER: part.number_from + i}, [spot]


def _parameters(part: PartSpec, ground: SiteGround) -> Mapping[str, object]:
    if not follows_line(part):
        return part.parameters
    if LINE in part.parameters:
        raise InputError("part", LINE, part.parameters[LINE], "no such parameter: line_m or line_deg says where")
    return {**part.parameters, LINE: line_points(part, ground)}


def _vehicles(spec: WorldSpec, ground: SiteGround, make: PartMaker) -> dict[PurePosixPath, bytes]:
    """Our vehicles, to be spawned when somebody flies: their air is the world's, their camera sees at night."""
    files: dict[PurePosixPath, bytes] = {}
    air: dict[str, object] = {
        "alt_amsl_m": round(ground.frame.alt_amsl_m, 1),
        "isa_offset_k": spec.air.isa_offset_k,
        "camera": "thermal" if spec.light is Light.NIGHT else "day",
    }
    for profile in vehicle_names():
        parameters = {"profile": profile, **air}
        for flavour in FLAVOURS:
            files |= model_files(make(VEHICLE, f"{spec.name}_{profile}_{flavour}", parameters, flavour))
    return files
