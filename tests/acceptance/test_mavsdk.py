"""MAVSDK accepts the embedded vehicle as a PX4: health, flight, mission, fence, OFFBOARD, telemetry, parameters.

MAVSDK 4 (PyPI `mavsdk`) is the library itself behind its asyncio interface; `mavsdk-grpc` would put a server process
and gRPC in between for the same C++ code.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from math import cos, hypot, nan, radians
from typing import Any

import pytest
from mavsdk.asyncio import ComponentType, Configuration, Mavsdk, System
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.geofence import GeofenceAsync
from mavsdk.asyncio.plugins.mission import MissionAsync
from mavsdk.asyncio.plugins.offboard import OffboardAsync
from mavsdk.asyncio.plugins.param import ParamAsync
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
from mavsdk.plugins.geofence import FenceType, GeofenceData, Point, Polygon
from mavsdk.plugins.mission import MissionItem, MissionPlan
from mavsdk.plugins.offboard import OffboardError, VelocityNedYaw
from mavsdk.plugins.param import ParamError
from mavsdk.plugins.telemetry import FlightMode, LandedState

from acceptance.vehicle import VehicleProcess, free_port, running_vehicle

pytestmark = pytest.mark.slow

SPEED = 8.0
LAT, LON, HOME_AMSL = 42.1819, 69.8878, 757.0
NORTH_M = 111_070.0
EAST_M = NORTH_M * cos(radians(LAT))


@pytest.fixture
def link() -> Iterator[tuple[VehicleProcess, str]]:
    """Start a vehicle as a user does; return it and the URL that MAVSDK listens on."""
    port = free_port()
    with running_vehicle("px4", f"udp://127.0.0.1:{port}", SPEED) as vehicle:
        yield vehicle, f"udpin://127.0.0.1:{port}"


async def until(stream: AsyncIterator[Any], done: Callable[[Any], bool], limit_s: float = 40.0) -> Any:
    """Return the first value of a stream that is good enough; fails after `limit_s` of wall time."""
    last = None
    try:
        async with asyncio.timeout(limit_s), aclosing(stream) as values:  # type: ignore[type-var]
            async for last in values:
                if done(last):
                    return last
    except TimeoutError:
        pass
    raise AssertionError(f"not within {limit_s} s; last value {last}")


def at(north: float, east: float) -> tuple[float, float]:
    return LAT + north / NORTH_M, LON + east / EAST_M


def metres(position: Any) -> tuple[float, float]:
    return (position.latitude_deg - LAT) * NORTH_M, (position.longitude_deg - LON) * EAST_M


def waypoint(north: float, east: float, up: float, **fields: Any) -> MissionItem:
    lat, lon = at(north, east)
    unused = dict.fromkeys(("speed_m_s", "gimbal_pitch_deg", "gimbal_yaw_deg", "loiter_time_s", "yaw_deg"), nan)
    unused |= dict.fromkeys(("camera_photo_interval_s", "camera_photo_distance_m"), nan)
    action = {"camera_action": MissionItem.CameraAction.NONE, "vehicle_action": MissionItem.VehicleAction.NONE}
    usual = {"is_fly_through": True, "acceptance_radius_m": 2.5}
    return MissionItem(lat, lon, up, **{**usual, **unused, **action, **fields})


class Client:
    """MAVSDK's plugins on one system."""

    def __init__(self, system: System) -> None:
        self.action, self.mission, self.geofence = ActionAsync(system), MissionAsync(system), GeofenceAsync(system)
        self.offboard, self.param, self.telemetry = OffboardAsync(system), ParamAsync(system), TelemetryAsync(system)

    async def mode(self, mode: FlightMode, limit_s: float = 40.0) -> None:
        await until(self.telemetry.subscribe_flight_mode(), lambda value: value == mode, limit_s)

    async def landed(self, limit_s: float = 60.0) -> None:
        await until(self.telemetry.subscribe_landed_state(), lambda value: value == LandedState.ON_GROUND, limit_s)
        await until(self.telemetry.subscribe_armed(), lambda armed: not armed, limit_s)

    async def take_off(self, height_m: float) -> None:
        await until(self.telemetry.subscribe_health(), lambda health: health.is_armable)
        await self.action.set_takeoff_altitude(height_m)
        await self.action.arm()
        await self.action.takeoff()
        await self.mode(FlightMode.HOLD)
        position = await self.telemetry.position()
        assert position.relative_altitude_m == pytest.approx(height_m, abs=1.5)


def fly(url: str, flight: Callable[[Client], Any]) -> None:
    async def run() -> None:
        async with Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION)) as mavsdk:
            await mavsdk.add_any_connection(url)
            system = await mavsdk.first_autopilot(30.0)
            assert system is not None
            await flight(Client(system))

    asyncio.run(run())


async def goto_and_back(client: Client) -> None:
    health = await until(client.telemetry.subscribe_health(), lambda h: h.is_armable and h.is_home_position_ok)
    assert all(value for name, value in vars(health).items() if name.startswith("is_")), vars(health)
    await client.take_off(10.0)
    home = await client.telemetry.home()
    await client.action.goto_location(*at(25.0, 20.0), home.absolute_altitude_m + 15.0, nan)
    await until(
        client.telemetry.subscribe_position(),
        lambda p: (
            hypot(*(a - b for a, b in zip(metres(p), (25.0, 20.0), strict=True))) < 2.0
            and abs(p.relative_altitude_m - 15.0) < 1.5
        ),
    )
    await client.action.return_to_launch()
    await client.mode(FlightMode.RETURN_TO_LAUNCH)
    await client.landed()
    assert hypot(*metres(await client.telemetry.position())) < 4.0


def test_health_arm_takeoff_goto_return(link: tuple[VehicleProcess, str]) -> None:
    vehicle, url = link
    fly(url, goto_and_back)
    assert vehicle.alive


async def mission_and_fence(client: Client) -> None:
    await until(client.telemetry.subscribe_health(), lambda health: health.is_armable)
    corners = [Point(*at(n, e)) for n, e in ((-90.0, -90.0), (-90.0, 90.0), (90.0, 90.0), (90.0, -90.0))]
    fence = GeofenceData(polygons=[Polygon(points=corners, fence_type=FenceType.INCLUSION)], circles=[])
    await client.geofence.upload_geofence(fence)
    stored = (await client.geofence.download_geofence()).polygons[0]
    assert [vars(a) for a in stored.points] == [pytest.approx(vars(b), abs=1e-7) for b in corners]

    outside = MissionPlan([waypoint(120.0, 0.0, 12.0)])
    await client.mission.upload_mission(outside)
    await client.action.arm()  # for which MAVSDK selects HOLD
    texts = client.telemetry.subscribe_status_text()
    told = asyncio.create_task(until(texts, lambda status: "AUTO.MISSION rejected" in status.text))
    await client.mission.start_mission()  # accepted: MAVSDK believes the first of PX4's two ACKs
    await told
    assert await client.telemetry.flight_mode() == FlightMode.HOLD
    await client.action.disarm()

    items = [
        waypoint(0.0, 0.0, 12.0, speed_m_s=8.0),
        waypoint(40.0, 0.0, 15.0, loiter_time_s=2.0, is_fly_through=False),
    ]
    items += [waypoint(40.0, 40.0, 12.0, acceptance_radius_m=3.0), waypoint(5.0, 40.0, 12.0)]
    plan = MissionPlan(items)
    await client.mission.set_return_to_launch_after_mission(True)
    await client.mission.upload_mission(plan)
    downloaded = await client.mission.download_mission()
    assert len(downloaded.mission_items) == len(items)
    for sent, got in zip(items, downloaded.mission_items, strict=True):
        assert numbers(got) == pytest.approx(numbers(sent), abs=1e-6, nan_ok=True)

    await client.action.arm()
    await client.mission.start_mission()
    await until(client.mission.subscribe_mission_progress(), lambda progress: progress.current >= 2)
    await client.mission.pause_mission()
    await client.mode(FlightMode.HOLD)
    await client.mission.start_mission()
    await until(client.mission.subscribe_mission_progress(), lambda progress: progress.current == progress.total)
    await client.mode(FlightMode.RETURN_TO_LAUNCH)
    assert await client.mission.is_mission_finished()
    await client.landed()
    await client.mission.clear_mission()
    await client.geofence.clear_geofence()


def numbers(item: MissionItem) -> list[float]:
    names = (
        "latitude_deg",
        "longitude_deg",
        "relative_altitude_m",
        "speed_m_s",
        "loiter_time_s",
        "acceptance_radius_m",
    )
    return [getattr(item, name) for name in (*names, "acceptance_radius_m")]


def test_mission_and_fence(link: tuple[VehicleProcess, str]) -> None:
    fly(link[1], mission_and_fence)
    assert link[0].alive


async def offboard_rates_params(client: Client) -> None:
    assert await client.param.get_param_int("COM_OBL_RC_ACT") == 0
    await client.param.set_param_int("COM_OBL_RC_ACT", 5)
    assert await client.param.get_param_int("COM_OBL_RC_ACT") == 5
    await client.param.set_param_float("MPC_XY_CRUISE", 6.5)
    assert await client.param.get_param_float("MPC_XY_CRUISE") == 6.5
    with pytest.raises(ParamError):
        await client.param.get_param_int("NO_SUCH_PARAM")
    everything = await client.param.get_all_params()
    assert len(everything.int_params) + len(everything.float_params) > 250

    await client.take_off(6.0)
    with pytest.raises(OffboardError):  # without a setpoint first MAVSDK itself refuses
        await client.offboard.start()
    await client.offboard.set_velocity_ned(VelocityNedYaw(2.0, -1.0, 0.0, 90.0))
    await client.offboard.start()
    await client.mode(FlightMode.OFFBOARD)
    await until(
        client.telemetry.subscribe_velocity_ned(),
        lambda v: (v.north_m_s, v.east_m_s, v.down_m_s) == pytest.approx((2.0, -1.0, 0.0), abs=0.4),
    )
    await until(client.telemetry.subscribe_heading(), lambda heading: abs(heading.heading_deg - 90.0) < 5.0)
    await client.offboard.stop()
    await client.mode(FlightMode.HOLD)

    # intervals are in simulated time: four a second of it
    await client.telemetry.set_rate_position(4.0)
    stamps = []
    async with aclosing(client.telemetry.subscribe_position()) as positions:
        async for _ in positions:
            stamps.append(asyncio.get_running_loop().time())
            if len(stamps) == 60:
                break
    rate = (len(stamps) - 1) / (stamps[-1] - stamps[0])
    assert rate < 4.0 * SPEED * 1.5  # the default would be 50: above any speed-up that the machine has
    await client.action.land()
    await client.mode(FlightMode.LAND)
    await client.landed()


def test_parameters_offboard_and_rates(link: tuple[VehicleProcess, str]) -> None:
    fly(link[1], offboard_rates_params)
    assert link[0].alive
