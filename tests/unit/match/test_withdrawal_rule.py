"""How `troop-withdrawal-demand` does on sentences of many conflicts, in wire style, and that it keeps what it reached.

The sentences are in tests/data/wire-*.jsonl. Half of those that were written before the rule was measured on any of
them, `kept_apart`, were never looked at while it was mended: the gap between the halves tells how much was fitted.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from streams.errors import InputError
from streams.match.engine import Engine
from streams.match.evaluation import Evaluation, read_labelled
from streams.match.rulebook import load_rulebook, shipped_rules_dir

RULE = "troop-withdrawal-demand"
DATA = Path(__file__).parents[2] / "data"


@cache
def _shipped() -> Engine:
    return Engine(load_rulebook(shipped_rules_dir()))


def _lines(language: str, *, apart: bool) -> list[bytes]:
    lines = (DATA / f"wire-{language}.jsonl").read_bytes().splitlines()
    return [line for line in lines if json.loads(line)["kept_apart"] is apart]


@cache
def _evaluated(language: str, *, apart: bool) -> Evaluation:
    evaluation = Evaluation(_shipped())
    for item in read_labelled(_lines(language, apart=apart), file=language):
        assert not isinstance(item, InputError)
        evaluation.take(item)
    return evaluation


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
@pytest.mark.parametrize(("slot", "least"), [("who", 0.7), ("whose", 0.8), ("where", 0.64)])
def test_the_slots_hold_the_words_that_they_should(language: str, slot: str, least: float) -> None:
    """Who demands, whose forces, and where, on the sentences kept apart where the rule fires."""
    recall = _evaluated(language, apart=True).slot_scores[RULE, slot].recall
    assert recall is not None
    assert recall >= least


@pytest.mark.parametrize("language", ["ar", "en"])
def test_there_are_enough_sentences(language: str) -> None:
    """300 and more, of which nearly half are kept apart."""
    apart, seen = (len(_lines(language, apart=side)) for side in (True, False))
    assert apart >= 150
    assert apart + seen >= 300
