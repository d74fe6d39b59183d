"""Injections into the receiver's fixes: spoofing, jamming, noise, a frozen receiver."""

from __future__ import annotations

from dataclasses import replace
from math import cos, isfinite, radians

import numpy as np

from lenger_core.samples import GnssFix
from lenger_fusion.replay.effects import (
    DEGREES,
    METRES,
    METRES_PER_SECOND,
    SECONDS,
    Argument,
    Change,
    Kind,
    Values,
    each,
    frozen,
    toward,
)

_METRES_PER_DEG = 111_320.0
"""Of latitude, within 0.6 % anywhere: the size of a fault, not of the Earth."""
_JAMMED_TIMES, _JAMMED_SATELLITES, _FEW = 20.0, 12, 3
_DEFAULT_ACC_M, _DEFAULT_SPEED_ACC_M_S = 1.5, 0.3
_LOST_M = 1000.0

BEARING = Argument("bearing", DEGREES, -360.0, 360.0, "BEARINGdeg", 90.0)


def shifted(fix: GnssFix, east_m: float, north_m: float) -> GnssFix:
    """Return the fix with its place moved."""
    scale = max(0.01, cos(radians(fix.lat_deg))) if isfinite(fix.lat_deg) else 1.0
    return replace(
        fix,
        lat_deg=fix.lat_deg + north_m / _METRES_PER_DEG,
        lon_deg=fix.lon_deg + east_m / (_METRES_PER_DEG * scale),
    )


def _step(values: Values, _rng: np.random.Generator) -> Change:
    east, north, _ = toward(values.number("bearing"), values.number("offset"))
    return each(lambda fix, _t: shifted(fix, east, north))


def _ramp(values: Values, _rng: np.random.Generator) -> Change:
    east, north, _ = toward(values.number("bearing"), values.number("speed"))
    moving = 1.0 if values.word == "consistent" else 0.0

    def change(fix: GnssFix, since_s: float) -> GnssFix:
        drawn = shifted(fix, east * since_s, north * since_s)
        return replace(drawn, vel_e_m_s=drawn.vel_e_m_s + moving * east, vel_n_m_s=drawn.vel_n_m_s + moving * north)

    return each(change)


def _height(values: Values, _rng: np.random.Generator) -> Change:
    size = values.number("offset")
    return each(
        lambda fix, _t: replace(fix, alt_amsl_m=fix.alt_amsl_m + size, alt_ellipsoid_m=fix.alt_ellipsoid_m + size)
    )


def _noise(values: Values, rng: np.random.Generator) -> Change:
    std = values.number("sigma")

    def change(fix: GnssFix, _since_s: float) -> GnssFix:
        east, north, up = (std * rng.standard_normal(3)).tolist()
        return replace(shifted(fix, east, north), alt_amsl_m=fix.alt_amsl_m + up)

    return each(change)


def _jam(values: Values, rng: np.random.Generator) -> Change:
    """Accuracies and errors grow twentyfold on the way to the loss, and satellites fall; then there is no fix."""
    lost_s = values.number("until lost")

    def change(fix: GnssFix, since_s: float) -> GnssFix:
        share = min(1.0, since_s / lost_s)
        seen = fix.satellites if 0 < fix.satellites < 100 else _JAMMED_SATELLITES
        if share >= 1.0:
            return replace(fix, fix_type=0, satellites=0, h_acc_m=_LOST_M, v_acc_m=_LOST_M, s_acc_m_s=_LOST_M)
        worse = _JAMMED_TIMES**share
        h_acc, v_acc = (a if isfinite(a) and a > 0.0 else _DEFAULT_ACC_M for a in (fix.h_acc_m, fix.v_acc_m))
        s_acc = fix.s_acc_m_s if isfinite(fix.s_acc_m_s) and fix.s_acc_m_s > 0.0 else _DEFAULT_SPEED_ACC_M_S
        east, north, up, v_east, v_north = ((worse - 1.0) * 0.5 * rng.standard_normal(5)).tolist()
        return replace(
            shifted(fix, h_acc * east, h_acc * north),
            alt_amsl_m=fix.alt_amsl_m + v_acc * up,
            vel_e_m_s=fix.vel_e_m_s + s_acc * v_east,
            vel_n_m_s=fix.vel_n_m_s + s_acc * v_north,
            satellites=round(seen + (_FEW - seen) * share),
            h_acc_m=h_acc * worse,
            v_acc_m=v_acc * worse,
            s_acc_m_s=s_acc * worse,
        )

    return each(change)


_STUCK = frozen("lat_deg", "lon_deg", "alt_amsl_m", "alt_ellipsoid_m", "vel_e_m_s", "vel_n_m_s", "vel_u_m_s")

KINDS: tuple[Kind, ...] = (
    Kind(
        "spoof-step", "gnss", "fixes lie off by a distance, velocity as it was",
        _step, (Argument("offset", METRES, 0.0, 1e5, "10m"), BEARING),
    ),
    Kind(
        "spoof-ramp", "gnss", "fixes are drawn away at a speed; consistent: their velocity says so too. Ends at T1",
        _ramp, (Argument("speed", METRES_PER_SECOND, 0.0, 100.0, "2m/s"), BEARING), ("", "consistent"),
    ),
    Kind(
        "gnss-height", "gnss", "heights of fixes are off",
        _height, (Argument("offset", METRES, -1e4, 1e4, "20m"),),
    ),
    Kind(
        "gnss-noise", "gnss", "white noise on each axis of the fixes; their stated accuracy stays",
        _noise, (Argument("sigma", METRES, 0.0, 1e4, "5m"),),
    ),
    Kind("gnss-freeze", "gnss", "the receiver repeats its last fix", _STUCK),
    Kind(
        "jam", "gnss", "accuracies grow and satellites fall for 5 s, then there is no fix",
        _jam, (Argument("until lost", SECONDS, 0.1, 3600.0, "5s", 5.0),),
    ),
)  # fmt: skip
