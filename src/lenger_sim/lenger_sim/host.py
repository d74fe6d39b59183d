"""Runs a `VehicleCore` on its MAVLink links in paced simulated time.

Shared by the ROS node and the standalone vehicle.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lenger_core.terrain import AROUND_SITE_M, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_sim.pacing import Pacer
from lenger_sim.ports import Port
from lenger_sim.settings import VehicleNodeSettings
from lenger_sim.vehicle import VehicleCore

CLOCK_NS = 20_000_000

OnTick = Callable[[int], None]


class VehicleHost:
    """The vehicle, its links and its pace.

    Raises:
        InputError: a setting is wrong.
        MissingError: a port is taken.
    """

    def __init__(self, settings: VehicleNodeSettings) -> None:
        urls = [url.strip() for url in settings.mavlink.split(",")]
        kinds = settings.streams.split(",")
        kinds += [kinds[-1]] * (len(urls) - len(kinds))
        profile = load_vehicle(settings.vehicle)
        terrain = load_terrain(settings.dem)
        terrain.prefetch(settings.home_lat_deg, settings.home_lon_deg, AROUND_SITE_M)
        self.core = VehicleCore(settings, profile, terrain, settings.seed, links=())
        self.ports = [Port(self.core, url, kind) for url, kind in zip(urls, kinds, strict=False)]
        self._settings = settings
        self._pacer: Pacer | None = None
        self._next_tick_ns = CLOCK_NS

    @property
    def lost_s(self) -> float:
        """Simulated seconds that the machine was too slow for."""
        return self._pacer.lost_ns * 1e-9 if self._pacer is not None else 0.0

    def cycle(self, on_tick: OnTick, limit_ns: int | None = None) -> float:
        """Take what has arrived, advance to where the wall allows, send; return how long to sleep, in seconds.

        Args:
            on_tick: called at every 20 ms of simulated time with that time in nanoseconds.
            limit_ns: simulated time beyond which this cycle must not go.
        """
        wall_ns = time.monotonic_ns()
        if self._pacer is None:  # the first cycle starts the clock: set-up time is not simulated
            catch_up_ns = int(self._settings.catch_up_ms * 1e6)
            self._pacer = Pacer(self._settings.speed, catch_up_ns, wall_ns, self.core.now_ns)
        for port in self.ports:
            port.listen()
        target_ns = self._pacer.target_ns(wall_ns, self.core.now_ns, limit_ns)
        while self.core.now_ns < target_ns:
            self.core.step_to(min(target_ns, self._next_tick_ns))
            self._send()
            if self.core.now_ns >= self._next_tick_ns:
                on_tick(self._next_tick_ns)
                self._next_tick_ns += CLOCK_NS
        self._send()
        return max(self._pacer.cycle_s - (time.monotonic_ns() - wall_ns) * 1e-9, 0.0)

    def close(self) -> None:
        """Release the ports."""
        for port in self.ports:
            port.close()

    def _send(self) -> None:
        for port in self.ports:
            port.send()
