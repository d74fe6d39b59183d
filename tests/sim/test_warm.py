"""After `warm()` nothing is left to compile in flight."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import lenger_sim

MODULES = ("dynamics", "sensors", "onboard", "control")


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
