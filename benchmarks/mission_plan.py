"""Time to read and check plans of 200 and 5,000 items: `python benchmarks/mission_plan.py`."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from lenger_mission.load import load_plan
from lenger_mission.plan_gate.structure import check_structure

REPEATS = 9


def plan_text(count: int) -> str:
    """Return a QGroundControl plan: takeoff, a zigzag of waypoints above ground, return."""

    def item(number: int, command: int, frame: int, params: list[Any], **height: Any) -> dict[str, Any]:
        head = {"autoContinue": True, "command": command, "doJumpId": number, "frame": frame, "params": params}
        return {**head, "type": "SimpleItem", **height}

    def way(n: int) -> dict[str, Any]:
        place = [42.1819 + 0.004 * (n % 2), 69.8878 + 2e-6 * n]
        height = {"AMSLAltAboveTerrain": 830.0, "Altitude": 60, "AltitudeMode": 3}
        return item(n, 16, 0, [0, 0, 0, None, *place, 830.0], **height)

    up = {"AMSLAltAboveTerrain": None, "Altitude": 30, "AltitudeMode": 1}
    first = item(1, 22, 3, [0, 0, 0, None, 42.1819, 69.8878, 30], **up)
    last = item(count, 20, 2, [0] * 7)
    mission = {
        "version": 2,
        "hoverSpeed": 8,
        "vehicleType": 2,
        "plannedHomePosition": [42.1819, 69.8878, 766],
        "items": [first, *(way(n) for n in range(2, count)), last],
    }
    return json.dumps({"fileType": "Plan", "version": 1, "mission": mission}, indent=4)


def main() -> None:
    """Print the median of several runs."""
    with tempfile.TemporaryDirectory() as folder:
        for count in (200, 5_000):
            path = Path(folder) / f"{count}.plan"
            path.write_text(plan_text(count))
            times = []
            for _ in range(REPEATS):
                begun = time.perf_counter()
                findings = check_structure(load_plan(path))
                times.append((time.perf_counter() - begun) * 1e3)
            size = path.stat().st_size / 1e3
            print(f"{count} items, {size:.0f} kB: {statistics.median(times):.1f} ms read and checked, {findings=}")


if __name__ == "__main__":
    main()
