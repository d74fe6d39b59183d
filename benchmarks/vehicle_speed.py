"""How fast the embedded vehicle simulates, and where the time goes, beside a bare JSBSim loop.

    python benchmarks/vehicle_speed.py [--seconds 60] [--vehicle hexa_7kg]

Processor time of one core while flying OFFBOARD in 6 m/s wind with all streams on and a setpoint at 20 Hz. The parts
are timed by running each one's calls alone on the flying vehicle's state; the last row is what remains of the whole.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wind_field import wind_at
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_sim.airframe import STEP_NS, STEP_S
from lenger_sim.control import control_step
from lenger_sim.power import PERIOD_S
from lenger_sim.rigid_body import RAW_SIZE, RigidBody
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore

STEPS = round(1.0 / STEP_S)
BAR = 40.0
"""Simulated seconds per second of processor time that the whole vehicle must reach."""
SHORT = 400
"""Steps that a flying vehicle is left alone for: it must not reach the ground."""
HOVER = np.array([0.0, 0.0, 19.6, 0.0, 0.0, 0.0])


def cpu_ms_per_sim_s(call: Callable[[], Any], per_second: float, repeat: int = 3000) -> float:
    """Return processor milliseconds a simulated second of a call that happens `per_second` times in it."""
    call()
    start = time.process_time()
    for _ in range(repeat):
        call()
    return (time.process_time() - start) / repeat * per_second * 1e3


def flying(name: str) -> tuple[VehicleCore, MavCodec]:
    """Return a vehicle in OFFBOARD flight and the codec that speaks to it."""
    settings = VehicleSettings(vehicle=name, wind_m_s=6.0, wind_from_deg=250.0)
    core = VehicleCore(settings, load_vehicle(name), load_terrain(), 1)
    gcs = MavCodec(255, 190)
    core.step_to(6_000_000_000)
    home = core.autopilot.home
    assert home is not None
    for command, *params in ((22, 0, 0, 0, math.nan, 0, 0, home[2] + 30.0), (400, 1, 0, 0, 0, 0, 0, 0)):
        core.receive(gcs.encode(mavlink.MAVLink_command_long_message(1, 1, command, 0, *params)), core.now_ns)
    core.step_to(36_000_000_000)
    core.receive(gcs.encode(setpoint(0.0)), core.now_ns)
    core.receive(gcs.encode(mavlink.MAVLink_command_long_message(1, 1, 176, 0, 1, 6, 0, 0, 0, 0, 0)), core.now_ns)
    core.take_outgoing()
    return core, gcs


def setpoint(t_s: float) -> Any:
    """Return a velocity that circles at 5 m/s."""
    north, east = 5.0 * math.cos(0.2 * t_s), 5.0 * math.sin(0.2 * t_s)
    return mavlink.MAVLink_set_position_target_local_ned_message(0, 1, 1, 1, 3527, 0, 0, 0, north, east, 0, *[0] * 5)


def whole(core: VehicleCore, gcs: MavCodec, seconds: float) -> tuple[float, float]:
    """Return processor milliseconds a simulated second of the whole vehicle, and messages sent a second."""
    start, begun, sent = time.process_time(), core.now_ns, 0
    while core.now_ns - begun < seconds * 1e9:
        core.receive(gcs.encode(setpoint(core.now_ns * 1e-9)), core.now_ns)
        core.step_to(core.now_ns + 50_000_000)
        sent += len(core.take_outgoing())
    if not core.autopilot.armed or core.autopilot.mode != "OFFBOARD":
        raise SystemExit("the flight ended during the measurement")
    return (time.process_time() - start) * 1e3 / seconds, sent / seconds


def parts(core: VehicleCore) -> dict[str, float]:
    """Return milliseconds a simulated second of each part."""
    airframe, sensors, estimator = core._airframe, core._sensors, core._estimator
    motors = core._control["motors"][0].copy()
    clock = {"t": core.now_ns}

    def sense() -> None:
        clock["t"] += STEP_NS
        sensors.step(clock["t"], 0.7)
        sensors.take_fix(clock["t"])

    codec, telemetry, channel = MavCodec(1, 1), core.autopilot.telemetry, core.channels[0]
    numbers = (105, 31, 33, 32)
    messages = [telemetry.one(number, channel, core.now_ns) for number in numbers]
    frames = [codec.encode(msg) for msg in messages]
    reader = MavCodec(2, 2)
    body, raw = fresh_body(), np.zeros(RAW_SIZE)
    truth = core.truth()
    place = truth.lat_deg, truth.lon_deg, truth.alt_amsl_m, 1.0, np.empty(3)
    return {
        "dynamics (JSBSim + rotors, battery, air, ground)": cpu_ms_per_sim_s(
            lambda: airframe.step(motors), STEPS, SHORT
        ),
        "  of it JSBSim with its property traffic": cpu_ms_per_sim_s(lambda: (body.step(HOVER), body.read(raw)), STEPS),
        "  of it the wind field": cpu_ms_per_sim_s(lambda: wind_at(*airframe.wind.arrays(), *place), STEPS),
        "sensors (IMU, baro, mag, GNSS, range, flow)": cpu_ms_per_sim_s(sense, STEPS),
        "battery sensor": cpu_ms_per_sim_s(lambda: core._power.step(airframe.state), 1.0 / PERIOD_S),
        "estimator and control": cpu_ms_per_sim_s(
            lambda: (
                estimator.step(sensors.state, False, core.now_ns),
                control_step(estimator.state, core._control, core._gains),
            ),
            STEPS,
        ),
        "modes, failsafes and protocols": cpu_ms_per_sim_s(lambda: core.autopilot.step(core.now_ns), 50.0),
        "MAVLink building": cpu_ms_per_sim_s(
            lambda: [telemetry.one(number, channel, core.now_ns) for number in numbers], 50.0
        ),
        "MAVLink encoding": cpu_ms_per_sim_s(lambda: [codec.encode(msg) for msg in messages], 210.0 / 4.0),
        "(MAVLink decoding of the same, at the other end)": cpu_ms_per_sim_s(
            lambda: [reader.feed(frame) for frame in frames], 210.0 / 4.0
        ),
    }


def fresh_body() -> RigidBody:
    """Return the vehicle's body in the air, at rest."""
    return RigidBody(load_vehicle("quad_2kg"), 42.1819, 69.8878, 800.0, 0.0, STEP_S)


def bare_jsbsim() -> float:
    """Return milliseconds a simulated second of JSBSim alone: the same body, constant force, 250 Hz, nothing read."""
    body = fresh_body()
    body.step(HOVER)
    return cpu_ms_per_sim_s(body._run, STEPS)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated seconds to measure over")
    parser.add_argument("--vehicle", default="quad_2kg", help="profile in config/vehicles")
    arguments = parser.parse_args()
    seconds = arguments.seconds
    core, gcs = flying(arguments.vehicle)
    whole(core, gcs, 5.0)
    total, messages = whole(core, gcs, seconds)
    table = parts(core)
    counted = sum(value for name, value in table.items() if not name.startswith((" ", "(")))
    bare = bare_jsbsim()
    print(f"vehicle, {seconds:g} simulated s, {messages:.0f} messages/s: processor ms per simulated second")
    for name, value in table.items():
        print(f"  {name:52} {value:6.2f}")
    met = "met" if 1e3 / total >= BAR else "MISSED"
    print(f"  {'glue, and what caches lose between the parts':52} {total - counted:6.2f}")
    print(f"  {'whole vehicle':52} {total:6.2f}   bar {BAR:g} times real time ({1e3 / BAR:g} ms): {met}")
    print(f"  {'peer: bare JSBSim loop, same body, same rate':52} {bare:6.2f}   ratio {total / bare:.1f}")
    print(f"simulated seconds per second: vehicle {1e3 / total:.0f}, bare JSBSim {1e3 / bare:.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
