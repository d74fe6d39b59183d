"""Day and night."""

from __future__ import annotations

from math import cos, radians, sin
from xml.etree.ElementTree import Element

from lenger_sim.worlds.sdf_text import add, vector
from lenger_sim.worlds.spec import Light, Sun

_AMBIENT = {Light.DAY: "0.45 0.45 0.5 1", Light.NIGHT: "0.02 0.022 0.03 1"}
_BACKGROUND = {Light.DAY: "0.62 0.74 0.88 1", Light.NIGHT: "0.004 0.005 0.01 1"}
_DIFFUSE = {Light.DAY: "0.95 0.93 0.88 1", Light.NIGHT: "0.05 0.055 0.075 1"}
_SPECULAR = {Light.DAY: "0.25 0.25 0.25 1", Light.NIGHT: "0.02 0.02 0.03 1"}
_NAME = {Light.DAY: "sun", Light.NIGHT: "moon"}


def add_light(world: Element, light: Light, sun: Sun) -> None:
    """Add scene and light to a world.

    At night there is a dim moon and never only a lamp: a heightmap under nothing but a spotlight that casts shadows
    crashes the renderer, and the heightmap takes its own shading from the first directional light. No sky either: its
    picture shines by itself.
    """
    scene = add(world, "scene")
    add(scene, "ambient", _AMBIENT[light])
    add(scene, "background", _BACKGROUND[light])
    if light is Light.DAY:
        add(scene, "sky")
    add(scene, "grid", "false")
    add(scene, "shadows", "true")
    body = add(world, "light", type="directional", name=_NAME[light])
    add(body, "pose", "0 0 1000 0 0 0")
    add(body, "cast_shadows", "true" if light is Light.DAY else "false")
    add(body, "intensity", "1")
    add(body, "diffuse", _DIFFUSE[light])
    add(body, "specular", _SPECULAR[light])
    add(body, "direction", vector(direction(sun), 5))


def direction(sun: Sun) -> tuple[float, float, float]:
    """Return where the light goes, ENU: away from azimuth (clockwise from north) and elevation."""
    azimuth, elevation = radians(sun.azimuth_deg), radians(sun.elevation_deg)
    return -cos(elevation) * sin(azimuth), -cos(elevation) * cos(azimuth), -sin(elevation)
