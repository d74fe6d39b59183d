"""`./lenger doctor --fix-params` against the embedded vehicle as it comes out of the box."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from typing import ClassVar

import pytest
from rich.console import Console

from lenger_bridge.contract import Contract
from lenger_bridge.session import Session
from lenger_bringup.fix_params import _write, run
from lenger_core.errors import FlightError, InputError, MissingError
from lenger_core.samples import FcuState
from lenger_core.vehicles import load_vehicle

from .vehicle import free_port, running_vehicle


@pytest.fixture(scope="module", params=["px4", "ardupilot"])
def vehicle(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """An autopilot with its own defaults, and the URL that reaches it."""
    near, far = free_port(), free_port()
    with running_vehicle(request.param, f"udp://127.0.0.1:{near}@127.0.0.1:{far}", 5.0):
        url = f"udp://127.0.0.1:{far}@127.0.0.1:{near}"
        session = Session(url)
        session.connect(wait_s=90.0)  # it compiles its kernels on the first start
        session.close()
        yield request.param, url


def fix(autopilot: str, url: str, yes: bool = False, answer: str | None = None) -> tuple[int, str]:
    out = io.StringIO()
    console = Console(file=out, width=200, highlight=False)
    ask = None if answer is None else lambda _: answer
    return run(console, autopilot, "quad_2kg", url, yes, ask), out.getvalue()


def test_it_shows_asks_writes_and_reads_back(vehicle: tuple[str, str]) -> None:
    autopilot, url = vehicle
    changed = {"px4": "COM_OBL_RC_ACT", "ardupilot": "RTL_ALT_M"}[autopilot]
    code, text = fix(autopilot, url, answer="")
    assert code == 1
    assert changed in text
    assert "Nothing was written" in text
    assert fix(autopilot, url, answer="n")[0] == 1
    code, text = fix(autopilot, url, answer="y")
    assert code == 0, text
    assert "written and read back" in text
    code, text = fix(autopilot, url)
    assert code == 0
    assert "is met" in text
    assert changed not in text


def test_every_parameter_of_the_contract_says_what_it_decides() -> None:
    from lenger_bridge.contract import PARAMETERS

    for contract in load_vehicle("quad_2kg").failsafe_parameters.values():
        assert set(contract) <= set(PARAMETERS)


def test_nobody_there_is_a_missing_environment() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: every connection is refused
        with pytest.raises(MissingError, match="no autopilot answers"):
            run(Console(), "px4", "quad_2kg", f"tcp://127.0.0.1:{taken.getsockname()[1]}", yes=True, wait_s=0.5)


def test_nothing_is_written_to_an_aircraft_that_was_armed_while_a_person_thought() -> None:
    """A hand-made session: it only knows that the aircraft is armed now, and notes what it is asked for."""

    class Armed:
        state: FcuState | None = None
        calls: ClassVar[list[str]] = []

        def step(self) -> None:
            self.state = FcuState(0, True, True, False, False, "AUTO.LOITER", 4)

        def call(self, kind: type, *_fields: object) -> None:
            self.calls.append(kind.__name__)

    contract = Contract({"COM_OF_LOSS_T": 1.0}, fence=False)
    found = contract.differences({"COM_OF_LOSS_T": 5.0})
    with pytest.raises(FlightError, match="nothing more is written"):
        _write(Console(file=io.StringIO()), Armed(), contract, found)  # type: ignore[arg-type]
    assert Armed.calls == []


def test_an_unknown_vehicle_is_bad_input() -> None:
    with pytest.raises(InputError, match="zeppelin"):
        run(Console(file=io.StringIO()), "px4", "zeppelin", "udp://:0@127.0.0.1:1", yes=True)
