"""Everything that a replay yielded, for the report and its figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from lenger_core.atmosphere import altitude_of_pressure_m
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import GnssFix, PressureSample
from lenger_fusion.replay.compare import Differences
from lenger_fusion.replay.estimate import Estimate
from lenger_fusion.replay.injections import Injection
from lenger_fusion.replay.log import SensorLog
from lenger_fusion.replay.stream import Array, Sample, seconds
from lenger_fusion.replay.watch import Watch
from lenger_fusion.replay.withhold import Withheld
from lenger_fusion.settings import FusionSettings

_BARO_NS = 100_000_000


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Attributes:
        withheld, without, injected: parsed options.
        airframe: class, "" for the log's own.
        changes: NAME=VALUE of settings.
    """

    withheld: tuple[Withheld, ...] = ()
    without: tuple[str, ...] = ()
    injected: tuple[Injection, ...] = ()
    airframe: str = ""
    changes: tuple[str, ...] = ()


@dataclass
class Seen:
    """What the estimator was given of heights and places, thinned: fixes and ten pressures a second."""

    fixes: list[tuple[int, float, float, float]] = field(default_factory=list)
    pressures: list[tuple[int, float]] = field(default_factory=list)

    def tap(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Pass all samples on and remember these."""
        newest = -_BARO_NS
        for sample in samples:
            if type(sample) is GnssFix:
                if sample.fix_type >= 3 and abs(sample.lat_deg) <= 90.0 and abs(sample.lon_deg) <= 180.0:
                    self.fixes.append((sample.t_ns, sample.lat_deg, sample.lon_deg, sample.alt_amsl_m))
            elif type(sample) is PressureSample and sample.t_ns - newest >= _BARO_NS:
                newest = sample.t_ns
                self.pressures.append((sample.t_ns, sample.pressure_pa))
            yield sample

    def places(self, frame: LocalFrame) -> Array:
        """Return (N, 4) log time, east, north and AMSL height of the fixes."""
        rows = [(seconds(t), *frame.to_local(lat, lon, alt)[:2], alt) for t, lat, lon, alt in self.fixes]
        return np.array(rows).reshape(-1, 4)

    def baro_heights(self) -> Array:
        """Return (N, 2) log time and pressure altitude."""
        rows = [(seconds(t), altitude_of_pressure_m(p)) for t, p in self.pressures if 10_000.0 < p < 120_000.0]
        return np.array(rows).reshape(-1, 2)


@dataclass(frozen=True)
class Outcome:
    """One replay.

    Attributes:
        log, options, settings, airframe: what was run; airframe is the class in force.
        estimate: rows.
        watch: what was seen of the estimator.
        seen: what it was given.
        frame: origin of the local axes, None where there never was a fix.
        found: the estimate against the log's own fixes, None without a frame.
        refused: the estimator's own counts.
        notes: what a reader should know.
    """

    log: SensorLog
    options: Options
    settings: FusionSettings
    airframe: str
    estimate: Estimate
    watch: Watch
    seen: Seen
    frame: LocalFrame | None
    found: Differences | None
    refused: dict[str, object]
    notes: tuple[str, ...]
