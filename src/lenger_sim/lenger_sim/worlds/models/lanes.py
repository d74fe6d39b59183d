"""Bucket stands of the NIST open test lane for small unmanned aircraft, and a whole lane of them.

What the public sheets say is kept: five white 2-gallon buckets a stand, one up (the stand's number) and four that look
out at 45 degrees (A toward the pad, B left, C away, D right), an inscribed ring on the bottom that must be seen whole,
and nested optotypes. The bucket's size is that of a common 2-gallon pail; post height and gap sizes are our choice.
"""

from __future__ import annotations

from math import pi

import numpy as np
from pydantic import Field

from lenger_sim.worlds.models import pictures
from lenger_sim.worlds.models.mesh import Mesh, Paint, Point
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.solid import WHITE, WOOD, Solid, rotation
from lenger_sim.worlds.parts import Part

OPENING_R_M, BOTTOM_R_M, DEPTH_M = 0.118, 0.1, 0.24
POST_M = 0.45
PICTURE = 256
SIDES = 20
ANGLED = (("A", pi), ("B", 0.5 * pi), ("C", 0.0), ("D", -0.5 * pi))
"""Letter and direction in the lane's frame: +x is away from the pad, +y to the pilot's left."""
GAP_SHARES = (0.09, 0.045, 0.0225, 0.01125)
"""Gaps of the nested rings, in diameters of the bucket's bottom: 18, 9, 4.5 and 2.3 mm."""


class BucketStand(Parameters):
    """One stand. +x looks away from the landing pad."""

    number: int = Field(ge=1, le=99, description="of the stand in its lane")
    seed: int = Field(0, ge=0, description="of the optotypes' directions")


class NistLane(Parameters):
    """Stands in a line along +x; the origin is the landing pad, one spacing before the first stand."""

    stands: int = Field(3, ge=1, le=8, description="number of stands")
    spacing_m: float = Field(
        3.048, ge=1.0, le=30.0, description="S of the test: 3.048, 6.096 or 9.144 m (10, 20, 30 ft)"
    )
    seed: int = Field(0, ge=0, description="of the optotypes' directions")


def bucket_stand(name: str, p: BucketStand, flavour: str) -> Part:
    """Return one stand at the origin."""
    solid = Solid(name)
    mesh = Mesh("buckets")
    _stand(solid, mesh, p.number, p.seed, 0.0)
    solid.mesh(mesh)
    return solid.part()


def nist_lane(name: str, p: NistLane, flavour: str) -> Part:
    """Return a lane; the pad at the origin is a model of its own."""
    solid = Solid(name)
    mesh = Mesh("buckets")
    for number in range(1, p.stands + 1):
        _stand(solid, mesh, number, p.seed, number * p.spacing_m)
    solid.mesh(mesh)
    return solid.part()


def bucket_gaps(number: int, letter: str, seed: int) -> list[str]:
    """Return where the nested rings of a bucket are open, from the largest: the answer key."""
    rng = np.random.default_rng([seed, number, ord(letter or " ")])
    return [pictures.GAPS[way] for way in rng.integers(len(pictures.GAPS), size=len(GAP_SHARES))]


def _stand(solid: Solid, mesh: Mesh, number: int, seed: int, x: float) -> None:
    solid.box((0.09, 0.09, POST_M), (x, 0.0, 0.5 * POST_M), Paint(WOOD))
    solid.box((0.8, 0.09, 0.04), (x, 0.0, 0.02), Paint(WOOD))
    solid.box((0.09, 0.8, 0.04), (x, 0.0, 0.02), Paint(WOOD))
    _bucket(solid, mesh, f"{number}", bucket_picture(number, "", seed), (x, 0.0, POST_M), (0.0, 0.0, pi))
    for letter, yaw in ANGLED:
        out = 0.09 + BOTTOM_R_M
        at = (x + out * float(np.cos(yaw)), out * float(np.sin(yaw)), 0.2)
        _bucket(solid, mesh, f"{number}{letter}", bucket_picture(number, letter, seed), at, (0.0, 0.25 * pi, yaw))


def _bucket(solid: Solid, mesh: Mesh, label: str, picture: bytes, at: Point, turn: Point) -> None:
    """Add a bucket that stands on `at` and opens along its own z axis."""
    plastic = Paint(WHITE)
    bucket = Mesh("bucket")
    low = [(r * np.cos(t), r * np.sin(t)) for r in (BOTTOM_R_M,) for t in 2.0 * pi * np.arange(SIDES) / SIDES]
    high = [(x * OPENING_R_M / BOTTOM_R_M, y * OPENING_R_M / BOTTOM_R_M) for x, y in low]
    floor = Paint((1.0, 1.0, 1.0), picture=(f"bucket_{label.lower()}.png", picture))
    # seen into the bucket that opens towards the viewer, the picture's top is where the bucket leans back from
    bucket.face(
        [(x, y, 0.005) for x, y in low],
        floor,
        [(0.5 + 0.5 * y / BOTTOM_R_M, 0.5 - 0.5 * x / BOTTOM_R_M) for x, y in low],
    )
    bucket.face([(x, y, 0.0) for x, y in reversed(low)], plastic)
    for i in range(SIDES):
        j = (i + 1) % SIDES
        wall = [(*low[i], 0.0), (*low[j], 0.0), (*high[j], DEPTH_M), (*high[i], DEPTH_M)]
        bucket.face(wall, plastic)
        bucket.face(wall[::-1], plastic)
    matrix = rotation(turn)
    mesh.add(bucket, matrix, at)
    middle = np.array(at) + matrix @ np.array((0.0, 0.0, 0.5 * DEPTH_M))
    solid.cylinder(OPENING_R_M, DEPTH_M, (float(middle[0]), float(middle[1]), float(middle[2])), None, turn)


def bucket_picture(number: int, letter: str, seed: int) -> bytes:
    """Return the bottom of a bucket: inscribed ring, label, nested Landolt rings."""
    layers = [(pictures.disc(PICTURE, 0.97, 0.9), (0, 110, 50))]
    label = pictures.fitted(f"{number}{letter}", round(0.3 * PICTURE), round(0.14 * PICTURE))
    layers.append((pictures.placed(label, PICTURE, (0.5, 0.81)), (10, 10, 10)))
    for gap_share, gap in zip(GAP_SHARES, bucket_gaps(number, letter, seed), strict=True):
        size = round(pictures.OPTOTYPE_UNITS * gap_share * PICTURE)
        layers.append((pictures.placed(pictures.landolt(size, gap), PICTURE, (0.5, 0.44)), (10, 10, 10)))
    return pictures.png((240, 240, 238), layers)
