"""A node for test_node.py: publishes one guard command each step of ROS time."""

from __future__ import annotations

from pydantic import Field

from lenger_core.ros.node import LengerNode, run_node
from lenger_core.samples import Command, CommandKind
from lenger_core.settings import Settings, SiteSettings


class TalkerSettings(Settings):
    """Settings of the test node."""

    rate_hz: float = Field(20.0, gt=0.0, le=100.0, description="rate of commands")
    label: str = Field("talker", description="source of the commands")
    site: SiteSettings = SiteSettings()


class TalkerNode(LengerNode[TalkerSettings]):
    """Publishes HOLD."""

    def __init__(self) -> None:
        super().__init__("talker", TalkerSettings)
        self._sequence = 0
        self.every(self.settings.rate_hz, self._step)
        print(f"ready {self.settings.rate_hz} {self.settings.site.lat_deg}", flush=True)

    def _step(self) -> None:
        self._sequence += 1
        self.publish(
            "guard/command", Command(self.now_ns(), self.settings.label, self._sequence, 0.5, CommandKind.HOLD)
        )

    def close(self) -> None:
        print("closed", flush=True)


if __name__ == "__main__":
    run_node(TalkerNode)
