"""Cost of one step of the mission core while it flies first_patrol: `python benchmarks/mission_step.py`."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from lenger_core.geodesy import LocalFrame
from lenger_core.resources import config_path
from lenger_core.samples import Authority, CommandKind, GuardLevel, GuardStatus, VehicleStatus
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_mission.load import load_plan
from lenger_mission.mission import MissionCore
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import Stage

STEP_S = 0.05
GUARD = GuardStatus(0, GuardLevel.NOMINAL, False, True, "", "", 100.0, 60.0, 30.0, 10.0, 0)


def main() -> None:
    """Fly the plan with a vehicle that does at once what it is told, and print the cost of the steps."""
    settings, terrain = MissionSettings(engine="streamed", plan_gate="off"), load_terrain().as_ground()
    site = settings.site
    frame = LocalFrame(site.lat_deg, site.lon_deg, site.alt_amsl_m)
    core = MissionCore(settings, load_vehicle("quad_2kg"), terrain)
    home = (site.lat_deg, site.lon_deg, terrain.height_amsl_m(site.lat_deg, site.lon_deg))
    position, velocity = np.array(frame.to_local(*home)), np.zeros(3)
    status = VehicleStatus(
        0, "px4", True, False, True, True, "AUTO.LOITER", Authority.NONE, "", *home, (0.0, 0.0, 0.0), 0.0, 0.5, 0.8,
        *home, 0.9, 16.0,
    )  # fmt: skip
    core.on_vehicle(replace(status, t_ns=1))
    core.start(load_plan(config_path("plans", "first_patrol.plan")), 1)
    costs, now_ns = [], 1
    while core.stage is not Stage.LANDING and now_ns < 10**12:
        now_ns += int(STEP_S * 1e9)
        lat, lon, alt = frame.to_geodetic(*position)
        armed = core.stage not in (Stage.PREFLIGHT, Stage.ARMING) or bool(costs)
        authority = Authority.LENGER if armed else Authority.NONE
        here = replace(
            status, t_ns=now_ns, armed=armed, landed=not armed, authority=authority, lat_deg=lat, lon_deg=lon,
            alt_amsl_m=alt, velocity_enu_m_s=tuple(velocity),
        )  # fmt: skip
        core.on_vehicle(here)
        core.on_guard(replace(GUARD, t_ns=now_ns))
        begun = time.perf_counter()
        command = core.step(now_ns).command
        costs.append((time.perf_counter() - begun) * 1e6)
        climbing = command.kind is CommandKind.TAKEOFF
        velocity = np.array((0.0, 0.0, 2.5) if climbing else command.velocity_enu_m_s)
        position = position + STEP_S * velocity
    median, p99, worst = np.median(costs), np.percentile(costs, 99), max(costs)
    print(f"{len(costs)} steps: median {median:.0f} us, p99 {p99:.0f} us, max {worst:.0f} us")


if __name__ == "__main__":
    main()
