"""The classes of faults: how one is drawn, and from what size on it has to be noticed (`counted`).

Sizes were fixed before the first flight was looked at. A class whose `counted` is false is flown and shown, but nothing
on board could tell it from a flight in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fusion.faulted import changes
from fusion.trajectory import T0_NS
from lenger_fusion.replay.injections import injected, parse_injection
from lenger_fusion.replay.stream import Sample, seconds

Change = Callable[[Iterable[Sample]], Iterable[Sample]]
Range = tuple[float, float]


@dataclass(frozen=True)
class Span:
    """When a fault lasts, in seconds of flight."""

    start_s: float
    end_s: float

    def text(self) -> str:
        """Return it as an injection's window, in log time."""
        zero_s = seconds(T0_NS)
        return f"{self.start_s + zero_s:.2f}-{self.end_s + zero_s:.2f}"


@dataclass(frozen=True)
class Fault:
    """One fault: in words, and what it does to the samples."""

    text: str
    span: Span
    change: Change


@dataclass(frozen=True)
class FaultClass:
    """A class of faults.

    Attributes:
        name: in tables.
        draw: returns one that lasts for a span.
        counted: whether it must be noticed before it is dangerous.
        aided: whether flow and range are aboard; None: every other flight.
        rule: what is drawn, in words.
    """

    name: str
    draw: Callable[[np.random.Generator, Span], Fault]
    rule: str
    counted: bool = True
    aided: bool | None = None


Part = Callable[[np.random.Generator], str]


def _number(span: Range, unit: str, signed: bool = False) -> Part:
    def part(rng: np.random.Generator) -> str:
        size = rng.uniform(*span) * (rng.choice((-1.0, 1.0)) if signed else 1.0)
        return f"{size:.3f}{unit}"

    return part


def _bearing(rng: np.random.Generator) -> str:
    return f"{rng.uniform(-180.0, 180.0):.0f}deg"


def _axis(rng: np.random.Generator) -> str:
    return str(rng.choice(("x", "y", "z")))


def _word(text: str) -> Part:
    return lambda _rng: text


def _injection(name: str, *parts: Part, longest_s: float = 60.0) -> Callable[[np.random.Generator, Span], Fault]:
    """Return how to draw a fault that `./lenger fuse --inject` knows; its text is what one would write there."""

    def draw(rng: np.random.Generator, span: Span) -> Fault:
        span = Span(span.start_s, min(span.end_s, span.start_s + longest_s))
        text = ":".join([name, span.text(), *(part(rng) for part in parts)])
        return Fault(text, span, lambda samples: injected(iter(samples), (parse_injection(text),)))

    return draw


def _own(
    name: str, make: Callable[..., changes.Change], sizes: tuple[Range, ...], longest_s: float = 60.0
) -> Callable[[np.random.Generator, Span], Fault]:
    """Return how to draw a fault of `changes`, whose sizes lie in these ranges; the last argument is a generator."""

    def draw(rng: np.random.Generator, span: Span) -> Fault:
        span = Span(span.start_s, min(span.end_s, span.start_s + longest_s))
        values = [float(rng.uniform(*size)) for size in sizes]
        window = tuple(T0_NS + round(t_s * 1e9) for t_s in (span.start_s, span.end_s))
        change = make(*values, np.random.default_rng(int(rng.integers(2**32))))
        text = ":".join([name, span.text(), *(f"{value:.2f}" for value in values)])
        return Fault(text, span, lambda samples: changes.within(samples, window, change))

    return draw


def _none(_rng: np.random.Generator, span: Span) -> Fault:
    return Fault("none", span, lambda samples: samples)


CLASSES: tuple[FaultClass, ...] = (
    FaultClass("nominal", _none, "no fault"),
    FaultClass("gnss step", _injection("spoof-step", _number((10.0, 200.0), "m"), _bearing), "10 to 200 m, any way"),
    FaultClass("gnss ramp", _injection("spoof-ramp", _number((0.5, 10.0), "m/s"), _bearing),
               "position alone, 0.5 to 10 m/s"),
    FaultClass("consistent ramp, flow",
               _injection("spoof-ramp", _number((4.0, 15.0), "m/s"), _bearing, _word("consistent")),
               "position and velocity, 4 to 15 m/s, flow and range aboard", aided=True),
    FaultClass("slow consistent ramp, flow",
               _injection("spoof-ramp", _number((1.0, 4.0), "m/s"), _bearing, _word("consistent")),
               "the same, 1 to 4 m/s: within what flow's scale and the receiver's speed leave open", False, True),
    FaultClass("consistent ramp, blind",
               _injection("spoof-ramp", _number((1.0, 10.0), "m/s"), _bearing, _word("consistent")),
               "the same without flow: looks like wind", False, False),
    FaultClass("gnss noise", _injection("gnss-noise", _number((5.0, 30.0), "m")),
               "white, 5 to 30 m, the stated accuracy stays"),
    FaultClass("jamming", _injection("jam", _number((3.0, 15.0), "s")),
               "accuracy and satellites go in 3 to 15 s, then the fix"),
    FaultClass("noise told", _own("noise-told", changes.noise_told, ((3.0, 12.0),)),
               "errors and stated accuracy grow together, 3 to 12 times, fix kept"),
    FaultClass("outage", _own("outage", changes.outage, ()), "no fix"),
    FaultClass("height step", _injection("gnss-height", _number((15.0, 100.0), "m", True)), "15 to 100 m, up or down"),
    FaultClass("height ramp", _own("height-ramp", changes.height_ramp, ((1.0, 5.0),)), "1 to 5 m/s, up or down"),
    FaultClass("frozen receiver", _injection("gnss-freeze"), "the same fix again and again"),
    FaultClass("latency jump", _own("latency", changes.latency, ((0.5, 2.0),)), "fixes 0.5 to 2 s older"),
    FaultClass("velocity fault", _own("velocity", changes.velocity, ((3.0, 15.0),)),
               "velocity off by 3 to 15 m/s, position right"),
    FaultClass("baro step", _injection("baro-step", _number((5.0, 50.0), "m", True)), "5 to 50 m, up or down"),
    FaultClass("baro drift", _injection("baro-drift", _number((0.3, 3.0), "m/s", True)), "0.3 to 3 m/s, up or down"),
    FaultClass("baro freeze", _injection("baro-freeze"), "the same pressure again and again"),
    FaultClass("mag bias", _injection("mag-bias", _number((10.0, 40.0), "ut", True), _axis), "10 to 40 uT on one axis"),
    FaultClass("mag freeze", _injection("mag-freeze"), "the same field again and again"),
    FaultClass("gyro bias", _injection("gyro-bias", _number((2.0, 20.0), "deg/s", True), _axis),
               "steps by 2 to 20 deg/s on one axis"),
    FaultClass("accel bias", _injection("accel-bias", _number((0.5, 5.0), "m/s2", True), _axis),
               "steps by 0.5 to 5 m/s2 on one axis"),
    FaultClass("imu gap", _injection("imu-gap", longest_s=2.5), "no sample for 2.5 s"),
    FaultClass("imu freeze", _injection("imu-freeze", longest_s=8.0), "the same sample for 8 s"),
    FaultClass("imu clip", _injection("imu-clip", _number((7.0, 10.5), "m/s2")), "saturates at 7 to 10.5 m/s2"),
    FaultClass("imu vibration", _injection("imu-vibration", _number((5.0, 30.0), "m/s2")), "white, 5 to 30 m/s2"),
    FaultClass("flow outage", _own("flow-outage", changes.flow_outage, ()), "flow and range end", aided=True),
    FaultClass("flow scale", _injection("flow-scale", _number((1.5, 3.0), "x")), "flow 1.5 to 3 times", aided=True),
)  # fmt: skip
