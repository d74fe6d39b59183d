"""How windows, withheld sensors, injections and settings are written, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_fusion.replay.configure import settings_for
from lenger_fusion.replay.injections import KINDS, parse_injection, usage
from lenger_fusion.replay.log import LogMeta
from lenger_fusion.replay.window import Window, parse_window
from lenger_fusion.replay.withhold import parse_withhold, parse_without


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("60-70", Window(60.0, 70.0)),
        ("12.5-end", Window(12.5, inf)),
        ("-0.5-.25", Window(-0.5, 0.25)),
        ("-2--1.", Window(-2.0, -1.0)),
    ],
)
def test_windows(text: str, window: Window) -> None:
    assert parse_window("--withhold", text) == window


@pytest.mark.parametrize(
    "text", ["", "60", "70-60", "60-60", "end-70", "1e3-2e3", "60-70-80", "nan-70", "٣-٤", "6_0-70"]
)
def test_no_windows(text: str) -> None:
    with pytest.raises(InputError, match="--withhold: window"):
        parse_window("--withhold", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gnss", "SENSOR:T0-T1"),
        ("gps:1-2", "gnss or baro or mag or airspeed or range or flow"),
        ("imu:1-2", "imu-gap"),
        ("landed:1-2", "gnss or baro"),
        ("gnss:2-1", "ends after it begins"),
    ],
)
def test_what_cannot_be_withheld(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_withhold(text)


def test_what_can_be_left_out() -> None:
    assert parse_without("flow") == "flow"
    with pytest.raises(InputError, match="carries the estimate"):
        parse_without("imu")


def test_numbers_of_an_injection_are_told_by_their_units() -> None:
    ramp = parse_injection("spoof-ramp:10-20:45deg:7.2km/h:consistent")
    assert (ramp.values["speed"], ramp.values["bearing"], ramp.values.word) == (pytest.approx(2.0), 45.0, "consistent")
    plain = parse_injection("spoof-ramp:10-20:2m/s")
    assert (plain.values["bearing"], plain.values.word) == (90.0, "")
    assert parse_injection("gyro-bias:0-end:90deg/s:x").values == {"bias": pytest.approx(pi / 2), "word": "x"}
    assert parse_injection("mag-bias:0-1:20uT").values["bias"] == pytest.approx(20e-6)
    assert parse_injection("imu-clip:0-1:2g").values["range"] == pytest.approx(19.6133)
    assert parse_injection("jam:5-9").values["until lost"] == 5.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spoof:1-2:3m", "spoof-step, spoof-ramp"),
        ("spoof-step", "spoof-step:T0-T1:10m"),
        ("spoof-step:1-2", "no offset.*spoof-step:T0-T1:10m"),
        ("spoof-step:1-2:3", "spoof-step:T0-T1:10m"),
        ("spoof-step:1-2:3s", "spoof-step:T0-T1:10m"),
        ("spoof-step:1-2:3m:4m", "each part once"),
        ("spoof-step:1-2:3m:", "spoof-step:T0-T1:10m"),
        ("spoof-step:1-2:3e9m", "0 to 100000 m"),
        ("spoof-step:1-2:nanm", "spoof-step:T0-T1:10m"),
        ("spoof-step:x:3m", "--inject: window"),
        ("gyro-bias:1-2:1deg/s:w", "z.y.x"),
    ],
)
def test_a_wrong_injection_is_told_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_injection(text)


def test_every_line_of_the_table_can_be_written() -> None:
    for kind, (written, does) in zip(KINDS.values(), usage(), strict=True):
        full = written.replace("T0-T1", "10-20").replace("BEARINGdeg", "30deg").replace("[:", ":").replace("]", "")
        assert parse_injection(full.split("|")[0]).kind is kind
        short = written.replace("T0-T1", "10-end").split("[")[0]
        assert parse_injection(short).window == Window(10.0, inf)
        assert does and len(written) < 60


def test_settings_follow_the_log_the_class_and_the_user() -> None:
    meta = LogMeta("fixed_wing", 0.2, False, True, 90.0, 2014.3)
    settings, airframe, _ = settings_for(meta, "", ["gate_sigma=4", "site.lat_deg=10"])
    assert (settings.gnss_latency_s, settings.use_magnetometer, settings.magnetic_year) == (0.2, False, 2014.3)
    assert (settings.gate_sigma, settings.site.lat_deg, airframe) == (4.0, 10.0, "fixed_wing")
    settings, airframe, _ = settings_for(meta, "multirotor", ["gnss_latency_s=0.3"])
    assert (settings.gnss_latency_s, airframe) == (0.3, "multirotor")
    assert settings_for(LogMeta(year=1888.0))[0].magnetic_year == settings_for(LogMeta())[0].magnetic_year


@pytest.mark.parametrize(
    ("airframe", "change", "message"),
    [
        ("balloon", "gate_sigma=4", "--class.*multirotor or fixed_wing or ground"),
        ("", "gate_sigma", "NAME=VALUE"),
        ("", "gate_sgima=4", "gate_sigma"),
        ("", "gate_sigma=1", "greater than or equal to 3"),
        ("", "gate_sigma=many", "gate_sigma"),
        ("", "site.latitude=1", "site.latitude"),
    ],
)
def test_a_wrong_setting_is_told_what_would_be_right(airframe: str, change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        settings_for(LogMeta(), airframe, [change])


written = st.one_of(
    st.text(max_size=40),
    st.builds(
        ":".join,
        st.lists(st.sampled_from([*KINDS, "1-2", "0-end", "3m", "-1e9m/s", "2x", "z", "", "9deg"]), max_size=6),
    ),
    st.builds("{}:{}-{}:{}{}".format, st.sampled_from(sorted(KINDS)), *[st.floats(width=32)] * 3, st.text(max_size=4)),
    st.builds(
        "{}={}".format, st.sampled_from(["gate_sigma", "site.lat_deg", "site", "use_magnetometer"]), st.text(max_size=9)
    ),
)


def told(parse: Callable[[str], object], text: str) -> str:
    """The refusal of a text, "" when it is taken."""
    try:
        parse(text)
    except InputError as error:
        return str(error)
    return ""


@given(written)
def test_whatever_is_written_is_taken_or_refused_in_one_line(text: str) -> None:
    for parse in (parse_injection, parse_withhold, parse_without, lambda t: settings_for(LogMeta(), "", [t])):
        said = told(parse, text)
        assert "\n" not in said and len(said) <= 900
