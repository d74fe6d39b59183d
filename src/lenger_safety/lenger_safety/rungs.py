"""The action ladder as a pure state machine: one table, no time, no numbers, no ROS.

A state is a rung and whether motion waits for a newer consent. Once a step the guard says what is the case
(`Situation`); the first row of `TABLE` that applies gives the next state. `lenger_safety.ladder` adds time and words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lenger_core.samples import GuardLevel

NOMINAL, WARN, LIMIT = GuardLevel.NOMINAL, GuardLevel.WARN, GuardLevel.LIMIT
HOLD, RETURN, LAND = GuardLevel.HOLD, GuardLevel.RETURN, GuardLevel.LAND


@dataclass(frozen=True, slots=True)
class State:
    """Where the ladder stands; on HOLD, RETURN and LAND it is always latched."""

    rung: GuardLevel = NOMINAL
    latched: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What is the case in one step.

    Attributes:
        flying: armed and off the ground, as far as is known.
        external: a pilot or the autopilot's failsafe has the aircraft, and nobody has asked for it back since.
        demand: the highest rung that anything asks for now.
        consent: a person agreed after the latch closed, and no lasting cause bars the release.
        way: a legal way back is known, or is not known yet; false only when there is none.
        arrived: the return has come to its end.
        cleared: what asked for the present rung has been away for long enough.
    """

    flying: bool = True
    external: bool = False
    demand: GuardLevel = NOMINAL
    consent: bool = False
    way: bool = True
    arrived: bool = False
    cleared: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: from these rungs, when this is so, to that state."""

    name: str
    start: tuple[GuardLevel, ...]
    when: str
    applies: Callable[[State, Situation], bool]
    end: str
    state: Callable[[State, Situation], State]


ANY = tuple(GuardLevel)
GUARDED = (NOMINAL, WARN, LIMIT)


def _settled(state: State, now: Situation) -> GuardLevel:
    """Rise at once, fall when the cause has been away for long enough."""
    most = WARN if now.external else LIMIT
    rung, demand = min(state.rung, most), min(now.demand, most)
    return demand if demand > rung or now.cleared else rung


TABLE: tuple[Row, ...] = (
    Row(
        *("released on the ground", ANY, "on the ground, newer consent", lambda _, n: not n.flying and n.consent),
        *("NOMINAL, open", lambda _s, _n: State(NOMINAL, False)),
    ),
    Row(
        *("on the ground", ANY, "on the ground", lambda _, n: not n.flying),
        *("NOMINAL, the latch stays as it is", lambda s, _: State(NOMINAL, s.latched)),
    ),
    Row(
        *("in other hands", ANY, "a pilot or the autopilot's failsafe flies", lambda _, n: n.external),
        *("NOMINAL or WARN, latched", lambda s, n: State(_settled(s, n), True)),
    ),
    Row(
        *("land", ANY, "LAND is asked for", lambda _, n: n.demand is LAND),
        *("LAND, latched", lambda _s, _n: State(LAND, True)),
    ),
    Row(
        *("return", (*GUARDED, HOLD, RETURN), "RETURN is asked for, not arrived, and a way may exist"),
        lambda _, n: n.demand is RETURN and n.way and not n.arrived,
        *("RETURN, latched", lambda _s, _n: State(RETURN, True)),
    ),
    Row(
        *("arrived", (RETURN,), "the way back has come to its end", lambda _, n: n.arrived and not n.consent),
        *("LAND, latched", lambda _s, _n: State(LAND, True)),
    ),
    Row(
        *("no way back", (*GUARDED, HOLD, RETURN), "RETURN is asked for, and there is no way, or it ends here"),
        lambda _, n: n.demand is RETURN,
        *("LAND, latched", lambda _s, _n: State(LAND, True)),
    ),
    Row(
        *("released", ANY, "newer consent, and nothing asks for more than LIMIT"),
        lambda s, n: s.latched and n.consent and n.demand <= LIMIT,
        *("what is asked for, open", lambda _, n: State(n.demand, False)),
    ),
    Row(
        *("goes on landing", (LAND,), "no newer consent", lambda _s, _n: True),
        *("LAND, latched", lambda _s, _n: State(LAND, True)),
    ),
    Row(
        *("way lost", (RETURN,), "there is no way back, and it is not urgent", lambda _, n: not n.way),
        *("HOLD, latched", lambda _s, _n: State(HOLD, True)),
    ),
    Row(
        *("goes on returning", (RETURN,), "no newer consent", lambda _s, _n: True),
        *("RETURN, latched", lambda _s, _n: State(RETURN, True)),
    ),
    Row(
        *("hold", (*GUARDED, HOLD), "HOLD is asked for, or latched without a newer consent"),
        lambda s, n: n.demand is HOLD or s.latched,
        *("HOLD, latched", lambda _s, _n: State(HOLD, True)),
    ),
    Row(
        *("passes, warns or limits", GUARDED, "nothing asks for more than LIMIT", lambda _s, _n: True),
        *("what is asked for, open", lambda s, n: State(_settled(s, n), False)),
    ),
)


def advance(state: State, now: Situation) -> tuple[State, str]:
    """Return the next state and the name of the row that led to it.

    Raises:
        LookupError: no row applies; a test walks all states and situations and shows that it cannot be.
    """
    for row in TABLE:
        if state.rung in row.start and row.applies(state, now):
            return row.state(state, now), row.name
    raise LookupError(f"no row for {state} in {now}")


def table_markdown() -> str:
    """Return `TABLE` as it stands in docs/guard.md."""
    lines = ["| row | from | when | to |", "|---|---|---|---|"]
    for row in TABLE:
        start = "any" if row.start == ANY else ", ".join(rung.name for rung in row.start)
        lines.append(f"| {row.name} | {start} | {row.when} | {row.end} |")
    return "\n".join(lines)
