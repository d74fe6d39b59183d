"""Heights of `.plan` items: MAVLink frames and QGroundControl's altitude modes.

`AltitudeMode` 1 is relative to home, 2 AMSL, 3 height above terrain for which the ground station computed
`AMSLAltAboveTerrain`, 4 the autopilot's terrain frame; 0 or absent leaves it to the MAVLink `frame`. Mode 3 keeps its
meaning here, a height above ground, and is followed along the leg.
"""

from __future__ import annotations

from typing import Any

from lenger_core.plans import MAX_HEIGHT_M, MIN_HEIGHT_M, Datum, Height
from lenger_core.strict_json import JsonField
from lenger_mission.formats.plan_walk import Walk

FRAME_DATUM = {0: Datum.AMSL, 5: Datum.AMSL, 3: Datum.HOME, 6: Datum.HOME, 10: Datum.AGL, 11: Datum.AGL}
"""MAV_FRAME_GLOBAL*, with the deprecated _INT twins."""
MODE_DATUM = {1: Datum.HOME, 2: Datum.AMSL, 3: Datum.AGL, 4: Datum.AGL}
MODE_WIRE_DATUM = {**MODE_DATUM, 3: Datum.AMSL}
"""The datum of the MAVLink frame that goes with each AltitudeMode: mode 3 is uploaded as AMSL."""
_WRITTEN = {Datum.HOME: (3, 1), Datum.AMSL: (0, 2), Datum.AGL: (10, 4)}


def tidy(value: float) -> float | int:
    """Return a number as other programs write it: without a fraction where there is none."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def read_height(item: JsonField, params: list[JsonField]) -> Height:
    """Return the height of a simple item with a position.

    Raises:
        InputError: the frame is none of the earth, or two numbers for one height differ.
    """
    frame = item["frame"]
    on_wire = frame.integer(0, 255)
    if on_wire not in FRAME_DATUM:
        raise frame.error("0 (AMSL), 3 (relative to home) or 10 (terrain)")
    wire_value = params[6].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    mode_field = item.get("AltitudeMode")
    mode = mode_field.integer(0, 4) if mode_field is not None and mode_field.value is not None else 0
    if mode == 0:
        return Height(value_m=wire_value, datum=FRAME_DATUM[on_wire])
    if FRAME_DATUM[on_wire] is not MODE_WIRE_DATUM[mode]:
        raise frame.error(f"a frame that agrees with AltitudeMode {mode} ({MODE_WIRE_DATUM[mode].value})")
    value = item["Altitude"].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    computed = item.get("AMSLAltAboveTerrain")
    if mode == 3 and computed is not None:
        computed.optional_number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    # Two numbers for one height: which of them the writer meant is not for us to guess.
    if mode != 3 and abs(value - wire_value) > 0.5:
        raise params[6].error(f"{value:g}, as Altitude says")
    return Height(value_m=value, datum=MODE_DATUM[mode])


def write_height(height: Height, place: tuple[float, float], walk: Walk) -> tuple[int, float, dict[str, Any]]:
    """Return the MAVLink frame, the seventh parameter, and the keys of the ground station.

    A height above ground is written as QGroundControl's "calculated above terrain" where the ground is known, else in
    the autopilot's terrain frame, which only an autopilot with terrain data flies.
    """
    if height.datum is not Datum.AGL:
        frame, mode = _WRITTEN[height.datum]
        return frame, height.value_m, _keys(height.value_m, mode, None)
    ground = walk.ground_m(place)
    if ground is None:
        walk.note(
            "heights above ground are written in the terrain frame, which an autopilot flies only with terrain data of "
            "its own"
        )
        return 10, height.value_m, _keys(height.value_m, 4, None)
    walk.note("heights above ground hold at the waypoints only: the file cannot say that a leg follows the ground")
    amsl = round(ground + height.value_m, 3)
    return 0, amsl, _keys(height.value_m, 3, amsl)


def _keys(value: float, mode: int, amsl: float | None) -> dict[str, Any]:
    return {
        "AMSLAltAboveTerrain": None if amsl is None else tidy(amsl),
        "Altitude": tidy(value),
        "AltitudeMode": mode,
    }
