"""What the camera is to do, item by item, and where the aircraft was: due photos as records."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, nan

from lenger_core.plans import CameraAction, CameraDo, Plan
from lenger_core.samples import CameraKind, CameraTrigger
from lenger_mission.remainder import SERIES
from lenger_mission.world import Position

_KINDS = {
    CameraDo.PHOTO: CameraKind.PHOTO,
    CameraDo.POINT: CameraKind.POINT,
    CameraDo.VIDEO_START: CameraKind.VIDEO_START,
    CameraDo.VIDEO_STOP: CameraKind.VIDEO_STOP,
}
MOST_A_STEP = 5
"""Photos that one step may ask for: a position that jumps by a kilometre is no thousand photos."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Where the aircraft is when something is triggered.

    Attributes:
        position: in the mission's frame.
        lat_deg, lon_deg: the same.
        height_agl_m: by the terrain model.
        yaw_enu_rad: of the nose.
    """

    position: Position
    lat_deg: float
    lon_deg: float
    height_agl_m: float
    yaw_enu_rad: float


class CameraLog:
    """Follows the camera items of one plan.

    Args:
        plan: flat.
        by_autopilot: whether the autopilot triggers, and this only keeps record.
    """

    def __init__(self, plan: Plan, by_autopilot: bool) -> None:
        self._plan = plan
        self._by_autopilot = by_autopilot
        self.photos = 0
        self._next = 0
        self._series: CameraAction | None = None
        self._left = 0
        self._last: tuple[float, float] | None = None
        self._gone_m = 0.0
        self._since_ns = 0

    def go_to(self, item: int) -> None:
        """Begin at an item: what the items before it leave in force is in force, single photos of them are not due."""
        self._next, self._series, self._last = item, None, None
        for each in self._plan.items[:item]:
            if isinstance(each, CameraAction) and each.action in SERIES:
                self._start(each, 0)
            elif isinstance(each, CameraAction) and each.action is CameraDo.STOP:
                self._series = None

    def pause(self) -> None:
        """The aircraft is elsewhere for a while: no distance is counted until the next step."""
        self._last = None

    def step(self, now_ns: int, item: int, shot: Shot) -> tuple[CameraTrigger, ...]:
        """Return what is due now.

        Args:
            now_ns: time.
            item: the item being flown; camera items before it are carried out.
            shot: where the aircraft is.
        """
        due: list[CameraTrigger] = []
        for index in range(self._next, item):
            each = self._plan.items[index]
            if isinstance(each, CameraAction):
                due += self._do(each, now_ns, item, shot)
        self._next = max(self._next, item)
        for _ in range(min(self._due(now_ns, shot.position), MOST_A_STEP)):
            due.append(self._photo(now_ns, item, shot))
        return tuple(due)

    def _do(self, action: CameraAction, now_ns: int, item: int, shot: Shot) -> list[CameraTrigger]:
        if action.action in SERIES:
            self._start(action, now_ns)
            return []
        if action.action is CameraDo.STOP:
            self._series = None
            return []
        if action.action is CameraDo.PHOTO:
            return [self._photo(now_ns, item, shot)]
        return [self._trigger(_KINDS[action.action], now_ns, item, shot, action.pitch_deg, action.yaw_deg)]

    def _start(self, action: CameraAction, now_ns: int) -> None:
        self._series, self._left = action, action.count
        self._gone_m = action.distance_m or 0.0  # the first photo is due at once
        self._since_ns = now_ns - int((action.interval_s or 0.0) * 1e9)

    def _due(self, now_ns: int, position: Position) -> int:
        """Return how many photos of the series are due."""
        here, before = (position.east_m, position.north_m), self._last
        self._last = here
        series = self._series
        if series is None:
            return 0
        if series.distance_m is not None:
            self._gone_m += hypot(here[0] - before[0], here[1] - before[1]) if before is not None else 0.0
            count = int(self._gone_m / series.distance_m)
            self._gone_m -= count * series.distance_m
            return count
        interval_ns = int((series.interval_s or 1.0) * 1e9)
        if now_ns - self._since_ns < interval_ns:
            return 0
        late = now_ns - self._since_ns >= 2 * interval_ns
        self._since_ns = now_ns if late else self._since_ns + interval_ns
        if series.count:
            self._left -= 1
            self._series = series if self._left > 0 else None
        return 1

    def _photo(self, now_ns: int, item: int, shot: Shot) -> CameraTrigger:
        self.photos += 1
        return self._trigger(CameraKind.PHOTO, now_ns, item, shot)

    def _trigger(
        self, kind: CameraKind, now_ns: int, item: int, shot: Shot, pitch: float | None = None, pan: float | None = None
    ) -> CameraTrigger:
        return CameraTrigger(
            t_ns=now_ns,
            kind=kind,
            number=self.photos,
            item=item,
            by_autopilot=self._by_autopilot,
            lat_deg=shot.lat_deg,
            lon_deg=shot.lon_deg,
            alt_amsl_m=shot.position.alt_amsl_m,
            height_agl_m=shot.height_agl_m,
            yaw_enu_rad=shot.yaw_enu_rad,
            pitch_deg=nan if pitch is None else pitch,
            pan_deg=nan if pan is None else pan,
        )
