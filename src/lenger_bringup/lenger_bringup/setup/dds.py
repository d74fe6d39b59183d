"""The DDS transport of a flight: UDP, not shared memory.

When a reader is killed, every Fast DDS writer that shares memory with it stands still until the reader's port fails a
health check: 0.33 s a port, up to 1.3 s seen, in the middle of ``publish()`` and in all processes at once. So the
death of a recorder made the guard silent. Over UDP the datagrams go nowhere and nobody waits
(`benchmarks/reader_death.py` measures both).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FAST_DDS = "rmw_fastrtps_cpp"
LOOPBACK = Path(__file__).with_name("fastdds_loopback.xml")
RANGE, TRANSPORTS = "ROS_AUTOMATIC_DISCOVERY_RANGE", "FASTDDS_BUILTIN_TRANSPORTS"
PROFILES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
"""Of Jazzy's Fast DDS 2 and of Kilted's Fast DDS 3."""


def dds_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set over ``environ``; what the user has chosen stays.

    A chosen range beyond this machine keeps Fast DDS's own discovery, over UDP. For this machine alone rmw_fastrtps
    always adds shared memory, so the range is left to a profile that means the same without it.
    """
    if environ.get("RMW_IMPLEMENTATION", FAST_DDS) != FAST_DDS:
        return {} if RANGE in environ else {RANGE: "LOCALHOST"}
    result = {} if TRANSPORTS in environ else {TRANSPORTS: "UDPv4"}
    if any(name in environ for name in PROFILES):
        return result if RANGE in environ else result | {RANGE: "LOCALHOST"}
    if environ.get(RANGE, "LOCALHOST") == "LOCALHOST":
        result |= {RANGE: "SYSTEM_DEFAULT", **dict.fromkeys(PROFILES, str(LOOPBACK))}
    return result
