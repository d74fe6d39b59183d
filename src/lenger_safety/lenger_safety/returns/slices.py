"""Work that is done in slices, one in each step of the guard, and long calls of GEOS beside the steps.

A call of GEOS on an outline of 10,000 corners takes up to half a second and cannot be cut. It runs on a thread of its
own, without Python's lock, and its answer is taken a number of slices later that follows from the size of the outline
alone: the same inputs give the same answer in the same step, however fast the machine is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Thread
from typing import Generic, TypeVar

import shapely

T = TypeVar("T")
Slices = Generator[None, None, T]
"""Work that is done piece by piece; the last piece returns what was found."""

IN_PLACE = 150
"""Outlines of so few coordinates are worked on in the slice itself: below a millisecond."""
BUFFERED_A_SLICE = 600
"""Coordinates for each slice of a buffer or of an overlay, which take up to 45 us for each of them; in flight a slice
comes every 50 ms."""
SIMPLIFIED_A_SLICE = 3000
"""The same for simplifying and indexing, which take up to 7 us."""


class _Beside(Thread, Generic[T]):
    """One call on a thread."""

    def __init__(self, call: Callable[[], T]) -> None:
        super().__init__(name="returns", daemon=True)
        self._call = call
        self._found: list[T] = []
        self._failed: BaseException | None = None

    def run(self) -> None:
        """Call."""
        try:
            self._found.append(self._call())
        except BaseException as error:  # raised again where the answer is taken
            self._failed = error

    def answer(self) -> T:
        """Return what the call returned, or raise what it raised; waits for it."""
        self.join()
        if self._failed is not None:
            raise self._failed
        # The copy of a process (os.fork) has none of its threads: it does the work itself.
        return self._found[0] if self._found else self._call()


def beside(call: Callable[[], T], coordinates: int, a_slice: int) -> Slices[T]:
    """Do a long call of GEOS beside the slices.

    Args:
        call: touches nothing that anybody else may change or prepare meanwhile.
        coordinates: of what it works on.
        a_slice: so many of them are expected to be done in the time between two slices. A machine that is slower
            waits at the end for what is left.
    """
    if coordinates <= IN_PLACE:
        return call()
    thread = _Beside(call)
    thread.start()
    for _ in range(1 + coordinates // a_slice):
        yield
    return thread.answer()


def buffered(geometry: shapely.Geometry, distance_m: float, quad_segs: int) -> Slices[shapely.Geometry]:
    """Return `shapely.buffer`, in slices."""
    count = int(shapely.get_num_coordinates(geometry))
    return (
        yield from beside(lambda: shapely.buffer(geometry, distance_m, quad_segs=quad_segs), count, BUFFERED_A_SLICE)
    )


def simplified(geometry: shapely.Geometry, tolerance_m: float) -> Slices[shapely.Geometry]:
    """Return `shapely.simplify`, in slices."""
    count = int(shapely.get_num_coordinates(geometry))
    return (yield from beside(lambda: shapely.simplify(geometry, tolerance_m), count, SIMPLIFIED_A_SLICE))


def united(parts: list[shapely.Geometry]) -> Slices[shapely.Geometry]:
    """Return `shapely.union_all`, in slices."""
    count = int(shapely.get_num_coordinates(parts).sum()) if parts else 0
    return (yield from beside(lambda: shapely.union_all(parts), count, BUFFERED_A_SLICE))


def without(whole: shapely.Geometry, part: shapely.Geometry) -> Slices[shapely.Geometry]:
    """Return `shapely.difference`, in slices."""
    count = int(shapely.get_num_coordinates([whole, part]).sum())
    return (yield from beside(lambda: shapely.difference(whole, part), count, BUFFERED_A_SLICE))


def prepared(geometry: shapely.Geometry) -> Slices[None]:
    """Do `shapely.prepare`, in slices, and make the indices, which the first questions would wait for."""
    count = int(shapely.get_num_coordinates(geometry))
    yield from beside(lambda: _index(geometry), count, SIMPLIFIED_A_SLICE)


def _index(geometry: shapely.Geometry) -> None:
    shapely.prepare(geometry)
    west, south, east, north = shapely.bounds(geometry)
    middle = 0.5 * (west + east), 0.5 * (south + north)
    if not geometry.is_empty:
        shapely.contains_xy(geometry, *middle)
        shapely.shortest_line(geometry, shapely.Point(middle))


def finished(work: Slices[T]) -> T:
    """Do all slices at once and return what they found."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            found: T = stop.value
            return found
