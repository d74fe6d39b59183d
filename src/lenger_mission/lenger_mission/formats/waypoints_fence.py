"""Fence and rally rows of QGC WPL files, as Mission Planner and MAVProxy save them: MAV_CMD 5000 to 5004 and 5100."""

from __future__ import annotations

from lenger_core.errors import InputError
from lenger_core.plans import MAX_VERTICES, Datum, FenceCircle, FencePolygon, Height, RallyPoint
from lenger_core.strict_json import JsonField
from lenger_mission.formats.plan_heights import FRAME_DATUM
from lenger_mission.formats.plan_walk import Walk
from lenger_mission.formats.waypoints_rows import Row, column_of_param

RETURN_POINT, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT, RALLY = 5000, 5001, 5002, 5003, 5004, 5100
FENCE_COMMANDS = frozenset({RETURN_POINT, POLYGON_IN, POLYGON_OUT, CIRCLE_IN, CIRCLE_OUT, RALLY})

Fence = tuple[tuple[FencePolygon, ...], tuple[FenceCircle, ...]]


class FenceRows:
    """Gathers the fence of a file, row by row.

    Args:
        where: the file, for errors.

    Attributes:
        rally: the rally points.
    """

    def __init__(self, where: str) -> None:
        self.rally: list[RallyPoint] = []
        self._where = where
        self._polygons: list[FencePolygon] = []
        self._circles: list[FenceCircle] = []
        self._vertices: list[tuple[float, float]] = []
        self._open: tuple[int, int, int] | None = None

    def take(self, row: Row, walk: Walk) -> None:
        """Take a row with one of `FENCE_COMMANDS`.

        Raises:
            InputError: no position, no radius, or a polygon with more or fewer vertices than it says.
        """
        lat, lon = self._number(row, 4, -90, 90, "degrees"), self._number(row, 5, -180, 180, "degrees")
        if row.command in (POLYGON_IN, POLYGON_OUT):
            self._vertex(row, lat, lon)
            return
        self._closed()
        if row.command in (CIRCLE_IN, CIRCLE_OUT):
            radius = self._number(row, 0, 0.1, 100_000, "m")
            inside = row.command == CIRCLE_IN
            self._circles.append(FenceCircle(inclusion=inside, lat_deg=lat, lon_deg=lon, radius_m=radius))
        elif row.command == RALLY:
            height = Height(
                value_m=self._number(row, 6, -500, 9_000, "m"), datum=FRAME_DATUM.get(row.frame, Datum.HOME)
            )
            self.rally.append(RallyPoint(lat_deg=lat, lon_deg=lon, height=height))
        else:
            walk.note("the fence's return point is not kept")

    def finished(self) -> Fence:
        """Return the polygons and the circles.

        Raises:
            InputError: the last polygon has fewer vertices than it says.
        """
        self._closed()
        return tuple(self._polygons), tuple(self._circles)

    def _vertex(self, row: Row, lat: float, lon: float) -> None:
        count = self._said(row, 0).integer(3, MAX_VERTICES)
        if self._open is not None and self._open[:2] != (row.command, count):
            self._closed()
        if self._open is None:
            self._open = (row.command, count, row.line)
        self._vertices.append((lat, lon))
        if len(self._vertices) == self._open[1]:
            polygon = FencePolygon(inclusion=row.command == POLYGON_IN, vertices=tuple(self._vertices))
            self._polygons.append(polygon)
            self._open, self._vertices = None, []

    def _closed(self) -> None:
        if self._open is not None:
            place = f"line {self._open[2]}"
            expected = f"{self._open[1]} vertices of the polygon that begins there"
            raise InputError(self._where, place, len(self._vertices), expected)

    def _number(self, row: Row, index: int, low: float, high: float, unit: str) -> float:
        return self._said(row, index).number(low, high, unit)

    def _said(self, row: Row, index: int) -> JsonField:
        place = f"line {row.line} column {5 + index} ({column_of_param(index)})"
        return JsonField(row.params[index], place, self._where)
