"""The autopilot's own estimate beside the fusion's: who parts is said, after seconds, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf, nan, radians

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from fusion.trajectory import Flight, new_core
from fusion.watched import Beside, Statuses, first, fly, ordinary, reasons, with_fault, within
from lenger_core.samples import FcuGlobal, FcuLocal, ImuSample, Integrity

Shift = Callable[[float], "tuple[float, float, float]"]
NOWHERE: Shift = lambda _t: (0.0, 0.0, 0.0)  # noqa: E731


def autopilot(
    flight: Flight, offset: Shift = NOWHERE, speed: Shift = NOWHERE, turn: Rotation | None = None, every: int = 5
) -> Beside:
    """Return an autopilot that estimates as well as it can, and then by so much wrongly, at 20 Hz."""
    rng = np.random.default_rng(flight.seed)
    count = 0

    def estimates(t_s: float, sample: ImuSample) -> Iterable[FcuGlobal | FcuLocal]:
        nonlocal count
        count += 1
        if count % every:
            return
        x = flight.truth(sample.t_ns)
        place = x[:3] + rng.normal(0.0, (0.8, 0.8, 1.5)) + np.array(offset(t_s))
        lat, lon, alt = flight.frame.to_geodetic(*place.tolist())
        yield FcuGlobal(sample.t_ns, lat, lon, alt, alt - 40.8, 1.0, 1.5)
        velocity = x[3:6] + rng.normal(0.0, 0.2, 3) + np.array(speed(t_s))
        attitude = Rotation.from_quat(np.roll(x[6:10], -1))
        if turn is not None and t_s > 20.0:
            attitude = turn * attitude
        quat = np.roll(attitude.as_quat(), 1).tolist()
        yield FcuLocal(sample.t_ns, (0.0, 0.0, 0.0), tuple(velocity.tolist()), tuple(quat), (0.0, 0.0, 0.0))

    return estimates


def after(start_s: float, *size: float) -> Shift:
    east, north, up = size
    return lambda t_s: (east, north, up) if start_s < t_s < start_s + 10.0 else (0.0, 0.0, 0.0)


def flown(seed: int, **wrong: object) -> Statuses:
    flight = ordinary(seed)
    return fly(new_core(), flight.readings(), autopilot(flight, **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"offset": after(20.0, 24.0, 0.0, 0.0)}, "autopilot's position 2"),
        ({"offset": after(20.0, 0.0, 0.0, -30.0)}, "m below, more than both accuracies explain"),
        ({"speed": after(20.0, 0.0, 6.0, 0.0)}, "autopilot's velocity differs by"),
    ],
)
def test_what_parts_for_seconds_is_said_and_forgotten(wrong: dict[str, Shift], words: str) -> None:
    statuses = flown(91, **wrong)
    assert 22.9 < first(statuses, Integrity.DEGRADED) < 24.0
    assert within(statuses, 24.0, 30.0) == {Integrity.DEGRADED}
    assert words in reasons(statuses, 24.0, 30.0)
    assert within(statuses, 33.0, 40.0) == {Integrity.NOMINAL}


@pytest.mark.parametrize(
    ("axis", "angle_deg", "words"),
    [("x", 20.0, "autopilot's tilt differs"), ("z", 60.0, "autopilot's heading differs")],
)
def test_attitude_is_compared(axis: str, angle_deg: float, words: str) -> None:
    statuses = flown(92, turn=Rotation.from_euler(axis, radians(angle_deg)))
    assert first(statuses, Integrity.DEGRADED) == pytest.approx(23.1, abs=0.5)
    assert words in reasons(statuses, 25.0, 40.0)


def test_a_spoofed_autopilot_parts_from_an_estimate_that_is_not_led() -> None:
    """Both have the same receiver; the autopilot follows it, the fusion does not, and goes on as it was."""
    flight = ordinary(93)
    samples = list(with_fault(flight.readings(), "spoof-step:20-36:60m"))
    follows = autopilot(flight, offset=lambda t: (60.0, 0.0, 0.0) if 20.0 < t < 36.0 else (0.0, 0.0, 0.0))
    statuses = fly(new_core(watch_gnss=True), samples, follows)
    alone = fly(new_core(watch_gnss=True), samples)
    assert [(s.lat_deg, s.lon_deg, s.hpl_m) for _, s in statuses] == [(s.lat_deg, s.lon_deg, s.hpl_m) for _, s in alone]
    assert Integrity.SPOOFING in within(statuses, 20.0, 36.0)


def test_the_alarm_stands_where_spoofing_is_not_known() -> None:
    flight = ordinary(94)
    samples = flight.readings()
    statuses = fly(new_core(), samples, autopilot(flight, offset=lambda t: (max(0.0, 2.0 * (t - 15.0)), 0.0, 0.0)))
    assert "autopilot's position" in reasons(statuses, 25.0, 40.0)
    truth = flight.truth(samples[-1].t_ns)
    last = statuses[-1][1]
    east, north, _ = flight.frame.to_local(last.lat_deg, last.lon_deg, last.alt_amsl_m)
    assert np.hypot(east - truth[0], north - truth[1]) < last.hpl_m


@pytest.mark.parametrize(("seed", "vigour"), [(95, 1.0), (96, 2.5)])
def test_two_that_agree_raise_nothing(seed: int, vigour: float) -> None:
    flight = ordinary(seed, vigour)
    assert within(fly(new_core(), flight.readings(), autopilot(flight)), 5.0, 40.0) == {Integrity.NOMINAL}


def test_a_short_gap_and_an_old_or_odd_estimate_say_nothing() -> None:
    flight = ordinary(97)
    good = autopilot(flight, offset=lambda t: (80.0, 0.0, 0.0) if 20.0 < t < 22.0 else (0.0, 0.0, 0.0))

    def odd(t_s: float, sample: ImuSample) -> Iterable[FcuGlobal | FcuLocal]:
        for estimate in good(t_s, sample):
            yield estimate
            yield replace(estimate, t_ns=estimate.t_ns - 5_000_000_000)
            if isinstance(estimate, FcuGlobal):
                yield replace(estimate, t_ns=estimate.t_ns + 1, lat_deg=nan)
                yield replace(estimate, t_ns=estimate.t_ns + 2, lat_deg=0.0, lon_deg=0.0, fixed=False)
            else:
                yield replace(estimate, t_ns=estimate.t_ns + 1, velocity_enu_m_s=(nan, inf, 0.0))
                yield replace(estimate, t_ns=estimate.t_ns + 2, quat_wxyz=(0.0, 0.0, 0.0, 0.0))

    assert within(fly(new_core(), flight.readings(), odd), 5.0, 40.0) == {Integrity.NOMINAL}


def test_an_autopilot_that_falls_silent_takes_its_alarm_with_it() -> None:
    flight = ordinary(98)
    wrong = autopilot(flight, offset=lambda t: (50.0, 0.0, 0.0) if t > 20.0 else (0.0, 0.0, 0.0))
    statuses = fly(new_core(), flight.readings(), lambda t, s: wrong(t, s) if t < 28.0 else ())
    assert within(statuses, 24.0, 28.0) == {Integrity.DEGRADED}
    assert within(statuses, 32.0, 40.0) == {Integrity.NOMINAL}
