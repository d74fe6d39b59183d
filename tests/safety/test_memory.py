"""What survives a restart, and what a broken file or a broken record does: nothing bad."""

from __future__ import annotations

import json
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.samples import Authority, Command, CommandKind, FusionStatus, Integrity, Odometry, VehicleStatus
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import ZoneSet
from lenger_safety.guard import GuardCore
from lenger_safety.memory import GuardMemory, digest, load_memory, recall_zones, save_memory
from lenger_safety.settings import GuardSettings


def test_memory_is_read_back_the_same(tmp_path: Path):
    path = tmp_path / "folder" / "guard.json"
    assert load_memory(path) is None
    memory = GuardMemory(True, "mission silent", 3, "")
    save_memory(path, memory.dumps())
    assert load_memory(path) == memory
    save_memory(path, GuardMemory().dumps())
    assert load_memory(path) == GuardMemory()
    assert [p.name for p in path.parent.iterdir()] == ["guard.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', '{"version": 1, "latched": 1}', "\x00", "[" * 9999])
def test_a_foreign_state_file_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "guard.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"guard\.json"):
        load_memory(path)


def test_latch_interventions_and_zones_survive(rig, zones, a_feature, a_square):
    f = rig()
    f.step()
    f.agree()
    f.want((3.0, 0.0, 0.0))
    saved = []
    f.run(1.0, lambda r: saved.append(r.output.state_to_save))
    pit = zones(a_feature("pit", "exclusion", a_square(10.0, 100.0, 0.0)))
    f.core.set_zones(pit, f.now_ns)
    f.mission_alive = False
    f.run(1.0, lambda r: saved.append(r.output.state_to_save))
    texts = [s for s in saved if s is not None]
    assert len(texts) < 8, "saved on change only"
    memory = GuardMemory(**{k: v for k, v in json.loads(texts[-1]).items() if k != "version"})
    assert memory.latched
    assert "mission silent" in memory.reason
    interventions = f.output.status.interventions
    f.restart(memory)
    f.mission_alive = True
    f.run(1.0)
    assert f.output.command.kind is CommandKind.HOLD
    assert f.output.status.interventions >= interventions
    assert f.output.status.nearest_zone == "pit"


def test_an_older_consent_does_not_open_a_restarted_guard(rig):
    f = rig()
    f.step()
    f.agree()
    f.want((3.0, 0.0, 0.0))
    f.run(1.0)
    f.restart(GuardMemory(latched=False))
    f.run(2.0)
    assert f.output.command.kind is CommandKind.HOLD
    assert f.output.status.latched


PROFILE = load_vehicle("quad_2kg")
anything = st.floats(allow_nan=True, allow_infinity=True)
vec = st.tuples(anything, anything, anything)
stamps = st.integers(0, 4_000_000_000)
vehicles = st.builds(
    VehicleStatus,
    *(stamps, st.just("px4"), st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.text(max_size=3)),
    *(st.sampled_from(Authority), st.just(""), anything, anything, anything, vec),
    *([anything] * 8),
)
odometries = st.builds(Odometry, stamps, vec, vec, st.just((1.0, 0.0, 0.0, 0.0)), vec, vec, vec)
fusions = st.builds(
    FusionStatus,
    *(stamps, st.sampled_from(Integrity), st.just("")),
    *([anything] * 8),
    vec,
    st.booleans(),
)
commands = st.builds(
    Command,
    *(stamps, st.sampled_from(["mission", "x"]), st.integers(0, 9), st.just(0.5), st.sampled_from(CommandKind)),
    *(vec, anything, anything, stamps),
)


@given(st.lists(st.one_of(vehicles, odometries, fusions, commands), max_size=12))
@settings(max_examples=100, deadline=None)
def test_no_record_whatever_breaks_the_guard(records):
    core = GuardCore(GuardSettings(), PROFILE, ZoneSet(), load_terrain().as_ground())
    takes = {VehicleStatus: core.on_vehicle, Odometry: core.on_odometry, FusionStatus: core.on_fusion_status}
    now_ns = 0
    for record in records:
        now_ns += 50_000_000
        if isinstance(record, Command):
            core.on_command(record, now_ns)
        else:
            takes[type(record)](record)
        output = core.step(now_ns)
        velocity = output.command.velocity_enu_m_s
        assert all(v == v and abs(v) <= 15.0 + 1e-6 for v in velocity)
        assert output.command.kind is not CommandKind.TAKEOFF or output.command.alt_amsl_m == output.command.alt_amsl_m


def test_a_fusion_origin_far_away_is_refused_with_an_event(rig):
    f = rig()
    f.step()
    status = FusionStatus(f.now_ns, Integrity.NOMINAL, "", 0.0, 0.0, 0.0, nan, nan, nan, 3.0, 3.0, (1, 1, 1), True)
    f.core.on_fusion_status(status)
    assert [e.kind for e in f.step().events][:1] == ["guard_refused"]


def test_zones_set_in_flight_do_not_outlive_their_zones_file(zones, a_feature, a_square):
    arena, pit = (
        zones(a_feature("arena", "inclusion", a_square(200.0))),
        zones(a_feature("pit", "exclusion", a_square(9.0))),
    )
    memory = GuardMemory(zones_geojson=pit.to_geojson(), zones_stood_for=digest(arena))
    same, dropped = recall_zones(memory, arena)
    assert (same.to_geojson(), dropped) == (pit.to_geojson(), "")
    other = zones(a_feature("today", "inclusion", a_square(300.0)))
    assert recall_zones(memory, other) == (other, "zones set in flight were dropped: they stood for another zones file")
    broken = replace(memory, zones_geojson="{")
    kept, why = recall_zones(broken, arena)
    assert kept is arena
    assert "saved zones" in why


def test_zones_dropped_at_a_start_are_told_of_on_the_ground_too(rig):
    f = rig(memory=GuardMemory(zones_geojson="{"), landed=True, armed=False)
    f.run(0.2)
    assert [detail for kind, detail in f.events if kind == "guard_zones" and "dropped" in detail]
