"""The `CameraCalc` object of survey and corridor items: camera, overlaps and the height they are flown at.

Footprint and ground sampling distance are those of a pinhole camera looking straight down: footprint = height x sensor
/ focal length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lenger_core.plans import MAX_HEIGHT_M, MIN_HEIGHT_M, Coverage, Datum, Height, PlanCamera
from lenger_core.strict_json import JsonField
from lenger_mission.formats.plan_heights import MODE_DATUM, tidy

MANUAL = "Manual (no camera specs)"
CUSTOM = "Custom Camera"
MAX_SPACING_M = 10_000.0
NARROWEST_M = 0.5
"""QGroundControl flies one line where the spacing is less than this."""


@dataclass(frozen=True)
class CameraCalc:
    """What a CameraCalc object says, in the words of `Coverage`."""

    height: Height
    camera: PlanCamera | None
    frontal_overlap_percent: float
    side_overlap_percent: float
    line_spacing_m: float | None
    photo_distance_m: float | None
    photos: bool


def read_camera_calc(field: JsonField, follow_terrain: bool) -> CameraCalc:
    """Return what a CameraCalc object says.

    Args:
        field: the object, version 1 or 2.
        follow_terrain: the `FollowTerrain` of version 1 files.

    Raises:
        InputError: names the field, the value and what would be valid.
    """
    version = field.get("version")
    if version is not None:
        version.one_of(1, 2)
    height = Height(
        value_m=field["DistanceToSurface"].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m"), datum=_datum(field, follow_terrain)
    )
    side = field["AdjustedFootprintSide"].number(0, MAX_SPACING_M, "m")
    frontal = field["AdjustedFootprintFrontal"].number(0, MAX_SPACING_M, "m")
    name = field.get("CameraName")
    if name is None or name.text().startswith("Manual"):
        spacing = side if side >= NARROWEST_M else MAX_SPACING_M
        return CameraCalc(height, None, 70.0, 60.0, spacing, frontal or None, frontal > 0)
    return CameraCalc(
        height,
        _camera(field, name.text()),
        field["FrontalOverlap"].number(0, 99, "percent"),
        field["SideOverlap"].number(0, 99, "percent"),
        None,
        None,
        frontal > 0,
    )


def _datum(field: JsonField, follow_terrain: bool) -> Datum:
    mode = field.get("DistanceMode")
    if mode is not None:
        return MODE_DATUM[mode.integer(1, 4)]
    relative = field.get("DistanceToSurfaceRelative")
    if follow_terrain:
        return Datum.AGL
    return Datum.HOME if relative is None or relative.boolean() else Datum.AMSL


def _camera(field: JsonField, name: str) -> PlanCamera:
    interval = field.get("MinTriggerInterval")
    return PlanCamera(
        name=name.encode("utf-8", "replace").decode("utf-8")[:200],
        sensor_width_mm=field["SensorWidth"].number(0.1, 200, "mm"),
        sensor_height_mm=field["SensorHeight"].number(0.1, 200, "mm"),
        image_width_px=field["ImageWidth"].integer(1, 100_000),
        image_height_px=field["ImageHeight"].integer(1, 100_000),
        focal_length_mm=field["FocalLength"].number(0.1, 2_000, "mm"),
        landscape=field["Landscape"].boolean(),
        min_trigger_interval_s=0.0 if interval is None else interval.optional_number(0, 3_600, "s") or 0.0,
    )


def write_camera_calc(item: Coverage, mode: int, photos: bool) -> dict[str, Any]:
    """Return the CameraCalc object of an item, version 2.

    Args:
        item: survey or corridor.
        mode: QGroundControl's altitude mode of its lines.
        photos: whether it takes any.
    """
    written: dict[str, Any] = {
        "DistanceMode": mode,
        "DistanceToSurface": tidy(item.height.value_m),
        "version": 2,
    }
    if item.camera is None:
        side, frontal = item.line_spacing_m or 0.0, item.photo_distance_m or 0.0
        written["CameraName"] = MANUAL
    else:
        side, frontal = spacings_m(item)
        written |= _camera_keys(item, item.camera)
    return written | {
        "AdjustedFootprintFrontal": tidy(frontal if photos else 0.0),
        "AdjustedFootprintSide": tidy(side),
    }


def spacings_m(item: Coverage) -> tuple[float, float]:
    """Return the distance between lines and between photos that camera, height and overlaps give, in metres; what the
    item states itself goes first."""
    side, frontal = 0.0, 0.0
    camera = item.camera
    if camera is not None:
        across = item.height.value_m * camera.sensor_width_mm / camera.focal_length_mm
        along = item.height.value_m * camera.sensor_height_mm / camera.focal_length_mm
        if not camera.landscape:
            across, along = along, across
        side = across * (100.0 - item.side_overlap_percent) / 100.0
        frontal = along * (100.0 - item.frontal_overlap_percent) / 100.0
    return item.line_spacing_m or side, item.photo_distance_m or frontal


def _camera_keys(item: Coverage, camera: PlanCamera) -> dict[str, Any]:
    density = item.height.value_m * camera.sensor_width_mm * 100.0 / (camera.image_width_px * camera.focal_length_mm)
    return {
        "CameraName": camera.name or CUSTOM,
        "FixedOrientation": False,
        "FocalLength": tidy(camera.focal_length_mm),
        "FrontalOverlap": tidy(item.frontal_overlap_percent),
        "ImageDensity": density,
        "ImageHeight": camera.image_height_px,
        "ImageWidth": camera.image_width_px,
        "Landscape": camera.landscape,
        "MinTriggerInterval": tidy(camera.min_trigger_interval_s),
        "SensorHeight": tidy(camera.sensor_height_mm),
        "SensorWidth": tidy(camera.sensor_width_mm),
        "SideOverlap": tidy(item.side_overlap_percent),
        "ValueSetIsDistance": True,
    }
