"""The page about the models names every kind and every parameter, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from lenger_sim.worlds.models import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "gazebo-models.md"


def test_the_page_has_a_line_for_each_kind_with_its_parameters() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE.read_text(encoding="utf-8"), re.M)
    told = {kind: re.findall(r"`(\w+)`", parameters) for kind, parameters in rows}
    assert told == {kind: list(spec.parameters.model_fields) for kind, spec in KINDS.items()}
