"""A rule's condition is explained as the engine judges it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.match.document import Document
from streams.match.explanation import Explained, explain
from streams.match.nearest_miss import nearest_miss, nearest_sentence
from tests.unit.match.building import concept, engine_of

FRUIT = concept("fruit", en={"common": ["apple"]})


def _explained(match: object, text: str, title: str = "") -> Explained:
    engine = engine_of(match, FRUIT)
    return explain(engine.rules[0], Document(title, text, engine.vocabulary))


def _miss(match: object, text: str, title: str = "") -> str:
    return nearest_miss(_explained(match, text, title))


def test_a_node_is_met_by_its_words() -> None:
    """With each spelling once, and where."""
    told = _explained({"sentence": [{"concept": "fruit"}]}, "Nothing. An apple, Apples and an apple.")
    fruit = Explained("fruit", met=True, share=1.0, words=("apple", "Apples"))
    assert told == Explained("sentence", met=True, share=1.0, where="sentence 2", parts=(fruit,), said=told.said)
    assert told.said == "An apple, Apples and an apple"


@pytest.mark.parametrize(
    ("match", "text", "miss"),
    [
        ({"sentence": ["big", "apple"]}, "One. Two. A big pear. An apple.", "sentence 3 has 'big', but no 'apple'"),
        ({"sentence": ["big", "red", "apple"]}, "Big. Red apple.", "sentence 2 has 'red' and 'apple', but no 'big'"),
        ({"any": ["big", {"all": ["red", "apple"]}]}, "apple", "the article has 'apple', but no 'red'"),
        ({"at_least": 2, "of": ["ant", "bee", "cat"]}, "bee", "the article has 'bee', but no 'ant' or 'cat'"),
        (
            {"near": {"within": 0, "of": ["big", "apple"]}},
            "big red apple",
            "has 'big' and 'apple', but not near (within 0 words)",
        ),
        ({"sentence": ["ant", {"none": ["bee"]}]}, "ant bee", "sentence 1 has 'ant', but also 'bee' (bee), which must"),
        ({"all": ["ant", {"any": ["bee", "cat"]}]}, "ant", "the article has 'ant', but no 'bee' or 'cat'"),
        ({"title": ["ant", "bee"]}, "bee", "the title has nothing that it asks for: no 'ant' or 'bee'"),
        ({"all": ["ant"], "none": ["bee"]}, "cat", "the article has nothing that it asks for: no 'ant'"),
        (
            {"sentences": {"within": 2, "of": ["ant", "bee", "cat"]}},
            "xx. Ant. Bee.",
            "sentences 2 to 3 have 'ant' and 'bee'",
        ),
        ({"any": ["ant", "bee"], "quoted": False}, "cat", "no any of ['ant', 'bee']"),
        (
            {"all": [{"title": ["ant"]}, {"sentence": ["bee", "cat"]}]},
            "Dog. Bee.",
            "the title has nothing that it asks for: no 'ant'; sentence 2 has 'bee', but no 'cat'",
        ),
        ({"all": ["ant", {"sentence": ["bee", "cat"]}]}, "Ant. Bee.", "sentence 2 has 'bee', but no 'cat'"),
        (
            {"all": ["ant"], "none": [{"sentence": ["bee", "cat"]}]},
            "Ant. Bee and cat.",
            "sentence 2 has 'bee' (Bee) and 'cat' (cat), which must not be there",
        ),
        (
            {"all": ["ant"], "none": [{"any": ["bee", "cat"]}]},
            "Ant. Bee.",
            "the article has 'ant', but also 'bee' (Bee), which must not be there",
        ),
        ({"all": ["ant"], "none": ["bee"]}, "bee", "no 'ant', but 'bee' (bee), which must not be there"),
        ("ant", "ant", ""),
    ],
)
def test_the_nearest_miss(match: object, text: str, miss: str) -> None:
    """What is there, what is missing, and in which sentence."""
    assert miss in _miss(match, text)
    assert bool(miss) == bool(_miss(match, text))


def test_the_title_is_named_as_such() -> None:
    """It is a sentence, and has no number."""
    assert _miss({"sentence": ["ant", "bee"]}, "cat", title="ant") == "the title has 'ant', but no 'bee'"


def _score(parts: list[object], threshold: int) -> object:
    weighed = [{"all": [part], "weight": weight} for part, weight in zip(parts, (2, 1, -1), strict=False)]
    return {"score": {"threshold": threshold, "of": weighed}}


_TERMS = st.sampled_from(["ant", "bee", "cat", {"concept": "fruit"}])
_CONDITIONS = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        st.builds(
            lambda name, parts: {name: parts},
            st.sampled_from(["all", "any", "sentence", "title"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda parts: {"sentences": {"within": 2, "of": parts}}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(_score, st.lists(inner, min_size=1, max_size=3), st.integers(1, 2)),
        st.builds(lambda part, barred: {"all": [part], "none": [barred]}, inner, inner),
        st.builds(lambda parts: {"at_least": 2, "of": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: {"near": {"within": 1, "of": parts}}, st.lists(_TERMS, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)
_TEXTS = st.lists(st.sampled_from(["ant", "bee", "cat", "apple", ".", "dog"]), max_size=12).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(match=_CONDITIONS, title=_TEXTS, text=_TEXTS)
def test_explanation_and_engine_agree(match: object, title: str, text: str) -> None:
    """Whether the root is met is whether the rule fires, and a miss is told when it does not."""
    engine = engine_of(match, FRUIT)
    document = Document(title, text, engine.vocabulary)
    told = explain(engine.rules[0], document)
    assert told.met == (engine.rules[0].condition.met(document, 0, document.length) is not None)
    assert (nearest_miss(told) == "") == told.met


def test_the_words_that_are_there_and_their_sentence_are_told() -> None:
    """So that nobody has to count sentences; a term that is there and said otherwise says so."""
    told = _explained({"sentence": [{"concept": "fruit"}, "ripe"]}, "Nothing. Two apples fell.")
    assert nearest_miss(told) == "sentence 2 has fruit (apples), but no 'ripe'"
    assert nearest_sentence(told) == "Two apples fell"
    assert nearest_sentence(_explained({"sentence": [{"concept": "fruit"}]}, "An apple.")) == ""


def test_what_bars_words_that_are_near_is_told() -> None:
    """It is not their distance that keeps the rule from firing."""
    near = {"near": {"within": 3, "of": ["big", {"concept": "fruit"}], "without": ["no", "rotten"]}}
    assert _miss(near, "big no apple") == (
        "the article has 'big' and fruit (apple), but also 'no' (no), which must not be there"
    )
    assert _miss(near, "big and green and round and no apple") == (
        "the article has 'big' and fruit (apple), but not near (within 3 words)"
    )


def test_words_that_do_not_count_were_said_to_be_missing() -> None:
    """A sentence that has some comes nearer than one that has none."""
    wood = concept("wood", en={"ambiguous": [{"exact": ["park"], "context": ["trees"]}]})
    engine = engine_of({"sentence": [{"concept": "wood"}, "fire"]}, wood)

    def miss(text: str) -> str:
        return nearest_miss(explain(engine.rules[0], Document("", text, engine.vocabulary)))

    assert miss("Rain. They park. Snow.") == (
        "sentence 2 has nothing that it asks for: "
        "no wood (there is 'park', but ambiguous, without its context) or 'fire'"
    )
    furnished = (
        "A fire in the north of the town was put out by noon, the police said on Monday.\nRead also\nTrees in a park"
    )
    engine = engine_of({"all": [{"concept": "wood"}, "fire"]}, wood)
    assert miss(furnished).endswith("no wood (there is 'park', but where nothing counts, as in page furniture)")
