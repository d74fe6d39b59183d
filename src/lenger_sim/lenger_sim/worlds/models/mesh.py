"""Meshes as Wavefront OBJ with a material library: what SDF's boxes, cylinders and spheres cannot say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Colour = tuple[float, float, float]
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Paint:
    """How a surface looks: linear RGB 0 to 1, what it gives off by itself, a picture on it (file name, PNG bytes)."""

    colour: Colour
    glow: Colour = (0.0, 0.0, 0.0)
    picture: tuple[str, bytes] | None = None


class Mesh:
    """Flat-shaded polygons, each with a paint and with texture coordinates.

    Attributes:
        points: (N, 3) vertices, m.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._faces: list[tuple[Array, Array, Paint]] = []

    @property
    def points(self) -> Array:
        """All corners of all faces, (N, 3)."""
        return np.concatenate([corners for corners, _, _ in self._faces])

    def face(
        self, corners: Sequence[Sequence[float]] | Array, paint: Paint, uv: Sequence[Sequence[float]] = ()
    ) -> None:
        """Add a convex planar polygon, counter-clockwise seen from outside; `uv` (0, 0) is the picture's lower left."""
        points = np.asarray(corners, dtype=np.float64)
        places = np.asarray(uv, dtype=np.float64) if len(uv) else np.zeros((len(points), 2))
        self._faces.append((points, places, paint))

    def picture_face(self, corners: Sequence[Sequence[float]], paint: Paint) -> None:
        """Add a rectangle that shows the paint's picture: corners lower left, lower right, upper right, upper left."""
        self.face(corners, paint, [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])

    def add(self, other: Mesh, turn: Array, shift: Point) -> None:
        """Add another mesh's faces, turned by a 3 x 3 matrix and then shifted."""
        for corners, places, paint in other._faces:
            self._faces.append((corners @ turn.T + np.array(shift), places, paint))

    def box(self, size: Point, centre: Point, paint: Paint, turn_rad: float = 0.0) -> None:
        """Add a box whose z axis is up, turned about it."""
        x, y, z = (0.5 * s for s in size)
        low = np.array([(-x, -y, -z), (x, -y, -z), (x, y, -z), (-x, y, -z)])
        self.prism(_turned(low, turn_rad) + np.array(centre), 2.0 * z, paint)

    def prism(self, base: Array, height: float, paint: Paint) -> None:
        """Add a prism over a convex polygon, counter-clockwise seen from above, (N, 3)."""
        top = base + np.array((0.0, 0.0, height))
        self.face(base[::-1], paint)
        self.face(top, paint)
        for i in range(len(base)):
            j = (i + 1) % len(base)
            self.face([base[i], base[j], top[j], top[i]], paint)

    def lathe(self, profile: Sequence[tuple[float, float]], centre: Point, paint: Paint, sides: int = 12) -> None:
        """Add a body of revolution about z: (radius, height) from below to above; radius 0 makes a tip."""
        rings = [ring(radius, sides) + np.array((0.0, 0.0, z)) + np.array(centre) for radius, z in profile]
        for (radius, _), low, (above, _), high in zip(profile, rings, profile[1:], rings[1:], strict=False):
            for i in range(sides):
                j = (i + 1) % sides
                corners = [low[i], low[j], high[j], high[i]]
                if radius == 0.0:
                    corners = [low[i], high[j], high[i]]
                elif above == 0.0:
                    corners = [low[i], low[j], high[i]]
                self.face(corners, paint)
        if profile[0][0] > 0.0:
            self.face(rings[0][::-1], paint)
        if profile[-1][0] > 0.0:
            self.face(rings[-1], paint)

    def blob(self, radii: Point, centre: Point, paint: Paint, bumps: Array | None = None) -> None:
        """Add an ellipsoid of 8 x 5 facets; `bumps` (5, 8) scales its corners, for leaves."""
        sides, rows = 8, 5
        grid = np.empty((rows, sides, 3))
        for row in range(rows):
            polar = pi * (row + 1) / (rows + 1)
            for side in range(sides):
                turn = 2.0 * pi * (side + 0.5 * (row % 2)) / sides
                grid[row, side] = (sin(polar) * cos(turn), sin(polar) * sin(turn), -cos(polar))
        if bumps is not None:
            grid *= bumps[:, :, None]
        grid = grid * np.array(radii) + np.array(centre)
        low, high = (np.array(centre) + np.array((0.0, 0.0, sign * radii[2])) for sign in (-1.0, 1.0))
        for i in range(sides):
            j = (i + 1) % sides
            self.face([low, grid[0, j], grid[0, i]], paint)
            self.face([grid[-1, i], grid[-1, j], high], paint)
            for row in range(rows - 1):
                a, b, c, d = grid[row, i], grid[row, j], grid[row + 1, j], grid[row + 1, i]
                if row % 2:  # each row is turned by half a facet against the next one
                    self.face([a, b, d], paint)
                    self.face([b, c, d], paint)
                else:
                    self.face([a, b, c], paint)
                    self.face([a, c, d], paint)

    def tube(self, path: Array, radius: float, paint: Paint, sides: int = 4) -> None:
        """Add a thin tube along a line of points, (N, 3): a wire."""
        rings = []
        for i, point in enumerate(path):
            along = path[min(i + 1, len(path) - 1)] - path[max(i - 1, 0)]
            side = np.cross(along, (0.0, 0.0, 1.0))
            side = side / np.linalg.norm(side) if np.linalg.norm(side) > 1e-9 else np.array((1.0, 0.0, 0.0))
            up = np.cross(side, along / np.linalg.norm(along))
            turns = [2.0 * pi * k / sides for k in range(sides)]
            rings.append(np.array([point + radius * (cos(t) * side + sin(t) * up) for t in turns]))
        for low, high in itertools.pairwise(rings):
            for k in range(sides):
                m = (k + 1) % sides
                self.face([low[k], high[k], high[m], low[m]], paint)

    def files(self) -> dict[str, bytes]:
        """Return the OBJ, its material library and its pictures, all below meshes/."""
        paints = list(dict.fromkeys(paint for _, _, paint in self._faces))
        out = {f"meshes/{paint.picture[0]}": paint.picture[1] for paint in paints if paint.picture is not None}
        out[f"meshes/{self.name}.mtl"] = _library(paints)
        out[f"meshes/{self.name}.obj"] = self._object(paints)
        return out

    def _object(self, paints: list[Paint]) -> bytes:
        lines = [f"mtllib {self.name}.mtl", f"o {self.name}"]
        count = 0
        for number, paint in enumerate(paints):
            lines.append(f"usemtl paint_{number}")
            for corners, places, own in self._faces:
                if own != paint:
                    continue
                lines += [f"v {_number(x)} {_number(y)} {_number(z)}" for x, y, z in corners.tolist()]
                lines += [f"vt {_number(u)} {_number(v)}" for u, v in places.tolist()]
                lines += ["vn " + " ".join(_number(n) for n in normal(corners))] * len(corners)
                lines.append("f " + " ".join("/".join([str(count + k + 1)] * 3) for k in range(len(corners))))
                count += len(corners)
        return ("\n".join(lines) + "\n").encode()


def normal(corners: Array) -> list[float]:
    """Return the unit normal of a planar polygon (Newell's method)."""
    following = np.roll(corners, -1, axis=0)
    total = np.cross(corners, following).sum(axis=0)
    return [float(n) for n in total / np.linalg.norm(total)]


def ring(radius: float, sides: int) -> Array:
    """Return a regular polygon about z at height 0, counter-clockwise seen from above, (sides, 3)."""
    turns = 2.0 * pi * np.arange(sides) / sides
    return np.stack([radius * np.cos(turns), radius * np.sin(turns), np.zeros(sides)], axis=1)


def _turned(points: Array, turn_rad: float) -> Array:
    c, s = cos(turn_rad), sin(turn_rad)
    turned: Array = points @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    return turned


def _library(paints: list[Paint]) -> bytes:
    lines = []
    for number, paint in enumerate(paints):
        lines.append(f"newmtl paint_{number}")
        lines += [f"{key} " + " ".join(_number(c) for c in paint.colour) for key in ("Ka", "Kd")]
        lines += ["Ks 0.02 0.02 0.02", "Ns 5"]
        if any(paint.glow):
            lines.append("Ke " + " ".join(_number(c) for c in paint.glow))
        if paint.picture is not None:
            lines.append(f"map_Kd {paint.picture[0]}")
    return ("\n".join(lines) + "\n").encode()


def _number(value: float) -> str:
    return f"{value + 0.0:.6g}"
