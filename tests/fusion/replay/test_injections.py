"""What each fault does to the stream: to its window and its sensor only, and the same each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import hypot, isfinite
from typing import Any

import pytest

from fusion.replay.written import flown
from lenger_core.atmosphere import altitude_of_pressure_m
from lenger_core.geodesy import bearing_deg, distance_m
from lenger_fusion.replay.injections import KINDS, injected, parse_injection, usage
from lenger_fusion.replay.stream import SENSORS, Sample, seconds
from lenger_fusion.replay.withhold import kept, parse_withhold

LOG = [replace(s, t_ns=s.t_ns - 4_000_000_000) for s in flown()]
"""Log time 0 s is the first sample."""
WINDOW = "8-12"


def after(text: str) -> list[Sample]:
    return list(injected(iter(LOG), [parse_injection(text)]))


def inside(sample: Sample) -> bool:
    return 8.0 <= seconds(sample.t_ns) < 12.0


def pairs(text: str) -> list[tuple[Any, Any, float]]:
    """Samples of the window before and after, with the seconds since it began."""
    found = parse_injection(text)
    kind = SENSORS[found.kind.sensor]
    changed = after(text)
    assert len(changed) == len(LOG)
    both = [(a, b) for a, b in zip(LOG, changed, strict=True) if type(a) is kind and inside(a)]
    assert len(both) > 20
    return [(a, b, seconds(a.t_ns) - 8.0) for a, b in both]


@pytest.mark.parametrize("written", [text for text, _ in usage()])
def test_only_the_window_of_its_sensor_changes_and_always_alike(written: str) -> None:
    text = written.split("[")[0].replace("T0-T1", WINDOW).replace(":2g", ":0.9g")  # this flight is a gentle one
    kind = SENSORS[parse_injection(text).kind.sensor]
    changed = after(text)
    rest = [s for s in LOG if not (type(s) is kind and inside(s))]
    assert [s for s in changed if not (type(s) is kind and inside(s))] == rest
    assert changed != LOG
    assert changed == after(text)
    assert [s.t_ns for s in changed] == sorted(s.t_ns for s in changed)


@pytest.mark.parametrize("written", [text for text, _ in usage()])
def test_a_log_that_was_cut_is_changed_alike(written: str) -> None:
    injection = parse_injection(written.split("[")[0].replace("T0-T1", WINDOW))
    cut = LOG[: len(LOG) // 2]
    short = list(injected(iter(cut), [injection]))
    assert 9.0 < seconds(cut[-1].t_ns) < 12.0
    assert short == list(injected(iter(LOG), [injection]))[: len(short)]


def test_a_step_is_as_long_and_goes_where_it_says() -> None:
    for a, b, _ in pairs(f"spoof-step:{WINDOW}:50m:30deg"):
        assert distance_m(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg) == pytest.approx(50.0, rel=0.01)
        assert bearing_deg(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg) == pytest.approx(30.0, abs=0.5)
        assert (a.vel_e_m_s, a.vel_n_m_s) == (b.vel_e_m_s, b.vel_n_m_s)


@pytest.mark.parametrize("consistent", [False, True])
def test_a_ramp_grows_and_its_velocity_says_so_when_asked(consistent: bool) -> None:
    for a, b, t_s in pairs(f"spoof-ramp:{WINDOW}:3m/s:0deg{':consistent' if consistent else ''}"):
        assert distance_m(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg) == pytest.approx(3.0 * t_s, rel=0.01, abs=1e-6)
        assert b.vel_n_m_s - a.vel_n_m_s == pytest.approx(3.0 if consistent else 0.0)
        assert b.vel_e_m_s == pytest.approx(a.vel_e_m_s)


def test_jamming_ends_without_a_fix() -> None:
    fixes = [(b, t_s) for _, b, t_s in pairs(f"jam:{WINDOW}:2s")]
    going = [b for b, t_s in fixes if t_s < 2.0]
    assert all(b.fix_type == 3 for b in going) and all(
        b.fix_type == 0 and b.satellites == 0 for b, t in fixes if t >= 2.0
    )
    accuracies = [b.h_acc_m for b in going]
    assert accuracies == sorted(accuracies) and accuracies[-1] > 10.0 * accuracies[0]
    assert going[-1].satellites < going[0].satellites


def test_pressure_goes_up_as_a_drift_and_a_step_say() -> None:
    for text, rise in (
        (f"baro-drift:{WINDOW}:0.5m/s", lambda t: 0.5 * t),
        (f"baro-step:{WINDOW}:-7m", lambda _t: -7.0),
    ):
        for a, b, t_s in pairs(text):
            up = altitude_of_pressure_m(b.pressure_pa) - altitude_of_pressure_m(a.pressure_pa)
            assert up == pytest.approx(rise(t_s), abs=1e-6)


Read = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("gnss-freeze", lambda s: (s.lat_deg, s.vel_e_m_s)),
        ("imu-freeze", lambda s: s.gyro_rad_s + s.accel_m_s2),
        ("mag-freeze", lambda s: s.field_t),
        ("baro-freeze", lambda s: s.pressure_pa),
        ("flow-freeze", lambda s: s.flow_rad_s),
        ("range-freeze", lambda s: s.range_m),
        ("airspeed-freeze", lambda s: s.airspeed_m_s),
    ],
)
def test_a_frozen_sensor_repeats_what_it_said_before(text: str, read: Read) -> None:
    kind = SENSORS[KINDS[text].sensor]
    before = [s for s in LOG if type(s) is kind and seconds(s.t_ns) < 8.0][-1]
    assert {read(b) for _, b, _ in pairs(f"{text}:{WINDOW}")} == {read(before)}


def test_inertial_faults() -> None:
    for a, b, _ in pairs(f"gyro-bias:{WINDOW}:0.1rad/s"):
        assert b.gyro_rad_s == (*a.gyro_rad_s[:2], pytest.approx(a.gyro_rad_s[2] + 0.1))
    for a, b, _ in pairs(f"mag-bias:{WINDOW}:10ut:y"):
        assert b.field_t == (a.field_t[0], pytest.approx(a.field_t[1] + 1e-5), a.field_t[2])
    for a, b, _ in pairs(f"imu-clip:{WINDOW}:5m/s2"):
        assert b.accel_m_s2[2] == min(a.accel_m_s2[2], 5.0)
    assert not any(inside(s) for s in after(f"imu-gap:{WINDOW}") if type(s) is SENSORS["imu"])


def test_scaled_flow_leaves_a_pure_turn_alone() -> None:
    for a, b, _ in pairs(f"flow-scale:{WINDOW}:2x"):
        for k in range(2):
            moved = a.flow_rad_s[k] + a.gyro_rad_s[k]
            assert b.flow_rad_s[k] + b.gyro_rad_s[k] == pytest.approx(2.0 * moved)


def test_injections_add_up() -> None:
    both = [parse_injection(f"spoof-step:{WINDOW}:30m:90deg"), parse_injection("spoof-step:10-14:40m:0deg")]
    for a, b in zip(LOG, injected(iter(LOG), both), strict=True):
        if type(a) is SENSORS["gnss"]:
            t_s, off = seconds(a.t_ns), distance_m(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg)  # type: ignore[union-attr]
            wanted = hypot(30.0 * (8.0 <= t_s < 12.0), 40.0 * (10.0 <= t_s < 14.0))
            assert off == pytest.approx(wanted, rel=0.01, abs=1e-9)


def test_what_is_withheld_is_gone_and_nothing_else() -> None:
    held = [parse_withhold("gnss:8-12"), parse_withhold("gnss:14-end"), parse_withhold("mag:8-9")]
    left = list(kept(iter(LOG), held, ["flow"]))
    gnss, mag, flow = (SENSORS[name] for name in ("gnss", "mag", "flow"))

    def wanted(s: Sample) -> bool:
        t_s = seconds(s.t_ns)
        gone = type(s) is gnss and (8.0 <= t_s < 12.0 or t_s >= 14.0)
        return not (gone or (type(s) is mag and 8.0 <= t_s < 9.0) or type(s) is flow)

    assert left == [s for s in LOG if wanted(s)]
    assert len(left) < len(LOG) and all(isfinite(seconds(s.t_ns)) for s in left)
