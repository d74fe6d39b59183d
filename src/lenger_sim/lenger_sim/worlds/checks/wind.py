"""Wind: it blows, and the vehicles feel it."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot
from xml.etree.ElementTree import Element, ParseError, fromstring

from lenger_core.vehicles import vehicle_names
from lenger_sim.worlds.checks.opened import CheckError, OpenWorld, numbers
from lenger_sim.worlds.systems import LISTED, WIND, library

MOST_M_S = 40.0


def check(world: OpenWorld) -> Iterator[str]:
    """The wind is a level vector, the flavour that may list systems lists WindEffects, vehicles' links enable it."""
    text = world.world.findtext("wind/linear_velocity")
    if text is None:
        raise CheckError("no <wind><linear_velocity>: without it nothing ever blows, also not by topic")
    x, y, z = numbers(text, "<linear_velocity>", 3)
    if hypot(x, y) > MOST_M_S or z != 0.0:
        yield f"<linear_velocity> is {text.strip()}, it must be level and at most {MOST_M_S:g} m/s"
    names = [plugin.get("filename") for plugin in world.world.findall("plugin")]
    if WIND in LISTED[world.flavour] and library(WIND) not in names:
        yield f"the plugin {library(WIND)} is missing: the wind would do nothing"
    for name, model in _vehicles(world):
        if not any((one.text or "").strip().lower() in ("true", "1") for one in model.iter("enable_wind")):
            yield f"{name}: no link with <enable_wind>true</enable_wind>: it would not feel the wind"


def _vehicles(world: OpenWorld) -> Iterator[tuple[str, Element]]:
    """What flies: has an IMU, and is included or can be spawned."""
    for folder, model in world.models.items():
        if any(sensor.get("type") == "imu" for sensor in model.iter("sensor")):
            yield folder, model
    for profile in vehicle_names():
        path = world.files.vehicle(profile, world.flavour)
        try:
            yield path.parent.name, fromstring(path.read_bytes())
        except (OSError, ParseError, ValueError):
            continue
