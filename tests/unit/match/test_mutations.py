"""What can be dropped from a rule without an example noticing is told, and nothing else."""

from __future__ import annotations

from typing import Any

from streams.match.captions import caption
from streams.match.concept_files import ConceptTexts
from streams.match.examples import results_of
from streams.match.mutations import mutants_of
from streams.match.rule_files import Node
from streams.match.rulebook import Rulebook
from tests.unit.match.building import concept, rule_data, rulebook_of

FRUIT = concept("fruit", en={"common": ["apple", "pear"]})


def _book(match: object, fires: list[str], silent: list[str], **more: Any) -> Rulebook:
    examples = {
        "fires": [{"lang": "en", "text": text} for text in fires],
        "silent": [{"lang": "en", "text": text, "because": "it is so"} for text in silent],
    }
    return rulebook_of(rule_data(match, examples=examples, **more), concepts=(FRUIT,))


def _unnoticed(book: Rulebook) -> list[tuple[str, object, str]]:
    return [(mutant.id, mutant.loc[-1], mutant.dropped) for mutant in mutants_of(book) if not mutant.caught]


def test_a_phrase_that_no_example_has_is_told() -> None:
    """The other one is needed by the text that fires."""
    assert _unnoticed(_book({"concept": "fruit"}, ["an apple"], ["a plum"])) == [("fruit", 1, "the phrase 'pear'")]


def test_a_phrase_counts_as_missed_when_any_example_fails_without_it() -> None:
    """With a text for each phrase nothing is left to tell."""
    assert _unnoticed(_book({"concept": "fruit"}, ["an apple", "two pears"], ["a plum"])) == []


def test_a_pattern_is_dropped_and_loosened() -> None:
    """Whole, each of its parts, and its order."""
    pattern = {"near": {"within": 1, "ordered": True, "of": ["ripe", "pear"]}}
    fruit = concept("fruit", patterns=[pattern])
    examples = {
        "fires": [{"lang": "en", "text": "ripe pears. A ripe pear"}],
        "silent": [{"lang": "en", "text": "a pear", "because": "it is not ripe"}],
    }
    book = rulebook_of(rule_data({"concept": "fruit"}, examples=examples), concepts=(fruit,))
    assert [dropped for _, _, dropped in _unnoticed(book)] == ["the order", "'pear'"]


def test_a_phrase_that_another_covers_is_told() -> None:
    """Its words are in an example, and the rule fires without it all the same."""
    fruit = concept("fruit", en={"common": ["apple"], "exact": ["red apple"]})
    examples = {
        "fires": [{"lang": "en", "text": "a red apple"}, {"lang": "en", "text": "an apple"}],
        "silent": [{"lang": "en", "text": "a plum", "because": "a plum"}],
    }
    book = rulebook_of(rule_data({"concept": "fruit"}, examples=examples), concepts=(fruit,))
    assert _unnoticed(book) == [("fruit", 0, "the phrase 'red apple'")]


def test_each_part_of_a_condition_is_dropped() -> None:
    """A second word, an exclusion and the scope: each is missed only when a silent text needs it."""
    match = {"sentence": ["big", "apple", {"none": ["rotten"]}]}
    loose = _book(match, ["a big apple"], ["a plum"])
    assert [dropped for _, _, dropped in _unnoticed(loose)] == [
        "'big'",
        "'apple'",
        "none of ['rotten']",
        "the scope sentence",
    ]
    silent = ["big pear", "an apple", "a big rotten apple", "It is big. An apple fell."]
    assert _unnoticed(_book(match, ["a big apple"], silent)) == []


def test_nearness_and_order_are_dropped() -> None:
    """Each is missed only when a silent text is too far apart, or the other way round."""
    match = {"near": {"within": 1, "ordered": True, "of": ["big", "apple"]}}
    loose = _book(match, ["a big apple"], ["a big pear", "apple"])
    assert [dropped for _, _, dropped in _unnoticed(loose)] == ["the nearness", "the order"]
    silent = ["a big pear", "apple", "apple, big", "big red green apple"]
    assert _unnoticed(_book(match, ["a big apple"], silent)) == []


def test_nearness_is_not_dropped_where_words_have_to_be_said_in_some_way() -> None:
    """What is negated or quoted has to be words: coverage ended with an error of the engine."""
    match = {"any": [{"near": {"within": 0, "of": ["big", "apple"]}}], "quoted": False}
    told = [dropped for _, _, dropped in _unnoticed(_book(match, ["a big apple"], ["a plum"]))]
    assert told == ["'big'", "'apple'", "quoted: false"]


def test_terms_and_hints_of_slots_are_dropped() -> None:
    """A hint that decides nothing in any example is told."""
    slots = {"what": {"terms": [{"concept": "fruit"}], "before": ["fell"]}}
    examples = {
        "fires": [{"lang": "en", "text": "apple fell", "slots": {"what": "apple"}}],
        "silent": [{"lang": "en", "text": "x", "because": "x"}],
    }
    book = rulebook_of(rule_data("fell", examples=examples, slots=slots), concepts=(FRUIT,))
    assert [one for one in _unnoticed(book) if one[0] == "a-rule"] == [("a-rule", 0, "before 'fell'")]


def test_ways_of_a_slot_are_dropped_one_by_one() -> None:
    """The one that finds nothing is told, with its place in the list; those above and below it are needed."""
    last = {"terms": ["pear"], "fallback": {"terms": ["fig"]}}
    slots = {"what": {"terms": ["apple"], "fallback": [{"terms": ["plum"]}, last]}}
    texts = {"apple": "apple fell, a plum", "plum": "plum fell", "fig": "fig fell"}
    examples = {
        "fires": [{"lang": "en", "text": text, "slots": {"what": one}} for one, text in texts.items()],
        "silent": [{"lang": "en", "text": "x", "because": "x"}],
    }
    book = rulebook_of(rule_data("fell", examples=examples, slots=slots))
    told = [(mutant.loc, mutant.dropped) for mutant in mutants_of(book) if not mutant.caught]
    assert told == [(("slots", "what", "fallback", 1), "the way")]


def test_a_hint_that_narrows_is_missed_where_it_does() -> None:
    """The slot would hold a second word; examples could not notice that as long as a slot might hold more."""
    slots = {"what": {"terms": [{"concept": "fruit"}], "nearest": ["fell"]}}
    examples = {
        "fires": [{"lang": "en", "text": "apple fell, no pear", "slots": {"what": "apple"}}],
        "silent": [{"lang": "en", "text": "x", "because": "x"}],
    }
    book = rulebook_of(rule_data("fell", examples=examples, slots=slots), concepts=(FRUIT,))
    assert [one for one in _unnoticed(book) if one[0] == "a-rule"] == []


def test_a_caption_names_a_condition_in_a_line() -> None:
    """Terms in full, groups by their first parts."""
    node = {
        "any": ["a", {"gazetteer": "syria", "type": "town", "within": "idlib"}, {"concept": "x"}, "d"],
        "none": [{"near": {"within": 3, "ordered": True, "of": ["e", "f"]}}],
    }
    assert caption(Node.model_validate(node)) == (
        "any of ['a', syria type town within idlib, x, and 1 more] and "
        "none of [near ['e', 'f'] (in this order, within 3 words)]"
    )


def test_examples_of_a_concept_notice_its_phrases() -> None:
    """Each text needs a phrase, though the rule has an example of only one; one that has no text is told."""
    fruit = FRUIT.model_validate(
        {
            "id": "fruit",
            "title": "fruit",
            "phrases": {"en": {"common": ["apple", "pear", "plum"]}},
            "examples": {"en": {"found": ["Pears", "apples"], "not_found": ["pearl"]}},
        }
    )
    examples = {
        "fires": [{"lang": "en", "text": "an apple"}],
        "silent": [{"lang": "en", "text": "a fig", "because": "a fig"}],
    }
    book = rulebook_of(rule_data({"concept": "fruit"}, examples=examples), concepts=(fruit,))
    assert _unnoticed(book) == [("fruit", 2, "the phrase 'plum'")]


def test_an_example_of_a_concept_that_does_not_hold_is_told() -> None:
    """With the list and number."""
    texts = {"en": {"found": ["fig"], "not_found": ["apples"]}}
    fruit = FRUIT.model_copy(update={"examples": {"en": ConceptTexts.model_validate(texts["en"])}})
    book = rulebook_of(rule_data("x"), concepts=(fruit,))
    told = [(one.model, one.loc, one.failures) for one in results_of(book) if one.failures and one.rule == "fruit"]
    assert told == [
        ("ConceptFile", ("examples", "en", "found", 0), ("the rule does not fire",)),
        ("ConceptFile", ("examples", "en", "not_found", 0), ("the rule fires on apples, though: it is no fruit",)),
    ]
