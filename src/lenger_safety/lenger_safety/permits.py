"""Which starts and native modes the guard permits: each check returns the reason of a refusal, or None."""

from __future__ import annotations

from math import ceil, hypot, inf, isfinite, nan

from lenger_core.errors import InputError
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_core.zones import LocalZones, ZoneKind
from lenger_safety.estimate import Estimate
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surroundings

SAMPLE_M = 25.0
"""Spacing of the terrain checks along a path."""


class Permits:
    """The checks, against one set of zones and one terrain."""

    def __init__(self, settings: GuardSettings, zones: LocalZones, terrain: Terrain) -> None:
        self._settings = settings
        self._zones = zones
        self._terrain = terrain

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
        start = estimate.position_m
        height = max(start[2], home[2] + self._settings.return_height_home_m)
        margin = self._zones.segment_margin(start[:2], home[:2])
        if margin.margin_m < estimate.hpl_m:
            return f"the straight path home passes {margin.name} by {margin.margin_m:.1f} m only"
        return self._clear_of_ground(start, home, height - estimate.vpl_m, height + estimate.vpl_m, home, "home")

    def goto(
        self, estimate: Estimate, lat_deg: float, lon_deg: float, alt_amsl_m: float, home: Vec3 | None
    ) -> str | None:
        """Permit a flight straight to a place only where it is legal at both heights and at all between them."""
        if home is None:
            return "home is not known"
        start, end = estimate.position_m, self._zones.frame.to_local(lat_deg, lon_deg, alt_amsl_m)
        margin = self._zones.segment_margin(start[:2], end[:2])
        if margin.margin_m < estimate.hpl_m:
            return f"the straight path there passes {margin.name} by {margin.margin_m:.1f} m only"
        low, high = min(start[2], end[2]) - estimate.vpl_m, max(start[2], end[2]) + estimate.vpl_m
        return self._clear_of_ground(start, end, low, high, home, "there")

    def mission(self, around: Surroundings) -> str | None:
        """Permit the uploaded mission where the settings allow it and the aircraft is inside the zones."""
        if not self._settings.uploaded_missions:
            return "this guard permits no uploaded mission (parameter uploaded_missions)"
        if around.horizontal_m < 0.0:
            return f"{-around.horizontal_m:.1f} m on the wrong side of {around.nearest_zone}"
        return None

    def _clear_of_ground(self, start: Vec3, end: Vec3, low: float, high: float, home: Vec3, where: str) -> str | None:
        """Check the straight path between two heights in the guard's frame; near home the floor does not count."""
        frame, s = self._zones.frame, self._settings
        de, dn = end[0] - start[0], end[1] - start[1]
        length = hypot(de, dn)
        count = max(1, ceil(length / SAMPLE_M))
        for i in range(count + 1):
            share = i / count
            lat, lon, _ = frame.to_geodetic(start[0] + share * de, start[1] + share * dn, 0.0)
            try:
                ground = self._terrain.height_amsl_m(lat, lon)
                error = self._terrain.error_m(lat, lon)
            except InputError:
                return f"the path {where} leaves the terrain model"
            off_home = hypot(start[0] + share * de - home[0], start[1] + share * dn - home[1])
            near_home = off_home <= s.approach_radius_m
            clear = frame.alt_amsl_m + low - ground - error
            if clear < s.floor_agl_m and not near_home:
                at = f"{length * share:.0f} m from here"
                return f"the straight path {where} clears the ground by {clear:.0f} m only, {at}"
            if frame.alt_amsl_m + high - ground + error > self._lowest_ceiling_m(ground, home):
                return f"the straight path {where} breaks the ceiling {length * share:.0f} m from here"
        return None

    def _lowest_ceiling_m(self, ground_amsl_m: float, home: Vec3) -> float:
        """Return the lowest ceiling above the ground there, metres above ground."""
        lowest = self._settings.ceiling_agl_m
        home_amsl = self._zones.frame.alt_amsl_m + home[2]
        for area in self._zones.areas[: self._zones.inclusions]:
            if area.ceiling is not None:
                line = area.ceiling.amsl_m(ground_amsl_m, home_amsl)
                lowest = min(lowest, line - ground_amsl_m) if isfinite(line) else lowest
        return lowest
