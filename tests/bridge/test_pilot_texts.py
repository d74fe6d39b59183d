"""What the pilot is told: when, how loud, in how many bytes, and that it reaches a ground station."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_bridge.autopilot import AutopilotCore
from lenger_bridge.pilot_texts import LINE, MOST_LINES, SEVERITY, PilotTexts, lines_of
from lenger_bridge.settings import AutopilotSettings
from lenger_core.samples import GuardLevel, GuardStatus, StatusText
from lenger_mavlink.codec import MavCodec

from .rig import SECOND, Rig

NOMINAL, WARN, LIMIT = GuardLevel.NOMINAL, GuardLevel.WARN, GuardLevel.LIMIT
HOLD, RETURN, LAND = GuardLevel.HOLD, GuardLevel.RETURN, GuardLevel.LAND
STEP_NS = SECOND // 20


def guard(level: GuardLevel, reason: str = "") -> GuardStatus:
    return GuardStatus(0, level, False, True, reason, "", nan, nan, nan, nan, 0)


class Told:
    """Texts and their times, at 20 Hz."""

    def __init__(self) -> None:
        self.texts, self.now_ns = PilotTexts(), 100 * SECOND
        self.heard: list[tuple[int, StatusText]] = []

    def run(self, seconds: float, level: GuardLevel, reason: str = "") -> list[str]:
        """Return the lines told in that time."""
        first = len(self.heard)
        for step in range(round(seconds * 20)):
            self.now_ns += STEP_NS
            self.texts.on_guard(guard(level, reason.replace("#", str(step))))
            self.heard += [(self.now_ns, text) for text in self.texts.step(self.now_ns)]
        return [text.text for _, text in self.heard[first:]]


def test_a_nominal_flight_says_nothing() -> None:
    assert Told().run(60.0, NOMINAL) == []


def test_a_rung_is_told_once_although_its_numbers_change() -> None:
    told = Told()
    assert told.run(60.0, HOLD, "fence arena: stopping needs #.5 m more") == [
        "Guard HOLD: fence arena: stopping needs 0.5 m",
        "> more",
    ]
    assert told.run(5.0, NOMINAL) == ["Guard NOMINAL: back to nominal"]


@pytest.mark.parametrize("level", [WARN, LIMIT, HOLD, RETURN, LAND])
def test_a_higher_rung_is_told_in_the_very_step(level: GuardLevel) -> None:
    told = Told()
    told.run(0.1, WARN, "close")
    first = told.run(0.05, level, "trouble") if level is not WARN else ["Guard WARN: close"]
    assert first == [f"Guard {level.name}: {'close' if level is WARN else 'trouble'}"]
    assert told.heard[-1][1].severity == SEVERITY[level]


def test_the_louder_the_higher_but_for_the_limit() -> None:
    assert SEVERITY[LAND] < SEVERITY[RETURN] < SEVERITY[HOLD] < SEVERITY[WARN] < SEVERITY[LIMIT] < SEVERITY[NOMINAL]


def test_a_rung_that_flickers_does_not_flood_the_pilot() -> None:
    told = Told()
    for _ in range(100):
        told.run(0.1, LIMIT, "the wall")
        told.run(0.1, NOMINAL)
    assert len(told.heard) <= 42, "20 s: at most a rise and a fall each second"


def test_other_reasons_on_one_rung_are_told_every_ten_seconds_at_most() -> None:
    told = Told()
    for k in range(60):
        told.run(0.5, WARN, ("one zone is close", "another zone is close")[k % 2])
    assert len(told.heard) == 3


def test_a_clock_that_goes_back_does_not_silence_anything() -> None:
    told = Told()
    told.run(1.0, HOLD, "one")
    told.now_ns -= 50 * SECOND
    assert told.run(1.0, HOLD, "another") == ["Guard HOLD: another"]


@given(st.text(max_size=400))
def test_every_line_fits_what_mavros_leaves_of_a_statustext(reason: str) -> None:
    lines = lines_of(f"Guard HOLD: {reason}")
    assert 1 <= len(lines) <= MOST_LINES
    assert all(0 < len(line.encode()) <= LINE for line in lines)
    assert lines[0].startswith("Guard HOLD:")


def test_short_reasons_are_whole_and_long_ones_are_marked_as_cut() -> None:
    text = "Guard HOLD: " + " ".join(["word"] * 20)
    whole = " ".join(line.removeprefix("> ") for line in lines_of(text))
    assert whole == text
    assert lines_of("Guard HOLD: " + " ".join(["word"] * 60))[-1].endswith("..")


@pytest.mark.parametrize("flavour", ["px4", "ardupilot"])
def test_the_text_comes_out_at_the_ground_station_as_mavlink(flavour: str) -> None:
    """Through the autopilot core, the endpoint's bytes, and the vehicle, which passes them on."""
    core = AutopilotCore(AutopilotSettings(autopilot=flavour), {})
    rig = Rig(autopilot=core, flavour=flavour)  # type: ignore[arg-type]
    ground = rig.vehicle.open_channel("ground")
    station = MavCodec(255, 190)
    rig.run(3.0)
    rig.vehicle.take_outgoing(ground)
    core.pilot_texts.on_guard(guard(HOLD, "no estimate of the position for 0.5 s, and nothing else is known"))
    rig.run(1.0)
    frames = rig.vehicle.take_outgoing(ground)
    texts = [m for f in frames for m in station.feed_datagram(f) if m.get_type() == "STATUSTEXT"]
    ours = [m for m in texts if m.get_srcComponent() == 191]
    assert [(m.severity, m.text) for m in ours] == [
        (3, "Guard HOLD: no estimate of the position for 0.5"),
        (3, "> s, and nothing else is known"),
    ]
    assert "mavros/statustext/recv" not in rig.published or not any(
        "Guard" in record.text for record in rig.published["mavros/statustext/recv"]
    ), "not back to where it came from"


def test_the_pilot_may_be_spared() -> None:
    core = AutopilotCore(AutopilotSettings(pilot_texts=False), {})
    core.pilot_texts.on_guard(guard(LAND, "trouble"))
    assert core.step(SECOND).texts == ()
