"""A slot takes the nearest, the first, or what another way finds; see `streams.match.rule_files.SlotNode`."""

from __future__ import annotations

from typing import Any

import pytest

from streams.match.rule_files import RuleFile
from tests.unit.match.building import concept, engine_of, rule_data

PEOPLE = concept("people", en={"exact": ["Ann", "Bob", "Cid"]})
VERBS = concept("demand", en={"exact": ["demands", "urges"]})
MATCH = {"sentence": [{"concept": "people"}]}
PERSON = [{"concept": "people"}]
DEMAND = [{"concept": "demand"}]


def _who(slot: dict[str, Any], text: str) -> tuple[str, ...]:
    [fired] = engine_of(MATCH, PEOPLE, VERBS, slots={"who": slot}).match("", text)
    return tuple(fired.slots["who"])


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Ann met Bob, who urges peace.", ("Bob",)),
        ("Bob now urges Ann.", ("Ann",)),
        ("Ann and some of her many friends say that peace is what she demands.", ()),
        ("Ann met Bob.", ()),
    ],
)
def test_within_asks_for_a_mark_close_by(text: str, who: tuple[str, ...]) -> None:
    """At most one word between; where there is no mark at all, nothing."""
    assert _who({"terms": PERSON, "nearest": DEMAND, "within": 1}, text) == who


def test_the_first_of_the_words_that_are_left() -> None:
    """Not all of them, and after the other hints."""
    assert _who({"terms": PERSON, "first": True}, "Ann, Bob and Cid met.") == ("Ann",)
    assert _who({"terms": PERSON, "after": DEMAND, "first": True}, "Ann urges Bob and Cid.") == ("Bob",)


def test_a_fallback_has_hints_of_its_own() -> None:
    """It is tried in a sentence where the ways before it find nothing."""
    last = {"terms": PERSON, "first": True}
    slot = {"terms": PERSON, "nearest": DEMAND, "within": 0, "fallback": {**last, "after": DEMAND, "fallback": last}}
    assert _who(slot, "Ann met Bob, and Bob urges peace.") == ("Bob",)
    assert _who(slot, "Ann urges all and also Bob, and Cid.") == ("Ann",)
    assert _who(slot, "She urges all and also Bob, and Cid.") == ("Bob",)
    assert _who(slot, "Ann met Cid.") == ("Ann",)


@pytest.mark.parametrize(
    "text", ["Ann met Bob, and Bob urges peace.", "Ann urges all and also Bob, and Cid.", "Ann urges. Bob went."]
)
def test_fallbacks_in_a_list_are_tried_in_turn(text: str) -> None:
    """As if each were the fallback of the one before."""
    first = {"terms": PERSON, "nearest": DEMAND, "within": 0}
    after, last = {"terms": PERSON, "after": DEMAND}, {"terms": PERSON, "first": True, "at_last": True}
    nested = {**first, "fallback": {**after, "fallback": last}}
    assert _who({**first, "fallback": [after, last]}, text) == _who(nested, text)


def test_nobody_of_a_dateline_fills_a_slot() -> None:
    """Where an agency wrote it is neither the place nor who acts; nor what a pronoun stands for."""
    assert _who({"terms": PERSON}, "ANN (AP) — Bob urges peace.") == ("Bob",)
    slot = {"terms": HE, "pronouns": HE, "antecedents": PERSON, "nearest": DEMAND, "earlier": 3}
    assert _who(slot, "ANN (AP) — Bob came. Then he urges peace on Cid.") == ("Bob",)


def test_within_needs_nearest() -> None:
    """It says how near to what."""
    slots = {"who": {"terms": PERSON, "within": 1}}
    with pytest.raises(ValueError, match="within says how near to `nearest`, which is not there"):
        RuleFile.model_validate({**rule_data(match=MATCH), "slots": slots})


HE = [{"phrase": "he"}]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Ann met Bob, and he urges peace.", ("Ann",)),
        ("Ann came. Bob met Cid. Snow fell. Then he urges peace on Ann.", ("Bob",)),
        ("Ann came. Snow fell. Rain fell. Hail fell. Then he urges peace on Ann.", ()),
    ],
)
def test_a_pronoun_stands_for_who_was_named_before(text: str, who: tuple[str, ...]) -> None:
    """The first one in its sentence, else in the nearest of so many sentences before; never somebody behind it."""
    slot = {"terms": [*PERSON, *HE], "nearest": DEMAND, "pronouns": HE, "earlier": 2}
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots={"who": slot}).match("Cid", text)
    assert tuple(fired.slots["who"]) == who


def test_a_pronoun_may_stand_for_more_than_the_terms() -> None:
    """Antecedents fill the slot only in a pronoun's place."""
    slot = {"terms": HE, "pronouns": HE, "antecedents": PERSON, "earlier": 1}
    assert _who(slot, "Ann came. He met Bob.") == ("Ann",)
    assert _who(slot, "Ann came. Bob went.") == ()


def test_sentences_before_are_looked_at_where_there_is_nobody() -> None:
    """Without pronouns; and no candidate touches what it must not."""
    slot = {"terms": PERSON, "without": [{"phrase": "Ann"}], "earlier": 2}
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots={"who": slot}).match(
        "Cid", "Bob and Cid came. Ann came. Snow urges peace."
    )
    assert fired.slots["who"] == ("Bob",)


def test_antecedents_need_pronouns() -> None:
    """They are what those stand for."""
    slots = {"who": {"terms": PERSON, "antecedents": PERSON}}
    with pytest.raises(ValueError, match="antecedents are what `pronouns` stand for, which are not there"):
        RuleFile.model_validate({**rule_data(match=MATCH), "slots": slots})


def test_a_pronoun_may_be_the_very_word_that_candidates_are_near() -> None:
    """The verb of a subject that was named before its first verb."""
    urges = [{"phrase": "urges"}]
    slot = {"terms": [*PERSON, *urges], "nearest": DEMAND, "pronouns": urges}
    assert _who(slot, "Ann met Bob and urges peace on Cid.") == ("Ann",)


@pytest.mark.parametrize("text", ["Ann saw Bob, and he urges peace.", "Ann met Bob. He urges peace on Ann."])
def test_a_pronoun_does_not_stand_for_what_fills_another_slot(text: str) -> None:
    """Neither in its own sentence, nor by the same words in one before."""
    slots = {
        "whose": {"terms": [{"phrase": "Ann"}]},
        "who": {"terms": HE, "pronouns": HE, "antecedents": PERSON, "earlier": 1},
    }
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots=slots).match("Cid", text)
    assert fired.slots["who"] == ("Bob",)


def test_behind_takes_only_what_stands_directly_behind() -> None:
    """Nothing where none of the words is; and no earlier sentence's name that stands otherwise."""
    slot = {"terms": PERSON, "behind": [{"phrase": "to"}], "earlier": 2}
    assert _who(slot, "Ann spoke to Bob of Cid.") == ("Bob",)
    assert _who(slot, "Ann met Bob.") == ()
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots={"who": slot}).match(
        "", "Ann spoke to Bob. Cid came. She urges peace."
    )
    assert fired.slots["who"] == ("Bob",)


NAME = concept("name", en={"exact": ["Ann of the hill", "the hill now"]})


@pytest.mark.parametrize(
    ("until", "who"),
    [("hill", ("Ann of the", "the")), ("now", ("Ann of the hill", "the hill")), ("Ann", ("the hill now",))],
)
def test_until_ends_the_words(until: str, who: tuple[str, ...]) -> None:
    """They end before the first of these; what begins with one is none."""
    slot = {"terms": [{"concept": "name"}], "until": [{"phrase": until}]}
    match = {"sentence": [{"concept": "name"}]}
    [fired] = engine_of(match, NAME, slots={"who": slot}).match("", "Ann of the hill, or the hill now.")
    assert tuple(fired.slots["who"]) == who


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("in Sana'a and in Aden", "Sana'a and"),
        ("in Mar’inka and in Aden", "Mar’inka and"),
        ("in Oa's towns and in Aden", "Oa"),
        ("in Sanaa 'a joke'", "Sanaa"),
        ("in Oslo, which can't", "Oslo"),
    ],
)
def test_a_name_with_an_apostrophe_was_cut_at_a_part_of_it(text: str, where: str) -> None:
    """The a of Sana'a is no article."""
    ends = [{"regex": r"\b(?:a|Mar)\b"}, {"regex": r"'(?P<evidence>s)\b"}, {"regex": "in Aden|which"}]
    slot = {"terms": [{"regex": "in (?P<evidence>.+)"}], "until": ends}
    [fired] = engine_of({"sentence": [{"phrase": "in"}]}, slots={"where": slot}).match("", text)
    assert fired.slots["where"] == (where,)


def test_a_pronoun_may_stay_beside_what_it_stands_for() -> None:
    """And alone where nothing was named."""
    slot = {"terms": HE, "pronouns": HE, "beside": True, "antecedents": PERSON}
    match = {"sentence": HE}
    assert engine_of(match, PEOPLE, slots={"who": slot}).match("", "Ann came and he sang.")[0].slots["who"] == (
        "he",
        "Ann",
    )
    assert engine_of(match, PEOPLE, slots={"who": slot}).match("", "Then he sang.")[0].slots["who"] == ("he",)


@pytest.mark.parametrize(
    ("title", "text", "who"),
    [
        ("Cid", "Bob came. She urges peace.", ("Bob",)),
        ("Cid", "Snow fell. She urges peace.", ("Cid",)),
        ("She urges peace", "Snow fell. Bob came.", ("Bob",)),
    ],
)
def test_the_title_is_looked_at_last(title: str, text: str, who: tuple[str, ...]) -> None:
    """And for the title itself the first sentences of the text."""
    slot = {"terms": PERSON, "earlier": 2, "title": True}
    [fired] = engine_of({"sentence": DEMAND}, PEOPLE, VERBS, slots={"who": slot}).match(title, text)
    assert tuple(fired.slots["who"]) == who


def test_a_last_resort_is_for_a_slot_that_no_sentence_fills() -> None:
    """There it may take what another slot has."""
    last = {"terms": PERSON, "at_last": True}
    near = {"terms": PERSON, "nearest": DEMAND, "within": 0, "fallback": last}
    assert _who(near, "Ann came. Bob urges peace.") == ("Bob",)
    assert _who(near, "Ann came. Bob went.") == ("Ann", "Bob")
    slots = {"whom": PERSON, "who": {"terms": [{"phrase": "nobody"}], "fallback": last}}
    [fired] = engine_of(MATCH, PEOPLE, VERBS, slots=slots).match("", "Ann came.")
    assert fired.slots == {"whom": ("Ann",), "who": ("Ann",)}


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("beside", "beside keeps `pronouns`, which are not there"),
        ("title", "title is where `earlier` looks at last, which is not there"),
    ],
)
def test_hints_that_need_others(hint: str, told: str) -> None:
    """Alone they mean nothing."""
    with pytest.raises(ValueError, match=told):
        RuleFile.model_validate({**rule_data(match=MATCH), "slots": {"who": {"terms": PERSON, hint: True}}})
