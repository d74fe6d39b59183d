"""The gate on seeded plans: it finds what is wrong with every bad one, and lets the good ones fly.

160 bad plans in 32 classes and 200 good ones as a campaign, a sample of both in the ordinary suite.
"""

from __future__ import annotations

from collections import Counter

import pytest

from lenger_mission.plan_gate.checks import run_gate
from plan_gate.bad_plans import BAD, Spoil, bad_draft
from plan_gate.good_plans import good_draft

BAD_A_CLASS, GOOD = 5, 200
SAMPLE = range(1_000, 1_012)
MOST_FALSE_ALARMS = 0.02


def missed(spoil: Spoil, seed: int) -> str:
    """What the gate says instead of the right thing; "" when it finds what was spoiled, and where."""
    draft = bad_draft(spoil, seed)
    report = run_gate(draft.case())
    right = [finding for finding in report.errors if finding.code in BAD[spoil]]
    if right and (draft.item is None or draft.item in {finding.item for finding in right}):
        return ""
    return f"{spoil.__name__} {seed} at item {draft.item}: {[(f.code, f.item) for f in report.errors]}"


def false_alarms(seed: int) -> list[str]:
    """What stops a good plan."""
    report = run_gate(good_draft(seed).case())
    return [f"{finding.code} at item {finding.item}: {finding.sentence}" for finding in report.errors]


@pytest.mark.parametrize("spoil", list(BAD), ids=lambda spoil: spoil.__name__)
def test_a_spoiled_plan_is_found_out(spoil: Spoil) -> None:
    assert missed(spoil, 100) == ""


def test_good_plans_may_fly() -> None:
    assert {seed: false_alarms(seed) for seed in SAMPLE} == {seed: [] for seed in SAMPLE}


def test_a_good_plan_is_good_for_what_the_spoiling_changes() -> None:
    """The same draft without the spoiling has none of the codes that are looked for."""
    wanted = {code for codes in BAD.values() for code in codes}
    assert not {finding.code for finding in run_gate(good_draft(100).case()).errors} & wanted


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_all_bad_plans_are_found() -> None:
    answers = {(spoil.__name__, seed): missed(spoil, seed) for spoil in BAD for seed in range(BAD_A_CLASS)}
    wrong = [text for text in answers.values() if text]
    print(f"\n{len(answers)} bad plans in {len(BAD)} classes, seeds 0 to {BAD_A_CLASS - 1}: {len(wrong)} missed")
    assert len(answers) >= 120 and len(BAD) >= 12
    assert wrong == []


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_few_good_plans_are_refused() -> None:
    alarms = {seed: false_alarms(seed) for seed in range(GOOD)}
    refused = {seed: found for seed, found in alarms.items() if found}
    print(f"\n{GOOD} good plans, seeds 0 to {GOOD - 1}: {len(refused)} refused {refused}")
    print(Counter(text.split()[0] for found in refused.values() for text in found))
    assert len(refused) <= MOST_FALSE_ALARMS * GOOD
