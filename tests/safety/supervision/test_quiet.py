"""Legal flights, noisy as they are: no watcher speaks. A supervision that cries wolf is switched off."""

from __future__ import annotations

from dataclasses import replace
from math import asin, atan2, cos, sin

import numpy as np
import pytest

from lenger_core.samples import CommandKind, Integrity, LinkState, Vec3
from lenger_core.vehicles import load_vehicle
from lenger_safety.supervision.facts import WayHome

from .watched import ALL_WELL, GOOD, STEP_NS, Watched

G = 9.80665
DT = STEP_NS / 1e9
PROFILE = load_vehicle("quad_2kg")
DRAG_PER_KG = 0.5 * 1.2 * PROFILE.drag_area_m2 / PROFILE.mass_kg


class Legs:
    """A survey at up to full speed with hard turns, in wind and gusts; attitude from the thrust that this takes."""

    def __init__(self, seed: int, wind_m_s: float, speed_m_s: float) -> None:
        self.rng = np.random.default_rng(seed)
        heading = self.rng.uniform(0.0, 2.0 * np.pi)
        self.wind = wind_m_s * np.array([cos(heading), sin(heading), 0.0])
        self.gust = np.zeros(3)
        self.velocity = np.zeros(3)
        self.speed = speed_m_s
        self.wanted = np.zeros(3)
        self.lean = np.zeros(2)

    def step(self, k: int) -> tuple[Vec3, float, float, Vec3]:
        """Return velocity, roll, pitch (heading east) and rates, with the noise of an estimator."""
        if k % 120 == 0:
            course = self.rng.uniform(0.0, 2.0 * np.pi)
            self.wanted = np.array([*(self.speed * np.array([cos(course), sin(course)])), self.rng.uniform(-1.5, 2.5)])
        change = (self.wanted - self.velocity) / 0.5
        size = float(np.linalg.norm(change))
        accel = change * min(1.0, PROFILE.max_accel_m_s2 / max(size, 1e-9))
        self.velocity = self.velocity + accel * DT
        sigma = 0.15 * float(np.linalg.norm(self.wind)) + 0.2
        self.gust = 0.98 * self.gust + sigma * np.sqrt(1.0 - 0.98**2) * self.rng.normal(size=3)
        air = self.velocity - self.wind - self.gust
        thrust = accel + np.array([0.0, 0.0, G]) + DRAG_PER_KG * float(np.linalg.norm(air)) * air
        up = thrust / float(np.linalg.norm(thrust))
        # heading east: pitch leans forward (east), roll leans left of it
        lean = np.array([asin(-up[1]), atan2(up[0], up[2])])
        rate = (lean - self.lean) / DT if k else np.zeros(2)
        self.lean = lean
        seen = self.velocity + self.rng.normal(0.0, 0.08, 3)
        roll, pitch = lean + self.rng.normal(0.0, 0.01, 2)
        rates = np.clip(rate, -3.0, 3.0) + self.rng.normal(0.0, 0.05, 2)
        return (float(seen[0]), float(seen[1]), float(seen[2])), float(roll), float(pitch), (*map(float, rates), 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_a_survey_in_wind_and_gusts_at_full_speed(seed: int) -> None:
    legs = Legs(seed, wind_m_s=2.0 * seed, speed_m_s=15.0)
    watched = Watched(steady_ns=0)
    rng = legs.rng
    tilts = []
    for k in range(20 * 60 * 2):
        velocity, roll, pitch, rates = legs.step(k)
        tilts.append(np.degrees(np.arccos(np.cos(roll) * np.cos(pitch))))
        assert watched.vehicle is not None
        watched.vehicle = replace(
            watched.vehicle, velocity_enu_m_s=velocity, roll_rad=roll, pitch_rad=pitch, yaw_enu_rad=0.0,
            rates_flu_rad_s=rates,
            # a bit that is missed once, a receiver that drops out for a moment, GNSS that is short of satellites
            pilot_link=LinkState.LOST if k % 400 < 10 else LinkState.OK,
            ground_link=LinkState.LOST if k % 900 < 100 else LinkState.OK,
            gnss_fix_type=2 if k % 1100 < 8 else 3,
            battery_remaining=0.6 + 0.02 * float(rng.normal()),
        )  # fmt: skip
        noisy = tuple(replace(e, hpl_m=e.hpl_m * float(rng.uniform(0.7, 2.5))) for e in GOOD.estimates)
        unsure = k % 700 < 8
        watched.picture = replace(
            GOOD, estimates=noisy, fusion="unsure" if unsure else "good",
            integrity=Integrity.DEGRADED if unsure else Integrity.NOMINAL, gap_m=float(abs(rng.normal(0.0, 1.0))),
        )  # fmt: skip
        watched.way_home = WayHome(True, 10.0 * float(rng.uniform(0.7, 1.5)), 24.0)
        watched.step(int(STEP_NS * rng.uniform(0.4, 2.5)))
        assert watched.causes == (), f"after {k / 20:.1f} s"
    assert max(tilts) > 15.0, "hard flying, or the test shows nothing"


@pytest.mark.parametrize("returned", [False, True])
def test_a_whole_flight_from_the_ground_to_the_ground(returned: bool) -> None:
    """Takeoff, legs, and landing by order or by the autopilot's return: the phases that look like trouble."""
    watched = Watched(flying=False, under_way=CommandKind.NONE, wanted=CommandKind.NONE, clearance_m=-3.0)
    watched.change({"armed": False, "landed": True, "fusion": "absent", "integrity": None, "estimates": ()})
    phases: list[tuple[float, dict[str, object]]] = [
        (20.0, {}),
        (5.0, {"fusion": "good", "integrity": Integrity.NOMINAL, "estimates": GOOD.estimates}),
        (2.0, {"wanted": CommandKind.ARM, "under_way": CommandKind.ARM, "armed": True}),
        (3.0, {"wanted": CommandKind.TAKEOFF, "under_way": CommandKind.TAKEOFF}),
        (1.0, {"flying": True, "landed": False, "velocity_enu_m_s": (0.0, 0.0, 1.0), "clearance_m": -2.5}),
        (20.0, {"clearance_m": 30.0}),
        (60.0, {"wanted": CommandKind.VELOCITY, "under_way": CommandKind.VELOCITY, "clearance_m": 55.0}),
        (30.0, {"wanted": CommandKind.HOLD, "under_way": CommandKind.HOLD}),
    ]
    down = CommandKind.RETURN if returned else CommandKind.LAND
    phases += [
        (30.0, {"wanted": down, "under_way": down, "clearance_m": 10.0}),
        (10.0, {"clearance_m": -3.0, "velocity_enu_m_s": (0.0, 0.0, -0.7)}),
        (1.0, {"flying": False, "landed": True, "velocity_enu_m_s": (0.0, 0.0, 0.0)}),
        (5.0, {"armed": False, "wanted": CommandKind.NONE, "under_way": CommandKind.NONE}),
    ]
    for seconds, changes in phases:
        watched.change(changes)
        for _ in range(round(seconds * 20)):
            watched.step()
            assert watched.causes == (), changes


def test_an_autopilot_that_tells_nothing_more_than_it_must() -> None:
    """The record of an older bridge, all new fields unknown."""
    bare = replace(
        ALL_WELL, roll_rad=float("nan"), pitch_rad=float("nan"), rates_flu_rad_s=(float("nan"),) * 3,
        pilot_link=LinkState.UNKNOWN, ground_link=LinkState.UNKNOWN, gnss_fix_type=-1, gnss_satellites=-1,
    )  # fmt: skip
    watched = Watched(vehicle=bare, way_home=None, utc_ns=None)
    watched.run(120.0)
    assert watched.causes == ()


@pytest.mark.parametrize("lean_deg", [40.0, -40.0])
def test_an_attitude_that_the_motion_does_not_follow_is_told(lean_deg: float) -> None:
    """Leaning by 40 degrees, within what is no upset by itself, and hovering: one of the two is wrong."""
    legs = Legs(1, wind_m_s=3.0, speed_m_s=5.0)
    watched = Watched()
    for k in range(100):
        velocity, roll, pitch, _ = legs.step(k)
        watched.change({"velocity_enu_m_s": velocity, "roll_rad": roll, "pitch_rad": pitch})
        watched.step()
    assert watched.causes == ()
    watched.change({"velocity_enu_m_s": (0.0, 0.0, 0.0), "roll_rad": np.radians(lean_deg), "pitch_rad": 0.0})
    watched.run(3.0, until=lambda: "upset" in watched.names)
    assert "does not explain" in watched.cause("upset").reason
    watched.change({"roll_rad": 0.0})
    watched.run(4.0, until=lambda: not watched.names)
