"""Questions to the return planner with numbers that are none: nothing raises, and nothing is made up."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan, nan
from typing import Any

import pytest

from lenger_safety.returns.plan import Asked
from lenger_safety.returns.planner import NOT_PLACED, ReturnPlanner

from .scenes import HPL_M, VPL_M, scene

GOOD = Asked((300.0, 100.0, 60.0), (0.0, 0.0, 0.0), (3.0, 0.0, 0.0), 0.8, 20.0, HPL_M, VPL_M)
NOWHERE: list[dict[str, Any]] = [{field: value} for field in ("hpl_m", "vpl_m") for value in (nan, inf, -inf)] + [
    {field: (0.0, value, 0.0)} for field in ("position_m", "home_m") for value in (nan, inf)
]
KINDS = [f"{name}={value}" for change in NOWHERE for name, value in change.items()]


def planner_of() -> ReturnPlanner:
    return scene(0, flat=True, keep_outs=0, radius_m=800.0).planner


def answered(planner: ReturnPlanner, asked: Asked) -> ReturnPlanner:
    planner.ask(asked)
    while planner.busy:
        planner.work()
    return planner


@pytest.fixture(scope="module")
def asked_before() -> ReturnPlanner:
    return answered(planner_of(), GOOD)


@pytest.mark.parametrize("change", NOWHERE, ids=KINDS)
def test_without_a_place_or_levels_what_is_known_stays(asked_before: ReturnPlanner, change: dict[str, Any]) -> None:
    plan, landing = asked_before.plan, asked_before.landing
    assert plan is not None
    answered(asked_before, replace(GOOD, **change))
    assert (asked_before.plan, asked_before.landing, asked_before.no_way) == (plan, landing, "")


@pytest.mark.parametrize("change", NOWHERE, ids=KINDS)
def test_where_nothing_is_known_there_is_no_way_and_a_reason_until_a_good_question(change: dict[str, Any]) -> None:
    planner = answered(planner_of(), replace(GOOD, **change))
    assert (planner.plan, planner.no_way) == (None, NOT_PLACED)


def test_a_good_question_after_a_bad_one_is_answered(asked_before: ReturnPlanner) -> None:
    planner = answered(planner_of(), replace(GOOD, hpl_m=nan))
    answered(planner, GOOD)
    assert planner.no_way == ""
    assert planner.plan == asked_before.plan


def test_levels_so_wide_that_nothing_fits_are_no_way() -> None:
    planner = answered(planner_of(), replace(GOOD, hpl_m=1e6))
    assert planner.plan is None
    assert "protection level" in planner.no_way


@pytest.mark.parametrize("wind", [(nan, nan, nan), (inf, 0.0, 0.0), (0.0, -inf, 0.0)])
def test_a_wind_that_is_no_number_is_the_one_before(asked_before: ReturnPlanner, wind: tuple[float, ...]) -> None:
    plan = answered(asked_before, GOOD).plan
    assert plan is not None
    assert answered(asked_before, replace(GOOD, wind_m_s=wind)).plan == plan
    assert answered(asked_before, replace(GOOD, wind_m_s=(0.0, 0.0, 0.0))).plan != plan, "the wind counts"


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_charge_that_is_no_number_is_unknown_and_bars_no_way(asked_before: ReturnPlanner, value: float) -> None:
    answered(asked_before, replace(GOOD, remaining=value))
    assert asked_before.plan is not None
    assert isnan(asked_before.usable_wh)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_battery_of_unknown_temperature_is_taken_as_warm(asked_before: ReturnPlanner, value: float) -> None:
    warm = answered(asked_before, GOOD).usable_wh
    assert answered(asked_before, replace(GOOD, temperature_c=value)).usable_wh == pytest.approx(warm, rel=0.05)
