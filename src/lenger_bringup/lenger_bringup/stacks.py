"""The stacks of Lenger: which nodes fly together, and with which parameters.

`sim` flies the embedded vehicle, `exercise` adds the observers that grade, `gazebo` is the exercise with Gazebo, a real
autopilot's simulator and MAVROS in place of vehicle and endpoint. `hardware` is for the companion computer: it has no
vehicle, no clock and no fault injection. Replay of a recording comes with the filter (`lenger fuse`); it is no stack
yet.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lenger_bringup.stack_model import Argument, Node, ParamValue, Program, Stack, Values
from lenger_core.errors import InputError

Parameters = dict[str, ParamValue]

_NAMESPACE = Argument("namespace", "", "namespace of every node: one vehicle a namespace")
_AUTOPILOT = Argument("autopilot", "px4", "flavour of the autopilot", choices=("px4", "ardupilot"))
_VEHICLE = Argument("vehicle", "quad_2kg", "vehicle profile in config/vehicles")
_STATE = "folder that keeps latches and mission progress over a restart; empty: none"
_ZONES = Argument("zones", "", "zone file for the guard and the autopilot's own fence; empty: the height limits only")
_DEM = Argument(
    "dem", "", "DEM files (.hgt, .tif) or folders of them, joined by ':'; empty: Lenger's terrain, on hardware GLOBE"
)
_LIMITS = (
    Argument(
        "floor_agl_m", "15.0", "lowest height over the ground that the guard allows away from home", kind="number"
    ),
    Argument("ceiling_agl_m", "150.0", "greatest height over the ground that the guard allows", kind="number"),
)
_MISSIONS = Argument(
    "missions",
    "checked",
    "missions that the autopilot flies by itself: never, only where their whole path is legal, or anywhere and watched",
    choices=("never", "checked", "watched"),
)
_ENGINE = Argument(
    "engine",
    "uploaded",
    "who flies a plan whose goal leaves it open: the autopilot, or setpoints from here",
    choices=("uploaded", "streamed"),
)
_PLAN_GATE = Argument(
    "plan_gate",
    "refuse",
    "what becomes of a plan in which the plan gate finds errors",
    choices=("refuse", "warn", "off"),
)
_SITE = (
    Argument("lat_deg", "42.1819", "latitude of the site, origin of the local frames", kind="number"),
    Argument("lon_deg", "69.8878", "longitude of the site", kind="number"),
    Argument("alt_amsl_m", "760.0", "height of the site above mean sea level", kind="number"),
)
_SIMULATION = (
    Argument("speed", "1.0", "simulated seconds per second", kind="number"),
    Argument("seed", "1", "seed of sensor noise and wind", kind="integer"),
    Argument("vehicle_port", "14580", "UDP port on which the vehicle listens", kind="integer"),
    Argument("endpoint_port", "14540", "UDP port on which the endpoint listens", kind="integer"),
)
_WEATHER = (
    Argument("wind_m_s", "0.0", "mean wind at 10 m above ground", kind="number"),
    Argument("wind_from_deg", "0.0", "direction the wind comes from, clockwise from north", kind="number"),
    Argument("turbulence", "1.0", "factor on the gusts that belong to the mean wind", kind="number"),
    Argument("isa_offset_k", "0.0", "air temperature above the standard atmosphere", kind="number"),
)


def _flight_nodes(values: Values, simulated: bool) -> tuple[Node, ...]:
    """The chain of command and the estimator, the same in every stack."""
    site = {f"site.{key}": values[key] for key in ("lat_deg", "lon_deg", "alt_amsl_m")}
    common: Parameters = {"use_sim_time": simulated, "vehicle": values["vehicle"]}
    # A simulator flies over the very terrain. The real ground differs from it, by up to its error bound.
    terrain: Parameters = {"terrain.dem": values["dem"], "terrain.trust": "ground" if simulated else "model"}
    limits: Parameters = {key: values[key] for key in ("floor_agl_m", "ceiling_agl_m")}
    autopilot: Parameters = {**common, "autopilot": values["autopilot"], "fence_file": values["zones"]}
    guard: Parameters = {
        **common,
        **site,
        **terrain,
        **limits,
        "zones": values["zones"],
        "missions": values["missions"],
        **_state_file(values, "guard"),
    }
    mission: Parameters = {
        **common,
        **site,
        **terrain,
        "engine": values["engine"],
        "zones": values["zones"],
        "plan_gate": values["plan_gate"],
        **_state_file(values, "mission"),
    }
    return (
        _node("lenger_bridge", "autopilot_node", "autopilot", values, autopilot),
        _node("lenger_safety", "guard_node", "guard", values, guard),
        _node("lenger_mission", "mission_node", "mission", values, mission),
        _node("lenger_fusion", "fusion_node", "fusion", values, {"use_sim_time": simulated, **site}, critical=False),
    )


def _state_file(values: Values, name: str) -> Parameters:
    """Where a node keeps what must survive its restart: latches, the progress of the mission."""
    folder = str(values["state_dir"])
    return {"state_file": str(Path(folder).expanduser() / f"{name}.json") if folder else ""}


def _node(
    package: str,
    executable: str,
    name: str,
    values: Values,
    parameters: Parameters,
    critical: bool = True,
    condition: str = "",
    stop_rank: int = 0,
) -> Node:
    return Node(
        package,
        executable,
        name,
        namespace=str(values["namespace"]),
        parameters=tuple(parameters.items()),
        condition=condition,
        flight_critical=critical,
        stop_rank=stop_rank,
    )


def _vehicle(values: Values) -> Node:
    parameters: Parameters = {
        "use_sim_time": False,  # it is the clock
        "autopilot": values["autopilot"],
        "prepared": True,  # as a person prepares a real one with `./lenger doctor --fix-params`
        "home_lat_deg": values["lat_deg"],
        "home_lon_deg": values["lon_deg"],
        "mavlink": f"udp://127.0.0.1:{values['vehicle_port']}@127.0.0.1:{values['endpoint_port']}",
        **{key: values[key] for key in ("vehicle", "dem", "speed", "seed", *(argument.name for argument in _WEATHER))},
    }
    return _node("lenger_sim", "vehicle_node", "vehicle", values, parameters)


def _endpoint(values: Values, fcu_url: str, simulated: bool, condition: str = "") -> Node:
    parameters: Parameters = {"use_sim_time": simulated, "fcu_url": fcu_url}
    return _node("lenger_bridge", "endpoint_node", "mavros", values, parameters, condition=condition)


def _sim(values: Values) -> tuple[Node, ...]:
    fcu_url = f"udp://127.0.0.1:{values['endpoint_port']}@127.0.0.1:{values['vehicle_port']}"
    return (_vehicle(values), _endpoint(values, fcu_url, simulated=True), *_flight_nodes(values, simulated=True))


def _hardware(values: Values) -> tuple[Node, ...]:
    endpoint = _endpoint(values, str(values["fcu_url"]), simulated=False, condition="endpoint")
    return (endpoint, *_flight_nodes(values, simulated=False))


def _exercise(values: Values) -> tuple[Node, ...]:
    """The simulation with what the exercise says of place, weather and zones, and the nodes that record and grade."""
    return _observed(values, _sim(_resolved("exercise", values)))


def _resolved(stack: str, values: Values) -> dict[str, bool | int | float | str]:
    """The arguments, with what the exercise says of place, weather and zones."""
    from lenger_training.exercise import load_exercise

    exercise = load_exercise(str(values["exercise"]))
    if not values["out"]:
        raise InputError(
            f"stack {stack}", "out", values["out"], "the folder for the recording, such as out:=runs/today"
        )
    return {
        **values,
        "state_dir": "",
        "missions": "checked",
        "plan_gate": "warn",
        "vehicle": exercise.vehicle,
        "zones": str(exercise.zones_path),
        "seed": exercise.seed if values["seed"] == -1 else values["seed"],
        **{key: getattr(exercise.site, key) for key in ("lat_deg", "lon_deg", "alt_amsl_m")},
        **{key: getattr(exercise.limits, key) for key in ("floor_agl_m", "ceiling_agl_m")},
        "wind_m_s": exercise.weather.wind_mean_m_s,
        "turbulence": exercise.weather.turbulence,
        **{key: getattr(exercise.weather, key) for key in ("wind_from_deg", "isa_offset_k")},
    }


def _observed(values: Values, flown: tuple[Node, ...]) -> tuple[Node, ...]:
    """The nodes of a flight between the one that records and the one that grades."""
    common: Parameters = {"use_sim_time": True}
    recorded: Parameters = {**common, "out": values["out"]}
    recorder = _node("lenger_training", "recorder_node", "recorder", values, recorded, critical=False, stop_rank=1)
    graded: Parameters = {**common, **{key: values[key] for key in ("exercise", "plan", "dem")}}
    grader = _node("lenger_training", "exercise_node", "exercise", values, graded, critical=False)
    return (recorder, *flown, grader)


def _gazebo(values: Values) -> tuple[Node, ...]:
    """An exercise whose aircraft flies in Gazebo: MAVROS and the simulators are programs beside these nodes."""
    from lenger_bringup.gazebo.place import place_of

    resolved = _resolved("gazebo", values)
    origin = place_of(str(values["exercise"]), str(values["world"]), str(values["dem"])).origin
    parameters: Parameters = {
        "use_sim_time": False,  # it is the clock
        **{key: resolved[key] for key in ("vehicle", "dem", "seed", "wind_m_s", "wind_from_deg", "turbulence")},
        **{f"origin.{key}": value for key, value in zip(("lat_deg", "lon_deg", "alt_amsl_m"), origin, strict=True)},
    }
    truth = _node("lenger_sim", "truth_node", "truth", values, parameters)
    return _observed(values, (truth, *_flight_nodes(resolved, simulated=True)))


def _gazebo_programs(values: Values) -> tuple[Program, ...]:
    from lenger_bringup.gazebo.prepare import prepare
    from lenger_bringup.gazebo.programs import programs

    return programs(prepare(values))


SIM = Stack(
    "sim",
    "the embedded vehicle with the whole flight chain",
    (
        _NAMESPACE,
        _AUTOPILOT,
        _VEHICLE,
        *_SITE,
        _DEM,
        _ZONES,
        *_LIMITS,
        _MISSIONS,
        _ENGINE,
        _PLAN_GATE,
        *_SIMULATION,
        *_WEATHER,
        Argument("state_dir", "", _STATE),
    ),
    _sim,
)
EXERCISE = Stack(
    "exercise",
    "a graded exercise: the sim stack with a recorder and a grader",
    (
        Argument("exercise", "first_patrol", "name of an exercise, or the path of its YAML file"),
        Argument("plan", "", "plan file that is flown; empty: the exercise's own"),
        Argument("out", "", "folder that gets flight.mcap"),
        _DEM,
        _NAMESPACE,
        _AUTOPILOT,
        replace(_ENGINE, default="streamed"),
        Argument("speed", "1.0", "simulated seconds per second", kind="number"),
        Argument("seed", "-1", "seed of sensor noise and wind; -1: the exercise's own", kind="integer"),
        *_SIMULATION[2:],
    ),
    _exercise,
)
GAZEBO = Stack(
    "gazebo",
    "a graded exercise in Gazebo: PX4 or ArduPilot SITL, MAVROS, a recorder and a grader",
    (
        *EXERCISE.arguments[:9],
        Argument("world", "", "world that is flown in; empty: the one that holds the exercise's start"),
        Argument(
            "window", "auto", "Gazebo's window; auto: where there is a display", choices=("auto", "true", "false")
        ),
    ),
    _gazebo,
    _gazebo_programs,
)
HARDWARE = Stack(
    "hardware",
    "the flight chain on a companion computer, beside MAVROS",
    (
        _NAMESPACE,
        _AUTOPILOT,
        _VEHICLE,
        *_SITE,
        _DEM,
        _ZONES,
        *_LIMITS,
        _MISSIONS,
        _ENGINE,
        _PLAN_GATE,
        Argument("state_dir", "~/.local/state/lenger", _STATE),
        Argument(
            "endpoint", "false", "true: use the built-in MAVROS-compatible endpoint, no MAVROS needed", kind="truth"
        ),
        Argument(
            "fcu_url", "serial:///dev/ttyACM0:921600", "where the endpoint finds the autopilot, as MAVROS writes it"
        ),
    ),
    _hardware,
)
STACKS: dict[str, Stack] = {stack.name: stack for stack in (SIM, EXERCISE, GAZEBO, HARDWARE)}


def find_stack(name: str) -> Stack:
    """Return the stack of that name.

    Raises:
        InputError: there is none; the message lists those that exist.
    """
    if name not in STACKS:
        raise InputError("stack", "", name, "one of " + ", ".join(STACKS))
    return STACKS[name]
