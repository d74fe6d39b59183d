"""Which starts and native modes the guard permits: each check returns the reason of a refusal, or None."""

from __future__ import annotations

from math import inf, nan

from lenger_core.samples import Vec3
from lenger_core.zones import LocalZones, ZoneKind
from lenger_safety.estimate import Estimate
from lenger_safety.mission_path import ListedMission, Place, UnflyableError, mission_legs
from lenger_safety.paths import Leg, PathJudge, return_legs
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surroundings


class Permits:
    """The checks, against one set of zones and one terrain."""

    def __init__(self, settings: GuardSettings, zones: LocalZones, judge: PathJudge, max_speed_m_s: float) -> None:
        self._settings = settings
        self._zones = zones
        self._judge = judge
        self._max_speed_m_s = max_speed_m_s

    def arm(self, estimate: Estimate, around: Surroundings, home: Vec3 | None) -> str | None:
        """Arm only inside the fence and outside every keep-out, where the ground is known."""
        if around.ground is None:
            return "the ground here is not in the terrain model"
        if around.horizontal_m < 0.0:
            return f"{-around.horizontal_m:.1f} m on the wrong side of {around.nearest_zone} ({estimate.source})"
        height = self._amsl_m(estimate)
        return self._column(estimate, around, height, height, home)

    def takeoff(self, estimate: Estimate, around: Surroundings, target_amsl_m: float, home: Vec3 | None) -> str | None:
        """Climb straight up only inside the zones, to a height below every ceiling, through no keep-out above."""
        refused = self.arm(estimate, around, home)
        if refused is not None or around.ground is None:
            return refused
        height = self._amsl_m(estimate)
        # The ceiling here does not depend on the height, so the margin at the target is the margin now less the climb.
        left = around.ceiling_m - (target_amsl_m - height)
        if left < self._settings.buffer_m:
            return f"{target_amsl_m:.0f} m AMSL is {self._settings.buffer_m - left:.1f} m too high for the ceiling"
        return self._column(estimate, around, height, target_amsl_m, home)

    def land(self, estimate: Estimate, around: Surroundings, home: Vec3 | None) -> str | None:
        """Land only inside the zones, and through no keep-out below."""
        if around.horizontal_m < 0.0:
            return f"{-around.horizontal_m:.1f} m on the wrong side of {around.nearest_zone}"
        return self._column(estimate, around, -inf, self._amsl_m(estimate), home)

    def _amsl_m(self, estimate: Estimate) -> float:
        return self._zones.frame.alt_amsl_m + estimate.position_m[2]

    def _column(
        self, estimate: Estimate, around: Surroundings, low_m: float, high_m: float, home: Vec3 | None
    ) -> str | None:
        """Refuse where a keep-out meets the column here between two heights AMSL, by all that is not known of it."""
        margins = self._zones.area_margins(*estimate.position_m[:2])[:, 0]
        ground = around.ground.height_amsl_m if around.ground is not None else nan
        unsure = estimate.vpl_m + (around.ground.error_m if around.ground is not None else 0.0)
        home_amsl = nan if home is None else self._zones.frame.alt_amsl_m + home[2]
        for area, margin in zip(self._zones.areas, margins, strict=True):
            if area.kind is not ZoneKind.EXCLUSION or margin >= estimate.hpl_m:
                continue
            bottom = -inf if area.floor is None else area.floor.amsl_m(ground, home_amsl) - unsure
            top = inf if area.ceiling is None else area.ceiling.amsl_m(ground, home_amsl) + unsure
            if not (bottom > high_m or top < low_m):  # a height that is not a number refuses
                return f"{area.name} lies in the way"
        return None

    def native_return(self, estimate: Estimate, home: Vec3 | None) -> str | None:
        """Permit the autopilot's own return, up and then straight home, only where its whole path is legal."""
        if home is None:
            return "home is not known"
        ground = self._judge.ground_m(home[0], home[1])
        legs = return_legs(estimate.position_m, home, self._settings.return_height_home_m, ground)
        return self._judge.refusal(legs, estimate.hpl_m, estimate.vpl_m, home)

    def goto(
        self, estimate: Estimate, lat_deg: float, lon_deg: float, alt_amsl_m: float, home: Vec3 | None
    ) -> str | None:
        """Permit a flight straight to a place only where it is legal at both heights and at all between them."""
        if home is None:
            return "home is not known"
        end = self._zones.frame.to_local(lat_deg, lon_deg, alt_amsl_m)
        leg = Leg(estimate.position_m, end, "the straight path there", box=True)
        return self._judge.refusal((leg,), estimate.hpl_m, estimate.vpl_m, home)

    def mission(
        self, estimate: Estimate, listed: ListedMission, first: int, home: Vec3 | None, autopilot: str
    ) -> str | None:
        """Permit the mission on the autopilot as the settings say: not at all, where its path is legal, or unchecked.

        Args:
            estimate: from where it is flown.
            listed: the mission.
            first: first item as uploaded, from 0; -1: the current one.
            home: home in the guard's frame.
            autopilot: "px4" or "ardupilot".
        """
        s = self._settings
        if s.missions == "never":
            return "this guard permits no mission of the autopilot (parameter missions)"
        if s.missions == "watched":
            east, north, _ = estimate.position_m
            margin = self._zones.margin(east, north)
            outside = margin.margin_m < estimate.hpl_m
            return f"{estimate.hpl_m - margin.margin_m:.1f} m on the wrong side of {margin.name}" if outside else None
        if home is None or listed.mission is None:
            return "home is not known" if home is None else "the mission on the autopilot is not known"
        place = Place(
            self._zones.frame, home, autopilot, s.return_height_home_m, self._max_speed_m_s, self._judge.ground_m
        )
        try:
            legs = mission_legs(listed.mission, first, estimate.position_m, place)
        except UnflyableError as error:
            return str(error)
        return self._judge.refusal(legs, estimate.hpl_m, estimate.vpl_m, home)
