"""`./lenger doctor --fix-params`: shows where an autopilot differs from the contract, asks, writes, reads back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from lenger_bridge.contract import Contract, Difference
from lenger_bridge.requests import GetParams, ParamValue, PullParams, SetParam
from lenger_bridge.session import Session
from lenger_core.errors import FlightError, InputError
from lenger_core.vehicles import load_vehicle

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_URL = "udp://:14540@127.0.0.1:14580"


def run(
    console: Console,
    autopilot: str,
    vehicle: str,
    fcu_url: str,
    yes: bool,
    ask: Callable[[str], str] | None = None,
    wait_s: float = 15.0,
    system: int = 1,
) -> int:
    """Compare, and write what a person agrees to.

    Args:
        console: where the table goes.
        autopilot: px4 or ardupilot.
        vehicle: profile whose contract counts.
        fcu_url: link to the autopilot, as MAVROS writes it.
        yes: write without asking, for scripts.
        ask: asks a person and returns the answer; None: the terminal, where there is one.
        wait_s: for the autopilot's heartbeat.
        system: its MAVLink system.

    Returns:
        0 nothing differs any more; 1 something still does, or nothing was to be written.

    Raises:
        InputError: no such autopilot, vehicle or link.
        MissingError: nobody answers on the link.
        FlightError: the aircraft is armed, or it does not answer.
    """
    contract = Contract(_expected(autopilot, vehicle), fence=True)
    session = Session(fcu_url, system=system)
    try:
        if session.connect(wait_s).armed:
            raise FlightError("the aircraft is armed: nothing is written in flight; disarm it first")
        found = _compare(session, contract)
        if not found:
            console.print(f"The failsafe contract of {vehicle} for {autopilot} is met.")
            return 0
        _draw(console, found)
        if not yes and not _agreed(ask, len(found)):
            console.print("Nothing was written (on a terminal answer y; in a script add --yes).")
            return 1
        return _write(console, session, contract, found)
    finally:
        session.close()


def _expected(autopilot: str, vehicle: str) -> dict[str, float]:
    contracts = load_vehicle(vehicle).failsafe_parameters
    if autopilot not in contracts:
        raise InputError("--autopilot", "", autopilot, " or ".join(contracts))
    return contracts[autopilot]


def _compare(session: Session, contract: Contract) -> tuple[Difference, ...]:
    pulled = session.call(PullParams)
    if not pulled.success:
        raise FlightError(f"the parameters cannot be read: {pulled.detail or 'no answer'}")
    return _differences(session, contract)


def _differences(session: Session, contract: Contract) -> tuple[Difference, ...]:
    reply = session.call(GetParams, contract.names)
    if not reply.success or not isinstance(reply.payload, tuple):
        raise FlightError(f"the parameters cannot be read: {reply.detail or 'no answer'}")
    values = cast("tuple[ParamValue | None, ...]", reply.payload)
    return contract.differences(dict(zip(contract.names, values, strict=True)))


def _agreed(ask: Callable[[str], str] | None, count: int) -> bool:
    if ask is None:
        if not sys.stdin.isatty():
            return False
        ask = input
    return ask(f"Write {count} parameters? [y/N] ").strip().lower() in ("y", "yes")


def _write(console: Console, session: Session, contract: Contract, found: Sequence[Difference]) -> int:
    for difference in found:
        if difference.held is None:
            continue
        session.step()  # the person may have thought for long
        if session.state is None or not session.state.connected or session.state.armed:
            raise FlightError("armed or gone since it was asked: nothing more is written")
        value: ParamValue = round(difference.wanted) if isinstance(difference.held, int) else difference.wanted
        reply = session.call(SetParam, difference.name, value)
        if not reply.success:
            console.print(f"{difference.name} was refused: {reply.detail or 'no reason given'}")
    left = _differences(session, contract)
    if left:
        console.print("Still different after writing and reading back:")
        _draw(console, left)
        return 1
    console.print(f"{len(found)} parameters written and read back; the failsafe contract is met.")
    return 0


def _draw(console: Console, found: Sequence[Difference]) -> None:
    from rich.table import Table

    table = Table("parameter", "is", "must be", "decides", box=None, padding=(0, 2, 0, 0))
    for difference in found:
        table.add_row(*difference.row())
    console.print(table)
