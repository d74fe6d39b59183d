"""The guard core on the simulators of real autopilots: a mission that presses against the fence, judged by truth.

Skipped where the programs are absent; `real_autopilot.prepared` says which variables name them. Truth is what the
simulator itself says: SIMSTATE of ArduPilot, HIL_STATE_QUATERNION of PX4's simulation in hardware.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot

import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Command, CommandKind
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_safety import warm
from lenger_safety.guard import GuardCore
from lenger_safety.settings import GuardSettings

from .real_autopilot import HOME, SECOND, Flight, prepared
from .truth_tap import TruthTap

pytestmark = pytest.mark.slow

FRAME = LocalFrame(*HOME)
HALF_M = 150.0
HEIGHT_M = 40.0


def square(half_m: float) -> ZoneSet:
    """Return a square fence about home."""
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ring = tuple(FRAME.to_geodetic(half_m * sx, half_m * sy, 0.0)[:2] for sx, sy in corners)
    return ZoneSet((Zone("square", ZoneKind.INCLUSION, PolygonShape(ring)),))


FENCE = square(HALF_M)
FAR_FENCE = square(3.0 * HALF_M)
"""The autopilot's own: ArduPilot does not arm with an empty one, and here it must not help."""


class Guarded:
    """A mission that wants one thing at a time, the guard core, and a real autopilot under its core."""

    def __init__(self, flight: Flight, tap: TruthTap) -> None:
        self.flight, self.tap = flight, tap
        site = {"lat_deg": HOME[0], "lon_deg": HOME[1], "alt_amsl_m": HOME[2]}
        settings = GuardSettings.model_validate({"site": site})
        self.guard = GuardCore(settings, load_vehicle("quad_2kg"), FENCE, load_terrain().as_ground())
        self.levels: set[str] = set()
        self.events: list[str] = []
        flight.guard_step = self._step

    def _step(self, now_ns: int) -> Command:
        """Return the command that the guard lets through."""
        if self.flight.status is not None:
            self.guard.on_vehicle(self.flight.status)
        wanted = self.flight.ordered("mission", now_ns)
        if wanted is not None:
            self.guard.on_command(wanted, now_ns)
        output = self.guard.step(now_ns)
        self.levels.add(output.status.level.name)
        self.events += [f"{event.kind}: {event.detail}" for event in output.events]
        return output.command

    def attack(self, east_m_s: float, north_m_s: float) -> None:
        """Want this velocity from now on, with consent."""
        self.flight.agree()
        self.flight.order(CommandKind.VELOCITY, velocity_enu_m_s=(east_m_s, north_m_s, 0.0))

    def margin_m(self) -> float:
        """Return the true distance to the nearest side of the square, negative outside."""
        east, north = self.tap.east_north(FRAME)
        return HALF_M - max(abs(east), abs(north))


@pytest.fixture(scope="module", params=["px4", "ardupilot"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A guarded aircraft over the middle of its fence."""
    warm()
    with prepared(request.param, tmp_path_factory.mktemp(request.param), FAR_FENCE) as flight:
        one = Guarded(flight, TruthTap(flight.session, request.param, flight.system))
        flight.run(120.0, until=lambda: flight.status is not None and flight.status.ready)
        flight.agree()
        flight.order(CommandKind.ARM)
        flight.run(20.0, until=lambda: flight.status is not None and flight.status.armed)
        assert flight.status is not None
        flight.order(CommandKind.TAKEOFF, alt_amsl_m=flight.status.home_alt_amsl_m + HEIGHT_M)
        home_m = flight.status.home_alt_amsl_m
        flight.run(80.0, until=lambda: flight.status is not None and flight.status.alt_amsl_m > home_m + HEIGHT_M - 2.0)
        flight.run(4.0)
        yield one


@pytest.mark.parametrize("speed_m_s", [5.0, 10.0, 15.0])
def test_the_fence_is_not_crossed(guarded: Guarded, speed_m_s: float) -> None:
    flight = guarded.flight
    closest, fastest = HALF_M, 0.0

    def look() -> bool:
        nonlocal closest, fastest
        closest = min(closest, guarded.margin_m())
        assert flight.status is not None
        fastest = max(fastest, hypot(*flight.status.velocity_enu_m_s[:2]))
        return False

    for east, north in ((speed_m_s, 0.0), (-speed_m_s, 0.0), (-0.2 * speed_m_s, speed_m_s), (0.0, -speed_m_s)):
        guarded.attack(east, north)
        end = flight.now_ns() + int((2.0 * HALF_M / speed_m_s + 20.0) * SECOND)
        flight.run(400.0, until=lambda end=end: look() or flight.now_ns() > end)  # type: ignore[misc]
    print(f"{flight.dialect.name} at {speed_m_s:g} m/s (reached {fastest:.1f}): smallest true margin {closest:.2f} m")
    assert fastest > 0.9 * speed_m_s, guarded.events[-10:]
    assert closest > 0.0, guarded.events[-10:]
