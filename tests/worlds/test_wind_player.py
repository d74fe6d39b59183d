"""The wind played into Gazebo: the same field as the embedded vehicle's, in messages that Gazebo reads."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from lenger_core.errors import MissingError
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Vec3
from lenger_core.terrain import lenger_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_sim.airframe import STEP_NS, Airframe
from lenger_sim.gazebo_wind import Bindings, CommandLine, gazebo, main, place_of_json, play
from lenger_sim.settings import VehicleSettings
from lenger_sim.worlds.layout import FLAVOURS
from lenger_sim.worlds.systems import STEP_S, add_wind_parameters
from lenger_sim.worlds.wind_player import PERIOD_NS, Place, WindPlayer, wind_bytes, wind_text, wind_topic

# gz.msgs.Wind with linear_velocity {x: 1.5, y: -2, z: 0.25} and enable_wind, worked out by hand from wind.proto and
# vector3d.proto: field 2 is a message of 27 bytes with doubles in its fields 2, 3 and 4; field 3 is true.
GOLDEN = bytes.fromhex("121b 11 000000000000f83f 19 00000000000000c0 21 000000000000d03f 18 01")


def test_the_message_is_gz_msgs_wind() -> None:
    assert wind_bytes((1.5, -2.0, 0.25)) == GOLDEN
    assert wind_text((1.5, -2.0, 1e-7)) == "linear_velocity: {x: 1.5, y: -2.0, z: 1e-07}, enable_wind: true"
    assert wind_topic("lenger_high") == "/world/lenger_high/wind"


def test_gazebos_vehicle_has_the_wind_that_the_embedded_one_has() -> None:
    """One flight through both: the embedded airframe's own places, told as Gazebo tells them, give its winds again."""
    terrain = lenger_terrain()
    settings = VehicleSettings(wind_m_s=9.0, wind_from_deg=250.0, home_lat_deg=42.0636, home_lon_deg=70.1063)
    frame = Airframe(settings, load_vehicle("quad_2kg"), terrain, 17)
    home = LocalFrame(42.0636, 70.1063, terrain.height_amsl_m(42.0636, 70.1063))
    player = WindPlayer(WindField(TerrainWind(terrain, 9.0, 250.0), 17), home, period_ns=STEP_NS)
    exact = WindField(TerrainWind(terrain, 9.0, 250.0), 17)
    t = frame.truth[0]
    frame.body.place(42.0636, 70.1063, float(t["alt_amsl_m"]) + 60.0 + frame._undulation_m, 0.0)
    frame._read()
    embedded, played, asked = [], [], []
    for n in range(1500):
        place = np.degrees(t["lat_rad"]), np.degrees(t["lon_rad"]), float(t["alt_amsl_m"])
        wind = player.on_place(Place(n * STEP_NS, home.to_local(*place)))
        assert wind is not None
        played.append(wind)
        asked.append(exact.at(*place, n * STEP_NS))
        frame.step(np.full(4, 0.62))
        embedded.append(frame.state["wind"][0].copy())
    np.testing.assert_array_equal(embedded, asked)  # the same place in degrees: the same bits
    np.testing.assert_allclose(embedded, played, atol=1e-5)  # through metres and back: a micrometre elsewhere
    assert np.ptp(embedded, axis=0).min() > 0.4


def test_winds_come_at_the_period_and_begin_anew_after_a_reset() -> None:
    player = WindPlayer(WindField(TerrainWind(lenger_terrain(), 5.0, 90.0), 1), LocalFrame(42.1819, 69.8878, 760.0))
    told = [
        player.on_place(Place(ms * 1_000_000, (0.0, 0.0, 30.0))) is not None for ms in (0, 4, 16, 20, 36, 40, 8, 12)
    ]
    assert told == [True, False, False, True, False, True, True, False]
    assert PERIOD_NS == 20_000_000


def odometry(ms: int, z: float) -> SimpleNamespace:
    stamp = SimpleNamespace(sec=ms // 1000, nsec=ms % 1000 * 1_000_000)
    position = SimpleNamespace(x=1.0, y=2.0, z=z)
    return SimpleNamespace(header=SimpleNamespace(stamp=stamp), pose=SimpleNamespace(position=position))


class StubWind:
    def ParseFromString(self, data: bytes) -> None:  # noqa: N802 protobuf's name
        self.data = data


class StubNode:
    """gz.transport13.Node: on the subscription it tells what is in `told`."""

    told: list[SimpleNamespace] = []
    sent: list[tuple[str, type, bytes]] = []
    way: Any = None

    def subscribe(self, kind: type, topic: str, callback: Any) -> bool:
        assert topic == "/model/quad_2kg_0/odometry" and kind is SimpleNamespace

        def tell() -> None:
            for message in self.told:
                count = len(self.sent)
                callback(message)
                while len(self.sent) == count:  # Gazebo goes on anyway; here every one is to be heard
                    threading.Event().wait(0.001)
            StubNode.way.stop()

        threading.Thread(target=tell, daemon=True).start()
        return True

    def advertise(self, topic: str, kind: type) -> Any:
        return SimpleNamespace(publish=lambda message: self.sent.append((topic, kind, message.data)))


@pytest.fixture
def bindings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    modules = {
        "gz": ModuleType("gz"),
        "gz.msgs10": ModuleType("gz.msgs10"),
        "gz.msgs10.odometry_pb2": SimpleNamespace(Odometry=SimpleNamespace),
        "gz.msgs10.wind_pb2": SimpleNamespace(Wind=StubWind),
        "gz.transport13": SimpleNamespace(Node=StubNode),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)  # type: ignore[arg-type]
    monkeypatch.setattr(StubNode, "sent", [])
    return iter(())


ARGUMENTS = ["--world", "lenger_training_field", "--model", "quad_2kg_0", "--seed", "3", "--wind-m-s", "7"]


def test_the_program_hears_the_odometry_and_answers_with_winds(
    bindings: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(StubNode, "told", [odometry(ms, 40.0) for ms in (1000, 1020, 1040)])
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def connect() -> Bindings:
        StubNode.way = Bindings()
        return StubNode.way

    assert main(ARGUMENTS, connect) == 0
    terrain = lenger_terrain()
    frame = LocalFrame(42.1819, 69.8878, terrain.height_amsl_m(42.1819, 69.8878))
    field = WindField(TerrainWind(terrain, 7.0, 270.0), 3)  # the direction is the world's
    expected = [wind_bytes(field.at(*frame.to_geodetic(1.0, 2.0, 40.0), t * 1_000_000)) for t in (1000, 1020, 1040)]
    assert StubNode.sent == [("/world/lenger_training_field/wind", StubWind, data) for data in expected]
    assert "3 winds" in capsys.readouterr().out


def test_without_bindings_the_program_gz_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stub of `gz`: it prints odometry as JSON for -e, and writes down what it is asked to publish."""
    line = json.dumps({"header": {"stamp": {"sec": "2", "nsec": 5}}, "pose": {"position": {"x": 1.0, "z": 9.0}}})
    stub = tmp_path / "gz"
    stub.write_text(f"""#!/bin/sh
case "$2" in -e) echo '{{"pose": 5}}'; echo '{line}'; while [ ! -s {tmp_path}/sent ]; do sleep 0.05; done ;;
*) echo "$@" > {tmp_path}/sent ;; esac
""")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setitem(sys.modules, "gz", None)  # type: ignore[arg-type]
    way = gazebo()
    assert isinstance(way, CommandLine) and way.period_ns >= 100_000_000
    field = WindField(TerrainWind(lenger_terrain(), 5.0, 90.0), 1)
    frame = LocalFrame(42.1819, 69.8878, 760.0)
    assert play(way, WindPlayer(field, frame), "/model/quad/odometry", wind_topic("field")) == 1
    wind: Vec3 = field.at(*frame.to_geodetic(1.0, 0.0, 9.0), 2_000_000_005)
    assert (tmp_path / "sent").read_text() == f"topic -t /world/field/wind -m gz.msgs.Wind -p {wind_text(wind)}\n"


def test_places_of_json() -> None:
    assert place_of_json('{"header": {}, "pose": {}}') == Place(0, (0.0, 0.0, 0.0))
    assert place_of_json("no json") is None
    assert place_of_json('{"header": {"stamp": 5}, "pose": {}}') is None
    assert place_of_json("[]") is None


def test_without_gazebo_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "gz", None)  # type: ignore[arg-type]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="apt-get install gz-harmonic"):
        gazebo()
    assert main(ARGUMENTS) == 3
    assert "apt-get install" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--world", "moon", "--model", "a", "--seed", "1"], "lenger_training_field"),
        ([*ARGUMENTS, "--turbulence", "9"], "expected 0 to 3"),
        ([*ARGUMENTS, "--wind-m-s", "fast"], "fast"),
        (["--world", "lenger_high", "--seed", "1"], "--model"),
    ],
)
def test_bad_arguments_are_one_clear_error(more: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(more)
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_worlds_pass_the_wind_on_unsmoothed(flavour: str) -> None:
    plugin = Element("plugin")
    add_wind_parameters(plugin, flavour)
    for path in ("horizontal/magnitude", "horizontal/direction", "vertical"):
        assert float(plugin.findtext(f"{path}/time_for_rise", "")) == STEP_S[flavour]
    assert not any(element.tag in ("noise", "sin") for element in plugin.iter())
