"""Whether errors are as large as the filter says: normalised estimation error squared over simulated flights.

Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), section 5.4.2: the mean of
N independent runs, times N, is chi-square distributed with N times as many degrees of freedom as there are states.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from fusion.trajectory import Flight, Noise, new_core
from lenger_core.samples import ImuSample
from lenger_fusion.reference import error_between
from lenger_fusion.replay.configure import settings_for
from lenger_fusion.replay.log import LogMeta, feeder
from lenger_fusion.replay.stream import Sample
from lenger_fusion.settings import FusionSettings

Array = NDArray[np.float64]
SECOND = 1_000_000_000
PLAIN = (9, 15)
WHOLE = (9, 15, 23)
"""Error states that are looked at together: motion, with inertial biases, all."""


@dataclass(frozen=True)
class Consistency:
    """NEES of flights: `values` (flights, instants, groups of states) and the number of states of each group."""

    values: Array
    sizes: tuple[int, ...]

    def mean(self) -> Array:
        """Return the mean of each group over all flights and instants."""
        return self.values.mean(axis=(0, 1))

    def band(self, size: int) -> tuple[float, float]:
        """Return where the mean of this many independent flights at one instant lies with 95 %."""
        flights = len(self.values)
        low, high = chi2.ppf((0.025, 0.975), flights * size) / flights
        return float(low), float(high)

    def share_inside(self) -> list[float]:
        """Return for each group how many of the instants have their mean over the flights in the band."""
        shares = []
        for group, size in enumerate(self.sizes):
            low, high = self.band(size)
            means = self.values[:, :, group].mean(axis=0)
            shares.append(float(np.mean((low <= means) & (means <= high))))
        return shares

    def told(self, name: str) -> str:
        """Return a line for each group."""
        spread = self.values.mean(axis=1).std(axis=0, ddof=1) / np.sqrt(len(self.values))
        lines = []
        for group, (size, mean, share) in enumerate(zip(self.sizes, self.mean(), self.share_inside(), strict=True)):
            low, high = self.band(size)
            lines.append(
                f"{name}, {len(self.values)} flights: mean NEES of {size} states {mean:.2f} +- {spread[group]:.2f}, "
                f"95 % band {low:.2f} to {high:.2f}, {100 * share:.0f} % of the instants in it"
            )
        return "\n".join(lines)


def nees(flight: Flight, samples: list[Sample], settings: FusionSettings, sizes: tuple[int, ...]) -> Array:
    """Return (instants, groups) of one flight, once a second from the fifth to the last but one."""
    core = new_core(**settings.model_dump())
    take, rows = feeder(core), []
    last_s = int(flight.duration_s) - 1
    for sample in samples:
        take(sample)
        if not isinstance(sample, ImuSample) or sample.t_ns % SECOND:
            continue
        t_s = sample.t_ns // SECOND - 5
        if 5 <= t_s <= last_s:
            assert core.filter is not None
            error, p = error_between(flight.truth(core.filter.t_ns), core.filter.x), core.filter.p
            rows.append([error[:n] @ np.linalg.solve(p[:n, :n], error[:n]) for n in sizes])
    return np.array(rows)


def plain(seeds: range) -> Consistency:
    """Return flights of the sensors that every aircraft has, with the settings as they come."""
    rows = []
    for seed in seeds:
        flight = Flight(seed, 40.0)
        rows.append(nees(flight, flight.readings(), FusionSettings(), PLAIN))
    return Consistency(np.array(rows), PLAIN)


def whole(seeds: range, duration_s: float) -> Consistency:
    """Return flights with drag, wind, optical flow and rangefinder, as `./lenger fuse` sets the estimator.

    All that the settings assume is drawn: wind, drag, thrust, flow scale, how everything drifts, and the noises.
    """
    settings = settings_for(LogMeta(vehicle="multirotor"))[0]
    noise = Noise(
        flow_rad_s=settings.flow_std_rad_s,
        range_m=settings.range_std_m,
        range_share=0.05,
        push_m_s2=settings.drag_noise_m_s2,
    )
    rows = []
    for seed in seeds:
        flight = Flight(seed, duration_s, noise, assumed=settings)
        samples = sorted([*flight.readings(), *flight.downward()], key=lambda s: s.t_ns)
        rows.append(nees(flight, samples, settings, WHOLE))
    return Consistency(np.array(rows), WHOLE)


def test_errors_are_as_large_as_the_filter_says() -> None:
    found = plain(range(8))
    print("\n" + found.told("plain"))
    # The spread of one flight's mean is about 2 and 3: these bands are three sigma of the mean of eight.
    assert 6.9 < found.mean()[0] < 11.5
    assert 11.5 < found.mean()[1] < 19.0


def test_errors_of_all_states_are_as_large_as_the_filter_says() -> None:
    found = whole(range(4), 40.0)
    print("\n" + found.told("whole"))
    # Three sigma of the mean of four, each with a spread of about 2, 3 and 4.
    assert np.all(np.abs(found.mean() - np.array(WHOLE)) < (3.0, 4.5, 6.0)), found.mean()


@pytest.mark.timeout(7200)
@pytest.mark.campaign
def test_consistency_over_200_flights() -> None:
    found = plain(range(1000, 1200))
    print("\n" + found.told("plain, seeds from 1000"))
    assert 8.0 < found.mean()[0] < 10.0
    assert 13.5 < found.mean()[1] < 17.0


@pytest.mark.timeout(7200)
@pytest.mark.campaign
def test_consistency_of_all_states_over_200_flights() -> None:
    """The mean over flights and time lies in the 95 % band of one instant: motion, with biases, and all states."""
    found = whole(range(1000, 1200), 60.0)
    print("\n" + found.told("whole, seeds from 1000"))
    for size, mean in zip(found.sizes, found.mean(), strict=True):
        low, high = found.band(size)
        assert low <= mean <= high, (size, mean)
