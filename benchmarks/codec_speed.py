"""CPU of the MAVLink codec per message, beside pymavlink's own way between the same bytes and the same objects.

    .venv/bin/python benchmarks/codec_speed.py

The least of nine runs, so that a busy machine does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from timeit import repeat
from typing import Any

from lenger_mavlink.codec import MavCodec, mavlink

NUMBER = 2000
MESSAGES: list[Any] = [
    mavlink.MAVLink_heartbeat_message(2, 12, 81, 1, 4, 3),
    mavlink.MAVLink_attitude_message(1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    mavlink.MAVLink_global_position_int_message(1, 2, 3, 4, 5, 6, 7, 8, 9),
    mavlink.MAVLink_highres_imu_message(5, *[0.5] * 9, 950.0, 0.0, 1.0, 20.0, 63),
    mavlink.MAVLink_odometry_message(1, 1, 1, 1.0, 2.0, 3.0, [1.0, 0, 0, 0], 1, 2, 3, 4, 5, 6, [0.0] * 21, [0.0] * 21),
    mavlink.MAVLink_statustext_message(6, b"a text of some length", 0, 0),
]


def micros(call: Callable[[], object]) -> float:
    """Return microseconds a call, the least of nine runs."""
    return min(repeat(call, number=NUMBER, repeat=9)) / NUMBER * 1e6


def main() -> None:
    """Print a line a message."""
    sender, receiver, picky = MavCodec(1, 1), MavCodec(2, 2), MavCodec(2, 2, frozenset())
    bare = mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
    print(f"{'microseconds':22}{'pymavlink':>11}{'ours':>7}{'unwanted':>10}{'pymavlink':>13}{'ours':>7}")
    print(f"{'':22}{'decode':>11}{'':7}{'':10}{'encode':>13}")
    for msg in MESSAGES:
        frame = sender.encode(msg)
        decode = micros(lambda frame=frame: bare.decode(bytearray(frame)))
        ours, skip = micros(lambda frame=frame: receiver.feed(frame)), micros(lambda frame=frame: picky.feed(frame))
        pack, encode = micros(lambda msg=msg: msg.pack(bare)), micros(lambda msg=msg: sender.encode(msg))
        print(f"{msg.get_type():22}{decode:11.1f}{ours:7.1f}{skip:10.1f}{pack:13.1f}{encode:7.1f}")


if __name__ == "__main__":
    main()
