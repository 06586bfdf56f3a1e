"""Each kind of condition holds where it should and nowhere else."""

from __future__ import annotations

import pytest

from tests.unit.match.building import concept, engine_of, fires, words_of


@pytest.mark.parametrize(
    ("match", "yes", "no"),
    [
        ({"all": ["apple", "pear"]}, "pear. Apple", "apple"),
        ({"any": ["apple", "pear"]}, "pear", "plum"),
        ({"all": ["apple"], "none": ["pear"]}, "apple", "apple. Pear"),
        ({"at_least": 2, "of": ["a1", "a2", "a3"]}, "a1. A3", "a2"),
        ({"sentence": ["apple", "pear"]}, "Plum. Pear and apple", "Pear. Apple"),
        ({"paragraph": ["apple", "pear"]}, "Pear. Apple", "Pear\nApple"),
        ({"document": ["apple", "pear"]}, "Pear\nApple", "Pear"),
        ({"lead": "apple"}, "One. Two. An apple. Four", "One. Two. Three. An apple"),
        ({"sentence": ["apple", {"none": ["pear"]}]}, "Pear and apple. Apple", "Pear and apple. Pear"),
        ({"paragraph": [{"sentence": ["a1", "a2"]}, "a3"]}, "A3. A1 a2", "A3\nA1 a2"),
        ({"sentences": {"within": 2, "of": ["a1", "a2"]}}, "A1. A2", "A1. Xx. A2"),
        ({"sentences": {"within": 3, "of": ["a1", "a2"]}}, "A1\nxx\nA2", "A1\nxx\nyy\nA2"),
        ({"sentences": {"within": 2, "of": ["a1", {"none": ["a2"]}]}}, "A1. xx. A2", "A1. A2"),
        ({"near": {"within": 2, "of": ["apple", "pear"]}}, "pear x y apple", "pear x y z apple"),
        ({"near": {"within": 2, "ordered": True, "of": ["apple", "pear"]}}, "apple x pear", "pear x apple"),
        ({"near": {"within": 3, "of": ["a1", "a2", "a3"]}}, "a3 x a1 y a2", "a3 x x a1 y a2"),
        ({"near": {"within": 9, "of": ["apple", "pear"]}}, "apple. Pear", "apple\npear"),
        ({"near": {"within": 1, "of": [{"any": ["a1", "a2"]}, "a3"]}}, "a2 a3", "a1 a2"),
        ({"near": {"within": 3, "of": ["a1", "a2"], "without": "a3"}}, "a1 x a2 a3", "a1 a3 a2"),
        ({"near": {"within": 3, "of": ["a1", "a2"], "without": ["not a1"]}}, "not x a1 a2", "not a1 a2"),
        ({"near": {"within": 3, "of": ["a1", "a2"], "without": ["a2 a3"]}}, "a1 a2. A2 a3", "a1 a2 a3"),
        (
            {"near": {"within": 5, "ordered": True, "of": ["a1", {"near": {"within": 0, "of": ["a2", "a3"]}}]}},
            "a1 x a3 a2",
            "a1 x a3 x a2",
        ),
    ],
)
def test_where_a_condition_is_met(match: object, yes: str, no: str) -> None:
    """One text on which it is met, and one like it on which it is not."""
    engine = engine_of(match)
    assert fires(engine, yes)
    assert not fires(engine, no)


def test_a_pattern_stands_for_its_concept() -> None:
    """From its first word to its last, like a phrase."""
    ripe = concept("ripe", en={"exact": ["ripe"]}, patterns=[{"near": {"within": 1, "of": ["not", "hard"]}}])
    engine = engine_of({"near": {"within": 0, "ordered": True, "of": [{"concept": "ripe"}, "pear"]}}, ripe)
    assert fires(engine, "a ripe pear")
    assert fires(engine, "a not too hard pear")
    assert not fires(engine, "not a hard, sour pear")


def test_the_title_is_a_scope_of_its_own() -> None:
    """The text is not in the title, and a sentence does not run from the one into the other."""
    assert fires(engine_of({"title": "apple"}), "pear", title="Apple")
    assert not fires(engine_of({"title": "apple"}), "apple", title="Pear")
    assert not fires(engine_of({"sentence": ["apple", "pear"]}), "apple", title="Pear")
    assert not fires(engine_of({"sentences": {"within": 2, "of": ["apple", "pear"]}}), "apple", title="Pear")


def test_the_same_words_are_not_two_parts_of_near() -> None:
    """Parts of near do not overlap."""
    assert not fires(engine_of({"near": {"within": 3, "of": ["air strike", "air"]}}), "an air strike")


def test_evidence_is_what_the_condition_rests_on() -> None:
    """Only the sentences in which the scope is met are evidence, sorted by place."""
    engine = engine_of({"sentence": ["apple", "pear"]})
    assert words_of(engine, "Apple. A pear, an APPLE. Pear.") == ["pear", "APPLE"]
