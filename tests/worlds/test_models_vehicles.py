"""Our vehicles in Gazebo against the embedded ones: mass, inertia, rotors, thrust, motors, drag, sensors.

The embedded side is its own compiled kernels; the Gazebo side is what the plugins make of the numbers in the SDF: the
equations of gz-sim's MulticopterMotorModel and LiftDrag and of ArduPilotPlugin's velocity controller, written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import asin, hypot, pi, sqrt
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.vehicles import VehicleProfile, load_vehicle, vehicle_names
from lenger_sim.airframe import airframe_params
from lenger_sim.battery import CELL_FULL_V
from lenger_sim.layout import AIRFRAME, record
from lenger_sim.rigid_body import RigidBody
from lenger_sim.rotors import rotors_step
from lenger_sim.sensors import Sensors
from lenger_sim.settings import VehicleSettings
from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.models.autopilot_plugins import ardupilot_parameters, px4_parameters

ALT_M = 757.0
PROFILES = vehicle_names()
COPTER_MOTORS = {  # ArduCopter's and PX4's motor order of the X frames: clockwise from the nose, sense of rotation
    "quad_2kg": [(45, "ccw"), (-135, "ccw"), (-45, "cw"), (135, "cw")],
    "hexa_7kg": [(90, "cw"), (-90, "ccw"), (-30, "cw"), (150, "ccw"), (30, "ccw"), (-150, "cw")],
}


@cache
def model(profile: str, flavour: str, alt_m: float = ALT_M) -> Element:
    return part_of("vehicle", "uav", {"profile": profile, "alt_amsl_m": alt_m}, flavour).model


def vector(element: Element | None) -> np.ndarray:
    assert element is not None and element.text is not None
    return np.array([float(word) for word in element.text.split()])


def number(parent: Element, tag: str) -> float:
    return float(parent.findtext(tag, ""))


def plugins(element: Element, name: str) -> list[Element]:
    return [plugin for plugin in element.findall("plugin") if (plugin.get("name") or "").endswith(name)]


def link(element: Element, name: str) -> Element:
    return next(found for found in element.findall("link") if found.get("name") == name)


class Embedded:
    """The embedded rotors and motors in still or moving air, with a battery that stays full."""

    def __init__(self, profile: VehicleProfile, alt_m: float = ALT_M) -> None:
        self.params = airframe_params(VehicleSettings(vehicle=profile.name), profile)
        self.state = record(AIRFRAME)
        self.state["voltage_v"] = CELL_FULL_V * profile.battery_cells
        self.state["density"] = density_kg_m3(alt_m)
        self.motors = np.zeros(12)

    def run(self, command: float, seconds: float, air: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
        self.motors[:] = command
        for _ in range(round(seconds / float(self.params["dt_s"][0]))):
            self.state["wrench"] = 0.0
            rotors_step(np.array(air), self.state[0], self.params[0], self.motors)

    @property
    def thrust(self) -> float:
        return float(self.state["thrust_n"][0])

    @property
    def speed(self) -> float:
        return float(self.state["rotor_rad_s"][0][0])


@cache
def hover_command(name: str, alt_m: float) -> float:
    """The command that carries the weight."""
    profile = load_vehicle(name)
    embedded, low, high = Embedded(profile, alt_m), 0.0, 1.0
    for _ in range(20):
        command = 0.5 * (low + high)
        embedded.run(command, 1.0)
        low, high = (low, command) if embedded.thrust > profile.mass_kg * GRAVITY_M_S2 else (command, high)
    return low


def hovering(name: str, alt_m: float = ALT_M) -> Embedded:
    """The embedded rotors in hover."""
    embedded = Embedded(load_vehicle(name), alt_m)
    embedded.run(hover_command(name, alt_m), 3.0)
    return embedded


@dataclass(frozen=True)
class Blade:
    """One LiftDrag plugin."""

    a0: float
    stall: float
    cla: float
    cda: float
    area: float
    density: float
    cp: np.ndarray
    forward: np.ndarray
    radial: bool

    @classmethod
    def of(cls, plugin: Element) -> Blade:
        tags = ("a0", "alpha_stall", "cla", "cda", "area", "air_density")
        assert all(number(plugin, tag) == 0.0 for tag in ("cma", "cla_stall", "cda_stall", "cma_stall"))
        assert plugin.findtext("upward") == "0 0 1"
        radial = plugin.findtext("radial_symmetry") == "true"
        cp, forward = vector(plugin.find("cp")), vector(plugin.find("forward"))
        return cls(*(number(plugin, tag) for tag in tags), cp, forward, radial)

    def force(self, velocity: np.ndarray) -> np.ndarray:
        """Force at the centre of pressure for its velocity through the air, both in the link's frame."""
        if self.forward @ velocity <= 0.0:
            return np.zeros(3)
        flow = velocity / np.linalg.norm(velocity)
        up = np.array((0.0, 0.0, 1.0))
        if self.radial:
            up = np.cross(self.forward, np.cross(self.forward, flow))
            up = up / (np.linalg.norm(up) or 1.0)
        span = np.cross(self.forward, up)
        span = span / (np.linalg.norm(span) or 1.0)
        sweep = 1.0 - float(span @ flow) ** 2
        plane = velocity - (velocity @ span) * span
        drag_way = -plane / np.linalg.norm(plane)
        lift_way = np.cross(span, plane)
        lift_way = lift_way / (np.linalg.norm(lift_way) or 1.0)
        angle = np.arccos(np.clip(lift_way @ up, -1.0, 1.0))
        alpha = self.a0 + angle if lift_way @ self.forward >= 0.0 else self.a0 - angle
        while abs(alpha) > 0.5 * pi:
            alpha -= np.sign(alpha) * pi
        held = float(np.clip(alpha, -self.stall, self.stall))
        pressure = 0.5 * self.density * float(plane @ plane) * sweep * self.area
        return pressure * (self.cla * held * lift_way + abs(self.cda * held) * drag_way)


def rotor_wrench(blades: list[Blade], speed: float, sense: float, air: tuple[float, float, float]) -> np.ndarray:
    """Mean force and torque about the shaft over a turn: shape (4,), in the body's frame."""
    total, turns = np.zeros(4), 48
    for k in range(turns):
        c, s = np.cos(2.0 * pi * k / turns), np.sin(2.0 * pi * k / turns)
        to_body = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        for blade in blades:
            velocity = np.cross((0.0, 0.0, sense * speed), blade.cp) + to_body.T @ np.array(air)
            force = blade.force(velocity)
            total[:3] += to_body @ force / turns
            total[3] += float(np.cross(blade.cp, force)[2]) / turns
    return total


def blades_of(element: Element, name: str) -> list[Blade]:
    return [Blade.of(p) for p in plugins(element, "LiftDrag") if p.findtext("link_name") == name]


@pytest.mark.parametrize("flavour", ["px4", "ardupilot"])
@pytest.mark.parametrize("name", PROFILES)
def test_mass_centre_and_inertia_are_those_of_the_embedded_body(name: str, flavour: str) -> None:
    profile, element = load_vehicle(name), model(name, flavour)
    up = np.array((0.0, 0.0, profile.landing_gear.height_m))
    mass, moment, inertia = 0.0, np.zeros(3), np.zeros((3, 3))
    for part in element.findall("link"):
        inertial, at = part.find("inertial"), vector(part.find("pose"))
        assert inertial is not None and inertial.find("inertia") is not None
        assert (at[3:] == 0.0).all() or part.get("name") == "lidar_sensor_link"
        shift = vector(inertial.find("pose"))[:3] if inertial.find("pose") is not None else np.zeros(3)
        centre, share = at[:3] + shift - up, number(inertial, "mass")
        own = inertial.find("inertia")
        assert own is not None and all(number(own, pair) == 0.0 for pair in ("ixy", "ixz", "iyz"))
        diagonal = np.diag([number(own, pair) for pair in ("ixx", "iyy", "izz")])
        mass, moment = mass + share, moment + share * centre
        inertia += diagonal + share * (centre @ centre * np.eye(3) - np.outer(centre, centre))
    real = RigidBody(profile, 42.0, 70.0, 700.0, 0.0, 0.004)
    assert mass == pytest.approx(real.mass_kg, rel=1e-6)
    assert np.abs(moment / mass).max() < 1e-7
    # JSBSim converts to slugs with fewer digits than we do
    assert np.diag(inertia) == pytest.approx(real.inertia_kg_m2, rel=2e-4)
    assert np.abs(inertia - np.diag(np.diag(inertia))).max() < 1e-9


@pytest.mark.parametrize("flavour", ["px4", "ardupilot"])
@pytest.mark.parametrize("name", PROFILES)
def test_rotors_sit_and_turn_as_the_autopilots_number_them(name: str, flavour: str) -> None:
    profile, element = load_vehicle(name), model(name, flavour)
    params = airframe_params(VehicleSettings(vehicle=name), profile)[0]
    for i, (angle_deg, spin) in enumerate(COPTER_MOTORS[name]):
        x, y, z = vector(link(element, f"rotor_{i}").find("pose"))[:3]
        assert (x, y) == pytest.approx((params["rotor_x"][i], params["rotor_y"][i]), abs=1e-6)
        assert np.degrees(np.arctan2(-y, x)) == pytest.approx(angle_deg, abs=1e-6)
        assert hypot(x, y) == pytest.approx(profile.arm_length_m, abs=1e-6)
        assert z == pytest.approx(profile.landing_gear.height_m + 0.05)  # the plane of contact.py's rotor tips
        sense = 1.0 if spin == "ccw" else -1.0
        assert params["rotor_yaw"][i] == -sense
        if flavour == "px4":
            motor = plugins(element, "MulticopterMotorModel")[i]
            assert motor.findtext("turningDirection") == spin and motor.findtext("motorNumber") == f"{i}"
            assert motor.findtext("linkName") == f"rotor_{i}" and motor.findtext("jointName") == f"rotor_{i}_joint"
        else:
            control = plugins(element, "ArduPilotPlugin")[0].findall("control")[i]
            assert control.get("channel") == f"{i}" and control.findtext("jointName") == f"rotor_{i}_joint"
            assert np.sign(number(control, "multiplier")) == sense
            for blade in blades_of(element, f"rotor_{i}"):  # its leading edge goes ahead
                assert blade.forward @ np.cross((0.0, 0.0, sense), blade.cp) > 0.0


@pytest.mark.parametrize("alt_m", [0.0, ALT_M, 2500.0])
@pytest.mark.parametrize("name", PROFILES)
def test_px4_thrust_torque_and_full_speed_are_the_embedded_ones(name: str, alt_m: float) -> None:
    profile, embedded = load_vehicle(name), hovering(name, alt_m)
    motors = plugins(model(name, "px4", alt_m), "MulticopterMotorModel")
    weight = profile.mass_kg * GRAVITY_M_S2
    lift = sum(number(motor, "motorConstant") for motor in motors) * embedded.speed**2
    assert embedded.thrust == pytest.approx(weight, rel=1e-3)
    assert lift == pytest.approx(weight, rel=0.005)
    torque = number(motors[0], "momentConstant") * lift / profile.rotors
    assert torque == pytest.approx(float(embedded.state["torque_n_m"][0][0]), rel=0.02)
    embedded.run(1.0, 3.0)
    assert number(motors[0], "maxRotVelocity") == pytest.approx(embedded.speed, rel=0.01)
    most = sum(number(motor, "motorConstant") * number(motor, "maxRotVelocity") ** 2 for motor in motors)
    assert most == pytest.approx(embedded.thrust, rel=0.02)
    if alt_m == 0.0:
        assert most / weight == pytest.approx(profile.thrust_to_weight, rel=0.05)


@pytest.mark.parametrize("name", PROFILES)
def test_px4_motors_lag_as_the_embedded_ones_do(name: str) -> None:
    embedded, profile = hovering(name), load_vehicle(name)
    command = hover_command(name, ALT_M)
    start = embedded.speed
    probe = Embedded(profile)
    probe.run(command * 1.03, 3.0)
    end, steps = probe.speed, 0
    while embedded.speed < start + 0.632 * (end - start):
        embedded.run(command * 1.03, 0.004)
        steps += 1
    motor = plugins(model(name, "px4"), "MulticopterMotorModel")[0]
    assert number(motor, "timeConstantUp") == number(motor, "timeConstantDown")
    assert number(motor, "timeConstantUp") == pytest.approx(steps * 0.004, abs=0.006)


@pytest.mark.parametrize("name", PROFILES)
def test_px4_rotor_drag_is_the_embedded_one_at_hover(name: str) -> None:
    embedded, command = hovering(name), hover_command(name, ALT_M)
    embedded.run(command, 0.004, (0.01, 0.0, 0.0))
    per_speed = -float(embedded.state["wrench"][0][0]) / 0.01
    motors = plugins(model(name, "px4"), "MulticopterMotorModel")
    ours = sum(number(motor, "rotorDragCoefficient") for motor in motors) * embedded.speed
    assert ours == pytest.approx(per_speed, rel=0.02)
    assert {motor.findtext("rollingMomentCoefficient") for motor in motors} == {"0"}


@pytest.mark.parametrize("alt_m", [0.0, ALT_M, 2500.0])
@pytest.mark.parametrize("name", PROFILES)
def test_ardupilot_motors_and_blades_find_the_embedded_speeds(name: str, alt_m: float) -> None:
    profile, embedded, element = (
        load_vehicle(name),
        hovering(name, alt_m),
        model(name, "ardupilot", alt_m),
    )
    control = plugins(element, "ArduPilotPlugin")[0].findall("control")[0]
    sense = np.sign(number(control, "multiplier"))
    blades = blades_of(element, "rotor_0")
    command = hover_command(name, alt_m)
    for share in (command, 1.0):
        embedded.run(share, 3.0)
        speed = steady_speed(control, blades, share)
        assert speed == pytest.approx(embedded.speed, rel=0.02)
        up, torque = rotor_wrench(blades, embedded.speed, sense, (0.0, 0.0, 0.0))[2:]
        assert profile.rotors * up == pytest.approx(embedded.thrust, rel=0.02)
        assert -sense * torque == pytest.approx(float(embedded.state["torque_n_m"][0][0]), rel=0.03)


def steady_speed(control: Element, blades: list[Blade], share: float) -> float:
    """Where the controller's torque and the blades' are equal."""
    sense = np.sign(number(control, "multiplier"))
    target, low, high = share * abs(number(control, "multiplier")), 0.0, 2000.0
    for _ in range(40):
        speed = 0.5 * (low + high)
        drive = number(control, "p_gain") * (target - speed)
        load = -sense * rotor_wrench(blades, speed, sense, (0.0, 0.0, 0.0))[3]
        low, high = (speed, high) if drive > load else (low, speed)
    assert number(control, "cmd_max") >= number(control, "p_gain") * target - 1e-6
    return low


@pytest.mark.parametrize("name", PROFILES)
def test_ardupilot_motors_lag_as_the_embedded_ones_do(name: str) -> None:
    embedded, element = hovering(name), model(name, "ardupilot")
    control, blades = plugins(element, "ArduPilotPlugin")[0].findall("control")[0], blades_of(element, "rotor_0")
    sense = np.sign(number(control, "multiplier"))
    inertia = link(element, "rotor_0").find("inertial/inertia")
    assert inertia is not None
    command = hover_command(name, ALT_M)
    speed = steady_speed(control, blades, command)
    start, ours, theirs = embedded.speed, [], []
    unit = -sense * rotor_wrench(blades, start, sense, (0.0, 0.0, 0.0))[3] / start**2
    for _ in range(40):
        embedded.run(min(1.15 * command, 1.0), 0.004)
        for _ in range(4):
            torque = number(control, "p_gain") * (1.15 * command * abs(number(control, "multiplier")) - speed)
            speed += 0.001 * (torque - unit * speed**2) / number(inertia, "izz")
        ours.append(speed)
        theirs.append(embedded.speed)
    rise = theirs[-1] - start
    assert rise > 0.05 * start
    assert np.abs(np.array(ours) - np.array(theirs)).max() < 0.08 * rise


@pytest.mark.parametrize("name", PROFILES)
def test_ardupilot_blades_answer_moving_air_as_the_embedded_rotors_do(name: str) -> None:
    profile, embedded, element = load_vehicle(name), hovering(name), model(name, "ardupilot")
    command, blades = hover_command(name, ALT_M), blades_of(element, "rotor_0")
    control = plugins(element, "ArduPilotPlugin")[0].findall("control")[0]
    sense, speed = np.sign(number(control, "multiplier")), embedded.speed
    still = rotor_wrench(blades, speed, sense, (0.0, 0.0, 0.0))[2]
    climbing = rotor_wrench(blades, speed, sense, (0.0, 0.0, 2.0))[2] / still
    sideways = -rotor_wrench(blades, speed, sense, (3.0, 0.0, 0.0))[0] / still
    params, area = embedded.params[0], pi * profile.rotor_radius_m**2
    at_rest = embedded.thrust / (speed**2)
    embedded.run(command, 3.0, (0.0, 0.0, 2.0))
    assert climbing == pytest.approx(embedded.thrust / embedded.speed**2 / at_rest, abs=0.02)
    assert climbing < 0.97
    assert sideways == pytest.approx(3.0 * float(params["rotor_drag"]), rel=0.15)
    tip = speed * profile.rotor_radius_m
    assert still / (density_kg_m3(ALT_M) * area * tip**2) == pytest.approx(
        profile.propeller.thrust_coefficient, rel=0.02
    )


@pytest.mark.parametrize("flavour", ["px4", "ardupilot"])
@pytest.mark.parametrize("name", PROFILES)
def test_the_body_drags_as_the_embedded_one_from_every_side(name: str, flavour: str) -> None:
    profile, drag = load_vehicle(name), blades_of(model(name, flavour), "base_link")
    for flow in np.random.default_rng(4).normal(size=(60, 3)) * 8.0:
        force = np.sum([blade.force(flow) for blade in drag], axis=0)
        expected = -0.5 * density_kg_m3(ALT_M) * profile.drag_area_m2 * np.linalg.norm(flow) * flow
        assert force == pytest.approx(expected, rel=1e-6, abs=1e-9)
    for axis in np.eye(3)[:2]:
        assert np.sum([blade.force(7.0 * axis) for blade in drag], axis=0) @ axis < 0.0


@pytest.mark.parametrize("name", PROFILES)
def test_it_stands_on_its_feet_at_the_origin(name: str) -> None:
    base, profile = link(model(name, "px4"), "base_link"), load_vehicle(name)
    up = vector(base.find("pose"))[2]
    feet = [c for c in base.findall("collision") if (c.get("name") or "").startswith("foot")]
    lows = [up + vector(c.find("pose"))[2] - float(c.findtext("geometry/sphere/radius", "")) for c in feet]
    assert lows == pytest.approx([0.0] * 4, abs=1e-6)
    places = {tuple(np.round(vector(c.find("pose"))[:2], 6)) for c in feet}
    gear = profile.landing_gear
    assert places == {(x * gear.half_length_m, y * gear.half_width_m) for x in (-1, 1) for y in (-1, 1)}
    assert base.findtext("enable_wind") == "true"


GZ_BRIDGE = [  # link, sensor, type: the end of the topics that PX4's gz_bridge subscribes to
    ("base_link", "imu_sensor", "imu"),
    ("base_link", "magnetometer_sensor", "magnetometer"),
    ("base_link", "air_pressure_sensor", "air_pressure"),
    ("base_link", "navsat_sensor", "navsat"),
    ("lidar_sensor_link", "lidar", "gpu_lidar"),
]


def sensors_of(element: Element) -> dict[tuple[str, str], Element]:
    return {
        (part.get("name", ""), sensor.get("name", "")): sensor
        for part in element.findall("link")
        for sensor in part.findall("sensor")
    }


@pytest.mark.parametrize("name", PROFILES)
def test_px4_finds_its_sensors_and_motors(name: str) -> None:
    element = model(name, "px4")
    found = sensors_of(element)
    for place, sensor, kind in GZ_BRIDGE:
        assert found[place, sensor].get("type") == kind
        assert found[place, sensor].find("topic") is None  # PX4 wants Gazebo's own names
    assert {m.findtext("commandSubTopic") for m in plugins(element, "MulticopterMotorModel")} == {"command/motor_speed"}
    assert number(found["base_link", "air_pressure_sensor"], "air_pressure/reference_altitude") == ALT_M
    assert not plugins(element, "ArduPilotPlugin")
    # gz_bridge tells "downward" from the sensor's own pose: half a turn about x; its link turns the beam down
    assert vector(found["lidar_sensor_link", "lidar"].find("pose")) == pytest.approx([0, 0, 0, pi, 0, 0], abs=1e-6)
    assert vector(link(element, "lidar_sensor_link").find("pose"))[4] == pytest.approx(pi / 2.0, abs=1e-6)


@pytest.mark.parametrize("name", PROFILES)
def test_ardupilot_finds_its_imu_and_rangefinder(name: str) -> None:
    element = model(name, "ardupilot")
    plugin, found = plugins(element, "ArduPilotPlugin")[0], sensors_of(element)
    imu = found["base_link", "imu_sensor"]
    assert plugin.findtext("imuName") == "base_link::imu_sensor"
    # the plugin takes its axes as they come, and ArduPilot's are FRD
    assert vector(imu.find("pose")) == pytest.approx([0, 0, 0, pi, 0, 0], abs=1e-6)
    assert sensors_of(model(name, "px4"))["base_link", "imu_sensor"].find("pose") is None
    # once a step of 1 ms, the same noise density as 250 Hz
    assert number(imu, "update_rate") == 1000.0
    px4_imu = sensors_of(model(name, "px4"))["base_link", "imu_sensor"]
    for place in ("imu/angular_velocity/z/noise/stddev", "imu/linear_acceleration/x/noise/stddev"):
        assert number(imu, place) == pytest.approx(2.0 * number(px4_imu, place))
    # the plugin's controller reads joint speeds that only this system provides
    joints = [e.text for e in plugins(element, "JointStatePublisher")[0].findall("joint_name")]
    assert joints == [control.findtext("jointName") for control in plugin.findall("control")]
    topic = plugin.findtext("sensor/topic")
    assert topic and topic == found["lidar_sensor_link", "lidar"].findtext("topic")
    assert plugin.findtext("modelXYZToAirplaneXForwardZDown") == "0 0 0 180 0 0"
    assert plugin.findtext("gazeboXYZToNED") == "0 0 0 180 0 90"
    assert not plugins(element, "MulticopterMotorModel")
    parameters = ardupilot_parameters(load_vehicle(name))
    for tag, parameter in (("servo_min", "MOT_PWM_MIN"), ("servo_max", "MOT_PWM_MAX")):
        assert {number(control, tag) for control in plugin.findall("control")} == {parameters[parameter]}


def test_noise_is_that_of_the_embedded_sensors() -> None:
    settings = VehicleSettings()
    embedded = [Sensors(settings, *_place(), np.random.default_rng(seed), (6e6, 5e6), _ground()) for seed in range(60)]
    p, found = embedded[0].params[0], sensors_of(model("quad_2kg", "px4"))
    imu, steps = found["base_link", "imu_sensor"], 1.0 / 250.0
    assert number(imu, "update_rate") == 250.0
    gyro, accel = imu.find("imu/angular_velocity/x/noise"), imu.find("imu/linear_acceleration/z/noise")
    assert gyro is not None and accel is not None
    assert number(gyro, "stddev") == pytest.approx(p["gyro_noise"])
    assert number(gyro, "dynamic_bias_stddev") == pytest.approx(p["gyro_walk"])
    assert number(accel, "dynamic_bias_stddev") == pytest.approx(p["accel_walk"])
    spins = [hover_spin(name) for name in PROFILES]
    for spin in spins:
        assert number(accel, "stddev") == pytest.approx(p["accel_noise"] * (1.0 + p["vibration"] * spin), rel=0.06)
    for noise, field in ((gyro, "gyro_bias"), (accel, "accel_bias")):
        start = np.concatenate([sensors.state[0][field] for sensors in embedded])
        assert number(noise, "bias_stddev") == pytest.approx(float(start.std()), rel=0.2)
    baro = found["base_link", "air_pressure_sensor"]
    pressure = baro.find("air_pressure/pressure/noise")
    assert pressure is not None and number(baro, "update_rate") == 50.0
    assert number(pressure, "stddev") == pytest.approx(p["baro_noise_pa"])
    assert number(pressure, "dynamic_bias_stddev") * sqrt(5.0 * steps) == pytest.approx(p["baro_drift_pa"])
    compass = found["base_link", "magnetometer_sensor"].find("magnetometer/y/noise")
    assert compass is not None and number(compass, "stddev") * 1e-4 == pytest.approx(p["mag_noise_t"])
    offsets = np.concatenate([sensors.params[0]["mag_bias"] for sensors in embedded])
    assert number(compass, "bias_stddev") * 1e-4 == pytest.approx(float(offsets.std()), rel=0.2)
    lidar = found["lidar_sensor_link", "lidar"]
    assert number(lidar, "update_rate") == 25.0 and number(lidar, "ray/range/max") == 50.0
    assert number(lidar, "ray/noise/stddev") == pytest.approx(p["range_noise_m"] + 10.0 * p["range_noise_share"])
    assert number(found["base_link", "navsat_sensor"], "update_rate") == 8.0


def hover_spin(name: str) -> float:
    parameters = px4_parameters(load_vehicle(name), ALT_M)
    idle, most = parameters["SIM_GZ_EC_MIN1"], parameters["SIM_GZ_EC_MAX1"]
    return (idle + parameters["MPC_THR_HOVER"] * (most - idle)) / most


def _place() -> tuple[np.ndarray]:
    from lenger_sim.layout import TRUTH

    truth = record(TRUTH)
    truth["quat"][0][0] = 1.0
    return (truth,)


def _ground() -> np.ndarray:
    from lenger_sim.layout import GROUND

    return record(GROUND)


@pytest.mark.parametrize("name", PROFILES)
def test_px4_parameters_describe_the_model(name: str) -> None:
    profile, element, parameters = load_vehicle(name), model(name, "px4"), px4_parameters(load_vehicle(name), ALT_M)
    motors = plugins(element, "MulticopterMotorModel")
    assert parameters["CA_ROTOR_COUNT"] == len(motors)
    for i, motor in enumerate(motors):
        x, y = vector(link(element, f"rotor_{i}").find("pose"))[:2]
        assert (parameters[f"CA_ROTOR{i}_PX"], parameters[f"CA_ROTOR{i}_PY"]) == pytest.approx((x, -y), abs=1e-4)
        # PX4: positive for a rotor that turns counter-clockwise
        assert np.sign(parameters[f"CA_ROTOR{i}_KM"]) == (1.0 if motor.findtext("turningDirection") == "ccw" else -1.0)
        assert abs(parameters[f"CA_ROTOR{i}_KM"]) == pytest.approx(number(motor, "momentConstant"), rel=1e-3)
        assert parameters[f"SIM_GZ_EC_MAX{i + 1}"] == pytest.approx(number(motor, "maxRotVelocity"), abs=1.0)
        assert parameters[f"SIM_GZ_EC_FUNC{i + 1}"] == 101 + i
    lift = sum(number(m, "motorConstant") for m in motors) * (hover_spin(name) * parameters["SIM_GZ_EC_MAX1"]) ** 2
    assert lift == pytest.approx(profile.mass_kg * GRAVITY_M_S2, rel=0.01)


def test_an_impossible_share_of_the_rotors_is_refused() -> None:
    from lenger_core.errors import InputError
    from lenger_sim.worlds.models.body import body
    from lenger_sim.worlds.models.propulsion import propulsion

    profile = load_vehicle("quad_2kg")
    slow = profile.model_copy(update={"motor": profile.motor.model_copy(update={"lag_s": 0.5})})
    with pytest.raises(InputError, match="leave the body a possible inertia"):
        body(slow, propulsion(slow, ALT_M), (0.0, 0.0, 0.0))


def test_cameras_look_straight_down() -> None:
    for camera, kind in (("day", "camera"), ("thermal", "thermal_camera")):
        element = part_of("vehicle", "uav", {"camera": camera}, "px4").model
        sensor = sensors_of(element)["base_link", "camera"]
        assert sensor.get("type") == kind
        assert asin(np.sin(vector(sensor.find("pose"))[4])) == pytest.approx(pi / 2.0, abs=1e-6)
    assert ("base_link", "camera") not in sensors_of(part_of("vehicle", "uav", {"camera": "none"}, "px4").model)
