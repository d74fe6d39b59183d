"""Named QoS profiles; the names stand in `lenger_core.wire.TOPICS`."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from lenger_core.errors import InputError


def _profile(depth: int, reliable: bool, latched: bool) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


PUBLISH = {
    "sensor": _profile(10, reliable=False, latched=False),
    "state": _profile(10, reliable=True, latched=True),
    "latched": _profile(1, reliable=True, latched=True),
    "plain": _profile(10, reliable=True, latched=False),
    "command": _profile(5, reliable=True, latched=False),
    "event": _profile(200, reliable=True, latched=True),
}
"""Profile of the publisher."""

SUBSCRIBE = {
    **PUBLISH,
    "state": _profile(5, reliable=True, latched=True),
    "plain": _profile(10, reliable=False, latched=False),
    "command": _profile(5, reliable=False, latched=False),
}
"""Profile of the subscription: an excursion of a state must not be missed, and a best-effort reader of commands and of
plain topics hears every publisher."""


def profile(name: str, publish: bool) -> QoSProfile:
    """Return the profile; raises InputError for an unknown name."""
    profiles = PUBLISH if publish else SUBSCRIBE
    if name not in profiles:
        raise InputError("QoS profile", "name", name, f"one of {', '.join(profiles)}")
    return profiles[name]
