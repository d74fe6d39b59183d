"""The network ports of the autopilots' simulators: which are free, and which program to look for when one is not."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_bringup.domains import free_udp_ports
from lenger_bringup.machine import Machine
from lenger_core.errors import MissingError

PX4_PORTS = {
    14540: "PX4 to MAVROS",
    14580: "MAVROS to PX4",
    18570: "ground station to PX4",
    14280: "PX4's camera link",
    13030: "PX4's gimbal link",
}
"""Of instance 0; each further instance has the next ones (PX4: px4-rc.mavlink)."""
PX4_INSTANCES = 10
FDM_PORT = 9002
"""Of the ArduPilot plugin, as the vehicle's model says."""


@dataclass(frozen=True, slots=True)
class Ports:
    """UDP ports of one flight. `mavros` is where the autopilot sends to, `sitl` where it listens (0: it is heard).

    `instance` is PX4's; its MAVLink system is one more. `spare` are free ones for what nobody uses.
    """

    mavros: int
    sitl: int = 0
    instance: int = 0
    spare: tuple[int, ...] = ()

    @property
    def system(self) -> int:
        """MAVLink system id of the autopilot."""
        return self.instance + 1


def claim_ports(machine: Machine, autopilot: str) -> Ports:
    """Return the ports for a flight: PX4's first instance whose ports are free; for ArduPilot any free ones.

    Raises:
        MissingError: a port that cannot be chosen is taken; names it and the command that shows by whom.
    """
    if autopilot == "ardupilot":
        if not machine.udp_free(FDM_PORT):
            raise taken(f"UDP port {FDM_PORT} of Gazebo's ArduPilot plugin is taken: another flight runs", FDM_PORT)
        first, *spare = free_udp_ports(3)
        return Ports(first, spare=tuple(spare))
    for instance in range(PX4_INSTANCES):
        if all(machine.udp_free(port + instance) for port in PX4_PORTS):
            return Ports(14540 + instance, 14580 + instance, instance)
    busy = [port for port in PX4_PORTS if not machine.udp_free(port)]
    named = ", ".join(f"{port} ({PX4_PORTS[port]})" for port in busy)
    raise taken(
        f"every one of PX4's {PX4_INSTANCES} instances has a UDP port that is taken; of the first: {named}", busy[0]
    )


def taken(what: str, port: int) -> MissingError:
    """Return the error for a port that another program has."""
    return MissingError(what, f"ss -ulpn 'sport = :{port}' shows the program; stop it")
