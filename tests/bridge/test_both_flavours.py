"""The same orders fly the embedded PX4 and the embedded ArduCopter, through MAVLink bytes and the endpoint."""

from __future__ import annotations

from math import hypot
from typing import Literal

import pytest

from lenger_bridge import requests as r
from lenger_bridge.autopilot import AutopilotCore
from lenger_bridge.dialects import dialect_named
from lenger_bridge.settings import AutopilotSettings
from lenger_core.geodesy import distance_m
from lenger_core.samples import Authority, Command, CommandKind
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mavlink.transfer_client import MissionItem, MissionType

from .rig import SECOND, Rig

Flavour = Literal["px4", "ardupilot"]
BOTH = pytest.mark.parametrize("flavour", ["px4", "ardupilot"])
HOME = (42.1819, 69.8878)
SQUARE = PolygonShape(((42.17, 69.87), (42.17, 69.90), (42.19, 69.90), (42.19, 69.87)))
ZONES = ZoneSet(
    (
        Zone("field", ZoneKind.INCLUSION, SQUARE),
        Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.175, 69.875, 80.0)),
    )
)


class Guard:
    """Gives one command 20 times a second."""

    def __init__(self) -> None:
        self.fields: dict[str, object] = {"kind": CommandKind.NONE}
        self._sequence = 0

    def order(self, **fields: object) -> None:
        self.fields = fields

    def __call__(self, now_ns: int) -> Command:
        self._sequence += 1
        return Command(t_ns=now_ns, source="guard", sequence=self._sequence, lifetime_s=0.5, **self.fields)  # type: ignore[arg-type]


class Flight:
    """A rig with an autopilot core and a guard, from the ground up."""

    def __init__(self, flavour: Flavour) -> None:
        contract = load_vehicle("quad_2kg").failsafe_parameters[flavour]
        core = AutopilotCore(AutopilotSettings(autopilot=flavour), contract, ZONES)
        self.core, self.dialect, self.guard = core, dialect_named(flavour), Guard()
        self.rig = Rig(autopilot=core, flavour=flavour)
        self.rig.guard = self.guard
        self.consent_ns = 0

    def order(self, kind: CommandKind, **fields: object) -> None:
        self.guard.order(kind=kind, consent_ns=self.consent_ns, **fields)

    def ready(self) -> None:
        self.rig.run(90.0, until=lambda: self.rig.status is not None and self.rig.status.ready)
        self.consent_ns = self.rig.now_ns

    def take_off(self, height_m: float = 30.0) -> None:
        self.ready()
        self.order(CommandKind.ARM)
        self.rig.run(10.0, until=lambda: self.rig.status.armed)
        self.order(CommandKind.TAKEOFF, alt_amsl_m=self.rig.status.home_alt_amsl_m + height_m)
        self.rig.run(60.0, until=lambda: self.rig.vehicle.truth().height_agl_m > height_m - 2.0)
        self.rig.run(3.0)

    def speed(self) -> float:
        return hypot(*self.rig.vehicle.truth().velocity_enu_m_s)

    def kinds(self) -> list[str]:
        return [line.split(":")[0] for line in self.rig.events]

    def upload(self, kind: MissionType, items: tuple[MissionItem, ...]) -> str:
        """Upload; return the refusal or the result's message."""
        refusal = self.core.upload(len(self.rig.uploads) + 1, kind, items)
        if refusal:
            return refusal
        known = len(self.rig.uploads)
        self.rig.run(60.0, until=lambda: len(self.rig.uploads) > known)
        return self.rig.uploads[-1].message

    def mission(self, legs_m: tuple[tuple[float, float], ...]) -> tuple[MissionItem, ...]:
        """Waypoints 30 m above home, (east, north) of it."""
        return tuple(
            MissionItem(6, 16, HOME[0] + n / 111_100.0, HOME[1] + e / 82_500.0, 30.123, 1.0, 2.0) for e, n in legs_m
        )


@BOTH
def test_a_whole_flight(flavour: Flavour) -> None:
    flight = Flight(flavour)
    rig, dialect = flight.rig, flight.dialect
    flight.take_off()
    assert rig.vehicle.truth().height_agl_m == pytest.approx(30.0, abs=2.5)
    heading = rig.status.yaw_enu_rad
    flight.order(CommandKind.VELOCITY, velocity_enu_m_s=(3.0, -4.0, 0.0))
    rig.run(8.0)
    assert rig.status.mode == dialect.velocity_mode
    assert rig.vehicle.truth().velocity_enu_m_s == pytest.approx((3.0, -4.0, 0.0), abs=0.7)
    assert rig.status.yaw_enu_rad == pytest.approx(heading, abs=0.2), "a velocity without yaw turned the nose"
    flight.order(CommandKind.HOLD)
    rig.run(8.0)
    assert rig.status.mode == dialect.hold_mode
    assert flight.speed() < 1.0
    lat, lon = HOME[0] + 40.0 / 111_100.0, HOME[1] - 30.0 / 82_500.0
    flight.order(
        CommandKind.GOTO, lat_deg=lat, lon_deg=lon, alt_amsl_m=rig.status.home_alt_amsl_m + 40.0, yaw_enu_rad=1.0
    )
    rig.run(45.0)
    truth = rig.vehicle.truth()
    assert distance_m(lat, lon, truth.lat_deg, truth.lon_deg) < 3.0
    assert rig.status.alt_amsl_m - rig.status.home_alt_amsl_m == pytest.approx(40.0, abs=1.5)
    assert rig.status.yaw_enu_rad == pytest.approx(1.0, abs=0.2)
    flight.order(CommandKind.LAND)
    rig.run(120.0, until=lambda: not rig.status.armed)
    rig.run(2.0)
    assert not {"mode_lost", "mode_failed", "request_refused", "disarmed_in_air"} & set(flight.kinds()), rig.events
    assert rig.vehicle.truth().on_ground
    assert not rig.vehicle.truth().crashed


@BOTH
def test_an_uploaded_mission_is_read_back_started_and_interrupted(flavour: Flavour) -> None:
    flight = Flight(flavour)
    rig, dialect = flight.rig, flight.dialect
    flight.ready()
    outside = (MissionItem(6, 16, 42.3, 69.88, 30.0),)
    assert "outside every inclusion zone" in flight.upload(MissionType.MISSION, outside)
    assert flight.upload(MissionType.MISSION, flight.mission(((60.0, 0.0), (60.0, 60.0), (0.0, 60.0)))) == ""
    assert rig.uploads[-1].count == 3
    flight.take_off()
    flight.order(CommandKind.MISSION, mission_item=1)
    rig.run(6.0, until=lambda: rig.status.mode == dialect.mission_settles[0])
    assert rig.status.authority is Authority.LENGER
    assert "flies its mission" in flight.upload(MissionType.MISSION, flight.mission(((10.0, 0.0),)))
    rig.run(6.0)
    truth = rig.vehicle.truth()
    assert truth.lat_deg > HOME[0] + 5.0 / 111_100.0, "the second item lies to the north"
    assert flight.speed() > 1.5
    flight.order(CommandKind.HOLD)
    rig.run(8.0)
    assert rig.status.mode == dialect.hold_mode
    assert flight.speed() < 1.0


@BOTH
def test_a_dead_guard_stops_the_aircraft_also_in_its_mission(flavour: Flavour) -> None:
    flight = Flight(flavour)
    rig = flight.rig
    flight.ready()
    assert flight.upload(MissionType.MISSION, flight.mission(((80.0, 0.0), (80.0, 80.0)))) == ""
    flight.take_off()
    flight.order(CommandKind.MISSION)
    rig.run(8.0, until=lambda: flight.speed() > 2.0)
    rig.guard = None
    died = rig.now_ns
    rig.run(2.0, until=lambda: rig.last("mavros/state").mode == flight.dialect.hold_mode)
    assert rig.now_ns - died < 2 * SECOND
    rig.run(8.0)
    assert flight.speed() < 1.0


@BOTH
def test_a_dead_companion_leaves_a_hold_to_the_autopilot(flavour: Flavour) -> None:
    flight = Flight(flavour)
    flight.take_off()
    flight.order(CommandKind.VELOCITY, velocity_enu_m_s=(5.0, 0.0, 0.0))
    flight.rig.run(5.0)
    assert flight.speed() > 4.0
    flight.rig.autopilot = None
    flight.rig.run(10.0)
    assert flight.speed() < 1.0
    assert not flight.rig.vehicle.truth().on_ground


@BOTH
def test_a_parameter_that_decides_what_happens_without_us_refuses_arming(flavour: Flavour) -> None:
    flight = Flight(flavour)
    name, value, words = {
        "px4": ("RTL_RETURN_ALT", 15.0, "RTL_RETURN_ALT is 15, must be 60 (height above home of its return"),
        "ardupilot": ("RTL_ALT_M", 15.0, "RTL_ALT_M is 15, must be 60 (height above home of its return"),
    }[flavour]
    flight.ready()
    assert flight.rig.call(r.SetParam, name, value).success
    flight.rig.run(8.0, until=lambda: not flight.rig.status.ready)
    assert words in flight.rig.status.reason
    flight.order(CommandKind.ARM)
    flight.rig.run(3.0)
    assert not flight.rig.status.armed


def test_arducopter_answers_a_takeoff_above_home_not_above_the_sea() -> None:
    flight = Flight("ardupilot")
    flight.take_off(12.0)
    assert flight.rig.vehicle.truth().height_agl_m == pytest.approx(12.0, abs=2.5)


def test_a_fence_change_is_refused_in_the_air() -> None:
    flight = Flight("ardupilot")
    flight.take_off()
    assert "armed" in flight.upload(MissionType.FENCE, ())
