"""Labels of contour lines: on their lines, along them, upright, apart, off what is kept free."""

from __future__ import annotations

import numpy as np
import pytest

from lenger_core.contour_labels import contour_labels

ROWS, COLUMNS = np.mgrid[0:300, 0:400].astype(float)
CONE = 900.0 - 0.8 * np.hypot(ROWS - 150.0, COLUMNS - 200.0)


def test_labels_lie_on_lines_of_their_height_and_along_them() -> None:
    labels = contour_labels(CONE, 20.0, 24.0, 60.0)
    assert len(labels) >= 6
    for label in labels:
        assert label.height_m % 20.0 == 0.0
        assert CONE[int(label.row), int(label.column)] == pytest.approx(label.height_m, abs=0.8)
        # On a cone a line runs across the direction to the top; rows count downwards.
        outward = np.degrees(np.arctan2(-(label.row - 150.0), label.column - 200.0))
        across = (label.angle_deg - outward) % 180.0
        assert across == pytest.approx(90.0, abs=4.0)
        assert -90.0 <= label.angle_deg <= 90.0


def test_labels_keep_apart_and_off_what_is_busy() -> None:
    busy = np.zeros(CONE.shape, dtype=bool)
    busy[:, 200:] = True
    labels = contour_labels(CONE, 20.0, 24.0, 50.0, busy)
    assert labels and all(label.column < 200.0 for label in labels)
    for i, one in enumerate(labels):
        for other in labels[:i]:
            far = np.hypot(one.row - other.row, one.column - other.column)
            assert far >= (100.0 if one.height_m == other.height_m else 50.0)


def test_no_label_where_lines_crowd_or_bend_or_where_there_is_none() -> None:
    assert contour_labels(CONE * 40.0, 20.0, 24.0, 60.0) == ()
    assert contour_labels(np.full((60, 60), 5.0), 1.0, 20.0, 20.0) == ()
    tight = 100.0 - 0.8 * np.hypot(ROWS[:60, :60] - 30.0, COLUMNS[:60, :60] - 30.0)
    assert all(np.hypot(label.row - 30, label.column - 30) > 12 for label in contour_labels(tight, 5.0, 24.0, 20.0))
    assert contour_labels(CONE[:20, :20], 20.0, 24.0, 60.0) == ()


def test_best_places_come_first_and_the_same_every_time() -> None:
    once, again = (contour_labels(CONE, 20.0, 24.0, 60.0) for _ in range(2))
    assert once == again
    assert abs(once[0].angle_deg) < 15.0
