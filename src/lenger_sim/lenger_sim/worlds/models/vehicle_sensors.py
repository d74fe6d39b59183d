"""The sensors of a Gazebo vehicle: rates and noise of the embedded one, under the names that the autopilots look for.

What differs from the embedded sensors because Gazebo cannot say it: the accelerometer's noise does not grow with the
rotors' speed (it is that of hover), the rangefinder's not with range (it is that at RANGE_TYPICAL_M). GNSS noise is not
here at all: PX4's gz_bridge and ArduPilot's SITL add their own to Gazebo's true position.
"""

from __future__ import annotations

from functools import cache
from math import pi, sqrt
from xml.etree.ElementTree import Element

import numpy as np

from lenger_sim.airframe import STEP_S
from lenger_sim.gnss import GNSS_PERIOD_NS
from lenger_sim.layout import Record
from lenger_sim.rangers import RANGE_MAX_M, RANGE_MIN_M
from lenger_sim.sensors import RANGER_S, SLOW_EVERY, sensor_params
from lenger_sim.settings import VehicleSettings
from lenger_sim.worlds.models.mesh import Point
from lenger_sim.worlds.models.solid import number, numbers, pose
from lenger_sim.worlds.sdf_text import add
from lenger_sim.worlds.systems import STEP_S as PHYSICS_STEP_S

GYRO_START_RAD_S, ACCEL_START_M_S2 = 0.004, 0.03
"""One sigma of the biases at start-up."""
WALK_TAU_S = 3600.0
"""Gazebo's bias is a Gauss-Markov process; with so long a correlation it is a random walk for a flight."""
HOVER_SPIN = 0.65
"""Share of full rotor speed in hover, of both airframes within 0.06."""
RANGE_TYPICAL_M = 10.0
GAUSS_T = 1e-4
RANGEFINDER_TOPIC = "/{name}/rangefinder"
AXES = ("x", "y", "z")
CAMERA_HZ, CAMERA_FOV_RAD = 10.0, 1.2


@cache
def embedded() -> Record:
    """Return the embedded sensors' noise (SENSOR_PARAMS)."""
    return sensor_params(VehicleSettings(), np.random.default_rng(0))


def add_base_sensors(link: Element, flavour: str, alt_amsl_m: float) -> None:
    """Add what is fixed to base_link. ArduPilot makes barometer, compass and GNSS of its own from the true position."""
    _imu(link, flavour)
    if flavour == "px4":
        _barometer(link, alt_amsl_m)
        _magnetometer(link)
        _sensor(link, "navsat_sensor", "navsat", 1e9 / GNSS_PERIOD_NS)


def add_rangefinder(link: Element, topic: str) -> None:
    """Add a single beam along the link's x axis; `topic` "" leaves Gazebo's own."""
    p = embedded()[0]
    sensor = _sensor(link, "lidar", "gpu_lidar", 1.0 / RANGER_S, (0.0, 0.0, 0.0), (pi, 0.0, 0.0), topic)
    ray = add(sensor, "ray")
    scan = add(ray, "scan")
    for direction in ("horizontal", "vertical"):
        beam = add(scan, direction)
        for tag, value in (("samples", 1.0), ("resolution", 1.0), ("min_angle", 0.0), ("max_angle", 0.0)):
            add(beam, tag, number(value))
    reach = add(ray, "range")
    for tag, value in (("min", RANGE_MIN_M), ("max", RANGE_MAX_M), ("resolution", 0.001)):
        add(reach, tag, number(value))
    noise = add(ray, "noise")
    add(noise, "type", "gaussian")
    add(noise, "mean", "0")
    add(noise, "stddev", number(float(p["range_noise_m"] + p["range_noise_share"] * RANGE_TYPICAL_M)))


def add_camera(link: Element, kind: str) -> None:
    """Add a camera that looks straight down with its upper edge forward: colours by day, warmth for the night."""
    thermal = kind == "thermal"
    sensor = _sensor(
        link, "camera", "thermal_camera" if thermal else "camera", CAMERA_HZ, (0.05, 0.0, -0.04), (0.0, 0.5 * pi, 0.0)
    )
    camera = add(sensor, "camera")
    add(camera, "horizontal_fov", number(CAMERA_FOV_RAD))
    image = add(camera, "image")
    width, height, pixels = (320, 240, "L16") if thermal else (640, 480, "R8G8B8")
    for tag, text in (("width", f"{width}"), ("height", f"{height}"), ("format", pixels)):
        add(image, tag, text)
    clip = add(camera, "clip")
    add(clip, "near", number(0.1))
    add(clip, "far", number(3000.0))


def _imu(link: Element, flavour: str) -> None:
    """Add the IMU: one sample a physics step, with the embedded noise per root hertz.

    gz_bridge turns its axes from FLU to FRD by itself, ArduPilot's plugin wants them FRD: turned half about x.
    """
    p = embedded()[0]
    rate_hz = 1.0 / PHYSICS_STEP_S[flavour]
    dense = sqrt(rate_hz * STEP_S)
    shake = float(p["accel_noise"]) * (1.0 + float(p["vibration"]) * HOVER_SPIN)
    turn = (pi, 0.0, 0.0) if flavour == "ardupilot" else (0.0, 0.0, 0.0)
    imu = add(_sensor(link, "imu_sensor", "imu", rate_hz, turn=turn), "imu")
    for tag, white, start, walk in (
        ("angular_velocity", float(p["gyro_noise"]), GYRO_START_RAD_S, float(p["gyro_walk"])),
        ("linear_acceleration", shake, ACCEL_START_M_S2, float(p["accel_walk"])),
    ):
        axes = add(imu, tag)
        for axis in AXES:
            _noise(add(axes, axis), white * dense, start, walk)


def _barometer(link: Element, alt_amsl_m: float) -> None:
    p, step_s = embedded()[0], SLOW_EVERY * STEP_S
    pressure = add(_sensor(link, "air_pressure_sensor", "air_pressure", 1.0 / step_s), "air_pressure")
    # Gazebo's barometer takes z for the height; this is what it misses
    add(pressure, "reference_altitude", number(alt_amsl_m))
    _noise(add(pressure, "pressure"), float(p["baro_noise_pa"]), 0.0, float(p["baro_drift_pa"]) / step_s**0.5)


def _magnetometer(link: Element) -> None:
    p = embedded()[0]
    field = add(_sensor(link, "magnetometer_sensor", "magnetometer", 1.0 / (SLOW_EVERY * STEP_S)), "magnetometer")
    white = float(p["mag_noise_t"]) / GAUSS_T  # Harmonic's magnetometer tells gauss, and so must its noise be
    for axis in AXES:
        _noise(add(field, axis), white, white, 0.0)


def _sensor(
    link: Element,
    name: str,
    kind: str,
    rate_hz: float,
    at: Point = (0.0, 0.0, 0.0),
    turn: Point = (0.0, 0.0, 0.0),
    topic: str = "",
) -> Element:
    sensor = add(link, "sensor", name=name, type=kind)
    pose(sensor, at, turn)
    if topic:
        add(sensor, "topic", topic)
    add(sensor, "update_rate", number(rate_hz))
    add(sensor, "always_on", "true")
    return sensor


def _noise(parent: Element, white: float, start: float, walk: float) -> None:
    """Add noise: one sigma of each sample, of the bias at the start, and of the walk per root second."""
    noise = add(parent, "noise", type="gaussian")
    add(noise, "mean", "0")
    add(noise, "stddev", numbers(white))
    if start > 0.0:
        add(noise, "bias_mean", "0")
        add(noise, "bias_stddev", numbers(start))
    if walk > 0.0:
        add(noise, "dynamic_bias_stddev", numbers(walk))
        add(noise, "dynamic_bias_correlation_time", numbers(WALK_TAU_S))
