"""The rangefinder and the flow camera on the wire of both flavours."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance.flight import FLAVOURS, Flight, hovering
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_sim.rangers import RANGE_MAX_M
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore


def ask(flight: Flight, message_id: int) -> Any:
    """Request a message; return it from what the vehicle sends."""
    flight.core.take_outgoing()
    flight.command(mavlink.MAV_CMD_REQUEST_MESSAGE, message_id)
    found = [m for frame in flight.core.take_outgoing() for m in MavCodec(9, 9).feed(frame)]
    return next(m for m in found if m.get_msgId() == message_id)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_range_is_the_height_above_the_ground(flavour: str) -> None:
    flight = hovering(flavour)
    message = ask(flight, mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR)
    assert message.orientation == mavlink.MAV_SENSOR_ROTATION_PITCH_270
    assert message.signal_quality == 100
    assert message.current_distance / 100.0 == pytest.approx(flight.core.truth().height_agl_m, abs=1.0)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_flow_in_a_hover_is_what_the_gyro_turned(flavour: str) -> None:
    message = ask(hovering(flavour), mavlink.MAVLINK_MSG_ID_OPTICAL_FLOW_RAD)
    assert message.quality > 100
    assert message.integrated_x == pytest.approx(message.integrated_xgyro, abs=0.02)
    assert message.integrated_y == pytest.approx(message.integrated_ygyro, abs=0.02)
    assert message.distance == pytest.approx(20.0, abs=2.0)


def test_beyond_its_reach_the_range_is_marked_invalid() -> None:
    flight = hovering("px4")
    home = flight.core.autopilot.home
    assert home is not None
    flight.command(mavlink.MAV_CMD_DO_REPOSITION, -1, 1, 0, float("nan"), home[0], home[1], home[2] + 80.0)
    flight.wait("60 m", 90.0, lambda: flight.core.truth().height_agl_m > RANGE_MAX_M + 10.0)
    message = ask(flight, mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR)
    assert (message.signal_quality, message.current_distance) == (1, message.max_distance + 1)


@pytest.mark.parametrize(
    ("name", "kind"), [("quad_2kg", mavlink.MAV_TYPE_QUADROTOR), ("hexa_7kg", mavlink.MAV_TYPE_HEXAROTOR)]
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_heartbeat_names_the_airframe(name: str, kind: int, flavour: str) -> None:
    settings = VehicleSettings(autopilot=flavour, vehicle=name)
    core = VehicleCore(settings, load_vehicle(name), load_terrain(), 1)
    core.step_to(2_000_000_000)
    heard = [m for frame in core.take_outgoing() for m in MavCodec(9, 9).feed(frame)]
    assert {m.type for m in heard if m.get_type() == "HEARTBEAT"} == {kind}
