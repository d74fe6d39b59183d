"""Which world an exercise is flown in, where in it the aircraft starts, and Gazebo's files, built on demand."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from math import hypot, radians
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain, load_terrain
from lenger_sim.worlds.builder import build_world, write_changed
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.layout import WorldFiles
from lenger_sim.worlds.model_files import model_files
from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.parts import Part
from lenger_sim.worlds.spec import Light, WorldSpec, load_world, world_names

EDGE_M = 300.0
"""Start at least this far inside the heightmap."""
ABOVE_GROUND_M = 0.1
"""Of the feet at the start: the heightmap's cells are not the terrain to the last centimetre."""
HEADING_DEG = 0.0
"""Nose at the start, clockwise from north, as the embedded vehicle's."""
ODOMETRY_HZ = 50
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A world and the start in it.

    Attributes:
        world: the world.
        origin: latitude, longitude (deg, WGS84) and height above sea level (m) of its x, y, z of 0.
        start: x, y, z (m, ENU of the world) and yaw (rad, 0 is east) of the vehicle's feet.
        source: what loads the world: its name, or the path of its YAML file.
    """

    world: WorldSpec
    origin: tuple[float, float, float]
    start: tuple[float, float, float, float]
    source: str


def choose_place(lat_deg: float, lon_deg: float, night: bool, name: str = "", terrain: Terrain | None = None) -> Place:
    """Return the place for a start at these coordinates.

    Of the worlds that hold the start, one with the right light comes first, then the one whose origin is nearest.

    Args:
        lat_deg, lon_deg: of the start, WGS84.
        night: whether a night world is wanted.
        name: the world that a person asked for; "": choose.
        terrain: the ground; None: the one that everybody flies over.

    Raises:
        InputError: no such world, or none that holds the start.
    """
    ground = terrain or load_terrain()
    sources = [os.path.abspath(name) if os.path.isfile(name) else name] if name else world_names()
    places = [_place(source, ground, lat_deg, lon_deg) for source in sources]
    holding = [place for place in places if place is not None]
    if not holding:
        where = f"the exercise's start at {lat_deg:.4f}, {lon_deg:.4f}"
        expected = f"a world that holds {where}" if name else f"one of {', '.join(world_names()) or 'none'} to hold it"
        raise InputError("--world" if name else "exercise", "" if name else "site", name or where, expected)
    wanted = Light.NIGHT if night else Light.DAY
    return min(holding, key=lambda place: (place.world.light is not wanted, hypot(*place.start[:2]), place.world.name))


def place_of(exercise: str, world: str = "", dem: str = "") -> Place:
    """Return the place of an exercise, called so or in the YAML file of that path; raises InputError as above."""
    from lenger_training.exercise import Phase, load_exercise

    flown = load_exercise(exercise)
    night = flown.phase is Phase.NIGHT
    return choose_place(flown.site.lat_deg, flown.site.lon_deg, night, world, load_terrain(dem))


def _place(source: str, terrain: Terrain, lat_deg: float, lon_deg: float) -> Place | None:
    """The start in a world; None when it is outside."""
    world = load_world(source)
    ground = SiteGround.at(terrain, world.origin.lat_deg, world.origin.lon_deg)
    try:
        east, north = ground.to_local(lat_deg, lon_deg)
    except InputError:
        return None
    middle, half = world.ground.middle_m, 0.5 * world.ground.span_m - EDGE_M
    if max(abs(east - middle[0]), abs(north - middle[1])) > half:
        return None
    frame, up = ground.frame, ground.height_m(east, north) + ABOVE_GROUND_M
    start = (round(east, 3), round(north, 3), round(up, 3), radians(90.0 - HEADING_DEG))
    return Place(world, (frame.lat_deg, frame.lon_deg, frame.alt_amsl_m), start, source)


def worlds_folder() -> Path:
    """Return the folder of built worlds: $XDG_CACHE_HOME/lenger/worlds, else ~/.cache/lenger/worlds."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "lenger" / "worlds"


def model_name(vehicle: str, flavour: str) -> str:
    """Return the name of the aircraft's model, also that of its folder."""
    return f"{vehicle}_{flavour}"


def build_place(
    place: Place, dem: str, vehicle: str, flavour: str, camera: bool, tell: Progress, folder: Path | None = None
) -> WorldFiles:
    """Build the world and the aircraft, as far as they are not there, and return the files.

    Args:
        place: what to build.
        dem: DEM files of the ground, "" for the terrain that ships.
        vehicle: profile in config/vehicles.
        flavour: px4 or ardupilot.
        camera: whether the aircraft has one; it costs rendering.
        tell: is told how it goes.
        folder: where to; None: `worlds_folder()`.

    Raises:
        InputError: the world or the folder is wrong.
        OSError: the disk is full.
    """
    target = folder or worlds_folder()
    build_world(place.world, load_terrain(dem), target, part_of, tell)
    files = WorldFiles(target, place.world.name)
    seen = "thermal" if place.world.light is Light.NIGHT else "day"
    parameters = {"profile": vehicle, "alt_amsl_m": round(place.origin[2], 1), "camera": seen if camera else "none"}
    part = part_of("vehicle", model_name(vehicle, flavour), parameters, flavour)
    for path, content in model_files(with_odometry(part)).items():
        write_changed(files.models / path, content)
    return files


def with_odometry(part: Part) -> Part:
    """Return the aircraft with Gazebo's own true pose and velocity on /model/NAME/odometry: the truth for the score."""
    model = deepcopy(part.model)
    plugin = SubElement(
        model,
        "plugin",
        filename="gz-sim-odometry-publisher-system",
        name="gz::sim::systems::OdometryPublisher",
    )
    for tag, text in (
        ("dimensions", "3"),
        ("odom_publish_frequency", str(ODOMETRY_HZ)),
        ("odom_frame", "world"),
        ("robot_base_frame", part.name),
    ):
        _child(plugin, tag, text)
    return Part(model, part.radius_m, part.height_m, part.files)


def _child(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
