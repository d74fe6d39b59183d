"""Ceiling, floor, approach cylinder, height bands of keep-outs, and the permits for native modes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lenger_core.samples import CommandKind, GuardLevel
from lenger_core.zones import ZoneSet
from lenger_safety.settings import GuardSettings


@pytest.fixture
def flight(rig):
    """An aircraft in flight whose mission has consent."""

    def make(**fields):
        made = rig(**fields)
        made.step()
        made.agree()
        made.run(0.2)
        made.events.clear()
        return made

    return make


def height_agl(f):
    return float(f.position[2]) - f.ground_m()


def test_the_ceiling_is_not_crossed(flight):
    f = flight()
    f.want((0.0, 0.0, 3.0))
    highest = 0.0
    for _ in range(900):
        f.step()
        highest = max(highest, height_agl(f))
    assert 144.0 < highest < f.settings.ceiling_agl_m


def test_the_floor_is_not_crossed_away_from_home(flight):
    f = flight(position=(120.0, 0.0, 0.0))
    f.want((0.0, 0.0, -1.5))
    lowest = 1e9
    for _ in range(900):
        f.step()
        lowest = min(lowest, height_agl(f))
    assert f.settings.floor_agl_m < lowest < f.settings.floor_agl_m + 4.0


def test_rising_ground_lifts_the_aircraft_over_it(flight, zones, a_feature, a_square):
    wide = zones(a_feature("arena", "inclusion", a_square(1500.0)))
    f = flight(zones=wide, position=(0.0, -400.0, 0.0), height_agl_m=20.0)
    f.want((5.0, -8.0, 0.0))  # up the slope south of the field, level
    lowest = 1e9
    for _ in range(20 * 60):
        f.step()
        lowest = min(lowest, height_agl(f))
    assert lowest > f.settings.floor_agl_m
    assert f.position[2] > 40.0 + f.terrain.height_amsl_m(42.1783, 69.8878) - 757.0


def test_within_the_approach_cylinder_low_is_legal_but_leaving_it_low_is_not(flight):
    f = flight(height_agl_m=5.0)
    f.want((0.0, 0.0, -0.5))
    f.run(4.0)
    assert f.output.status.level is GuardLevel.NOMINAL
    assert height_agl(f) < 4.0
    f.want((4.0, 0.0, 0.0))
    f.run(20.0)
    assert f.position[0] < f.settings.approach_radius_m
    assert f.output.status.level is GuardLevel.LIMIT
    assert "approach cylinder" in f.output.status.reason


def test_a_landing_away_from_home_may_go_below_the_floor(flight):
    f = flight(position=(120.0, 0.0, 0.0), height_agl_m=25.0)
    f.wanted = CommandKind.LAND
    f.run(0.2)
    f.position[2] -= 20.0
    f.run(0.5)
    assert f.events == []
    assert f.output.command.kind is CommandKind.LAND


def test_the_terrain_models_own_error_bound_counts_by_default(flight):
    exact = flight(position=(120.0, 0.0, 0.0))
    own = flight(settings=GuardSettings(), position=(120.0, 0.0, 0.0))
    error = own.terrain.error_m(*own.frame.to_geodetic(120.0, 0.0, 0.0)[:2])
    assert exact.output.status.floor_margin_m - own.output.status.floor_margin_m == pytest.approx(error, rel=0.01)
    assert exact.output.status.ceiling_margin_m - own.output.status.ceiling_margin_m == pytest.approx(error, rel=0.01)


def test_outside_the_terrain_model_the_guard_holds(flight):
    f = flight(zones=ZoneSet())
    f.want((1.0, 0.0, 0.0))
    f.position[1] = 95_000.0
    f.run(0.2)
    assert f.output.command.kind is CommandKind.HOLD
    assert "terrain model" in f.output.status.reason


@pytest.fixture
def walled(zones, a_feature, a_square):
    """The arena with a wall across its eastern half that ends 30 m above ground."""
    wall = [(100.0, -190.0), (120.0, -190.0), (120.0, 190.0), (100.0, 190.0)]
    low = {"ceiling": {"height_m": 30.0, "datum": "agl"}}
    return zones(a_feature("arena", "inclusion", a_square(200.0)), a_feature("wall", "exclusion", wall, **low))


def test_a_low_keep_out_may_be_overflown_and_not_descended_into(flight, walled):
    f = flight(zones=walled)
    f.want((5.0, 0.0, 0.0))
    f.run(22.0)
    assert f.output.status.level is GuardLevel.NOMINAL
    assert f.position[0] > 100.0
    f.want((0.0, 0.0, -1.5))
    f.run(40.0)
    assert height_agl(f) > 30.0
    assert f.output.status.level is GuardLevel.LIMIT


def test_a_low_keep_out_is_a_wall_from_below_its_top(flight, walled):
    f = flight(zones=walled, height_agl_m=22.0)
    f.want((5.0, 0.0, 0.0))
    f.run(40.0)
    assert f.position[0] < 100.0
    assert f.output.status.level is GuardLevel.LIMIT
    assert "wall" in f.output.status.reason


# ---------------------------------------------------------------- permits


def ask(f, kind, **changes):
    """Want something once and return what comes out, and the refusals."""
    f.wanted = kind
    f.__dict__.update(changes)
    f.events.clear()
    f.run(0.3)
    return f.output.command.kind, [detail for name, detail in f.events if name == "guard_refused"]


def ground(f):
    f.armed, f.landed = False, True
    f.position[2] = f.ground_m()
    f.velocity[:] = 0.0
    f.run(0.1)
    f.agree()  # it was set down by hand, which closes the latch
    f.run(0.1)
    return f


def test_arming_and_takeoff_inside_are_permitted(flight):
    f = ground(flight())
    assert ask(f, CommandKind.ARM) == (CommandKind.ARM, [])
    f.armed = True
    home = f.terrain.height_amsl_m(42.1819, 69.8878)
    kind, refused = ask(f, CommandKind.TAKEOFF, wanted_alt_amsl_m=home + 60.0)
    assert (kind, refused) == (CommandKind.TAKEOFF, [])
    assert f.output.command.alt_amsl_m == home + 60.0


def test_arming_outside_or_in_a_keep_out_is_refused(flight, zones, a_feature, a_square):
    f = ground(flight(position=(230.0, 0.0, 0.0)))
    kind, refused = ask(f, CommandKind.ARM)
    assert kind is CommandKind.NONE
    assert "wrong side of arena" in refused[0]
    inside = zones(a_feature("pit", "exclusion", a_square(30.0)))
    f = ground(flight(zones=inside))
    assert "wrong side of pit" in ask(f, CommandKind.ARM)[1][0]


def test_takeoff_through_the_ceiling_is_refused(flight):
    f = ground(flight())
    home = f.terrain.height_amsl_m(42.1819, 69.8878)
    kind, refused = ask(f, CommandKind.TAKEOFF, wanted_alt_amsl_m=home + 149.9)
    assert kind is CommandKind.NONE
    assert "too high for the ceiling" in refused[0]


def test_takeoff_under_a_keep_out_is_refused_above_its_floor_only(flight, zones, a_feature, a_square):
    shelf = {"floor": {"height_m": 50.0, "datum": "agl"}}
    f = ground(flight(zones=zones(a_feature("shelf", "exclusion", a_square(40.0), **shelf))))
    home = f.terrain.height_amsl_m(42.1819, 69.8878)
    assert ask(f, CommandKind.TAKEOFF, wanted_alt_amsl_m=home + 30.0) == (CommandKind.TAKEOFF, [])
    kind, refused = ask(f, CommandKind.TAKEOFF, wanted_alt_amsl_m=home + 60.0)
    assert kind is CommandKind.NONE
    assert "shelf" in refused[0]


def test_return_is_permitted_only_where_its_straight_path_is_legal(flight, zones, a_feature, a_square):
    arena = a_feature("arena", "inclusion", a_square(200.0))
    free = flight(zones=zones(arena), position=(150.0, 0.0, 0.0))
    assert ask(free, CommandKind.RETURN) == (CommandKind.RETURN, [])
    pit = a_feature("pit", "exclusion", a_square(15.0, 75.0, 0.0))
    shut = flight(zones=zones(arena, pit), position=(150.0, 0.0, 0.0))
    kind, refused = ask(shut, CommandKind.RETURN)
    assert kind is CommandKind.HOLD
    assert "pit" in refused[0]
    assert len(refused) == 1


def test_return_into_a_hill_is_refused(flight, zones, a_feature, a_square):
    wide = zones(a_feature("arena", "inclusion", a_square(3000.0)))
    settings = GuardSettings(return_height_home_m=0.0, floor_agl_m=15.0)
    f = flight(zones=wide, settings=settings, position=(0.0, 1400.0, 0.0), height_agl_m=30.0)
    assert ask(f, CommandKind.RETURN) == (CommandKind.RETURN, [])  # the field lies lower
    low = flight(zones=wide, settings=settings, position=(0.0, -400.0, 0.0), height_agl_m=16.5)
    kind, refused = ask(low, CommandKind.RETURN)
    assert kind is CommandKind.HOLD
    assert "breaks the floor" in refused[0]


def test_landing_outside_is_refused(flight):
    f = flight()
    f.position[0] = 230.0
    f.run(0.2)
    f.agree()
    kind, refused = ask(f, CommandKind.LAND)
    assert kind is CommandKind.HOLD
    assert "wrong side" in refused[0]


def test_disarming_in_the_air_is_refused(flight):
    f = flight()
    kind, refused = ask(f, CommandKind.DISARM)
    assert kind is CommandKind.HOLD
    assert "in the air" in refused[0]
    assert ask(ground(f), CommandKind.DISARM)[0] is CommandKind.DISARM


def test_home_decides_heights_above_home(flight, zones, a_feature, a_square):
    low = {"ceiling": {"height_m": 70.0, "datum": "home"}}
    f = flight(zones=zones(a_feature("arena", "inclusion", a_square(200.0), **low)))
    f.want((0.0, 0.0, 3.0))
    f.run(20.0)
    home = f.terrain.height_amsl_m(42.1819, 69.8878) - 757.0
    assert 60.0 < float(f.position[2]) - home < 70.0
    assert replace(f.status()).home_alt_amsl_m == pytest.approx(home + 757.0)


def test_a_command_refused_in_the_air_stays_refused_until_a_new_consent(flight):
    f = flight()
    f.position[0] = 230.0
    f.run(0.2)
    f.agree()
    assert ask(f, CommandKind.LAND)[0] is CommandKind.HOLD
    f.position[0] = 0.0
    f.run(1.0)
    assert f.output.command.kind is CommandKind.HOLD
    assert f.output.status.latched


def test_velocity_on_the_ground_is_refused(flight):
    kind, refused = ask(ground(flight()), CommandKind.VELOCITY)
    assert kind is CommandKind.NONE
    assert "not in the air" in refused[0]


def test_a_keep_out_with_a_height_band_stops_start_and_landing(flight, zones, a_feature, a_square):
    arena = a_feature("arena", "inclusion", a_square(200.0))
    low = a_feature("crowd", "exclusion", a_square(80.0), ceiling={"height_m": 30.0, "datum": "agl"})
    grounded = ground(flight(zones=zones(arena, low)))
    assert "crowd lies in the way" in ask(grounded, CommandKind.ARM)[1][0]
    above = flight(zones=zones(arena, low))
    above.position[2] = 60.0
    kind, refused = ask(above, CommandKind.LAND)
    assert kind is CommandKind.HOLD
    assert "crowd lies in the way" in refused[0]
