"""The gusts as a field: Dryden's spectra and the standard's strengths, whichever way one flies through it."""

from __future__ import annotations

import numpy as np
import pytest

from lenger_core.turbulence import TRIADS, WAVE_ROWS, length_m, sigmas_m_s, unit_gust, wave_bank

STEP_M = 2.0
COUNT = 16_384


def flown(bank: np.ndarray, height_m: float, direction: tuple[float, float] = (1.0, 0.0)) -> np.ndarray:
    """(COUNT, 3) gusts of a frozen field along a straight line: along it, across it, up."""
    out, winds = np.empty(3), np.empty((COUNT, 3))
    for i in range(COUNT):
        s = i * STEP_M
        unit_gust(bank, s * direction[0], s * direction[1], 800.0, 0.0, height_m, out)
        winds[i] = out
    along = winds[:, 0] * direction[0] + winds[:, 1] * direction[1]
    return np.column_stack([along, winds[:, 1] * direction[0] - winds[:, 0] * direction[1], winds[:, 2]])


def test_lengths_and_strengths_of_the_standard() -> None:
    """MIL-F-8785C figures 10 and 11: at 1,000 ft the lengths meet, at 10 and 100 ft worked by hand."""
    assert length_m(304.8) == pytest.approx(304.8)
    assert length_m(30.48) == pytest.approx(0.3048 * 100 / 0.2593**1.2, rel=1e-6)
    assert (length_m(1.0), length_m(5000.0)) == (length_m(3.048), length_m(304.8))
    assert sigmas_m_s(30.48, 10.0) == pytest.approx((1.0 / 0.2593**0.4, 1.0))
    assert sigmas_m_s(304.8, 10.0) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("height", [6.0, 50.0, 250.0])
def test_every_axis_has_unit_variance(height: float) -> None:
    sigma = np.mean([flown(wave_bank(seed, (8.0, 0.0), 1.5), height).std(axis=0) for seed in range(8)], axis=0)
    assert sigma == pytest.approx(np.ones(3), abs=0.06)


@pytest.mark.parametrize("direction", [(1.0, 0.0), (0.6, 0.8)])
def test_spectra_are_drydens_in_every_direction(direction: tuple[float, float]) -> None:
    """Mean power in octaves over 24 seeds against the integral of Dryden's spectra; lengths L_h, L_h and the height."""
    height = 60.0
    power = np.zeros((COUNT // 2, 3))
    for seed in range(24):
        winds = flown(wave_bank(seed, (8.0, 0.0), 1.5), height, direction)
        window = np.hanning(COUNT)[:, None]
        spectrum = np.abs(np.fft.rfft(winds * window, axis=0)) ** 2
        power += spectrum[1 : COUNT // 2 + 1] * 2.0 * STEP_M / (window**2).sum() / 24
    cycles = np.arange(1, COUNT // 2 + 1) / (COUNT * STEP_M)
    k = 2.0 * np.pi * cycles
    lx, lw = k * length_m(height), k * height
    expected = np.column_stack(
        [
            4.0 * length_m(height) / (1.0 + lx**2),
            2.0 * length_m(height) * (1.0 + 3.0 * lx**2) / (1.0 + lx**2) ** 2,
            2.0 * height * (1.0 + 3.0 * lw**2) / (1.0 + lw**2) ** 2,
        ]
    )
    for low in (1 / 1600, 1 / 800, 1 / 400, 1 / 200, 1 / 100, 1 / 50, 1 / 25):
        band = (cycles >= low) & (cycles < 2 * low)
        ratio = power[band].sum(axis=0) / expected[band].sum(axis=0)
        assert np.abs(np.log2(ratio)).max() < 0.4, (low, ratio)
    assert np.log2(power.sum(axis=0) / expected.sum(axis=0)) == pytest.approx(np.zeros(3), abs=0.2)


def test_the_pattern_is_carried_by_the_wind_and_slowly_changes() -> None:
    """Frozen when eddies do not change; else the likeness falls with time, over tens of seconds at 100 m."""
    likeness = []
    for sigma, seconds in ((0.0, 40.0), (1.5, 5.0), (1.5, 20.0), (1.5, 60.0)):
        bank, here, moved = wave_bank(5, (8.0, 3.0), sigma), np.empty(3), np.empty(3)
        pairs = []
        for i in range(400):
            unit_gust(bank, 40.0 * i, 0.0, 800.0, 10.0, 60.0, here)
            unit_gust(bank, 40.0 * i + 8.0 * seconds, 3.0 * seconds, 800.0, 10.0 + seconds, 60.0, moved)
            pairs.append((here[0], moved[0]))
        likeness.append(np.corrcoef(np.array(pairs).T)[0, 1])
    assert likeness[0] == pytest.approx(1.0, abs=1e-9)
    assert 0.999 > likeness[1] > likeness[2] > likeness[3]
    assert likeness[2] < 0.97 and likeness[3] < 0.8


def test_nothing_jumps_with_the_height() -> None:
    bank, winds = wave_bank(3, (8.0, 0.0), 1.5), []
    for height in np.arange(1.0, 400.0, 0.1):
        out = np.empty(3)
        unit_gust(bank, 7000.0, -4000.0, 900.0, 3600.0, height, out)
        winds.append(out)
    assert np.abs(np.diff(winds, axis=0)).max() < 0.03


def test_waves_blow_across_their_direction_and_a_seed_is_a_field() -> None:
    bank = wave_bank(11, (8.0, 0.0), 1.5)
    assert bank.shape[1] == 3 * TRIADS
    assert np.abs((bank[0:3] * bank[5:8]).sum(axis=0)).max() < 1e-15
    np.testing.assert_array_equal(bank, wave_bank(11, (8.0, 0.0), 1.5))
    assert not np.allclose(bank[WAVE_ROWS - 4], wave_bank(12, (8.0, 0.0), 1.5)[WAVE_ROWS - 4])
