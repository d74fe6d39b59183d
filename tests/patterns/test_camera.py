"""Cameras: the pinhole's proportions, by figures worked out by hand, and files that are read strictly."""

from __future__ import annotations

import pytest

from lenger_core.errors import InputError
from lenger_core.plans import PlanCamera
from lenger_mission.patterns.camera import Camera, camera_names, camera_of, load_camera


def test_a_frame_is_to_the_sensor_as_the_height_to_the_focal_length() -> None:
    camera = load_camera("mapping_24mp")
    assert camera.frame_m(80.0) == pytest.approx((80.0 * 23.5 / 16.0, 80.0 * 15.6 / 16.0))
    assert camera.pixel_m(80.0) == pytest.approx(117.5 / 6000)
    assert camera.height_for_pixel_m(camera.pixel_m(80.0)) == pytest.approx(80.0)
    assert camera.spacing_m(80.0, 0.6) == pytest.approx(47.0)
    assert camera.trigger_m(80.0, 0.75) == pytest.approx(19.5)
    assert camera.max_speed_m_s(80.0, 0.75) == pytest.approx(19.5 / 0.8)


def test_a_camera_turned_sideways_swaps_the_sides_of_its_frame() -> None:
    camera = load_camera("mapping_24mp")
    sideways = camera.model_copy(update={"long_side": "along"})
    assert sideways.frame_m(50.0) == camera.frame_m(50.0)[::-1]


@pytest.mark.parametrize("name", camera_names())
def test_every_camera_that_ships_is_named_like_its_file(name: str) -> None:
    assert load_camera(name).name == name


def test_a_wrong_name_is_answered_with_the_right_ones() -> None:
    with pytest.raises(InputError, match="thermal_640"):
        load_camera("thermal")


@pytest.mark.parametrize("overlap", [-0.1, 0.96, float("nan")])
def test_an_overlap_out_of_range_is_refused(overlap: float) -> None:
    with pytest.raises(InputError, match="side_overlap"):
        load_camera("mapping_24mp").spacing_m(60.0, overlap)


def test_a_plan_s_camera_flies_as_it_says() -> None:
    wanted = PlanCamera(
        sensor_width_mm=23.5,
        sensor_height_mm=15.6,
        image_width_px=6000,
        image_height_px=4000,
        focal_length_mm=16.0,
        landscape=False,
    )
    made = camera_of(wanted)
    assert isinstance(made, Camera)
    assert made.frame_m(16.0) == pytest.approx((15.6, 23.5))
    assert made.max_speed_m_s(16.0, 0.5) == float("inf")
    with pytest.raises(InputError, match="sensor_width_mm"):
        camera_of(wanted.model_copy(update={"sensor_width_mm": 0.1}))
