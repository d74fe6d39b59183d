"""The autopilot core on the simulators of real autopilots: what the embedded ones only claim.

Skipped where the programs are absent; `real_autopilot.prepared` says which variables name them.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import dist, hypot

import pytest

from lenger_core.geodesy import distance_m
from lenger_core.samples import Authority, CommandKind
from lenger_core.zones import CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mavlink.transfer_client import MissionItem, MissionType

from .real_autopilot import HOME, Flight, prepared

pytestmark = pytest.mark.slow

FIELD = PolygonShape(((42.17, 69.87), (42.17, 69.90), (42.19, 69.90), (42.19, 69.87)))
MAST = Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.175, 69.875, 80.0))
ZONES = ZoneSet((Zone("field", ZoneKind.INCLUSION, FIELD), MAST))


@pytest.fixture(scope="module", params=["px4", "ardupilot"])
def flight(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    """A prepared autopilot on the ground with our core on top."""
    with prepared(request.param, tmp_path_factory.mktemp(request.param), ZONES) as one:
        yield one


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
