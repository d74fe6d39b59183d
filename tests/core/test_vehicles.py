"""Vehicle profiles and the errors of lenger_core."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenger_core import resources
from lenger_core.errors import InputError, MissingError, shorten
from lenger_core.vehicles import load_vehicle, vehicle_names


def test_every_profile_loads() -> None:
    assert "quad_2kg" in vehicle_names()
    for name in vehicle_names():
        assert load_vehicle(name).name == name


def test_an_unknown_vehicle_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"got 'zeppelin', expected one of .*quad_2kg"):
        load_vehicle("zeppelin")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mass_kg: 2.0", "mass_kg: -2.0", "mass_kg: got -2.0"),
        ("mass_kg: 2.0", "mass_kg: .nan", "mass_kg"),
        ("mass_kg: 2.0", "weight: 2.0", "mass_kg"),
        ("mass_kg: 2.0", "mass_kg: [", "valid YAML"),
        ("rotors: 4", "rotors: 6", "rotor_layout has 4 entries, expected one for each of the 6 rotors"),
        ("{angle_deg: 45.0, spin: ccw}", "{angle_deg: 45.0, spin: cw}", "as many ccw rotors as cw ones"),
        ("{angle_deg: 45.0, spin: ccw}", "{angle_deg: 45.0, spin: left}", "rotor_layout.0.spin: got 'left'"),
        ("{angle_deg: 45.0, spin: ccw}", "{angle_deg: 120.0, spin: ccw}", "discs of rotors 1 and 4 overlap"),
        ("chemistry: lipo", "chemistry: nuclear", "battery_pack.chemistry: got 'nuclear'"),
        ("lag_s: 0.035", "lag_s: 0.0", "motor.lag_s"),
    ],
)
def test_a_wrong_field_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    folder = tmp_path / "config" / "vehicles"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text(resources.read_text("vehicles", "quad_2kg.yaml").replace(old, new))
    monkeypatch.setenv("LENGER_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"bad\.yaml") as caught:
        load_vehicle("bad")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_errors_are_one_line_and_carry_their_exit_code() -> None:
    assert InputError("f.plan", "items[3].lat", 95.0, "-90 to 90").exit_code == 2
    assert str(InputError("f.plan", "", "a\nb", "JSON")).count("\n") == 0
    assert MissingError("no g++", "apt-get install g++").exit_code == 3
    assert len(shorten("x" * 500)) == 60


def test_every_vehicle_has_the_same_failsafe_contract() -> None:
    """It is about the autopilot and the guard, not about the airframe."""
    contracts = [load_vehicle(name).failsafe_parameters for name in vehicle_names()]
    assert all(contract == contracts[0] for contract in contracts)
