"""The autopilot core on the simulators of real autopilots: what the embedded ones only claim.

Skipped where the programs are absent. `LENGER_ARDUCOPTER` names ArduPilot's SITL binary (arducopter),
`LENGER_ARDUPILOT_PARAMS` its default parameter file (copter.parm), `LENGER_PX4_SITL` the folder of a PX4 SITL build
(with bin/px4 and etc).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from math import dist, hypot
from pathlib import Path

import pytest
from rich.console import Console

from lenger_bringup.fix_params import run as fix_params
from lenger_core.geodesy import distance_m
from lenger_core.samples import Authority, CommandKind
from lenger_core.zones import CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mavlink.transfer_client import MissionItem, MissionType

from .real_autopilot import Flight, process
from .vehicle import free_port

pytestmark = pytest.mark.slow

HOME = (42.1819, 69.8878, 757.0)
FIELD = PolygonShape(((42.17, 69.87), (42.17, 69.90), (42.19, 69.90), (42.19, 69.87)))
MAST = Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.175, 69.875, 80.0))
ZONES = ZoneSet((Zone("field", ZoneKind.INCLUSION, FIELD), MAST))
SPEED = 2.0


def _path(variable: str, *below: str) -> Path:
    text = os.environ.get(variable, "")
    place = Path(text, *below)
    if not text or not place.exists():
        pytest.skip(f"{variable} names no {Path(*below) if below else 'program'}")
    return place


@pytest.fixture(scope="module", params=["px4", "ardupilot"])
def flight(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    """A prepared autopilot on the ground with our core on top."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "ardupilot":
        binary, params = _path("LENGER_ARDUCOPTER"), _path("LENGER_ARDUPILOT_PARAMS")
        port = free_port()
        words = [str(binary), "--model", "quad", "--home", f"{HOME[0]},{HOME[1]},{HOME[2]},0", "--speedup", str(SPEED)]
        command = [*words, "--defaults", str(params), "--base-port", str(port), "--rc-in-port", str(free_port())]
        url, environment, system = f"tcp://127.0.0.1:{port}", {}, 1
    else:
        build = _path("LENGER_PX4_SITL", "bin", "px4").parent.parent
        command = [str(build / "bin" / "px4"), "-i", "7", "-d", str(build / "etc"), "-w", str(folder)]
        url, system = "udp://:14547@127.0.0.1:14587", 8  # its eighth instance, out of the way of others
        environment = {"PX4_SIM_MODEL": "sihsim_quadx", "PX4_SIM_SPEED_FACTOR": str(SPEED)}
        environment |= {f"PX4_HOME_{name}": str(value) for name, value in zip(("LAT", "LON", "ALT"), HOME, strict=True)}
    with process(command, folder, **environment):
        out = io.StringIO()
        fixed = fix_params(
            Console(file=out, width=160), request.param, "quad_2kg", url, yes=True, wait_s=40.0, system=system
        )
        assert fixed == 0, out.getvalue()
        one = Flight(request.param, url, SPEED, ZONES, system)
        yield one
        one.session.close()


def speed(flight: Flight) -> float:
    assert flight.status is not None
    return hypot(*flight.status.velocity_enu_m_s)


def height(flight: Flight) -> float:
    assert flight.status is not None
    return flight.status.alt_amsl_m - flight.status.home_alt_amsl_m


def upload(flight: Flight, kind: MissionType, items: tuple[MissionItem, ...]) -> str:
    assert flight.core is not None
    known = len(flight.uploads)
    refusal = flight.core.upload(known + 1, kind, items)
    if refusal:
        return refusal
    flight.run(60.0, until=lambda: len(flight.uploads) > known)
    return flight.uploads[-1].message


def mission(*legs_m: tuple[float, float]) -> tuple[MissionItem, ...]:
    """Waypoints 30 m above home, (east, north) of it."""
    return tuple(
        MissionItem(6, 16, HOME[0] + n / 111_100.0, HOME[1] + e / 82_500.0, 30.127, 1.0, 2.0) for e, n in legs_m
    )


def test_a_whole_flight(flight: Flight) -> None:
    """Fence, mission, takeoff, velocity, hold, place, mission, a silent guard, a dead core, landing."""
    dialect = flight.dialect
    flight.run(120.0, until=lambda: flight.status is not None and flight.status.ready)
    assert flight.core is not None
    assert upload(flight, MissionType.MISSION, mission((60.0, 0.0), (60.0, 60.0), (0.0, 60.0))) == ""
    assert flight.uploads[-1].count == 3
    flight.agree()
    flight.order(CommandKind.ARM)
    flight.run(10.0, until=lambda: flight.status is not None and flight.status.armed)
    flight.order(CommandKind.TAKEOFF, alt_amsl_m=flight.status.home_alt_amsl_m + 20.0)  # type: ignore[union-attr]
    flight.run(60.0, until=lambda: height(flight) > 18.5)
    flight.run(4.0)
    heading = flight.status.yaw_enu_rad  # type: ignore[union-attr]

    wanted = (3.0, -4.0, 0.0)
    flight.order(CommandKind.VELOCITY, velocity_enu_m_s=wanted)
    flight.run(20.0, until=lambda: flight.status is not None and dist(flight.status.velocity_enu_m_s, wanted) < 0.5)
    assert flight.status is not None
    assert flight.status.mode == dialect.velocity_mode
    assert abs(flight.status.yaw_enu_rad - heading) < 0.25, "a velocity without yaw turned the nose"
    flight.order(CommandKind.HOLD)
    flight.run(20.0, until=lambda: speed(flight) < 0.7)
    assert flight.status.mode == dialect.hold_mode

    lat, lon = HOME[0] + 40.0 / 111_100.0, HOME[1] - 30.0 / 82_500.0
    target = {"lat_deg": lat, "lon_deg": lon, "alt_amsl_m": flight.status.home_alt_amsl_m + 35.0, "yaw_enu_rad": 1.0}
    flight.order(CommandKind.GOTO, **target)
    flight.run(45.0, until=lambda: distance_m(lat, lon, flight.status.lat_deg, flight.status.lon_deg) < 2.0)  # type: ignore[union-attr]
    flight.run(8.0)
    assert height(flight) == pytest.approx(35.0, abs=1.5), "AMSL, not ellipsoid: the undulation is 41 m here"
    assert abs(flight.status.yaw_enu_rad - 1.0) < 0.2

    flight.order(CommandKind.MISSION, mission_item=1)
    flight.run(8.0, until=lambda: flight.status is not None and flight.status.mode == dialect.mission_settles[0])
    assert flight.status.authority is Authority.LENGER
    assert "flies its mission" in upload(flight, MissionType.MISSION, mission((5.0, 5.0)))
    flight.run(4.0)
    assert speed(flight) > 1.0
    flight.order(None)  # the guard dies
    flight.run(3.0, until=lambda: flight.status is not None and flight.status.mode == dialect.hold_mode)
    flight.run(20.0, until=lambda: speed(flight) < 0.7)

    flight.agree()
    flight.order(CommandKind.VELOCITY, velocity_enu_m_s=(-4.0, 0.0, 0.0))
    flight.run(20.0, until=lambda: speed(flight) > 3.0)
    core, flight.core = flight.core, None  # the companion dies: the autopilot's own failsafe
    flight.run(15.0)
    flight.restart()
    flight.run(4.0)
    assert core is not flight.core
    assert speed(flight) < 0.7
    assert height(flight) > 25.0
    assert flight.status.authority is Authority.EXTERNAL, "a restart in flight touches nothing"

    flight.agree()
    flight.order(CommandKind.LAND)
    flight.run(5.0, until=lambda: flight.status is not None and flight.status.mode == dialect.land_mode)
    flight.order(CommandKind.RETURN)
    flight.run(30.0, until=lambda: height(flight) > 45.0)
    flight.run(240.0, until=lambda: flight.status is not None and not flight.status.armed)
    flight.run(3.0)
    seen = {event.split(":")[0] for event in flight.events}
    assert not {"mode_lost", "mode_failed", "request_refused", "arm_failed", "disarmed_in_air"} & seen, flight.events
