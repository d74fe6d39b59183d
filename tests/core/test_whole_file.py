"""Files replaced in one step: the old one or the new one, nothing half-written, nothing left beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lenger_core.errors import InputError
from lenger_core.whole_file import replacing, write_whole


def break_off(path: Path, error: BaseException) -> None:
    with replacing(path) as part:
        part.write_text("ne")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_broken_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.json"
    write_whole(path, "old")
    with pytest.raises(type(error)):
        break_off(path, error)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_only_a_regular_file_is_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("/dev/null")
    else:
        os.mkfifo(path)
    with pytest.raises(InputError, match="no regular file"):
        write_whole(path, "new")
    assert os.listdir(tmp_path) == ["a.json"] and not path.is_file()
