"""What a flight in Gazebo needs on a machine, where it was found, and the commands that install what is missing.

Standard library only, since the doctor reads it where nothing is installed yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lenger_bringup.machine import Machine
from lenger_core.errors import MissingError

PX4, ARDUCOPTER, ARDUPILOT_PARAMS = "LENGER_PX4_SITL", "LENGER_ARDUCOPTER", "LENGER_ARDUPILOT_PARAMS"
PLUGIN = "LENGER_ARDUPILOT_GAZEBO"
"""Environment variables that name what was built from sources; docs/gazebo.md says what each is."""
HARMONIC = "8."
PLUGIN_LIBRARY = "libArduPilotPlugin.so"
GEOID_FILE = "egm96-5.pgm"
BRIDGE, MAVROS = "ros_gz_bridge", "mavros"
_OSRF = (
    "sudo apt-get install -y curl lsb-release gnupg && sudo curl https://packages.osrfoundation.org/gazebo.gpg"
    " --output /usr/share/keyrings/pkgs-osrf-archive-keyring.gpg && echo"
    ' "deb [arch=$(dpkg --print-architecture) signed-by=/usr/share/keyrings/pkgs-osrf-archive-keyring.gpg]'
    ' https://packages.osrfoundation.org/gazebo/ubuntu-stable $(lsb_release -cs) main"'
    " | sudo tee /etc/apt/sources.list.d/gazebo-stable.list && sudo apt-get update"
    " && sudo apt-get install -y gz-harmonic"
)
CONTAINER = "docker build -f docker/Dockerfile --target sim -t lenger:sim ."
_BUILD_PX4 = (
    "git clone --recursive --branch v1.16.1 https://github.com/PX4/PX4-Autopilot && make -C PX4-Autopilot px4_sitl"
    f" && export {PX4}=$PWD/PX4-Autopilot/build/px4_sitl_default"
)
_BUILD_ARDUCOPTER = (
    "git clone --recursive --branch Copter-4.6 https://github.com/ArduPilot/ardupilot"
    " && (cd ardupilot && ./waf configure --board sitl && ./waf copter)"
    f" && export {ARDUCOPTER}=$PWD/ardupilot/build/sitl/bin/arducopter"
)
_BUILD_PLUGIN = (
    "git clone https://github.com/ArduPilot/ardupilot_gazebo"
    " && GZ_VERSION=harmonic cmake -S ardupilot_gazebo -B ardupilot_gazebo/build"
    f" && cmake --build ardupilot_gazebo/build && export {PLUGIN}=$PWD/ardupilot_gazebo/build"
)


@dataclass(frozen=True)
class Finding:
    """One thing: where it is (empty: missing), or what is wrong, and the command that mends that."""

    name: str
    place: str = ""
    problem: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs of a flight are. `sitl` is PX4's build folder or the arducopter binary."""

    gz: Path
    bridge: Path
    mavros: Path
    mavros_share: Path
    sitl: Path
    params: Path | None = None
    plugin: Path | None = None


def find_tools(machine: Machine, autopilot: str) -> Tools:
    """Return the programs of a flight in Gazebo.

    Raises:
        MissingError: names everything that is missing at once, each with its command.
    """
    found = {finding.name: finding for finding in findings(machine, autopilot)}
    lacking = [finding for finding in found.values() if finding.problem]
    if lacking:
        raise MissingError(
            "--sim gazebo cannot run here: " + "; ".join(f"{finding.name}: {finding.problem}" for finding in lacking),
            " ; ".join(dict.fromkeys(finding.mend for finding in lacking))
            + " (docs/gazebo.md; --sim embedded needs none of it)",
        )
    mavros, bridge = Path(found["MAVROS"].place), Path(found[BRIDGE].place)
    ardupilot = autopilot == "ardupilot"
    return Tools(
        gz=Path(found["Gazebo"].place),
        bridge=bridge / "lib" / BRIDGE / "parameter_bridge",
        mavros=mavros / "lib" / MAVROS / "mavros_node",
        mavros_share=mavros / "share" / MAVROS / "launch",
        sitl=Path(found["ArduCopter SITL" if ardupilot else "PX4 SITL"].place),
        params=Path(found["ArduCopter defaults"].place) if ardupilot else None,
        plugin=Path(found["ArduPilot plugin"].place) if ardupilot else None,
    )


def findings(machine: Machine, autopilot: str) -> list[Finding]:
    """Return what a flight with this autopilot needs, found or not."""
    looks = [gazebo(machine), package(machine, BRIDGE, BRIDGE), package(machine, "MAVROS", MAVROS), geoid(machine)]
    if autopilot == "ardupilot":
        binary = arducopter(machine)
        return [*looks, binary, defaults(machine, binary.place), plugin(machine)]
    return [*looks, px4(machine)]


def gazebo(machine: Machine) -> Finding:
    """Look for Gazebo Harmonic."""
    place = machine.which("gz")
    if not place:
        return Finding("Gazebo", "", "no program gz", install_gazebo(machine))
    version = machine.first_line(["gz", "sim", "--versions"])
    if not version.startswith(HARMONIC):
        problem = f"{place} is version {version or 'unknown'}, the worlds are for Harmonic ({HARMONIC}x)"
        return Finding("Gazebo", place, problem, install_gazebo(machine))
    return Finding("Gazebo", place)


def install_gazebo(machine: Machine) -> str:
    """Return the command that installs Harmonic on this distribution.

    Ubuntu 24.04 has it with ROS Jazzy, as vendor packages; 22.04 from Open Robotics. Debian has none.
    """
    release = machine.release()
    if release == ("ubuntu", "24.04"):
        return _apt("ros-jazzy-ros-gz") if machine.environ.get("ROS_DISTRO") == "jazzy" else _OSRF
    return _OSRF if release == ("ubuntu", "22.04") else CONTAINER


def package(machine: Machine, name: str, ros_name: str) -> Finding:
    """Look for a ROS package; where Jazzy has no packages, only the container has it."""
    prefix = machine.package(ros_name)
    if prefix:
        return Finding(name, str(prefix))
    if machine.release() != ("ubuntu", "24.04"):
        return Finding(name, "", f"ROS package {ros_name} not found (Jazzy's packages are for Ubuntu 24.04)", CONTAINER)
    extra = " ros-jazzy-mavros-extras" if ros_name == MAVROS else ""
    mend = _apt(f"ros-jazzy-{ros_name.replace('_', '-')}{extra}") + " && source /opt/ros/jazzy/setup.bash"
    return Finding(name, "", f"ROS package {ros_name} not found", mend)


def geoid(machine: Machine) -> Finding:
    """Look for the geoid without which MAVROS aborts at its start."""
    folders = [machine.environ.get("GEOGRAPHICLIB_GEOID_PATH", ""), "/usr/share/GeographicLib/geoids"]
    files = [Path(folder, GEOID_FILE) for folder in folders if folder]
    file = next((path for path in files if machine.exists(path)), None)
    if file:
        return Finding("geoid", str(file))
    return Finding(
        "geoid",
        "",
        "MAVROS aborts without EGM96",
        _apt("geographiclib-tools") + " && sudo geographiclib-get-geoids egm96-5",
    )


def px4(machine: Machine) -> Finding:
    """Look for a PX4 SITL build that has the bridge to Gazebo: the build folder, or the sources around it."""
    text = machine.environ.get(PX4, "")
    if not text:
        return Finding("PX4 SITL", "", f"{PX4} is not set", _BUILD_PX4)
    for build in (Path(text), Path(text, "build", "px4_sitl_default")):
        if machine.exists(build / "bin" / "px4"):
            if machine.exists(build / "bin" / "px4-gz_bridge"):
                return Finding("PX4 SITL", str(build))
            problem = f"{build} was built where Gazebo was not installed: it has no bin/px4-gz_bridge"
            return Finding("PX4 SITL", str(build), problem, "install Gazebo first, then make px4_sitl in PX4's folder")
    return Finding("PX4 SITL", "", f"{PX4}={text} holds no bin/px4", _BUILD_PX4)


def arducopter(machine: Machine) -> Finding:
    """Look for ArduCopter's SITL binary."""
    text = machine.environ.get(ARDUCOPTER, "") or machine.which("arducopter")
    if not text:
        return Finding("ArduCopter SITL", "", f"{ARDUCOPTER} is not set", _BUILD_ARDUCOPTER)
    if not machine.exists(Path(text)):
        return Finding("ArduCopter SITL", "", f"{ARDUCOPTER}={text} does not exist", _BUILD_ARDUCOPTER)
    return Finding("ArduCopter SITL", text)


def defaults(machine: Machine, binary: str) -> Finding:
    """Look for ArduCopter's default parameters: named, or in the sources around the binary."""
    text = machine.environ.get(ARDUPILOT_PARAMS, "")
    own = Path(binary).absolute().parents[3:4] if binary else ()
    places = [Path(text)] if text else [root / "Tools/autotest/default_params/copter.parm" for root in own]
    for path in places:
        if machine.exists(path):
            return Finding("ArduCopter defaults", str(path))
    where = f"{ARDUPILOT_PARAMS}={text} does not exist" if text else "no copter.parm beside the binary's sources"
    mend = f"export {ARDUPILOT_PARAMS}=<ArduPilot's folder>/Tools/autotest/default_params/copter.parm"
    return Finding("ArduCopter defaults", "", where, mend)


def plugin(machine: Machine) -> Finding:
    """Look for the ArduPilot plugin of Gazebo: named, or on Gazebo's own path."""
    folders = [machine.environ.get(PLUGIN, ""), *machine.environ.get("GZ_SIM_SYSTEM_PLUGIN_PATH", "").split(":")]
    for folder in folders:
        if folder and machine.exists(Path(folder, PLUGIN_LIBRARY)):
            return Finding("ArduPilot plugin", folder)
    problem = f"{folders[0]} holds no {PLUGIN_LIBRARY}" if folders[0] else f"{PLUGIN} is not set"
    return Finding("ArduPilot plugin", "", problem, _BUILD_PLUGIN)


def _apt(packages: str) -> str:
    return f"sudo apt-get install -y {packages}"
