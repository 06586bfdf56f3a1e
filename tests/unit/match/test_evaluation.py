"""Scores and errors of rules on labelled articles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streams.errors import InputError
from streams.match.evaluation import Evaluation, LabelledArticle, Score, overlap, read_labelled
from tests.unit.match.building import concept, engine_of


def _read(*lines: dict[str, Any]) -> list[LabelledArticle | InputError]:
    return list(read_labelled([json.dumps(line).encode() for line in lines], file="x.jsonl"))


def _evaluated(*lines: dict[str, Any]) -> Evaluation:
    fruit = concept("fruit", en={"common": ["apple", "pear"]})
    evaluation = Evaluation(engine_of({"concept": "fruit"}, fruit, slots={"what": {"concept": "fruit"}}))
    for item in _read(*lines):
        assert isinstance(item, LabelledArticle), item
        evaluation.take(item)
    return evaluation


def _line(text: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": text, "text": text, "labels": {"a-rule": label}, **more}


def test_scores_by_rule_language_and_source() -> None:
    """Each article counts once in each; borderline nowhere."""
    evaluation = _evaluated(
        _line("an apple", "yes", language="en", source="A"),
        _line("a pear", "no", lang="en", outlet="B"),
        _line("a plum", "yes", source="A"),
        _line("a prune", "no"),
        _line("some apples", "borderline"),
    )
    assert dict(evaluation.scores) == {
        ("a-rule", "all", "all"): Score(1, 1, 1, 1),
        ("a-rule", "language", "en"): Score(1, 1, 0, 0),
        ("a-rule", "language", "unknown"): Score(0, 0, 1, 1),
        ("a-rule", "source", "A"): Score(1, 0, 1, 0),
        ("a-rule", "source", "B"): Score(0, 1, 0, 0),
        ("a-rule", "source", "unknown"): Score(0, 0, 0, 1),
    }
    assert evaluation.borderline == 1


def test_errors_are_told_with_deciding_words() -> None:
    """A false alarm with what it rests on, a miss with what was lacking."""
    evaluation = _evaluated(_line("a pear and an apple", "no"), _line("a plum", "yes"))
    assert [(mistake.article.id, mistake.because) for mistake in evaluation.mistakes] == [
        ("a pear and an apple", "fruit: pear | apple"),
        ("a plum", "the article has nothing that it asks for: no fruit"),
    ]


def test_ratios() -> None:
    """The usual ones; none where there is nothing to divide by."""
    score = Score(hits=3, false_alarms=1, misses=2)
    assert (score.precision, score.recall) == (0.75, 0.6)
    assert score.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert (Score().precision, Score().recall, Score().f1) == (None, None, None)


def test_slots_are_scored_where_the_rule_fires_rightly() -> None:
    """Right, wrong, missing, superfluous; not where the rule was wrong, nor where the slot has no label."""
    evaluation = _evaluated(
        _line("an apple", "yes", slots={"a-rule": {"what": ["the red apple"], "where": ["garden"]}}),
        _line("a pear", "yes", slots={"a-rule": {"what": ["a plum"]}}),
        _line("one pear", "yes", slots={"a-rule": {"what": []}}),
        _line("two pears", "no", slots={"a-rule": {"what": ["x"]}}),
        _line("three pears", "yes"),
    )
    assert dict(evaluation.slot_scores) == {("a-rule", "what"): Score(1, 2, 1, 0), ("a-rule", "where"): Score(0, 0, 1)}
    assert [(wrong.slot, wrong.filled, wrong.labelled) for wrong in evaluation.slot_mistakes] == [
        ("where", (), ("garden",)),
        ("what", ("pear",), ("a plum",)),
        ("what", ("pear",), ()),
    ]


def test_labels_of_rules_that_are_not_there_are_kept_in_mind() -> None:
    """They count in no score."""
    evaluation = _evaluated({"text": "an apple", "labels": {"other": "yes"}})
    assert (evaluation.unknown, dict(evaluation.scores)) == ({"other"}, {})


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("Lavrov", "Sergei Lavrov", True),
        ("the army", "the navy", False),
        ("في إدلب", "في حلب", False),
        ("إدلب", "بادلب", True),
        ("القوات التركية", "قواتها", True),
        ("للأمم المتحدة", "الأمم", True),
        ("والميليشيات", "ميليشيات الحوثي", True),
        ("US", "U.S. troops", False),
        ("", "", False),
    ],
)
def test_what_overlaps(one: str, other: str, shared: bool) -> None:  # noqa: FBT001  # a table
    """A folded word in common, whatever is written on to it; function words do not count."""
    assert overlap(one, other) is shared
    assert overlap(other, one) is shared


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "labels is not an object"),
        ({"labels": {"a": "maybe"}}, "the label of 'a' is 'maybe'"),
        ({"labels": {"a": ["yes"]}}, "the label of 'a'"),
        ({"labels": {}, "slots": {"a": ["x"]}}, "slots is not an object of objects"),
        ({"labels": {}, "slots": {"a": {"who": [1]}}}, "the slot 'who' is not a list"),
        ({"labels": {}, "date": "soon"}, "date 'soon'"),
        ({"labels": {}, "frame": ["demand"]}, "frame is not a string"),
    ],
)
def test_bad_lines_are_errors_with_their_place(more: dict[str, Any], message: str) -> None:
    """And the next line is still read."""
    first, second = _read({"text": "x", **more}, {"text": "x", "labels": {"a": "yes"}})
    assert isinstance(first, InputError)
    assert str(first).startswith(f"x.jsonl:1: {message}")
    assert isinstance(second, LabelledArticle)
