"""After `warm()` nothing is left to compile in flight."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import lenger_sim
from lenger_core.kernel_cache import drop_stale
from lenger_sim.kernels import MODULES


def signatures() -> dict[str, int]:
    """Number of compiled variants of each kernel."""
    out = {}
    for name in MODULES:
        for key, value in vars(import_module(f"lenger_sim.{name}")).items():
            if hasattr(value, "signatures"):
                out[f"{name}.{key}"] = len(value.signatures)
    return out


def test_warm_compiles_every_kernel_that_a_flight_calls(make_rig: Callable[..., Any]) -> None:
    lenger_sim.warm()
    before = signatures()
    rig = make_rig(wind_m_s=5.0)
    rig.take_off(8.0)
    rig.fly_offboard(2.0, 0.0, 0.0, 3.0)
    rig.run(5.0)
    assert signatures() == before
    assert sum(before.values()) > 10


def test_every_file_with_kernels_is_watched() -> None:
    folder = Path(lenger_sim.__file__).parent
    with_kernels = {path.stem for path in folder.rglob("*.py") if "\n@njit" in path.read_text(encoding="utf-8")}
    assert with_kernels == set(MODULES)


def test_a_changed_source_empties_the_cache_and_an_unchanged_one_does_not(tmp_path: Path) -> None:
    cache, source = tmp_path / "__pycache__", tmp_path / "part.py"
    cache.mkdir()
    source.write_text("A = 1")
    compiled = cache / "whole.step-1.py311.nbi"
    compiled.write_text("")
    assert drop_stale(tmp_path, [source])  # of unknown origin
    assert not compiled.exists()
    compiled.write_text("")
    assert not drop_stale(tmp_path, [source])
    assert compiled.exists()
    source.write_text("A = 22")
    assert drop_stale(tmp_path, [source])
    assert not compiled.exists()
