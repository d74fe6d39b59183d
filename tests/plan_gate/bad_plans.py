"""Bad plans: a good one of the seed, spoiled in one stated way, with the codes of which one must be found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lenger_core.plans import ChangeSpeed, Datum, FenceCircle, Height, Land, RallyPoint, ReturnHome, Takeoff
from lenger_core.zone_model import BorderShape, CircleShape, HeightLimit, Zone, ZoneKind
from lenger_core.zone_model import Datum as ZoneDatum
from plan_gate.draft import Draft
from plan_gate.good_plans import Rng, bearing_deg, good_draft, offset
from plan_gate.spoiling import add, change, ends, longest_leg, low, steep

Spoil = Callable[[Rng, Draft], None]
HOURS_OF_NIGHT = ("2026-11-27T19:00:00Z", "2026-06-21T19:30:00Z", "2027-01-15T22:10:00Z", "2026-03-20T23:00:00Z")


def no_takeoff(rng: Rng, draft: Draft) -> None:
    """The take-off is missing."""
    del draft.items[0]
    draft.item = 0


def second_takeoff(rng: Rng, draft: Draft) -> None:
    """It takes off twice."""
    draft.item = int(rng.integers(2, len(draft.items)))
    draft.items.insert(draft.item, Takeoff(height=Height(value_m=50.0, datum=Datum.HOME)))


def no_landing(rng: Rng, draft: Draft) -> None:
    """It ends in the air."""
    del draft.items[-1]
    draft.item = len(draft.items) - 1


def early_landing(rng: Rng, draft: Draft) -> None:
    """It lands on the way."""
    draft.item = int(rng.integers(2, len(draft.items) - 1))
    draft.items.insert(draft.item, Land() if rng.random() < 0.5 else ReturnHome())


def nowhere(rng: Rng, draft: Draft) -> None:
    """It goes up and down."""
    draft.items = [draft.items[0], draft.items[-1]]


def senseless_height(rng: Rng, draft: Draft) -> None:
    """A height that nobody means."""
    draft.item = int(rng.choice(draft.waypoints))
    value, datum = [(1.0, Datum.AGL), (900.0, Datum.AGL), (3_500.0, Datum.HOME)][int(rng.integers(3))]
    change(draft, draft.item, height=Height(value_m=value, datum=datum))


def long_leg(rng: Rng, draft: Draft) -> None:
    """A leg across the country."""
    add(draft, offset((0.0, 0.0), float(rng.uniform(0.0, 360.0)), float(rng.uniform(5_900.0, 9_000.0))))


def out_of_range(rng: Rng, draft: Draft) -> None:
    """Farther from home than allowed."""
    reach = float(np.hypot(*draft.local(draft.at(draft.farthest()))))
    draft.limits["range_m"] = max(0.8 * reach, 100.0)
    draft.item = draft.farthest()


def through_a_zone(rng: Rng, draft: Draft) -> None:
    """A zone between two waypoints, neither of which lies in it."""
    index, middle, length = longest_leg(draft)
    radius = float(rng.uniform(0.1, 0.35)) * length
    below, above = HeightLimit(10.0, ZoneDatum.AGL), HeightLimit(3_000.0, ZoneDatum.AMSL)
    draft.zones.append(Zone("mast", ZoneKind.EXCLUSION, CircleShape(*draft.geo(middle), radius), below, above))
    draft.item = index


def too_near_a_zone(rng: Rng, draft: Draft) -> None:
    """The leg passes a zone by two metres."""
    index, middle, _ = longest_leg(draft)
    before, after = ends(draft, index)
    beside = offset(middle, bearing_deg(before, after) + 90.0, 12.0)
    draft.zones.append(Zone("pylon", ZoneKind.EXCLUSION, CircleShape(*draft.geo(beside), 10.0)))


def out_of_the_field(rng: Rng, draft: Draft) -> None:
    """The field is smaller than the plan."""
    reach = float(np.hypot(*draft.local(draft.at(draft.farthest()))))
    draft.zones[0] = Zone("field", ZoneKind.INCLUSION, CircleShape(*draft.home, float(rng.uniform(0.4, 0.9)) * reach))
    draft.item = draft.farthest()


def out_of_its_own_fence(rng: Rng, draft: Draft) -> None:
    """The plan's own fence is smaller than the plan."""
    reach = float(np.hypot(*draft.local(draft.at(draft.farthest()))))
    lat, lon = draft.home
    radius = float(rng.uniform(0.4, 0.9)) * reach
    draft.extra["fence_circles"] = (FenceCircle(inclusion=True, lat_deg=lat, lon_deg=lon, radius_m=radius),)


def over_the_border(rng: Rng, draft: Draft) -> None:
    """A border just before or just behind the farthest waypoint, where that flies east of home by turning the line."""
    spot = draft.local(draft.at(draft.farthest()))
    away = bearing_deg((0.0, 0.0), spot)
    middle = offset(spot, away, float(rng.uniform(-40.0, 80.0)))
    line = draft.geo(offset(middle, away - 90.0, 4_000.0)), draft.geo(offset(middle, away + 90.0, 4_000.0))
    draft.zones.append(Zone("frontier", ZoneKind.EXCLUSION, BorderShape(line, "left", 100.0)))
    draft.item = draft.farthest()


def into_the_ground(rng: Rng, draft: Draft) -> None:
    """A waypoint under the ground."""
    low(draft, float(rng.uniform(-60.0, -3.0)))


def close_to_the_ground(rng: Rng, draft: Draft) -> None:
    """A waypoint a few metres over the ground."""
    low(draft, float(rng.uniform(1.0, 10.0)))


def through_the_ceiling(rng: Rng, draft: Draft) -> None:
    """A waypoint too high over the ground."""
    index = int(rng.choice(draft.waypoints))
    change(draft, index, height=Height(value_m=float(rng.uniform(175.0, 480.0)), datum=Datum.AGL))
    draft.item = index


def too_long_for_the_battery(rng: Rng, draft: Draft) -> None:
    """It waits until the battery is empty."""
    minutes = {"quad_2kg": 25.0, "hexa_7kg": 90.0}[draft.vehicle] * float(rng.uniform(1.0, 1.5))
    for index in draft.waypoints:
        change(draft, index, hold_s=min(60.0 * minutes / len(draft.waypoints), 3_600.0))
    if 3_600.0 * len(draft.waypoints) < 60.0 * minutes:
        draft.day["battery_charge"] = 0.4


def no_way_back(rng: Rng, draft: Draft) -> None:
    """It lands far away: the battery lasts to there, and from the last places not home any more."""
    share, part_of, speed = {"quad_2kg": (0.6, 0.62), "hexa_7kg": (0.42, 0.75)}[draft.vehicle] + (8.0,)
    watts, wh = {"quad_2kg": (200.0, 80.0), "hexa_7kg": (560.0, 600.0)}[draft.vehicle]
    usable_s = (share - 0.27) * wh * 3_600.0 / watts
    far = part_of * (usable_s - 120.0) * speed
    way = float(rng.uniform(0.0, 360.0))
    height = Height(value_m=100.0, datum=Datum.AGL)
    places = [offset((0.0, 0.0), way, far * part) for part in (0.35, 0.7, 1.0)]
    draft.items = [Takeoff(height=height), ChangeSpeed(speed_m_s=speed)]
    draft.items += [draft.waypoint(place, 100.0, Datum.AGL) for place in places]
    draft.items.append(Land())
    draft.day |= {"battery_charge": share, "wind_m_s": 0.0, "battery_c": 30.0}


def cold_battery(rng: Rng, draft: Draft) -> None:
    """The battery comes from the cold."""
    draft.day["battery_c"] = float(rng.uniform(-20.0, 4.0))
    draft.item = 0


def hot_battery(rng: Rng, draft: Draft) -> None:
    """The battery lay in the sun."""
    draft.day["battery_c"] = float(rng.uniform(46.0, 60.0))
    draft.item = 0


def climbs_too_fast(rng: Rng, draft: Draft) -> None:
    """A straight leg far too steep for its speed."""
    steep(rng, draft, 1.0)


def sinks_too_fast(rng: Rng, draft: Draft) -> None:
    """The same down."""
    steep(rng, draft, -1.0)


def too_fast(rng: Rng, draft: Draft) -> None:
    """A speed that the vehicle does not have."""
    speed = float(rng.uniform(15.8, 40.0))
    draft.item = 1 if rng.random() < 0.5 else int(rng.choice(draft.waypoints))
    if draft.item == 1:
        draft.items[1] = ChangeSpeed(speed_m_s=speed)
    else:
        change(draft, draft.item, speed_m_s=speed)


def storm(rng: Rng, draft: Draft) -> None:
    """More wind than the vehicle stands."""
    draft.day["wind_m_s"] = float(rng.uniform(10.5, 20.0))


def squalls(rng: Rng, draft: Draft) -> None:
    """Gusts as fast as the vehicle."""
    draft.day |= {"wind_m_s": float(rng.uniform(3.0, 6.0)), "gust_m_s": float(rng.uniform(18.0, 28.0))}


def against_the_wind(rng: Rng, draft: Draft) -> None:
    """The longest leg fast against a fresh wind."""
    index, _, _ = longest_leg(draft)
    draft.day |= {"wind_m_s": float(rng.uniform(5.0, 6.5)), "wind_from_deg": bearing_deg(*ends(draft, index))}
    change(draft, index, speed_m_s=14.5)


def blown_away(rng: Rng, draft: Draft) -> None:
    """With the wind out, and no way back."""
    spot = draft.local(draft.at(draft.farthest()))
    draft.day |= {"wind_m_s": float(rng.uniform(15.0, 22.0)), "wind_from_deg": bearing_deg(spot, (0.0, 0.0))}


def by_night(rng: Rng, draft: Draft) -> None:
    """At night, without leave."""
    draft.day |= {"take_off_utc": str(rng.choice(HOURS_OF_NIGHT)), "lights": True}


def in_the_dark(rng: Rng, draft: Draft) -> None:
    """At night with leave, and no lights."""
    draft.day |= {"take_off_utc": str(rng.choice(HOURS_OF_NIGHT)), "lights": False, "night_allowed": True}


def too_many_items(rng: Rng, draft: Draft) -> None:
    """More items than an ArduCopter keeps."""
    draft.autopilot, middle = "ardupilot", draft.items[2:-1]
    count = int(rng.integers(660, 800))
    draft.items = [*draft.items[:2], *(middle[k % len(middle)] for k in range(count)), draft.items[-1]]


def bad_rally_point(rng: Rng, draft: Draft) -> None:
    """A rally point in a zone, too low, or far away."""
    kind, spot, height = int(rng.integers(3)), (80.0, -60.0), 50.0
    if kind == 0:
        draft.zones.append(Zone("school", ZoneKind.EXCLUSION, CircleShape(*draft.geo(spot), 25.0)))
    elif kind == 1:
        height = 4.0
    else:
        draft.limits["range_m"], spot = 2_000.0, (2_500.0, 0.0)
    lat, lon = draft.geo(spot)
    draft.rally.append(RallyPoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=height, datum=Datum.AGL)))


def home_of_another_datum(rng: Rng, draft: Draft) -> None:
    """Home's height is stated above something else."""
    draft.home_amsl_m = draft.ground_m + float(rng.choice([-1.0, 1.0])) * float(rng.uniform(40.0, 400.0))


BAD: dict[Spoil, tuple[str, ...]] = {
    no_takeoff: ("no_takeoff",),
    second_takeoff: ("second_takeoff",),
    no_landing: ("no_landing",),
    early_landing: ("early_landing",),
    nowhere: ("no_waypoint",),
    senseless_height: ("height",),
    long_leg: ("leg_too_long",),
    out_of_range: ("out_of_range",),
    through_a_zone: ("zone_entered",),
    too_near_a_zone: ("zone_margin", "zone_entered"),
    out_of_the_field: ("zone_left",),
    out_of_its_own_fence: ("zone_left",),
    over_the_border: ("border_crossed", "border_buffer"),
    into_the_ground: ("terrain_hit",),
    close_to_the_ground: ("terrain_clearance",),
    through_the_ceiling: ("ceiling_agl",),
    too_long_for_the_battery: ("energy_to_finish",),
    no_way_back: ("energy_to_return",),
    cold_battery: ("battery_cold",),
    hot_battery: ("battery_hot",),
    climbs_too_fast: ("climb_rate",),
    sinks_too_fast: ("descent_rate",),
    too_fast: ("speed",),
    storm: ("wind_limit",),
    squalls: ("gust_limit",),
    against_the_wind: ("airspeed",),
    blown_away: ("wind_carries_away",),
    by_night: ("night",),
    in_the_dark: ("lights",),
    too_many_items: ("item_count",),
    bad_rally_point: ("rally_zone", "rally_height", "rally_range"),
    home_of_another_datum: ("home_height",),
}
"""How a plan is spoiled, and the codes of which one must be found."""


def bad_draft(spoil: Spoil, seed: int) -> Draft:
    """Return the good plan of a seed after it was spoiled."""
    draft = good_draft(seed)
    spoil(np.random.Generator(np.random.PCG64(1_000 + seed)), draft)
    return draft
