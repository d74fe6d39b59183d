"""The worlds that ship: right by our checks, by sdformat, by drake; their surface is the terrain's."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
import rasterio

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain
from lenger_sim.worlds.builder import build_world
from lenger_sim.worlds.checks import check_world
from lenger_sim.worlds.checks.opened import open_world
from lenger_sim.worlds.checks.relief import height_error_m
from lenger_sim.worlds.layout import FLAVOURS, WorldFiles
from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.spec import load_world, world_names

IGN = shutil.which("ign") or shutil.which("gz")
NO_IGN = "no `ign` (apt-get install --no-install-recommends ignition-tools libsdformat-dev)"
EACH = pytest.mark.parametrize("name", world_names())
FLAVOUR = pytest.mark.parametrize("flavour", FLAVOURS)


@EACH
@FLAVOUR
def test_our_own_checks_find_nothing(shipped: Path, terrain: Terrain, name: str, flavour: str) -> None:
    assert check_world(WorldFiles(shipped, name).sdf(flavour), terrain) == []


@EACH
def test_the_surface_is_the_terrain_within_half_a_metre(shipped: Path, terrain: Terrain, name: str) -> None:
    """The bar is 1,000 points; here other ones than the check's, and many more."""
    world = open_world(WorldFiles(shipped, name).sdf("px4"), terrain)
    assert height_error_m(world, 1000, seed=7)[0] < 0.5
    assert height_error_m(world, 100_000, seed=8)[0] < 0.5


@EACH
def test_another_library_reads_the_heights_from_the_picture_and_the_text(
    shipped: Path, terrain: Terrain, name: str
) -> None:
    """Without any code of the builder's: rasterio for the pixels, the SDF's numbers, the geodetic position."""
    files = WorldFiles(shipped, name)
    root = fromstring(files.sdf("px4").read_bytes())
    size = [float(v) for v in root.findtext("world/model/link/collision/geometry/heightmap/size", "").split()]
    x, y, z, *_ = (float(v) for v in root.findtext("world/model/pose", "").split())
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        picture = rasterio.open(files.heightmap)
    pixels, count = picture.read(1), picture.width
    assert picture.dtypes == ("uint16",)
    place = [
        float(root.findtext(f"world/spherical_coordinates/{tag}", "")) for tag in ("latitude_deg", "longitude_deg")
    ]
    lat, lon, alt = *place, float(root.findtext("world/spherical_coordinates/elevation", ""))
    frame = LocalFrame(lat, lon, alt)
    for row, col in np.random.default_rng(3).integers(0, count, (300, 2)):
        up = z + float(pixels[row, col]) / 65535.0 * size[2]
        east = x + (col - (count - 1) / 2) * size[0] / count
        north = y + ((count - 1) / 2 - row) * size[1] / count
        point = frame.to_geodetic(east, north, up)
        assert terrain.height_amsl_m(point[0], point[1]) == pytest.approx(point[2], abs=0.02 + size[2] / 65535.0)


def test_the_mountain_worlds_are_as_high_as_they_say(shipped: Path, terrain: Terrain) -> None:
    for name, low, high in (("lenger_high", 1920.0, 2900.0), ("lenger_border", 2400.0, 3490.0)):
        world = open_world(WorldFiles(shipped, name).sdf("px4"), terrain)
        x, y, half = world.span_m
        east, north = np.random.default_rng(4).uniform(-half, half, (2, 20_000)) + np.array([[x], [y]])
        heights = world.ground.frame.alt_amsl_m + world.surface_m(east, north)
        assert heights.min() == pytest.approx(low, abs=60.0) and heights.max() == pytest.approx(high, abs=60.0)


def sdformat_says(path: Path, models: Path) -> str:
    """What sdformat's own checker prints about a file."""
    words = [str(IGN), "sdf", "--check", str(path)]
    environment = {**os.environ, "SDF_PATH": str(models)}
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=500)
    said = ended.stdout + ended.stderr
    if ended.returncode != 0 and "Error" not in said:
        pytest.skip(f"this {IGN} cannot check SDF: {said.strip()[:200]}")
    return said.replace("Library error: libignition-tools-backward.so", "")  # only its backtraces are lacking


def right(said: str) -> bool:
    return "Valid." in said and "Error" not in said and "Warning" not in said


@pytest.mark.skipif(IGN is None, reason=NO_IGN)
@pytest.mark.parametrize(
    ("name", "flavour"), [*((name, "px4") for name in world_names()), ("lenger_night", "ardupilot")]
)
def test_sdformat_finds_no_error_with_each_model_once(shipped: Path, tmp_path: Path, name: str, flavour: str) -> None:
    """It reads a model anew for each tree; the worlds as they are take minutes on a busy machine: below, slow."""
    files, seen = WorldFiles(shipped, name), set()

    def once(found: re.Match[str]) -> str:
        new = found[1] not in seen
        seen.add(found[1])
        return found[0] if new else ""

    text = files.sdf(flavour).read_text(encoding="utf-8")
    (tmp_path / "world.sdf").write_text(
        re.sub(r"<include>\s*<uri>(.*?)</uri>.*?</include>", once, text, flags=re.DOTALL)
    )
    said = sdformat_says(tmp_path / "world.sdf", files.models)
    assert right(said) and len(seen) >= 8, said


@pytest.mark.slow
@pytest.mark.skipif(IGN is None, reason=NO_IGN)
@EACH
@FLAVOUR
def test_sdformat_finds_no_error(shipped: Path, name: str, flavour: str) -> None:
    said = sdformat_says(WorldFiles(shipped, name).sdf(flavour), WorldFiles(shipped, name).models)
    assert right(said), said


@pytest.mark.skipif(IGN is None, reason=NO_IGN)
def test_sdformat_would_say_so(shipped: Path, tmp_path: Path) -> None:
    text = WorldFiles(shipped, "lenger_night").sdf("px4").read_text(encoding="utf-8")
    spoilt = re.sub(r"<include>.*?</include>", "", text, flags=re.DOTALL).replace("spawn_pad_2", "spawn_home")
    (tmp_path / "world.sdf").write_text(spoilt, encoding="utf-8")
    assert not right(sdformat_says(tmp_path / "world.sdf", WorldFiles(shipped, "lenger_night").models))


DRAKE = os.environ.get("LENGER_DRAKE_PYTHON") or (sys.executable if importlib.util.find_spec("pydrake") else "")
"""A Python that has drake: this one, or one that is named, since drake brings its own versions of libraries."""

PARSE = """
import sys
from pathlib import Path
from pydrake.multibody.parsing import Parser
from pydrake.multibody.plant import MultibodyPlant
for path in sys.argv[2:]:
    plant = MultibodyPlant(0.001)
    parser = Parser(plant)
    for folder in Path(sys.argv[1]).iterdir():
        parser.package_map().Add(folder.name, str(folder))
    print(path, len(parser.AddModels(path)))
"""


@pytest.mark.skipif(not DRAKE, reason="no drake (pip install drake, or LENGER_DRAKE_PYTHON=its Python)")
def test_drake_parses_them(shipped: Path, tmp_path: Path) -> None:
    """Drake wants an include's file where Gazebo is content with its folder; it leaves actors out."""
    expected = {}
    for name in world_names():
        for flavour in FLAVOURS:
            text = WorldFiles(shipped, name).sdf(flavour).read_text(encoding="utf-8")
            path = tmp_path / f"{flavour}_{name}.sdf"
            path.write_text(re.sub(r"(<uri>model://\w+)(</uri>)", r"\1/model.sdf\2", text), encoding="utf-8")
            models = shipped / "models"
            included = re.findall(r"<uri>model://(\w+)</uri>", text)
            actors = [folder for folder in included if b"<actor" in (models / folder / "model.sdf").read_bytes()]
            expected[str(path)] = 1 + len(included) - len(actors)  # 1: the terrain
    words = [DRAKE, "-c", PARSE, str(shipped / "models"), *expected]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert {line.split()[0]: int(line.split()[1]) for line in ended.stdout.splitlines()} == expected


def test_a_second_build_touches_nothing(shipped: Path, terrain: Terrain) -> None:
    before = {path: path.stat().st_mtime_ns for path in shipped.rglob("*")}
    built = build_world(load_world("lenger_night"), terrain, shipped, part_of)
    assert built.written == () and {path: path.stat().st_mtime_ns for path in shipped.rglob("*")} == before


def test_two_builds_are_equal_byte_for_byte(shipped: Path, terrain: Terrain, tmp_path: Path) -> None:
    build_world(load_world("lenger_night"), terrain, tmp_path, part_of)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) > 50
    assert made == {path: (shipped / path).read_bytes() for path in made}
