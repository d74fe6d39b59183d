"""A static thing put together from coloured shapes: the SDF of its one link, its files and its bounds."""

from __future__ import annotations

from copy import deepcopy
from math import cos, hypot, isfinite, pi
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_sim.worlds.models.mesh import Colour, Mesh, Paint, Point, ring
from lenger_sim.worlds.parts import Part
from lenger_sim.worlds.sdf_text import add

Array = NDArray[np.float64]
NO_TURN = (0.0, 0.0, 0.0)
RIM_SIDES = 48

WHITE, BLACK, GREY, DARK = (0.9, 0.9, 0.88), (0.02, 0.02, 0.02), (0.45, 0.45, 0.45), (0.08, 0.08, 0.09)
RED, GREEN, YELLOW, ORANGE, BLUE = (
    (0.65, 0.02, 0.02),
    (0.0, 0.3, 0.05),
    (0.85, 0.6, 0.0),
    (0.9, 0.25, 0.0),
    (0.0, 0.2, 0.5),
)
WOOD, RUST, STEEL, CONCRETE = (0.3, 0.18, 0.08), (0.25, 0.09, 0.04), (0.35, 0.36, 0.38), (0.5, 0.49, 0.46)


def number(value: float) -> str:
    """Return a number as SDF text, the same on every machine.

    Raises:
        InputError: it is not finite.
    """
    if not isfinite(value):
        raise InputError("world model", "number", value, "a finite number")
    return f"{round(value, 9) + 0.0:.9g}"


def numbers(*values: float) -> str:
    """Return several numbers as SDF text."""
    return " ".join(number(value) for value in values)


def pose(parent: Element, at: Point, turn: Point = NO_TURN) -> None:
    """Add a pose: m, and roll, pitch, yaw in rad."""
    if any(at) or any(turn):
        add(parent, "pose", numbers(*at, *turn))


def material(visual: Element, paint: Paint) -> None:
    """Add a matt material."""
    element = add(visual, "material")
    add(element, "ambient", numbers(*paint.colour, 1.0))
    add(element, "diffuse", numbers(*paint.colour, 1.0))
    add(element, "specular", numbers(0.02, 0.02, 0.02, 1.0))
    if any(paint.glow):
        add(element, "emissive", numbers(*paint.glow, 1.0))


def rotation(turn: Point) -> Array:
    """Return the 3 x 3 matrix of roll, pitch, yaw (SDF: about fixed x, then y, then z)."""
    (cr, cp, cy), (sr, sp, sy) = np.cos(turn), np.sin(turn)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


class Solid:
    """Collects shapes; `part()` gives the model.

    Every shape is seen unless it has no paint, and collided with unless `solid=False`. What is below z = 0 is
    foundation.

    Args:
        name: of the model.
        warm_k: surface temperature for thermal cameras, K; 0: that of the air.
    """

    def __init__(self, name: str, warm_k: float = 0.0) -> None:
        self.model = Element("model", {"name": name})
        add(self.model, "static", "true")
        self.link = add(self.model, "link", name="link")
        self._name = name
        self._warm_k = warm_k
        self._count = 0
        self._reach: list[Array] = []
        self._files: dict[str, bytes] = {}

    def box(self, size: Point, at: Point, paint: Paint | None, turn: Point = NO_TURN, *, solid: bool = True) -> None:
        """Add a box about its centre."""
        corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]) * np.array(size)
        geometry = Element("geometry")
        add(add(geometry, "box"), "size", numbers(*size))
        self._add(geometry, corners, at, turn, paint, _ways(paint is not None, solid))

    def cylinder(
        self, radius: float, length: float, at: Point, paint: Paint | None, turn: Point = NO_TURN, *, solid: bool = True
    ) -> None:
        """Add a cylinder about its centre, its axis along z before it is turned."""
        rim = ring(radius / cos(pi / RIM_SIDES), RIM_SIDES)
        corners = np.concatenate([rim + np.array((0.0, 0.0, 0.5 * sign * length)) for sign in (-1.0, 1.0)])
        geometry = Element("geometry")
        shape = add(geometry, "cylinder")
        add(shape, "radius", number(radius))
        add(shape, "length", number(length))
        self._add(geometry, corners, at, turn, paint, _ways(paint is not None, solid))

    def bar(self, start: Point, end: Point, radius: float, paint: Paint | None, *, solid: bool = True) -> None:
        """Add a round bar between two points."""
        along = np.subtract(end, start)
        length = float(np.linalg.norm(along))
        turn = (0.0, float(np.arctan2(hypot(along[0], along[1]), along[2])), float(np.arctan2(along[1], along[0])))
        centre = 0.5 * np.add(start, end)
        self.cylinder(radius, length, (float(centre[0]), float(centre[1]), float(centre[2])), paint, turn, solid=solid)

    def sphere(self, radius: float, at: Point, paint: Paint, *, solid: bool = True) -> None:
        """Add a sphere."""
        rim = ring(radius / cos(pi / RIM_SIDES), RIM_SIDES)
        corners = np.concatenate([rim, np.array([(0.0, 0.0, radius), (0.0, 0.0, -radius)])])
        geometry = Element("geometry")
        add(add(geometry, "sphere"), "radius", number(radius))
        self._add(geometry, corners, at, NO_TURN, paint, _ways(True, solid))

    def mesh(self, mesh: Mesh, *, solid: bool = False) -> None:
        """Add a mesh in the model's own frame; its files go with the model."""
        self._files.update(mesh.files())
        geometry = Element("geometry")
        add(add(geometry, "mesh"), "uri", f"model://{self._name}/meshes/{mesh.name}.obj")
        self._add(geometry, mesh.points, (0.0, 0.0, 0.0), NO_TURN, None, _ways(True, solid))

    def lamp(self, at: Point, colour: Colour, range_m: float, radius: float = 0.12) -> None:
        """Add an obstruction light: a glowing ball and a point light without shadows."""
        self.sphere(radius, at, Paint(colour, glow=colour), solid=False)
        self._count += 1
        light = add(self.link, "light", name=f"lamp_{self._count}", type="point")
        pose(light, at)
        add(light, "cast_shadows", "false")
        add(light, "diffuse", numbers(*colour, 1.0))
        add(light, "specular", numbers(0.0, 0.0, 0.0, 1.0))
        fade = add(light, "attenuation")
        for tag, value in (("range", range_m), ("constant", 0.2), ("linear", 0.05), ("quadratic", 0.005)):
            add(fade, tag, number(value))

    def part(self) -> Part:
        """Return the model with its bounds."""
        points = np.concatenate(self._reach)
        radius = float(np.hypot(points[:, 0], points[:, 1]).max())
        return Part(self.model, radius, max(float(points[:, 2].max()), 0.0), dict(sorted(self._files.items())))

    def _add(
        self, geometry: Element, corners: Array, at: Point, turn: Point, paint: Paint | None, ways: tuple[str, ...]
    ) -> None:
        self._reach.append(corners @ rotation(turn).T + np.array(at))
        self._count += 1
        for kind in ways:
            element = add(self.link, kind, name=f"{kind}_{self._count}")
            pose(element, at, turn)
            element.append(deepcopy(geometry))
            if kind == "visual":
                if paint is not None:
                    material(element, paint)
                self._warm(element)

    def _warm(self, visual: Element) -> None:
        if self._warm_k > 0.0:
            plugin = add(visual, "plugin", filename="gz-sim-thermal-system", name="gz::sim::systems::Thermal")
            add(plugin, "temperature", number(self._warm_k))


def _ways(seen: bool, solid: bool) -> tuple[str, ...]:
    return (("visual",) if seen else ()) + (("collision",) if solid else ())
