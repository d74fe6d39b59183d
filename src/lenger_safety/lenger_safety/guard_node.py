"""guard_node: the shell of `lenger_safety.guard.GuardCore`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from lenger_interfaces.srv import SetZones

from lenger_core.errors import InputError
from lenger_core.ros.node import ERROR, OK, WARN, LengerNode, run_node
from lenger_core.samples import Command, GuardLevel
from lenger_core.terrain import Terrain, flight_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zone_files import load_zone_file
from lenger_core.zone_files.edits import edit_zones
from lenger_core.zones import ZoneSet
from lenger_safety import warm
from lenger_safety.guard import STEP_S, GuardCore
from lenger_safety.memory import GuardMemory, load_memory, save_memory
from lenger_safety.settings import GuardSettings


class GuardNode(LengerNode[GuardSettings]):
    """Decodes, calls the core at 20 Hz, encodes."""

    def __init__(self) -> None:
        super().__init__("guard", GuardSettings)
        s = self.settings
        zones = self._given_zones()
        warm()  # before the first step: a kernel that compiles in flight would be silence
        terrain = flight_terrain(s.terrain, s.site.lat_deg, s.site.lon_deg)
        self._core = GuardCore(s, load_vehicle(s.vehicle), zones, terrain, self._remembered())
        self._editing = False
        self._tell_terrain(terrain)
        self.subscribe("mission/command", self._on_command)
        self.subscribe("vehicle/status", self._core.on_vehicle)
        self.subscribe("fusion/odometry", self._core.on_odometry)
        self.subscribe("fusion/status", self._core.on_fusion_status)
        self.subscribe("mavros/mission/waypoints", self._core.on_mission)
        self.create_service(SetZones, "guard/set_zones", self._set_zones)
        self.every(1.0 / STEP_S, self._step)

    def _given_zones(self) -> ZoneSet:
        if not self.settings.zones:
            return ZoneSet()
        found = load_zone_file(self.settings.zones)
        for note in found.notes:
            self.get_logger().warning(f"zones: {note}")
        return found.zones

    def _tell_terrain(self, terrain: Terrain) -> None:
        site = self.settings.site
        try:
            error = terrain.error_m(site.lat_deg, site.lon_deg)
        except InputError as outside:
            self.diagnose("terrain", WARN, str(outside))
            return
        self.diagnose("terrain", OK, f"{terrain.name}: wrong by at most {error:.0f} m at the site")

    def _remembered(self) -> GuardMemory | None:
        if not self.settings.state_file:
            return None
        try:
            return load_memory(Path(self.settings.state_file))
        except InputError as error:
            # A guard that refuses to start in flight is worse than one that forgot: it starts latched anyway.
            self.get_logger().error(str(error))
            self.diagnose("state file", ERROR, str(error))
            return None

    def _on_command(self, command: Command) -> None:
        self._core.on_command(command, self.now_ns(), self.publishers_on("mission/command"))

    async def _set_zones(self, request: Any, response: Any) -> Any:
        if self._editing:
            response.accepted, response.message = False, "another edit of the zones is under way"
            return response
        self._editing = True
        try:  # a large file takes seconds to read, and the guard must not be silent for half of one
            edit = await self.aside(edit_zones, self._core.zones, request.operation, request.geojson)
            self._core.set_zones(edit.zones, self.now_ns())
        except InputError as error:
            response.accepted, response.message = False, str(error)
            return response
        finally:
            self._editing = False
        response.accepted, response.message = True, "; ".join((edit.said(), *edit.notes))
        response.zones = len(edit.zones.zones)
        return response

    def _step(self) -> None:
        simulated = self.get_parameter("use_sim_time").value
        output = self._core.step(self.now_ns(), None if simulated else time.monotonic_ns())
        self.publish("guard/command", output.command)
        self.events(output.events)
        if output.status_due:
            self.publish("guard/status", output.status)
            level = OK if output.status.level <= GuardLevel.NOMINAL else WARN
            self.diagnose("ladder", level, output.status.reason or "nominal", {"level": output.status.level.name})
        if output.state_to_save is not None and self.settings.state_file:
            self._save(output.state_to_save)

    def _save(self, text: str) -> None:
        try:
            save_memory(Path(self.settings.state_file), text)
        except OSError as error:  # a full disk must not stop the guard
            self.diagnose("state file", ERROR, f"not saved: {error}")


def main() -> None:
    """Run the node."""
    run_node(GuardNode)


if __name__ == "__main__":
    main()
