"""Meshes: closed, facing outward, and written as their faces say."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import pi

import numpy as np
import pytest

from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.models.mesh import Mesh, Paint, ring
from lenger_sim.worlds.models.ribbon import between, ribbon, sides, walked
from lenger_sim.worlds.models.solid import rotation

GREY = Paint((0.5, 0.5, 0.5))


def faces(mesh: Mesh) -> list[np.ndarray]:
    """The polygons in its OBJ."""
    text = mesh.files()[f"meshes/{mesh.name}.obj"].decode()
    points = [[float(w) for w in line.split()[1:]] for line in text.splitlines() if line.startswith("v ")]
    return [
        np.array([points[int(word.split("/")[0]) - 1] for word in line.split()[1:]])
        for line in text.splitlines()
        if line.startswith("f ")
    ]


def volume(polygons: list[np.ndarray]) -> float:
    """By the divergence theorem; negative when faces look inward."""
    return sum(float(np.dot(p[0], np.cross(p[i], p[i + 1]))) / 6.0 for p in polygons for i in range(1, len(p) - 1))


def open_edges(polygons: list[np.ndarray]) -> int:
    """Edges that are not met by one in the other direction."""
    seen = Counter(
        (tuple(np.round(a, 4)), tuple(np.round(b, 4)))
        for p in polygons
        for a, b in zip(p, np.roll(p, -1, axis=0), strict=True)
    )
    return sum(count != seen[(b, a)] for (a, b), count in seen.items())


def test_a_box_is_closed_and_looks_outward_however_it_is_turned() -> None:
    mesh = Mesh("box")
    mesh.box((2.0, 3.0, 4.0), (5.0, 6.0, 7.0), GREY, turn_rad=0.7)
    assert volume(faces(mesh)) == pytest.approx(24.0, rel=1e-4)
    assert open_edges(faces(mesh)) == 0


@pytest.mark.parametrize(
    ("profile", "expected"),
    [([(1.0, 0.0), (1.0, 2.0)], 2.0), ([(1.0, 0.0), (0.0, 3.0)], 1.0), ([(0.0, 0.0), (1.0, 3.0)], 1.0)],
)
def test_a_body_of_revolution_is_closed_and_looks_outward(profile: list[tuple[float, float]], expected: float) -> None:
    mesh = Mesh("body")
    mesh.lathe(profile, (1.0, 2.0, 3.0), GREY, sides=90)
    assert volume(faces(mesh)) == pytest.approx(pi * expected, rel=2e-3)
    assert open_edges(faces(mesh)) == 0


def test_a_blob_is_closed_and_stays_within_its_radii() -> None:
    mesh = Mesh("blob")
    mesh.blob((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), GREY)
    assert open_edges(faces(mesh)) == 0
    assert 0.65 * 4.0 / 3.0 * pi * 6.0 < volume(faces(mesh)) < 4.0 / 3.0 * pi * 6.0
    reach = np.abs(mesh.points - (4.0, 5.0, 6.0)).max(axis=0)
    assert (reach <= (1.0, 2.0, 3.0)).all() and reach[2] == pytest.approx(3.0)
    ragged = Mesh("ragged")
    ragged.blob((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), GREY, 1.0 + 0.1 * np.random.default_rng(1).uniform(-1, 1, (5, 8)))
    assert open_edges(faces(ragged)) == 0 and volume(faces(ragged)) > 0.0


def test_a_wire_looks_outward() -> None:
    mesh = Mesh("wire")
    mesh.tube(np.array([(0.0, 0.0, 0.0), (1.0, 0.0, 0.2), (2.0, 0.5, 0.0)]), 0.1, GREY, sides=6)
    polygons = faces(mesh)
    for polygon in polygons:
        middle = polygon.mean(axis=0)
        nearest = np.array(
            (middle[0], np.interp(middle[0], [0, 1, 2], [0, 0, 0.5]), np.interp(middle[0], [0, 1, 2], [0, 0.2, 0]))
        )
        assert np.cross(polygon[1] - polygon[0], polygon[2] - polygon[0]) @ (middle - nearest) > 0.0


def test_a_ribbon_looks_up_and_keeps_its_width_and_lift() -> None:
    line = np.array([(0.0, 0.0, 0.0), (10.0, 0.0, 1.0), (20.0, 0.0, 1.0)])
    mesh = Mesh("band")
    ribbon(mesh, line, 4.0, GREY, lift=0.5)
    for polygon in faces(mesh):
        assert np.cross(polygon[1] - polygon[0], polygon[2] - polygon[0])[2] > 0.0
    assert mesh.points[:, 1].min() == -2.0 and mesh.points[:, 1].max() == 2.0
    assert mesh.points[:, 2].min() == 0.5 and mesh.points[:, 2].max() == 1.5
    side = Mesh("side")
    between(side, np.add(line, (0.0, 1.0, 1.0)), np.add(line, (0.0, 2.0, 0.0)), GREY)  # falls away to the left
    for polygon in faces(side):
        assert np.cross(polygon[1] - polygon[0], polygon[2] - polygon[0])[1] > 0.0


def test_lines_that_turn_right_back_still_have_a_side() -> None:
    left = sides(np.array([(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (0.0, 0.0, 0.0)]))
    assert np.isfinite(left).all()
    assert np.linalg.norm(left, axis=1) == pytest.approx(1.0)


def test_sleepers_are_evenly_apart_around_a_bend() -> None:
    line = np.array([(0.0, 0.0, 0.0), (3.1, 0.0, 1.0), (3.1, 2.6, 1.0)])
    spots = walked(line, 0.6)
    assert len(spots) == round(5.7 / 0.6)
    for (a, heading), (b, _) in pairwise(spots):
        assert abs(b[0] - a[0]) + abs(b[1] - a[1]) == pytest.approx(0.6)
        assert heading == pytest.approx(0.0 if a[0] < 3.1 else pi / 2.0)


def test_merged_meshes_are_turned_then_shifted() -> None:
    whole, part = Mesh("whole"), Mesh("part")
    part.face([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)], GREY)
    whole.add(part, rotation((0.0, 0.0, 0.5 * pi)), (1.0, 2.0, 3.0))
    assert whole.points == pytest.approx(np.array([(1.0, 2.0, 3.0), (1.0, 3.0, 3.0), (0.0, 2.0, 3.0)]))


def test_rings_go_counter_clockwise() -> None:
    points = ring(2.0, 16)
    assert np.hypot(points[:, 0], points[:, 1]) == pytest.approx(2.0)
    assert np.cross(points[0], points[1])[2] > 0.0


def test_pictures_and_glow_are_in_the_library() -> None:
    files = part_of("figure", "man", {"form": "person", "lantern": True}, "px4").files
    assert b"Ke 1 0.75 0.35" in files["meshes/person.mtl"]
    pad = part_of("landing_pad", "pad", {"number": 4}, "px4").files
    assert b"map_Kd pad.png" in pad["meshes/pad.mtl"] and pad["meshes/pad.png"].startswith(b"\x89PNG")


def test_what_is_painted_on_a_pad_is_read_looking_along_x() -> None:
    text = part_of("landing_pad", "pad", {"number": 4, "size_m": 2.0}, "px4").files["meshes/pad.obj"].decode()
    points = [[float(w) for w in line.split()[1:]] for line in text.splitlines() if line.startswith("v ")]
    places = [[float(w) for w in line.split()[1:]] for line in text.splitlines() if line.startswith("vt ")]
    seen = {tuple(place): tuple(point[:2]) for place, point in zip(places[:4], points[:4], strict=True)}
    # u to the right of who looks along +x (that is -y), v ahead
    assert seen == {(0.0, 0.0): (-1.0, 1.0), (1.0, 0.0): (-1.0, -1.0), (1.0, 1.0): (1.0, -1.0), (0.0, 1.0): (1.0, 1.0)}
