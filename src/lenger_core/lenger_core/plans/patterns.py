"""The complex items of a plan: an area, a line or a datum, and how it is covered. `lenger_mission.expand` turns each
into simple items."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lenger_core.plans.base import (
    MAX_ITEMS,
    MAX_VERTICES,
    BearingDeg,
    Height,
    ItemModel,
    LatDeg,
    LatLon,
    LonDeg,
    PlanModel,
    RadiusM,
    Ring,
    SpeedMS,
)
from lenger_core.plans.items import FlatItem

Percent = Annotated[float, Field(ge=0.0, le=99.0)]
SpacingM = Annotated[float, Field(gt=0.0, le=10_000.0)]
Line = Annotated[tuple[LatLon, ...], Field(min_length=2, max_length=MAX_VERTICES, strict=False)]
Planned = Annotated[tuple[FlatItem, ...], Field(max_length=MAX_ITEMS, strict=False)]


class PlanCamera(PlanModel):
    """A camera as a survey needs it: sensor in mm, image in pixels, focal length in mm.

    `landscape`: the image's wide side lies across the track.
    """

    name: Annotated[str, Field(max_length=200)] = ""
    sensor_width_mm: Annotated[float, Field(gt=0.0, le=200.0)]
    sensor_height_mm: Annotated[float, Field(gt=0.0, le=200.0)]
    image_width_px: Annotated[int, Field(gt=0, le=100_000)]
    image_height_px: Annotated[int, Field(gt=0, le=100_000)]
    focal_length_mm: Annotated[float, Field(gt=0.0, le=2_000.0)]
    landscape: bool = True
    min_trigger_interval_s: Annotated[float, Field(ge=0.0, le=3_600.0)] = 0.0


class Capture(str, Enum):
    """How a covering flight takes its photos."""

    DISTANCE = "distance"
    """Every so many metres on the lines, without stopping."""
    HOVER = "hover"
    """Stopped at each photo's place."""
    NONE = "none"


class Coverage(ItemModel):
    """What survey, corridor and perimeter share.

    Attributes:
        height: AGL follows the ground along every line.
        camera: gives line spacing and photo distance; None: `line_spacing_m` must be given.
        frontal_overlap_percent, side_overlap_percent: of neighbouring photos, and of neighbouring lines.
        line_spacing_m: of the lines; None: from camera, height and side overlap.
        photo_distance_m: between photos; None: from camera, height and frontal overlap.
        capture: how photos are taken.
        photos_in_turns: keep taking photos outside the lines.
        turnaround_m: how far each line is flown beyond the area before the turn.
        entry: which end of the pattern to begin at, 0 to 3 as QGroundControl counts; None: the nearest.
        speed_m_s: on the lines; None keeps the speed in force.
        planned: the items as the program that wrote the plan had planned them, flown as they are; empty: our pattern
            plans them. Whoever changes the item's geometry clears it.
    """

    height: Height
    camera: PlanCamera | None = None
    frontal_overlap_percent: Percent = 70.0
    side_overlap_percent: Percent = 60.0
    line_spacing_m: SpacingM | None = None
    photo_distance_m: SpacingM | None = None
    capture: Annotated[Capture, Field(strict=False)] = Capture.DISTANCE
    photos_in_turns: bool = False
    turnaround_m: Annotated[float, Field(ge=0.0, le=1_000.0)] = 0.0
    entry: Annotated[int, Field(ge=0, le=3)] | None = None
    speed_m_s: SpeedMS | None = None
    planned: Planned = ()


class Survey(Coverage):
    """Cover an area by parallel lines.

    Attributes:
        area: the polygon; may be concave.
        holes: what is left out (obstacles, keep-out zones); never flown over.
        angle_deg: of the lines, clockwise from true north; None: chosen for wind and turns.
        crosswise: fly it again at right angles.
        alternate: fly every other line, then come back for the rest (fixed wing with wide turns).
    """

    type: Literal["survey"] = "survey"
    area: Ring
    holes: Annotated[tuple[Ring, ...], Field(max_length=1_000, strict=False)] = ()
    angle_deg: BearingDeg | None = None
    crosswise: bool = False
    alternate: bool = False


class Corridor(Coverage):
    """Cover a strip along a line (border, road, river) of the given full width."""

    type: Literal["corridor"] = "corridor"
    line: Line
    width_m: Annotated[float, Field(ge=0.0, le=10_000.0)]


class Perimeter(Coverage):
    """Fly along the edge of an area.

    Attributes:
        area: the polygon.
        inset_m: distance inside the edge; negative outside.
        laps: how often.
        clockwise: seen from above.
    """

    type: Literal["perimeter"] = "perimeter"
    area: Ring
    inset_m: Annotated[float, Field(ge=-1_000.0, le=1_000.0)] = 0.0
    laps: Annotated[int, Field(ge=1, le=100)] = 1
    clockwise: bool = True


class SearchKind(str, Enum):
    """Search patterns of the IAMSAR Manual, volume II."""

    EXPANDING_SQUARE = "expanding_square"
    SECTOR = "sector"
    CREEPING_LINE = "creeping_line"
    PARALLEL_TRACK = "parallel_track"


class Search(ItemModel):
    """Search around a datum point (expanding square, sector) or over an area (creeping line, parallel track).

    Attributes:
        kind: the pattern.
        height: AGL follows the ground along every leg.
        lat_deg, lon_deg: the datum; for expanding square and sector.
        area: for creeping line and parallel track.
        leg_spacing_m: track spacing S; for the sector search None, for the others needed.
        radius_m: of the sector search; for the expanding square how far out it goes.
        bearing_deg: of the first leg, clockwise from true north; None: chosen (into the wind, or along the area).
        clockwise: turns to the right.
        speed_m_s: over the ground; None keeps the speed in force.
    """

    type: Literal["search"] = "search"
    kind: Annotated[SearchKind, Field(strict=False)]
    height: Height
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None
    area: Ring | None = None
    leg_spacing_m: SpacingM | None = None
    radius_m: RadiusM | None = None
    bearing_deg: BearingDeg | None = None
    clockwise: bool = True
    speed_m_s: SpeedMS | None = None

    @model_validator(mode="after")
    def _datum_or_area(self) -> Search:
        for name in _SEARCH_NEEDS[self.kind]:
            if getattr(self, name) is None:
                raise ValueError(f"a search of kind {self.kind.value} needs {name}")
        return self


_SEARCH_NEEDS = {
    SearchKind.EXPANDING_SQUARE: ("lat_deg", "lon_deg", "leg_spacing_m", "radius_m"),
    SearchKind.SECTOR: ("lat_deg", "lon_deg", "radius_m"),
    SearchKind.CREEPING_LINE: ("area", "leg_spacing_m"),
    SearchKind.PARALLEL_TRACK: ("area", "leg_spacing_m"),
}


class Orbit(ItemModel):
    """Circle a point: each ring of `radii_m` at each of `heights`, in order, heights first to last.

    Attributes:
        lat_deg, lon_deg: centre.
        radii_m: of the rings, flown in this order at each height.
        heights: flown in this order.
        turns: of each ring.
        clockwise: seen from above.
        face_centre: the nose points at the centre; else along the track.
        start_bearing_deg: of the first point, seen from the centre; None: the nearest.
        speed_m_s: over the ground; None keeps the speed in force.
    """

    type: Literal["orbit"] = "orbit"
    lat_deg: LatDeg
    lon_deg: LonDeg
    radii_m: Annotated[tuple[RadiusM, ...], Field(min_length=1, max_length=100, strict=False)]
    heights: Annotated[tuple[Height, ...], Field(min_length=1, max_length=100, strict=False)]
    turns: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    clockwise: bool = True
    face_centre: bool = True
    start_bearing_deg: BearingDeg | None = None
    speed_m_s: SpeedMS | None = None
