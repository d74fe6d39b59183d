"""A height raster in tiles that are made or read when first asked for, and then stay in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.grid import LatLonGrid
from lenger_core.terrain import raster_kernels as kernels
from lenger_core.terrain.raster_kernels import BLOCK, BLOCKS, TILE, TILE_SHIFT, Flags, Lattice, RasterView

Array = NDArray[np.float64]
Tile = NDArray[np.float32]
Answer = TypeVar("Answer")
AnyArray = TypeVar("AnyArray", bound=NDArray[Any])

_LOW = TILE - 1


class Raster:
    """Heights on a latitude-longitude lattice, bilinear between nodes, in tiles of TILE x TILE cells.

    Any number of threads may ask at the same time: tiles are only ever added, and no `RasterView` in use points to one
    that is not whole.

    Args:
        name: shown in errors.
        lat0_deg, lon0_deg, lat_step_deg, lon_step_deg: the lattice; steps may be negative.
        rows, cols: nodes, at least 2 each.
        make_tile: returns the (TILE + 1, TILE + 1) heights of a tile by its row and column; may be called from any
            thread, one call at a time. Nodes beyond the lattice may hold anything; NaN is a gap.
    """

    def __init__(
        self,
        name: str,
        lat0_deg: float,
        lon0_deg: float,
        lat_step_deg: float,
        lon_step_deg: float,
        rows: int,
        cols: int,
        make_tile: Callable[[int, int], Tile],
    ) -> None:
        self.name = name
        tiles = (-(-(rows - 1) // TILE), -(-(cols - 1) // TILE))
        # Room for every tile: the machine gives memory to what is written only, and nothing is ever copied to grow.
        self._pool = np.empty((tiles[0] * tiles[1], TILE + 1, TILE + 1), dtype=np.float32)
        self._tops = np.empty((tiles[0] * tiles[1], BLOCKS, BLOCKS), dtype=np.float32)
        slots = read_only(np.full(tiles, -1, dtype=np.int32))
        self._lattice = Lattice(lat0_deg, lon0_deg, lat_step_deg, lon_step_deg, rows, cols)
        self._view = RasterView(read_only(self._pool), read_only(self._tops), slots, self._lattice)
        self._used = 0
        self._make_tile = make_tile
        self._lock = threading.Lock()

    @staticmethod
    def from_grid(grid: LatLonGrid) -> Raster:
        """Return the raster of a small grid that is in memory already."""
        values = np.asarray(grid.values, dtype=np.float32)
        return Raster(
            grid.name,
            grid.first_lat_deg,
            grid.first_lon_deg,
            grid.step_lat_deg,
            grid.step_lon_deg,
            values.shape[0],
            values.shape[1],
            lambda row, col: tile_of(values, row, col),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of nodes."""
        return self._lattice.rows, self._lattice.cols

    @property
    def steps_deg(self) -> tuple[float, float]:
        """From node to node in latitude and longitude; may be negative."""
        return self._lattice.lat_step_deg, self._lattice.lon_step_deg

    @property
    def memory_bytes(self) -> int:
        """Bytes held for tiles."""
        return self._used * (self._pool[:1].nbytes + self._tops[:1].nbytes)

    def bounds_deg(self) -> tuple[float, float, float, float]:
        """Return (south, west, north, east) of the outermost nodes."""
        v = self._lattice
        lats = sorted((v.lat0_deg, v.lat0_deg + (v.rows - 1) * v.lat_step_deg))
        lons = sorted((v.lon0_deg, v.lon0_deg + (v.cols - 1) * v.lon_step_deg))
        return lats[0], lons[0], lats[1], lons[1]

    def at(self, lat_deg: float, lon_deg: float) -> float:
        """Return the height at one point: the same as `heights`, without its overhead.

        Raises:
            InputError: outside the raster or in a gap.
        """
        v, view = self._lattice, self._view
        row, col = (lat_deg - v.lat0_deg) / v.lat_step_deg, (lon_deg - v.lon0_deg) / v.lon_step_deg
        if not (0.0 <= row <= v.rows - 1 and 0.0 <= col <= v.cols - 1):
            raise self.outside(lat_deg, lon_deg)
        r, c = min(int(row), v.rows - 2), min(int(col), v.cols - 2)
        slot = view.slots.item(r >> TILE_SHIFT, c >> TILE_SHIFT)
        if slot < 0:
            self._add(((r >> TILE_SHIFT, c >> TILE_SHIFT),))
            view = self._view
            slot = view.slots.item(r >> TILE_SHIFT, c >> TILE_SHIFT)
        i, j, fr, fc, h = r & _LOW, c & _LOW, row - r, col - c, view.pool.item
        top = h(slot, i, j) * (1.0 - fc) + h(slot, i, j + 1) * fc
        bottom = h(slot, i + 1, j) * (1.0 - fc) + h(slot, i + 1, j + 1) * fc
        height = float(top * (1.0 - fr) + bottom * fr)
        if height != height:
            raise self.outside(lat_deg, lon_deg)
        return height

    def heights(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return the heights at points of any common shape.

        Raises:
            InputError: a point outside the raster or in a gap.
        """
        lat, lon = flat_pair(lat_deg, lon_deg)
        out: Array = self.ask(lambda view, wanted: kernels.heights(view, lat, lon, wanted))
        self.refuse_nan(out, lat, lon)
        return out.reshape(np.broadcast_shapes(np.shape(lat_deg), np.shape(lon_deg)))

    def gradients(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return (N, 2) rise per metre to the east and to the north of the bilinear surface at points (N,).

        Raises:
            InputError: a point outside the raster or in a gap.
        """
        lat, lon = flat_pair(lat_deg, lon_deg)
        out: Array = self.ask(lambda view, wanted: kernels.gradients(view, lat, lon, wanted))
        self.refuse_nan(out[:, 0], lat, lon)
        return out

    def ask(self, question: Callable[[RasterView, Flags], Answer]) -> Answer:
        """Return a kernel's answer, asked again with the tiles that it noted as wanted until it wants none."""
        while True:
            view = self._view
            wanted = np.zeros(view.slots.shape, dtype=np.uint8)
            answer = question(view, wanted)
            if not wanted.any():
                return answer
            self._add(tuple((int(r), int(c)) for r, c in np.argwhere(wanted)))

    def prefetch(self, lat_deg: float, lon_deg: float, radius_m: float) -> None:
        """Make the tiles around a place now, so that no later question there waits for them; beyond the edge: none."""
        v, slots = self._lattice, self._view.slots
        north_m, east_m = kernels.metres_per_degree(lat_deg)
        row, col = (lat_deg - v.lat0_deg) / v.lat_step_deg, (lon_deg - v.lon0_deg) / v.lon_step_deg
        dr, dc = radius_m / abs(north_m * v.lat_step_deg), radius_m / abs(east_m * v.lon_step_deg)
        rows, cols = (
            range(max(0, int((at - d) // TILE)), min(n, int((at + d) // TILE) + 1))
            for at, d, n in ((row, dr, slots.shape[0]), (col, dc, slots.shape[1]))
        )
        self._add(tuple((r, c) for r in rows for c in cols))

    def covers(self, lat_deg: float, lon_deg: float) -> bool:
        """Return whether there is a height at a point."""
        try:
            self.at(lat_deg, lon_deg)
        except InputError:
            return False
        return True

    def outside(self, lat_deg: float, lon_deg: float) -> InputError:
        """Return the error of a place where this raster has no height."""
        south, west, north, east = self.bounds_deg()
        valid = f"latitude {south:.3f} to {north:.3f}, longitude {west:.3f} to {east:.3f}, outside gaps in the data"
        return InputError(self.name, "position", f"{lat_deg:.6f}, {lon_deg:.6f}", valid)

    def refuse_nan(self, values: Array, lat: Array, lon: Array) -> None:
        """Raise the error of the first point whose value is NaN."""
        nan = np.isnan(values)
        if nan.any():
            first = int(np.argmax(nan))
            raise self.outside(float(lat[first]), float(lon[first]))

    def _add(self, tiles: tuple[tuple[int, int], ...]) -> None:
        """Make the tiles that are still missing and publish them in a new view."""
        with self._lock:
            view = self._view
            missing = [at for at in tiles if view.slots[at] < 0]
            if not missing:
                return
            slots = view.slots.copy()
            for number, at in enumerate(missing, self._used):
                self._pool[number] = self._make_tile(*at)
                self._tops[number] = tops_of(self._pool[number])
                slots[at] = number
            self._used += len(missing)
            self._view = view._replace(slots=read_only(slots))


def read_only(array: AnyArray) -> AnyArray:
    """Return a view of an array that nobody can write through."""
    view = array.view()
    view.setflags(write=False)
    return view


def tops_of(tile: Tile) -> Tile:
    """Return the (BLOCKS, BLOCKS) highest nodes of a tile's blocks, their edges included; NaN where there is a gap."""
    lines = np.maximum(tile[:-1], tile[1:])
    cells = np.maximum(lines[:, :-1], lines[:, 1:])
    return np.asarray(cells.reshape(BLOCKS, BLOCK, BLOCKS, BLOCK).max(axis=(1, 3)))


def tile_of(values: Tile, row: int, col: int) -> Tile:
    """Return the (TILE + 1, TILE + 1) tile of an array of nodes, its edge repeated beyond it."""
    rows = np.minimum(np.arange(row * TILE, (row + 1) * TILE + 1), values.shape[0] - 1)
    cols = np.minimum(np.arange(col * TILE, (col + 1) * TILE + 1), values.shape[1] - 1)
    return np.asarray(values[np.ix_(rows, cols)], dtype=np.float32)


def flat_pair(lat_deg: Array, lon_deg: Array) -> tuple[Array, Array]:
    """Return latitudes and longitudes broadcast against each other, flat, as float64."""
    lat, lon = np.broadcast_arrays(np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64))
    return np.ascontiguousarray(lat).ravel(), np.ascontiguousarray(lon).ravel()
