"""What a mission hears: the records of the graph."""

from __future__ import annotations

from lenger_core.samples import FcuMission, FcuReached, FusionStatus, GuardStatus, Odometry, VehicleStatus
from lenger_mission.job import Job
from lenger_mission.uploaded import UploadedEngine
from lenger_mission.world import World


class Inputs:
    """The inputs; a part of `MissionCore`, which has the rest."""

    world: World
    _job: Job | None

    def on_vehicle(self, status: VehicleStatus) -> None:
        """Take vehicle/status."""
        self.world.on_vehicle(status)

    def on_odometry(self, odometry: Odometry) -> None:
        """Take fusion/odometry."""
        self.world.on_odometry(odometry)

    def on_fusion_status(self, status: FusionStatus) -> None:
        """Take fusion/status."""
        self.world.on_fusion_status(status)

    def on_guard(self, status: GuardStatus) -> None:
        """Take guard/status."""
        self.world.on_guard(status)

    def on_reached(self, reached: FcuReached) -> None:
        """Take mavros/mission/reached."""
        if self._job is not None and isinstance(self._job.engine, UploadedEngine):
            self._job.engine.on_reached(reached)

    def on_mission(self, mission: FcuMission) -> None:
        """Take mavros/mission/waypoints."""
        self.world.on_mission(mission)
        if self._job is not None and isinstance(self._job.engine, UploadedEngine):
            self._job.engine.on_mission(mission)
