"""The relief picture: what light, tints and contour lines must do, whatever they look like."""

from __future__ import annotations

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.relief import (
    ReliefStyle,
    contour_cover,
    contour_step,
    exaggeration_for,
    heights_over,
    hillshade,
    relief_rgb,
    smooth_heights_over,
    tint,
)
from lenger_core.terrain import LocalTerrain, load_globe

EAST, NORTH = np.meshgrid(np.arange(200) * 30.0, np.arange(150)[::-1] * 30.0)
HILL = 800.0 + 300.0 * np.exp(-((EAST - 3000) ** 2 + (NORTH - 2200) ** 2) / 900.0**2)


def test_slopes_to_the_north_west_are_lit_and_those_to_the_south_east_are_dark() -> None:
    shade = hillshade(HILL, (30.0, 30.0))
    peak_row, peak_col = np.unravel_index(int(np.argmax(HILL)), HILL.shape)
    assert shade[peak_row - 20, peak_col - 20] > shade[0, 0] + 0.1
    assert shade[peak_row + 20, peak_col + 20] < shade[0, 0] - 0.1


def test_level_ground_is_equally_lit_whatever_the_exaggeration() -> None:
    for exaggeration in (1.0, 8.0):
        np.testing.assert_allclose(hillshade(np.full((20, 30), 5.0), (10.0, 20.0), exaggeration), 0.75, atol=1e-9)


def test_light_does_not_hang_on_the_units_of_the_lattice() -> None:
    np.testing.assert_allclose(hillshade(HILL, (30.0, 30.0)), hillshade(HILL * 2, (60.0, 60.0)), atol=1e-9)


def test_tints_run_from_green_to_white() -> None:
    low, high = tint(np.array([0.0, 1000.0]), 0.0, 1000.0)
    assert low[1] > low[0] > low[2]
    assert high.min() > 240


def test_contours_lie_on_their_heights_and_nowhere_else() -> None:
    slope = EAST * 0.1  # 3 m a pixel
    cover = contour_cover(slope, 30.0)
    pixels_off = np.abs(slope[0] / 30 - np.round(slope[0] / 30)) * 10
    assert (cover[5][pixels_off < 0.5] > 0.1).all()
    assert (cover[5][pixels_off > 1.3] < 1e-9).all()
    assert contour_cover(np.full((9, 9), 30.0), 30.0).max() < 1e-4


def test_contour_steps_are_round() -> None:
    assert contour_step(HILL) == 50.0
    assert contour_step(HILL * 0 + EAST * 1e-3) == 1.0


def test_the_picture_is_an_opaque_rgb_array_and_gaps_are_grey() -> None:
    holed = HILL.copy()
    holed[:5, :5] = np.nan
    picture = relief_rgb(holed, (30.0, 30.0), ReliefStyle(contour_m=None))
    assert picture.shape == (150, 200, 3) and picture.dtype == np.uint8
    assert (picture[:5, :5] == 225).all()
    assert picture[50:].std() > 5
    np.testing.assert_array_equal(picture, relief_rgb(holed, (30.0, 30.0), ReliefStyle(contour_m=None)))


def test_a_plain_is_steepened_and_mountains_are_not() -> None:
    assert exaggeration_for(HILL * 0.01, (30.0, 30.0)) == 8.0
    assert exaggeration_for(HILL * 10.0, (30.0, 30.0)) == 1.0


def test_a_map_of_the_terrain_has_the_north_on_top() -> None:
    land = LocalTerrain(load_globe(), LocalFrame(42.1819, 69.8878, 760.0))
    heights, spacing = heights_over(land, -10_000.0, -15_000.0, 10_000.0, 5_000.0, 81)
    assert heights.shape == (81, 81) and spacing == (250.0, 250.0)
    assert heights[0, 40] == pytest.approx(land.heights_m(np.array([[0.0, 5000.0]]))[0] + 760.0)
    assert heights[-1].mean() > heights[0].mean()  # Kazygurt and the ridge lie to the south


@pytest.mark.parametrize(
    ("heights", "spacing"), [(np.zeros((1, 5)), (1.0, 1.0)), (np.zeros(5), (1.0, 1.0)), (HILL, (0.0, 30.0))]
)
def test_what_is_no_picture_is_refused(heights: np.ndarray, spacing: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="relief"):
        relief_rgb(heights, spacing)
    with pytest.raises(InputError, match="rectangle"):
        heights_over(LocalTerrain(load_globe(), LocalFrame(42.18, 69.88, 760.0)), 5.0, 0.0, -5.0, 9.0, 10)


def test_for_the_eye_cells_have_no_facets_and_heights_stay_right() -> None:
    """Slopes of the bilinear surface jump from cell to cell; the smoothed one passes near the same nodes without."""
    land = LocalTerrain(load_globe(), LocalFrame(42.1819, 69.8878, 760.0))
    box = (-4000.0, -9000.0, 4000.0, -1000.0, 321)
    facets, spacing = heights_over(land, *box)
    smooth, same = smooth_heights_over(land, *box)
    assert smooth.shape == facets.shape and same == spacing
    assert np.abs(smooth - facets).max() < 0.25 * np.ptp(facets)
    kinks = [np.abs(np.diff(h, n=2, axis=1)).max() for h in (facets, smooth)]
    assert kinks[1] < 0.3 * kinks[0]
    wide = (-20_000.0, -20_000.0, 20_000.0, 20_000.0, 41)
    np.testing.assert_array_equal(heights_over(land, *wide)[0], smooth_heights_over(land, *wide)[0])


def test_the_edges_are_lit_like_the_ground_beside_them() -> None:
    slope = EAST * 0.05
    np.testing.assert_allclose(hillshade(slope, (30.0, 30.0)), hillshade(slope, (30.0, 30.0))[70, 100], atol=1e-9)
