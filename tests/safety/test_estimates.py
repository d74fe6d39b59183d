"""The picture of the state: jumps are widened over, velocities must agree, and a clock that went back is borne."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Authority, FusionStatus, Integrity, Odometry, Vec3, VehicleStatus
from lenger_safety.estimate import Picture, StateMonitor
from lenger_safety.jumps import DECAY_S, JumpWatch
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.settings import SupervisionSettings

SECOND = 1_000_000_000
STEP_NS = SECOND // 20
FRAME = LocalFrame(42.1819, 69.8878, 760.0)
ONES = (1.0, 1.0, 1.0)
NOWHERE = (float("nan"),) * 3


class Flight:
    """Straight on at 15 m/s; each source may be shifted."""

    def __init__(self) -> None:
        self.settings = GuardSettings()
        self.monitor = StateMonitor(self.settings, FRAME)
        self.now_ns = 100 * SECOND
        self.velocity: Vec3 = (15.0, 0.0, 0.0)
        self.east = 0.0
        self.autopilot_off: Vec3 = (0.0, 0.0, 0.0)
        self.fusion_off: Vec3 = (0.0, 0.0, 0.0)
        self.fusion_velocity: Vec3 | None = None
        self.refused: list[str] = []

    def step(self) -> Picture:
        self.now_ns += STEP_NS
        self.east += self.velocity[0] * STEP_NS / SECOND
        here = tuple(a + b for a, b in zip((self.east, 0.0, 60.0), self.autopilot_off, strict=True))
        lat, lon, alt = FRAME.to_geodetic(*here)
        vehicle = VehicleStatus(
            self.now_ns, "px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "", lat, lon, alt,
            self.velocity, 0.0, 0.5, 0.8, FRAME.lat_deg, FRAME.lon_deg, 760.0, 0.8, 15.8,
        )  # fmt: skip
        e, n, u = (a + b for a, b in zip((self.east, 0.0, 60.0), self.fusion_off, strict=True))
        velocity = self.fusion_velocity or self.velocity
        odometry = Odometry(self.now_ns, (e, n, u), velocity, (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0), ONES, ONES)
        origin = (FRAME.lat_deg, FRAME.lon_deg, FRAME.alt_amsl_m)
        status = FusionStatus(self.now_ns, Integrity.NOMINAL, "", *origin, *NOWHERE, 2.0, 3.0, ONES, True)
        answers = (
            self.monitor.on_vehicle(vehicle),
            self.monitor.on_odometry(odometry),
            self.monitor.on_fusion_status(status),
        )
        self.refused += [answer for answer in answers if answer]
        return self.monitor.picture(self.now_ns)

    def run(self, seconds: float) -> Picture:
        for _ in range(round(seconds * 20)):
            picture = self.step()
        return picture


def levels(picture: Picture, source: str) -> tuple[float, float]:
    estimate = next(e for e in picture.estimates if e.source == source)
    return estimate.hpl_m, estimate.vpl_m


def test_a_steady_flight_has_its_own_levels() -> None:
    picture = Flight().run(5.0)
    assert levels(picture, "autopilot") == pytest.approx((1.5, 2.4))
    assert levels(picture, "fusion") == pytest.approx((2.0, 3.0))
    assert picture.integrity is Integrity.NOMINAL
    assert picture.jump == ""


@pytest.mark.parametrize("off", [(9.0, 0.0, 0.0), (0.0, -9.0, 0.0), (0.0, 0.0, 9.0)])
@pytest.mark.parametrize("source", ["autopilot", "fusion"])
def test_a_jump_widens_its_source_by_the_jump_and_shrinks_again(source: str, off: Vec3) -> None:
    flight = Flight()
    before = levels(flight.run(2.0), source)
    setattr(flight, f"{source}_off", off)
    picture = flight.step()
    h, v = levels(picture, source)
    factor = flight.settings.lost_fusion_factor if source == "autopilot" else 1.0
    assert h >= before[0] + 9.0 - 1e-6
    assert v >= before[1] + 9.0 - 1e-6
    assert h <= factor * before[0] + 9.01
    assert f"{source}'s estimate jumped by 9.0 m" in picture.jump
    wide_s = flight.settings.supervision.jump_wide_s
    assert levels(flight.run(wide_s - 0.2), source)[0] >= before[0] + 9.0 - 1e-6, "as wide until then"
    half = flight.run(0.2 + DECAY_S / 2.0)
    assert before[0] + 3.0 < levels(half, source)[0] < factor * before[0] + 6.0
    setattr(flight, f"{source}_off", (0.0, 0.0, 0.0))
    flight.run(wide_s + DECAY_S + 1.0)
    picture = flight.run(0.1)
    assert levels(picture, source) == pytest.approx(before)
    assert picture.jump == ""


def test_the_old_place_and_the_new_one_are_both_within_the_levels() -> None:
    flight = Flight()
    flight.run(2.0)
    flight.autopilot_off = (0.0, 25.0, 0.0)
    picture = flight.step()
    estimate = next(e for e in picture.estimates if e.source == "autopilot")
    assert abs(estimate.position_m[1] - 0.0) <= estimate.hpl_m


def test_a_step_within_the_stated_accuracy_is_no_jump() -> None:
    watch = JumpWatch("fusion", 3.0, 5.0)
    for k in range(200):
        off = 7.0 * (k % 2)
        watch.update(k * STEP_NS, (0.75 * k + off, 0.0, 0.0), (15.0, 0.0, 0.0), (8.0, 8.0))
    assert watch.wider_m(200 * STEP_NS) == 0.0


def test_hard_braking_and_lost_records_are_no_jump() -> None:
    watch = JumpWatch("autopilot", 3.0, 5.0)
    east, speed = 0.0, 15.0
    for k in range(1, 150):
        east += max(speed, 0.0) * STEP_NS / SECOND
        speed = max(0.0, speed - 8.0 * STEP_NS / SECOND)
        if k % 7 == 0 or 20 < k < 35:
            watch.update(k * STEP_NS, (east, 0.0, 0.0), (speed, 0.0, 0.0), (0.5, 0.5))
    assert watch.wider_m(150 * STEP_NS) == 0.0


def test_a_fusion_that_gets_another_origin_has_not_jumped() -> None:
    flight = Flight()
    flight.run(2.0)
    other = LocalFrame(42.1900, 69.8878, 760.0)
    status = FusionStatus(
        flight.now_ns, Integrity.NOMINAL, "", other.lat_deg, other.lon_deg, 760.0, *NOWHERE, 2.0, 3.0, ONES, True
    )
    assert flight.monitor.on_fusion_status(status) is None
    moved = Odometry(
        flight.now_ns + STEP_NS, (flight.east, -900.0, 60.0), flight.velocity, (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0),
        ONES, ONES,
    )  # fmt: skip
    assert flight.monitor.on_odometry(moved) is None
    assert flight.monitor.picture(flight.now_ns + STEP_NS).jump == ""


def test_velocities_that_are_apart_disagree_although_the_places_agree_for_now() -> None:
    flight = Flight()
    assert flight.run(2.0).disagree_s == 0.0
    flight.fusion_velocity = (15.0, 6.0, 0.0)
    picture = flight.run(2.0)
    assert picture.gap_m_s == pytest.approx(6.0)
    assert isclose(picture.disagree_s, 2.0, abs_tol=0.1)
    flight.fusion_velocity = None
    assert flight.run(0.1).disagree_s == 0.0


def test_a_height_apart_disagrees() -> None:
    flight = Flight()
    flight.fusion_off = (0.0, 0.0, 15.0)
    picture = flight.run(2.0)
    assert picture.disagree_s > 1.5
    assert picture.rise_m == pytest.approx(15.0, abs=0.1)


@pytest.mark.parametrize("back_s", [0.1, 0.5, 3600.0])
def test_a_clock_that_goes_back_keeps_no_record_out(back_s: float) -> None:
    """Records of before the jump are forgotten: within a moment both estimates are there again."""
    flight = Flight()
    flight.run(3.0)
    flight.now_ns -= int(back_s * SECOND)
    flight.run(0.3)
    refused = len(flight.refused)
    picture = flight.run(1.0)
    assert {e.source for e in picture.estimates} == {"fusion", "autopilot"}
    assert len(flight.refused) == refused
    assert all(abs(e.age_s) < 0.1 for e in picture.estimates)


def test_jumps_can_be_switched_to_what_a_site_needs() -> None:
    flight = Flight()
    flight.settings = GuardSettings(supervision=SupervisionSettings(jump_m=50.0))
    flight.monitor = StateMonitor(flight.settings, FRAME)
    flight.run(1.0)
    flight.autopilot_off = (0.0, 25.0, 0.0)
    assert replace(flight.step(), estimates=()).jump == ""
