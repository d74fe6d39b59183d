"""What a list of MAVLink mission items leaves unsaid: an item may mean "here", "at this height" or "stop what was
started". A walk along the items knows where "here" is; reader and writer take the same walk."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from lenger_core.errors import InputError
from lenger_core.plans import (
    CameraAction,
    CameraDo,
    Datum,
    Height,
    Home,
    Land,
    Loiter,
    ReturnHome,
    Simple,
    Takeoff,
    Waypoint,
)

Ground = Callable[[float, float], float]
"""Height of the ground AMSL in metres at a latitude and longitude in degrees."""

Notes = list[str]

_GROUND_LEVEL = Height(value_m=0.0, datum=Datum.HOME)


@dataclass
class Walk:
    """Where a plan has come to.

    Attributes:
        home: of the plan.
        notes: sentences on what is not carried over, each once.
        ground: for heights above ground that are written AMSL; None writes them in the terrain frame.
        zero_heading_is_none: a heading of 0 at a waypoint means "not given" (ArduPilot's ground stations).
        place: latitude and longitude of the last point, degrees.
        height: of the last point.
        photos_by_distance: the camera was last started by distance.
    """

    home: Home
    notes: Notes = field(default_factory=list)
    ground: Ground | None = None
    zero_heading_is_none: bool = False
    place: tuple[float, float] = (0.0, 0.0)
    height: Height = _GROUND_LEVEL
    photos_by_distance: bool = False

    def __post_init__(self) -> None:
        self.place = (self.home.lat_deg, self.home.lon_deg)

    def note(self, sentence: str) -> None:
        """Keep a sentence that was not said yet."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def probe(self) -> Walk:
        """Return a walk from the same place that keeps its notes to itself."""
        other = copy(self)
        other.notes = []
        return other

    def ground_m(self, place: tuple[float, float]) -> float | None:
        """Return the height of the ground AMSL; None where it is not known."""
        try:
            return None if self.ground is None else self.ground(*place)
        except InputError:
            return None  # off the terrain

    def is_here(self, lat_deg: float | None, lon_deg: float | None) -> bool:
        """Return whether a position means "here": not given, written as 0, 0, or where the plan has come to."""
        return lat_deg is None or lon_deg is None or (lat_deg, lon_deg) in ((0.0, 0.0), self.place)

    def past(self, item: Simple) -> None:
        """Go on past an item."""
        if isinstance(item, Takeoff | Waypoint | Loiter):
            self.height = item.height
        if isinstance(item, Takeoff | Waypoint | Loiter | Land) and item.lat_deg is not None:
            assert item.lon_deg is not None
            self.place = (item.lat_deg, item.lon_deg)
        elif isinstance(item, ReturnHome):
            self.place = (self.home.lat_deg, self.home.lon_deg)
        elif isinstance(item, CameraAction):
            by_distance = item.action is CameraDo.START_DISTANCE
            self.photos_by_distance = by_distance or (self.photos_by_distance and item.action is not CameraDo.STOP)
