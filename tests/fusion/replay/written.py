"""Flight logs written by the tests: one set of records in each of the formats that `./lenger fuse` reads."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from math import atan2, degrees, hypot
from pathlib import Path

import numpy as np

from fusion.trajectory import T0_NS, Flight
from lenger_core.atmosphere import altitude_of_pressure_m
from lenger_core.samples import (
    AirspeedSample,
    FlowSample,
    GnssFix,
    ImuSample,
    MagSample,
    PressureSample,
    RangeSample,
)
from lenger_fusion.replay.stream import Sample
from lenger_training.recording import LockstepRecorder

DRAG = 0.2
BOOT_US = 7_000_000
"""Autopilots' clocks at the first IMU sample."""


@cache
def flown(duration_s: float = 20.0, seed: int = 3) -> tuple[Sample, ...]:
    """A flight with every sensor, sorted by arrival; stamps are whole microseconds and start at `T0_NS`."""
    flight = Flight(seed, duration_s, drag=DRAG)
    samples: list[Sample] = [
        s for s in flight.readings() if isinstance(s, (ImuSample, GnssFix, PressureSample, MagSample))
    ]
    for i in range(40, len(flight.t_s), 50):
        t_ns = T0_NS + i * 1_000_000
        distance = float(flight.position[i, 2]) / flight.attitude[i].as_matrix()[2, 2] + 0.3
        rates = flight.rates[i]
        over = flight.attitude[i].inv().apply(flight.velocity[i]) / max(distance, 0.3)
        samples.append(RangeSample(t_ns + 3000, distance))
        flow = (-rates[0] - over[1], -rates[1] + over[0])
        samples.append(
            FlowSample(t_ns + 4000, (float(flow[0]), float(flow[1])), (float(rates[0]), float(rates[1])), 200)
        )
        ahead = float(flight.attitude[i].inv().apply(flight.velocity[i])[0])
        samples.append(AirspeedSample(t_ns + 5000, ahead if ahead > 4.0 else 1.0 + 0.001 * (i % 700)))
    whole = [_stamped(s, s.t_ns // 1000 * 1000) for s in samples]
    return tuple(sorted(whole, key=lambda s: s.t_ns))


def _stamped(sample: Sample, t_ns: int) -> Sample:
    return type(sample)(t_ns, *(getattr(sample, f.name) for f in fields(sample)[1:]))  # type: ignore[arg-type]


def of(samples: Iterable[Sample], kind: type) -> list[Sample]:
    return [s for s in samples if type(s) is kind]


def flat(samples: Iterable[Sample]) -> np.ndarray:
    """Records of one kind as numbers, stamps first."""
    rows = []
    for sample in samples:
        values: list[float] = []
        for f in fields(sample):
            value = getattr(sample, f.name)
            values += value if isinstance(value, tuple) else [value]
        rows.append(values)
    return np.array(rows, dtype=float)


def write_folder(folder: Path, samples: Sequence[Sample], until_s: float = 1e9, **meta: object) -> Path:
    """The sensor-log layout; log time 0 s is `T0_NS`."""
    folder.mkdir(exist_ok=True)
    about = {"vehicle": "multirotor", "gnss_latency_s": 0.12, "mag_usable": True, "starts_at_rest": True, **meta}
    (folder / "meta.json").write_text(json.dumps(about))
    for name, (kind, head, values) in _CSV.items():
        lines = [f"t_s,{head}"]
        for s in of(samples, kind):
            t_s = (s.t_ns - T0_NS) * 1e-9
            if t_s < until_s:
                lines.append(",".join([f"{t_s:.6f}", *(repr(float(v)) for v in values(s))]))
        if len(lines) > 1 or name in ("imu", "gnss"):
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


_CSV = {
    "imu": (ImuSample, "gyro_x_rad_s,gyro_y_rad_s,gyro_z_rad_s,accel_x_m_s2,accel_y_m_s2,accel_z_m_s2",
            lambda s: (*s.gyro_rad_s, *s.accel_m_s2)),
    "gnss": (GnssFix, "lat_deg,lon_deg,alt_amsl_m,vel_e_m_s,vel_n_m_s,vel_u_m_s,h_acc_m,v_acc_m,s_acc_m_s",
             lambda s: (s.lat_deg, s.lon_deg, s.alt_amsl_m, s.vel_e_m_s, s.vel_n_m_s, s.vel_u_m_s, s.h_acc_m, s.v_acc_m,
                        s.s_acc_m_s)),
    "baro": (PressureSample, "alt_m", lambda s: (altitude_of_pressure_m(s.pressure_pa),)),
    "mag": (MagSample, "mag_x_ut,mag_y_ut,mag_z_ut", lambda s: [1e6 * v for v in s.field_t]),
    "airspeed": (AirspeedSample, "airspeed_m_s", lambda s: (s.airspeed_m_s,)),
    "range": (RangeSample, "range_m", lambda s: (s.range_m,)),
    "flow": (FlowSample, "flow_x_rad_s,flow_y_rad_s,gyro_x_rad_s,gyro_y_rad_s,quality",
             lambda s: (*s.flow_rad_s, *s.gyro_rad_s, s.quality)),
}  # fmt: skip


def us(sample: Sample) -> int:
    return (sample.t_ns - T0_NS) // 1000 + BOOT_US


# ------------------------------------------------------------ PX4


ULOG_NEW = {
    "sensor_combined": "uint64_t timestamp;float[3] gyro_rad;float[3] accelerometer_m_s2;",
    "sensor_gps": "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;"
    "double altitude_msl_m;double altitude_ellipsoid_m;float s_variance_m_s;float eph;float epv;float vel_n_m_s;"
    "float vel_e_m_s;uint8_t vel_ned_valid;uint8_t fix_type;uint8_t satellites_used;",
    "vehicle_air_data": "uint64_t timestamp;uint64_t timestamp_sample;float baro_pressure_pa;",
    "vehicle_magnetometer": "uint64_t timestamp;uint64_t timestamp_sample;float[3] magnetometer_ga;",
    "airspeed_validated": "uint64_t timestamp;float true_airspeed_m_s;",
    "distance_sensor": "uint64_t timestamp;float min_distance;float max_distance;float current_distance;"
    "uint8_t orientation;int8_t signal_quality;",
    "vehicle_optical_flow": "uint64_t timestamp;uint64_t timestamp_sample;float[2] pixel_flow;float[3] delta_angle;"
    "uint32_t integration_timespan_us;uint8_t quality;",
}
ULOG_OLD = {
    "vehicle_imu": "uint64_t timestamp;uint64_t timestamp_sample;float[3] delta_angle;float[3] delta_velocity;"
    "uint32_t delta_angle_dt;uint32_t delta_velocity_dt;",
    "vehicle_gps_position": "uint64_t timestamp;uint64_t time_utc_usec;int32_t lat;int32_t lon;int32_t alt;"
    "int32_t alt_ellipsoid;float s_variance_m_s;float eph;float epv;float vel_n_m_s;float vel_e_m_s;"
    "uint8_t vel_ned_valid;uint8_t fix_type;uint8_t satellites_used;",
    "sensor_baro": "uint64_t timestamp;float pressure;",
    "sensor_mag": "uint64_t timestamp;float x;float y;float z;",
    "airspeed": "uint64_t timestamp;float true_airspeed_m_s;",
    "distance_sensor": "uint64_t timestamp;float min_distance;float max_distance;float current_distance;"
    "uint8_t orientation;",
    "sensor_optical_flow": "uint64_t timestamp;float[2] pixel_flow;float[3] delta_angle;"
    "uint32_t integration_timespan_us;uint8_t quality;",
}
UTC_US = 1_767_225_600_000_000
"""2026-01-01."""


def ulog_bytes(samples: Sequence[Sample], old: bool = False) -> bytes:
    """A PX4 log of the records, as PX4 v1.16 or, `old`, as v1.11 wrote it."""
    formats = ULOG_OLD if old else ULOG_NEW
    names = list(formats)
    out = bytearray(b"ULog\x01\x12\x35\x01" + struct.pack("<Q", BOOT_US - 5000))
    out += _ulog_message("B", bytes(40))
    for name, layout in formats.items():
        out += _ulog_message("F", f"{name}:{layout}".encode())
    out += _ulog_message(
        "P",
        _keyed("int32_t EKF2_GPS_DELAY" if old else "float EKF2_GPS_DELAY", struct.pack("<i" if old else "<f", 130)),
    )
    for k, name in enumerate(names):
        out += _ulog_message("A", struct.pack("<BH", 0, k) + name.encode())
    # A second receiver, which must be left alone.
    out += _ulog_message("A", struct.pack("<BH", 1, 99) + names[1].encode())
    for sample in samples:
        k, body = (_ulog_old if old else _ulog_new)(sample)
        out += _ulog_message("D", struct.pack("<HQ", k, us(sample)) + body)
        if k == 1:
            out += _ulog_message("D", struct.pack("<HQ", 99, us(sample)) + bytes(len(body)))
    return bytes(out)


def _ulog_message(kind: str, body: bytes) -> bytes:
    return struct.pack("<HB", len(body), ord(kind)) + body


def _keyed(key: str, value: bytes) -> bytes:
    return bytes([len(key)]) + key.encode() + value


def _ulog_new(s: Sample) -> tuple[int, bytes]:
    if isinstance(s, ImuSample):
        return 0, struct.pack("<6f", *_turned(s.gyro_rad_s), *_turned(s.accel_m_s2))
    if isinstance(s, GnssFix):
        return 1, struct.pack(
            "<Q4d5f3B", UTC_US, s.lat_deg, s.lon_deg, s.alt_amsl_m, s.alt_ellipsoid_m, s.s_acc_m_s, s.h_acc_m,
            s.v_acc_m, s.vel_n_m_s, s.vel_e_m_s, 1, s.fix_type, s.satellites,
        )  # fmt: skip
    if isinstance(s, PressureSample):
        return 2, struct.pack("<Qf", us(s), s.pressure_pa)
    if isinstance(s, MagSample):
        return 3, struct.pack("<Q3f", us(s), *(v * 1e4 for v in _turned(s.field_t)))
    if isinstance(s, AirspeedSample):
        return 4, struct.pack("<f", s.airspeed_m_s)
    if isinstance(s, RangeSample):
        return 5, struct.pack("<3fBb", 0.1, 100.0, s.range_m, 25, 100)
    return 6, struct.pack("<Q", us(s)) + _ulog_flow(s)


def _ulog_old(s: Sample) -> tuple[int, bytes]:
    if isinstance(s, ImuSample):
        turn, push = _turned(s.gyro_rad_s), _turned(s.accel_m_s2)
        return 0, struct.pack("<Q6f2I", us(s), *(0.004 * v for v in turn), *(0.005 * v for v in push), 4000, 5000)
    if isinstance(s, GnssFix):
        return 1, struct.pack(
            "<Q4i5f3B", UTC_US, round(s.lat_deg * 1e7), round(s.lon_deg * 1e7), round(s.alt_amsl_m * 1e3),
            round(s.alt_ellipsoid_m * 1e3), s.s_acc_m_s, s.h_acc_m, s.v_acc_m, s.vel_n_m_s, s.vel_e_m_s, 1, s.fix_type,
            s.satellites,
        )  # fmt: skip
    if isinstance(s, PressureSample):
        return 2, struct.pack("<f", s.pressure_pa / 100.0)
    if isinstance(s, MagSample):
        return 3, struct.pack("<3f", *(v * 1e4 for v in _turned(s.field_t)))
    if isinstance(s, AirspeedSample):
        return 4, struct.pack("<f", s.airspeed_m_s)
    if isinstance(s, RangeSample):
        return 5, struct.pack("<3fB", 0.1, 100.0, s.range_m, 25)
    return 6, _ulog_flow(s)


def _ulog_flow(s: Sample) -> bytes:
    """Over 20 ms, on PX4's axes and with its sign: a turn of the sensor and the flow that it causes are alike."""
    assert isinstance(s, FlowSample)
    seen = (-s.flow_rad_s[0] * 0.02, s.flow_rad_s[1] * 0.02)
    return struct.pack("<5fIB", *seen, s.gyro_rad_s[0] * 0.02, -s.gyro_rad_s[1] * 0.02, 0.0, 20_000, s.quality)


def _turned(v: Sequence[float]) -> tuple[float, float, float]:
    """Forward, left, up to forward, right, down; written out here, so that the codec's is tested against it."""
    return v[0], -v[1], -v[2]


# ------------------------------------------------------------ ArduPilot


BIN = {
    "MSG": (129, "QZ", "TimeUS,Message"),
    "IMU": (130, "QBffffff", "TimeUS,I,GyrX,GyrY,GyrZ,AccX,AccY,AccZ"),
    "GPS": (131, "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"),
    "GPA": (132, "QBCCCC", "TimeUS,I,VDop,HAcc,VAcc,SAcc"),
    "BARO": (133, "QBff", "TimeUS,I,Alt,Press"),
    "MAG": (134, "QBhhh", "TimeUS,I,MagX,MagY,MagZ"),
    "ARSP": (135, "QBf", "TimeUS,I,Airspeed"),
    "RFND": (136, "QBCBB", "TimeUS,Instance,Dist,Stat,Orient"),
    "OF": (137, "QBffff", "TimeUS,Qual,flowX,flowY,bodyX,bodyY"),
}
_STRUCT = {
    "Q": "Q",
    "Z": "64s",
    "B": "B",
    "f": "f",
    "I": "I",
    "H": "H",
    "c": "h",
    "C": "H",
    "L": "i",
    "e": "i",
    "h": "h",
}


def bin_bytes(samples: Sequence[Sample]) -> bytes:
    """An ArduPilot log of the records, with a second instance of IMU and receiver that must be left alone."""
    out = bytearray()
    out += _bin_format(128, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    for name, (kind, letters, columns) in BIN.items():
        out += _bin_format(kind, 3 + struct.calcsize("<" + _letters(letters)), name, letters, columns)
    out += _bin("MSG", BOOT_US, b"ArduCopter V4.6.0 (1234abcd)")
    for sample in samples:
        out += _bin_of(sample)
    return bytes(out)


def _letters(letters: str) -> str:
    return "".join(_STRUCT[letter] for letter in letters)


def _bin_format(kind: int, length: int, name: str, letters: str, columns: str) -> bytes:
    return b"\xa3\x95\x80" + struct.pack("<BB4s16s64s", kind, length, name.encode(), letters.encode(), columns.encode())


def _bin(name: str, *values: object) -> bytes:
    kind, letters, _ = BIN[name]
    return b"\xa3\x95" + bytes([kind]) + struct.pack("<" + _letters(letters), *values)


def _bin_of(s: Sample) -> bytes:
    t_us = us(s)
    if isinstance(s, ImuSample):
        values = (*_turned(s.gyro_rad_s), *_turned(s.accel_m_s2))
        return _bin("IMU", t_us, 0, *values) + _bin("IMU", t_us, 1, *[9.0] * 6)
    if isinstance(s, GnssFix):
        place = (round(s.lat_deg * 1e7), round(s.lon_deg * 1e7), round(s.alt_amsl_m * 100))
        course = degrees(atan2(s.vel_e_m_s, s.vel_n_m_s)) % 360.0
        rest = (hypot(s.vel_e_m_s, s.vel_n_m_s), course, 0.0, 0.0, 1)
        fix = _bin("GPS", t_us, 0, s.fix_type, 0, 2399, s.satellites, 80, *place, *rest)
        other = _bin("GPS", t_us, 1, 0, 0, 0, 0, 9999, 0, 0, 0, *rest)
        return fix + _bin("GPA", t_us, 0, 100, *(round(a * 100) for a in (s.h_acc_m, s.v_acc_m, s.s_acc_m_s))) + other
    if isinstance(s, PressureSample):
        return _bin("BARO", t_us, 0, 0.0, s.pressure_pa)
    if isinstance(s, MagSample):
        return _bin("MAG", t_us, 0, *(round(v * 1e7) for v in _turned(s.field_t)))
    if isinstance(s, AirspeedSample):
        return _bin("ARSP", t_us, 0, s.airspeed_m_s)
    if isinstance(s, RangeSample):
        return _bin("RFND", t_us, 0, round(s.range_m * 100), 4, 25)
    flow = (-s.flow_rad_s[0], s.flow_rad_s[1], s.gyro_rad_s[0], -s.gyro_rad_s[1])
    return _bin("OF", t_us, s.quality, *flow)


# ------------------------------------------------------------ MCAP


def write_recording(path: Path, samples: Sequence[Sample], namespace: str = "") -> Path:
    """A recording as the lockstep flight makes it: a fix is spread over three topics."""
    recorder = LockstepRecorder(path, namespace)
    topics = {
        ImuSample: "mavros/imu/data_raw",
        MagSample: "mavros/imu/mag",
        PressureSample: "mavros/imu/static_pressure",
    }
    for s in samples:
        if isinstance(s, GnssFix):
            for part in ("gpsstatus/gps1/raw", "global_position/raw/fix", "global_position/raw/gps_vel"):
                recorder.record(f"mavros/{part}", s, s.t_ns)
        elif type(s) in topics:
            recorder.record(topics[type(s)], s, s.t_ns)
    recorder.close()
    return path
