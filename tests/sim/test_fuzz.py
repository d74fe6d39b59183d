"""Any bytes may arrive: the vehicle never raises, and flies on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenger_mavlink.codec import mavlink

FLOATS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, nan, inf, -inf, 3.4e38, 255.0]), st.floats(width=32))
MODES = (mavlink.MAV_CMD_NAV_LAND, mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)


def flying(rig: Any) -> bool:
    truth = rig.core.truth()
    return not truth.crashed and not truth.on_ground and rig.core.autopilot.commander.armed


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_garbage(shared_hover: Any, data: bytes) -> None:
    shared_hover.core.receive(data, shared_hover.core.now_ns)
    shared_hover.run(0.02)
    assert flying(shared_hover)


KINDS = sorted(
    kind
    for number, kind in ((n, c.msgname) for n, c in mavlink.mavlink_map.items())
    if kind.startswith(("MISSION_", "PARAM_", "COMMAND_", "SET_", "HEARTBEAT", "TIMESYNC", "MANUAL", "REQUEST", "ATT"))
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), payload=st.binary(min_size=255, max_size=255), ours=st.booleans())
def test_valid_frames_with_any_payload(shared_hover: Any, kind: str, payload: bytes, ours: bool) -> None:
    """Frames with a good checksum and random contents; those that may end the flight on purpose are left out."""
    cls = next(c for c in mavlink.mavlink_map.values() if c.msgname == kind)
    msg = message(cls, payload, ours)
    if msg is None or getattr(msg, "command", 0) == mavlink.MAV_CMD_COMPONENT_ARM_DISARM or kind == "SET_MODE":
        return
    if kind in ("COMMAND_LONG", "COMMAND_INT") and (msg.command in MODES or msg.command == mavlink.MAV_CMD_DO_SET_MODE):
        return
    shared_hover.send(msg)
    shared_hover.run(0.02)
    assert flying(shared_hover)


def message(cls: Any, payload: bytes, ours: bool) -> Any:
    """Return a message whose fields are what the random payload holds."""
    values = list(cls.unpacker.unpack(payload[: cls.unpacker.size]))
    fields, position = {}, 0
    for name, length in zip(cls.ordered_fieldnames, cls.lengths, strict=True):
        single = length == 1 or isinstance(values[position], bytes)
        fields[name] = values[position] if single else values[position : position + length]
        position += 1 if single else length
    fields.update({name: 1 for name in ("target_system", "target_component") if ours and name in fields})
    msg = cls(**fields)
    try:
        msg.pack(mavlink.MAVLink(None, 1, 1))
    except (struct.error, TypeError):
        return None
    return msg


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    command=st.sampled_from([22, 179, 511, 512, 519, 520, 16, 192, 400]),
    params=st.lists(FLOATS, min_size=7, max_size=7),
)
def test_known_commands_with_any_parameters(shared_hover: Any, command: int, params: list[float]) -> None:
    if command == 400 and params[1] == 21196.0:
        return
    shared_hover.command(command, *params)
    shared_hover.command(176, 1, 4, 3)
    shared_hover.run(0.02)
    assert flying(shared_hover)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mask=st.integers(0, 65535), frame=st.integers(0, 21), values=st.lists(FLOATS, min_size=11, max_size=11))
def test_any_setpoint(shared_hover: Any, mask: int, frame: int, values: list[float]) -> None:
    shared_hover.send(mavlink.MAVLink_set_position_target_local_ned_message(0, 1, 1, frame, mask, *values))
    shared_hover.run(0.02)
    assert flying(shared_hover)


def test_any_setpoint_in_offboard_keeps_numbers_finite(make_rig: Callable[..., Any]) -> None:
    rig = make_rig()
    rig.take_off(40.0)
    rig.velocity_setpoint(0.0, 0.0, 0.0)
    rig.set_mode(6)
    for value in (nan, inf, -inf, 3e38, 1e6, -1e6):
        for mask in (3527, 2503, 2552, 1479, 0, 65535):
            args = (0, 1, 1, 1, mask, *[value] * 11)
            rig.send(mavlink.MAVLink_set_position_target_local_ned_message(*args))
            rig.run(0.1)
    truth = rig.core.truth()
    assert all(abs(part) < 30.0 for part in truth.velocity_enu_m_s)


@pytest.mark.parametrize("part", ["pos", "vel", "quat"])
def test_an_estimate_that_is_no_number_is_not_sent(make_rig: Callable[..., Any], part: str) -> None:
    rig = make_rig()
    rig.take_off(20.0)
    rig.core._estimator.state[part] = nan
    rig.run(0.1)
    before = len(rig.of("GLOBAL_POSITION_INT")), len(rig.of("LOCAL_POSITION_NED"))
    rig.run(5.0)
    assert (len(rig.of("GLOBAL_POSITION_INT")), len(rig.of("LOCAL_POSITION_NED"))) == before
    assert not rig.core._estimator.ready()
