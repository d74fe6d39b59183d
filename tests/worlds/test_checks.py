"""Each check catches a world that was spoilt in its way, and says so in a line that a person can use."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_sim.worlds import png
from lenger_sim.worlds.checks import CHECKS, check_world
from lenger_sim.worlds.layout import FLAVOURS, WorldFiles

Spoil = Callable[[WorldFiles, str], None]


def swap(old: str, new: str, count: int = 1) -> Spoil:
    """Replace text in the world file, which must hold it."""

    def spoil(files: WorldFiles, flavour: str) -> None:
        path = files.sdf(flavour)
        text = path.read_text(encoding="utf-8")
        assert re.search(old, text, re.DOTALL), f"{old} is not in the world"
        path.write_text(re.sub(old, new, text, count=count, flags=re.DOTALL), encoding="utf-8")

    return spoil


def repaint(change: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    """Change the heightmap's pixels."""

    def spoil(files: WorldFiles, flavour: str) -> None:
        files.heightmap.write_bytes(png.encode(np.ascontiguousarray(change(png.read_grey(files.heightmap)))))

    return spoil


def remove(*names: str) -> Spoil:
    """Remove files of the build."""

    def spoil(files: WorldFiles, flavour: str) -> None:
        for name in names:
            (files.folder / name).unlink()

    return spoil


def tilted(pixels: np.ndarray) -> np.ndarray:
    """A surface that is right in the middle and 2 m wrong at the edges, over the full range as before."""
    wrong = pixels.astype(float) * 0.95 + np.linspace(0, 65535 * 0.05, pixels.shape[1])
    wrong -= wrong.min()
    return np.rint(wrong * 65535 / wrong.max()).astype(np.uint16)


SPOILT: list[tuple[str, str, str, Spoil, str]] = [
    ("name", "px4", "names", swap('<world name="tiny"', '<world name="other"'), r"name is 'other', .* 'tiny'"),
    ("twins", "px4", "names", swap("<name>post_2</name>", "<name>post_1</name>"), r"2 things are called 'post_1'"),
    ("nameless", "px4", "names", swap("<name>post_1</name>", "<name/>"), r"something has no name"),
    ("no model", "px4", "files", remove("models/tiny_post/model.sdf"), r"'model://tiny_post': no model.sdf in"),
    ("no config", "px4", "files", remove("models/tiny_post/model.config"), r"no model.config in"),
    ("no mesh", "px4", "files", remove("models/tiny_band/told.obj"), r"tiny_band refers to model://tiny_band/told.obj"),
    ("no texture", "px4", "files", remove("media/ground_steppe.png"), r"refers to ../media/ground_steppe.png"),
    ("uri", "px4", "files", swap("<uri>model://tiny_post", "<uri>tiny_post"), r"must begin with model://"),
    ("vehicle", "px4", "files", remove("models/tiny_hexa_7kg_px4/model.sdf"), r"the vehicle hexa_7kg is missing"),
    ("detector", "px4", "physics", swap("bullet", "ode"), r"collision_detector> is ode, it must be bullet"),
    ("no detector", "px4", "physics", swap("<dart>.*</dart>", ""), r"is missing, it must be bullet"),
    ("step", "ardupilot", "physics", swap(">0.001<", ">0.004<"), r"is 0.004, for ardupilot it must be 0.001"),
    ("no physics", "px4", "physics", swap("<physics.*</physics>", ""), r"there are 0 <physics>"),
    (
        "plugin in PX4's",
        "px4",
        "systems",
        swap("<gravity>", '<plugin filename="gz-sim-imu-system" name="gz::sim::systems::Imu"/><gravity>'),
        r"gz-sim-imu-system switches off the systems",
    ),
    (
        "no imu",
        "ardupilot",
        "systems",
        swap(r"<plugin filename=.gz-sim-imu-system.[^>]*>", ""),
        r"gz-sim-imu-system is",
    ),
    ("no wind", "ardupilot", "wind", swap(r"<plugin filename=.gz-sim-wind.*?</plugin>", ""), r"wind would do nothing"),
    ("storm", "px4", "wind", swap("<linear_velocity>4 0 0<", "<linear_velocity>70 0 0<"), r"is 70 0 0, it must be"),
    ("no vector", "px4", "wind", swap("<wind>.*</wind>", ""), r"no <wind><linear_velocity>"),
    ("letters", "px4", "wind", swap("<linear_velocity>4 0 0<", "<linear_velocity>4 x 0<"), r"must be 3 numbers"),
    ("north", "px4", "nature", swap(">ENU<", ">NED<"), r"<world_frame_orientation> is NED, it must be ENU"),
    ("heading", "px4", "nature", swap("<heading_deg>0<", "<heading_deg>90<"), r"<heading_deg> is 90, it must be 0"),
    ("elevation", "px4", "nature", swap("<elevation>7", "<elevation>9"), r"<elevation> is 9\d\d.*above sea level"),
    ("gauss", "px4", "nature", swap("(<magnetic_field>).*?(</)", r"\g<1>0.02 0.2 -0.4\2"), r"\(tesla, east north up\)"),
    ("gravity", "px4", "nature", swap("<gravity>0 0 -9.8", "<gravity>0 0 9.8"), r"<gravity> is 0 0 9.8"),
    ("vacuum", "px4", "nature", swap("<pressure>9", "<pressure>1"), r"<pressure> is 1\d+.*must be 9"),
    ("celsius", "px4", "nature", swap("(<temperature>)[^<]*", r"\g<1>15"), r"<temperature> is 15, it must be 220 to"),
    ("elsewhere", "px4", "nature", swap("<latitude_deg>42", "<latitude_deg>12"), r"outside the terrain"),
    ("no place", "px4", "nature", swap("<spherical_.*?</spherical_coordinates>", ""), r"no <spherical_coordinates>"),
    (
        "spotlight",
        "px4",
        "lights",
        swap('type="directional"', 'type="spot"'),
        r"spotlight 'sun' casts shadows .* that crashes",
    ),
    ("no light", "px4", "lights", swap("<light .*?</light>", ""), r"no directional light"),
    (
        "moved",
        "px4",
        "heightmap",
        swap("<pos>0 0 0<", "<pos>0 0 -30<"),
        r"<pos> .* 0 0 -30, it must be 0: the collision",
    ),
    ("size", "px4", "heightmap", swap("<size>4104 4104", "<size>4096 4096"), r"must be one cell more than the visual"),
    ("height", "px4", "heightmap", swap(r"(<size>4096 4096) [\d.]+", r"\1 50"), r"m high and the visual 50 m"),
    ("oblong", "px4", "heightmap", swap("<size>4104 4104", "<size>4104 4000"), r"not square on the ground"),
    ("sampling", "px4", "heightmap", swap("<sampling>1<", "<sampling>2<"), r"<sampling> is 2, it must be 1"),
    ("falls", "px4", "heightmap", swap("<static>true<", "<static>false<"), r"the terrain is not static"),
    ("turned", "px4", "heightmap", swap(r"(<pose>0 0 -[\d.]+) 0 0 0<", r"\1 0 0 0.1<"), r"the terrain is turned"),
    (
        "two pictures",
        "px4",
        "heightmap",
        swap("tiny_heightmap.png", "ground_steppe.png"),
        r"not the same model and picture",
    ),
    ("absent", "px4", "heightmap", remove("media/tiny_heightmap.png"), r"tiny_heightmap.png.*(No such file|not there)"),
    (
        "8 bit",
        "px4",
        "heightmap",
        repaint(lambda p: (p >> 8).astype(np.uint8)),
        r"has 8 bits .* must be 16 bits of grey",
    ),
    (
        "dim",
        "px4",
        "heightmap",
        repaint(lambda p: (p // 2).astype(np.uint16)),
        r"from 0 to 32767, it must be 0 to 65535",
    ),
    ("not black", "px4", "heightmap", repaint(lambda p: np.maximum(p, 9).astype(np.uint16)), r"from 9 to 65535"),
    ("2^n", "px4", "heightmap", repaint(lambda p: p[:-1, :-1]), r"512 x 512 pixels, it must be a square of 2\^n \+ 1"),
    ("coarse", "px4", "heightmap", repaint(lambda p: p[::2, ::2]), r"257 x 257 pixels, .* at least 513"),
    ("strip", "px4", "heightmap", repaint(lambda p: p[:300]), r"513 x 300 pixels"),
    ("no collision", "px4", "heightmap", swap("<collision .*?</collision>", ""), r"no heightmap to be a collision"),
    (
        "five textures",
        "px4",
        "textures",
        swap("(<texture>.*?</texture>)", r"\1\1\1\1\1"),
        r"there are 5 textures, it must be 1 to 4",
    ),
    ("no blend", "px4", "textures", swap("(<texture>.*?</texture>)", r"\1\1"), r"0 blends for 2 textures"),
    ("no normal map", "px4", "textures", swap("<normal>.*?</normal>", ""), r"<texture> without a <normal>"),
    (
        "sunk",
        "px4",
        "origin",
        swap(r"<pose>0 0 -[\d.]+ 0 0 0<", "<pose>0 0 0.3 0 0 0<"),
        r"the ground under the origin is at -?\d",
    ),
    ("buried", "px4", "spawns", swap("<pose>0 0 0.25", "<pose>0 0 -3"), r"spawn_home is -3.\d+ m above the ground"),
    ("in the sky", "px4", "spawns", swap("<pose>0 0 0.25", "<pose>0 0 500"), r"spawn_home is \d+.\d+ m above"),
    ("upside down", "px4", "spawns", swap("<pose>0 0 0.25 0 0 0", "<pose>0 0 0.25 3.14 0 0"), r"must be upright"),
    ("nowhere", "px4", "spawns", swap('<frame name="spawn_home"', '<frame name="home"'), r"no start pose"),
    (
        "beyond",
        "px4",
        "places",
        swap("<pose>100 0 ", "<pose>9100 0 "),
        r"post_1 is at 9100 m east.*beyond the heightmap",
    ),
    (
        "underground",
        "px4",
        "places",
        swap("<pose>100 0 [^ ]*", "<pose>100 0 -90"),
        r"post_1 is \d+.\d+ m below the ground",
    ),
    ("mirrored", "px4", "heights", repaint(lambda p: p[::-1]), r"m off the terrain, it must be at most 0.5 m"),
    ("transposed", "px4", "heights", repaint(lambda p: p.T), r"m off the terrain"),
    ("tilted", "px4", "heights", repaint(tilted), r"m off the terrain"),
    ("in steps", "px4", "heights", repaint(lambda p: ((p >> 10) * 1040.239).astype(np.uint16)), r"m off the terrain"),
    ("other ground", "px4", "heights", swap("Ground: NOAA GLOBE", "Ground: DEM N42E069.hgt"), r"give the same --dem"),
]


@pytest.mark.parametrize(("flavour", "check", "spoil", "text"), [s[1:] for s in SPOILT], ids=[s[0] for s in SPOILT])
def test_a_spoilt_world_is_caught(
    small: WorldFiles, globe: Terrain, flavour: str, check: str, spoil: Spoil, text: str
) -> None:
    spoil(small, flavour)
    findings = [f"{finding.check}: {finding.text}" for finding in check_world(small.sdf(flavour), globe)]
    assert any(re.search(f"^{check}: .*{text}", finding, re.DOTALL) for finding in findings), findings


def test_every_check_has_a_spoilt_world() -> None:
    assert {check for _, _, check, _, _ in SPOILT} == set(CHECKS)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_world_that_is_spoilt_was_right(small: WorldFiles, globe: Terrain, flavour: str) -> None:
    assert check_world(small.sdf(flavour), globe) == []


def test_a_vehicle_that_would_not_feel_the_wind(small: WorldFiles, globe: Terrain) -> None:
    path = small.vehicle("quad_2kg", "px4")
    path.write_text(path.read_text(encoding="utf-8").replace("enable_wind", "enable_winds"), encoding="utf-8")
    findings = check_world(small.sdf("px4"), globe)
    assert [(f.check, f.text.split(":")[0]) for f in findings] == [("wind", "tiny_quad_2kg_px4")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected an SDF world file"),
        ("<sdf>", "expected an SDF world file"),
        ("<sdf/>", r"<sdf>: got '0 worlds', expected <sdf> with one <world>"),
        ("<robot><world/></robot>", "<robot>: got '1 worlds'"),
        ("\udcff", "expected an SDF world file"),
    ],
)
def test_what_is_no_world_is_one_clear_error(tmp_path: Path, globe: Terrain, content: str, message: str) -> None:
    (tmp_path / "px4").mkdir()
    path = tmp_path / "px4" / "w.sdf"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=message):
        check_world(path, globe)


def test_a_world_must_lie_where_its_flavour_is_told(tmp_path: Path, globe: Terrain) -> None:
    (tmp_path / "w.sdf").write_text("<sdf><world name='w'/></sdf>", encoding="utf-8")
    with pytest.raises(InputError, match=r"expected DIR/px4/NAME.sdf or DIR/ardupilot/NAME.sdf"):
        check_world(tmp_path / "w.sdf", globe)
    with pytest.raises(InputError, match="No such file"):
        check_world(tmp_path / "px4" / "absent.sdf", globe)


def test_an_empty_world_has_findings_and_no_traceback(tmp_path: Path, globe: Terrain) -> None:
    (tmp_path / "px4").mkdir()
    (tmp_path / "px4" / "w.sdf").write_text("<sdf><world name='w'/></sdf>", encoding="utf-8")
    found = {finding.check for finding in check_world(tmp_path / "px4" / "w.sdf", globe)}
    assert {"physics", "nature", "lights", "wind", "heightmap", "textures", "origin", "spawns", "heights"} <= found


_WORDS = ["", "0", "-1", "1e300", "nan", "x", "0 0 0", "1 2 3 4 5 6", "<a/>", "model://", "../..", "/dev/null", "true"]


@given(st.data())
def test_whatever_is_in_a_world_file_there_is_no_traceback(
    small_once: Path, globe: Terrain, data: st.DataObject
) -> None:
    """Values, whole elements or anything at all exchanged: findings, or one clear error."""
    text = (small_once / "px4" / "tiny.sdf").read_text(encoding="utf-8")
    places = [match.span(1) for match in re.finditer(r">([^<>]+)<", text)]
    places += [match.span() for match in re.finditer(r"<(\w+)[^<>]*>[^<>]*</\1>", text)]
    for _ in range(data.draw(st.integers(1, 3))):
        start, end = (
            data.draw(st.sampled_from(places))
            if data.draw(st.booleans())
            else sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        )
        text = text[:start] + data.draw(st.sampled_from(_WORDS) | st.text(max_size=6)) + text[end:]
    path = small_once / "px4" / "spoilt.sdf"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        said = [finding.text for finding in check_world(path, globe)]
    except InputError as error:
        said = [str(error)]
    assert said and not any("\n" in line for line in said)  # at least the name is wrong
