"""The estimate as it came: one row for each IMU sample, written to estimate.csv as it goes, and kept for the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO

import numpy as np
import pyproj
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import FusionStatus, Integrity
from lenger_fusion.kernels import NX
from lenger_fusion.replay.decimals import LARGEST, Lines
from lenger_fusion.replay.stream import Array, Stamps, times_s

COLUMNS = (
    "t_s", "lat_deg", "lon_deg", "alt_amsl_m", "vel_e_m_s", "vel_n_m_s", "vel_u_m_s", "roll_deg", "pitch_deg",
    "yaw_deg", "std_e_m", "std_n_m", "std_u_m", "hpl_m", "vpl_m", "gnss_used", "integrity",
)  # fmt: skip
_BLOCK = 1024
"""Rows that are worked out together: always this many, so that a row never depends on how many followed."""
_DECIMALS = (6, 9, 9, *[4] * 10, 3, 3)
_WORDS = 7
_STD, _HPL, _VPL, _USED, _STATE = slice(0, 3), 3, 4, 5, 6
"""What the estimator says of itself."""
_LINES = Lines(_DECIMALS, [f",{used:d},{state.name.lower()}\n" for state in sorted(Integrity) for used in (0, 1)])


@dataclass(frozen=True)
class Estimate:
    """All rows of a replay.

    Attributes:
        t_ns: (N,) record stamps of the IMU samples.
        position_m: (N, 3) east, north, height above the origin.
        velocity_m_s: (N, 3) ENU.
        std_m: (N, 3).
        hpl_m, vpl_m: (N,).
        gnss_used: (N,) bool.
        integrity: (N,) values of `lenger_core.samples.Integrity`.
    """

    t_ns: Stamps
    position_m: Array
    velocity_m_s: Array
    std_m: Array
    hpl_m: Array
    vpl_m: Array
    gnss_used: NDArray[np.bool_]
    integrity: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.t_ns)

    def at(self, t_ns: Stamps) -> Array:
        """Return (M, 5) east, north, up, HPL, VPL at other times, NaN where rows are not near (0.5 s) around them."""
        out = np.full((len(t_ns), 5), np.nan)
        if len(self) < 2:
            return out
        after = np.clip(np.searchsorted(self.t_ns, t_ns), 1, len(self) - 1)
        inside = (t_ns >= self.t_ns[0]) & (t_ns <= self.t_ns[-1])
        inside &= self.t_ns[after] - self.t_ns[after - 1] < 500_000_000
        columns = [*self.position_m.T, self.hpl_m, self.vpl_m]
        for k, column in enumerate(columns):
            out[inside, k] = np.interp(t_ns[inside], self.t_ns, column)
        return out


class EstimateWriter:
    """Takes rows, writes the CSV, and returns the whole.

    Args:
        file: where the CSV goes.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._stamps: list[Stamps] = []
        self._blocks: list[tuple[Array, Array]] = []
        self._states = np.zeros((_BLOCK, NX))
        self._states[:, 6] = 1.0
        self._words = np.zeros((_BLOCK, _WORDS))
        self._t_ns: list[int] = []
        self._world: _World | None = None
        self._status: FusionStatus | None = None
        self._word = np.zeros(_WORDS)
        file.write(",".join(COLUMNS) + "\n")

    def add(self, t_ns: int, state: Array, status: FusionStatus, frame: LocalFrame) -> None:
        """Add the row of an IMU sample.

        Args:
            t_ns: its stamp.
            state: (24,) of `lenger_fusion.kernels`, at that time.
            status: the newest.
            frame: the origin that the state is about.
        """
        if self._world is None or self._world.frame is not frame:
            self.flush()
            self._world = _World(frame)
        if status is not self._status:
            self._status = status
            self._word[:] = (*status.std_enu_m, status.hpl_m, status.vpl_m, status.gnss_used, status.integrity)
        row = len(self._t_ns)
        self._states[row] = state
        self._words[row] = self._word
        self._t_ns.append(t_ns)
        if row == _BLOCK - 1:
            self.flush()

    def flush(self) -> None:
        """Write the rows that have gathered."""
        used = len(self._t_ns)
        if self._world is None or not used:
            return
        states, words = self._states, self._words[:used]
        geodetic, angles = self._world.geodetic(states[:, :3]), _euler_deg(states[:, 6:10])
        stamps = np.array(self._t_ns, dtype=np.int64)
        pose = np.column_stack([geodetic, states[:, 3:6], angles])[:used]
        rows = np.column_stack([times_s(stamps), pose, words[:, :_USED]])
        # Between two looks at the filter's health (10 Hz) it may have lost its mind: such rows are none.
        sound = (np.abs(rows[:, 1:]) < LARGEST).all(axis=1)
        endings = (2.0 * words[:, _STATE] + words[:, _USED]).astype(np.int64)
        self._file.write(_LINES.text(rows[sound], endings[sound]))
        self._stamps.append(stamps[sound])
        self._blocks.append((states[:used, :6][sound], words[sound]))
        self._t_ns.clear()

    def whole(self) -> Estimate:
        """Return all rows."""
        self.flush()
        t_ns = np.concatenate([np.empty(0, dtype=np.int64), *self._stamps])
        moved = np.concatenate([np.empty((0, 6)), *(states for states, _ in self._blocks)])
        words = np.concatenate([np.empty((0, _WORDS)), *(words for _, words in self._blocks)])
        return Estimate(
            t_ns, moved[:, :3], moved[:, 3:], words[:, _STD], words[:, _HPL], words[:, _VPL], words[:, _USED] > 0.5,
            words[:, _STATE].astype(np.int64),
        )  # fmt: skip


@dataclass
class _World:
    """Many local points to the world at once: PROJ's topocentric conversion, about the same origin and geoid height."""

    frame: LocalFrame
    _convert: pyproj.Transformer = field(init=False)

    def __post_init__(self) -> None:
        frame = self.frame
        origin = f"+lat_0={frame.lat_deg!r} +lon_0={frame.lon_deg!r} +h_0={frame.alt_amsl_m + frame.undulation_m!r}"
        self._convert = pyproj.Transformer.from_pipeline(
            f"+proj=pipeline +step +inv +proj=topocentric +ellps=WGS84 {origin} "
            "+step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )

    def geodetic(self, local: Array) -> Array:
        """Return (N, 3) latitude, longitude, AMSL height, as `LocalFrame.to_geodetic` does for one point."""
        height = self.frame.alt_amsl_m + self.frame.undulation_m + local[:, 2]
        plane_up = local[:, 2].copy()
        lon = lat = plane_up
        for _ in range(3):  # the tangent plane's height of this height above the geoid: off by d / R each time
            lon, lat, above = self._convert.transform(local[:, 0], local[:, 1], plane_up)
            plane_up = plane_up + (height - above)
        return np.column_stack([lat, lon, self.frame.alt_amsl_m + local[:, 2]])


def _euler_deg(quat: Array) -> Array:
    """Return (N, 3) roll, pitch, yaw in degrees of (N, 4) quaternions, as `lenger_core.frames.euler_from_quat`."""
    w, x, y, z = quat.T
    roll = np.arctan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2.0 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return np.asarray(np.degrees(np.column_stack([roll, pitch, yaw])))
