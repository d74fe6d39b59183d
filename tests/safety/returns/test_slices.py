"""Long calls beside the slices: the same answer as in place, taken in a slice that the size alone decides."""

from __future__ import annotations

import os
from math import cos, pi, sin

import numpy as np
import pytest
import shapely

from lenger_safety.returns import slices
from lenger_safety.returns.slices import Slices, beside, buffered, finished, prepared, simplified, united, without
from lenger_safety.returns.space import FreeSpace


def star(corners: int, radius_m: float, east: float = 0.0) -> shapely.Polygon:
    radii = radius_m * np.random.default_rng(corners).uniform(0.8, 1.0, corners)
    angles = np.arange(corners) * 2.0 * pi / corners
    return shapely.Polygon([(east + r * cos(a), r * sin(a)) for r, a in zip(radii, angles, strict=True)])


def count_of(work: Slices[object]) -> int:
    return sum(1 for _ in work)


@pytest.mark.parametrize("corners", [40, 2000])
def test_the_answers_are_those_of_the_calls_in_place(corners: int) -> None:
    outline, other = star(corners, 500.0), star(60, 300.0, 400.0)
    assert shapely.equals_exact(finished(buffered(outline, -4.0, 4)), shapely.buffer(outline, -4.0, quad_segs=4))
    assert shapely.equals_exact(finished(simplified(outline, 1.0)), shapely.simplify(outline, 1.0))
    assert shapely.equals_exact(finished(united([outline, other])), shapely.union_all([outline, other]))
    assert shapely.equals_exact(finished(without(outline, other)), shapely.difference(outline, other))
    finished(prepared(outline))
    assert shapely.is_prepared(outline)


def test_the_slices_follow_from_the_size_alone() -> None:
    small, large = star(40, 500.0), star(6000, 500.0)
    assert count_of(buffered(small, 1.0, 4)) == 0
    assert {count_of(buffered(large, 1.0, 4)) for _ in range(3)} == {1 + 6001 // slices.BUFFERED_A_SLICE}
    assert count_of(simplified(large, 1.0)) == 1 + 6001 // slices.SIMPLIFIED_A_SLICE


@pytest.mark.parametrize("coordinates", [1, 10_000])
def test_what_fails_beside_fails_where_the_answer_is_taken(coordinates: int) -> None:
    def fails() -> None:
        raise ValueError("no outline")

    with pytest.raises(ValueError, match="no outline"):
        finished(beside(fails, coordinates, 5000))


def test_a_large_space_in_slices_is_the_space_at_once() -> None:
    legal = star(3000, 800.0)
    at_once, sliced = FreeSpace(legal, 4.0), finished(FreeSpace.in_slices(legal, 4.0))
    assert np.array_equal(at_once.nodes, sliced.nodes) and np.array_equal(at_once.edges, sliced.edges)
    assert len(sliced.nodes) > 100 and shapely.is_prepared(sliced.inner)


def test_corners_point_into_the_space_and_edges_close_every_ring() -> None:
    room = shapely.Polygon([(0, 0), (0, 100), (100, 100), (100, 0)], [[(40, 40), (60, 40), (60, 60), (40, 60)]])
    nodes = FreeSpace(room, 1.0).nodes
    assert len(nodes) >= 4  # around the hole, none of the outer corners
    assert np.abs(nodes - 50.0).max() < 15.0
    edges = FreeSpace(room, 1.0).edges
    starts, ends = {tuple(e) for e in edges[:, :2].tolist()}, {tuple(e) for e in edges[:, 2:].tolist()}
    assert starts == ends and len(starts) == len(edges)


def test_the_copy_of_a_process_does_what_its_lost_thread_would_have_done() -> None:
    work = buffered(star(2000, 500.0), -4.0, 4)
    next(work)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            found = finished(work).area
        except BaseException:  # must not get back into the test run
            found = -1.0
        os.write(write, str(found).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert float(os.read(read, 100)) == pytest.approx(finished(buffered(star(2000, 500.0), -4.0, 4)).area)
    os.close(read)
    os.close(write)
