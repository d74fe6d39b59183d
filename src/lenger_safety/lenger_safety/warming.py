"""Everything that a flight calls, called once before it: a kernel that compiles in flight is seconds of silence.

Kernels are compiled anew for every mixture of array layouts, and those come from all parts of the core. So the core
itself is stepped, over zones of every kind, rather than each kernel called with arrays that look like the real ones.
"""

from __future__ import annotations

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Authority, Command, CommandKind, FusionStatus, Integrity, Odometry, Vec3, VehicleStatus
from lenger_core.terrain import Terrain, load_globe
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import Datum, HeightLimit, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_safety.guard import STEP_S, GuardCore
from lenger_safety.settings import GuardSettings

_STEP_NS = round(STEP_S * 1e9)
_STEPS = 60
_UP_M = 60.0
_VELOCITIES: tuple[Vec3, ...] = ((3.0, 0.0, 0.0), (12.0, 5.0, 1.0), (-9.0, 9.0, -1.0), (0.0, 0.0, 0.0))


def fly() -> None:
    """Step guards over zones and without, on ground that is known and on a model of it."""
    settings = GuardSettings()
    site = settings.site
    frame = LocalFrame(site.lat_deg, site.lon_deg, site.alt_amsl_m)
    model = load_globe()
    for zones in (_zones(frame), ZoneSet()):
        for terrain in (model.as_ground(), model):
            _fly(GuardCore(settings, load_vehicle("quad_2kg"), zones, terrain), frame, terrain)


def _fly(core: GuardCore, frame: LocalFrame, terrain: Terrain) -> None:
    """Fly across all zones, in reach of one limit after the other."""
    home = frame.to_geodetic(0.0, 0.0, 0.0)
    ground_m = terrain.height_amsl_m(*home[:2]) - frame.alt_amsl_m
    flying = ("px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "")
    quat, ones, still = (1.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
    for k in range(_STEPS):
        now_ns = (k + 1) * _STEP_NS
        place = (4.0 * (k - 10), 2.0 * k, ground_m + _UP_M)
        velocity = _VELOCITIES[k % len(_VELOCITIES)]
        lat, lon, alt = frame.to_geodetic(*place)
        core.on_vehicle(VehicleStatus(now_ns, *flying, lat, lon, alt, velocity, 0.0, 1.0, 1.0, *home, 1.0, 16.0))
        if k < _STEPS // 2:  # then fusion falls silent
            core.on_odometry(Odometry(now_ns, place, velocity, quat, still, ones, ones))
            origin = frame.lat_deg, frame.lon_deg, frame.alt_amsl_m
            core.on_fusion_status(
                FusionStatus(now_ns, Integrity.NOMINAL, "", *origin, lat, lon, alt, 4.0, 4.0, ones, True)
            )
        wanted = Command(now_ns, "mission", k, 0.5, CommandKind.VELOCITY, velocity, consent_ns=now_ns)
        core.on_command(wanted, now_ns)
        core.step(now_ns)


def _zones(frame: LocalFrame) -> ZoneSet:
    """Return an inclusion with a ceiling, keep-outs with and without heights, and a place to land at."""

    def square(east_m: float, north_m: float, half_m: float) -> PolygonShape:
        corners = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
        return PolygonShape(tuple(frame.to_geodetic(east_m + e, north_m + n, 0.0)[:2] for e, n in corners))

    low, high = HeightLimit(20.0, Datum.AGL), HeightLimit(90.0, Datum.AMSL)
    return ZoneSet(
        (
            Zone("in", ZoneKind.INCLUSION, square(0.0, 0.0, 180.0), ceiling=HeightLimit(140.0, Datum.AGL)),
            Zone("beside", ZoneKind.INCLUSION, square(200.0, 0.0, 60.0), ceiling=HeightLimit(120.0, Datum.HOME)),
            Zone("out", ZoneKind.EXCLUSION, square(60.0, 60.0, 20.0)),
            Zone("over", ZoneKind.EXCLUSION, square(20.0, 90.0, 20.0), floor=low, ceiling=high),
            Zone("pad", ZoneKind.APPROACH, square(-90.0, -90.0, 15.0)),
        )
    )
