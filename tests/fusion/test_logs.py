"""Real flight logs, replayed causally; skipped where the shared data folder is absent."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.samples import Event, GnssFix, ImuSample, Integrity, Odometry
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.folder import read_folder, read_meta
from lenger_fusion.replay.log import feed
from lenger_fusion.replay.stream import Sample, seconds
from lenger_fusion.settings import FusionSettings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fusion"
needs_logs = pytest.mark.skipif(not DATA.is_dir(), reason=f"no flight logs in {DATA}")
FIRST_S = 150.0


def core_for(folder: Path) -> FusionCore:
    meta = read_meta(folder)
    assert meta.gnss_latency_s is not None
    return FusionCore(
        FusionSettings(gnss_latency_s=meta.gnss_latency_s, use_magnetometer=meta.mag_usable, magnetic_year=2014.0)
    )


def replay(
    core: FusionCore, samples: list[Sample]
) -> tuple[list[Odometry], list[tuple[float, Integrity]], list[Event]]:
    track: list[Odometry] = []
    states: list[tuple[float, Integrity]] = []
    for i, sample in enumerate(samples):
        feed(core, sample)
        if isinstance(sample, ImuSample) and (odometry := core.odometry(sample.t_ns)) is not None:
            track.append(odometry)
        if i % 20 == 0:
            states.append((seconds(sample.t_ns), core.status(sample.t_ns).integrity))
    return track, states, core.take_events()


def beginning(name: str) -> list[Sample]:
    return [s for s in read_folder(DATA / name).samples() if seconds(s.t_ns) < FIRST_S]


@needs_logs
@pytest.mark.parametrize("name", ["quad106", "quadflow"])
def test_a_real_flight_agrees_with_its_receiver(name: str) -> None:
    samples = beginning(name)
    core = core_for(DATA / name)
    track, states, events = replay(core, samples)
    assert [e.kind for e in events] == ["fusion_origin", "fusion_aligned", "fusion_integrity"]
    assert {state for t_s, state in states if t_s > 2.0} == {Integrity.NOMINAL}
    assert len(track) > 0.97 * sum(isinstance(s, ImuSample) for s in samples)
    times = np.array([o.t_ns for o in track])
    state = np.array([(*o.position_enu_m, *o.velocity_enu_m_s) for o in track])
    assert np.isfinite(state).all()
    misses = []
    latency_ns = int((read_meta(DATA / name).gnss_latency_s or 0.0) * 1e9)
    for fix in samples:
        if isinstance(fix, GnssFix) and seconds(fix.t_ns) > 3.0 and core.frame is not None:
            here = [np.interp(fix.t_ns - latency_ns, times, column) for column in state.T]
            place = core.frame.to_local(fix.lat_deg, fix.lon_deg, fix.alt_amsl_m)
            misses.append((*place, fix.vel_e_m_s, fix.vel_n_m_s) - np.array([*here[:3], *here[3:5]]))
    rms = np.sqrt(np.mean(np.square(misses), axis=0))
    assert (rms < (1.2, 1.2, 1.0, 0.5, 0.5)).all(), rms


@needs_logs
def test_a_truncated_log_gives_the_same_beginning() -> None:
    samples = beginning("quad106")[:6000]
    whole, _, _ = replay(core_for(DATA / "quad106"), samples)
    short, _, _ = replay(core_for(DATA / "quad106"), samples[:3500])
    assert short == whole[: len(short)]


@needs_logs
def test_ten_seconds_without_gnss_are_bridged_better_than_by_waiting() -> None:
    """Dead reckoning of a real flight against the withheld fixes; the last fix held would be 17 m off in the median."""
    samples = beginning("quad106")
    latency_ns = int((read_meta(DATA / "quad106").gnss_latency_s or 0.0) * 1e9)
    errors, stale = [], []
    for start_s in (60.0, 80.0, 100.0, 120.0):
        core = core_for(DATA / "quad106")
        last = None
        for sample in samples:
            late_s = seconds(sample.t_ns) - start_s
            if isinstance(sample, GnssFix) and late_s > 0.0:
                if late_s > 10.0 and core.filter is not None and core.frame is not None and last is not None:
                    east, north, _ = core.frame.to_local(sample.lat_deg, sample.lon_deg, sample.alt_amsl_m)
                    late = (core.filter.t_ns - (sample.t_ns - latency_ns)) * 1e-9
                    x = core.filter.x
                    errors.append(np.hypot(east - x[0] + x[3] * late, north - x[1] + x[4] * late))
                    stale.append(np.hypot(east - last[0], north - last[1]))
                    break
                continue
            if isinstance(sample, GnssFix) and core.frame is not None:
                last = core.frame.to_local(sample.lat_deg, sample.lon_deg, sample.alt_amsl_m)
            feed(core, sample)
    assert len(errors) == 4
    assert np.median(errors) < 15.0
    assert np.median(errors) < np.median(stale)


@needs_logs
def test_a_log_without_heading_waits_and_says_so() -> None:
    core = core_for(DATA / "f450_glitch")
    track, _, _ = replay(core, beginning("f450_glitch")[:2000])
    assert track == []
    assert "heading" in core.status(2_000_000_000).reason


@needs_logs
def test_a_real_gnss_fault_is_flagged_and_nothing_before_it() -> None:
    """f450_glitch: no usable magnetometer, so heading comes from motion; the receiver goes wrong at about 112.4 s."""
    core = core_for(DATA / "f450_glitch")
    track, states, _ = replay(core, list(read_folder(DATA / "f450_glitch").samples()))
    assert seconds(track[0].t_ns) < 110.0
    flagged = [t_s for t_s, state in states if state not in (Integrity.NOMINAL, Integrity.ALIGNING)]
    assert 112.4 < flagged[0] < 122.4
    assert np.isfinite([(*o.position_enu_m, *o.velocity_enu_m_s, *o.quat_wxyz) for o in track]).all()


def test_a_log_of_the_documented_layout_is_read(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text(
        '{"vehicle": "multirotor", "gnss_latency_s": 0.1, "mag_usable": true, "starts_at_rest": true}'
    )
    header = "t_s,gyro_x_rad_s,gyro_y_rad_s,gyro_z_rad_s,accel_x_m_s2,accel_y_m_s2,accel_z_m_s2\n"
    (tmp_path / "imu.csv").write_text(header + "0.02,0,0,0,0,0,9.8\n0.04,0,0,0,0,0,9.8\n")
    fields = "t_s,lat_deg,lon_deg,alt_amsl_m,vel_e_m_s,vel_n_m_s,vel_u_m_s,h_acc_m,v_acc_m,s_acc_m_s\n"
    (tmp_path / "gnss.csv").write_text(fields + "-0.01,42.18,69.89,760,1,2,0,1.5,2.5,0.3\n")
    (tmp_path / "baro.csv").write_text("t_s,alt_m\n0.03,100\n")
    samples = list(read_folder(tmp_path).samples())
    assert [round(seconds(s.t_ns), 3) for s in samples] == [-0.01, 0.02, 0.03, 0.04]
    assert read_meta(tmp_path).mag_usable and all(isfinite(seconds(s.t_ns)) for s in samples)
    (tmp_path / "imu.csv").write_text(header + "0.02,0,0,x,0,0,9.8\n")
    with pytest.raises(InputError, match="line 2"):
        list(read_folder(tmp_path).samples())
    (tmp_path / "imu.csv").write_text(header)
    (tmp_path / "gnss.csv").unlink()
    with pytest.raises(InputError, match=r"gnss\.csv"):
        list(read_folder(tmp_path).samples())
