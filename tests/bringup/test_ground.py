"""DEM files on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenger_bringup.ground import joined_dem, spread_dem
from lenger_core.errors import InputError


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("fly a --dem x.hgt y.HGT --seed 3", "fly a --dem x.hgt --dem y.HGT --seed 3"),
        ("plan check p.plan --dem x.tif", "plan check p.plan --dem x.tif"),
        ("--dem x.hgt y.tif z.tiff a", "--dem x.hgt --dem y.tif --dem z.tiff a"),
        ("--dem=x.hgt y.hgt", "--dem=x.hgt --dem y.hgt"),
        ("--dem folder p.plan", "--dem folder p.plan"),
        ("fly x.hgt", "fly x.hgt"),
        ("", ""),
    ],
)
def test_one_option_takes_what_the_shell_expands(words: str, expected: str) -> None:
    assert spread_dem(words.split()) == expected.split()


def test_files_that_are_not_there_are_one_clear_error(tmp_path: Path) -> None:
    assert joined_dem(None) == joined_dem(()) == ""
    with pytest.raises(InputError, match=r"^--dem: got '.*, expected a file \.hgt"):
        joined_dem([tmp_path / "nothing.hgt"])
    (tmp_path / "a:b").mkdir()
    with pytest.raises(InputError, match="a path without ':'"):
        joined_dem([tmp_path / "a:b"])
