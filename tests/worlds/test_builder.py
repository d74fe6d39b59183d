"""Builds: the same bytes each time, nothing touched twice, nothing left half, own DEM files, errors in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.terrain.dem import dem_terrain
from lenger_sim.worlds.builder import build_world
from lenger_sim.worlds.checks import CHECKS, check_world
from lenger_sim.worlds.layout import FLAVOURS, WorldFiles

from .stubs import stub_part, tiny


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.rglob("*")}


def lenger(*words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.argv = ['lenger', *{words!r}]\n{before}\nfrom lenger_bringup.cli import main\nmain()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


def test_two_builds_are_equal_byte_for_byte(tmp_path: Path, globe: Terrain) -> None:
    for name in ("one", "other"):
        build_world(tiny(), globe, tmp_path / name, stub_part)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert set(contents(tmp_path / "one")) >= {
        "px4/tiny.sdf",
        "ardupilot/tiny.sdf",
        "media/tiny_heightmap.png",
        "models/tiny_post/model.sdf",
        "models/tiny_post/model.config",
        "models/tiny_pad_1/told.obj",
        "models/tiny_quad_2kg_px4/model.sdf",
        "models/tiny_hexa_7kg_ardupilot/model.sdf",
    }


def test_a_second_build_touches_nothing(tmp_path: Path, globe: Terrain) -> None:
    first = build_world(tiny(), globe, tmp_path, stub_part)
    before = stamps(tmp_path)
    second = build_world(tiny(), globe, tmp_path, stub_part)
    assert stamps(tmp_path) == before
    assert (second.written, second.unchanged) == ((), len(first.written))


def test_only_what_differs_is_written_again(tmp_path: Path, globe: Terrain) -> None:
    build_world(tiny(), globe, tmp_path, stub_part)
    before = contents(tmp_path)
    post = tmp_path / "models" / "tiny_post" / "model.sdf"
    post.write_text("<half", encoding="utf-8")
    assert build_world(tiny(), globe, tmp_path, stub_part).written == (post,)
    assert contents(tmp_path) == before
    windy = build_world(tiny(air={"wind_m_s": 9.0}), globe, tmp_path, stub_part)
    assert {path.suffix for path in windy.written} == {".sdf"} and len(windy.written) == 2


def test_progress_rises_to_the_end_and_names_its_steps(tmp_path: Path, globe: Terrain) -> None:
    told: list[tuple[str, float]] = []
    build_world(tiny(), globe, tmp_path, stub_part, lambda text, share: told.append((text, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] == pytest.approx(1.0)
    assert [*dict.fromkeys(text for text, _ in told)] == ["heights", "pixels", "textures", "models", "worlds", "files"]


def test_an_interruption_leaves_whole_files_only(
    tmp_path: Path, globe: Terrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_world(tiny(), globe, tmp_path / "whole", stub_part)
    whole = contents(tmp_path / "whole")
    for after in (0, 1, 5, 12):
        folder, calls = tmp_path / str(after), iter(range(1000))

        def interrupted(source: Any, target: Any, calls: Any = calls, after: int = after) -> None:
            if next(calls) == after:
                raise KeyboardInterrupt
            os.rename(source, target)

        with monkeypatch.context() as patch:
            patch.setattr("lenger_core.whole_file.os.replace", interrupted)
            with pytest.raises(KeyboardInterrupt):
                build_world(tiny(), globe, folder, stub_part)
        left = contents(folder)
        assert len(left) == after and left.items() <= whole.items()
        assert not any(name.endswith(".sdf") and name.split("/")[0] in FLAVOURS for name in left)  # they come last
        build_world(tiny(), globe, folder, stub_part)
        assert contents(folder) == whole


def test_an_interruption_before_writing_leaves_nothing(tmp_path: Path, globe: Terrain) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_world(tiny(), globe, tmp_path, interrupted)
    assert contents(tmp_path) == {}


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))"
    ended = lenger("world", "build", "lenger_night", "-o", str(tmp_path / "w"), before=limit)
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr == f"lenger: {tmp_path / 'w' / 'media' / 'lenger_night_heightmap.png'}: File too large\n"
    assert contents(tmp_path / "w") == {}


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, globe: Terrain) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/lenger")):
        with pytest.raises(InputError, match=r"expected a folder that can be written"):
            build_world(tiny(), globe, folder, stub_part)
    (tmp_path / "w" / "px4" / "tiny.sdf").mkdir(parents=True)
    with pytest.raises(InputError, match=r"tiny.sdf: got 'something that is no regular file'"):
        build_world(tiny(), globe, tmp_path / "w", stub_part)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"parts": [{"kind": "refused", "name": "a", "at_m": [0.0, 0.0], "parameters": {"size_m": 9}}]},
            r"world tiny: parts.0 \(refused a\): size_m: got 9, expected 1 to 3",
        ),
        (
            {"parts": [{"kind": "x", "name": "a", "at_deg": [10.0, 10.0]}]},
            r"world tiny: parts.0 \(x a\): position: got '10.0.*latitude",
        ),
        (
            {"parts": [{"kind": "x", "name": "a", "line_m": [[0.0, 0.0], [9.0, 0.0]], "parameters": {"line": []}}]},
            r"parts.0 \(x a\): line: got \[\], expected no such parameter: line_m or line_deg says where",
        ),
        (
            {"parts": [{"kind": "x", "name": "a", "at_m": [0.0, 0.0], "number_from": 1, "parameters": {"number": 2}}]},
            r"parts.0 \(x a\): number: got 2, expected no such parameter: number_from says which",
        ),
        ({"origin": {"lat_deg": 10.0, "lon_deg": 10.0}}, r"world tiny: ground \(.*latitude"),
        ({"ground": {"cell_m": 50.0, "pixels": 4097}}, r"world tiny: ground \(.*latitude"),
    ],
)
def test_what_is_wrong_with_a_part_or_the_ground_is_one_line(
    tmp_path: Path, globe: Terrain, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        build_world(tiny(**changes), globe, tmp_path, stub_part)
    assert contents(tmp_path) == {}


def test_places_and_numbers_reach_the_world(small: WorldFiles) -> None:
    world = fromstring(small.sdf("px4").read_bytes()).find("world")
    assert world is not None
    named = {include.findtext("name"): include for include in world.findall("include")}
    assert [*named] == ["post_1", "post_2", "post_3", "band", "pad_1", "pad_2"]
    assert {named[f"post_{i}"].findtext("uri") for i in (1, 2, 3)} == {"model://tiny_post"}
    assert (named["post_3"].findtext("pose") or "").startswith("100 200 ")
    assert (named["pad_2"].findtext("pose") or "").endswith(" 0 0 1.570796")
    assert b"('number', 5)" in (small.models / "tiny_pad_2" / "told.obj").read_bytes()
    assert b"('line', [(0.0, 0.0, 0.0), (" in (small.models / "tiny_band" / "told.obj").read_bytes()


def test_a_part_may_be_for_one_flavour_only(tmp_path: Path, globe: Terrain) -> None:
    parts = [{"kind": "x", "name": "a", "at_m": [0.0, 0.0], "flavours": ["ardupilot"]}]
    build_world(tiny(parts=parts), globe, tmp_path, stub_part)
    files = WorldFiles(tmp_path, "tiny")
    assert b"<include>" in files.sdf("ardupilot").read_bytes() and b"<include>" not in files.sdf("px4").read_bytes()


def test_a_vehicle_in_a_world_is_its_flavours_own(tmp_path: Path, globe: Terrain) -> None:
    build_world(tiny(parts=[{"kind": "vehicle", "name": "ours", "at_m": [0.0, 0.0]}]), globe, tmp_path, stub_part)
    for flavour in FLAVOURS:
        text = WorldFiles(tmp_path, "tiny").sdf(flavour).read_text(encoding="utf-8")
        assert f"model://tiny_ours_{flavour}" in text and "<name>ours</name>" in text
        assert check_world(WorldFiles(tmp_path, "tiny").sdf(flavour), globe) == []


def test_files_of_a_part_stay_in_its_folder(tmp_path: Path, globe: Terrain) -> None:
    for name in ("../out.obj", "/out.obj", "model.sdf"):

        def astray(*words: Any, name: str = name) -> Any:
            part = stub_part(*words)
            return type(part)(part.model, part.radius_m, part.height_m, {name: b""})

        with pytest.raises(InputError, match=r"files: got '.*', expected a path of its own below the model's folder"):
            build_world(tiny(), globe, tmp_path, astray)


def known_height(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """A land of known form: 780 m at Lenger, waves of 40 m over some kilometres."""
    return 780.0 + 40.0 * np.sin((lat - 42.1819) * 150.0) + 900.0 * (lon - 69.8878)


def write_dem(path: Path, west: float, east: float) -> None:
    step, north, south = 1.0 / 3600.0, 42.25, 42.11
    rows, cols = round((north - south) / step) + 1, round((east - west) / step) + 1
    lat, lon = north - np.arange(rows) * step, west + np.arange(cols) * step
    heights = known_height(lat[:, None], lon[None, :]).astype(np.float32)
    where = from_origin(west - step / 2, north + step / 2, step, step)
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=where, **profile) as target:
        target.write(heights, 1)


def test_own_dem_files_become_the_ground(tmp_path: Path) -> None:
    west, east = tmp_path / "west.tif", tmp_path / "east.tif"
    write_dem(west, 69.80, 69.90)
    write_dem(east, 69.89, 69.98)
    (tmp_path / "mine.yaml").write_text(
        "title: mine\norigin: {lat_deg: 42.1819, lon_deg: 69.8878}\nground: {cell_m: 8.0, pixels: 513}\n"
        "spawns: [{name: home, at_m: [0.0, 0.0]}]\n",
        encoding="utf-8",
    )
    out, dem = tmp_path / "out", ("--dem", str(west), "--dem", str(east))
    ended = lenger("world", "build", str(tmp_path / "mine.yaml"), *dem, "-o", str(out))
    assert ended.returncode == 0, ended.stderr
    path = out / "px4" / "mine.sdf"
    assert check_world(path, dem_terrain([west, east], keep=False)) == []
    assert "<elevation>780.0" in path.read_text(encoding="utf-8")
    right, wrong = lenger("world", "check", str(path), *dem), lenger("world", "check", str(path))
    assert right.returncode == 0 and right.stdout.endswith(f"right ({len(CHECKS)} checks)\n")
    assert wrong.returncode == 1 and "give the same --dem" in wrong.stdout
    bad = lenger("world", "build", "lenger_night", "--dem", str(tmp_path / "none.tif"), "-o", str(out))
    assert bad.returncode == 2 and bad.stderr.count("\n") == 1 and "none.tif" in bad.stderr
