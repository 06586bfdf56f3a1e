"""How `troop-withdrawal-demand` does on sentences of many conflicts, in wire style, and that it keeps what it reached.

The sentences are in tests/data/wire-*.jsonl. Half of those that were written before the rule was measured on any of
them, `kept_apart`, were never looked at while it was mended: the gap between the halves tells how much was fitted.
"""

from __future__ import annotations

import pytest

from streams.match.evaluation import Evaluation
from tests.support.measured import lines_of, measured
from tests.support.shipped import shipped_engine

RULE = "troop-withdrawal-demand"


def _evaluated(language: str, *, apart: bool) -> Evaluation:
    return measured(f"wire-{language}.jsonl", kept_apart=apart)


@pytest.mark.parametrize(
    ("language", "apart", "least"),
    [("ar", False, 0.92), ("en", False, 0.91), ("ar", True, 0.78), ("en", True, 0.72)],
)
def test_the_rule_keeps_its_f1(language: str, apart: bool, least: float) -> None:  # noqa: FBT001  # a parameter of pytest
    """At least 300 sentences in each language; the figures are those of rules/README.md."""
    score = _evaluated(language, apart=apart).scores[RULE, "all", "all"]
    assert score.f1 is not None
    assert score.f1 >= least


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(("slot", "least"), [("who", 0.7), ("whose", 0.76), ("where", 0.64)])
def test_the_slots_hold_the_words_that_they_should(language: str, slot: str, least: float) -> None:
    """Who demands, whose forces, and where, on the sentences kept apart where the rule fires.

    Of "France took its soldiers", the labels of whose have the soldiers, and the slot has France.
    """
    recall = _evaluated(language, apart=True).slot_scores[RULE, slot].recall
    assert recall is not None
    assert recall >= least


@pytest.mark.parametrize("language", ["ar", "en"])
def test_there_are_enough_sentences(language: str) -> None:
    """300 and more, of which nearly half are kept apart."""
    apart, seen = (len(lines_of(f"wire-{language}.jsonl", kept_apart=side)) for side in (True, False))
    assert apart >= 150
    assert apart + seen >= 300


@pytest.mark.parametrize(
    ("forces", "state"),
    [
        ("الجنود الفرنسيين", "FRA"),
        ("الجنود الإثيوبيين", "ETH"),
        ("المقاتلين الأفغان", "AFG"),
        ("المسلحين الأكراد", None),
        ("المرتزقة الروس", "RUS"),
        ("الجنود الأتراك", "TUR"),
    ],
)
def test_forces_had_no_state_behind_a_plural_adjective_in_arabic(forces: str, state: str | None) -> None:
    """And their leaving was one of their words."""
    [match] = shipped_engine().match("", f"طالب الوزير بخروج {forces} من ناتين.")
    assert match.slots["whose"] == (forces,)
    assert {entity.code for entity in match.entities["whose"]} - {None} == ({state} if state else set())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The president demanded that separatists leave Mindanao, the Philippine army said.", False),
        ("Kyiv demanded that separatists leave Luhansk.", True),
        ("The minister demanded that pro-Russian separatists leave the town.", True),
        ("طالب الرئيس الفلبيني الانفصاليين بالانسحاب من المدينة.", False),
        ("طالبت أوكرانيا الانفصاليين بالانسحاب من المدينة.", True),
    ],
)
def test_separatists_of_other_countries_were_those_of_ukraine(text: str, *, found: bool) -> None:
    """They are meant where Ukraine is named."""
    (match,) = [fired for fired in shipped_engine().match("", text) if fired.rule == RULE]
    assert any(entity.path[-1:] == ("separatists-ukraine",) for entity in match.entities.get("whose", ())) is found
