"""Camera data: what a frame shows from a height, read from config/cameras/NAME.yaml.

A pinhole camera (Wolf, Dewitt and Wilkinson, Elements of Photogrammetry, ch. 6): a length on the ground is to the
height as a length on the sensor is to the focal length.
"""

from __future__ import annotations

from math import inf
from typing import Literal

from pydantic import Field, ValidationError

from lenger_core.errors import InputError
from lenger_core.plans import PlanCamera
from lenger_core.resources import config_path
from lenger_core.settings import Settings, input_error
from lenger_core.strict_yaml import read_yaml


class Camera(Settings):
    """A camera on a gimbal or fixed, and how it is mounted."""

    name: str = Field(min_length=1, max_length=80)
    title: str = Field(min_length=1, max_length=200)
    sensor_width_mm: float = Field(ge=0.5, le=100.0, description="long side of the sensor")
    sensor_height_mm: float = Field(ge=0.5, le=100.0, description="short side of the sensor")
    image_width_px: int = Field(ge=32, le=100_000)
    image_height_px: int = Field(ge=32, le=100_000)
    focal_length_mm: float = Field(ge=0.5, le=1_000.0, description="true, not the equivalent of a 35 mm camera")
    min_interval_s: float = Field(1.0, ge=0.0, le=3_600.0, description="least time between two photos")
    long_side: Literal["across", "along"] = Field("across", description="how the long side lies to the direction flown")

    @property
    def half_tangents(self) -> tuple[float, float]:
        """Tangents of half the angle of view, across and along the direction flown."""
        wide = self.sensor_width_mm / (2.0 * self.focal_length_mm)
        high = self.sensor_height_mm / (2.0 * self.focal_length_mm)
        return (wide, high) if self.long_side == "across" else (high, wide)

    def frame_m(self, height_m: float) -> tuple[float, float]:
        """Return the sides of the frame on flat ground straight below, across and along the direction flown."""
        across, along = self.half_tangents
        return 2.0 * height_m * across, 2.0 * height_m * along

    def pixel_m(self, height_m: float) -> float:
        """Return the ground sample distance: the side of a pixel on flat ground straight below."""
        return height_m * self.sensor_width_mm / (self.focal_length_mm * self.image_width_px)

    def height_for_pixel_m(self, pixel_m: float) -> float:
        """Return the height from which a pixel covers that much ground: the inverse of `pixel_m`."""
        return pixel_m * self.focal_length_mm * self.image_width_px / self.sensor_width_mm

    def spacing_m(self, height_m: float, side_overlap: float) -> float:
        """Return the distance between neighbouring lines for an overlap of 0 to below 1."""
        return self.frame_m(height_m)[0] * (1.0 - _share("side_overlap", side_overlap))

    def trigger_m(self, height_m: float, front_overlap: float) -> float:
        """Return the distance between photos along a line for an overlap of 0 to below 1."""
        return self.frame_m(height_m)[1] * (1.0 - _share("front_overlap", front_overlap))

    def max_speed_m_s(self, height_m: float, front_overlap: float) -> float:
        """Return the speed over the ground at which the camera still keeps up with the overlap."""
        distance = self.trigger_m(height_m, front_overlap)
        return distance / self.min_interval_s if self.min_interval_s > 0.0 else inf


MAX_OVERLAP = 0.95


def _share(field: str, value: float) -> float:
    if not 0.0 <= value <= MAX_OVERLAP:
        raise InputError("survey", field, value, f"0 to {MAX_OVERLAP:g}")
    return value


def camera_names() -> list[str]:
    """Return the names of the cameras that ship."""
    return sorted(path.stem for path in config_path("cameras").glob("*.yaml"))


def load_camera(name: str) -> Camera:
    """Return the camera of that name.

    Raises:
        InputError: no such camera, or a field of it is wrong.
    """
    if name not in camera_names():
        raise InputError("camera", "name", name, f"one of {', '.join(camera_names())}")
    path = config_path("cameras", f"{name}.yaml")
    try:
        return Camera.model_validate(read_yaml(path))
    except ValidationError as error:
        raise input_error(path.name, error) from error


def camera_of(wanted: PlanCamera) -> Camera:
    """Return the camera that an item of a plan names.

    Raises:
        InputError: it is none that can be flown with, such as a sensor of a tenth of a millimetre.
    """
    wide, high = wanted.sensor_width_mm, wanted.sensor_height_mm
    try:
        return Camera(
            name=wanted.name[:80] or "camera",
            title=wanted.name or "camera of the plan",
            sensor_width_mm=wide,
            sensor_height_mm=high,
            image_width_px=wanted.image_width_px,
            image_height_px=wanted.image_height_px,
            focal_length_mm=wanted.focal_length_mm,
            min_interval_s=wanted.min_trigger_interval_s,
            long_side="across" if wanted.landscape else "along",
        )
    except ValidationError as error:
        raise input_error("camera of the plan", error) from error
