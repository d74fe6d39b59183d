"""A log through the estimator: samples in the order of their arrival, rows out, nothing looked at before its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lenger_core.samples import FusionStatus, ImuSample, Integrity
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.estimate import EstimateWriter
from lenger_fusion.replay.log import feeder
from lenger_fusion.replay.stream import Sample
from lenger_fusion.replay.watch import Watch

STATUS_NS = 100_000_000
"""The estimator is asked about itself as often as fusion_node asks it: in the air and here alike."""
LOOK_NS = 10_000_000
"""How often innovation tests are looked at: no sensor but the IMU comes so often."""
_NEAR_NS = 10_000_000_000
"""A stamp farther ahead than this is not the time."""


def replay(
    core: FusionCore,
    samples: Iterable[Sample],
    writer: EstimateWriter,
    watch: Watch,
    progress: Callable[[int], None] = lambda _t_ns: None,
) -> None:
    """Feed samples to the core; add a row for each IMU sample once there is an estimate.

    Args:
        core: fresh.
        samples: in the order of their arrival.
        writer, watch: take what comes of it.
        progress: told the log's record time ten times a second of it.
    """
    take, intake = feeder(core), core.intake
    status: FusionStatus | None = None
    aligning = True
    now_ns = slot = looked = -1
    for sample in samples:
        take(sample)
        t_ns = sample.t_ns
        # Whether the core took an IMU sample; one that it dropped (twice, wild) moves nothing and completes no row.
        moved = type(sample) is ImuSample and intake.imu_ns == t_ns
        if moved or now_ns < t_ns < now_ns + _NEAR_NS:
            now_ns = t_ns
        # Or an alignment or a restart has come after the last status.
        if status is None or now_ns // STATUS_NS != slot or (core.filter is None) is not aligning:
            slot = now_ns // STATUS_NS
            status = core.status(now_ns)
            aligning = status.integrity is Integrity.ALIGNING
            watch.settle(status, core.filter)
            watch.events += core.take_events()
            progress(now_ns)
        if moved:
            if t_ns // LOOK_NS != looked:
                looked = t_ns // LOOK_NS
                watch.look(t_ns, core.filter)
            if core.filter is not None and core.frame is not None and not aligning:
                writer.add(t_ns, core.filter.output(), status, core.frame)
    watch.events += core.take_events()
