"""Which Gazebo systems a world lists itself, by flavour.

A single world-level plugin switches all of the server's default systems off. PX4 starts the server with systems of its
own (sensors, optical flow, motors), so its worlds list none; ArduPilot's worlds list all that is needed, and their
vehicle's model brings the ArduPilot plugin.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lenger_sim.worlds.sdf_text import add

STEP_S = {"px4": 0.004, "ardupilot": 0.001}
"""Physics steps: PX4's lockstep runs at 250 Hz, ArduPilot's plugin at 1,000."""

WIND = "wind-effects"
LISTED: dict[str, dict[str, str]] = {
    "px4": {},
    "ardupilot": {
        "physics": "Physics",
        "user-commands": "UserCommands",
        "scene-broadcaster": "SceneBroadcaster",
        "sensors": "Sensors",
        "imu": "Imu",
        "navsat": "NavSat",
        "air-pressure": "AirPressure",
        "magnetometer": "Magnetometer",
        "contact": "Contact",
        WIND: "WindEffects",
    },
}
"""Systems by flavour: the middle of the library's name, and the class in gz::sim::systems."""

WIND_FORCE = 0.0
"""Force of the wind per mass and relative speed, 1/s. The vehicles' rotors and bodies feel the wind through their own
drag; the system is there to have a wind at all, and a force of its own would count it twice."""


def library(system: str) -> str:
    """Return the library of a system."""
    return f"gz-sim-{system}-system"


def add_physics(world: Element, flavour: str) -> None:
    """Add the physics: bullet finds the collisions, since DART's own lets things fall through a heightmap."""
    physics = add(world, "physics", name="step", type="dart", default="true")
    add(physics, "max_step_size", f"{STEP_S[flavour]:g}")
    add(physics, "real_time_factor", "1")
    add(physics, "real_time_update_rate", f"{1.0 / STEP_S[flavour]:g}")
    add(add(physics, "dart"), "collision_detector", "bullet")


def add_systems(world: Element, flavour: str) -> None:
    """Add the plugins that the flavour lists."""
    for system, name in LISTED[flavour].items():
        plugin = add(world, "plugin", filename=library(system), name=f"gz::sim::systems::{name}")
        if system == "sensors":
            add(plugin, "render_engine", "ogre2")
        if system == WIND:
            add_wind_parameters(plugin, flavour)


def add_wind_parameters(plugin: Element, flavour: str) -> None:
    """Add what WindEffects makes of the wind topic: exactly what is told, from the next step on.

    Left alone it smooths the wind over a second, its direction in degrees between -180 and 180: an easterly wind that
    turns by a little would swing through all the others. A time constant of one step switches that off.
    """
    add(plugin, "force_approximation_scaling_factor", f"{WIND_FORCE:g}")
    horizontal = add(plugin, "horizontal")
    for parent in (add(horizontal, "magnitude"), add(horizontal, "direction"), add(plugin, "vertical")):
        add(parent, "time_for_rise", f"{STEP_S[flavour]:g}")
