"""Draw the picture of docs/gazebo-models.md: `.venv/bin/python benchmarks/model_pictures.py -o PNG [--hulls]`.

Flat-shaded polygons, pictures on surfaces as their mean colour; `--hulls` draws what is collided with.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from xml.etree.ElementTree import Element

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.models.mesh import Mesh, Paint, ring
from lenger_sim.worlds.models.solid import rotation
from lenger_sim.worlds.parts import Part

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

Array = NDArray[np.float64]
Face = tuple[Array, tuple[float, float, float]]
GREEN = (0.1, 0.5, 0.15)
LIGHT = np.array((0.4, -0.5, 0.77))
LINE = ((0.0, 0.0, 0.0), (12.0, 0.0, 0.2), (22.0, 5.0, 0.4))
SHOWN: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("quad_2kg", "vehicle", {}),
    ("hexa_7kg", "vehicle", {"profile": "hexa_7kg"}),
    ("landing_pad", "landing_pad", {"number": 7}),
    ("bucket_stand", "bucket_stand", {"number": 1}),
    ("target_card", "target_card", {"symbol": "landolt", "height_m": 0.5, "gap": "NE"}),
    ("runway", "runway", {"designator": 12, "length_m": 80.0}),
    ("headframe", "headframe", {}),
    ("spoil_heap", "spoil_heap", {"seed": 3}),
    ("rail_track", "rail_track", {"line": LINE}),
    ("rail_wagon", "rail_wagon", {}),
    ("border_post", "border_post", {"number": 12}),
    ("poplar", "tree", {"species": "poplar"}),
    ("elm", "tree", {"species": "elm", "seed": 2}),
    ("lattice_mast", "lattice_mast", {}),
    ("guyed_mast", "guyed_mast", {"lit": False}),
    ("power_line", "power_line", {"line": [(0.0, 0.0, 0.0), (40.0, 0.0, 0.0)]}),
    ("obstacle: portal", "obstacle", {"form": "portal", "height_m": 5.0, "width_m": 6.0}),
    ("figure: person", "figure", {"form": "person", "lantern": True}),
    ("figure: car", "figure", {"form": "car"}),
    ("figure: rider", "figure", {"form": "rider"}),
)
COLUMNS = 5


def main() -> None:
    """Draw them all on one sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--hulls", action="store_true", help="what is collided with, not what is seen")
    arguments = parser.parse_args()
    rows = -(-len(SHOWN) // COLUMNS)
    figure = plt.figure(figsize=(2.6 * COLUMNS, 2.6 * rows))
    for number, (title, kind, parameters) in enumerate(SHOWN, start=1):
        part = part_of(kind, "thing", parameters, "px4")
        draw(figure.add_subplot(rows, COLUMNS, number, projection="3d"), title, faces(part, arguments.hulls))
    figure.subplots_adjust(0.0, 0.0, 1.0, 0.97, 0.0, 0.06)
    figure.savefig(arguments.out, dpi=70)


def draw(axes: plt.Axes, title: str, shown: list[Face]) -> None:
    """Draw one model in its own scale."""
    colours = []
    for corners, colour in shown:
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        shade = 0.45 + 0.55 * max(0.0, float(normal @ LIGHT) / (float(np.linalg.norm(normal)) + 1e-12))
        colours.append(np.clip(np.array(colour) ** 0.45 * shade, 0.0, 1.0))
    outlines = [corners for corners, _ in shown]
    axes.add_collection3d(Poly3DCollection(outlines, facecolors=colours, edgecolors=(0, 0, 0, 0.2), lw=0.2))
    points = np.concatenate(outlines)
    middle, half = 0.5 * (points.min(axis=0) + points.max(axis=0)), 0.42 * float(np.ptp(points, axis=0).max())
    axes.set(xlim=middle[0] + np.array((-half, half)), ylim=middle[1] + np.array((-half, half)))
    axes.set(zlim=middle[2] + np.array((-half, half)))
    axes.set_box_aspect((1, 1, 1))
    axes.view_init(24, -50)
    axes.set_axis_off()
    axes.set_title(title, fontsize=9, y=0.97)


def faces(part: Part, hulls: bool) -> list[Face]:
    """Return the polygons of a model in its own frame, with colours."""
    found: list[Face] = []
    for link in part.model.iter("link"):
        for shape in link.findall("collision" if hulls else "visual"):
            geometry = shape.find("geometry")
            assert geometry is not None
            own = [(placed(c, shape), colour) for c, colour in polygons(part, geometry, shape.find("material/diffuse"))]
            found += [(placed(corners, link), colour) for corners, colour in own]
    return found


def placed(corners: Array, element: Element) -> Array:
    """Return points in the frame around an element."""
    text = element.findtext("pose")
    pose = np.array([float(word) for word in text.split()]) if text else np.zeros(6)
    moved: Array = corners @ rotation((pose[3], pose[4], pose[5])).T + pose[:3]
    return moved


def polygons(part: Part, geometry: Element, diffuse: Element | None) -> list[Face]:
    """Return the polygons of a shape in its own frame."""
    shape = geometry[0]
    words = (diffuse.text or "").split() if diffuse is not None else []
    colour = (float(words[0]), float(words[1]), float(words[2])) if words else GREEN
    if shape.tag == "mesh":
        return from_obj(part, (shape.findtext("uri") or "").split("/", 3)[3])
    mesh = Mesh("shape")
    if shape.tag == "box":
        x, y, z = (float(word) for word in (shape.findtext("size") or "").split())
        mesh.box((x, y, z), (0.0, 0.0, 0.0), Paint(colour))
    elif shape.tag == "sphere":
        mesh.blob((float(shape.findtext("radius") or 0),) * 3, (0.0, 0.0, 0.0), Paint(colour))
    else:
        length = float(shape.findtext("length") or 0)
        base = ring(float(shape.findtext("radius") or 0), 12) - np.array((0.0, 0.0, 0.5 * length))
        mesh.prism(base, length, Paint(colour))
    return [(corners, colour) for corners, _, _ in mesh._faces]


def from_obj(part: Part, name: str) -> list[Face]:
    """Return the polygons of one of the part's meshes."""
    paints: dict[str, tuple[float, float, float]] = {}
    current = ""
    for words in (line.split() for line in part.files[name.replace(".obj", ".mtl")].decode().splitlines()):
        current = words[1] if words[0] == "newmtl" else current
        if words[0] == "Kd":
            paints[current] = (float(words[1]), float(words[2]), float(words[3]))
        if words[0] == "map_Kd":
            pixels = np.asarray(Image.open(io.BytesIO(part.files[f"meshes/{words[1]}"]))) / 255.0
            red, green, blue = pixels.reshape(-1, 3).mean(axis=0) ** 2.2
            paints[current] = (red, green, blue)
    points: list[list[float]] = []
    found: list[Face] = []
    for words in (line.split() for line in part.files[name].decode().splitlines()):
        if words[0] == "v":
            points.append([float(word) for word in words[1:]])
        current = words[1] if words[0] == "usemtl" else current
        if words[0] == "f":
            found.append((np.array([points[int(word.split("/")[0]) - 1] for word in words[1:]]), paints[current]))
    return found


if __name__ == "__main__":
    main()
