"""Requests survive their way through MAVROS's service messages, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from lenger_bridge import requests as r
from lenger_bridge.mavros_services import SERVICES, service_of
from lenger_core.ros.types import rclpy_types
from lenger_mavlink.transfer_client import MissionItem, MissionType

ITEMS = (MissionItem(3, 16, 42.18, 69.88, 50.0, 1.0, 2.0, 3.0, 4.0, True, False), MissionItem(0, 5001, 42.1, 69.8, 0.0))
REQUESTS = [
    r.SetMode(7, "OFFBOARD", 1),
    r.Arm(7, True),
    r.CommandLong(7, 511, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), 1, True),
    r.Takeoff(7, 817.5, 0.5, 42.5, 69.5, 1.0),
    r.Land(7, 817.5, 0.5, 42.5, 69.5, 1.0),
    r.SetHome(7, True, 0.5, 42.5, 69.5, 757.0),
    r.SetMessageInterval(7, 32, 20.0),
    r.PullParams(7, True),
    r.GetParams(7, ("A", "B")),
    r.SetParam(7, "A", 3, True),
    r.SetParam(7, "A", 3.5, False),
    r.PushItems(7, MissionType.FENCE, ITEMS, 0),
    r.PushItems(7, MissionType.MISSION, ITEMS, 2),
    r.PullItems(7, MissionType.RALLY),
    r.ClearItems(7, MissionType.MISSION),
    r.SetCurrent(7, 4),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda q: type(q).__name__)
def test_requests_travel(request_: r.Request) -> None:
    spec = service_of(request_)
    message = rclpy_types(spec.ros_type).Request()
    spec.fill(rclpy_types, message, request_)
    assert spec.read(7, message) == request_


@pytest.mark.parametrize("spec", SERVICES, ids=lambda s: s.name)
@pytest.mark.parametrize("success", [True, False])
def test_replies_travel(spec: Any, success: bool) -> None:
    payloads: dict[type[r.Request], r.Payload] = {
        r.GetParams: (1, 2.5, None),
        r.SetParam: 3.5,
        r.PullParams: 45,
        r.PushItems: 2,
        r.PullItems: 2,
    }
    payload = payloads.get(spec.record)
    response = rclpy_types(spec.ros_type).Response()
    spec.answer(rclpy_types, response, r.Reply(7, success, 0 if success else 4, payload))
    reply = spec.reply(7, response)
    assert reply.payload == payload
    if spec.record is not r.GetParams:
        assert reply.success is success
    if spec.name.startswith("mavros/cmd/"):
        assert reply.result == (0 if success else 4)


def test_every_request_has_exactly_one_service() -> None:
    for request in REQUESTS:
        assert service_of(request).record is type(request)
    assert len({spec.name for spec in SERVICES}) == len(SERVICES)
