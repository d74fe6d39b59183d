"""What makes a Gazebo vehicle fly: rotors, drag, and the link to the autopilot. All are plugins of the model."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lenger_core.vehicles import VehicleProfile
from lenger_sim.worlds.models.mesh import Point
from lenger_sim.worlds.models.propulsion import Propulsion, blade, propulsion
from lenger_sim.worlds.models.solid import number, numbers
from lenger_sim.worlds.sdf_text import add

SLOWDOWN = 10.0
"""MulticopterMotorModel turns its joints this many times slower than the rotors."""
FDM_PORT = 9002
PWM_MIN, PWM_MAX = 1000.0, 2000.0
"""ArduCopter's MOT_PWM_MIN and MOT_PWM_MAX."""
STALL_RAD = 1.4
LEVEL_RAD, FLAT_RAD = 0.01, 1e-4
ODD = (0.6, 0.48, 0.64)
"""A direction that no flow is exactly across: there neither of the two half spaces would act."""


def add_motor_models(model: Element, profile: VehicleProfile, p: Propulsion) -> None:
    """Add one MulticopterMotorModel a rotor; gz_bridge commands speeds in rad/s, in the order of PX4's motors."""
    for i, rotor in enumerate(profile.rotor_layout):
        plugin = _plugin(model, "gz-sim-multicopter-motor-model-system", "gz::sim::systems::MulticopterMotorModel")
        values: tuple[tuple[str, str], ...] = (
            ("jointName", f"rotor_{i}_joint"),
            ("linkName", f"rotor_{i}"),
            ("turningDirection", rotor.spin),
            ("timeConstantUp", number(p.lag_s)),
            ("timeConstantDown", number(p.lag_s)),
            ("maxRotVelocity", number(p.full_rad_s)),
            ("motorConstant", _fine(p.thrust_n_s2)),
            ("momentConstant", number(p.torque_m)),
            ("commandSubTopic", "command/motor_speed"),
            ("motorNumber", str(i)),
            ("rotorDragCoefficient", _fine(p.drag_n_s2_m)),
            ("rollingMomentCoefficient", "0"),
            ("rotorVelocitySlowdownSim", number(SLOWDOWN)),
            ("motorType", "velocity"),
        )
        for tag, text in values:
            add(plugin, tag, text)


def add_ardupilot(model: Element, profile: VehicleProfile, p: Propulsion, rangefinder_topic: str) -> None:
    """Add ArduPilotPlugin and two LiftDrag blades a rotor; channels are ArduCopter's motors in order.

    The plugin's velocity controller is a real motor here: its target is the no-load speed, its gain the torque a rad/s
    below it, so that propeller and motor find the embedded vehicle's speeds, and its lag, by themselves.
    """
    # the controller reads speeds that it does not ask Gazebo for; without this system no rotor would turn
    joints = _plugin(model, "gz-sim-joint-state-publisher-system", "gz::sim::systems::JointStatePublisher")
    for i in range(profile.rotors):
        add(joints, "joint_name", f"rotor_{i}_joint")
    for i, rotor in enumerate(profile.rotor_layout):
        _blades(model, i, 1.0 if rotor.spin == "ccw" else -1.0, profile, p)
    plugin = _plugin(model, "ArduPilotPlugin", "ArduPilotPlugin")
    for tag, text in (
        ("fdm_addr", "127.0.0.1"),
        ("fdm_port_in", str(FDM_PORT)),
        ("connectionTimeoutMaxCount", "5"),
        ("lock_step", "1"),
        ("no_time_sync", "1"),
        ("have_32_channels", "0"),
    ):
        add(plugin, tag, text)
    # model FLU to FRD, world ENU to NED
    add(plugin, "modelXYZToAirplaneXForwardZDown", "0 0 0 180 0 0", degrees="true")
    add(plugin, "gazeboXYZToNED", "0 0 0 180 0 90", degrees="true")
    add(plugin, "imuName", "base_link::imu_sensor")
    sensor = add(plugin, "sensor")
    for tag, text in (("type", "rangefinder"), ("index", "1"), ("topic", rangefinder_topic)):
        add(sensor, tag, text)
    for i, rotor in enumerate(profile.rotor_layout):
        _control(plugin, i, 1.0 if rotor.spin == "ccw" else -1.0, p)


def add_drag(model: Element, profile: VehicleProfile, p: Propulsion) -> None:
    """Add the body's drag, 1/2 density v^2 drag area against the wind from any side: LiftDrag bent to that.

    With radial symmetry its drag lies along the flow, and beyond a stall angle of next to nothing the coefficient is
    constant; it acts only in the half space of `forward`, hence two of them.
    """
    for sign in (1.0, -1.0):
        values = {
            "a0": LEVEL_RAD,
            "alpha_stall": FLAT_RAD,
            "cla": 0.0,
            "cda": 1.0 / FLAT_RAD,
            "area": profile.drag_area_m2,
        }
        forward = (sign * ODD[0], sign * ODD[1], sign * ODD[2])
        _lift_drag(model, "base_link", values, (0.0, 0.0, 0.0), forward, p, radial=True)


def px4_parameters(profile: VehicleProfile, alt_amsl_m: float) -> dict[str, float]:
    """Return PX4's parameters that describe such a model: geometry (FRD), motor outputs and their range in rad/s."""
    p = propulsion(profile, alt_amsl_m)
    values: dict[str, float] = {"SIM_GZ_EN": 1, "CA_AIRFRAME": 0, "CA_ROTOR_COUNT": profile.rotors}
    for i, rotor in enumerate(profile.rotor_layout):
        forward, left = rotor.forward_left
        values[f"CA_ROTOR{i}_PX"] = round(profile.arm_length_m * forward, 4)
        values[f"CA_ROTOR{i}_PY"] = round(-profile.arm_length_m * left, 4)
        values[f"CA_ROTOR{i}_KM"] = round(-rotor.yaw_sign * p.torque_m, 5)
        values[f"SIM_GZ_EC_FUNC{i + 1}"] = 101 + i
        values[f"SIM_GZ_EC_MIN{i + 1}"] = round(0.12 * p.full_rad_s)
        values[f"SIM_GZ_EC_MAX{i + 1}"] = round(p.full_rad_s)
    idle = values["SIM_GZ_EC_MIN1"]
    values["MPC_THR_HOVER"] = round((p.hover_rad_s - idle) / (values["SIM_GZ_EC_MAX1"] - idle), 3)
    return values


def ardupilot_parameters(profile: VehicleProfile) -> dict[str, float]:
    """Return ArduCopter's parameters that describe such a model: frame, motor outputs, rangefinder."""
    return {
        "FRAME_CLASS": {4: 1, 6: 2, 8: 3}[profile.rotors],
        "FRAME_TYPE": 1,
        "MOT_PWM_MIN": PWM_MIN,
        "MOT_PWM_MAX": PWM_MAX,
        "RNGFND1_TYPE": 100,
    }


def _control(plugin: Element, channel: int, sense: float, p: Propulsion) -> None:
    control = add(plugin, "control", channel=str(channel))
    most = p.motor_gain * p.no_load_rad_s
    for tag, text in (
        ("jointName", f"rotor_{channel}_joint"),
        ("useForce", "1"),
        ("multiplier", number(sense * p.no_load_rad_s)),
        ("offset", "0"),
        ("servo_min", number(PWM_MIN)),
        ("servo_max", number(PWM_MAX)),
        ("type", "VELOCITY"),
        ("p_gain", _fine(p.motor_gain)),
        ("i_gain", "0"),
        ("d_gain", "0"),
        ("i_max", "0"),
        ("i_min", "0"),
        ("cmd_max", number(most)),
        ("cmd_min", number(-most)),
        ("controlVelocitySlowdownSim", "1"),
    ):
        add(control, tag, text)


def _blades(model: Element, i: int, sense: float, profile: VehicleProfile, p: Propulsion) -> None:
    shape = blade(profile, p)
    values = {
        "a0": shape.angle_rad,
        "alpha_stall": STALL_RAD,
        "cla": shape.lift_slope,
        "cda": shape.drag_slope,
        "area": shape.area_m2,
    }
    for side in (1.0, -1.0):
        at, forward = (side * shape.arm_m, 0.0, 0.0), (0.0, side * sense, 0.0)
        _lift_drag(model, f"rotor_{i}", values, at, forward, p, radial=False)


def _lift_drag(
    model: Element, link: str, values: dict[str, float], at: Point, forward: Point, p: Propulsion, *, radial: bool
) -> None:
    plugin = _plugin(model, "gz-sim-lift-drag-system", "gz::sim::systems::LiftDrag")
    add(plugin, "link_name", link)
    for tag, value in values.items():
        add(plugin, tag, _fine(value))
    for tag in ("cma", "cla_stall", "cda_stall", "cma_stall"):
        add(plugin, tag, "0")
    add(plugin, "air_density", number(p.density_kg_m3))
    add(plugin, "cp", numbers(*at))
    add(plugin, "forward", numbers(*forward))
    add(plugin, "upward", "0 0 1")
    add(plugin, "radial_symmetry", "true" if radial else "false")


def _plugin(model: Element, filename: str, name: str) -> Element:
    return add(model, "plugin", filename=filename, name=name)


def _fine(value: float) -> str:
    """Nine significant digits, also of small constants."""
    return f"{value:.9g}"
