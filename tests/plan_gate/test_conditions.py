"""The day of a flight: what is assumed, what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from lenger_core.atmosphere import temperature_k
from lenger_mission.plan_gate.conditions import Conditions, GroundStation


def test_nothing_said_is_a_standard_day_and_the_report_says_so() -> None:
    day = Conditions()
    assert day.isa_offset_k(766.0) == 0.0
    assert day.battery_k == pytest.approx(293.15)
    assert day.utc_ns(10.0) is None
    assert len(day.assumed()) == 4
    noon = datetime(2026, 6, 1, 6, tzinfo=timezone.utc)
    assert Conditions(wind_m_s=3.0, temperature_c=10.0, battery_c=15.0, take_off_utc=noon).assumed() == ()


@pytest.mark.parametrize("celsius", [-25.0, 0.0, 41.0])
def test_the_offset_is_from_the_standard_temperature_at_home(celsius: float) -> None:
    offset = Conditions(temperature_c=celsius).isa_offset_k(766.0)
    assert temperature_k(766.0, offset) - 273.15 == pytest.approx(celsius)


def test_instants_count_from_take_off_in_any_zone() -> None:
    almaty = timezone(timedelta(hours=5))
    day = Conditions(take_off_utc=datetime(2026, 11, 27, 14, 30, tzinfo=almaty))
    expected = datetime(2026, 11, 27, 9, 31, 30, tzinfo=timezone.utc).timestamp()
    assert day.utc_ns(90.0) == round(expected * 1e9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"wind_m_s": -1.0},
        {"wind_from_deg": 361.0},
        {"temperature_c": float("nan")},
        {"battery_charge": 0.0},
        {"take_off_utc": "2026-11-27T09:30:00"},
        {"station": {"frequency_mhz": 1.0}},
        {"unknown": 1},
    ],
)
def test_bad_figures_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Conditions.model_validate(wrong)


def test_a_text_is_read_as_a_time_with_its_zone() -> None:
    day = Conditions.model_validate({"take_off_utc": "2026-11-27T09:30:00Z", "station": {"antenna_agl_m": 6.0}})
    assert day.utc_ns(0.0) == round(datetime(2026, 11, 27, 9, 30, tzinfo=timezone.utc).timestamp() * 1e9)
    assert day.station == GroundStation(antenna_agl_m=6.0)
