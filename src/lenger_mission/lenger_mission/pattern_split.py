"""A pattern that one battery does not fly, as several plans: each comes home with its reserve, by the gate's count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.plans import CameraAction, CameraDo, ChangeSpeed, Datum, Plan, ReturnHome, Simple, Waypoint
from lenger_mission.expand import Context
from lenger_mission.patterns.battery_split import FlightDay, Sortie, split_nodes
from lenger_mission.patterns.follow_plan import follow_plan
from lenger_mission.patterns.plane import plane_about
from lenger_mission.patterns.speed_plan import with_speeds
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import make_course
from lenger_mission.plan_gate.energy_check import check_energy, check_way_home
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Severity

Array = NDArray[np.float64]

PIECE_M = 100.0
_CLOSER, _TRIES = 0.95, 16
_GROUPS = {CameraDo.START_DISTANCE: "photos", CameraDo.START_TIME: "photos", CameraDo.POINT: "gimbal"}
_GROUPS |= {CameraDo.VIDEO_START: "video"}
_ENDS = {CameraDo.STOP: "photos", CameraDo.VIDEO_STOP: "video"}


@dataclass(frozen=True)
class BatteryPlan:
    """A plan for one battery.

    Attributes:
        plan: simple waypoints over the ground.
        energy_wh: that it takes, from take-off to landing.
        usable_wh: what may be used, down to the reserve.
    """

    plan: Plan
    energy_wh: float
    usable_wh: float


def battery_plans(whole: Plan, flat: Plan, context: Context, day: Conditions) -> tuple[BatteryPlan, ...]:
    """Return the flights that a pattern takes, in turn; one where a battery flies it whole.

    A flight fits when the gate finds enough energy for all of it and, from everywhere on it, for the way home.

    Args:
        whole: take-off, simple items, return; heights as they are wanted.
        flat: the same over the ground at speeds that the vehicle can fly.
        context: terrain, vehicle and wind.
        day: the conditions that the gate counts with.

    Raises:
        InputError: no flight can reach a part of it and come home, or a height is not known.
    """
    one, fits = _counted(flat, context, day)
    if fits:
        return (one,)
    track = _Track(whole, context)
    share = 1.0 / (1.0 + day.margins.energy_share)
    for _ in range(_TRIES):
        flown = [_counted(part, context, day) for part in track.plans(share)]
        if all(fits for _, fits in flown):
            return tuple(found for found, _ in flown)
        share *= _CLOSER
    usable = f"{one.usable_wh:.0f} Wh"
    raise InputError("plan make", "--split", usable, "more in the battery, less wind, or a nearer --home")


def split_path(path: Path, number: int) -> Path:
    """Return PLAN-1.ext for PLAN.ext and 1."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def energy_said(part: BatteryPlan) -> str:
    """Return the energy of a flight in words."""
    return f"{part.energy_wh:.1f} Wh of {part.usable_wh:.1f} Wh that may be used"


def split_said(pattern: str, out: Path, parts: Sequence[BatteryPlan]) -> list[str]:
    """Return what was made of a pattern that takes several batteries, line by line."""
    lines = [f"{pattern} -> {len(parts)} flights, each from a full battery"]
    for number, part in enumerate(parts, start=1):
        lines.append(f"{split_path(out, number)}: {len(part.plan.waypoints)} waypoints, {energy_said(part)}")
    return [*lines, f"next: lenger plan check {split_path(out, 1)}"]


def _counted(flat: Plan, context: Context, day: Conditions) -> tuple[BatteryPlan, bool]:
    """Return a flat plan with its energy, and whether the gate finds enough of it."""
    assert context.profile is not None
    assert context.terrain is not None
    flight = Flight(make_course(flat, context.profile, context.terrain), day)
    found = [*check_energy(flight), *check_way_home(flight)]
    short = any(finding.severity is Severity.ERROR for finding in found)
    return BatteryPlan(flat, float(flight.used_wh[-1]), flight.usable_wh), not short


class _Track:
    """The way of a pattern from its first waypoint to its last, in pieces over the ground.

    Attributes:
        points_m: (M, 3) east, north, AMSL; neighbours at most `PIECE_M` apart.
        leg: (M,) index of the waypoint that each point lies before, or at: the first one's is 0.
    """

    def __init__(self, whole: Plan, context: Context) -> None:
        assert context.terrain is not None
        assert context.profile is not None
        self._whole, self._context = whole, context
        plane = plane_about(whole.home.lat_deg, whole.home.lon_deg)
        self._at = [i for i, item in enumerate(whole.items) if isinstance(item, Waypoint)]
        way = [item for item in whole.items if isinstance(item, Waypoint)]
        if len(way) < 2:
            raise InputError("plan make", "--split", f"{len(way)} waypoints", "a pattern of two or more")
        corners = plane.to_local_many(np.array([w.lat_deg for w in way]), np.array([w.lon_deg for w in way]))
        flat, self.leg = _pieces(corners)
        lat, lon = plane.to_geodetic_many(flat)
        ground = context.terrain.heights_amsl_m(lat, lon)
        self.home_amsl_m = context.terrain.height_amsl_m(whole.home.lat_deg, whole.home.lon_deg)
        base = {Datum.AGL: ground, Datum.AMSL: np.zeros(len(lat)), Datum.HOME: np.full(len(lat), self.home_amsl_m)}
        amsl = [base[way[k].height.datum][i] + way[k].height.value_m for i, k in enumerate(self.leg)]
        self.points_m = np.column_stack([flat, np.array(amsl)])
        self._lat, self._lon = lat, lon

    def plans(self, share: float) -> list[Plan]:
        """Return the flights, over the ground, when each may take a share of what a battery holds."""
        profile, context = self._context.profile, self._context
        assert profile is not None
        assert context.terrain is not None
        speed = self._whole.cruise_speed_m_s or context.speed_m_s or profile.cruise_speed_m_s
        day = FlightDay(profile, speed, context.wind_en_m_s, share=share)
        home = np.array([0.0, 0.0, self.home_amsl_m])
        sorties = split_nodes(self.points_m, self._photo()[self.leg[1:]], home, day)
        wind = float(np.hypot(*context.wind_en_m_s))
        made = [follow_plan(self._part(*span, n), context.terrain) for n, span in enumerate(_spans(sorties), start=1)]
        return [with_speeds(plan, profile, wind) for plan in made]

    def _photo(self) -> NDArray[np.bool_]:
        """Whether the camera takes photos on the way to each waypoint."""
        on, out = False, []
        for item in self._whole.items:
            if isinstance(item, Waypoint):
                out.append(on)
            elif isinstance(item, CameraAction):
                on = _GROUPS.get(item.action) == "photos" or (on and _ENDS.get(item.action) != "photos")
        return np.array(out)

    def _part(self, first: int, last: int, number: int) -> Plan:
        """Return the plan that flies the points from `first` to `last`, with what is in force there."""
        whole, begin, end = self._whole.items, int(self.leg[first]), self._at[self.leg[last]]
        before = whole[: self._at[begin]]
        known = self._at[begin + 1] if self._is_corner(first) else self._at[begin]
        if first == 0:
            items = [*before, self._point(first), *whole[self._at[0] + 1 : known]]
        else:
            speed, there = (_in_force(part) for part in (before, whole[:known]))
            items = [*whole[:1]]  # the take-off
            items += [item for item in speed if isinstance(item, ChangeSpeed)]
            items += [self._point(first), *(item for item in there if item not in items)]
        items += [*whole[known:end], self._point(last)]
        if last == len(self.leg) - 1:
            items += [item for item in whole[end + 1 :] if not isinstance(item, ReturnHome)]
        elif self._is_corner(last):
            stretch = whole[end + 1 : self._at[self.leg[last] + 1]]
            items += [i for i in stretch if isinstance(i, CameraAction) and i.action is CameraDo.PHOTO]
        running = {_GROUPS[i.action] for i in _in_force(items) if isinstance(i, CameraAction)}
        items += [CameraAction(action=action) for action, group in _ENDS.items() if group in running]
        name = f"{self._whole.name}-{number}"
        return self._whole.model_copy(update={"items": (*items, ReturnHome()), "name": name})

    def _is_corner(self, index: int) -> bool:
        return index == len(self.leg) - 1 or index == 0 or bool(self.leg[index + 1] != self.leg[index])

    def _point(self, index: int) -> Waypoint:
        """Return a waypoint at a point of the track: that of the plan, or one on the way to it."""
        waypoint = self._whole.items[self._at[int(self.leg[index])]]
        assert isinstance(waypoint, Waypoint)
        if self._is_corner(index):
            return waypoint
        place = {"lat_deg": float(self._lat[index]), "lon_deg": float(self._lon[index])}
        return waypoint.model_copy(update={**place, "acceptance_radius_m": None, "hold_s": 0.0})


def _pieces(corners: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return points (M, 2) along a line (N, 2), at most `PIECE_M` apart, and the corner (M,) each comes before."""
    points, leg = [corners[:1]], [np.zeros(1, np.int64)]
    for number, (start, end) in enumerate(pairwise(corners), start=1):
        count = max(ceil(float(np.hypot(*(end - start))) / PIECE_M), 1)
        points.append(start + (np.arange(1, count + 1) / count)[:, None] * (end - start))
        leg.append(np.full(count, number, np.int64))
    return np.vstack(points), np.concatenate(leg)


def _spans(sorties: Sequence[Sortie]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last point of each flight."""
    first = 0
    for sortie in sorties:
        yield first, first + len(sortie.photo)
        first += len(sortie.photo)


def _in_force(items: Sequence[object]) -> list[Simple]:
    """Return the speed and what camera and gimbal were last told, as far as nothing ended it."""
    kept: dict[str, Simple] = {}
    for item in items:
        if isinstance(item, ChangeSpeed):
            kept["speed"] = item
        elif isinstance(item, Waypoint) and item.speed_m_s is not None:
            kept["speed"] = ChangeSpeed(speed_m_s=item.speed_m_s)
        elif isinstance(item, CameraAction) and item.action in _GROUPS:
            kept[_GROUPS[item.action]] = item
        elif isinstance(item, CameraAction) and item.action in _ENDS:
            kept.pop(_ENDS[item.action], None)
    return list(kept.values())
