"""`./lenger doctor`: what this machine can and cannot run, and the command that mends each thing.

The checks are pure functions of a `Machine`, whose methods are the only ones that look at the real machine. Standard
library only, so that the set-up can still call it where no virtual environment can be made; rich only draws the table.
"""

from __future__ import annotations

import json as json_format
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lenger_bringup.gazebo import install
from lenger_bringup.machine import Machine

if TYPE_CHECKING:
    from rich.console import Console

OK, MISSING, OPTIONAL = "ok", "missing", "optional"
COLOURS = {OK: "green", MISSING: "red", OPTIONAL: "yellow"}
MIRRORED = ("mavros_msgs", "geographic_msgs", "tf2_msgs")
PORTS = {14540: "autopilot to MAVROS", 14550: "autopilot to ground station", 14580: "MAVROS to autopilot"}
APT = "sudo apt-get install "
NEED_DISK_GB, NEED_MEMORY_GB = 3.0, 2.0


@dataclass(frozen=True)
class Check:
    """One finding: `state` is ok, missing (Lenger does not run without) or optional (one feature does not)."""

    name: str
    state: str
    meaning: str
    mend: str = ""


def run(console: Console | None, json: bool) -> int:
    """Print every check and return the exit code: 0, or 3 when something that Lenger needs is missing."""
    found = checks()
    if json:
        print(json_format.dumps([asdict(check) for check in found], indent=1))
    elif console is None:
        print("\n".join(f"{c.state:8} {c.name}: {c.meaning}{'; mend it: ' + c.mend if c.mend else ''}" for c in found))
    else:
        _draw(console, found)
    return 3 if any(check.state == MISSING for check in found) else 0


def checks(machine: Machine | None = None) -> list[Check]:
    """Return every check of this machine, in the order in which a person should mend them."""
    machine = machine or Machine()
    return [check for look in LOOKS for check in look(machine)]


def _python(machine: Machine) -> Iterator[Check]:
    version = machine.python_version()
    text = "Python {}.{}.{}".format(*version)
    good = (3, 10) <= version[:2] <= (3, 13)
    yield Check("python", OK if good else MISSING, text, "" if good else APT + "python3 (3.10 to 3.13)")
    headers = machine.exists(machine.include_folder() / "Python.h")
    means = "message packages can be built" if headers else f"no Python.h in {machine.include_folder()}"
    yield Check("python headers", OK if headers else MISSING, means, "" if headers else APT + "python3-dev")


def _compiler(machine: Machine) -> Iterator[Check]:
    found = next((name for name in ("c++", "g++", "clang++") if machine.which(name)), "")
    means = machine.first_line([found, "--version"]) if found else "no C++ compiler: message packages cannot be built"
    yield Check("compiler", OK if found else MISSING, means, "" if found else APT + "g++")


def _ros(machine: Machine) -> Iterator[Check]:
    place = machine.module("rclpy")
    if place is None:
        yield Check("ros", MISSING, "rclpy is not installed", "./lenger (runs the set-up)")
        return
    wheels = machine.prefix() in place.parents
    kind = (
        "wheels in this environment" if wheels else f"{machine.environ.get('ROS_DISTRO', 'ROS')} at {place.parents[3]}"
    )
    yield Check("ros", OK, f"rclpy from {kind}")
    rmw = machine.environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp")
    have = machine.package(rmw) is not None
    mend = "" if have else "unset RMW_IMPLEMENTATION" if wheels else APT + "ros-jazzy-" + rmw.replace("_", "-")
    yield Check("middleware", OK if have else MISSING, rmw if have else f"{rmw} is not installed", mend)


def _interfaces(machine: Machine) -> Iterator[Check]:
    for name in ("lenger_interfaces", *MIRRORED):
        prefix = machine.package(name)
        if prefix is None:
            yield Check(name, MISSING, "message package not found", "./lenger (runs the set-up)")
        elif name in MIRRORED:
            ours = prefix == machine.prefix()
            yield Check(name, OK, "Lenger's wire-identical mirror" if ours else f"the real one, {prefix}")
        else:
            yield Check(name, OK, str(prefix))


def _mavros(machine: Machine) -> Iterator[Check]:
    prefix = machine.package("mavros")
    if prefix:
        yield Check("mavros", OK, f"for hardware and SITL, {prefix}")
    else:
        yield Check("mavros", OPTIONAL, "hardware and SITL need it; the embedded endpoint stands in for the simulator",
                    APT + "ros-jazzy-mavros ros-jazzy-mavros-extras")  # fmt: skip
    found = install.geoid(machine)
    means = found.place or "real MAVROS stops at its start without it; nothing else needs it"
    yield Check("geoid", OPTIONAL if found.problem else OK, means, found.mend)


def _simulators(machine: Machine) -> Iterator[Check]:
    gazebo = install.gazebo(machine)
    means = f"Gazebo Sim {machine.first_line(['gz', 'sim', '--versions'])}" if gazebo.place else gazebo.problem
    means += ", but the worlds are for Harmonic (8.x)" if gazebo.place and gazebo.problem else ""
    means += ": --sim gazebo does not work; the embedded simulator does" if not gazebo.place else ""
    yield Check("gazebo", OPTIONAL if gazebo.problem else OK, means, gazebo.mend)
    for name, found in (
        ("ros_gz_bridge", install.package(machine, install.BRIDGE, install.BRIDGE)),
        ("px4 sitl", install.px4(machine)),
        ("ardupilot sitl", install.arducopter(machine)),
        ("ardupilot plugin", install.plugin(machine)),
    ):
        means = f"{found.problem} (for --sim gazebo)" if found.problem else found.place
        yield Check(name, OPTIONAL if found.problem else OK, means, found.mend)


def _serial(machine: Machine) -> Iterator[Check]:
    devices = [*machine.glob("/dev/ttyACM*"), *machine.glob("/dev/ttyUSB*")]
    locked = [device for device in devices if not machine.writable(device)]
    if not devices:
        yield Check("serial", OPTIONAL, "no autopilot on /dev/ttyACM* or /dev/ttyUSB*", "plug it in (hardware only)")
    elif locked:
        means = f"{', '.join(map(str, locked))}: no permission"
        mend = f"sudo usermod -aG dialout {machine.user()}, then log in again"
        yield Check(
            "serial", OPTIONAL, means if "dialout" in machine.groups() else f"{means}, not in group dialout", mend
        )
    else:
        yield Check("serial", OK, ", ".join(map(str, devices)))


def _ports(machine: Machine) -> Iterator[Check]:
    for port, use in PORTS.items():
        if machine.udp_free(port):
            yield Check(f"udp {port}", OK, f"free ({use})")
        else:
            means = f"taken ({use}): another autopilot, simulator or ground station runs"
            yield Check(f"udp {port}", OPTIONAL, means, f"ss -ulpn 'sport = :{port}' shows which; stop it")


def _resources(machine: Machine) -> Iterator[Check]:
    disk = machine.disk_free_gb()
    enough = disk >= NEED_DISK_GB
    means = f"{disk:.1f} GB free, set-up and runs want {NEED_DISK_GB:.0f}"
    yield Check("disk", OK if enough else OPTIONAL, means, "" if enough else "delete old folders of runs/")
    memory = machine.memory_gb()
    enough = memory >= NEED_MEMORY_GB
    means = f"{memory:.1f} GB available, the ROS graph wants {NEED_MEMORY_GB:.0f}"
    yield Check("memory", OK if enough else OPTIONAL, means, "" if enough else "close programs, or fly with --lockstep")


LOOKS: tuple[Callable[[Machine], Iterator[Check]], ...] = (
    _python, _compiler, _ros, _interfaces, _mavros, _simulators, _serial, _ports, _resources,
)  # fmt: skip


def _draw(console: Console, found: list[Check]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for check in found:
        words = Text(check.meaning)
        if check.mend:
            words.append(f"\n{check.mend}", style="dim")
        table.add_row(Text(check.state, style=COLOURS[check.state]), Text(check.name), words)
    console.print(table)
    lacking = [check.name for check in found if check.state == MISSING]
    console.print(Text(f"Missing: {', '.join(lacking)}" if lacking else "Everything that Lenger needs is here."))


if __name__ == "__main__":
    os.environ.setdefault("LENGER_HOME", os.getcwd())
    sys.exit(run(None, "--json" in sys.argv))
