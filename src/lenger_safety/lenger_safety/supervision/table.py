"""The table of causes: what each asks for, whether a consent is taken while it stands, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.samples import GuardLevel
from lenger_safety.supervision.facts import Cause

WARN, HOLD, RETURN, LAND = GuardLevel.WARN, GuardLevel.HOLD, GuardLevel.RETURN, GuardLevel.LAND


@dataclass(frozen=True, slots=True)
class Row:
    """One cause.

    Attributes:
        name: stable.
        rung: what it asks for, or the parameter that says it.
        lasting: no consent is taken while it stands.
        comes: when it comes.
        goes: when it goes.
    """

    name: str
    rung: GuardLevel | str
    lasting: bool
    comes: str
    goes: str

    def cause(self, reason: str, level: GuardLevel | None = None) -> Cause:
        """Return the cause; `level` where a parameter says it."""
        if level is None:
            if not isinstance(self.rung, GuardLevel):
                raise TypeError(f"cause {self.name} needs the rung that {self.rung} says")
            level = self.rung
        return Cause(self.name, level, reason, self.lasting)


_SETTLED = "`settle_s` without it"

TABLE: tuple[Row, ...] = (
    Row("estimate", HOLD, True, "no estimate of the position is young enough", "an estimate comes"),
    Row("ground", HOLD, True, "the ground here is not in the terrain model", "it is"),
    Row("clearance", WARN, False, "`clearance_warn_m` over the worst ground, not taking off or landing", _SETTLED),
    Row("disagreement", HOLD, True, "fusion and autopilot apart for `disagree_hold_s`: place, height or velocity",
        "they agree"),
    Row("estimate_jump", WARN, False, "an estimate jumps further than its speed and protection level allow",
        "the margins are as before"),
    Row("autopilot_silent", WARN, False, "no position from autopilot_node, fusion's alone is used", _SETTLED),
    Row("fusion_silent", WARN, False, "fusion fell silent, the autopilot's estimate alone is used", _SETTLED),
    Row("gnss_unsure", WARN, False, "fusion is not nominal, or the receiver has no fix", _SETTLED),
    Row("gnss_lost", HOLD, True, "no GNSS for `gnss_hold_s`, spoofing, or worse than `hold_hpl_m`", _SETTLED),
    Row("gnss_land", LAND, True, "no GNSS for `gnss_land_s`, or worse than `land_hpl_m`", _SETTLED),
    Row("pilot_link", "pilot_link_action", True, "the pilot's radio was heard, and is lost for `pilot_link_s`",
        _SETTLED),
    Row("ground_link", "ground_link_action", False, "the ground link stood, and is lost for `ground_link_s`", _SETTLED),
    Row("no_way_home", WARN, False, "the planner finds no legal way home", "it finds one"),
    Row("battery_unknown", WARN, False, "no charge state for `battery_unknown_s`", "a charge state comes"),
    Row("energy_low", WARN, False, "usable energy below `energy_warn` times that of the way home",
        "10 % more than that for 10 s"),
    Row("energy_return", RETURN, False, "below `energy_return` times", "10 % more than that for 10 s"),
    Row("energy_land", LAND, True, "below `energy_land` times: home is out of reach", "10 % more than that for 10 s"),
    Row("mode_taken", WARN, False, "a mode that nobody asked for: others fly", "a newer consent"),
    Row("mission_silent", HOLD, False, "no mission command while its takeoff, velocity or place is under way",
        "the hold is under way"),
    Row("clock_jump", HOLD, False, "the clock jumped by `clock_jump_s`, in either direction", _SETTLED),
    Row("overrun", WARN, False, "a step of the guard came later than `overrun_s`", "5 s without one"),
    Row("upset", HOLD, False, "tilt, rate, or acceleration that the tilt does not explain", _SETTLED),
    Row("crash", LAND, True, "on its side, and not moving, for 1 s", _SETTLED),
    Row("touchdown", HOLD, False, "on the ground or disarmed without an order to land", "a newer consent"),
    Row("fence_missing", "fence_action", False, "the autopilot's own fence is gone", "it is back"),
    Row("fence_differs", "fence_action", False, "the autopilot's own fence is another one", "it is the right one"),
    Row("unlit", "night_action", False, "flying unlit, the sun 6 degrees under the horizon", "half a degree higher"),
)  # fmt: skip

ROWS: dict[str, Row] = {row.name: row for row in TABLE}


def table_markdown() -> str:
    """Return `TABLE` as it stands in docs/guard.md."""
    lines = ["| cause | rung | no consent meanwhile | comes when | goes when |", "|---|---|---|---|---|"]
    for row in TABLE:
        rung = row.rung.name if isinstance(row.rung, GuardLevel) else f"`{row.rung}`"
        lines.append(f"| `{row.name}` | {rung} | {'yes' if row.lasting else ''} | {row.comes} | {row.goes} |")
    return "\n".join(lines)
