"""What the programs of a flight in Gazebo are told: argument vectors and environments, by flavour."""

from __future__ import annotations

import sys
from dataclasses import replace
from math import pi
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lenger_bringup.gazebo.install import Tools
from lenger_bringup.gazebo.parameters import ardupilot_file, px4_environment
from lenger_bringup.gazebo.place import Place
from lenger_bringup.gazebo.ports import Ports
from lenger_bringup.gazebo.programs import Flight, contract, programs, server_config, write_files
from lenger_bringup.stack_model import Program
from lenger_core.vehicles import load_vehicle
from lenger_sim.worlds.layout import WorldFiles
from lenger_sim.worlds.spec import load_world
from lenger_sim.worlds.systems import LISTED

ENVIRON = {"PATH": "/usr/bin", "GZ_SIM_RESOURCE_PATH": "/mine", "DISPLAY": ":0"}
WORLD = "lenger_training_field"


def flight(autopilot: str = "px4", folder: Path = Path("/out/gazebo"), window: bool = False) -> Flight:
    px4 = autopilot == "px4"
    tools = Tools(
        gz=Path("/gz/bin/gz"),
        bridge=Path("/ros/lib/ros_gz_bridge/parameter_bridge"),
        mavros=Path("/ros/lib/mavros/mavros_node"),
        mavros_share=Path("/ros/share/mavros/launch"),
        sitl=Path("/px4/build" if px4 else "/ap/arducopter"),
        params=None if px4 else Path("/ap/copter.parm"),
        plugin=None if px4 else Path("/ap_gz/build"),
    )
    place = Place(load_world(WORLD), (42.1819, 69.8878, 756.3), (1.0, -2.0, 0.1, 0.5 * pi), WORLD)
    ports = Ports(14542, 14582, 2) if px4 else Ports(40001, spare=(40002, 40003))
    return Flight(
        tools=tools,
        files=WorldFiles(Path("/cache"), WORLD),
        place=place,
        autopilot=autopilot,
        vehicle="quad_2kg",
        speed=2.0,
        seed=20,
        air=(3.0, 270.0, 1.0),
        ports=ports,
        partition="lenger-7",
        folder=folder,
        window=window,
    )


def by_name(told: Flight, environ: dict[str, str] | None = None) -> dict[str, Program]:
    return {program.name: program for program in programs(told, ENVIRON if environ is None else environ)}


def test_px4_gets_its_world_its_model_and_the_contract_and_no_speed_factor() -> None:
    px4 = by_name(flight())["sitl"]
    assert px4.words == ("/px4/build/bin/px4", "-i", "2", "-d", "/px4/build/etc", "-w", "/out/gazebo/px4")
    environment = dict(px4.environment)
    told = {name: value for name, value in environment.items() if not name.startswith("PX4_PARAM_")}
    assert told == {
        "GZ_PARTITION": "lenger-7",
        "GZ_IP": "127.0.0.1",
        "PX4_GZ_STANDALONE": "1",
        "PX4_GZ_WORLD": WORLD,
        "PX4_GZ_MODEL_NAME": "quad_2kg_px4",
        "PX4_SIM_MODEL": "gz_x500",
        "PX4_SYS_AUTOSTART": "4001",
        "PATH": "/gz/bin:/usr/bin",
    }
    assert "PX4_SIM_SPEED_FACTOR" not in environment, "it would stretch COM_OF_LOSS_T against the contract"
    assert environment["PX4_PARAM_COM_OF_LOSS_T"] == "1"
    assert environment["PX4_PARAM_CA_ROTOR_COUNT"] == "4"
    assert px4.folder == Path("/out/gazebo/px4")


def test_arducopter_gets_the_worlds_origin_lock_step_and_links_that_need_no_caller() -> None:
    copter = by_name(flight("ardupilot"))["sitl"]
    assert copter.words == (
        "/ap/arducopter", "--model", "JSON", "--home", "42.1819000,69.8878000,756.30,0", "--speedup", "2",
        "--defaults", "/ap/copter.parm,/out/gazebo/lenger.parm", "--base-port", "40002", "--rc-in-port", "40003",
        "--serial0", "udpclient:127.0.0.1:40001", "--serial1", "udpclient:127.0.0.1:14550",
    )  # fmt: skip


def test_the_server_runs_alone_with_the_seed_and_finds_models_and_plugins() -> None:
    px4, ardupilot = by_name(flight())["gazebo"], by_name(flight("ardupilot"))["gazebo"]
    head = ("/gz/bin/gz", "sim", "-s", "-r", "-v", "2", "--seed", "20")
    assert px4.words == (*head, f"/cache/px4/{WORLD}.sdf")
    assert ardupilot.words == (*head, f"/cache/ardupilot/{WORLD}.sdf")
    common = {"GZ_PARTITION": "lenger-7", "GZ_IP": "127.0.0.1", "GZ_SIM_RESOURCE_PATH": "/cache/models:/mine"}
    assert dict(px4.environment) == {**common, "GZ_SIM_SERVER_CONFIG_PATH": "/out/gazebo/server.config"}
    assert dict(ardupilot.environment) == {**common, "GZ_SIM_SYSTEM_PLUGIN_PATH": "/ap_gz/build"}


def test_without_a_display_the_server_renders_headless_and_no_window_opens() -> None:
    headless = by_name(flight(), {"PATH": "/usr/bin"})
    assert "--headless-rendering" in headless["gazebo"].words
    assert "gazebo_window" not in headless
    window = by_name(flight(window=True))["gazebo_window"]
    assert window.words == ("/gz/bin/gz", "sim", "-g", "-v", "1")
    assert not window.flight_critical


def test_mavros_runs_its_own_configuration_on_simulated_time() -> None:
    px4 = by_name(replace(flight(), namespace="uav1"))["mavros"]
    assert px4.words == (
        "/ros/lib/mavros/mavros_node", "--ros-args", "-r", "__ns:=/uav1/mavros",
        "--params-file", "/ros/share/mavros/launch/px4_pluginlists.yaml",
        "--params-file", "/ros/share/mavros/launch/px4_config.yaml",
        "-p", "fcu_url:=udp://127.0.0.1:14542@127.0.0.1:14582", "-p", "system_id:=3", "-p", "tgt_system:=3",
        "-p", "tgt_component:=1", "-p", "use_sim_time:=true",
    )  # fmt: skip
    ardupilot = by_name(flight("ardupilot"))["mavros"].words
    assert "__ns:=/mavros" in ardupilot
    assert "fcu_url:=udp://127.0.0.1:40001@" in ardupilot
    assert "/ros/share/mavros/launch/apm_config.yaml" in ardupilot


def test_the_contract_is_written_by_mavros_own_link() -> None:
    assert contract(flight()).words[3:] == (
        "--autopilot", "px4", "--vehicle", "quad_2kg", "--url", "udp://127.0.0.1:14542@127.0.0.1:14582", "--system", "3"
    )  # fmt: skip
    assert contract(flight()).done


def test_the_bridge_brings_one_topic_over() -> None:
    topic = "/model/quad_2kg_px4/odometry"
    assert by_name(replace(flight(), namespace="/uav1/"))["bridge"].words == (
        "/ros/lib/ros_gz_bridge/parameter_bridge", f"{topic}@nav_msgs/msg/Odometry[gz.msgs.Odometry", "--ros-args",
        "-r", "__node:=gazebo_bridge", "-r", "__ns:=/uav1", "-r", f"{topic}:=/uav1/gazebo/odometry",
    )  # fmt: skip


def test_the_aircraft_and_the_wind_are_given_where_and_what() -> None:
    named = by_name(replace(flight(), dem=(Path("/d/a.hgt"), Path("/d/b.hgt"))))
    assert named["spawn"].words == (
        sys.executable, "-m", "lenger_bringup.gazebo.spawn", "--gz", "/gz/bin/gz", "--world", WORLD,
        "--model", "quad_2kg_px4", "--file", "/cache/models/quad_2kg_px4/model.sdf",
        "--pose", "1.000,-2.000,0.100,1.570796", "--speed", "2",
    )  # fmt: skip
    assert named["wind"].words == (
        sys.executable, "-m", "lenger_sim.gazebo_wind", "--world", WORLD, "--model", "quad_2kg_px4", "--seed", "20",
        "--wind-m-s", "3", "--wind-from-deg", "270", "--turbulence", "1", "--dem", "/d/a.hgt", "--dem", "/d/b.hgt",
    )  # fmt: skip
    assert named["spawn"].done
    assert not named["wind"].flight_critical


@pytest.mark.parametrize("autopilot", ["px4", "ardupilot"])
def test_nodes_and_recorder_end_before_what_they_listen_to(autopilot: str) -> None:
    ranks = {name: program.stop_rank for name, program in by_name(flight(autopilot)).items()}
    assert {name for name, rank in ranks.items() if rank > 1} == {"gazebo", "sitl"}, "the recorder has rank 1"


def test_the_server_for_px4_has_the_systems_that_worlds_for_ardupilot_list() -> None:
    root = ElementTree.fromstring(server_config())
    plugins = root.findall("plugins/plugin")
    assert [plugin.get("filename") for plugin in plugins] == [f"gz-sim-{name}-system" for name in LISTED["ardupilot"]]
    assert {(plugin.get("entity_name"), plugin.get("entity_type")) for plugin in plugins} == {("*", "world")}
    wind = next(plugin for plugin in plugins if "wind" in str(plugin.get("filename")))
    assert wind.findtext("force_approximation_scaling_factor") == "0"
    sensors = next(plugin for plugin in plugins if plugin.get("filename") == "gz-sim-sensors-system")
    assert sensors.findtext("render_engine") == "ogre2"


def test_small_files_are_written_where_the_programs_look(tmp_path: Path) -> None:
    write_files(flight("px4", tmp_path / "a"))
    assert (tmp_path / "a" / "server.config").read_text() == server_config()
    write_files(flight("ardupilot", tmp_path / "b"))
    lines = (tmp_path / "b" / "lenger.parm").read_text().splitlines()
    assert {"FRAME_CLASS 1", "FENCE_ACTION 4", "RTL_ALT_M 60"} <= set(lines)


@pytest.mark.parametrize("vehicle", ["quad_2kg", "hexa_7kg"])
def test_parameters_hold_the_contract_and_no_integer_has_a_point(vehicle: str) -> None:
    profile = load_vehicle(vehicle)
    environment = px4_environment(profile, 757.0)
    for name, value in profile.failsafe_parameters["px4"].items():
        assert float(environment[f"PX4_PARAM_{name}"]) == value
    assert environment["PX4_PARAM_CA_ROTOR_COUNT"] == str(profile.rotors)
    assert environment["PX4_PARAM_BAT1_N_CELLS"] == str(profile.battery_cells)
    assert environment["PX4_PARAM_SIM_BAT_MIN_PCT"] == "0"
    assert 900 < float(environment["PX4_PARAM_SIM_BAT_DRAIN"]) < 5400
    assert environment[f"PX4_PARAM_SIM_GZ_EC_FUNC{profile.rotors}"] == str(100 + profile.rotors)
    parameters = dict(line.split() for line in ardupilot_file(profile).splitlines())
    for name, value in profile.failsafe_parameters["ardupilot"].items():
        assert float(parameters[name]) == value
    assert not [value for value in environment.values() if value.endswith(".0")]
