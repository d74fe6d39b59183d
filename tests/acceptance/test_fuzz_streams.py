"""Long streams of bad bytes into a flying vehicle and a connected endpoint: both live on, the aircraft keeps flying.

Each stream is what links really deliver: noise, real traffic with flipped bits, cut and spliced frames, frames out of
order and repeated, and valid frames for a foreign system. `-m campaign` sends 10^6 bytes a stream, the suite a sample.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from acceptance.flight import FLAVOURS, Flight, hovering
from lenger_mavlink.codec import MavCodec, mavlink

Mangle = Callable[[np.random.Generator, bytes], bytes]
CHUNK = 400
ROUND_BYTES = 2_000


def noise(rng: np.random.Generator, _real: bytes) -> bytes:
    return rng.bytes(CHUNK)


def markers(rng: np.random.Generator, _real: bytes) -> bytes:
    """Noise full of start markers: each one is a false frame."""
    data = np.frombuffer(rng.bytes(CHUNK), dtype=np.uint8).copy()
    data[rng.random(CHUNK) < 0.3] = 0xFD
    data[rng.random(CHUNK) < 0.05] = 0xFE
    return data.tobytes()


def flipped(rng: np.random.Generator, real: bytes) -> bytes:
    data = np.frombuffer(real, dtype=np.uint8).copy()
    data[rng.random(len(data)) < 0.02] ^= np.uint8(1 << rng.integers(8))
    return data.tobytes()


def cut(rng: np.random.Generator, real: bytes) -> bytes:
    """Pieces of real traffic, in any order, some twice."""
    cuts = sorted(rng.integers(0, len(real) + 1, 6).tolist())
    pieces = [real[a:b] for a, b in zip([0, *cuts], [*cuts, len(real)], strict=True)]
    return b"".join(pieces[i] for i in rng.integers(0, len(pieces), len(pieces)))


def foreign(rng: np.random.Generator, _real: bytes) -> bytes:
    """Valid frames with random fields that are for another system."""
    codec = MavCodec(int(rng.integers(2, 255)), int(rng.integers(1, 255)))
    values = rng.normal(0.0, 1e3, 7).tolist()
    out = b""
    for _ in range(CHUNK // 45):
        number = int(rng.integers(0, 0xFFFF))
        out += codec.encode(mavlink.MAVLink_command_long_message(77, 1, number, 0, *values))
    return out


STREAMS: dict[str, Mangle] = {"noise": noise, "markers": markers, "flipped": flipped, "cut": cut, "foreign": foreign}


def push(flight: Flight, mangle: Mangle, total: int, seed: int) -> None:
    """Send `total` mangled bytes each way, in datagrams, while the flight goes on."""
    rng = np.random.default_rng(seed)
    sent = 0
    while sent < total:
        for _ in range(ROUND_BYTES // CHUNK):
            data = mangle(rng, flight.traffic_up or b"\xfd" * CHUNK)[:1400]
            flight.core.receive(data, flight.core.now_ns)
            sent += len(data)
            flight.endpoint.on_bytes(mangle(rng, flight.traffic_down or b"\xfd" * CHUNK)[:1400], flight.core.now_ns)
        flight.run(0.1)
    flight.run(3.0)


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_sample_of_each_stream(flavour: str, name: str) -> None:
    flight = hovering(flavour)
    push(flight, STREAMS[name], 20_000, seed=1)
    flight.assert_alive_and_flying()


@pytest.mark.campaign
@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_million_bytes_of_each_stream(flavour: str, name: str) -> None:
    flight = hovering(flavour)
    push(flight, STREAMS[name], 1_000_000, seed=2)
    flight.assert_alive_and_flying()
    print(f"\n{flavour} {name}: seed 2, 10^6 bytes each way, {flight.core.now_ns * 1e-9:.0f} s flown")
