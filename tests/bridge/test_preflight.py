"""What must stand before arming: the failsafe contract and the fence, read back."""

from __future__ import annotations

import pytest

from lenger_bridge import requests as r
from lenger_bridge.dialects import PX4
from lenger_bridge.fence import fence_items, outside_items
from lenger_bridge.item_check import item_difference
from lenger_core.samples import CommandKind
from lenger_core.zones import CircleShape, Datum, HeightLimit, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mavlink.transfer_client import MissionItem

from .fake_mavros import Bench, FakePx4

NONE, ARM = CommandKind.NONE, CommandKind.ARM
HOLE = ((42.182, 69.882), (42.182, 69.884), (42.184, 69.884))
FIELD = PolygonShape(((42.17, 69.87), (42.17, 69.89), (42.19, 69.89), (42.19, 69.87)))


def test_the_failsafe_contract_refuses_with_a_table() -> None:
    fcu = FakePx4(params={"COM_OF_LOSS_T": 5.0})
    bench = Bench(fcu)
    bench.run(3.0, ARM, bench.consent())
    assert "Arm" not in bench.requests()
    assert not bench.status.ready
    assert "COM_OF_LOSS_T is 5, must be 1" in bench.status.reason
    assert "NAV_DLL_ACT is missing, must be 0" in bench.status.reason
    fcu.params = {"COM_OF_LOSS_T": 1.0, "NAV_DLL_ACT": 0}
    bench.run(8.0, NONE)
    assert bench.status.ready, "a person mended it meanwhile"


@pytest.mark.parametrize(("what", "expected"), [("healthy", "arming checks"), ("contract", "failsafe")])
def test_not_ready_means_not_armed(what: str, expected: str) -> None:
    fcu = FakePx4()
    if what == "healthy":
        fcu.healthy = False
    else:
        fcu.ignores = {r.PullParams}
    bench = Bench(fcu)
    bench.run(0.1, NONE)
    bench.run(2.0, ARM, bench.consent())
    assert "Arm" not in bench.requests()
    assert expected in bench.status.reason


FENCE = ZoneSet(
    (
        Zone("field", ZoneKind.INCLUSION, FIELD),
        Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.175, 69.875, 80.0)),
    )
)


def test_the_fence_is_uploaded_and_read_back_before_arming() -> None:
    bench = Bench(zones=FENCE)
    bench.run(0.1, NONE)
    bench.run(2.0, ARM, bench.consent())
    assert bench.requests() == ["PullParams", "GetParams", "PushItems FENCE 5", "PullItems", "Arm"]
    assert bench.status.armed


def test_a_fence_that_the_autopilot_dropped_refuses_arming() -> None:
    bench = Bench(FakePx4(drops_fence=True), zones=FENCE)
    bench.run(0.1, NONE)
    bench.run(3.0, ARM, bench.consent())
    assert "Arm" not in bench.requests()
    assert "sent 5 fence items, the autopilot holds 0" in bench.status.reason


def test_a_fence_that_excludes_home_refuses_arming() -> None:
    away = ZoneSet((Zone("elsewhere", ZoneKind.EXCLUSION, CircleShape(42.18, 69.88, 500.0)),))
    bench = Bench(zones=away)
    bench.run(0.1, NONE)
    bench.run(3.0, ARM, bench.consent())
    assert "Arm" not in bench.requests()
    assert "home is inside an exclusion zone" in bench.status.reason


def test_a_hole_is_forbidden_ground_and_what_may_be_overflown_is_left_out() -> None:
    zones = ZoneSet(
        (
            Zone("field", ZoneKind.INCLUSION, PolygonShape(FIELD.outer, (HOLE,))),
            Zone("low", ZoneKind.EXCLUSION, CircleShape(42.18, 69.88, 50.0), ceiling=HeightLimit(40.0, Datum.AGL)),
        )
    )
    commands = [item.command for item in fence_items(zones)]
    assert commands == [5001] * 4 + [5002] * 3
    assert outside_items(fence_items(zones), 42.18, 69.88) == ""
    assert outside_items(fence_items(zones), 42.1825, 69.8835) == "inside an exclusion zone"
    assert outside_items(fence_items(zones), 42.16, 69.88) == "outside every inclusion zone"


def test_a_fence_read_back_may_use_the_integer_frame_and_nothing_else_may_differ() -> None:
    sent = fence_items(FENCE)
    same = tuple(MissionItem(5, i.command, i.x_lat_deg + 5e-8, i.y_lon_deg, 0.0, i.param1) for i in sent)
    assert item_difference(PX4, r.MissionType.FENCE, sent, same) == ""
    moved = (*same[:-1], MissionItem(5, same[-1].command, 42.176, 69.875, 0.0, 80.0))
    assert "item 4" in item_difference(PX4, r.MissionType.FENCE, sent, moved)
    assert item_difference(PX4, r.MissionType.FENCE, sent, sent[:-1]) == "sent 5 fence items, the autopilot holds 4"
