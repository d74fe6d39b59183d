"""The programs of a flight in Gazebo: argument vectors and environments, from where things are and what is flown."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import degrees
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lenger_bringup.gazebo.install import Tools
from lenger_bringup.gazebo.parameters import PX4_AIRFRAME, ardupilot_file, px4_environment
from lenger_bringup.gazebo.place import Place, model_name
from lenger_bringup.gazebo.ports import Ports
from lenger_bringup.stack_model import Program
from lenger_core.vehicles import load_vehicle
from lenger_sim.worlds.layout import WorldFiles
from lenger_sim.worlds.systems import LISTED, add_wind_parameters, library
from lenger_sim.worlds.systems import WIND as WIND_SYSTEM

SERVER, WINDOW, SPAWN, WIND, BRIDGE, SITL, CONTRACT, MAVROS = (
    "gazebo", "gazebo_window", "spawn", "wind", "bridge", "sitl", "contract", "mavros",
)  # fmt: skip
LAST = 2
"""Stop rank of the server and the autopilot: after the nodes and the recorder, which still hear them."""
GROUND_STATION_PORT = 14550
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Flight:
    """Everything that the programs of one flight are told.

    Attributes:
        tools: where the programs are.
        files: the built world.
        place: the world, and the start in it.
        autopilot: px4 or ardupilot.
        vehicle: profile in config/vehicles.
        speed: simulated seconds per second.
        seed: of Gazebo's sensor noise and of the gusts.
        air: the mean wind 10 m above ground (m/s), where it comes from (deg), and the factor on its gusts.
        ports: of the autopilot.
        partition: keeps this flight's Gazebo apart from others on the machine (GZ_PARTITION).
        folder: gets the autopilot's files and the server's list of systems.
        window: whether Gazebo's window opens.
        namespace: of the ROS nodes.
        dem: the DEM files that the world was built from; none: the terrain that ships.
    """

    tools: Tools
    files: WorldFiles
    place: Place
    autopilot: str
    vehicle: str
    speed: float
    seed: int
    air: tuple[float, float, float]
    ports: Ports
    partition: str
    folder: Path
    window: bool
    namespace: str = ""
    dem: tuple[Path, ...] = ()

    @property
    def world(self) -> str:
        """The world's name."""
        return self.place.world.name

    @property
    def model(self) -> str:
        """The aircraft's model, its folder and its name in the world."""
        return model_name(self.vehicle, self.autopilot)

    @property
    def odometry(self) -> str:
        """Gazebo's topic with the aircraft's true pose and velocity."""
        return f"/model/{self.model}/odometry"


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether there is a display to open a window on."""
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def programs(flight: Flight, environ: Mapping[str, str] | None = None) -> tuple[Program, ...]:
    """Return the programs in the order in which they start.

    Args:
        flight: what they are told.
        environ: for the search paths that are prepended to; None: this process's.
    """
    given = os.environ if environ is None else environ
    window = (_window(flight, given),) if flight.window else ()
    return (
        _server(flight, given),
        *window,
        _spawn(flight),
        _wind(flight, given),
        _bridge(flight),
        _sitl(flight, given),
        _mavros(flight),
    )


def gz_environment(flight: Flight, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what the server and its window need: to be apart from others', and to find models and plugins."""
    models = [str(flight.files.models), environ.get("GZ_SIM_RESOURCE_PATH", "")]
    plugins = [str(flight.tools.plugin or ""), environ.get("GZ_SIM_SYSTEM_PLUGIN_PATH", "")]
    variables = {
        **dict(_meeting(flight)),
        "GZ_SIM_RESOURCE_PATH": ":".join(path for path in models if path),
        "GZ_SIM_SYSTEM_PLUGIN_PATH": ":".join(path for path in plugins if path),
    }
    return tuple((name, value) for name, value in variables.items() if value)


def server_config() -> str:
    """Return the systems of a server whose world lists none, as PX4's worlds: those that ArduPilot's worlds list."""
    root = Element("server_config")
    plugins = SubElement(root, "plugins")
    for system, name in LISTED["ardupilot"].items():
        plugin = SubElement(plugins, "plugin", entity_name="*", entity_type="world", filename=library(system))
        plugin.set("name", f"gz::sim::systems::{name}")
        if system == "sensors":
            SubElement(plugin, "render_engine").text = "ogre2"
        if system == WIND_SYSTEM:
            add_wind_parameters(plugin, "px4")
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _server(flight: Flight, environ: Mapping[str, str]) -> Program:
    """The server alone: `gz sim` with both parts would move them into groups that a signal to ours does not reach."""
    words = [str(flight.tools.gz), "sim", "-s", "-r", "-v", "2", "--seed", str(flight.seed)]
    if not has_display(environ):
        words.append("--headless-rendering")
    variables = dict(gz_environment(flight, environ))
    if flight.autopilot == "px4":
        variables["GZ_SIM_SERVER_CONFIG_PATH"] = str(server_config_path(flight))
    world = str(flight.files.sdf(flight.autopilot))
    return Program(SERVER, (*words, world), tuple(variables.items()), flight.folder, stop_rank=LAST)


def server_config_path(flight: Flight) -> Path:
    """Return where the server's list of systems is written to."""
    return flight.folder / "server.config"


def _window(flight: Flight, environ: Mapping[str, str]) -> Program:
    words = (str(flight.tools.gz), "sim", "-g", "-v", "1")
    return Program(WINDOW, words, gz_environment(flight, environ), flight.folder, flight_critical=False)


def _spawn(flight: Flight) -> Program:
    """Puts the aircraft into the world once it is loaded, sets the speed, and is done."""
    x, y, z, yaw = flight.place.start
    words = [sys.executable, "-m", "lenger_bringup.gazebo.spawn", "--gz", str(flight.tools.gz)]
    words += ["--world", flight.world, "--model", flight.model, "--file", str(model_file(flight))]
    words += ["--pose", f"{x:.3f},{y:.3f},{z:.3f},{yaw:.6f}", "--speed", f"{flight.speed:g}"]
    return Program(SPAWN, tuple(words), _meeting(flight), done=True)


def _meeting(flight: Flight) -> tuple[tuple[str, str], ...]:
    """What a program needs to meet this flight's server on Gazebo's transport, and no other."""
    return ("GZ_PARTITION", flight.partition), ("GZ_IP", LOOPBACK)


def _wind(flight: Flight, environ: Mapping[str, str]) -> Program:
    """Plays the seeded wind field into the world, at the aircraft's place."""
    words = [sys.executable, "-m", "lenger_sim.gazebo_wind", "--world", flight.place.source, "--model", flight.model]
    words += ["--seed", str(flight.seed)]
    for name, value in zip(("wind-m-s", "wind-from-deg", "turbulence"), flight.air, strict=True):
        words += [f"--{name}", f"{value:g}"]
    for path in flight.dem:
        words += ["--dem", str(path)]
    environment = (*_meeting(flight), ("PATH", _path(flight, environ)))
    return Program(WIND, tuple(words), environment, flight_critical=False)


def _path(flight: Flight, environ: Mapping[str, str]) -> str:
    """The search path of programs that call `gz` themselves."""
    return f"{flight.tools.gz.parent}:{environ.get('PATH', '')}"


def model_file(flight: Flight) -> Path:
    """Return the aircraft's model file."""
    return flight.files.models / flight.model / "model.sdf"


def _bridge(flight: Flight) -> Program:
    """ros_gz_bridge: the one topic from which the truth and the clock are made."""
    topic = f"{flight.odometry}@nav_msgs/msg/Odometry[gz.msgs.Odometry"
    words = [str(flight.tools.bridge), topic, "--ros-args", "-r", "__node:=gazebo_bridge"]
    words += ["-r", f"__ns:={_namespace(flight) or '/'}"]
    words += ["-r", f"{flight.odometry}:={_namespace(flight)}/gazebo/odometry"]
    return Program(BRIDGE, tuple(words), _meeting(flight))


def _sitl(flight: Flight, environ: Mapping[str, str]) -> Program:
    return _px4(flight, environ) if flight.autopilot == "px4" else _arducopter(flight)


def _px4(flight: Flight, environ: Mapping[str, str]) -> Program:
    """PX4 beside a Gazebo that others started; it finds world and aircraft by name.

    Its start script calls `gz`. PX4_SIM_SPEED_FACTOR stays unset: besides the speed of its own Gazebo it stretches
    failsafe timeouts that already run in simulated time, against the failsafe contract.
    """
    build = flight.tools.sitl
    folder = flight.folder / "px4"
    words = (str(build / "bin" / "px4"), "-i", str(flight.ports.instance), "-d", str(build / "etc"), "-w", str(folder))
    variables = {
        **dict(_meeting(flight)),
        "PX4_GZ_STANDALONE": "1",
        "PX4_GZ_WORLD": flight.world,
        "PX4_GZ_MODEL_NAME": flight.model,
        "PX4_SIM_MODEL": "gz_x500",
        "PX4_SYS_AUTOSTART": PX4_AIRFRAME,
        "PATH": _path(flight, environ),
        **px4_environment(load_vehicle(flight.vehicle), flight.place.origin[2]),
    }
    return Program(SITL, words, tuple(variables.items()), folder, stop_rank=LAST)


def _arducopter(flight: Flight) -> Program:
    """ArduCopter: Gazebo's plugin steps it in lock step; its home is the world's origin, from which poses count."""
    lat, lon, alt = flight.place.origin
    base, radio = flight.ports.spare
    heading = (90.0 - degrees(flight.place.start[3])) % 360.0
    words = [str(flight.tools.sitl), "--model", "JSON", "--home", f"{lat:.7f},{lon:.7f},{alt:.2f},{heading:g}"]
    words += ["--speedup", f"{flight.speed:g}", "--defaults", f"{flight.tools.params},{parameter_file(flight)}"]
    words += ["--base-port", str(base), "--rc-in-port", str(radio)]
    words += ["--serial0", f"udpclient:{LOOPBACK}:{flight.ports.mavros}"]
    words += ["--serial1", f"udpclient:{LOOPBACK}:{GROUND_STATION_PORT}"]
    return Program(SITL, tuple(words), folder=flight.folder / "arducopter", stop_rank=LAST)


def parameter_file(flight: Flight) -> Path:
    """Return where ArduCopter's parameters are written to."""
    return flight.folder / "lenger.parm"


def write_files(flight: Flight) -> None:
    """Write the small files that the programs read (OSError: the folder cannot be written)."""
    flight.folder.mkdir(parents=True, exist_ok=True)
    if flight.autopilot == "px4":
        server_config_path(flight).write_text(server_config(), encoding="utf-8")
    else:
        parameter_file(flight).write_text(ardupilot_file(load_vehicle(flight.vehicle)), encoding="utf-8")


def contract(flight: Flight) -> Program:
    """Writes the failsafe contract by MAVROS's own link: to be done before MAVROS starts, so not among `programs`."""
    words = [sys.executable, "-m", "lenger_bringup.gazebo.contract", "--autopilot", flight.autopilot]
    words += ["--vehicle", flight.vehicle, "--url", fcu_url(flight), "--system", str(flight.ports.system)]
    return Program(CONTRACT, tuple(words), done=True)


def fcu_url(flight: Flight) -> str:
    """Return the link between autopilot and MAVROS, as MAVROS writes it."""
    peer = f"{LOOPBACK}:{flight.ports.sitl}" if flight.ports.sitl else ""
    return f"udp://{LOOPBACK}:{flight.ports.mavros}@{peer}"


def _mavros(flight: Flight) -> Program:
    """Real MAVROS with its own configuration for the autopilot, on simulated time."""
    kind = "px4" if flight.autopilot == "px4" else "apm"
    share = flight.tools.mavros_share
    words = [str(flight.tools.mavros), "--ros-args", "-r", f"__ns:={_namespace(flight)}/mavros"]
    words += ["--params-file", str(share / f"{kind}_pluginlists.yaml")]
    words += ["--params-file", str(share / f"{kind}_config.yaml")]
    for name, value in {
        "fcu_url": fcu_url(flight),
        "system_id": flight.ports.system,
        "tgt_system": flight.ports.system,
        "tgt_component": 1,
        "use_sim_time": "true",
    }.items():
        words += ["-p", f"{name}:={value}"]
    return Program(MAVROS, tuple(words))


def _namespace(flight: Flight) -> str:
    name = flight.namespace.strip("/")
    return f"/{name}" if name else ""
