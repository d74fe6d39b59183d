"""The commands of `lenger plan`: check, convert and make plan files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lenger_core.errors import InputError

plan_app = typer.Typer(help="Check, convert and make plan files.", no_args_is_help=True, rich_markup_mode=None)

Number = float | None
Dem = Annotated[
    list[Path] | None, typer.Option("--dem", help="DEM files (.hgt, .tif) or a folder of them; may be repeated.")
]
Trust = Annotated[
    str,
    typer.Option(help="model: the land may differ by the terrain's error; ground: a simulator's. Default: DEM model."),
]
Vehicle = Annotated[str, typer.Option(help="A profile of config/vehicles.")]
Zones = Annotated[list[Path] | None, typer.Option("--zones", help="A zone file; may be repeated.")]
Wind = Annotated[Number, typer.Option("--wind", help="Mean wind, m/s.")]
WindFrom = Annotated[Number, typer.Option("--wind-from", help="Compass direction that it comes from, degrees.")]


@plan_app.command("check")
def plan_check(
    plan: Annotated[str, typer.Argument(help="A plan file: .plan, .json, .waypoints, .txt (QGC WPL) or .mission.")],
    zones: Zones = None,
    vehicle: Vehicle = "quad_2kg",
    dem: Dem = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    picture: Annotated[list[Path] | None, typer.Option(help="Draw the height profile to this PNG.")] = None,
    trust: Trust = "",
    autopilot: Annotated[str, typer.Option(help="px4 or ardupilot: check what it can take.")] = "",
    conditions: Annotated[Path | None, typer.Option(help="YAML of the day; the options below count before it.")] = None,
    wind: Wind = None,
    wind_from: WindFrom = None,
    gust: Annotated[Number, typer.Option(help="Forecast gusts, m/s.")] = None,
    temperature: Annotated[Number, typer.Option(help="Of the air at home, degrees C.")] = None,
    battery_temperature: Annotated[Number, typer.Option(help="At take-off, degrees C.")] = None,
    charge: Annotated[Number, typer.Option(help="Of the battery at take-off, 0 to 1.")] = None,
    take_off: Annotated[str, typer.Option(help="Time with its zone, as 2026-11-27T09:30:00Z.")] = "",
    night: Annotated[bool, typer.Option("--night", help="Crew and permit allow flying by night.")] = False,
    lights: Annotated[bool, typer.Option("--lights", help="Anti-collision lights are on.")] = False,
    station: Annotated[str, typer.Option(help="LAT,LON of the ground station; default: home.")] = "",
    antenna: Annotated[Number, typer.Option(help="Its antenna above the ground, m.")] = None,
    frequency: Annotated[Number, typer.Option(help="Of the radio link, MHz.")] = None,
    ceiling: Annotated[Number, typer.Option(help="Greatest height above the ground, m.")] = None,
    floor: Annotated[Number, typer.Option(help="Least height above the ground, m.")] = None,
    border_buffer: Annotated[Number, typer.Option(help="Least distance to a border, m.")] = None,
) -> None:
    """Check a plan before it flies: exit code 0 when it may, 1 when it may not."""
    from lenger_bringup.ground import joined_dem
    from lenger_mission.gate_command import GateRequest, run

    lat, lon = _place(station, "--station") or (None, None)
    stated: dict[str, object] = {
        "wind_m_s": wind,
        "wind_from_deg": wind_from,
        "gust_m_s": gust,
        "temperature_c": temperature,
        "battery_c": battery_temperature,
        "battery_charge": charge,
        "take_off_utc": take_off or None,
        "night_allowed": night or None,
        "lights": lights or None,
        "station.lat_deg": lat,
        "station.lon_deg": lon,
        "station.antenna_agl_m": antenna,
        "station.frequency_mhz": frequency,
        "limits.ceiling_agl_m": ceiling,
        "limits.floor_agl_m": floor,
        "limits.border_buffer_m": border_buffer,
    }
    request = GateRequest(
        zones=tuple(zones or ()),
        vehicle=vehicle,
        dem=joined_dem(dem),
        trust=trust,
        autopilot=autopilot,
        conditions=conditions,
        stated={name: value for name, value in stated.items() if value is not None},
        pictures=tuple(picture or ()),
    )
    raise typer.Exit(run(plan, request, json=as_json))


@plan_app.command("convert")
def plan_convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help=".plan, .json, .waypoints, .txt (QGC WPL), .mission, .kml or .geojson.")
    ],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help=".plan, .json, .waypoints, .txt (QGC WPL), .kml or .geojson.")
    ],
    dem: Dem = None,
    wpl: Annotated[int, typer.Option(help="Version of a QGC WPL file: 110 with home, 120 without.")] = 110,
) -> None:
    """Convert a plan file to the format of another ending, and say what that format cannot say."""
    from rich.console import Console

    from lenger_bringup.ground import joined_dem
    from lenger_mission.formats.convert import convert

    done = convert(source, target, joined_dem(dem), wpl)
    console = Console(highlight=False, soft_wrap=True)
    for note in done.notes:
        console.print(f"note: {note}", markup=False)
    console.print(f"{source} ({done.read}) -> {target} ({done.written}): {done.what}", markup=False)


@plan_app.command("make")
def plan_make(
    pattern: Annotated[
        str,
        typer.Argument(
            metavar="PATTERN",
            help="survey, corridor, perimeter, expanding_square, sector, creeping_line, parallel_track or orbit.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PLAN", help="The plan file to write, by its ending.")],
    area: Annotated[Path | None, typer.Option(help="KML or GeoJSON with the area, or a corridor's line.")] = None,
    feature: Annotated[str, typer.Option(help="Its name, where the file holds several.")] = "",
    at: Annotated[str, typer.Option(help="LAT,LON of a search's datum or an orbit's centre.")] = "",
    home: Annotated[str, typer.Option(help="LAT,LON of the take-off point.")] = "",
    height: Annotated[Number, typer.Option(help="Of flight, m.")] = None,
    datum: Annotated[str, typer.Option(help="What it is above: agl, amsl or home.")] = "agl",
    speed: Annotated[Number, typer.Option(help="Over the ground, m/s.")] = None,
    camera: Annotated[str, typer.Option(help="A camera of config/cameras.")] = "",
    front_overlap: Annotated[Number, typer.Option(help="Of pictures along a track, 0 to below 1.")] = None,
    side_overlap: Annotated[Number, typer.Option(help="Of neighbouring tracks, 0 to below 1.")] = None,
    spacing: Annotated[Number, typer.Option(help="Between tracks or legs, or a perimeter's inset, m.")] = None,
    width: Annotated[Number, typer.Option(help="Of a corridor, m.")] = None,
    angle: Annotated[Number, typer.Option(help="True heading of the tracks or the first leg, degrees.")] = None,
    wind: Wind = None,
    wind_from: WindFrom = None,
    radius: Annotated[Number, typer.Option(help="Of a search or an orbit, m.")] = None,
    rings: Annotated[int | None, typer.Option(help="How many an orbit has.")] = None,
    climb: Annotated[Number, typer.Option(help="Between the rings of an orbit, m.")] = None,
    turns: Annotated[Number, typer.Option(help="How often around.")] = None,
    legs: Annotated[int | None, typer.Option(help="Of a search.")] = None,
    clockwise: Annotated[bool, typer.Option("--clockwise/--anticlockwise", help="Sense of the turns.")] = True,
    vehicle: Vehicle = "quad_2kg",
    zones: Zones = None,
    dem: Dem = None,
    trust: Trust = "",
    flat: Annotated[bool, typer.Option("--flat", help="Simple waypoints AMSL that follow the ground.")] = False,
    split: Annotated[
        bool, typer.Option("--split", help="Several plans, PLAN-1 and so on, where one battery does not fly it.")
    ] = False,
) -> None:
    """Make a pattern over the ground into a plan file."""
    from lenger_bringup.ground import joined_dem
    from lenger_mission.pattern_command import run
    from lenger_mission.pattern_request import PatternRequest

    request = PatternRequest(
        pattern, out, area, feature, _place(at, "--at"), _place(home, "--home"), height, datum, speed, camera,
        front_overlap, side_overlap, spacing, width, angle, wind_from, wind, radius, rings, climb, turns, legs,
        clockwise, vehicle, tuple(zones or ()), joined_dem(dem), trust, flat, split,
    )  # fmt: skip
    raise typer.Exit(run(request))


def _place(text: str, option: str) -> tuple[float, float] | None:
    """Return the latitude and longitude that an option says, None where it is not given."""
    if not text:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = float("nan")
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise InputError(option, "", text, "LAT,LON in degrees, such as 42.1819,69.8878")
    return lat, lon
