"""Progress on disk: round trip, replacement in one step, and a broken file that is reported, not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenger_core.errors import InputError
from lenger_mission.progress import Progress, load, save

PROGRESS = Progress("short", "ab" * 32, "enroute", 3, 2)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mission.json"
    assert load(path) is None
    save(PROGRESS, path)
    assert load(path) == PROGRESS
    assert PROGRESS.unfinished
    assert [p.name for p in path.parent.iterdir()] == ["mission.json"]


@pytest.mark.parametrize("text", ["", "{", '{"version": 2}', '{"version": 1, "plan": 3}', "[" * 90])
def test_a_broken_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mission.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
