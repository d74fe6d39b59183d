"""The radio link: line of sight to the ground station, over the terrain, the Earth's bulge and the Fresnel zone.

ITU-R P.526 (effective Earth radius, knife edge) and P.530 (0.6 of the first Fresnel radius clear); exact for the
terrain's bilinear surface (`lenger_core.terrain.sight`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.terrain import Sight, lines_of_sight
from lenger_mission.plan_gate.course_ground import ground_of
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, note, warning

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

LOW_M = 10.0
"""Lower above the ground (take-off, landing) the link is not looked at."""
MOST_RAYS = 3_000


def check_link(flight: Flight) -> Iterator[Finding]:
    """Yield `link_blocked`, `link_fresnel` and `link_unknown`; the first item of each, and how long it lasts."""
    samples = _samples(flight)
    if len(samples) == 0:
        return
    station = _station(flight)
    course = flight.course
    points = np.column_stack([course.lat_deg, course.lon_deg, course.alt_amsl_m])[samples]
    try:
        if not np.isfinite(station).all():
            raise InputError("ground station", "", station.tolist(), "a place on the terrain")
        sight = lines_of_sight(course.terrain, station, points, 1e6 * flight.conditions.station.frequency_mhz)
    except InputError as problem:
        yield warning("link_unknown", None, "unknown", "on the terrain", "", f"The link is not known: {problem}.")
        return
    yield from _findings(flight, samples, sight)


def _samples(flight: Flight) -> Ints:
    """Samples that are looked at: high enough, over known ground, and no more than can be told apart."""
    course = flight.course
    high = np.flatnonzero(np.nan_to_num(course.agl_m, nan=-1.0) >= LOW_M)
    if len(high) <= MOST_RAYS:
        return high
    ends = np.isin(high, course.spans)
    kept = ends | (np.arange(len(high)) % int(np.ceil(len(high) / MOST_RAYS)) == 0)
    return np.asarray(high[kept])


def _station(flight: Flight) -> Array:
    """(3,) latitude, longitude, height AMSL of the antenna; NaN off the terrain."""
    station, home = flight.conditions.station, flight.course.home
    lat = home[0] if station.lat_deg is None else station.lat_deg
    lon = home[1] if station.lon_deg is None else station.lon_deg
    ground = float(ground_of(flight.course.terrain, np.array([lat]), np.array([lon])).height_amsl_m[0])
    return np.array([lat, lon, ground + station.antenna_agl_m])


def _findings(flight: Flight, samples: Ints, sight: Sight) -> Iterator[Finding]:
    limit, items = flight.conditions.margins.fresnel_share, flight.course.item[samples]
    blocked, narrow = ~sight.visible, sight.visible & (sight.fresnel_share < limit)
    if blocked.any():
        first = int(np.argmax(blocked))
        worst = int(np.argmin(sight.clearance_m))
        sentence = (
            f"The terrain stands between the ground station and item {_listed(items[blocked])}: by up to "
            f"{-sight.clearance_m[worst]:.0f} m, {sight.at_m[worst] / 1000.0:.2f} km from the station, "
            f"{sight.diffraction_loss_db[worst]:.0f} dB."
        )
        yield error("link_blocked", int(items[first]), round(float(sight.clearance_m[worst]), 1), 0.0, "m", sentence)
    if narrow.any():
        worst = int(np.argmin(np.where(narrow, sight.fresnel_share, np.inf)))
        share = round(float(sight.fresnel_share[worst]), 2)
        sentence = (
            f"The ray to item {_listed(items[narrow])} grazes the terrain: {share:.2f} of the first Fresnel radius is "
            f"clear, {sight.diffraction_loss_db[worst]:.0f} dB are lost."
        )
        yield warning("link_fresnel", int(items[worst]), share, limit, "", sentence)
    if not blocked.any() and not narrow.any():
        far = int(np.argmax(sight.distance_m))
        sentence = f"The whole flight is in sight of the ground station, up to {sight.distance_m[far] / 1000.0:.2f} km."
        least = int(np.argmin(sight.fresnel_share))
        share = round(float(sight.fresnel_share[least]), 2)
        yield note("link_fresnel", int(items[least]), share, limit, "", sentence)


def _listed(items: Ints) -> str:
    """Item numbers for a sentence, at most five."""
    numbers = np.unique(items)
    text = ", ".join(str(number) for number in numbers[:5].tolist())
    return text if len(numbers) <= 5 else f"{text} and {len(numbers) - 5} more"
