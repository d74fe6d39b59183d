"""What a flight in Gazebo lacks, with the commands that install it; worlds, ports and faults that do not fit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from lenger_bringup.gazebo import install
from lenger_bringup.gazebo.install import find_tools
from lenger_bringup.gazebo.place import choose_place, place_of, with_odometry
from lenger_bringup.gazebo.ports import claim_ports
from lenger_bringup.gazebo.prepare import check_embedded_only
from lenger_bringup.machine import Machine
from lenger_core.errors import InputError, MissingError
from lenger_core.terrain import load_terrain
from lenger_sim.worlds.models import part_of

UBUNTU_24, UBUNTU_22, DEBIAN_12 = ("ubuntu", "24.04"), ("ubuntu", "22.04"), ("debian", "12")
SOURCED = {"ROS_DISTRO": "jazzy"}
WHOLE = {
    **SOURCED,
    install.PX4: "/px4",
    install.ARDUCOPTER: "/ap/build/sitl/bin/arducopter",
    install.PLUGIN: "/ap_gz/build",
}
FILES = {
    "/px4/build/px4_sitl_default/bin/px4",
    "/px4/build/px4_sitl_default/bin/px4-gz_bridge",
    "/ap/build/sitl/bin/arducopter",
    "/ap/Tools/autotest/default_params/copter.parm",
    "/ap_gz/build/libArduPilotPlugin.so",
    "/usr/share/GeographicLib/geoids/egm96-5.pgm",
}


class Elsewhere(Machine):
    """A machine on which everything is there, but for what a test takes away."""

    def __init__(
        self,
        release: tuple[str, str] = UBUNTU_24,
        environ: dict[str, str] | None = None,
        without: str = "",
        gz: str = "8.9.0",
        taken: tuple[int, ...] = (),
    ) -> None:
        super().__init__(WHOLE if environ is None else environ)
        self._release, self._without, self._gz, self._taken = release, without, gz, taken

    def release(self) -> tuple[str, str]:
        return self._release

    def exists(self, path: Path) -> bool:
        return str(path) in FILES and (not self._without or self._without not in str(path))

    def which(self, name: str) -> str:
        return "/usr/bin/gz" if name == "gz" and self._gz else ""

    def first_line(self, command: object) -> str:
        return self._gz

    def package(self, name: str) -> Path | None:
        return None if name == self._without else Path("/opt/ros/jazzy")

    def udp_free(self, port: int) -> bool:
        return port not in self._taken


def test_where_everything_is_there_it_is_found() -> None:
    px4, ardupilot = find_tools(Elsewhere(), "px4"), find_tools(Elsewhere(), "ardupilot")
    assert px4.sitl == Path("/px4/build/px4_sitl_default")
    assert px4.bridge == Path("/opt/ros/jazzy/lib/ros_gz_bridge/parameter_bridge")
    assert px4.mavros_share == Path("/opt/ros/jazzy/share/mavros/launch")
    assert (px4.params, px4.plugin) == (None, None)
    assert ardupilot.sitl == Path("/ap/build/sitl/bin/arducopter")
    assert ardupilot.params == Path("/ap/Tools/autotest/default_params/copter.parm"), "beside the sources"
    assert ardupilot.plugin == Path("/ap_gz/build")


@pytest.mark.parametrize(
    ("autopilot", "machine", "words"),
    [
        ("px4", Elsewhere(gz=""), "Gazebo: no program gz; mend it with: sudo apt-get install -y ros-jazzy-ros-gz ("),
        ("px4", Elsewhere(gz="", environ={**WHOLE, "ROS_DISTRO": ""}), "gazebo/ubuntu-stable $(lsb_release -cs) main"),
        ("px4", Elsewhere(UBUNTU_22, gz=""), "sudo apt-get update && sudo apt-get install -y gz-harmonic ("),
        ("px4", Elsewhere(DEBIAN_12, gz=""), "mend it with: docker build -f docker/Dockerfile --target sim"),
        ("px4", Elsewhere(gz="6.16.0"), "/usr/bin/gz is version 6.16.0, the worlds are for Harmonic (8.x)"),
        ("px4", Elsewhere(without="ros_gz_bridge"), "sudo apt-get install -y ros-jazzy-ros-gz-bridge && source /opt"),
        ("px4", Elsewhere(without="mavros"), "ros-jazzy-mavros ros-jazzy-mavros-extras && source"),
        ("px4", Elsewhere(UBUNTU_22, without="mavros"), "not found (Jazzy's packages are for Ubuntu 24.04)"),
        ("px4", Elsewhere(without="egm96-5"), "MAVROS aborts without EGM96; mend it with: sudo apt-get install -y geo"),
        (
            "px4",
            Elsewhere(environ=SOURCED),
            "PX4 SITL: LENGER_PX4_SITL is not set; mend it with: git clone --recursive",
        ),
        ("px4", Elsewhere(environ={**WHOLE, install.PX4: "/no"}), "LENGER_PX4_SITL=/no holds no bin/px4"),
        ("px4", Elsewhere(without="px4-gz_bridge"), "was built where Gazebo was not installed"),
        ("ardupilot", Elsewhere(environ=SOURCED), "ArduCopter SITL: LENGER_ARDUCOPTER is not set; ArduCopter defaults"),
        ("ardupilot", Elsewhere(without="/ap/build"), "/ap/build/sitl/bin/arducopter does not exist"),
        ("ardupilot", Elsewhere(without="copter.parm"), "mend it with: export LENGER_ARDUPILOT_PARAMS="),
        ("ardupilot", Elsewhere(without="Plugin"), "/ap_gz/build holds no libArduPilotPlugin.so; mend it with: git cl"),
    ],
)
def test_what_is_missing_is_named_with_its_command(autopilot: str, machine: Machine, words: str) -> None:
    with pytest.raises(MissingError) as caught:
        find_tools(machine, autopilot)
    assert words in str(caught.value)
    assert str(caught.value).startswith("--sim gazebo cannot run here: ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(MissingError) as caught:
        find_tools(Elsewhere(gz="", without="mavros", environ=SOURCED), "ardupilot")
    for name in ("Gazebo", "MAVROS", "ArduCopter SITL", "ArduCopter defaults", "ArduPilot plugin"):
        assert f"{name}: " in str(caught.value)


def test_px4_takes_its_first_instance_whose_ports_are_free() -> None:
    assert claim_ports(Elsewhere(), "px4").instance == 0
    ports = claim_ports(Elsewhere(taken=(14580, 14541)), "px4")
    assert (ports.instance, ports.mavros, ports.sitl, ports.system) == (2, 14542, 14582, 3)
    with pytest.raises(MissingError, match=r"of the first: 18570 \(ground station to PX4\); .*sport = :18570"):
        claim_ports(Elsewhere(taken=tuple(range(18570, 18580))), "px4")


def test_the_port_of_ardupilots_plugin_is_named_when_it_is_taken() -> None:
    ports = claim_ports(Elsewhere(), "ardupilot")
    assert len({ports.mavros, *ports.spare}) == 3
    with pytest.raises(MissingError, match="UDP port 9002 of Gazebo's ArduPilot plugin is taken"):
        claim_ports(Elsewhere(taken=(9002,)), "ardupilot")


# ---------------------------------------------------------------- worlds


def test_an_exercise_starts_on_the_ground_of_the_world_that_holds_it() -> None:
    place = place_of("first_patrol")
    assert place.world.name == "lenger_training_field"
    x, y, z, _ = place.start
    assert (x, y) == pytest.approx((0.0, 0.0), abs=0.5)
    assert 0.0 <= z <= 0.3
    assert place.origin[2] == pytest.approx(load_terrain().height_amsl_m(*place.origin[:2]), abs=1e-6)


def test_a_night_flight_gets_the_night_and_a_far_start_its_own_world() -> None:
    assert choose_place(42.1819, 69.8878, night=True).world.name == "lenger_night"
    high = choose_place(42.0625, 70.1208, night=False)
    assert high.world.name == "lenger_high"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "world: got 'nowhere', expected one of lenger_border, lenger_high, lenger_night, "),
        ("../lenger_high", "world: got '../lenger_high', expected one of "),
        ("lenger_border", "--world: got 'lenger_border', expected a world that holds the exercise's start at 42.18"),
    ],
)
def test_a_world_that_is_not_there_or_holds_no_start_is_refused(name: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        choose_place(42.1819, 69.8878, night=False, name=name)
    assert str(caught.value).startswith(words)


def test_a_start_that_no_world_holds_is_refused() -> None:
    with pytest.raises(InputError, match=r"exercise: site: got .*41\.5000.*, expected one of lenger_border.* to hold"):
        choose_place(41.5, 69.0, night=False)


def test_the_aircraft_tells_its_odometry_in_three_dimensions() -> None:
    part = with_odometry(part_of("vehicle", "quad_2kg_px4", {"camera": "none"}, "px4"))
    plugin = part.model.findall("plugin")[-1]
    assert plugin.get("name") == "gz::sim::systems::OdometryPublisher"
    assert {child.tag: child.text for child in plugin} == {
        "dimensions": "3",
        "odom_publish_frequency": "50",
        "odom_frame": "world",
        "robot_base_frame": "quad_2kg_px4",
    }


def test_faults_that_only_the_embedded_vehicle_has_are_named() -> None:
    check_embedded_only(SimpleNamespace(name="hop"))
    faults = (SimpleNamespace(kind="gnss_outage"), SimpleNamespace(kind="wind_gust"))
    with pytest.raises(InputError) as caught:
        check_embedded_only(SimpleNamespace(name="hop", faults=faults))
    assert "exercise hop: faults: got 'gnss_outage, wind_gust', expected none with --sim gazebo" in str(caught.value)
