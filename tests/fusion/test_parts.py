"""The small parts: joining a fix, the odom frame, protection levels, the settings' words."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest
from pydantic import ValidationError

from fusion.trajectory import new_core
from lenger_core.samples import GnssFix, Integrity, Odometry
from lenger_fusion.heading import declination_rad
from lenger_fusion.integrity import Evidence, HeightGap, judge, protection_levels
from lenger_fusion.join import FixJoiner
from lenger_fusion.odom_frame import OdomFrame
from lenger_fusion.settings import FusionSettings

NAVSAT = GnssFix(1000, 42.18, 69.89, 760.0, 719.2, nan, nan, 3, 255, 2.0, 3.0, nan)
VELOCITY = GnssFix(1000, nan, nan, nan, nan, 3.0, -4.0, 0, 255, nan, nan, nan)
EXTRAS = GnssFix(1000, 42.18, 69.89, 760.0, 719.2, 3.0, -4.0, 5, 17, 0.8, 1.1, 0.2)
QUIET = Evidence(0.1, 0.1, {"baro": 0.0}, 1.0, 2.0, 0.0)


@pytest.mark.parametrize("velocity_first", [False, True])
def test_fix_and_velocity_of_one_stamp_join_in_either_order(velocity_first: bool) -> None:
    joiner = FixJoiner()
    takes = [(joiner.on_fix, NAVSAT), (joiner.on_velocity, VELOCITY)]
    first, second = reversed(takes) if velocity_first else takes
    assert first[0](first[1]) is None
    whole = second[0](second[1])
    assert whole is not None and (whole.vel_e_m_s, whole.vel_n_m_s, whole.h_acc_m, whole.fix_type) == (
        3.0,
        -4.0,
        2.0,
        3,
    )
    assert isnan(whole.s_acc_m_s)


def test_gps1_adds_accuracy_type_and_satellites_while_it_is_fresh() -> None:
    joiner = FixJoiner()
    joiner.on_extras(EXTRAS)
    joiner.on_fix(NAVSAT)
    whole = joiner.on_velocity(VELOCITY)
    assert whole is not None and (whole.h_acc_m, whole.s_acc_m_s, whole.fix_type, whole.satellites) == (0.8, 0.2, 5, 17)
    later = 3_000_000_000
    joiner.on_fix(replace(NAVSAT, t_ns=later))
    stale = joiner.on_velocity(replace(VELOCITY, t_ns=later))
    assert stale is not None and (stale.h_acc_m, stale.fix_type) == (2.0, 3)


def test_no_fix_is_not_talked_up_and_a_2d_fix_not_taken_for_3d() -> None:
    joiner = FixJoiner()
    joiner.on_extras(EXTRAS)
    joiner.on_fix(replace(NAVSAT, fix_type=0))
    none = joiner.on_velocity(VELOCITY)
    assert none is not None and none.fix_type == 0
    joiner.on_extras(replace(EXTRAS, fix_type=2))
    joiner.on_fix(replace(NAVSAT, t_ns=2000))
    flat = joiner.on_velocity(replace(VELOCITY, t_ns=2000))
    assert flat is not None and flat.fix_type == 2


def test_a_fix_whose_velocity_never_comes_is_passed_on() -> None:
    joiner = FixJoiner()
    assert joiner.on_fix(NAVSAT) is None
    late = joiner.on_fix(replace(NAVSAT, t_ns=2000))
    assert late is not None and late.t_ns == 1000 and isnan(late.vel_e_m_s)


def test_odom_is_continuous_when_the_estimate_jumps() -> None:
    frame = OdomFrame()
    places = []
    for i in range(100):
        jump = 50.0 if i >= 50 else 0.0
        at = Odometry(
            i * 20_000_000,
            (0.1 * i + jump, 0.0, 0.0),
            (5.0, 0.0, 0.0),
            (1.0, 0, 0, 0),
            (0.0,) * 3,
            (1.0,) * 3,
            (1.0,) * 3,
        )
        frame.update(at)
        places.append(frame.position_m[0])
        assert frame.position_m[0] + frame.offset_m[0] == pytest.approx(at.position_enu_m[0])
    assert np.allclose(np.diff(places), 0.1)
    assert frame.offset_m[0] == pytest.approx(50.0)


def test_protection_levels_have_the_stated_risk() -> None:
    rng = np.random.default_rng(0)
    cov = np.array([[4.0, 1.5, 0.0], [1.5, 1.0, 0.0], [0.0, 0.0, 9.0]])
    draws = rng.multivariate_normal(np.zeros(3), cov, 1_000_000)
    hpl, vpl = protection_levels(cov, 0.0, 0.0)
    # One in 1e5 or rarer: of a million draws about ten, and fewer horizontally, where one axis is smaller.
    assert np.count_nonzero(np.hypot(draws[:, 0], draws[:, 1]) > hpl) <= 25
    assert 1 <= np.count_nonzero(np.abs(draws[:, 2]) > vpl) <= 25
    assert protection_levels(cov, 2.0, -7.0) == pytest.approx((hpl + 2.0, vpl + 7.0))


@pytest.mark.parametrize(
    ("change", "expected", "word"),
    [
        ({}, Integrity.NOMINAL, ""),
        ({"fix_age_s": 3.0, "received_age_s": 3.0}, Integrity.COASTING, "no GNSS fix for 3 s"),
        ({"fix_age_s": 3.0}, Integrity.COASTING, "refused"),
        ({"rejecting_s": {"mag": 2.0}}, Integrity.DEGRADED, "magnetometer"),
        ({"h_acc_m": 20.0}, Integrity.DEGRADED, "20 m"),
        ({"height_gap_m": -9.0}, Integrity.DEGRADED, "disagree by 9 m"),
        ({"fix_age_s": 3.0, "h_acc_m": 20.0}, Integrity.COASTING, "GNSS"),
    ],
)
def test_the_gravest_finding_wins(change: dict[str, object], expected: Integrity, word: str) -> None:
    finding = judge(replace(QUIET, **change), FusionSettings())  # type: ignore[arg-type]
    assert finding.integrity is expected and word in finding.reason


def test_weather_and_warm_air_are_no_height_gap_but_a_ramp_is() -> None:
    gap = HeightGap(6.0)
    for i in range(6000):
        t_s = i / 10.0
        height = min(300.0, 3.0 * max(0.0, t_s - 60.0))
        gap.update(round(t_s * 1e9), 40.0 + 1.06 * height + 0.002 * t_s, height)
        assert abs(gap.gap_m(40.0 + 1.06 * height)) < 2.0
    for i in range(6000, 6200):
        gap.update(round(i * 1e8), 360.0, 300.0 - 0.1 * (i - 6000) * 1.5)
    assert gap.gap_m(360.0) > 10.0


def test_declination_at_lenger() -> None:
    assert np.degrees(declination_rad(42.1819, 69.8878, 757.0, 2026.5)) == pytest.approx(5.95, abs=0.05)


def test_the_origin_is_the_site_near_it_and_the_first_fix_far_away() -> None:
    for lat, far in ((42.3, False), (47.0, True)):
        core = new_core()
        core.intake.imu_ns = 1000
        core.on_gnss(replace(EXTRAS, lat_deg=lat, alt_amsl_m=300.0, alt_ellipsoid_m=260.0))
        assert core.frame is not None
        assert (core.frame.lat_deg == lat) is far
        assert bool(core.take_events()) is far


def test_a_fix_counts_once_however_often_and_late_it_is_repeated() -> None:
    core = new_core()
    core.intake.imu_ns = 1000
    verdicts = [core.intake.fix(replace(EXTRAS, t_ns=t_ns)) for t_ns in (1000, 1125, 1000, 1125, 1060)]
    assert verdicts == [True, True, False, False, True]
    assert core.intake.refused["gnss twice"] == 2


def test_settings_refuse_nonsense() -> None:
    with pytest.raises(ValidationError):
        FusionSettings(gate_sigma=0.1)
    with pytest.raises(ValidationError):
        FusionSettings.model_validate({"gyro_nose": 1.0})
