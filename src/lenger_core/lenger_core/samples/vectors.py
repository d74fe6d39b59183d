"""Vectors and quaternions of records: plain tuples, immutable and cheap."""

from __future__ import annotations

from math import nan

Vec3 = tuple[float, float, float]
QuatWxyz = tuple[float, float, float, float]

NAN3: Vec3 = (nan, nan, nan)
IDENTITY: QuatWxyz = (1.0, 0.0, 0.0, 0.0)
