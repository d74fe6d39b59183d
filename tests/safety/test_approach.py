"""Seeded approaches to fences at up to 15 m/s: the true position never crosses a line."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest

SAMPLE, CAMPAIGN = 20, 400


def _arena(rng, zones, a_feature, a_square):
    """A concave inclusion around the origin with up to three keep-outs well away from the start."""
    corners = int(rng.integers(5, 12))
    radii = rng.uniform(110.0, 260.0, corners)
    angles = (np.arange(corners) + rng.uniform(-0.25, 0.25, corners)) * 2.0 * pi / corners
    outline = [(r * cos(a), r * sin(a)) for r, a in zip(radii, angles, strict=True)]
    features = [a_feature("arena", "inclusion", outline)]
    for index in range(int(rng.integers(0, 4))):
        bearing = (index + rng.uniform(0.2, 0.8)) * 2.0 * pi / 3.0
        place = (75.0 * cos(bearing), 75.0 * sin(bearing))
        features.append(a_feature(f"keep-out {index}", "exclusion", a_square(rng.uniform(5.0, 25.0), *place)))
    return zones(*features)


def _fly(seed, rig, zones, a_feature, a_square):
    """Fly hostile headings at full speed from the origin; return the rig and the closest approach."""
    rng = np.random.default_rng(seed)
    flight = rig(
        zones=_arena(rng, zones, a_feature, a_square),
        seed=seed,
        sigma_m=float(rng.choice([0.3, 1.0])),
        latency_s=float(rng.uniform(0.05, 0.3)),
        lag_s=float(rng.uniform(0.05, 0.15)),
    )
    flight.step()
    flight.agree()
    flight.run(0.1)
    flight.events.clear()
    for _ in range(4):
        heading, speed = rng.uniform(0.0, 2.0 * pi), rng.uniform(5.0, 15.0)
        flight.want((speed * cos(heading), speed * sin(heading), float(rng.uniform(-1.0, 1.0))))
        flight.run(12.0)
        if flight.output.status.latched:
            flight.agree()
    return flight


def _approaches(count, first, rig, zones, a_feature, a_square):
    margins, holds = [], 0
    for seed in range(first, first + count):
        flight = _fly(seed, rig, zones, a_feature, a_square)
        margins.append(flight.lowest_margin_m)
        holds += any(kind == "guard_hold" for kind, _ in flight.events)
    worst, median = min(margins), float(np.median(margins))
    print(
        f"\n{count} flights from seed {first}: worst margin {worst:.2f} m, median {median:.2f} m, {holds} with a hold"
    )
    print(f"0 crossings in {count} shows less than {300.0 / count:.2g} % per flight at 95 %")
    crossed = [first + i for i, m in enumerate(margins) if m <= 0.0]
    assert not crossed
    assert median < 15.0, "a timid guard also fails"


def test_approaches_never_cross(rig, zones, a_feature, a_square):
    _approaches(SAMPLE, 1000, rig, zones, a_feature, a_square)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_approaches_never_cross_campaign(rig, zones, a_feature, a_square):
    _approaches(CAMPAIGN, 5000, rig, zones, a_feature, a_square)
