"""After `warm()` nothing is left to compile when a plan is made and checked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import lenger_core, lenger_mission
from compiled_kernels import kernels
from lenger_core import zones
from lenger_core.terrain import warming

zones.warm()
warming.warm()
lenger_mission.warm()
before = kernels(lenger_core, lenger_mission)
assert any(name.startswith("lenger_mission.patterns") and count for name, count in before.items()), before
from lenger_mission.gate_command import GateRequest, run as check
from lenger_mission.pattern_command import run
from lenger_mission.pattern_request import PatternRequest
for number, (pattern, trust) in enumerate([("survey", "ground"), ("survey", "model"), ("parallel_track", "ground")]):
    out = Path(f"plan{number}.plan")
    about = dict(area=Path("area.geojson"), height_m=60.0, spacing_m=40.0, home=(42.1475, 69.944))
    zoned = (Path("farm.geojson"),) if pattern == "survey" else ()
    assert run(PatternRequest(pattern, out, zones=zoned, wind_m_s=2.0, split=True, **about, flat=True)) == 0
    for path in Path().glob(f"plan{number}*.plan"):
        assert check(str(path), GateRequest(zones=zoned, trust=trust, stated={"wind_m_s": 2.0})) < 2
for name, count in kernels(lenger_core, lenger_mission).items():
    if count > before.get(name, 0):
        print("compiled", name, count - before.get(name, 0))
print("made")
"""


def test_no_kernel_compiles_when_a_plan_is_made_and_checked(tmp_path: Path) -> None:
    for name, half in (("area", 3e-3), ("farm", 4e-4)):
        ring = [[69.95 + e * half, 42.151 + n * half] for e, n in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
        about = {"type": "Feature", "properties": {"name": name, "kind": "exclusion"}}
        feature = {**about, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        (tmp_path / f"{name}.geojson").write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(TESTS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:] + done.stdout
    assert "made" in done.stdout
    assert "compiled" not in done.stdout, done.stdout
