"""All batteries of a vehicle share MAVROS's topic."""

from __future__ import annotations

import pytest

from lenger_core.samples import BatterySample

from .fake_mavros import Bench


def test_a_second_battery_does_not_pass_for_the_first() -> None:
    bench = Bench()
    for location, remaining in (("id0", 0.8), ("id1", 0.2), ("id7", 0.1)):
        bench.core.on_battery(BatterySample(bench.now_ns, 15.0, -10.0, remaining, location=location))
    bench.run(0.2)
    assert bench.status is not None
    assert bench.status.battery_remaining == pytest.approx(0.8)
