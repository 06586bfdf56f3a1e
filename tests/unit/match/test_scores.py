"""Weights of the parts that are met add up; the threshold decides."""

from __future__ import annotations

import pytest

from streams.match.document import Document
from streams.match.explanation import explain
from streams.match.mutations import mutants_of
from streams.match.nearest_miss import nearest_miss
from streams.match.nodes import asks
from tests.unit.match.building import engine_of, fires, rule_data, rulebook_of, words_of

_SCORE = {
    "score": {
        "threshold": 5,
        "of": [
            {"weight": 3, "title": "troops"},
            {"weight": 3, "any": ["withdraw", "leave"]},
            {"weight": 2, "phrase": "Idlib"},
            {"weight": -4, "phrase": "football"},
        ],
    }
}


@pytest.mark.parametrize(
    ("title", "text", "fired"),
    [
        ("Troops", "They leave", True),
        ("Troops", "In Idlib", True),
        ("", "They leave Idlib", True),
        ("", "Troops leave", False),
        ("Troops", "They leave. Football", False),
        ("Troops", "They leave Idlib. Football", False),
        ("Troops", "Peace", False),
    ],
)
def test_what_reaches_the_threshold(title: str, text: str, fired: bool) -> None:  # noqa: FBT001  # a column
    """Each part counts once, and one below zero takes away."""
    assert fires(engine_of(_SCORE), text, title) is fired


def test_evidence_is_what_added_to_the_score() -> None:
    """What took away is not."""
    score = {"score": {"threshold": 3, "of": [{"weight": 9, "phrase": "leave"}, {"weight": -4, "phrase": "football"}]}}
    assert words_of(engine_of(score), "They leave football") == ["leave"]


def test_mandatory_groups_are_sound_and_narrow() -> None:
    """A part without which the threshold is out of reach is asked for; of the others as many as cannot be missing."""
    engine = engine_of(
        {
            "score": {
                "threshold": 6,
                "of": [
                    {"weight": 4, "phrase": "aa"},
                    {"weight": 2, "phrase": "bb"},
                    {"weight": 2, "phrase": "cc"},
                    {"weight": 1, "none": ["dd"]},
                ],
            }
        }
    )
    mandatory = engine.rules[0].condition.mandatory(engine.vocabulary.weights)
    groups = [{str(engine.vocabulary.terms[term]) for term in group} for group in mandatory]
    assert {"aa"} in groups
    for text, fired in (("aa bb", True), ("aa. cc", True), ("bb cc", False), ("aa dd", False), ("aa", False)):
        assert fires(engine, text) is fired


def test_a_miss_says_what_is_reached_and_missing() -> None:
    """And what took away."""
    engine = engine_of(_SCORE)
    told = explain(engine.rules[0], Document("", "They leave", engine.vocabulary))
    assert told.text == "score 3 of 5"
    assert nearest_miss(told) == (
        "the article has 'leave', but no 'Idlib'; the title has nothing that it asks for: no 'troops'"
    )
    barred = explain(engine.rules[0], Document("Troops", "leave football", engine.vocabulary))
    assert "'football' (football), which must not be there" in nearest_miss(barred)


def test_coverage_drops_each_part() -> None:
    """A part that no example needs is told."""
    examples = {
        "fires": [{"lang": "en", "text": "They leave Idlib"}],
        "silent": [{"lang": "en", "text": "They leave", "because": "of where?"}],
    }
    book = rulebook_of(rule_data(_SCORE, examples=examples))
    told = {mutant.dropped: mutant.caught for mutant in mutants_of(book)}
    assert told["'Idlib' (weight 2)"]
    assert told["'leave'"]
    assert not told["'football' (weight -4)"]


def test_a_score_that_needs_no_word_fires_on_all() -> None:
    """What is met without words may not reach the threshold alone."""
    parts = [{"weight": 2, "none": ["x"]}, {"weight": 1, "phrase": "y"}]
    asked = [rulebook_of(rule_data({"score": {"threshold": n, "of": parts}})).rules["a-rule"] for n in (2, 3)]
    assert [asks(rule.match) for rule in asked] == [False, True]


@pytest.mark.parametrize(
    ("score", "told"),
    [
        ({"threshold": 9, "of": [{"weight": 3, "phrase": "x"}]}, "never reached"),
        ({"threshold": 0, "of": [{"weight": 3, "phrase": "x"}]}, "greater than or equal to 1"),
        ({"threshold": 1, "of": []}, "at least 1"),
        ({"threshold": 1, "of": [{"phrase": "x"}]}, "required"),
        ({"threshold": 1, "of": [{"weight": 1, "phrase": "x"}, {"weight": 0, "phrase": "y"}]}, "does nothing"),
        ({"threshold": 1, "of": [{"weight": 1}]}, "says nothing"),
    ],
)
def test_scores_that_cannot_be(score: object, told: str) -> None:
    """Out of reach, empty, without weights."""
    with pytest.raises(ValueError, match=told):
        rulebook_of(rule_data({"score": score}))


def test_a_weight_stands_in_a_score_only() -> None:
    """Elsewhere it would do nothing."""
    with pytest.raises(ValueError, match="Extra inputs"):
        rulebook_of(rule_data({"all": [{"weight": 3, "phrase": "x"}]}))
