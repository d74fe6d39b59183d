"""What is painted: optotypes of exact proportions, answer keys, the same bytes in every run."""

from __future__ import annotations

import io
import re
from math import pi

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from lenger_sim.worlds.models import part_of, pictures
from lenger_sim.worlds.models.lanes import GAP_SHARES, bucket_gaps, bucket_picture

STEPS = {
    "E": (0, 1),
    "N": (-1, 0),
    "W": (0, -1),
    "S": (1, 0),
    "NE": (-1, 1),
    "NW": (-1, -1),
    "SW": (1, -1),
    "SE": (1, 1),
}


@pytest.mark.parametrize("gap", pictures.GAPS)
def test_a_landolt_ring_has_the_proportions_of_its_standard_and_opens_where_it_says(gap: str) -> None:
    size = 400
    mask = pictures.landolt(size, gap)
    unit = size / 5.0
    # ring area less a gap of one stroke by one stroke, curved at both ends
    assert mask.sum() / unit**2 == pytest.approx(pi * (2.5**2 - 1.5**2) - 1.0, abs=0.06)
    row, column = STEPS[gap]
    far = 2.0 * unit / np.hypot(row, column)
    middle = round(size / 2 + row * far), round(size / 2 + column * far)
    assert mask[middle] == 0.0
    opposite = round(size / 2 - row * far), round(size / 2 - column * far)
    assert mask[opposite] == 1.0
    _, pieces = ndimage.label(mask > 0.5)
    assert pieces == 1
    assert np.allclose(mask[::-1], pictures.landolt(size, gap.translate(str.maketrans("NS", "SN"))))


@pytest.mark.parametrize("gap", ["E", "N", "W", "S"])
def test_a_tumbling_e_is_three_arms_of_one_stroke(gap: str) -> None:
    mask = pictures.tumbling_e(250, gap)
    assert mask.sum() / 50.0**2 == pytest.approx(17.0)
    edge = {"E": mask[:, -2], "N": mask[1, :], "W": mask[:, 1], "S": mask[-2, :]}[gap]
    changes = np.flatnonzero(np.diff((edge > 0.5).astype(int))) + 1
    assert changes.tolist() == [50, 100, 150, 200]


@pytest.mark.parametrize("words", ["H", "K7", "12", "WW"])
def test_text_is_exactly_as_high_as_asked(words: str) -> None:
    mask = pictures.text(words, 90)
    rows = np.flatnonzero(mask.max(axis=1) > 0.3)
    assert mask.shape[0] == 90 and rows[0] <= 1 and rows[-1] >= 88
    narrow = pictures.fitted(words, 60, 90)
    assert narrow.shape[1] <= 61 and narrow.shape[0] <= 90


def test_the_h_of_a_pad_has_icaos_proportions() -> None:
    mask = pictures.block_h(300)
    columns = np.flatnonzero(mask.max(axis=0) > 0.5)
    assert columns[-1] - columns[0] + 1 == pytest.approx(180, abs=2)
    assert (mask[20] > 0.5).sum() == pytest.approx(80, abs=2)
    assert (mask[:, 150] > 0.5).sum() == pytest.approx(40, abs=2)


def test_a_buckets_answer_key_is_what_is_painted() -> None:
    picture = np.array(Image.open(io.BytesIO(bucket_picture(2, "C", 7))).convert("L"), dtype=float)
    size, centre = len(picture), (len(picture) * (1.0 - 0.44), 0.5 * len(picture))
    for share, gap in zip(GAP_SHARES[:3], bucket_gaps(2, "C", 7), strict=False):
        row, column = STEPS[gap]
        far = 2.0 * share * size / np.hypot(row, column)
        assert picture[round(centre[0] + row * far - 0.5), round(centre[1] + column * far - 0.5)] > 150
        assert picture[round(centre[0] - row * far - 0.5), round(centre[1] - column * far - 0.5)] < 90
    keys = {tuple(bucket_gaps(n, letter, 7)) for n in range(1, 4) for letter in ("", *"ABCD")}
    assert len(keys) > 12
    assert bucket_gaps(1, "A", 0) == bucket_gaps(1, "A", 0)


def test_a_lane_has_a_picture_for_each_of_its_buckets_and_they_differ() -> None:
    files = part_of("nist_lane", "lane", {"stands": 4}, "px4").files
    painted = {name: content for name, content in files.items() if name.endswith(".png")}
    assert {re.sub(r"meshes/bucket_|\.png", "", name) for name in painted} == {
        f"{stand}{letter}" for stand in range(1, 5) for letter in ("", "a", "b", "c", "d")
    }
    assert len(set(painted.values())) == 20


def test_buckets_open_as_the_test_lane_wants() -> None:
    """A toward the pad, B left, C away, D right, all at 45 degrees; one up."""
    files = part_of("bucket_stand", "stand", {"number": 1}, "px4").files
    floors = floor_normals(files["meshes/buckets.obj"].decode(), files["meshes/buckets.mtl"].decode())
    half = np.sqrt(0.5)
    expected = {
        "1": (0, 0, 1),
        "1a": (-half, 0, half),
        "1b": (0, half, half),
        "1c": (half, 0, half),
        "1d": (0, -half, half),
    }
    assert floors.keys() == expected.keys()
    for label, way in expected.items():
        assert floors[label] == pytest.approx(way, abs=1e-5)


def floor_normals(mesh: str, library: str) -> dict[str, tuple[float, ...]]:
    """The normal of the painted face of each bucket."""
    paints = dict(re.findall(r"newmtl (\S+)\n(?:(?!newmtl).*\n)*?map_Kd bucket_(\w+)\.png", library))
    found: dict[str, tuple[float, ...]] = {}
    for paint, body in re.findall(r"usemtl (\S+)\n((?:(?!usemtl).*\n)*)", mesh):
        if paint in paints:
            words = re.search(r"vn (\S+) (\S+) (\S+)", body)
            assert words is not None
            found[paints[paint]] = tuple(float(word) for word in words.groups())
    return found
