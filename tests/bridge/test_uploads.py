"""Uploads asked of autopilot_node: what is refused, what is read back, and what a half-taken list means."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from lenger_bridge import requests as r
from lenger_bridge.contract import PARAMETERS, Contract, table
from lenger_bridge.dialects import ARDUCOPTER, PX4
from lenger_bridge.fence import fence_items, fence_problem, outside_items
from lenger_bridge.item_check import item_difference, item_problem
from lenger_core.samples import CommandKind
from lenger_core.zones import CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet

from .fake_mavros import Bench, FakeCopter, FakePx4

NONE = CommandKind.NONE
MISSION, FENCE, RALLY = r.MissionType.MISSION, r.MissionType.FENCE, r.MissionType.RALLY
FIELD = PolygonShape(((42.17, 69.87), (42.17, 69.89), (42.19, 69.89), (42.19, 69.87)))
ZONES = ZoneSet((Zone("field", ZoneKind.INCLUSION, FIELD),))
ITEMS = (
    r.MissionItem(6, 22, 0.0, 0.0, 20.0),
    r.MissionItem(6, 16, 42.181, 69.881, 30.127, 2.0, 5.0, 0.0, nan),
    r.MissionItem(2, 178, 0.0, 0.0, 0.0, 1.0, 4.0, -1.0),
    r.MissionItem(5, 16, 42.182, 69.881, 800.126),
)
FLAVOURS = pytest.mark.parametrize("fcu", [FakePx4, FakeCopter], ids=["px4", "ardupilot"])


def bench_of(fcu: type[FakePx4], zones: ZoneSet | None = None, **fields: object) -> Bench:
    bench = Bench(fcu(params={}, **fields), zones, contract={})  # type: ignore[arg-type]
    bench.run(2.0, NONE)
    return bench


def uploaded(bench: Bench, kind: r.MissionType, items: tuple[r.MissionItem, ...]) -> str:
    """Upload; return the refusal or the message of the result."""
    refusal = bench.core.upload(7, kind, items)
    if refusal:
        return refusal
    known = len(bench.uploads)
    bench.run(5.0, NONE, until=lambda: len(bench.uploads) > known)
    assert bench.uploads[-1].ticket == 7
    return bench.uploads[-1].message


@FLAVOURS
@pytest.mark.parametrize("kind", [MISSION, RALLY])
def test_a_list_is_pushed_and_read_back(fcu: type[FakePx4], kind: r.MissionType) -> None:
    bench = bench_of(fcu)
    items = ITEMS if kind is MISSION else (r.MissionItem(3, 5100, 42.181, 69.881, 30.0),)
    asked = len(bench.requests())
    assert uploaded(bench, kind, items) == ""
    assert bench.uploads[-1].count == len(items)
    offset = int(kind is MISSION and fcu is FakeCopter)
    assert bench.requests()[asked:][:2] == [f"PushItems {kind.name} {len(items) + offset}", "PullItems"]
    assert uploaded(bench, kind, ()) == ""
    assert "ClearItems" in bench.requests()


@FLAVOURS
def test_another_fence_takes_the_place_of_the_first_and_must_hold_home(fcu: type[FakePx4]) -> None:
    bench = bench_of(fcu, ZONES)
    assert bench.status.ready, bench.status.reason
    circle = (r.MissionItem(0, 5003, 42.18, 69.88, 0.0, 400.0),)
    assert uploaded(bench, FENCE, circle) == ""
    bench.run(2.0, NONE)
    assert bench.status.ready, bench.status.reason
    assert bench.fcu.lists[FENCE] == circle
    away = (r.MissionItem(0, 5003, 42.3, 69.88, 0.0, 400.0),)
    assert "home is outside every inclusion zone" in uploaded(bench, FENCE, away)
    assert "outside every inclusion zone" in uploaded(bench, MISSION, (replace(ITEMS[1], x_lat_deg=42.189),))


def test_a_fence_dropped_although_acknowledged_is_told() -> None:
    bench = bench_of(FakePx4)
    bench.fcu.drops_fence = True
    message = uploaded(bench, FENCE, fence_items(ZONES))
    assert message == "fence differs: sent 4 fence items, the autopilot holds 0"


@pytest.mark.parametrize("before", [None, ZONES], ids=["none", "field"])
def test_a_fence_that_failed_half_way_is_put_back_before_anybody_arms(before: ZoneSet | None) -> None:
    bench = bench_of(FakePx4, before)
    bench.fcu.refuses[r.PushItems] = "MISSION_ACK 4"
    bench.fcu.lists[FENCE] = (VERTEX,)  # the mixture that it holds now
    assert "may hold a mixture" in uploaded(bench, FENCE, (r.MissionItem(0, 5003, 42.18, 69.88, 0.0, 400.0),))
    if before is not None:
        bench.run(8.0, CommandKind.ARM, bench.consent())
        assert not bench.status.armed
    del bench.fcu.refuses[r.PushItems]
    bench.run(8.0, NONE)
    assert bench.status.ready, bench.status.reason
    assert bench.fcu.lists[FENCE] == (fence_items(before) if before is not None else ())


def test_a_refused_item_leaves_a_mixture_and_no_mission_to_start() -> None:
    bench = bench_of(FakeCopter)
    assert uploaded(bench, MISSION, ITEMS) == ""
    bench.fcu.refuses[r.PushItems] = "MISSION_ACK 4: no space"
    message = uploaded(bench, MISSION, ITEMS[1:])
    assert message == "mission upload failed: MISSION_ACK 4: no space; it may hold a mixture"
    consent = bench.consent()
    bench.run(2.0, CommandKind.ARM, consent, until=lambda: bench.status.armed)
    bench.run(2.0, CommandKind.TAKEOFF, consent, alt_amsl_m=800.0)
    bench.run(1.0, CommandKind.MISSION, consent)
    assert "SetMode AUTO" not in bench.requests()


def test_an_item_that_the_autopilot_changed_is_told() -> None:
    bench = bench_of(FakePx4)
    plain = bench.fcu.answer

    def answer(request: r.Request, now_ns: int) -> r.Reply | None:
        reply = plain(request, now_ns)
        if isinstance(request, r.PullItems) and reply is not None and isinstance(reply.payload, tuple):
            return replace(reply, payload=(*reply.payload[:-1], replace(reply.payload[-1], z_alt_m=900.0)))
        return reply

    bench.fcu.answer = answer  # type: ignore[method-assign]
    assert "mission item 3: sent command 16" in uploaded(bench, MISSION, ITEMS)


@FLAVOURS
def test_nobody_arms_while_a_list_is_on_its_way(fcu: type[FakePx4]) -> None:
    bench = bench_of(fcu, ZONES)
    bench.fcu.ignores.add(r.PullItems)
    assert bench.core.upload(7, FENCE, (r.MissionItem(0, 5003, 42.18, 69.88, 0.0, 400.0),)) == ""
    bench.run(2.0, CommandKind.ARM, bench.consent())
    assert not bench.status.ready
    assert bench.status.reason == "an upload is under way"
    assert "Arm" not in bench.requests()


@FLAVOURS
def test_no_fence_moves_while_arming_is_under_way(fcu: type[FakePx4]) -> None:
    bench = bench_of(fcu, ZONES)
    bench.fcu.ignores.add(r.Arm)
    bench.run(2.0, CommandKind.ARM, bench.consent(), until=lambda: "Arm" in bench.requests())
    assert "an order that needs what is there now is under way" in bench.core.upload(7, FENCE, ())


def test_a_fence_that_waits_for_its_turn_is_not_begun_once_armed() -> None:
    bench = bench_of(FakePx4)
    assert bench.core.upload(7, FENCE, fence_items(ZONES)) == ""
    bench.fcu.armed = True
    bench.run(0.5, NONE)
    assert bench.uploads[-1].message == "fence upload given up: the aircraft was armed before it began"
    assert "PushItems FENCE 4" not in bench.requests()


def test_one_upload_at_a_time_and_none_survives_the_link() -> None:
    bench = bench_of(FakePx4, ignores={r.PushItems})
    assert bench.core.upload(1, MISSION, ITEMS) == ""
    bench.run(0.5, NONE)
    assert "another upload is under way" in bench.core.upload(2, MISSION, ITEMS)
    bench.connected = False
    bench.run(0.5, NONE)
    assert bench.uploads[-1].message == "mission upload interrupted: the link was lost"
    assert "not connected" in bench.core.upload(3, MISSION, ITEMS)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (replace(ITEMS[1], command=20), "command 20 is not permitted"),
        (replace(ITEMS[1], command=211), "command 211 is not permitted"),
        (replace(ITEMS[1], frame=10), "terrain frames fly into the ground"),
        (replace(ITEMS[1], frame=11), "frame 11"),
        (replace(ITEMS[1], frame=1), "frame 1"),
        (replace(ITEMS[1], z_alt_m=nan), "is no place"),
        (replace(ITEMS[1], x_lat_deg=91.0), "is no place"),
        (replace(ITEMS[1], x_lat_deg=0.0, y_lon_deg=0.0), "0, 0"),
    ],
)
def test_a_mission_item_that_must_not_fly(item: r.MissionItem, words: str) -> None:
    problem = item_problem(MISSION, (*ITEMS, item), ())
    assert problem.startswith("item 4: ")
    assert words in problem
    assert item_problem(MISSION, ITEMS, ()) == ""


VERTEX = r.MissionItem(0, 5001, 42.17, 69.87, 0.0, 3.0)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ((VERTEX, VERTEX), "item 0: a polygon names its number of vertices"),
        ((VERTEX, VERTEX, replace(VERTEX, param1=4.0)), "item 0: a polygon"),
        ((VERTEX, VERTEX, VERTEX, replace(VERTEX, command=5003, param1=0.0)), "item 3: circle radius 0"),
        ((VERTEX, VERTEX, replace(VERTEX, x_lat_deg=nan)), "item 2: nan"),
        ((replace(VERTEX, command=16),), "command 16, expected one of"),
        ((replace(VERTEX, param1=nan),), "item 0: a polygon"),
    ],
)
def test_a_fence_that_no_autopilot_can_keep(items: tuple[r.MissionItem, ...], words: str) -> None:
    assert words in fence_problem(items)
    assert fence_problem((VERTEX, VERTEX, VERTEX)) == ""


def test_the_vertex_budget_is_named_where_the_upload_fails() -> None:
    bench = bench_of(FakeCopter, refuses={r.PushItems: "no space"})
    ring = tuple(r.MissionItem(0, 5001, 42.17 + k * 1e-4, 69.87 + (k % 2) * 0.03, 0.0, 70.0) for k in range(70))
    home = tuple(r.MissionItem(0, 5003, 42.18, 69.88, 0.0, 900.0) for _ in range(1))
    assert "by default this autopilot keeps 69" in uploaded(bench, FENCE, (*home, *ring))


def test_a_circle_and_a_hole() -> None:
    items = fence_items(ZoneSet((*ZONES.zones, Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.18, 69.88, 50.0)))))
    assert outside_items(items, 42.18, 69.88) == "inside an exclusion zone"
    assert outside_items(items, 42.185, 69.88) == ""
    assert outside_items((), 0.0, 0.0) == ""


def test_what_arducopter_keeps_of_an_item_counts_as_the_same_and_nothing_more() -> None:
    sent = (replace(ITEMS[1], param1=2.5),)
    kept = (replace(sent[0], frame=3, z_alt_m=30.13, param1=2.0, param2=0.0, param4=0.0),)
    assert item_difference(ARDUCOPTER, MISSION, sent, kept) == ""
    assert item_difference(PX4, MISSION, sent, kept) != "", "PX4 keeps them all"
    for wrong in ({"param1": 7.0}, {"z_alt_m": 30.2}, {"x_lat_deg": 42.1811}, {"frame": 0}, {"command": 17}):
        assert item_difference(ARDUCOPTER, MISSION, sent, (replace(kept[0], **wrong),)) != "", wrong  # type: ignore[arg-type]


# ------------------------------------------------------------ the contract


def test_an_older_name_in_an_older_unit_means_the_same() -> None:
    contract = Contract({"RTL_ALT_M": 60.0}, fence=False)
    assert contract.names == ("RTL_ALT_M", "RTL_ALT")
    assert contract.differences({"RTL_ALT_M": None, "RTL_ALT": 6000}) == ()
    assert contract.differences({"RTL_ALT_M": 60.0, "RTL_ALT": None}) == ()
    (old,) = contract.differences({"RTL_ALT_M": None, "RTL_ALT": 1500})
    assert old.row()[:3] == ("RTL_ALT", "1500", "6000")
    (gone,) = contract.differences({})
    assert gone.row()[:3] == ("RTL_ALT_M", "missing", "60")


def test_a_difference_says_what_it_is_in_words() -> None:
    contract = Contract({"COM_OBL_RC_ACT": 5.0, "FENCE_ENABLE": 1.0, "FS_DR_ENABLE": 1.0}, fence=False)
    said = table(contract.differences({"COM_OBL_RC_ACT": 0}))
    assert said == "COM_OBL_RC_ACT is 0 position mode, must be 5 hold (what it does when the setpoints end)"
    fenced = Contract({"FENCE_ENABLE": 1.0}, fence=True).differences({"FENCE_ENABLE": 0})
    assert "FENCE_ENABLE is 0 no, must be 1 yes" in table(fenced)


def test_every_older_name_is_a_name_of_its_own() -> None:
    older = [name for parameter in PARAMETERS.values() for name, _ in parameter.older]
    assert len(set(older)) == len(older)
    assert not set(older) & set(PARAMETERS)
