"""What a person asks of `plan make`: the words of the command line as one typed record, nothing computed yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PATTERNS = (
    "survey",
    "corridor",
    "perimeter",
    "expanding_square",
    "sector",
    "creeping_line",
    "parallel_track",
    "orbit",
)
"""What `plan make` can make."""


@dataclass(frozen=True, slots=True)
class PatternRequest:
    """One pattern to be made into a plan. None or empty: not given; the pattern has a default or asks for it.

    Attributes:
        pattern: one of `PATTERNS`.
        out: the plan file to write; its ending says the format.
        area: KML or GeoJSON file with the area, or the line of a corridor or a border.
        feature: name of the feature in `area` to take where it holds several.
        at: (lat_deg, lon_deg) of the datum of a search or the centre of an orbit.
        home: (lat_deg, lon_deg) of the take-off point.
        height_m: of flight, above what `datum` says.
        datum: agl, amsl or home.
        speed_m_s: over the ground.
        camera: name of a camera of config/cameras.
        front_overlap, side_overlap: of neighbouring pictures, 0 to below 1.
        spacing_m: between neighbouring tracks, rings or legs.
        width_m: of a corridor; how far inside its area a perimeter runs is `spacing_m`.
        angle_deg: true heading of the tracks or of the first leg.
        wind_from_deg, wind_m_s: the wind to plan for.
        radius_m: of a search or an orbit.
        rings: how many of an orbit.
        climb_m: between the rings of an orbit.
        turns: how often around.
        legs: of a search.
        clockwise: sense of turns.
        vehicle: a profile of config/vehicles.
        zones: zone files whose exclusions are kept out of.
        dem: DEM files joined by the path separator; "" for the terrain that ships.
        trust: whether the terrain is "ground" (the simulator's own) or a "model" with an error bound; "": ground where
            it is the terrain that ships, else a model.
        split: write several plans, OUT-1, OUT-2 and so on, where one battery does not fly it.
        flat: write simple waypoints whose heights AMSL follow the ground, for any autopilot.
    """

    pattern: str
    out: Path
    area: Path | None = None
    feature: str = ""
    at: tuple[float, float] | None = None
    home: tuple[float, float] | None = None
    height_m: float | None = None
    datum: str = "agl"
    speed_m_s: float | None = None
    camera: str = ""
    front_overlap: float | None = None
    side_overlap: float | None = None
    spacing_m: float | None = None
    width_m: float | None = None
    angle_deg: float | None = None
    wind_from_deg: float | None = None
    wind_m_s: float | None = None
    radius_m: float | None = None
    rings: int | None = None
    climb_m: float | None = None
    turns: float | None = None
    legs: int | None = None
    clockwise: bool = True
    vehicle: str = "quad_2kg"
    zones: tuple[Path, ...] = ()
    dem: str = ""
    trust: str = ""
    flat: bool = False
    split: bool = False
