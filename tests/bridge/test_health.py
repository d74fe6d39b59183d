"""What vehicle/status tells besides flying: links, receiver, battery, wind, mission; and the fence read in flight."""

from __future__ import annotations

from dataclasses import replace
from math import degrees, isnan, nan, radians

import pytest

from lenger_bridge import requests as r
from lenger_bridge.autopilot import AutopilotCore
from lenger_bridge.health import MAV_SYS_STATUS_SENSOR_RC_RECEIVER as RC
from lenger_bridge.health import Health, mission_digest
from lenger_bridge.settings import AutopilotSettings
from lenger_core.frames import quat_from_euler
from lenger_core.samples import (
    BatterySample,
    CommandKind,
    FcuLocal,
    FcuMission,
    FcuMissionItem,
    FcuWind,
    FenceState,
    GnssFix,
    LinkState,
    RadioStatus,
    SysStatus,
)
from lenger_core.zones import PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mavlink.transfer_client import MissionItem, MissionType

from .fake_mavros import SECOND, Bench
from .rig import Rig
from .test_autopilot import flying_bench

HOLD = CommandKind.HOLD
T = 100 * SECOND
AROUND_HOME = PolygonShape(((42.17, 69.87), (42.17, 69.89), (42.19, 69.89), (42.19, 69.87)))
ZONES = ZoneSet((Zone("field", ZoneKind.INCLUSION, AROUND_HOME),))
ELSEWHERE = tuple(MissionItem(0, 5001, lat + 0.001, lon, 0.0, 4.0) for lat, lon in AROUND_HOME.outer)


def radio_bits(t_ns: int, present: bool, well: bool) -> SysStatus:
    return SysStatus(t_ns, RC if present else 0, RC if present else 0, RC if well else 0, 0.1)


def test_nothing_is_known_at_first() -> None:
    fields = Health("radio", 0).fields(T)
    assert fields["pilot_link"] is LinkState.UNKNOWN
    assert fields["ground_link"] is LinkState.UNKNOWN
    assert (fields["gnss_fix_type"], fields["mission_count"], fields["mission_digest"]) == (-1, -1, "")
    assert isnan(fields["battery_used_wh"])
    assert isnan(fields["pilot_link_age_s"])


def test_the_pilots_radio_by_the_receivers_bit() -> None:
    health = Health("unknown", 0)
    health.on_sys_status(radio_bits(T, False, False))
    assert health.fields(T)["pilot_link"] is LinkState.UNKNOWN, "an autopilot without a receiver"
    health.on_sys_status(radio_bits(T, True, True))
    assert health.fields(T)["pilot_link"] is LinkState.OK
    for present in (True, False):  # PX4 may drop the receiver altogether
        health.on_sys_status(radio_bits(T + SECOND, present, False))
        fields = health.fields(T + 2 * SECOND)
        assert fields["pilot_link"] is LinkState.LOST
        assert fields["pilot_link_age_s"] == pytest.approx(2.0)
    health.on_sys_status(radio_bits(T + 3 * SECOND, True, True))
    assert health.fields(T + 3 * SECOND)["pilot_link"] is LinkState.OK


def test_the_ground_link_by_the_telemetry_radio() -> None:
    health = Health("radio", 0)
    health.on_radio(RadioStatus(T, 200, 190, 40, 40))
    assert health.fields(T + SECOND)["ground_link"] is LinkState.OK
    health.on_radio(RadioStatus(T + 2 * SECOND, 200, 0, 40, 0))
    assert health.fields(T + 2 * SECOND)["ground_link"] is LinkState.LOST
    health.on_radio(RadioStatus(T + 3 * SECOND, 200, 180, 40, 40))
    assert health.fields(T + 3 * SECOND)["ground_link"] is LinkState.OK
    fields = health.fields(T + 9 * SECOND)
    assert fields["ground_link"] is LinkState.LOST, "the radio itself is silent"
    assert fields["ground_link_age_s"] == pytest.approx(6.0)


def test_without_the_parameter_the_radio_says_nothing_of_the_ground_station() -> None:
    health = Health("unknown", 0)
    health.on_radio(RadioStatus(T, 200, 0, 40, 0))
    assert health.fields(T)["ground_link"] is LinkState.UNKNOWN


def test_the_energy_used_is_the_sum_of_power() -> None:
    health = Health("unknown", 0)
    for k in range(361):
        health.on_battery(BatterySample(T + k * SECOND, 15.0, -20.0, 0.5, temperature_c=11.0))
    fields = health.fields(T)
    assert fields["battery_used_wh"] == pytest.approx(30.0), "300 W for a tenth of an hour"
    assert fields["battery_current_a"] == 20.0
    assert fields["battery_temperature_c"] == 11.0
    health.on_battery(BatterySample(T + 1000 * SECOND, 15.0, -20.0, 0.4))
    assert health.fields(T)["battery_used_wh"] == pytest.approx(30.0), "nobody knows what a long silence used"
    health.on_battery(BatterySample(T + 1001 * SECOND, nan, nan, 0.4))
    assert health.fields(T)["battery_used_wh"] == pytest.approx(30.0)


def test_receiver_and_wind_grow_old() -> None:
    health = Health("unknown", 0)
    health.on_gnss(GnssFix(T, 42.0, 69.0, 700.0, 660.0, 0.0, 0.0, 3, 14, 0.8, 1.2, 0.3))
    health.on_wind(FcuWind(T, (3.0, -1.0, 0.0)))
    fields = health.fields(T + SECOND)
    assert (fields["gnss_fix_type"], fields["gnss_satellites"], fields["gnss_accuracy_m"]) == (3, 14, 0.8)
    assert fields["wind_enu_m_s"] == (3.0, -1.0, 0.0)
    old = health.fields(T + 60 * SECOND)
    assert old["gnss_fix_type"] == -1
    assert isnan(old["wind_enu_m_s"][0])


def test_equal_missions_have_equal_digests_whatever_an_autopilot_keeps_of_them() -> None:
    hover = (2.5, 0.0, 0.0, nan)
    mission = (FcuMissionItem(3, 22, hover, 42.18, 69.88, 30.0), FcuMissionItem(3, 16, hover, 42.181, 69.881, 60.004))
    stored = tuple(replace(item, alt_m=round(item.alt_m, 2), params=(2.0, 0.0, 0.0, 0.0)) for item in mission)
    assert mission_digest(mission) == mission_digest(stored)
    assert mission_digest(mission) != mission_digest(mission[::-1])
    assert mission_digest(()) == ""
    copter = Health("unknown", 1)
    copter.on_mission(FcuMission(0, (FcuMissionItem(0, 16, hover, 42.18, 69.88, 757.0), *stored)))
    assert copter.fields(T)["mission_count"] == 2
    assert copter.fields(T)["mission_digest"] == mission_digest(mission)


def test_the_attitude_is_that_of_the_body() -> None:
    bench = Bench()
    bench.run(1.0)
    quat = quat_from_euler(radians(10.0), radians(-20.0), radians(120.0))
    bench.core.on_local(FcuLocal(bench.now_ns, (0.0, 0.0, 0.0), (1.0, 2.0, 3.0), quat, (0.1, 0.2, 0.3)))
    status = bench.core.step(bench.now_ns).status
    angles = [degrees(a) for a in (status.roll_rad, status.pitch_rad, status.yaw_enu_rad)]
    assert angles == pytest.approx([10.0, -20.0, 120.0])
    assert status.rates_flu_rad_s == (0.1, 0.2, 0.3)


@pytest.mark.parametrize("flavour", ["px4", "ardupilot"])
def test_the_embedded_vehicle_tells_what_it_has(flavour: str) -> None:
    rig = Rig(autopilot=AutopilotCore(AutopilotSettings(autopilot=flavour), {}), flavour=flavour)  # type: ignore[arg-type]
    told = lambda s: s is not None and s.roll_rad == s.roll_rad and s.battery_current_a > 0.0  # noqa: E731
    rig.run(30.0, until=lambda: told(rig.status))
    assert rig.status.gnss_fix_type >= 3
    assert rig.status.gnss_satellites >= 6
    assert 0.0 < rig.status.battery_current_a < 3.0
    assert rig.status.battery_used_wh >= 0.0
    assert abs(degrees(rig.status.roll_rad)) < 2.0
    assert rig.status.pilot_link in (LinkState.OK, LinkState.UNKNOWN)


# ------------------------------------------------------------ the fence in flight


def fenced(fcu: str = "holding") -> tuple[Bench, int]:
    """In flight, with the fence stored and read back on the ground."""
    bench, consent = flying_bench(fcu, zones=ZONES)
    assert bench.status.fence_state is FenceState.OK
    return bench, consent


def pulls(bench: Bench) -> int:
    return sum(request.startswith("PullItems") for request in bench.requests())


def test_the_fence_is_read_in_flight_and_costs_nothing_but_reading() -> None:
    bench, consent = fenced()
    asked, before = len(bench.requests()), pulls(bench)
    bench.run(100.0, HOLD, consent)
    assert 3 <= pulls(bench) - before <= 4, "after 5 s, then every 30 s"
    assert set(bench.requests()[asked:]) == {"PullItems"}
    assert bench.status.fence_state is FenceState.OK
    assert bench.status.fence_text == ""


def test_the_stream_goes_on_while_the_fence_is_read() -> None:
    bench, consent = flying_bench("offboard", zones=ZONES)
    bench.fcu.ignores = {r.PullItems}  # a transfer that takes for ever
    sent = len(bench.setpoints)
    bench.run(20.0, CommandKind.VELOCITY, consent, velocity_enu_m_s=(4.0, 0.0, 0.0))
    assert "ask PullItems" in bench.log
    gaps = [b - a for (a, _), (b, _) in zip(bench.setpoints[sent:], bench.setpoints[sent + 1 :], strict=False)]
    assert max(gaps) <= SECOND // 10
    assert bench.status.mode == "OFFBOARD"


@pytest.mark.parametrize(("held", "state"), [((), FenceState.MISSING), (ELSEWHERE, FenceState.DIFFERS)])
def test_a_lost_or_foreign_fence_shows_within_the_period(held: tuple[MissionItem, ...], state: FenceState) -> None:
    bench, consent = fenced()
    bench.run(40.0, HOLD, consent)
    whole = bench.fcu.lists[MissionType.FENCE]
    bench.fcu.lists[MissionType.FENCE] = held
    bench.run(31.0, HOLD, consent, until=lambda: bench.status.fence_state is state)
    assert "fence" in bench.status.fence_text
    bench.fcu.lists[MissionType.FENCE] = whole
    bench.run(31.0, HOLD, consent, until=lambda: bench.status.fence_state is FenceState.OK)


def test_a_foreign_list_that_mavros_publishes_is_looked_at_soon() -> None:
    bench, consent = fenced()
    bench.run(12.0, HOLD, consent)
    before = pulls(bench)
    bench.core.on_fence(bench.fcu.lists[MissionType.FENCE])
    bench.run(8.0, HOLD, consent)
    assert pulls(bench) == before, "the right one"
    bench.fcu.lists[MissionType.FENCE] = ELSEWHERE
    bench.core.on_fence(ELSEWHERE)
    bench.run(6.0, HOLD, consent, until=lambda: bench.status.fence_state is FenceState.DIFFERS)


def test_a_fence_that_cannot_be_read_is_not_known_and_not_missing() -> None:
    bench, consent = fenced()
    bench.fcu.refuses[r.PullItems] = "no answer"
    bench.run(20.0, HOLD, consent)
    assert bench.status.fence_state is FenceState.OK, "once may be the radio"
    bench.run(31.0, HOLD, consent)
    assert bench.status.fence_state is FenceState.UNKNOWN
    assert "cannot be read" in bench.status.fence_text


def test_without_a_fence_of_ours_nothing_is_read() -> None:
    bench, consent = flying_bench("holding")
    bench.run(100.0, HOLD, consent)
    assert "PullItems" not in bench.requests()
    assert bench.status.fence_state is FenceState.UNKNOWN
